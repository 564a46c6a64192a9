"""How often each phrase of the lexicon speaks, and whether it speaks more or less than it did: from stored evidence.

Only open cases that the officer may know of are counted; a case counts once however often a phrase stands in it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.models.cases import Case, CaseAssessment
from casework.models.people import Officer
from casework.visibility import visible_cases
from triage.evidence import LEARNED
from triage.text import normalise

LOOK_BACK = timedelta(days=90)
MONTH = timedelta(days=30)
MOST = 20_000
DANGER, PEOPLE = "danger", "people"
Phrase = tuple[str, str]
"""A topic and a phrase of it."""


@dataclass(frozen=True, slots=True)
class Rate:
    """In how many cases a phrase was evidence: in 90 days, in these 30 and in the 30 before."""

    cases: int = 0
    recent: int = 0
    before: int = 0


@dataclass(frozen=True)
class Figures:
    """The rates by topic and phrase, and how many cases there were in each of the three spans."""

    rates: Mapping[Phrase, Rate]
    all: Rate

    def of(self, topic: str, phrase: str) -> Rate:
        """The rate of one phrase, all zero where it never spoke."""
        return self.rates.get((topic, phrase), Rate())


def count_phrases_for(session: Session, officer: Officer, *, now: datetime) -> Figures:
    """Count the evidence of what triage said first of each open case of the last 90 days (the newest 20,000)."""
    today = local_date(now)
    query = (
        select(Case.opened_on, CaseAssessment.verdict)
        .join(CaseAssessment, CaseAssessment.case_id == Case.id)
        .where(visible_cases(officer), ~Case.sealed, CaseAssessment.revision == 1, Case.opened_on > today - LOOK_BACK)
        .order_by(Case.opened_on.desc())
        .limit(MOST)
    )
    spans: tuple[Counter[Phrase | None], ...] = (Counter(), Counter(), Counter())
    for opened_on, verdict in session.execute(query):
        said: set[Phrase | None] = {None, *_list_evidence(verdict)}
        for span in _spans_of(today, opened_on):
            spans[span].update(said)
    rates = {key: Rate(*(span[key] for span in spans)) for key in spans[0] if key is not None}
    return Figures(rates, Rate(*(span[None] for span in spans)))


def _spans_of(today: date, opened_on: date) -> tuple[int, ...]:
    age = today - opened_on
    return (0, 1) if age < MONTH else (0, 2) if age < 2 * MONTH else (0,)


def _list_evidence(verdict: Mapping[str, Any]) -> Iterator[Phrase]:
    for score in verdict["categories"]:
        yield from ((score["code"], _plain(each["phrase"])) for each in score["evidence"] if _is_ours(each))
    yield from ((DANGER, _plain(each["phrase"])) for each in verdict["urgency_evidence"] if _is_ours(each))
    yield from ((PEOPLE, _plain(each["phrase"])) for each in verdict["discipline_evidence"] if _is_ours(each))


def _is_ours(evidence: Mapping[str, Any]) -> bool:
    """Whether the lexicon found it, rather than the learned part alone."""
    return not evidence["excluded"] and evidence["why"] != LEARNED


@lru_cache(maxsize=4096)
def _plain(phrase: str) -> str:
    return normalise(phrase).text
