"""Who is called when a life may be in danger, in which order, and at which mail address: the office's own data.

It stands in the office's file as `[[duty]]` rows; an office that wrote none is called by its roles.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

from casework.clock import local_time
from casework.errors import DataError
from casework.models.people import Officer
from casework.types import Role
from casework.visibility import has_role

DESK = (Role.SUPERVISOR, Role.DISPATCHER)
"""Whose roles put them on duty, in this order; the leaders come after everybody else."""


EVERY_DAY = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True)
class Duty:
    """One row of the duty list: the officer's username and where a call reaches him by mail ("" = not by mail).

    `days` are those on which his shift begins, Monday 1 to Sunday 7; `begins` and `ends` are Shanghai clock times, the
    end before the beginning where the shift runs over midnight, both None where it lasts the whole day.
    """

    officer: str
    mail: str = ""
    days: frozenset[int] = EVERY_DAY
    begins: time | None = None
    ends: time | None = None


def read_duties(path: Path) -> tuple[Duty, ...]:
    """The duty list of an office's file, in its order. Raises DataError for a row that can't be read.

    A row: `officer`, `mail`, and for a shift `days = [1, 2, 3]` and `hours = "17:30-08:30"`.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("duty", [])
        return tuple(_read_row(row) for row in rows)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(path.name, f"duty: {type(error).__name__}: {error}") from error


def _read_row(row: Mapping[str, Any]) -> Duty:
    days = frozenset(row.get("days", EVERY_DAY))
    if not days or not days <= EVERY_DAY:
        raise ValueError("days are 1 to 7")
    hours = str(row.get("hours", ""))
    begins, ends = (time.fromisoformat(part.strip()) for part in hours.split("-")) if hours else (None, None)
    return Duty(str(row["officer"]), str(row.get("mail", "")), days, begins, ends)


def is_on_shift(duty: Duty, moment: datetime) -> bool:
    """Whether a shift of this row runs at the moment; one over midnight belongs to the day on which it began. Pure."""
    local = local_time(moment)
    today, before = local.isoweekday(), (local.isoweekday() - 2) % 7 + 1
    if duty.begins is None or duty.ends is None:
        return today in duty.days
    if duty.begins < duty.ends:
        return today in duty.days and duty.begins <= local.time() < duty.ends
    return (today in duty.days and local.time() >= duty.begins) or (before in duty.days and local.time() < duty.ends)


def order_on_duty(
    officers: Sequence[Officer], duties: Sequence[Duty], *, at: datetime | None = None
) -> tuple[Officer, ...]:
    """Who is called first, second and so on. Pure.

    1. Those on the list whose shift it is (`at` None: all on it), in its order. 2. Supervisors, then dispatchers.
    3. Leaders, those on the list first.
    """
    place: dict[str, int] = {}
    for number, duty in enumerate(duties):
        if at is None or is_on_shift(duty, at):
            place.setdefault(duty.officer, number)

    def rank(officer: Officer) -> tuple[int, int, int, str]:
        leads = not has_role(officer, *DESK)
        by_role = next((number for number, role in enumerate(DESK) if has_role(officer, role)), len(DESK))
        return (int(leads), place.get(officer.username, len(duties)), by_role, officer.username)

    called = [officer for officer in officers if has_role(officer, *DESK, Role.LEADER)]
    return tuple(sorted(called, key=rank))
