"""Keeping people out of an open case (回避): the rows that the conflict test makes, and the people who change them.

Rows are only ever added by the machine; an uncertain one is taken back by a clue officer, never silently.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from casework.cases import get_assessment, get_case_for
from casework.conflicts import Conflict, find_conflicts, read_mentions
from casework.errors import NotAllowed, NotFound
from casework.ledger import SYSTEM, Actor, Verb, by_officer, record
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.models.people import Officer
from casework.models.secrecy import Exclusion
from casework.queues import OVER
from casework.roster import Roster, build_roster
from casework.types import ExclusionReason, Role
from casework.visibility import require_role
from casework.words import list_words

SUBJECT = "exclusion"
KEPT_OUT = select(Exclusion.officer_id, Exclusion.body_code).where(Exclusion.case_id == bindparam("case_id"))


def keep_out(session: Session, case: Case, conflicts: Iterable[Conflict], *, by: Actor, now: datetime) -> int:
    """Add an exclusion for each hit that has none yet, cleared or not; returns how many were new."""
    known = {(officer_id, body_code) for officer_id, body_code in session.execute(KEPT_OUT, {"case_id": case.id})}
    new = _keep_out(session, case, conflicts, known, by=by, now=now)
    session.flush()
    return new


def keep_out_of_new(session: Session, case: Case, conflicts: Iterable[Conflict], *, by: Actor, now: datetime) -> int:
    """The same for a case that was opened in this very transaction and has no exclusion yet; nothing is read."""
    return _keep_out(session, case, conflicts, set(), by=by, now=now)


def _keep_out(
    session: Session,
    case: Case,
    conflicts: Iterable[Conflict],
    known: set[tuple[str | None, str | None]],
    *,
    by: Actor,
    now: datetime,
) -> int:
    new = 0
    for hit in conflicts:
        holder = (hit.officer_id, hit.body_code)
        if holder not in known and holder != (None, None):
            known.add(holder)
            _exclude(session, case, *holder, reason=hit.reason, certain=hit.certain, by=by, now=now)
            new += 1
    return new


def screen_case(session: Session, case: Case, *, roster: Roster | None = None, now: datetime) -> int:
    """Run the conflict test again over an open case, after a change of its text, its assessment or the staff.

    Returns how many exclusions are new. A sealed case is screened over its opened record, in a clue officer's sign-in.
    """
    if case.sealed:
        return 0
    assessment = get_assessment(session, case)
    text = "\n".join(words.text for words in list_words(session, [case.id]))
    conflicts = find_conflicts(read_mentions(assessment, text), roster or build_roster(session))
    return keep_out(session, case, conflicts, by=SYSTEM, now=now)


def screen_open_cases(session: Session, *, now: datetime) -> int:
    """Screen every open case that is not over: after a new officer, alias, post, tie or body."""
    roster = build_roster(session)
    cases = session.scalars(select(Case).where(~Case.sealed, Case.status.not_in(OVER)))
    return sum(screen_case(session, case, roster=roster, now=now) for case in cases.all() if case.category)


def exclude_by_hand(
    session: Session,
    case: Case,
    *,
    officer_id: str | None = None,
    body_code: str | None = None,
    by: Officer,
    now: datetime,
) -> None:
    """Keep an officer or a body out because a person says so (公务员法 art. 77); certain, and never cleared here."""
    require_role(by, Role.DISPATCHER, Role.SUPERVISOR, Role.CLUE_OFFICER, act="exclude")
    _exclude(
        session,
        case,
        officer_id,
        body_code,
        reason=ExclusionReason.BY_HAND,
        certain=True,
        by=by_officer(by),
        now=now,
    )
    session.flush()


def clear_exclusion(session: Session, exclusion_id: str, *, by: Officer, now: datetime) -> Exclusion:
    """Take an uncertain exclusion back: a clue officer's act, on a case that he sees himself.

    Raises NotAllowed for another role or a certain one, NotFound for a case he may not know of.
    """
    require_role(by, Role.CLUE_OFFICER, act="clear_exclusion")
    row = session.get(Exclusion, exclusion_id)
    if row is None:
        raise NotFound(SUBJECT, exclusion_id)
    get_case_for(session, by, row.case_id)
    if row.certain:
        raise NotAllowed("clear_exclusion")
    row.cleared_by, row.cleared_at = by.id, now
    _record(session, row, Verb.CLEARED, by=by_officer(by), now=now)
    session.flush()
    return row


def list_exclusions(session: Session, officer: Officer, case_id: str) -> list[Exclusion]:
    """Who is kept out of a case, for those who may see it themselves and decide about it."""
    require_role(officer, Role.DISPATCHER, Role.SUPERVISOR, Role.CLUE_OFFICER, act="list_exclusions")
    get_case_for(session, officer, case_id)
    return list(session.scalars(select(Exclusion).where(Exclusion.case_id == case_id).order_by(Exclusion.made_at)))


def _exclude(
    session: Session,
    case: Case,
    officer_id: str | None,
    body_code: str | None,
    *,
    reason: ExclusionReason,
    certain: bool,
    by: Actor,
    now: datetime,
) -> None:
    row = Exclusion(
        id=new_id(),
        case_id=case.id,
        officer_id=officer_id,
        body_code=body_code,
        reason=reason,
        certain=certain,
        made_at=now,
    )
    session.add(row)
    _record(session, row, Verb.EXCLUDED, by=by, now=now)


def _record(session: Session, row: Exclusion, verb: Verb, *, by: Actor, now: datetime) -> None:
    record(
        session,
        actor=by,
        verb=verb,
        subject=SUBJECT,
        subject_id=row.id,
        case_id=row.case_id,
        now=now,
    )
