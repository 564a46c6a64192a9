"""What the rules of time ask about a case, read back from its rows.

A rule that starts in the middle of a case's life (at its dispatch, at its referral) asks the same things as one at its
beginning.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from casework.cases import get_assessment
from casework.deadlines import run_clocks
from casework.errors import NotFound
from casework.limits import CaseEvent, ClockFacts
from casework.models.cases import Case, Deadline
from casework.models.people import Body
from casework.office import Office
from casework.verdicts import list_phrases
from casework.words import list_words


def read_facts(session: Session, case: Case) -> ClockFacts:
    """The facts of a case as it stands; of a sealed one only that it is sealed."""
    if case.sealed:
        return ClockFacts(sealed=True, discipline=True)
    words = list_words(session, [case.id])
    body = session.get(Body, case.body_code) if case.body_code else None
    try:
        assessment = get_assessment(session, case)
    except NotFound:  # an emergency slip has none
        return ClockFacts(urgency=case.urgency, body_kind=body.kind if body else None)
    return ClockFacts(
        urgency=case.urgency,
        categories=frozenset({case.category or "", *(score.code for score in assessment.categories)}),
        body_kind=body.kind if body else None,
        channel=words[0].channel if words else None,
        named=any(report.named for report in words),
        discipline=bool(case.discipline),
        phrases=list_phrases(assessment),
    )


def note_event(session: Session, case: Case, event: CaseEvent, *, office: Office, now: datetime) -> list[Deadline]:
    """Let an event of the case move its clocks, with the facts as they stand; returns the clocks it started."""
    return run_clocks(session, case, event, read_facts(session, case), office=office, now=now)
