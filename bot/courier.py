"""Writing to somebody first: that there is news, or the code of a report that filed itself.

Steps of jobs, each sent at most once on our own account. What leaves never names the matter: phones are shared, and
calls to a vendor aren't encrypted for us.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.afterwards import tell_waiting_code
from bot.channels import ChannelAdapter, OutboundMessage, SendError, SendProblem
from bot.conversations import open_talk
from bot.doing import Desk
from bot.handovers import WORD_PREFIX
from bot.models import Conversation, Outbound
from bot.officerwords import send_officer_word
from bot.silence import TALK_PREFIX
from bot.types import Reply, Talk
from casework.jobs import POLICIES, JobFailure, JobName, NotHandedOver, Refused, deliver_once, enqueue
from casework.models.columns import new_id
from casework.news import unpack_news
from casework.store import Store
from casework.types import Channel, DeliveryStatus
from intake.addresses import list_reply_addresses, read_reply_address
from intake.models import ReplyAddress

Adapters = Mapping[Channel, ChannelAdapter]
Clock = Callable[[], datetime]

FOR_GOOD = frozenset({SendProblem.WINDOW_CLOSED, SendProblem.QUOTA_SPENT, SendProblem.GONE, SendProblem.REFUSED})
"""Trying again doesn't help; the row says why, and the code is the way that always works."""


def tell_reporter_news(store: Store, subject: str, *, now: datetime) -> int:
    """The step of TELL_REPORTER: one row and one job for each reply address of the case; how many there are.

    Run twice it makes one message an address: the row's id is the job's key.
    """
    case_id, phrase = unpack_news(subject)
    with store.write() as session:
        addresses = list_reply_addresses(session, case_id)
        for address in addresses:
            _queue(session, address.id, phrase.value, subject, now)
    return len(addresses)


def _queue(session: Session, address_id: str, phrase: str, subject: str, now: datetime) -> None:
    waiting = select(Outbound.id).where(
        Outbound.reply_address_id == address_id, Outbound.status == DeliveryStatus.QUEUED
    )
    if session.scalars(waiting).first() is not None:  # one message says that there is news, however much there is
        return
    row = Outbound(id=new_id(), reply_address_id=address_id, phrase=phrase, queued_at=now)
    session.add(row)
    session.flush()
    enqueue(session, JobName.SEND_MESSAGE, row.id, key=row.id)


def send_message(store: Store, subject: str, *, desk: Desk, adapters: Adapters, clock: Clock) -> DeliveryStatus | None:
    """The step of SEND_MESSAGE: tell one address that there is news, tell a talk its code or an officer's word.

    Harmless when run twice. Raises JobFailure where the vendor may be asked again later.
    """
    if subject.startswith(TALK_PREFIX):
        return _send_code(store, subject.removeprefix(TALK_PREFIX), desk, adapters)
    if subject.startswith(WORD_PREFIX):
        return send_officer_word(store, subject, desk=desk, adapters=adapters, clock=clock)
    return deliver_once(
        store,
        subject,
        load=lambda session, ident: session.get(Outbound, ident, with_for_update=True),
        send=lambda ident: _send_news(store, ident, desk, adapters),
        note=lambda _session, _row: None,
        clock=clock,
        policy=POLICIES[JobName.SEND_MESSAGE],
    )


def give_up_message(store: Store, subject: str, code: str) -> None:
    """Called when the job is given up: a row still waiting says that it failed."""
    if subject.startswith((TALK_PREFIX, WORD_PREFIX)):
        return
    with store.write() as session:
        row = session.get(Outbound, subject, with_for_update=True)
        if row is not None and row.status is DeliveryStatus.QUEUED:
            row.status, row.error_code = DeliveryStatus.FAILED, code[:48]


def _send_news(store: Store, outbound_id: str, desk: Desk, adapters: Adapters) -> None:
    with store.read() as session:
        row = session.get_one(Outbound, outbound_id)
        address = session.get_one(ReplyAddress, row.reply_address_id)
        adapter = adapters.get(address.channel)
        recipient = read_reply_address(address, secrets=desk.intake.secrets)
    if adapter is None:
        raise Refused("no_channel")
    try:
        adapter.send(OutboundMessage(adapter.channel, recipient, "\n".join(desk.script.say("news"))))
    except SendError as problem:
        code = f"{problem.problem}:{problem.code}"[:48]
        raise (Refused(code) if problem.problem in FOR_GOOD else NotHandedOver(code)) from None


def _send_code(store: Store, row_id: str, desk: Desk, adapters: Adapters) -> DeliveryStatus | None:
    """Tell the code of a report that filed itself; whoever comes back gets it first all the same."""
    talk = _load(store, row_id, desk)
    adapter = adapters.get(talk.channel) if talk is not None else None
    if talk is None or adapter is None or not talk.code_waits:
        return None
    text = tell_waiting_code(talk, desk.script, Reply()).reply.text
    try:
        adapter.send(OutboundMessage(talk.channel, talk.sender, text))
    except SendError as problem:
        if problem.problem in FOR_GOOD:
            return DeliveryStatus.FAILED
        raise JobFailure(problem.problem.value) from None
    return DeliveryStatus.SENT


def _load(store: Store, row_id: str, desk: Desk) -> Talk | None:
    with store.read() as session:
        row = session.get(Conversation, row_id)
        key = desk.intake.keys.get(row.key_id) if row is not None else None
        return open_talk(row, key) if row is not None and key is not None else None
