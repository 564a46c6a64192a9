"""The red strip on every page of the console: somebody must come now, and nobody has said that he does.

It says that there is something and leads there; what it is about stands on the page behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.handovers import HandedTalk
from casework.models.people import Officer
from casework.paging import ANSWERS, list_alarms_for
from casework.pins import find_faults
from casework.types import Role
from casework.visibility import has_role


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the strip says: how many, and the first of them. `count` 0 is no strip."""

    count: int
    words: str = ""
    label: str = ""
    href: str = ""
    take: str = ""
    can_hear: bool = False
    keys: str = ""


def build_alarm(session: Session, officer: Officer, talks: Sequence[HandedTalk]) -> Alarm:
    """The strip for this officer: talks of self-harm first, then critical cases, none that he may not know of."""
    can_hear = has_role(officer, *ANSWERS)
    urgent = [talk for talk in talks if talk.is_urgent and talk.taken_by is None]
    cases = list_alarms_for(session, officer)
    count = len(urgent) + len(cases)
    keys = warn_of_keys(session, officer)
    if not count:
        return Alarm(0, can_hear=can_hear, keys=keys)
    number = "一" if count == 1 else str(count)
    if urgent:
        href = f"/console/handovers/{urgent[0].id}"
        return Alarm(count, f"有{number}件危急的事没人接", "先看这段对话", href, f"{href}/take", can_hear, keys)
    href, take = f"/console/cases/{cases[0].id}", f"/console/alarms/{cases[0].id}/take"
    return Alarm(count, f"有{number}件危急来件没人接", f"看{cases[0].number}", href, take, can_hear, keys)


def warn_of_keys(session: Session, officer: Officer) -> str:
    """The second strip, for clue officers alone: a key of the vault is not the one in the ledger; "" where all are."""
    if not has_role(officer, Role.CLUE_OFFICER) or not find_faults(session):
        return ""
    return "密件库的钥匙被人动过"
