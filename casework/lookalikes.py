"""Cases like one that is just being told, for the officer who listens: only those that he may know of.

Nothing is stored; the lasting hints are made by the job once the case is open.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.duplicates import fingerprint_cases
from casework.models.cases import Case
from casework.models.people import Officer
from casework.types import CaseKind
from casework.visibility import visible_cases
from triage.similarity import SAME_INCIDENT, Match, fingerprint, score_pair
from triage.types import Assessment

LOOK_BACK = timedelta(days=90)
CANDIDATES = 60
SHOWN = 3


@dataclass(frozen=True, slots=True)
class LikeCase:
    """An open case that may tell of the same, and why."""

    case: Case
    match: Match


def list_like_cases_for(
    session: Session, officer: Officer, text: str, assessment: Assessment, *, now: datetime
) -> list[LikeCase]:
    """The open cases of 90 days most like this text, best first; sealed ones never, whoever asks.

    Fewer are compared than by the job, because somebody is typing.
    """
    prints = fingerprint_cases(session, _list_candidates(session, officer, assessment, now))
    own = fingerprint(text, assessment)
    scored = [(case_id, score_pair(own, theirs)) for case_id, theirs in prints.items()]
    best = sorted((pair for pair in scored if pair[1].score >= SAME_INCIDENT), key=lambda pair: -pair[1].score)[:SHOWN]
    query = select(Case).where(visible_cases(officer), Case.id.in_([case_id for case_id, _ in best]))
    found = {case.id: case for case in session.scalars(query)}
    return [LikeCase(found[case_id], match) for case_id, match in best]


def _list_candidates(session: Session, officer: Officer, said: Assessment, now: datetime) -> list[str]:
    shared = [Case.category == said.category]
    if said.institution is not None and said.institution.code is not None:
        shared.append(Case.institution_code == said.institution.code)
    if said.place is not None and said.place.code is not None:
        shared.append(Case.town_code == said.place.code)
    query = select(Case.id).where(
        visible_cases(officer),
        ~Case.sealed,
        Case.kind == CaseKind.ORDINARY,
        Case.opened_on >= local_date(now) - LOOK_BACK,
        or_(*shared),
    )
    return list(session.scalars(query.order_by(Case.opened_on.desc(), Case.number.desc()).limit(CANDIDATES)))
