"""Several voices, one incident: suggestions for an officer, never a merge, and never between people who may not know.

Each reporter keeps a case of his own and is answered on his own; a link joins the cases only for those who see both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.cases import get_case_for, record_on_case
from casework.clock import local_date
from casework.duplicate_index import index_case, list_candidates
from casework.errors import NotFound
from casework.ledger import Verb, by_officer
from casework.models.cases import Case, CaseAssessment, DuplicateHint
from casework.models.people import Officer
from casework.secrets import ServerSecrets
from casework.store import Store
from casework.types import CaseKind, Role
from casework.verdicts import unpack_assessment
from casework.visibility import require_role, visible_cases
from casework.words import list_words
from triage.similarity import SAME_INCIDENT, Fingerprint, Match, fingerprint, score_pair

LOOK_BACK = timedelta(days=90)
KEPT = 5


@dataclass(frozen=True, slots=True)
class _Telling:
    """An open case and what it tells."""

    case: Case
    told: Fingerprint


def look_for_duplicates(store: Store, case_id: str, *, secrets: ServerSecrets, now: datetime) -> int:
    """The job after a case is opened: put it into the index, compare it with those of 90 days that share most with it,
    and keep the five most alike.

    It takes the store, because the comparing is done without a write lock. Sealed cases are neither looked for nor
    found. Doing it again adds nothing; returns how many hints are new.
    """
    with store.read() as session:
        telling = _read_telling(session, case_id)
    if telling is None:
        return 0
    with store.write() as session:
        index_case(session, telling.case, telling.told, secrets=secrets)
    with store.read() as session:
        found = find_alike(session, case_id, secrets=secrets, now=now)
    if not found:
        return 0
    with store.write() as session:
        return sum(_keep(session, case_id, other, match) for other, match in found)


def find_alike(session: Session, case_id: str, *, secrets: ServerSecrets, now: datetime) -> list[tuple[str, Match]]:
    """The open cases of 90 days that may tell of the same as this one, best first, at most five; nothing is written.

    For the job only, which asks on nobody's behalf; none for a sealed case.
    """
    one = _read_telling(session, case_id)
    if one is None:
        return []
    since = local_date(now) - LOOK_BACK
    candidates = list_candidates(session, one.case, one.told, secrets=secrets, since=since)
    prints = fingerprint_cases(session, candidates)
    scored = [(other, score_pair(one.told, theirs)) for other, theirs in prints.items()]
    alike = [(other, match) for other, match in scored if match.score >= SAME_INCIDENT]
    return sorted(alike, key=lambda found: -found[1].score)[:KEPT]


def list_duplicates_for(session: Session, officer: Officer, case: Case) -> list[tuple[DuplicateHint, Case]]:
    """The cases that may tell of the same, best first; only those that he may know of, and none that was ruled out."""
    other = or_(DuplicateHint.case_id == Case.id, DuplicateHint.other_case_id == Case.id)
    mine = or_(DuplicateHint.case_id == case.id, DuplicateHint.other_case_id == case.id)
    query = (
        select(DuplicateHint, Case)
        .join(Case, other)
        .where(mine, Case.id != case.id, DuplicateHint.accepted.is_not(False), visible_cases(officer))
        .order_by(DuplicateHint.score.desc())
    )
    return [(hint, found) for hint, found in session.execute(query)]


def decide_duplicate(session: Session, hint_id: str, *, same: bool, by: Officer, now: datetime) -> DuplicateHint:
    """An officer who sees both says whether they are one matter; saying the other later undoes it.

    Raises NotFound where he may not know of one of them.
    """
    require_role(by, Role.DISPATCHER, Role.SUPERVISOR, Role.HANDLER, Role.CLUE_OFFICER, act="decide_duplicate")
    hint = session.get(DuplicateHint, hint_id)
    if hint is None:
        raise NotFound("duplicate", hint_id)
    both = [get_case_for(session, by, case_id) for case_id in (hint.case_id, hint.other_case_id)]
    hint.accepted, hint.decided_by = same, by.id
    verb = Verb.LINKED if same else Verb.NOT_LINKED
    for case in both:
        record_on_case(session, case, verb, by=by_officer(by), now=now, details={"hint": hint.id})
    session.flush()
    return hint


def _read_telling(session: Session, case_id: str) -> _Telling | None:
    case = session.get(Case, case_id)
    if case is None or case.sealed or case.kind is CaseKind.SLIP:
        return None
    told = fingerprint_cases(session, [case.id]).get(case.id)
    return _Telling(case, told) if told is not None else None


def fingerprint_cases(session: Session, case_ids: Sequence[str]) -> dict[str, Fingerprint]:
    """What these open cases tell, ready to be compared; the caller has got them through the one door."""
    verdicts = {
        row.case_id: row.verdict
        for row in session.scalars(
            select(CaseAssessment).where(CaseAssessment.case_id.in_(case_ids)).order_by(CaseAssessment.revision)
        )
    }
    texts: dict[str, list[str]] = {}
    for words in list_words(session, case_ids):
        texts.setdefault(words.case_id, []).append(words.text)
    return {
        case_id: fingerprint("\n".join(said), unpack_assessment(verdicts[case_id]))
        for case_id, said in texts.items()
        if case_id in verdicts
    }


def _keep(session: Session, case_id: str, other_id: str, match: Match) -> int:
    """Keep one hint, unless it stands already in either direction or one of the two was sealed meanwhile."""
    pair = select(DuplicateHint.id).where(
        DuplicateHint.case_id.in_((case_id, other_id)), DuplicateHint.other_case_id.in_((case_id, other_id))
    )
    sealed = select(Case.id).where(Case.id.in_((case_id, other_id)), Case.sealed)
    if session.scalar(pair) is not None or session.scalar(sealed) is not None:
        return 0
    session.add(DuplicateHint(case_id=case_id, other_case_id=other_id, score=match.score, why=list(match.why)))
    session.flush()
    return 1
