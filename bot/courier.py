"""Writing to somebody first: that there is news, or the code of a report that filed itself.

Steps of jobs, each sent at most once on our own account. What leaves never names the matter: phones are shared, and
calls to a vendor aren't encrypted for us.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.afterwards import tell_waiting_code
from bot.channels import ChannelAdapter, Inbound, OutboundMessage, SendError, SendProblem
from bot.conversations import open_talk
from bot.doing import Desk
from bot.models import Conversation, Outbound
from bot.officerwords import send_officer_word
from bot.silence import TALK_PREFIX
from bot.types import Reply, Talk
from bot.waiting import SHUT, WORD_PREFIX, send_in_window
from casework.jobs import POLICIES, JobFailure, JobName, NotHandedOver, Refused, deliver_once, enqueue
from casework.models.columns import new_id
from casework.news import unpack_news
from casework.store import Store
from casework.types import Channel, DeliveryStatus
from intake.addresses import drop_addresses_of, list_reply_addresses, read_reply_address
from intake.models import Receipt, ReplyAddress
from intake.types import ReplyTo

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
        return _send_code(store, subject.removeprefix(TALK_PREFIX), desk, adapters, clock())
    if subject.startswith(WORD_PREFIX):
        return send_officer_word(store, subject, desk=desk, adapters=adapters, clock=clock)
    return deliver_once(
        store,
        subject,
        load=lambda session, ident: session.get(Outbound, ident, with_for_update=True),
        send=lambda ident: _send_news(store, ident, desk, adapters, clock()),
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


def _send_news(store: Store, outbound_id: str, desk: Desk, adapters: Adapters, now: datetime) -> None:
    with store.read() as session:
        row = session.get_one(Outbound, outbound_id)
        address = session.get_one(ReplyAddress, row.reply_address_id)
        adapter = adapters.get(address.channel)
        recipient = read_reply_address(address, secrets=desk.intake.secrets)
    if adapter is None:
        raise Refused("no_channel")
    message = OutboundMessage(adapter.channel, recipient, "\n".join(desk.script.say("news")))
    try:
        vendor_ref = _write(store, message, desk, adapter, now)
    except SendError as problem:
        code = f"{problem.problem}:{problem.code}"[:48]
        raise (Refused(code) if problem.problem in FOR_GOOD else NotHandedOver(code)) from None
    if vendor_ref:
        with store.write() as session:
            session.execute(update(Outbound).where(Outbound.id == outbound_id).values(vendor_ref=vendor_ref))


def _write(store: Store, message: OutboundMessage, desk: Desk, adapter: ChannelAdapter, now: datetime) -> str | None:
    """Write within the window; once it is shut, the office's form says that there is news, and its number comes back.

    Whoever blocked us or left loses his reply address, never his report. Raises SendError.
    """
    try:
        send_in_window(store, message, desk=desk, adapter=adapter, now=now)
    except SendError as problem:
        if problem.problem is SendProblem.GONE:
            forget_recipient(store, message.channel, message.recipient, desk)
        vendor_ref = adapter.notify(message.recipient, now=now) if problem.problem in SHUT else None
        if vendor_ref is None:
            raise
        return vendor_ref
    return None


def forget_recipient(store: Store, channel: Channel, recipient: str, desk: Desk) -> None:
    """Retract every reply address of somebody who can't be written to any more."""
    with store.write() as session:
        drop_addresses_of(session, ReplyTo(channel, recipient), secrets=desk.intake.secrets)


def note_outcome(store: Store, inbound: Inbound, *, desk: Desk) -> None:
    """What the vendor says later of a message it had taken: not shown is kept on its row, blocked retracts the address.

    Harmless when told twice; a number that isn't ours changes nothing.
    """
    outcome = inbound.outcome
    if outcome is None or outcome.is_shown:
        return
    if outcome.is_blocked:
        forget_recipient(store, inbound.channel, inbound.sender, desk)
        return
    with store.write() as session:
        query = update(Outbound).where(Outbound.vendor_ref == outcome.ref)
        session.execute(query.values(status=DeliveryStatus.FAILED, error_code=NOT_SHOWN))


NOT_SHOWN = "not_shown"
"""The vendor took the form and could not show it."""


@dataclass(frozen=True, slots=True)
class NewsState:
    """How one word of news to a reporter fared; `code` says why it waits or failed, `by_form` how it went."""

    status: DeliveryStatus
    queued_at: datetime
    channel: Channel
    code: str
    by_form: bool


def list_news_states(session: Session, case_id: str) -> list[NewsState]:
    """What was written to the reporters of a case, the newest first; the caller got the case by its door.

    One whose window was shut is `failed` with `window_closed` or `quota_spent`: it goes out when he writes again, and
    his code shows it at any time.
    """
    query = (
        select(Outbound, ReplyAddress.channel)
        .join(ReplyAddress, ReplyAddress.id == Outbound.reply_address_id)
        .join(Receipt, Receipt.id == ReplyAddress.receipt_id)
        .where(Receipt.case_id == case_id)
        .order_by(Outbound.queued_at.desc())
    )
    return [
        NewsState(row.status, row.queued_at, channel, (row.error_code or "").partition(":")[0], bool(row.vendor_ref))
        for row, channel in session.execute(query)
    ]


def _send_code(store: Store, row_id: str, desk: Desk, adapters: Adapters, now: datetime) -> DeliveryStatus | None:
    """Tell the code of a report that filed itself; whoever comes back gets it first all the same."""
    talk = _load(store, row_id, desk)
    adapter = adapters.get(talk.channel) if talk is not None else None
    if talk is None or adapter is None or not talk.code_waits:
        return None
    text = tell_waiting_code(talk, desk.script, Reply()).reply.text
    try:
        _write(store, OutboundMessage(talk.channel, talk.sender, text), desk, adapter, now)
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
