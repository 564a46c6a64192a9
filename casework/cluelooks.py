"""The clue officer's first look: an open case marked discipline goes nowhere before one has chosen what becomes of it.

He seals it, sends it on, confirms it as a clue, takes the mark off, or says that the desk may handle it as it is.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.errors import AwaitsClueOfficer, NotAllowed
from casework.ledger import Verb, by_officer, record
from casework.models.cases import Case, CaseAssessment
from casework.models.ledger import LedgerEntry
from casework.models.people import Officer
from casework.models.secrecy import CaseKey, Exclusion
from casework.queues import OVER
from casework.roster import build_roster
from casework.types import CaseKind, CaseStatus, ExclusionReason, Role
from casework.visibility import has_role, is_excluded, require_role, visible_cases
from triage.types import Urgency

CASE = "case"
LOOKS = (Verb.CONFIRMED, Verb.LEFT_OPEN, Verb.ISSUED, Verb.UNSEALED)
"""What shows that one has looked; before that only he can draft the referral that is issued."""


def awaits_clue_officer(session: Session, case: Case) -> bool:
    """Whether a case waits for its first look; not one that no clue officer may know of, for nobody would ever come.

    An exclusion by hand, or one by a doubt, does not count for that: the case goes on waiting, and another clue officer
    is appointed.
    """
    if case.sealed or not case.discipline or case.kind is not CaseKind.ORDINARY:
        return False
    return not has_been_looked_at(session, case) and _has_clue_officer(session, case)


def has_been_looked_at(session: Session, case: Case) -> bool:
    """Whether a clue officer has decided about an open case."""
    looked = select(LedgerEntry.id).where(
        LedgerEntry.case_id == case.id, LedgerEntry.verb.in_([verb.value for verb in LOOKS])
    )
    return session.scalar(looked.limit(1)) is not None


def awaits_before_assigning(session: Session, case: Case) -> bool:
    """The same of sending it to a body, for which a case does not wait where the machine saw a life in danger.

    An officer's word alone does not lift the wait: who may not send a case would else only have to call it critical.
    """
    return not _is_danger(session, case) and awaits_clue_officer(session, case)


def require_clue_look(session: Session, case: Case) -> None:
    """Raise AwaitsClueOfficer where an open discipline case has not been looked at."""
    if awaits_clue_officer(session, case):
        raise AwaitsClueOfficer(case.id)


def require_look_to_assign(session: Session, case: Case) -> None:
    """Raise AwaitsClueOfficer where it may not be sent to a body yet."""
    if awaits_before_assigning(session, case):
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


def _is_danger(session: Session, case: Case) -> bool:
    if case.urgency is not Urgency.CRITICAL:
        return False
    by_machine = select(CaseAssessment.verdict).where(
        CaseAssessment.case_id == case.id, CaseAssessment.officer_id.is_(None)
    )
    return any(verdict["urgency"] == Urgency.CRITICAL.value for verdict in session.scalars(by_machine))


def count_unseen(session: Session) -> int:
    """How many cases nobody can look at: sealed ones that no officer in service has a key of, open clues that wait for
    their first look and keep every clue officer out. A bare number, for leaders, of everything that is not over.
    """
    holds = select(CaseKey.id).join(Officer, Officer.id == CaseKey.officer_id)
    held = holds.where(CaseKey.case_id == Case.id, Officer.removed_at.is_(None)).exists()
    sealed = select(func.count()).select_from(Case).where(Case.sealed, Case.status.not_in(OVER), ~held)
    number = session.scalar(sealed) or 0
    looked = select(LedgerEntry.id).where(
        LedgerEntry.case_id == Case.id, LedgerEntry.verb.in_([verb.value for verb in LOOKS])
    )
    waits = select(Case.id).where(
        ~Case.sealed,
        Case.discipline.is_(True),
        Case.kind == CaseKind.ORDINARY,
        Case.status == CaseStatus.RECEIVED,
        ~looked.exists(),
    )
    out = [set(session.scalars(waits.where(is_excluded(officer)))) for officer in _list_clue_officers(session)]
    return number + (len(set.intersection(*out)) if out else 0)


def _list_clue_officers(session: Session) -> list[Officer]:
    staff = session.scalars(select(Officer).where(Officer.removed_at.is_(None))).all()
    return [officer for officer in staff if has_role(officer, Role.CLUE_OFFICER)]


def _has_clue_officer(session: Session, case: Case) -> bool:
    """Whether one may know of it, or would but for a doubt or for what people decided by hand: whoever keeps the clue
    officers out by his own word, or by one that sounds like a name, does not make the case his.
    """
    officers = _list_clue_officers(session)
    seen = any(
        session.scalar(select(Case.id).where(Case.id == case.id, visible_cases(officer))) is not None
        for officer in officers
    )
    return seen or _is_kept_in_doubt(session, case, {officer.id for officer in officers})


def _is_kept_in_doubt(session: Session, case: Case, officer_ids: Collection[str]) -> bool:
    """Whether nothing but a decision by hand, or an uncertain hit, keeps one of them out."""
    standing = select(Exclusion).where(Exclusion.case_id == case.id, Exclusion.cleared_at.is_(None))
    rows = session.scalars(standing).all()
    found = [row for row in rows if row.certain and row.reason is not ExclusionReason.BY_HAND]
    if len(found) == len(rows):
        return False
    roster = build_roster(session)
    return any(
        not any(row.officer_id == each.id or row.body_code in roster.bodies_of(each, row.since) for row in found)
        for each in roster.officers
        if each.id in officer_ids
    )
