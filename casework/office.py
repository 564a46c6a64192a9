"""What this office is: its name, its calendar, its limits, what it may do.

One value, built once at start by the wiring and handed in; nothing here reads a file or the environment by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from casework.limits import DeadlineRule
from casework.workdays import WorkCalendar


@dataclass(frozen=True)
class Office:
    """The bureau that runs the hotline.

    `number_prefix` is its mark in the numbers of its letters (机关代字); `bypass_authority` the written authority for
    handing cases about its own leadership over without it, None where there is none.
    """

    name: str
    district: str
    calendar: WorkCalendar
    rules: Mapping[str, DeadlineRule] = field(default_factory=dict)
    number_prefix: str = ""
    bypass_authority: str | None = None
