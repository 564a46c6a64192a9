"""Returns (退单): a case goes back to the dispatcher with a reason and a better address, never sideways.

The bureau's own clocks run on; the unit's end. A second return is one for the supervisor.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.assignments import get_running_assignment, require_own_body
from casework.bodies import get_body
from casework.cases import advance_case
from casework.errors import InvalidField
from casework.facts import note_event
from casework.keepingout import screen_staff_words
from casework.ledger import Verb, by_officer
from casework.limits import CaseEvent
from casework.models.cases import Assignment, Case, Return
from casework.models.people import Officer
from casework.office import Office
from casework.types import CaseStatus

ARBITRATED_FROM = 2
"""The number of returns from which a supervisor decides instead of a dispatcher."""


def return_case(
    session: Session,
    case: Case,
    *,
    reason: str,
    clause: str = "",
    proposed_body_code: str | None = None,
    by: Officer,
    office: Office,
    now: datetime,
) -> Return:
    """Give a case back, by one of the body it was sent to; before or after signing for it.

    A late return (over 2 working days) is taken, for a refusal would strand the case; its clock shows it.
    Raises InvalidField without a reason, NotAllowed for another body's officer.
    """
    if not reason.strip():
        raise InvalidField("reason", "empty")
    assignment = get_running_assignment(session, case)
    require_own_body(by, assignment, act="return")
    proposed = get_body(session, proposed_body_code).code if proposed_body_code else None
    row = Return(
        assignment_id=assignment.id,
        reason=reason.strip(),
        clause=clause,
        proposed_body_code=proposed,
        returned_by=by.id,
        returned_at=now,
    )
    session.add(row)
    assignment.ended_at = now
    session.flush()
    screen_staff_words(session, case, reason, writer_id=by.id, now=now)
    details = {"return": row.id}
    note_event(session, case, CaseEvent.RETURNED, office=office, now=now)
    case.body_code, case.officer_id = proposed, None
    advance_case(session, case, CaseStatus.RETURNED, by=by_officer(by), now=now, verb=Verb.RETURNED, details=details)
    return row


def list_returns(session: Session, case_id: str) -> list[Return]:
    """The returns of a case, oldest first."""
    query = select(Return).join(Assignment, Assignment.id == Return.assignment_id)
    return list(session.scalars(query.where(Assignment.case_id == case_id).order_by(Return.returned_at)))


def needs_arbitration(session: Session, case_id: str) -> bool:
    """Whether the case came back so often that the supervisor decides where it belongs."""
    query = select(func.count()).select_from(Return).join(Assignment, Assignment.id == Return.assignment_id)
    return (session.scalar(query.where(Assignment.case_id == case_id)) or 0) >= ARBITRATED_FROM
