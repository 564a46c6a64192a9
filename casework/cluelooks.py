"""The clue officer's first look: an open case marked discipline goes nowhere before one has chosen what becomes of it.

He seals it, sends it on, confirms it as a clue, takes the mark off, or says that the desk may handle it as it is.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import AwaitsClueOfficer, NotAllowed
from casework.ledger import Verb, by_officer, record
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.models.people import Officer
from casework.types import CaseKind, Role
from casework.visibility import has_role, require_role, visible_cases
from triage.types import Urgency

CASE = "case"
LOOKS = (Verb.CONFIRMED, Verb.LEFT_OPEN, Verb.ISSUED, Verb.UNSEALED)
"""What shows that one has looked; before that only he can draft the referral that is issued."""


def awaits_clue_officer(session: Session, case: Case) -> bool:
    """Whether a case waits for its first look. Not one in which a life is in danger, for danger comes first; and not
    one that no clue officer may know of, for nobody would ever come.
    """
    if case.sealed or not case.discipline or case.kind is not CaseKind.ORDINARY or case.urgency is Urgency.CRITICAL:
        return False
    looked = select(LedgerEntry.id).where(
        LedgerEntry.case_id == case.id, LedgerEntry.verb.in_([verb.value for verb in LOOKS])
    )
    return session.scalar(looked.limit(1)) is None and _has_clue_officer(session, case)


def require_clue_look(session: Session, case: Case) -> None:
    """Raise AwaitsClueOfficer where an open discipline case has not been looked at."""
    if awaits_clue_officer(session, case):
        raise AwaitsClueOfficer(case.id)


def leave_to_desk(session: Session, case: Case, *, by: Officer, now: datetime) -> None:
    """A clue officer has looked: the desk may handle it as an open case; it stays marked, and he goes on seeing it.

    Raises NotAllowed for another role and where there is nothing to decide.
    """
    require_role(by, Role.CLUE_OFFICER, act="leave_to_desk")
    if case.sealed or not case.discipline:
        raise NotAllowed("leave_to_desk")
    record(
        session,
        actor=by_officer(by),
        verb=Verb.LEFT_OPEN,
        subject=CASE,
        subject_id=case.id,
        case_id=case.id,
        now=now,
    )


def _has_clue_officer(session: Session, case: Case) -> bool:
    staff = session.scalars(select(Officer).where(Officer.removed_at.is_(None)))
    return any(
        session.scalar(select(Case.id).where(Case.id == case.id, visible_cases(officer))) is not None
        for officer in staff
        if has_role(officer, Role.CLUE_OFFICER)
    )
