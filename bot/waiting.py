"""Writing first within the vendor's window: whether we may, that we did, and what waits until its reader writes again.

The count lies in the talk, under its key; where the talk is over nobody counts, and the vendor's own no decides.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels import ChannelAdapter, OutboundMessage, SendError, SendProblem
from bot.conversations import find_kept, find_talk, rewrite_talk
from bot.doing import Desk
from bot.models import Outbound
from bot.types import Arrival, Talk
from casework.jobs import JobName, enqueue
from casework.secrets import ServerSecrets
from casework.store import Store
from casework.types import Channel, DeliveryStatus
from intake.addresses import is_address_of
from intake.models import ReplyAddress

WORD_PREFIX = "word/"
"""Marks the job of taking an officer's word into a chat, beside the jobs about rows of `outbound`."""

SHUT = frozenset({SendProblem.WINDOW_CLOSED, SendProblem.QUOTA_SPENT})
OWN_COUNT = "own"
"""Stands for the vendor's number where we did not even ask."""

ANY_FAILED = select(Outbound.id).where(Outbound.status == DeliveryStatus.FAILED).limit(1)
"""Asked at every message; nearly always the whole answer."""


def send_in_window(
    store: Store, message: OutboundMessage, *, desk: Desk, adapter: ChannelAdapter, now: datetime
) -> None:
    """Send, unless our own count says that the vendor would refuse; a message that went is counted.

    Raises SendError.
    """
    if message.channel is not Channel.WECHAT:
        adapter.send(message)
        return
    with store.read() as session:
        talk = find_talk(session, message.channel, message.recipient, days=desk.days, shelf=desk.intake.keys, now=now)
    problem = find_obstacle(talk.arrival, now) if talk is not None else None
    if problem is not None:
        raise SendError(message.channel, problem, OWN_COUNT)
    adapter.send(message)
    with store.write() as session:
        _count(session, message, desk, now)


def find_obstacle(arrival: Arrival, now: datetime) -> SendProblem | None:
    """Why the vendor would refuse a message of ours now; None where it wouldn't, or nobody knows. Pure."""
    if arrival.window_until is None:
        return None
    if arrival.window_until <= now:
        return SendProblem.WINDOW_CLOSED
    return SendProblem.QUOTA_SPENT if arrival.window_left <= 0 else None


def _count(session: Session, message: OutboundMessage, desk: Desk, now: datetime) -> None:
    kept = find_kept(session, message.channel, message.recipient, days=desk.days, shelf=desk.intake.keys, now=now)
    if kept is None or kept.talk.arrival.window_until is None:
        return
    arrival = kept.talk.arrival
    spent = replace(arrival, window_left=max(arrival.window_left - 1, 0))
    rewrite_talk(session, kept, replace(kept.talk, arrival=spent))


def release_waiting(session: Session, talk: Talk, row_id: str, *, secrets: ServerSecrets, is_new: bool) -> Talk:
    """He wrote, so the window is open: an officer's words and the news that waited are queued again.

    Whose talk still knows its report is found by it; of one who begins a new talk (`is_new`) the addresses to which
    news wait are opened, for nothing indexes them by person.
    """
    if talk.channel is not Channel.WECHAT:
        return talk
    waiting = [word for word in talk.outgoing if word.status is DeliveryStatus.FAILED]
    for word in waiting:
        enqueue(session, JobName.SEND_MESSAGE, f"{WORD_PREFIX}{row_id}/{word.id}")
    if talk.receipt_id is not None or is_new:
        _release_news(session, talk, secrets)
    words = tuple(replace(word, status=DeliveryStatus.QUEUED) if word in waiting else word for word in talk.outgoing)
    return replace(talk, outgoing=words)


def _release_news(session: Session, talk: Talk, secrets: ServerSecrets) -> None:
    if session.connection().execute(ANY_FAILED).first() is None:
        return
    query = (
        select(Outbound, ReplyAddress)
        .join(ReplyAddress, ReplyAddress.id == Outbound.reply_address_id)
        .where(ReplyAddress.channel == talk.channel, Outbound.status == DeliveryStatus.FAILED)
    )
    if talk.receipt_id is not None:
        query = query.where(ReplyAddress.receipt_id == talk.receipt_id)
    for row, address in session.execute(query.with_for_update(of=Outbound)):
        if (row.error_code or "").partition(":")[0] in SHUT and is_address_of(address, talk.sender, secrets=secrets):
            row.status, row.attempts, row.error_code = DeliveryStatus.QUEUED, 0, None
            enqueue(session, JobName.SEND_MESSAGE, row.id)
