"""The steps that recur: each every so often, by the one process that holds the lease.

A step may still be running elsewhere for a moment when the lease changes hands: it must be harmless when run twice.
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event

from casework.jobs.types import Schedule, Step

logger = logging.getLogger("hotline.jobs")
HANDS = 4
"""One of them waits for Telegram's cloud where an office polls it."""

IDLE = timedelta(seconds=0.5)
AT_ONCE = timedelta(seconds=0.05)


class Timetable:
    """When each step is due and whether it is still running; one slow step holds up none of the others."""

    def __init__(self, schedules: Mapping[str, Schedule], clock: Callable[[], datetime]) -> None:
        self._schedules = schedules
        self._clock = clock
        self._due: dict[str, datetime] = {}
        self._running: dict[str, Future[None]] = {}

    def start_due(self, hands: ThreadPoolExecutor, now: datetime) -> timedelta:
        """Start what is due and not running; returns how long until something may be due again."""
        for name, schedule in self._schedules.items():
            running = self._running.get(name)
            if self._due.get(name, now) <= now and (running is None or running.done()):
                self._due[name] = now + schedule.every
                self._running[name] = hands.submit(run_step, name, schedule.step, self._clock)
        soonest = min(self._due.values(), default=now + IDLE)
        return min(max(soonest - now, AT_ONCE), IDLE)

    def now(self) -> datetime:
        """The moment by this timetable's clock."""
        return self._clock()


def run_schedules(timetable: Timetable, leads: Callable[[], bool], stop: Event) -> None:
    """Run the timetable while this process leads, until told to stop; the steps in hand are finished."""
    with ThreadPoolExecutor(max_workers=HANDS, thread_name_prefix="hotline-step") as hands:
        while not stop.is_set():
            pause = timetable.start_due(hands, timetable.now()) if leads() else IDLE
            stop.wait(pause.total_seconds())


def run_step(name: str, step: Step, clock: Callable[[], datetime]) -> None:
    """Run one step; whatever it raises is told by its class and ends there, because the next run comes anyway."""
    try:
        step(clock())
    except Exception as error:
        logger.exception("step_failed", exc_info=False, extra={"step": name, "error_code": type(error).__name__})
