"""How long things may take: the rules as data, and the pure counting of a limit's last day.

The office edits `data/deadlines.toml`; what stands here is only how a limit is counted and when a rule applies.
"""

import calendar as gregorian
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from casework.clock import local_date
from casework.errors import DataError
from casework.types import BodyKind, Channel, DeadlineUnit
from casework.workdays import ONE_DAY, WorkCalendar
from triage.types import Urgency

DATA_FILE = Path(__file__).parent / "data" / "deadlines.toml"
MONTHS = 12


class CaseEvent(StrEnum):
    """What happens to a case and may start or meet a clock."""

    RECEIVED = "received"
    FIRST_ACTION = "first_action"
    CONFIRMED = "confirmed"
    DISPATCHED = "dispatched"
    SIGNED = "signed"
    RETURNED = "returned"
    CONTACTED = "contacted"
    REFERRED = "referred"
    ACKNOWLEDGED = "acknowledged"
    SENT_BACK = "sent_back"
    RESULT = "result"
    REPLIED = "replied"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    PUT_TO_PRINCIPAL = "put_to_principal"
    PRINCIPAL_AGREED = "principal_agreed"
    PRINCIPAL_REFUSED = "principal_refused"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True)
class Due:
    """The last day of a limit; `at` is set for limits in hours; `provisional` where a year's data are missing."""

    on: date
    at: datetime | None
    provisional: bool


@dataclass(frozen=True)
class ClockFacts:
    """What a rule may ask about a case. Of a sealed case a rule learns only that it is sealed."""

    sealed: bool = False
    urgency: Urgency | None = None
    categories: frozenset[str] = frozenset()
    body_kind: BodyKind | None = None
    channel: Channel | None = None
    named: bool = False
    discipline: bool = False
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True)
class RuleScope:
    """Which cases a rule applies to; what is None is not asked, `phrases` ask for one of these in the evidence."""

    sealed: bool | None = False
    urgencies: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    not_categories: frozenset[str] = frozenset()
    body_kinds: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    named: bool | None = None
    discipline: bool | None = None
    phrases: tuple[str, ...] = ()
    not_phrases: tuple[str, ...] = ()

    def covers(self, facts: ClockFacts) -> bool:
        """Whether a case with these facts is one of them."""
        return (
            _is_asked(self.sealed, facts.sealed)
            and _is_asked(self.named, facts.named)
            and _is_asked(self.discipline, facts.discipline)
            and _is_among(self.urgencies, facts.urgency)
            and _is_among(self.body_kinds, facts.body_kind)
            and _is_among(self.channels, facts.channel)
            and self._covers_matter(facts)
        )

    def _covers_matter(self, facts: ClockFacts) -> bool:
        if self.categories is not None and not self.categories & facts.categories:
            return False
        if self.not_categories & facts.categories:
            return False
        said = "\n".join(facts.phrases)
        return (not self.phrases or any(word in said for word in self.phrases)) and not any(
            word in said for word in self.not_phrases
        )


@dataclass(frozen=True)
class DeadlineRule:
    """One legal or house limit.

    `meets` are the events that fulfil it, `ends` those after which it no longer applies. `grace` adds working days to
    the counted end; `extendable_by` is the most that may be added in all; a clock that `waits` stands still while an
    answer of the reporter is awaited. One that counts `from_source` began on the day on which the office that sent
    the report on received it.
    """

    id: str
    label: str
    article: str
    starts_on: CaseEvent
    unit: DeadlineUnit
    length: int
    applies_to: RuleScope
    meets: frozenset[CaseEvent]
    ends: frozenset[CaseEvent] = frozenset()
    grace: int = 0
    extendable_by: int = 0
    waits: bool = False
    from_source: bool = False


