"""Who is called when a life may be in danger, in which order, and at which mail address: the office's own data.

It stands in the office's file as `[[duty]]` rows; an office that wrote none is called by its roles.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from casework.errors import DataError
from casework.models.people import Officer
from casework.types import Role
from casework.visibility import has_role

DESK = (Role.SUPERVISOR, Role.DISPATCHER)
"""Whose roles put them on duty, in this order; the leaders come after everybody else."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One row of the duty list: the officer's username and where a call reaches him by mail ("" = not by mail)."""

    officer: str
    mail: str = ""


def read_duties(path: Path) -> tuple[Duty, ...]:
    """The duty list of an office's file, in its order. Raises DataError for a row without an officer."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("duty", [])
        return tuple(Duty(str(row["officer"]), str(row.get("mail", ""))) for row in rows)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise DataError(path.name, f"duty: {type(error).__name__}: {error}") from error


def order_on_duty(officers: Sequence[Officer], duties: Sequence[Duty]) -> tuple[Officer, ...]:
    """Who is called first, second and so on. Pure.

    1. Those on the list, in its order. 2. Supervisors, then dispatchers. 3. Leaders, those on the list first.
    """
    place = {duty.officer: number for number, duty in enumerate(duties)}

    def rank(officer: Officer) -> tuple[int, int, int, str]:
        leads = not has_role(officer, *DESK)
        by_role = next((number for number, role in enumerate(DESK) if has_role(officer, role)), len(DESK))
        return (int(leads), place.get(officer.username, len(place)), by_role, officer.username)

    called = [officer for officer in officers if has_role(officer, *DESK, Role.LEADER)]
    return tuple(sorted(called, key=rank))
