"""The receiving body's answer (回执, then the result): by one-time link, by API, or typed in from paper.

An answer comes once; a second one changes nothing and is told so kindly. Nothing of the reporter is ever shown here.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.cases import keep_note
from casework.clock import local_date
from casework.deadlines import run_clocks
from casework.deliveries import confirm_arrival
from casework.errors import InvalidField, NotFound
from casework.ledger import Actor, Verb
from casework.limits import CaseEvent
from casework.links import hash_token
from casework.models.cases import Case
from casework.models.people import Body
from casework.models.referrals import Acknowledgement, Referral
from casework.news import NewsPhrase, tell_reporter
from casework.office import Office
from casework.referral_desk import gather_clock_facts
from casework.referral_ledger import SUBJECT, record_on_referral
from casework.referral_rules import advance_referral
from casework.referrals import bring_back
from casework.types import (
    AcknowledgementDecision,
    ActorKind,
    BodyKind,
    DisposalClass,
    ReferralStatus,
)

MOST_NAME, MOST_REASON, MOST_RESULT = 64, 500, 2000
STATUSES = {
    AcknowledgementDecision.TAKEN: ReferralStatus.ACKNOWLEDGED,
    AcknowledgementDecision.PASSED_ON: ReferralStatus.ACKNOWLEDGED,
    AcknowledgementDecision.SENT_BACK: ReferralStatus.RETURNED,
}
NEEDS_REASON = frozenset({AcknowledgementDecision.PASSED_ON, AcknowledgementDecision.SENT_BACK})


class LinkState(StrEnum):
    """What a one-time link can still do."""

    OPEN = "open"
    DONE = "done"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class LinkView:
    """All that the page behind a link shows: number, day, receiver, what was answered; nothing of the matter."""

    state: LinkState
    referral_id: str
    number: str
    issued_on: date
    body_code: str
    body_name: str
    decision: AcknowledgementDecision | None
    acknowledged_on: date | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver says."""

    decision: AcknowledgementDecision
    receiver: str
    reason: str = ""
    reference: str = ""


def view_link(session: Session, token: str, *, now: datetime) -> LinkView:
    """What a link leads to; looking changes nothing, so that a mail program may fetch it. Raises NotFound."""
    row, referral = _find_by_token(session, token)
    body = session.get_one(Body, referral.body_code) if referral.body_code else None
    if body is None or referral.number is None or referral.issued_at is None:
        raise NotFound("link", "")
    return LinkView(
        state=_find_state(row, referral, now),
        referral_id=referral.id,
        number=referral.number,
        issued_on=local_date(referral.issued_at),
        body_code=body.code,
        body_name=body.name,
        decision=row.decision,
        acknowledged_on=local_date(row.acknowledged_at) if row.acknowledged_at else None,
    )


def find_linked_referral(session: Session, token: str, *, now: datetime) -> Referral:
    """The referral that an open link may answer, locked. Raises NotFound for an unknown or spent link."""
    row, referral = _find_by_token(session, token, lock=True)
    if _find_state(row, referral, now) not in {LinkState.OPEN, LinkState.DONE}:
        raise NotFound("link", "")
    return referral


def find_readable_referral(session: Session, token: str, *, now: datetime) -> Referral:
    """The referral of a link that has not expired, answered or not, for looking alone. Raises NotFound."""
    row, referral = _find_by_token(session, token)
    if row.expires_at is None or now >= row.expires_at:
        raise NotFound("link", "")
    return referral


def get_referral_of_body(session: Session, body_code: str, referral_id: str) -> Referral:
    """A referral that was issued to this body, locked. Raises NotFound for any other, so that none can be guessed."""
    referral = session.scalar(
        select(Referral)
        .where(Referral.id == referral_id, Referral.body_code == body_code, Referral.number.is_not(None))
        .with_for_update()
    )
    if referral is None:
        raise NotFound(SUBJECT, referral_id)
    return referral


def list_referrals_of_body(session: Session, body_code: str, *, limit: int = 100) -> list[Referral]:
    """What was issued to this body, newest first; sealed referrals tell no body and are never here."""
    query = select(Referral).where(Referral.body_code == body_code, Referral.number.is_not(None))
    return list(session.scalars(query.order_by(Referral.issued_at.desc(), Referral.id).limit(limit)))


def get_acknowledgement(session: Session, referral: Referral) -> Acknowledgement:
    """The place of a referral's answer. Raises NotFound before it was issued."""
    row = session.scalar(select(Acknowledgement).where(Acknowledgement.referral_id == referral.id))
    if row is None:
        raise NotFound(SUBJECT, referral.id)
    return row


