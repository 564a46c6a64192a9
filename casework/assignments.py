"""Assignments (派单): a case sent to the body that handles it, and that body's signature (签收).

Nobody is sent a report about himself, and an unsigned order is late by a clock of its own.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.bodies import get_body
from casework.cases import advance_case
from casework.cluelooks import require_look_to_assign
from casework.errors import ConflictOfInterest, NotAllowed, NotFound
from casework.facts import note_event
from casework.keepingout import screen_staff_words
from casework.ledger import Verb, by_officer
from casework.limits import CaseEvent
from casework.models.cases import Assignment, Case
from casework.models.people import Officer
from casework.models.secrecy import Exclusion
from casework.news import NewsPhrase, tell_reporter
from casework.office import Office
from casework.roster import build_roster
from casework.types import CaseStatus, Role
from casework.visibility import has_role, require_role

HANDLING_ROLES = (Role.HANDLER, Role.TOWNSHIP, Role.RECEIVER)


def assign_case(
    session: Session,
    case: Case,
    body_code: str,
    *,
    officer_id: str | None = None,
    instruction: str = "",
    by: Officer,
    office: Office,
    now: datetime,
) -> Assignment:
    """Send a case to a body; `instruction` is the part rewritten for it, for it does not read the reporter's words.

    Ends the assignment before, if one runs. Raises NotAllowed for another role or a sealed case, ConflictOfInterest
    where the body or the officer is kept out of the case, AwaitsClueOfficer before a clue officer has looked at a
    discipline case, IllegalMove where its stage does not allow it.
    """
    require_role(by, Role.DISPATCHER, Role.SUPERVISOR, act="assign")
    if case.sealed:
        raise NotAllowed("assign_sealed")
    body = get_body(session, body_code)
    screen_staff_words(session, case, instruction, writer_id=by.id, now=now)
    check_receiver(session, case, body_code=body.code, officer_id=officer_id)
    require_look_to_assign(session, case)
    end_assignment(session, case, now=now)
    assignment = Assignment(
        case_id=case.id,
        body_code=body.code,
        officer_id=officer_id,
        instruction=instruction,
        assigned_by=by.id,
        assigned_at=now,
    )
    session.add(assignment)
    case.body_code, case.officer_id = body.code, officer_id
    session.flush()
    details = {"assignment": assignment.id}
    advance_case(
        session, case, CaseStatus.DISPATCHED, by=by_officer(by), now=now, verb=Verb.DISPATCHED, details=details
    )
    note_event(session, case, CaseEvent.DISPATCHED, office=office, now=now)
    tell_reporter(session, case, NewsPhrase.DISPATCHED, now=now)
    return assignment


def sign_assignment(session: Session, case: Case, *, by: Officer, office: Office, now: datetime) -> Assignment:
    """The body signs for the case and begins; only one of its own people may (签收)."""
    assignment = get_running_assignment(session, case)
    require_own_body(by, assignment, act="sign")
    assignment.signed_by, assignment.signed_at = by.id, now
    details = {"assignment": assignment.id}
    advance_case(session, case, CaseStatus.WORKING, by=by_officer(by), now=now, verb=Verb.SIGNED, details=details)
    note_event(session, case, CaseEvent.SIGNED, office=office, now=now)
    tell_reporter(session, case, NewsPhrase.TAKEN, now=now)
    return assignment


def get_running_assignment(session: Session, case: Case) -> Assignment:
    """The assignment in force. Raises NotFound where the case is with nobody."""
    running = session.scalar(select(Assignment).where(Assignment.case_id == case.id, Assignment.ended_at.is_(None)))
    if running is None:
        raise NotFound("assignment", case.id)
    return running


def list_assignments(session: Session, case_id: str) -> list[Assignment]:
    """All assignments of a case, oldest first."""
    query = select(Assignment).where(Assignment.case_id == case_id).order_by(Assignment.assigned_at, Assignment.id)
    return list(session.scalars(query))


def end_assignment(session: Session, case: Case, *, now: datetime) -> None:
    """The body is done with the case, by return, referral or end; without a running assignment nothing happens."""
    for assignment in list_assignments(session, case.id):
        if assignment.ended_at is None:
            assignment.ended_at = now


def check_receiver(session: Session, case: Case, *, body_code: str | None, officer_id: str | None = None) -> None:
    """Raise ConflictOfInterest where the one who is to get the case is kept out of it (信访工作条例 art. 30)."""
    roster = build_roster(session)
    kept_out = session.scalars(
        select(Exclusion).where(Exclusion.case_id == case.id, Exclusion.cleared_at.is_(None))
    ).all()
    officer = next((each for each in roster.officers if each.id == officer_id), None)
    for row in kept_out:
        above = {*roster.bodies_above(body_code), *(roster.bodies_of(officer, row.since) if officer else ())}
        if row.body_code in above or (officer_id is not None and row.officer_id == officer_id):
            raise ConflictOfInterest(row.body_code or officer_id or "", row.reason)


def require_in_charge(session: Session, officer: Officer, case: Case, *, act: str) -> None:
    """Raise NotAllowed unless it is for him to speak or decide in a case: the desk and the clue officers, and of a
    handling body its own people while the case lies with them. Of a sealed case its clue officers alone.
    """
    if case.sealed:
        require_role(officer, Role.CLUE_OFFICER, act=act)
        return
    require_role(officer, Role.DISPATCHER, Role.SUPERVISOR, Role.CLUE_OFFICER, Role.HANDLER, Role.TOWNSHIP, act=act)
    if has_role(officer, Role.DISPATCHER, Role.SUPERVISOR, Role.CLUE_OFFICER):
        return
    running = next((each for each in list_assignments(session, case.id) if each.ended_at is None), None)
    if running is None:
        raise NotAllowed(act)
    require_own_body(officer, running, act=act)


def require_own_body(officer: Officer, assignment: Assignment, *, act: str) -> None:
    """Raise NotAllowed where the officer is not of the body that the case was sent to."""
    if officer.body_code != assignment.body_code or not has_role(officer, *HANDLING_ROLES):
        raise NotAllowed(act)
