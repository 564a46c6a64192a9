"""Keeping people out of an open case (回避): the rows that the conflict test makes, and the people who change them.

The machine only ever adds rows; an uncertain one is taken back by a clue officer, one made by hand by another than its
maker, neither silently.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.assignments import check_receiver, end_assignment
from casework.cases import advance_case, get_assessment, get_case_for
from casework.conflicts import find_conflicts, read_mentions
from casework.deadlines import resume_clocks
from casework.errors import ConflictOfInterest, InvalidField, NotAllowed, NotFound
from casework.facts import note_event
from casework.keepingout import SUBJECT, exclude, keep_out, record_exclusion
from casework.ledger import SYSTEM, Actor, Verb, by_officer
from casework.limits import CaseEvent
from casework.models.cases import Case
from casework.models.people import Officer
from casework.models.secrecy import Exclusion
from casework.office import Office
from casework.queues import OVER
from casework.roster import Roster, build_roster
from casework.types import CaseStatus, ExclusionReason, Role
from casework.visibility import has_role, require_role, visible_cases
from casework.words import list_words

KEEPERS = (Role.DISPATCHER, Role.SUPERVISOR, Role.CLUE_OFFICER)
WITH_A_BODY = frozenset({CaseStatus.DISPATCHED, CaseStatus.WORKING, CaseStatus.WAITING})


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
    why: str = "",
    by: Officer,
    office: Office | None = None,
    now: datetime,
) -> None:
    """Keep an officer or a body out because a person says so (公务员法 art. 77); himself too.

    `why` is read by clue officers alone. Where the case lies with the very ones who are kept out and `office` is given,
    it goes back to the dispatcher. No one person keeps a clue officer out: that is asked for in a sealed case
    (`consents.ask_keeping_out`). Raises InvalidField ("holder") for one who is kept out already, for another clue
    officer (`seal_first`), and where nobody would be left to look after the case, or no clue officer after a clue.
    """
    require_role(by, Role.DISPATCHER, Role.SUPERVISOR, Role.CLUE_OFFICER, act="exclude")
    holder = (officer_id, body_code)
    if holder in {(row.officer_id, row.body_code) for row in _list_standing(session, case.id)}:
        raise InvalidField("holder", "kept_out_already")
    if set(_list_hit_clue_officers(session, officer_id, body_code)) - {by.id}:
        raise InvalidField("holder", "seal_first")
    row = exclude(session, case, *holder, reason=ExclusionReason.BY_HAND, certain=True, by=by_officer(by), now=now)
    row.made_by, row.why = by.id, why.strip()
    session.flush()
    if case.discipline and has_role(by, Role.CLUE_OFFICER) and not _has_keeper(session, case, Role.CLUE_OFFICER):
        raise InvalidField("holder", "last_clue_officer")
    if office is not None:
        if not _has_keeper(session, case):
            raise InvalidField("holder", "nobody_left")
        _take_back(session, case, by=by_officer(by), office=office, now=now)


def clear_exclusion(session: Session, exclusion_id: str, *, by: Officer, now: datetime) -> Exclusion:
    """Take back an uncertain exclusion, or one that another made by hand: a clue officer's act, on a case he sees.

    Raises NotAllowed for another role, a certain hit or his own, NotFound for a case he may not know of.
    """
    require_role(by, Role.CLUE_OFFICER, act="clear_exclusion")
    row = session.get(Exclusion, exclusion_id)
    if row is None:
        raise NotFound(SUBJECT, exclusion_id)
    get_case_for(session, by, row.case_id)
    if not may_clear(row.reason, certain=row.certain, made_by=row.made_by, by=by):
        raise NotAllowed("clear_exclusion")
    row.cleared_by, row.cleared_at = by.id, now
    record_exclusion(session, row, Verb.CLEARED, by=by_officer(by), now=now)
    session.flush()
    return row


def may_clear(reason: ExclusionReason, *, certain: bool, made_by: str | None, by: Officer) -> bool:
    """Whether a clue officer may take an exclusion back: an uncertain one, or what another decided by hand (pure)."""
    if reason is ExclusionReason.BY_HAND:
        return made_by is not None and made_by != by.id
    return not certain


def list_exclusions(session: Session, officer: Officer, case_id: str) -> list[Exclusion]:
    """Who is kept out of a case, for those who may see it themselves and decide about it."""
    require_role(officer, Role.DISPATCHER, Role.SUPERVISOR, Role.CLUE_OFFICER, act="list_exclusions")
    get_case_for(session, officer, case_id)
    return list(session.scalars(select(Exclusion).where(Exclusion.case_id == case_id).order_by(Exclusion.made_at)))


def _list_standing(session: Session, case_id: str) -> Sequence[Exclusion]:
    query = select(Exclusion).where(Exclusion.case_id == case_id, Exclusion.cleared_at.is_(None))
    return session.scalars(query).all()


def _list_hit_clue_officers(session: Session, officer_id: str | None, body_code: str | None) -> list[str]:
    """The ids of the clue officers whom an exclusion of this officer or body would keep out."""
    roster = build_roster(session)
    return [
        each.id
        for each in roster.officers
        if Role.CLUE_OFFICER in each.roles and (each.id == officer_id or body_code in roster.bodies_of(each, None))
    ]


def _has_keeper(session: Session, case: Case, *roles: Role) -> bool:
    """Whether anybody is left who dispatches, supervises, or looks after it as a clue; or one of these roles."""
    for officer in session.scalars(select(Officer).where(Officer.removed_at.is_(None))):
        if has_role(officer, *(roles or KEEPERS)) and session.scalar(
            select(Case.id).where(Case.id == case.id, visible_cases(officer))
        ):
            return True
    return False


def _take_back(session: Session, case: Case, *, by: Actor, office: Office, now: datetime) -> None:
    """Whoever is kept out may not go on handling: the case returns to the dispatcher, who sends it elsewhere."""
    if case.status not in WITH_A_BODY:
        return
    try:
        check_receiver(session, case, body_code=case.body_code, officer_id=case.officer_id)
    except ConflictOfInterest:
        end_assignment(session, case, now=now)
        note_event(session, case, CaseEvent.RETURNED, office=office, now=now)
        case.body_code = case.officer_id = None
        if case.status is CaseStatus.WAITING:
            advance_case(session, case, CaseStatus.WORKING, by=by, now=now, verb=Verb.RESUMED)
            resume_clocks(session, case, office=office, by=by, now=now)
        advance_case(session, case, CaseStatus.RETURNED, by=by, now=now, verb=Verb.RETURNED)
