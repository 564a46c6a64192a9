"""Which days count: the State Council's yearly notice (放假调休) as data, never as code.

A library knows the years until now; the office's own file adds later years and single days. A year that nobody has
told us yet is guessed and said to be guessed.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import chinese_calendar

from casework.errors import DataError

DATA_FILE = Path(__file__).parent / "data" / "workdays.toml"
LIBRARY_YEARS = range(2004, 2027)
SATURDAY = 5
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Holidays with a fixed solar date (全国年节及纪念日放假办法 art. 2): all that can be guessed of a year."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkCalendar:
    """Working days: `days` overrides single days, `years` are the years that the office's file tells in full."""

    days: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Whether public offices work on that day, make-up weekends (调休) counted in."""
        told = self.days.get(day)
        if told is not None:
            return told
        if day.year in LIBRARY_YEARS and day.year not in self.years:
            return _works_by_library(day)
        return day.weekday() < SATURDAY and (day.month, day.day) not in FIXED_HOLIDAYS

    def is_known(self, day: date) -> bool:
        """Whether the answer for that day rests on data rather than on a guess."""
        return day.year in LIBRARY_YEARS or day.year in self.years or day in self.days

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`."""
        day += ONE_DAY
        while not self.is_working_day(day):
            day += ONE_DAY
        return day

    def roll_on(self, day: date) -> date:
        """`day` itself, or the first working day after it where it is a day of rest (民法典 art. 203)."""
        return day if self.is_working_day(day) else self.next_working_day(day)

    def count_working_days(self, after: date, until: date) -> int:
        """How many working days lie after `after`, up to and with `until`; 0 where `until` is not later."""
        days = (until - after).days
        return sum(self.is_working_day(after + timedelta(days=n)) for n in range(1, days + 1))


@lru_cache(maxsize=1024)
def _works_by_library(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day))


def load_calendar(office_file: Path | None = None) -> WorkCalendar:
    """Our own table with the office's file laid over it.

    Each file has `years` (those told in full) and `[[change]]` with `from`, `to` and `works`. Raises DataError with the
    file's name where it is wrong.
    """
    days: dict[date, bool] = {}
    years: set[int] = set()
    for path in (DATA_FILE, office_file):
        if path is not None:
            told = _read_file(path)
            days |= told.days
            years |= told.years
    return WorkCalendar(days=days, years=frozenset(years))


def _read_file(path: Path) -> WorkCalendar:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        days = {
            first + timedelta(days=n): bool(change["works"])
            for change in data.get("change", [])
            for first, last in [(change["from"], change.get("to", change["from"]))]
            for n in range((last - first).days + 1)
        }
        return WorkCalendar(days=days, years=frozenset(int(year) for year in data.get("years", [])))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DataError(path.name, f"{type(error).__name__}: {error}") from error
