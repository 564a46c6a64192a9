"""The bamboo joints of a clock: which days are gone, left, not counted or late.

A drawing as data, so that every page that shows a clock shows the same one.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from casework.types import DeadlineUnit
from casework.workdays import WorkCalendar

LATE_SHOWN = 10
"""Later than this many joints is drawn no longer; the words beside it say the number."""


class JointKind(StrEnum):
    """What a joint stands for."""

    SPENT = "spent"
    LEFT = "left"
    HOLIDAY = "holiday"
    LATE = "late"


@dataclass(frozen=True)
class Joint:
    """One counted day, or a run of `days` days that are not counted."""

    kind: JointKind
    first: date
    days: int = 1


def draw_joints(unit: DeadlineUnit, start: date, end: date, today: date, calendar: WorkCalendar) -> tuple[Joint, ...]:
    """The joints from the day after `start` to `end`, and the late ones after it up to `today`.

    One joint a counted day, today among those left; days of rest between working days shrink to one. A limit in hours
    has none.
    """
    if unit is DeadlineUnit.HOUR:
        return ()
    joints: list[Joint] = []
    late = 0
    day = start + timedelta(days=1)
    while day <= max(end, today) and late < LATE_SHOWN:
        kind = _find_kind(unit, day, end, today, calendar)
        late += kind is JointKind.LATE
        if kind is JointKind.HOLIDAY and joints and joints[-1].kind is JointKind.HOLIDAY:
            joints[-1] = Joint(kind, joints[-1].first, joints[-1].days + 1)
        elif not (kind is JointKind.HOLIDAY and day > end):
            joints.append(Joint(kind, day))
        day += timedelta(days=1)
    return tuple(joints)


def _find_kind(unit: DeadlineUnit, day: date, end: date, today: date, calendar: WorkCalendar) -> JointKind:
    if unit is DeadlineUnit.WORKING_DAY and not calendar.is_working_day(day):
        return JointKind.HOLIDAY
    if day > end:
        return JointKind.LATE
    return JointKind.SPENT if day < today else JointKind.LEFT
