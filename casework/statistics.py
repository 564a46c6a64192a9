"""Counts over the cases that an officer may know of; sealed cases are absent and the page that shows them says so.

Every number is a fraction with its parts, so that a month-end figure can be derived again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from casework.deadlines import is_past
from casework.models.cases import Case, Deadline
from casework.models.people import Officer
from casework.queues import OVER
from casework.types import CaseKind
from casework.visibility import visible_cases


class Grouping(StrEnum):
    """By what cases are counted."""

    CATEGORY = "category"
    URGENCY = "urgency"
    STATUS = "status"
    BODY = "body"
    TOWN = "town"
    INSTITUTION = "institution"


COLUMNS: Mapping[Grouping, InstrumentedAttribute[str | None]] = {
    Grouping.CATEGORY: Case.category,
    Grouping.URGENCY: Case.urgency,
    Grouping.STATUS: Case.status,
    Grouping.BODY: Case.body_code,
    Grouping.TOWN: Case.town_code,
    Grouping.INSTITUTION: Case.institution_code,
}


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
    session: Session, officer: Officer, by: Grouping, *, since: date, until: date
) -> Mapping[str | None, int]:
    """Open-kept cases opened from `since` to `until` (both counted), by one column; slips are not reports."""
    column = COLUMNS[by]
    rows = session.execute(
        select(column, func.count())
        .where(_counted(officer, since, until))
        .group_by(column)
        .order_by(func.count().desc())
    )
    return {None if key is None else str(key): count for key, count in rows}


def count_closed_in_time(session: Session, officer: Officer, *, since: date, until: date) -> Share:
    """Of the cases opened then and over now, how many kept every one of their clocks."""
    over = and_(_counted(officer, since, until), Case.status.in_(OVER))
    whole = session.scalar(select(func.count()).select_from(Case).where(over)) or 0
    met = session.scalars(
        select(Deadline).join(Case, Case.id == Deadline.case_id).where(over, Deadline.met_at.is_not(None))
    )
    late = {clock.case_id for clock in met if clock.met_at is not None and is_past(clock, clock.met_at)}
    return Share(whole - len(late), whole)


def _counted(officer: Officer, since: date, until: date) -> ColumnElement[bool]:
    return and_(
        visible_cases(officer), ~Case.sealed, Case.kind == CaseKind.ORDINARY, Case.opened_on.between(since, until)
    )