def due_on(
    started_at: datetime,
    unit: DeadlineUnit,
    length: int,
    calendar: WorkCalendar,
    *,
    grace: int = 0,
    paused_days: int = 0,
) -> Due:
    """The end of a limit that began at `started_at`, by 民法典 art. 201-203 and the working-day calendar.

    - Hours run from the moment and stop for nothing (201 II).
    - The day of the event is not counted (201 I); a limit of 0 days ends with that very day.
    - Working days leave out days of rest and count make-up weekends (行政处罚法 art. 85).
    - A month ends on the corresponding date, else on the month's last day (202).
    - A last day that is a day of rest rolls on to the next working day (203).
    `paused_days` and `grace` are added in the limit's own days and in working days. Provisional where a day that was
    looked at lies in a year without data. Raises ValueError for a negative length.
    """
    if min(length, grace, paused_days) < 0:
        raise ValueError("a limit has no negative length")
    if unit is DeadlineUnit.HOUR:
        at = started_at + timedelta(hours=length)
        return Due(local_date(at), at, provisional=False)
    start = local_date(started_at)
    if unit is DeadlineUnit.WORKING_DAY:
        first, end = start + ONE_DAY, _add_working_days(start, length + paused_days, calendar)
    else:
        counted = _add_months(start, length) if unit is DeadlineUnit.MONTH else start + timedelta(days=length)
        first = counted + timedelta(days=paused_days)
        end = calendar.roll_on(first) if first > start else first
    end = _add_working_days(end, grace, calendar)
    looked_at = (first + timedelta(days=n) for n in range((end - first).days + 1))
    return Due(end, None, provisional=end > start and not all(map(calendar.is_known, looked_at)))


def load_rules(office_file: Path | None = None) -> Mapping[str, DeadlineRule]:
    """The rules by id: ours, with the office's own file over them (same id replaces). DataError where one is wrong."""
    rules: dict[str, DeadlineRule] = {}
    for path in (DATA_FILE, office_file):
        if path is not None:
            rules |= _read_rules(path)
    return rules


def _is_asked(wanted: bool | None, found: bool) -> bool:  # noqa: FBT001  # two sides of one comparison
    return wanted is None or wanted == found


def _is_among(wanted: frozenset[str] | None, found: str | None) -> bool:
    return wanted is None or found in wanted


def _add_working_days(start: date, count: int, calendar: WorkCalendar) -> date:
    for _ in range(count):
        start = calendar.next_working_day(start)
    return start


def _add_months(start: date, months: int) -> date:
    year, month = divmod(start.year * MONTHS + start.month - 1 + months, MONTHS)
    last = gregorian.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def _read_rules(path: Path) -> dict[str, DeadlineRule]:
    try:
        rules = tomllib.loads(path.read_text(encoding="utf-8"))["rules"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise DataError(path.name, str(error)) from error
    return {ident: _read_rule(path.name, ident, dict(rule)) for ident, rule in rules.items()}


def _read_rule(file: str, ident: str, rule: dict[str, Any]) -> DeadlineRule:
    try:
        scope = rule.pop("applies_to", {})
        return DeadlineRule(
            id=ident,
            starts_on=CaseEvent(rule.pop("starts_on")),
            unit=DeadlineUnit(rule.pop("unit")),
            meets=frozenset(CaseEvent(event) for event in rule.pop("meets")),
            ends=frozenset(CaseEvent(event) for event in rule.pop("ends", [])),
            applies_to=_read_scope(scope),
            **rule,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(file, f"[rules.{ident}] {type(error).__name__}: {error}") from error


def _read_scope(scope: dict[str, Any]) -> RuleScope:
    sets: dict[str, Any] = {}
    for name, closed in (("urgencies", Urgency), ("body_kinds", BodyKind), ("channels", Channel)):
        if name in scope:
            sets[name] = frozenset(closed(value) for value in scope.pop(name))
    for name in ("categories", "not_categories"):
        if name in scope:
            sets[name] = frozenset(scope.pop(name))
    for name in ("phrases", "not_phrases"):
        if name in scope:
            sets[name] = tuple(scope.pop(name))
    if scope.pop("any_seal", False):
        sets["sealed"] = None
    return RuleScope(**sets, **scope)
