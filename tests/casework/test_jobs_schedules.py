"""The recurring steps: each in its own time, none held up by another, none ended by a failure."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event

import pytest

from casework.jobs import Schedule, Step
from casework.jobs.schedules import Timetable, run_schedules, run_step
from tests.casework.job_desk import NOW

SECOND = timedelta(seconds=1)


def start(timetable: Timetable, *moments: timedelta) -> None:
    """Let the timetable start what is due at each moment, finishing it before the next."""
    for moment in moments:
        with ThreadPoolExecutor(max_workers=3) as hands:
            timetable.start_due(hands, NOW + moment)


def a_timetable(**steps: tuple[timedelta, Step]) -> Timetable:
    return Timetable({name: Schedule(every, step) for name, (every, step) in steps.items()}, lambda: NOW)


def test_each_step_runs_at_once_and_then_in_its_own_time():
    often: list[datetime] = []
    seldom: list[datetime] = []
    timetable = a_timetable(often=(SECOND, often.append), seldom=(3 * SECOND, seldom.append))
    start(timetable, *(n * SECOND for n in range(7)))
    assert (len(often), len(seldom)) == (7, 3)


def test_a_step_is_told_the_time():
    seen: list[datetime] = []
    start(a_timetable(step=(SECOND, seen.append)), timedelta())
    assert seen == [NOW]


def test_a_slow_step_is_not_started_beside_itself_and_holds_up_no_other():
    release, quick = Event(), Event()
    slow_runs: list[datetime] = []

    def slow(now: datetime) -> None:
        slow_runs.append(now)
        assert release.wait(10)

    timetable = a_timetable(slow=(SECOND, slow), quick=(SECOND, lambda _now: quick.set()))
    with ThreadPoolExecutor(max_workers=3) as hands:
        timetable.start_due(hands, NOW)
        assert quick.wait(10)
        quick.clear()
        timetable.start_due(hands, NOW + 2 * SECOND)
        assert quick.wait(10)
        release.set()
    assert len(slow_runs) == 1


def test_it_looks_again_when_the_next_step_is_due():
    timetable = a_timetable(step=(timedelta(seconds=0.2), lambda _now: None))
    with ThreadPoolExecutor(max_workers=1) as hands:
        assert timetable.start_due(hands, NOW) == timedelta(seconds=0.2)


def test_nothing_runs_in_a_process_that_does_not_lead():
    stop = Event()
    asked: list[bool] = []
    ran: list[datetime] = []

    def leads() -> bool:
        asked.append(True)
        stop.set()
        return False

    run_schedules(a_timetable(step=(SECOND, ran.append)), leads, stop)
    assert asked == [True]
    assert ran == []


def test_a_failing_step_is_told_by_its_class_and_ends_there(caplog: pytest.LogCaptureFixture):
    def fail(_now: datetime) -> None:
        raise ValueError("王大爷的电话")

    with caplog.at_level(logging.INFO):
        run_step("ledger", fail, lambda: NOW)
    assert caplog.records[-1].__dict__["error_code"] == "ValueError"
    assert "王大爷" not in str([vars(each) for each in caplog.records])
