"""The closed set of background jobs, and how patient the house is with each.

A job carries the id of one row and nothing else; whatever it needs it reads again when it runs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from casework.errors import HotlineError


class JobName(StrEnum):
    """What can be done in the background. A new one needs its line in `POLICIES` and a handler in the wiring."""

    FIND_DUPLICATES = "find_duplicates"
    HARDEN_RECEIPT = "harden_receipt"
    SEND_DELIVERY = "send_delivery"
    SEND_MESSAGE = "send_message"
    PAGE_OFFICER = "page_officer"
    TELL_REPORTER = "tell_reporter"
    IMPORT_ROWS = "import_rows"
    FETCH_MEDIUM = "fetch_medium"
    HEAR_VOICE = "hear_voice"
    TRY_LEXICON = "try_lexicon"
    COUNT_LEXICON = "count_lexicon"


class Lane(StrEnum):
    """The queues: a mail server that hangs must hold up neither our own work nor a call for help, and
    one long recording none of them.
    """

    INSIDE = "hotline-inside"
    OUTSIDE = "hotline-outside"
    URGENT = "hotline-urgent"
    LISTENING = "hotline-listening"


class JobOutcome(StrEnum):
    """All that the engine's own tables ever learn of how a job ended."""

    DONE = "done"
    TRIED_AGAIN = "tried_again"
    GIVEN_UP = "given_up"


@dataclass(frozen=True)
class Policy:
    """In which lane a job runs, how often it is tried, and how the pause grows: base, twice base, ... up to `cap`."""

    lane: Lane
    attempts: int
    base: timedelta
    cap: timedelta

    def pause_after(self, attempt: int) -> timedelta:
        """How long to wait after the failed attempt number `attempt` (the first is 1)."""
        doublings = min(attempt - 1, 30)  # beyond it the cap rules anyway
        return min(self.base * (1 << doublings), self.cap)


POLICIES: Mapping[JobName, Policy] = {
    JobName.FIND_DUPLICATES: Policy(Lane.INSIDE, 5, timedelta(seconds=2), timedelta(minutes=5)),
    JobName.HARDEN_RECEIPT: Policy(Lane.INSIDE, 12, timedelta(seconds=1), timedelta(minutes=10)),
    JobName.SEND_DELIVERY: Policy(Lane.OUTSIDE, 10, timedelta(seconds=30), timedelta(hours=2)),
    JobName.SEND_MESSAGE: Policy(Lane.OUTSIDE, 8, timedelta(seconds=10), timedelta(hours=1)),
    JobName.IMPORT_ROWS: Policy(Lane.INSIDE, 8, timedelta(seconds=2), timedelta(minutes=5)),
    JobName.TELL_REPORTER: Policy(Lane.INSIDE, 5, timedelta(seconds=2), timedelta(minutes=5)),
    JobName.TRY_LEXICON: Policy(Lane.INSIDE, 8, timedelta(seconds=2), timedelta(minutes=5)),
    JobName.COUNT_LEXICON: Policy(Lane.INSIDE, 8, timedelta(seconds=2), timedelta(minutes=5)),
    JobName.HEAR_VOICE: Policy(Lane.LISTENING, 4, timedelta(seconds=5), timedelta(minutes=2)),
    JobName.FETCH_MEDIUM: Policy(Lane.OUTSIDE, 30, timedelta(seconds=5), timedelta(hours=1)),
    JobName.PAGE_OFFICER: Policy(Lane.URGENT, 20, timedelta(seconds=5), timedelta(minutes=2)),
}


class JobFailure(HotlineError):  # a fact about one attempt, not a defect
    """An attempt failed for a reason with a short code of ours; `after` overrides the policy's pause.

    A handler raises it to be tried again. Any other exception is tried again too, under the name of its class:
    its text is never kept, because it may hold a reporter's words.
    """

    def __init__(self, code: str, *, after: timedelta | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.after = after


Handler = Callable[[str], None]
"""Does the job for one row: opens its own units of work, may run twice, returns nothing."""

Exhausted = Callable[[str, str], None]
"""Called with the row's id and an error code when a job is given up, so that the row can say so."""

Step = Callable[[datetime], None]
"""One run of a schedule; takes `now`, opens its own unit of work, harmless when run twice."""


@dataclass(frozen=True)
class Schedule:
    """A step that one process at a time runs every `every`."""

    every: timedelta
    step: Step
