"""Waiting for the reporter (暂停): the clocks that may, stand still; the law's own run on.

Going on is an officer's decision, for only he can say whether the answer is enough.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from casework.assignments import list_assignments
from casework.cases import advance_case
from casework.deadlines import pause_clocks, resume_clocks
from casework.errors import InvalidField
from casework.ledger import Verb, by_officer
from casework.models.cases import Case
from casework.models.people import Officer
from casework.office import Office
from casework.types import CaseStatus, Role
from casework.visibility import require_role

MAY_WAIT = (Role.DISPATCHER, Role.SUPERVISOR, Role.HANDLER, Role.TOWNSHIP, Role.CLUE_OFFICER)


def wait_for_reporter(session: Session, case: Case, *, reason: str, by: Officer, office: Office, now: datetime) -> None:
    """Stop until the reporter has answered; the reason is kept as a note. Raises InvalidField without one."""
    require_role(by, *MAY_WAIT, act="wait")
    if not reason.strip():
        raise InvalidField("reason", "empty")
    advance_case(session, case, CaseStatus.WAITING, by=by_officer(by), now=now, reason=reason.strip(), verb=Verb.PAUSED)
    pause_clocks(session, case, office=office, by=by_officer(by), now=now)


def go_on(session: Session, case: Case, *, by: Officer, office: Office, now: datetime) -> None:
    """Go on with a case that waited: at the body that has it, else at the dispatcher's."""
    require_role(by, *MAY_WAIT, act="go_on")
    is_sent = any(assignment.ended_at is None for assignment in list_assignments(session, case.id))
    to = CaseStatus.WORKING if is_sent or case.sealed else CaseStatus.RECEIVED
    advance_case(session, case, to, by=by_officer(by), now=now, verb=Verb.RESUMED)
    resume_clocks(session, case, office=office, by=by_officer(by), now=now)
