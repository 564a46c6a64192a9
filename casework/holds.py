"""Legal hold (暂停销毁): one case is kept out of every schedule until a second person lets it go.

For a dispute, a review or an investigation elsewhere that may still ask for it. The day given is the day to look
again, not an end: what is frozen for a court must not melt by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from casework.cases import keep_note, record_on_case
from casework.clock import local_date
from casework.errors import IllegalMove, InvalidField, NotAllowed, NotFound
from casework.ledger import Verb, by_officer
from casework.models.cases import Case, Note
from casework.models.holds import LegalHold
from casework.models.people import Officer
from casework.types import Role
from casework.visibility import require_role, visible_cases

HOLDERS = (Role.SUPERVISOR, Role.LEADER, Role.CLUE_OFFICER)
"""Who may freeze and let go: those who also decide about destruction."""
FROZEN, FREE = "frozen", "free"


@dataclass(frozen=True, slots=True)
class HoldView:
    """A freeze that stands, for an officer who may know of the case; the reason of a sealed one lies inside."""

    case_id: str
    number: str
    sealed: bool
    reason: str
    review_on: date
    placed_by: str
    placer: str
    placed_at: datetime


def is_held() -> ColumnElement[bool]:
    """The condition on `Case` that it is frozen; every schedule leaves such a case out."""
    return exists().where(LegalHold.case_id == Case.id, LegalHold.lifted_at.is_(None))


def place_hold(session: Session, case: Case, *, reason: str, review_on: date, by: Officer, now: datetime) -> LegalHold:
    """Freeze a case that was got through the door.

    Raises NotAllowed for another role, InvalidField without a reason or with a day that is not to come, IllegalMove
    where it is frozen already.
    """
    require_role(by, *HOLDERS, act="hold")
    if not reason.strip():
        raise InvalidField("reason", "empty")
    if review_on <= local_date(now):
        raise InvalidField("review_on", "in_the_past")
    session.execute(select(Case.id).where(Case.id == case.id).with_for_update())
    if find_hold(session, case.id) is not None:
        raise IllegalMove(FROZEN, FROZEN)
    note = keep_note(session, case, f"暂停销毁：{reason.strip()}", officer_id=by.id, now=now)
    hold = LegalHold(case_id=case.id, note_id=note, review_on=review_on, placed_by=by.id, placed_at=now)
    session.add(hold)
    session.flush()
    details = {"hold": hold.id, "review_on": review_on.isoformat()}
    record_on_case(session, case, Verb.HOLD_PLACED, by=by_officer(by), now=now, details=details)
    return hold


def lift_hold(session: Session, case: Case, *, reason: str, by: Officer, now: datetime) -> LegalHold:
    """Let a case go back to its schedule: somebody else than the one who froze it (the database refuses him too).

    Raises NotAllowed (`second_person`) for himself, InvalidField without a reason, IllegalMove where nothing stands.
    """
    require_role(by, *HOLDERS, act="hold")
    hold = find_hold(session, case.id)
    if hold is None:
        raise IllegalMove(FREE, FREE)
    if hold.placed_by == by.id:
        raise NotAllowed("second_person")
    if not reason.strip():
        raise InvalidField("reason", "empty")
    hold.lift_note_id = keep_note(session, case, f"恢复按期销毁：{reason.strip()}", officer_id=by.id, now=now)
    hold.lifted_by, hold.lifted_at = by.id, now
    session.flush()
    record_on_case(session, case, Verb.HOLD_LIFTED, by=by_officer(by), now=now, details={"hold": hold.id})
    return hold


def find_hold(session: Session, case_id: str) -> LegalHold | None:
    """The freeze that stands on a case, if any."""
    return session.scalar(select(LegalHold).where(LegalHold.case_id == case_id, LegalHold.lifted_at.is_(None)))


def list_holds_for(session: Session, officer: Officer) -> Sequence[HoldView]:
    """What is frozen, of the cases that he may know of, the day to look again first."""
    require_role(officer, *HOLDERS, act="hold")
    placer = aliased(Officer)
    query = (
        select(LegalHold, Case, Note.text, placer.name)
        .join(Case, Case.id == LegalHold.case_id)
        .join(placer, placer.id == LegalHold.placed_by)
        .outerjoin(Note, Note.id == LegalHold.note_id)
        .where(visible_cases(officer), LegalHold.lifted_at.is_(None))
        .order_by(LegalHold.review_on, Case.number)
    )
    return [
        HoldView(
            case_id=case.id,
            number=case.number,
            sealed=case.sealed,
            reason=(text or "").removeprefix("暂停销毁："),
            review_on=hold.review_on,
            placed_by=hold.placed_by,
            placer=name,
            placed_at=hold.placed_at,
        )
        for hold, case, text, name in session.execute(query)
    ]


def get_hold_for(session: Session, officer: Officer, case_id: str) -> HoldView:
    """The freeze of one case that he may know of. Raises NotFound."""
    for each in list_holds_for(session, officer):
        if each.case_id == case_id:
            return each
    raise NotFound("hold", case_id)
