"""How often each phrase of the lexicon speaks, and whether it speaks more or less than it did: from stored evidence.

Only open cases that the officer may know of are counted, a case once however often a phrase stands in it; a job does
it when he asks and keeps the result, since reading ten thousands of verdicts is no work for a page.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.jobs import JobName, enqueue
from casework.lexicons import PROPOSERS
from casework.models.cases import Case, CaseAssessment
from casework.models.lexicon import CountStatus, LexiconCount
from casework.models.people import Officer
from casework.store import Store
from casework.visibility import require_role, visible_cases
from triage.evidence import LEARNED
from triage.text import normalise

LOOK_BACK = timedelta(days=90)
MONTH = timedelta(days=30)
BATCH = 500
DANGER, PEOPLE = "danger", "people"
Phrase = tuple[str, str]
"""A topic and a phrase of it."""
Told = tuple[str, date, Mapping[str, Any]]
"""A case, the day it was opened, and what triage said first of it."""


@dataclass(frozen=True, slots=True)
class Rate:
    """In how many cases a phrase was evidence: in 90 days, in these 30 and in the 30 before."""

    cases: int = 0
    recent: int = 0
    before: int = 0

    def __add__(self, other: "Rate") -> "Rate":
        return Rate(self.cases + other.cases, self.recent + other.recent, self.before + other.before)

    def as_list(self) -> list[int]:
        """The three numbers."""
        return [self.cases, self.recent, self.before]


@dataclass(frozen=True)
class Figures:
    """The rates by topic and phrase, and how many cases there were in each of the three spans."""

    rates: Mapping[Phrase, Rate]
    all: Rate

    def of(self, topic: str, phrase: str) -> Rate:
        """The rate of one phrase, all zero where it never spoke."""
        return self.rates.get((topic, phrase), Rate())


def get_count(session: Session, officer: Officer) -> LexiconCount | None:
    """This officer's count, under way or done; None where he never asked for one."""
    return session.get(LexiconCount, officer.id)


def read_figures(count: LexiconCount | None) -> Figures:
    """The last whole count; all zero where there is none."""
    return _unpack(count.figures) if count else Figures({}, Rate())


def start_count(session: Session, *, by: Officer, now: datetime) -> LexiconCount:
    """Count anew in the background; one that is under way goes on. What was counted before is shown until then.

    Nothing is decided or shown that its reader may not see anyway, so the ledger says nothing of it. Raises NotAllowed.
    """
    require_role(by, *PROPOSERS, act="read_lexicon")
    count = get_count(session, by)
    if count is None:
        count = LexiconCount(officer_id=by.id, figures=_pack({}, Rate()), counted_at=None)
        session.add(count)
    elif count.status is CountStatus.COUNTING:
        return count
    count.status, count.day, count.partial = CountStatus.COUNTING, local_date(now), _pack({}, Rate())
    count.done, count.cursor = 0, ""
    count.total = (
        session.scalar(select(func.count()).select_from(Case).where(visible_cases(by), *_are_counted(count.day))) or 0
    )
    session.flush()
    enqueue(session, JobName.COUNT_LEXICON, by.id)
    return count


def stop_count(session: Session, *, by: Officer) -> None:
    """Give up the count that is under way; the one before stays. Raises NotAllowed."""
    require_role(by, *PROPOSERS, act="read_lexicon")
    count = get_count(session, by)
    if count is not None and count.status is CountStatus.COUNTING:
        count.status, count.partial = CountStatus.STOPPED, _pack({}, Rate())
        session.flush()


def count_phrases(
    store: Store, officer_id: str, *, known: Collection[Phrase], now: datetime, batch: int = BATCH
) -> None:
    """The job: count the evidence of what triage said first of each open case of the last 90 days.

    One `batch` of cases a unit of work; begun again, it goes on where it stopped. Only `known` phrases are kept:
    evidence also shows posts and surnames, which have no place in a table of figures.
    """
    while True:
        with store.read() as session:
            count = session.get(LexiconCount, officer_id)
            if count is None or count.status is not CountStatus.COUNTING:
                return
            cursor = count.cursor
            rows = _list_verdicts(session, session.get_one(Officer, officer_id), count, batch)
        found = _count(rows, count.day, known)
        with store.write() as session:
            _keep(session, officer_id, cursor, rows, found, now)


def _list_verdicts(session: Session, officer: Officer, count: LexiconCount, most: int) -> Sequence[Told]:
    query = (
        select(Case.id, Case.opened_on, CaseAssessment.verdict)
        .join(CaseAssessment, CaseAssessment.case_id == Case.id)
        .where(visible_cases(officer), *_are_counted(count.day), CaseAssessment.revision == 1, Case.id > count.cursor)
        .order_by(Case.id)
        .limit(most)
    )
    return [(case_id, opened_on, verdict) for case_id, opened_on, verdict in session.execute(query)]


def _are_counted(day: date) -> tuple[ColumnElement[bool], ...]:
    return ~Case.sealed, Case.opened_on > day - LOOK_BACK


def _count(rows: Sequence[Told], today: date, known: Collection[Phrase]) -> Figures:
    spans: tuple[Counter[Phrase | None], ...] = (Counter(), Counter(), Counter())
    for _, opened_on, verdict in rows:
        said: set[Phrase | None] = {None, *(phrase for phrase in _list_evidence(verdict) if phrase in known)}
        for span in _spans_of(today, opened_on):
            spans[span].update(said)
    rates = {key: Rate(*(span[key] for span in spans)) for key in spans[0] if key is not None}
    return Figures(rates, Rate(*(span[None] for span in spans)))


def _keep(session: Session, officer_id: str, cursor: str, rows: Sequence[Told], found: Figures, now: datetime) -> None:
    """Add a batch, unless the same was added already, or the count stopped or begun anew meanwhile."""
    count = session.get(LexiconCount, officer_id, with_for_update=True)
    if count is None or count.status is not CountStatus.COUNTING or count.cursor != cursor:
        return
    before = _unpack(count.partial)
    rates = {key: before.of(*key) + found.of(*key) for key in {*before.rates, *found.rates}}
    count.partial = _pack(rates, before.all + found.all)
    count.done += len(rows)
    if rows:
        count.cursor = rows[-1][0]
    else:
        count.status, count.figures, count.counted_at = CountStatus.COUNTED, count.partial, now
        count.total, count.partial = count.done, _pack({}, Rate())
    session.flush()


def _pack(rates: Mapping[Phrase, Rate], everything: Rate) -> dict[str, Any]:
    return {"all": everything.as_list(), "phrases": [[*key, *rate.as_list()] for key, rate in sorted(rates.items())]}


def _unpack(stored: Mapping[str, Any]) -> Figures:
    rates = {(topic, phrase): Rate(*numbers) for topic, phrase, *numbers in stored["phrases"]}
    return Figures(rates, Rate(*stored["all"]))


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