def record_acknowledgement(
    session: Session, referral: Referral, answer: Answer, *, by: Actor, office: Office, now: datetime
) -> bool:
    """Write down the receiver's 回执, once. False where it had answered before: nothing is changed then.

    受理 and 转有管辖权机关 acknowledge; 退回 sends it back and the case is taken up again. What was unsure has arrived.
    Of a sealed case the reason goes under seal. Raises InvalidField (`receiver`, `reason`), IllegalMove for a
    cancelled referral.
    """
    row = get_acknowledgement(session, referral)
    if row.acknowledged_at is not None:
        return False
    _check(answer)
    case = session.get_one(Case, referral.case_id)
    row.acknowledged_at, row.decision = now, answer.decision
    row.receiver, row.reference = answer.receiver.strip(), answer.reference.strip()
    if case.sealed and answer.reason and by.kind is ActorKind.OFFICER and by.id:
        keep_note(session, case, answer.reason, officer_id=by.id, now=now)
    elif not case.sealed:
        row.reason = answer.reason.strip()
    advance_referral(session, referral, STATUSES[answer.decision])
    confirm_arrival(session, referral, now=now)
    sent_back = answer.decision is AcknowledgementDecision.SENT_BACK
    verb = Verb.SENT_BACK if sent_back else Verb.ACKNOWLEDGED
    details = {"decision": answer.decision.value}
    record_on_referral(session, referral, verb, by=by, now=now, details=details)
    event = CaseEvent.SENT_BACK if sent_back else CaseEvent.ACKNOWLEDGED
    _run_clocks(session, case, referral, event, office, now)
    if sent_back:
        bring_back(session, case, by=by, reason="sent_back" if by.kind is not ActorKind.OFFICER else "", now=now)
    else:
        tell_reporter(session, case, NewsPhrase.TAKEN, now=now)
    return True


def record_result(
    session: Session,
    referral: Referral,
    *,
    text: str = "",
    disposal: DisposalClass | None = None,
    by: Actor,
    office: Office,
    now: datetime,
) -> None:
    """Write down what the receiver did. A discipline organ's answer is its class alone; its words are not kept.

    Raises InvalidField (`text` or `disposal`, required), IllegalMove unless it was acknowledged before.
    """
    secret = referral.sealed or _kind_of(session, referral) is BodyKind.DISCIPLINE
    if secret and disposal is None:
        raise InvalidField("disposal", "required")
    if not secret and not text.strip():
        raise InvalidField("text", "required")
    if len(text) > MOST_RESULT:
        raise InvalidField("text", "too_long")
    row = get_acknowledgement(session, referral)
    advance_referral(session, referral, ReferralStatus.ANSWERED)
    row.result_at, row.disposal = now, disposal if secret else None
    row.result = "" if secret else text.strip()
    record_on_referral(session, referral, Verb.RESULT_CAME, by=by, now=now)
    case = session.get_one(Case, referral.case_id)
    _run_clocks(session, case, referral, CaseEvent.RESULT, office, now)


def _check(answer: Answer) -> None:
    if not answer.receiver.strip():
        raise InvalidField("receiver", "required")
    if answer.decision in NEEDS_REASON and not answer.reason.strip():
        raise InvalidField("reason", "required")
    for name, text, most in (
        ("receiver", answer.receiver, MOST_NAME),
        ("reference", answer.reference, MOST_NAME),
        ("reason", answer.reason, MOST_REASON),
    ):
        if len(text) > most:
            raise InvalidField(name, "too_long")


def _find_by_token(session: Session, token: str, *, lock: bool = False) -> tuple[Acknowledgement, Referral]:
    query = select(Acknowledgement).where(Acknowledgement.token_sha256 == hash_token(token))
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("link", "")
    return row, session.get_one(Referral, row.referral_id, with_for_update=lock)


def _find_state(row: Acknowledgement, referral: Referral, now: datetime) -> LinkState:
    if row.acknowledged_at is not None:
        return LinkState.DONE
    if referral.status is ReferralStatus.CANCELLED:
        return LinkState.CANCELLED
    if row.expires_at is None or now >= row.expires_at:
        return LinkState.EXPIRED
    return LinkState.OPEN


def _kind_of(session: Session, referral: Referral) -> BodyKind | None:
    body = session.get(Body, referral.body_code) if referral.body_code else None
    return body.kind if body else None


def _run_clocks(
    session: Session, case: Case, referral: Referral, event: CaseEvent, office: Office, now: datetime
) -> None:
    body = session.get(Body, referral.body_code) if referral.body_code else None
    run_clocks(session, case, event, gather_clock_facts(session, case, body), office=office, now=now)
