"""Counts over the cases that an officer may know of; sealed cases are absent and the page that shows them says so.

Every count has the one condition in its query, so whoever is kept out of a case counts without it and can't notice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from casework.deadlines import is_past
from casework.models.cases import Case, Deadline, Disposition
from casework.models.people import Officer
from casework.queues import OVER, Queue, in_queue
from casework.types import CaseKind
from casework.visibility import visible_cases
from casework.words import REPORT

MOST_LISTED = 200


class Grouping(StrEnum):
    """By what cases are counted."""

    CATEGORY = "category"
    CHANNEL = "channel"
    BODY = "body"
    MONTH = "month"
    URGENCY = "urgency"
    STATUS = "status"
    TOWN = "town"
    INSTITUTION = "institution"
    FINDING = "finding"
    OUTCOME = "outcome"
    PACE = "pace"


class Pace(StrEnum):
    """Whether the clocks of a case were kept: of one that is over, and of one that still runs."""

    CLOSED_IN_TIME = "closed_in_time"
    CLOSED_LATE = "closed_late"
    RUNNING = "running"
    RUNNING_LATE = "running_late"


COLUMNS: Mapping[Grouping, InstrumentedAttribute[str | None]] = {
    Grouping.CATEGORY: Case.category,
    Grouping.URGENCY: Case.urgency,
    Grouping.STATUS: Case.status,
    Grouping.BODY: Case.body_code,
    Grouping.TOWN: Case.town_code,
    Grouping.INSTITUTION: Case.institution_code,
}
"""The groupings that are a column of the case itself."""


@dataclass(frozen=True)
class Share:
    """A rate with its parts; None of a rate where there is nothing to divide by."""

    part: int
    whole: int

    @property
    def rate(self) -> float | None:
        """The quotient."""
        return self.part / self.whole if self.whole else None


def count_cases_by(
    session: Session, officer: Officer, by: Grouping, *, since: date, until: date, now: datetime | None = None
) -> Mapping[str | None, int]:
    """Open-kept cases opened from `since` to `until` (both counted), the largest group first; slips are not reports.

    A case with several outcomes counts once with each. `now` is needed for the pace alone.
    """
    column = COLUMNS.get(by)
    if column is not None:
        rows = session.execute(select(column, func.count()).where(_counted(officer, since, until)).group_by(column))
        counts = {None if key is None else str(key): count for key, count in rows}
    else:
        groups = group_cases(session, officer, by, since=since, until=until, now=now)
        counts = dict(Counter(key for keys in groups.values() for key in keys))
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0] or "")))


def group_cases(
    session: Session, officer: Officer, by: Grouping, *, since: date, until: date, now: datetime | None = None
) -> Mapping[str, tuple[str | None, ...]]:
    """Each counted case by its id, with the groups that it belongs to."""
    if by is Grouping.OUTCOME:
        return _group_by_outcome(session, officer, since, until)
    if by is Grouping.PACE:
        return _group_by_pace(session, officer, since, until, now)
    derived = {Grouping.CHANNEL: _first_channel(), Grouping.FINDING: _last_finding(), Grouping.MONTH: Case.opened_on}
    column: Any = COLUMNS[by] if by in COLUMNS else derived[by]
    rows = session.execute(select(Case.id, column).where(_counted(officer, since, until)))
    return {ident: (None if key is None else _write_key(key),) for ident, key in rows}


def list_counted_for(
    session: Session,
    officer: Officer,
    by: Grouping,
    key: str | None,
    *,
    since: date,
    until: date,
    now: datetime | None = None,
) -> Sequence[Case]:
    """The cases behind one number, the newest first, at most 200: exactly those that were counted for this officer."""
    groups = group_cases(session, officer, by, since=since, until=until, now=now)
    query = select(Case.id).where(_counted(officer, since, until)).order_by(Case.opened_on.desc(), Case.number.desc())
    wanted = [ident for ident in session.scalars(query) if key in groups.get(ident, ())][:MOST_LISTED]
    found = {case.id: case for case in session.scalars(select(Case).where(visible_cases(officer), Case.id.in_(wanted)))}
    return [found[ident] for ident in wanted]


def count_closed_in_time(session: Session, officer: Officer, *, since: date, until: date) -> Share:
    """Of the cases opened then and over now, how many kept every one of their clocks."""
    counts = count_cases_by(session, officer, Grouping.PACE, since=since, until=until)
    kept = counts.get(Pace.CLOSED_IN_TIME, 0)
    return Share(kept, kept + counts.get(Pace.CLOSED_LATE, 0))


def _counted(officer: Officer, since: date, until: date) -> ColumnElement[bool]:
    return and_(
        visible_cases(officer), ~Case.sealed, Case.kind == CaseKind.ORDINARY, Case.opened_on.between(since, until)
    )


def _write_key(key: Any) -> str:
    return f"{key:%Y-%m}" if isinstance(key, date) else str(key)


def _first_channel() -> ScalarSelect[Any]:
    """By which way the first report of the case came."""
    query = select(REPORT.c.channel).where(REPORT.c.case_id == Case.id).order_by(REPORT.c.received_on, REPORT.c.id)
    return query.limit(1).correlate(Case).scalar_subquery()


def _last_finding() -> ScalarSelect[Any]:
    """What was found last; a case that nobody has answered yet has none."""
    query = select(Disposition.finding).where(Disposition.case_id == Case.id).order_by(Disposition.made_at.desc())
    return query.limit(1).correlate(Case).scalar_subquery()


def _group_by_outcome(
    session: Session, officer: Officer, since: date, until: date
) -> Mapping[str, tuple[str | None, ...]]:
    query = (
        select(Disposition.case_id, Disposition.outcomes)
        .join(Case, Case.id == Disposition.case_id)
        .where(_counted(officer, since, until))
        .order_by(Disposition.made_at)
    )
    return {ident: tuple(outcomes) for ident, outcomes in session.execute(query) if outcomes}


def _group_by_pace(
    session: Session, officer: Officer, since: date, until: date, now: datetime | None
) -> Mapping[str, tuple[str | None, ...]]:
    counted = _counted(officer, since, until)
    statuses = {ident: status for ident, status in session.execute(select(Case.id, Case.status).where(counted))}  # noqa: C416 - rows, not pairs
    met = session.scalars(
        select(Deadline).join(Case, Case.id == Deadline.case_id).where(counted, Deadline.met_at.is_not(None))
    )
    late = {clock.case_id for clock in met if clock.met_at is not None and is_past(clock, clock.met_at)}
    running_late: set[str] = set()
    if now is not None:
        overdue = in_queue(Queue.OVERDUE, now=now)
        running_late = set(session.scalars(select(Case.id).where(counted, overdue)))
    found: dict[str, tuple[str | None, ...]] = {}
    for ident, status in statuses.items():
        if status in OVER:
            found[ident] = (Pace.CLOSED_LATE if ident in late else Pace.CLOSED_IN_TIME,)
        else:
            found[ident] = (Pace.RUNNING_LATE if ident in running_late else Pace.RUNNING,)
    return found
