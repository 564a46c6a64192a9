"""The ways a notice leaves the house: each a row before anything is sent, each sent at most once on our own account.

Mail and webhook go by jobs; a sealed print-out, a package or a pick-up is handed over by people, who say so.
"""

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import BrokenSeal, IllegalMove, NotFound
from casework.jobs import DELIVERY_TRANSITIONS, JobName, NotHandedOver, Refused, deliver_once, enqueue
from casework.ledger import SYSTEM, Actor, Verb, by_officer, record
from casework.links import find_token
from casework.models.columns import new_id
from casework.models.people import Body, Officer
from casework.models.referrals import Acknowledgement, Delivery, NoticeFile, Referral
from casework.office import Office
from casework.papers import FileFormat
from casework.referral_rules import ELECTRONIC_WAYS, SECRET_WAYS, advance_referral
from casework.secrets import ServerSecrets
from casework.store import Store
from casework.transports import Attachment, MailLetter, MailServer, WebhookLetter, post_webhook, send_mail
from casework.types import BodyKind, DeliveryMethod, DeliveryStatus, ReferralStatus, Role
from casework.visibility import require_role
from casework.webhooks import read_webhook_secret

SUBJECT = "delivery"
MAIL_SUBJECT = "来函一件，请查收"
MAIL_TEXT = """您好：

{office}来函一件，见附件（PDF 为正式文本，docx 可编辑回执）。
请打开下面的地址确认收到，地址只能用一次，30天内有效：

{link}

来函内容依法保密，请勿转发给函中涉及的单位和个人。
"""
KINDS = {
    FileFormat.PDF: "application/pdf",
    FileFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
DECIDERS = (Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER, Role.CLUE_OFFICER, Role.HANDLER)
VERBS = {
    DeliveryStatus.SENT: Verb.SENT,
    DeliveryStatus.FAILED: Verb.DELIVERY_FAILED,
    DeliveryStatus.QUEUED: Verb.DELIVERY_FAILED,
    DeliveryStatus.UNSURE: Verb.DELIVERY_UNSURE,
}


@dataclass(frozen=True)
class DeliveryDesk:
    """What a job needs to send; `mail` is None where the office has set no mail server. Built by the wiring."""

    office: Office
    secrets: ServerSecrets
    public_url: str
    mail: MailServer | None
    http: httpx.Client
    clock: Callable[[], datetime] = field(repr=False)


def create_deliveries(
    session: Session, referral: Referral, methods: Iterable[DeliveryMethod], *, now: datetime
) -> list[Delivery]:
    """One row for each way, and the job for those that leave by wire, all in the caller's transaction."""
    rows = [
        Delivery(referral_id=referral.id, method=method, message_id=f"<{new_id()}@hotline>", queued_at=now)
        for method in methods
    ]
    session.add_all(rows)
    session.flush()
    for row in rows:
        if row.method in ELECTRONIC_WAYS:
            enqueue(session, JobName.SEND_DELIVERY, row.id, key=row.id)
    return rows


def list_deliveries(session: Session, referral: Referral) -> list[Delivery]:
    """The deliveries of a referral, by their way."""
    query = select(Delivery).where(Delivery.referral_id == referral.id).order_by(Delivery.method)
    return list(session.scalars(query))


def deliver(store: Store, delivery_id: str, *, desk: DeliveryDesk) -> DeliveryStatus | None:
    """The job's step: claim, send, record, each in a unit of work of its own. Harmless when run twice.

    Raises JobFailure where it may be tried again; the row says since when and why.
    """
    return deliver_once(
        store,
        delivery_id,
        load=_lock,
        send=lambda ident: _send(store, ident, desk),
        note=lambda session, row: _note(session, row, by=SYSTEM, now=desk.clock()),
        clock=desk.clock,
    )


def give_up_delivery(store: Store, delivery_id: str, code: str, *, clock: Callable[[], datetime]) -> None:
    """Called when its job is given up: a row still waiting says `failed`, one being sent says `unsure`."""
    with store.write() as session:
        row = _lock(session, delivery_id)
        if row is None or row.status not in {DeliveryStatus.QUEUED, DeliveryStatus.SENDING}:
            return
        sending = row.status is DeliveryStatus.SENDING
        _advance(row, DeliveryStatus.UNSURE if sending else DeliveryStatus.FAILED)
        row.error_code, row.next_try_at = code, None
        _note(session, row, by=SYSTEM, now=clock())


def decide_unsure(session: Session, delivery: Delivery, *, arrived: bool, by: Officer, now: datetime) -> None:
    """A person decides what a machine may not guess: it arrived, or it is to be sent again.

    Raises IllegalMove for a delivery that isn't unsure.
    """
    require_role(by, *DECIDERS, act="decide_delivery")
    if delivery.status is not DeliveryStatus.UNSURE:
        raise IllegalMove(delivery.status, DeliveryStatus.SENT)
    delivery.decided_by = by.id
    if arrived:
        _advance(delivery, DeliveryStatus.SENT)
        delivery.sent_at = now
    _record(session, delivery, Verb.DELIVERY_DECIDED, by_officer(by), now, arrived=arrived)
    if arrived:
        _mark_delivered(session, delivery)
    else:
        _queue_again(session, delivery, now)


def resend_failed(session: Session, delivery: Delivery, *, by: Officer, now: datetime) -> None:
    """Try a failed delivery again, after an address was mended or a server came back. Raises IllegalMove."""
    require_role(by, *DECIDERS, act="decide_delivery")
    if delivery.status is not DeliveryStatus.FAILED:
        raise IllegalMove(delivery.status, DeliveryStatus.QUEUED)
    delivery.decided_by = by.id
    _record(session, delivery, Verb.DELIVERY_DECIDED, by_officer(by), now, arrived=False)
    _queue_again(session, delivery, now)


def record_handover(session: Session, delivery: Delivery, *, by: Officer, now: datetime) -> None:
    """Say that a sealed print-out, a package or a pick-up was handed over. Raises IllegalMove for any other."""
    require_role(by, *DECIDERS, act="record_handover")
    if delivery.method not in SECRET_WAYS or delivery.status is not DeliveryStatus.QUEUED:
        raise IllegalMove(delivery.status, DeliveryStatus.SENT)
    _advance(delivery, DeliveryStatus.SENDING)
    _advance(delivery, DeliveryStatus.SENT)
    delivery.sent_at, delivery.decided_by = now, by.id
    _note(session, delivery, by=by_officer(by), now=now)


def confirm_pickup(session: Session, referral: Referral, method: DeliveryMethod, *, by: Officer, now: datetime) -> bool:
    """The body took its papers here itself: that is the delivery, and the ledger has it as the body's own act.

    False where nothing waited to be picked up.
    """
    waiting = [row for row in list_deliveries(session, referral) if row.method is method]
    for row in waiting:
        if row.status is not DeliveryStatus.QUEUED:
            return False
        _advance(row, DeliveryStatus.SENDING)
        _advance(row, DeliveryStatus.SENT)
        row.sent_at = now
        _note(session, row, by=by_officer(by), now=now)
    return bool(waiting)


def cancel_deliveries(session: Session, referral: Referral) -> int:
    """Keep back what has not left; returns how many. What is being sent can't be held."""
    held = [row for row in list_deliveries(session, referral) if row.status in _HOLDABLE]
    for row in held:
        _advance(row, DeliveryStatus.CANCELLED)
        row.next_try_at = None
    session.flush()
    return len(held)


def confirm_arrival(session: Session, referral: Referral, *, now: datetime) -> None:
    """The receiver has answered: what was unsure has arrived, and what still waits need not be sent."""
    for row in list_deliveries(session, referral):
        if row.status is DeliveryStatus.UNSURE:
            _advance(row, DeliveryStatus.SENT)
            row.sent_at = now
    cancel_deliveries(session, referral)


_HOLDABLE = frozenset({DeliveryStatus.QUEUED, DeliveryStatus.FAILED})


def _advance(row: Delivery, to: DeliveryStatus) -> None:
    if to not in DELIVERY_TRANSITIONS[row.status]:
        raise IllegalMove(row.status, to)
    row.status = to


def _lock(session: Session, delivery_id: str) -> Delivery | None:
    return session.get(Delivery, delivery_id, with_for_update=True)


def _queue_again(session: Session, delivery: Delivery, now: datetime) -> None:
    _advance(delivery, DeliveryStatus.QUEUED)
    delivery.attempts, delivery.attempt_id, delivery.error_code = 0, None, None
    delivery.queued_at, delivery.next_try_at = now, None
    enqueue(session, JobName.SEND_DELIVERY, delivery.id)
    session.flush()


def _note(session: Session, row: Delivery, *, by: Actor, now: datetime) -> None:
    """After each change: the ledger, and the referral's own stage."""
    verb = VERBS.get(row.status)
    if verb is None:
        return
    _record(session, row, verb, by, now, code=row.error_code, attempts=row.attempts)
    if row.status is DeliveryStatus.SENT:
        _mark_delivered(session, row)


def _mark_delivered(session: Session, row: Delivery) -> None:
    referral = session.get_one(Referral, row.referral_id)
    if referral.status is ReferralStatus.ISSUED:
        advance_referral(session, referral, ReferralStatus.DELIVERED)


def _record(
    session: Session, row: Delivery, verb: Verb, by: Actor, now: datetime, **details: str | int | bool | None
) -> None:
    referral = session.get_one(Referral, row.referral_id)
    record(
        session,
        actor=by,
        verb=verb,
        subject=SUBJECT,
        subject_id=row.id,
        case_id=referral.case_id,
        details={"method": row.method.value, **details},
        now=now,
    )
    session.flush()


def _send(store: Store, delivery_id: str, desk: DeliveryDesk) -> None:
    """Read what is to be sent in a session of its own, close it, then send."""
    with store.read() as session:
        letter = build_letter(session, delivery_id, desk)
    if isinstance(letter, MailLetter):
        if desk.mail is None:
            raise NotHandedOver("no_mail_server")
        send_mail(letter, desk.mail, now=desk.clock())
    else:
        post_webhook(letter, desk.http, now=desk.clock())


def build_letter(session: Session, delivery_id: str, desk: DeliveryDesk) -> MailLetter | WebhookLetter:
    """The letter of an electronic delivery, from the paper as issued; subject and file names say nothing.

    Raises Refused for a discipline matter, whatever the row says: the last of three locks.
    """
    delivery = session.get_one(Delivery, delivery_id)
    referral = session.get_one(Referral, delivery.referral_id)
    body = session.get(Body, referral.body_code) if referral.body_code else None
    if referral.sealed or body is None or body.kind is BodyKind.DISCIPLINE or delivery.method in SECRET_WAYS:
        raise Refused("discipline_matter")
    try:
        link = _find_link(session, referral, desk)
        files = _list_attachments(session, referral)
    except NotFound as error:
        raise NotHandedOver(error.kind) from None
    if delivery.method is DeliveryMethod.MAIL:
        text = MAIL_TEXT.format(office=desk.office.name, link=link)
        return MailLetter(
            recipient=body.mail or "",
            subject=f"{desk.office.name}{MAIL_SUBJECT}",
            text=text,
            message_id=delivery.message_id,
            attachments=files,
        )
    try:
        secret = read_webhook_secret(body, desk.secrets)
    except BrokenSeal:
        raise NotHandedOver("webhook_key") from None
    content = {
        "id": referral.id,
        "number": referral.number,
        "issued_on": referral.issued_at.date().isoformat() if referral.issued_at else None,
        "office": desk.office.name,
        "acknowledge_url": link,
        "files": [{"name": f.name, "type": f.kind, "base64": base64.b64encode(f.content).decode()} for f in files],
    }
    return WebhookLetter(
        url=body.webhook_url or "",
        secret=secret,
        message_id=delivery.message_id,
        content=json.dumps(content, ensure_ascii=False).encode(),
    )


def _find_link(session: Session, referral: Referral, desk: DeliveryDesk) -> str:
    answer = session.scalar(select(Acknowledgement).where(Acknowledgement.referral_id == referral.id))
    if answer is None or answer.token_sha256 is None:
        raise NotFound("link", referral.id)
    token = find_token(session, desk.secrets, referral.id, answer.token_sha256)
    if token is None:
        raise NotFound("link_key", referral.id)
    return f"{desk.public_url}/acknowledge/{token}"


def _list_attachments(session: Session, referral: Referral) -> tuple[Attachment, ...]:
    rows = session.scalars(select(NoticeFile).where(NoticeFile.referral_id == referral.id).order_by(NoticeFile.id))
    kept = sorted(rows, key=lambda row: (row.form, row.format))
    if not kept:
        raise NotFound("files", referral.id)
    return tuple(Attachment(f"{row.form}.{row.format}", KINDS[FileFormat(row.format)], row.content) for row in kept)
