"""What follows from an attempt that fails: a later one, and at the end a row that says so; never a text."""

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest

from casework.jobs import Handler, JobFailure, JobName, JobOutcome
from casework.jobs.runner import Attempt, InHand, Work, run_attempt
from casework.store import Store
from tests.casework.job_desk import impatient_policies, job_rows, open_desk, some_handlers

STORY = "我妈妈被护工绑在床上"


@pytest.fixture
def desk(database_url: str) -> Iterator[Store]:
    store = open_desk(database_url)
    yield store
    store.close()


class Told:
    """Remembers what was given up."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []

    def __call__(self, subject_id: str, code: str) -> None:
        self.rows.append((subject_id, code))


def some_work(store: Store, handler: Handler, told: Told | None = None) -> Work:
    handlers = some_handlers(send_message=handler)
    return Work(store, handlers, {JobName.SEND_MESSAGE: told or Told()}, impatient_policies())


def an_attempt(number: int = 1) -> Attempt:
    return Attempt(JobName.SEND_MESSAGE, "row-1", "send_message:k", number)


def fail_with_text(_ident: str) -> None:
    raise ValueError(STORY)


def test_a_job_that_works_leaves_nothing_behind(desk: Store):
    seen: list[str] = []
    assert run_attempt(some_work(desk, seen.append), an_attempt()) is JobOutcome.DONE
    assert seen == ["row-1"]
    assert job_rows(desk) == []


def test_a_failed_attempt_is_over_and_the_next_one_waits(desk: Store):
    assert run_attempt(some_work(desk, fail_with_text), an_attempt(1)) is JobOutcome.TRIED_AGAIN
    assert [(ident, state) for ident, state, _ in job_rows(desk)] == [("send_message:k/2", "DELAYED")]


def test_an_attempt_that_is_run_twice_queues_one_next(desk: Store):
    work = some_work(desk, fail_with_text)
    run_attempt(work, an_attempt(1))
    run_attempt(work, an_attempt(1))
    assert len(job_rows(desk)) == 1


def test_after_the_last_attempt_the_row_is_told(desk: Store):
    told = Told()
    assert run_attempt(some_work(desk, fail_with_text, told), an_attempt(3)) is JobOutcome.GIVEN_UP
    assert told.rows == [("row-1", "ValueError")]
    assert job_rows(desk) == []


def test_a_failure_of_our_own_carries_its_code(desk: Store):
    def refuse(_ident: str) -> None:
        raise JobFailure("mailbox_full", after=timedelta(minutes=5))

    told = Told()
    run_attempt(some_work(desk, refuse, told), an_attempt(3))
    assert told.rows == [("row-1", "mailbox_full")]


def test_the_log_says_where_it_failed_and_not_what_was_said(desk: Store, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO):
        run_attempt(some_work(desk, fail_with_text), an_attempt())
    record = caplog.records[-1]
    assert record.message == "job_failed"
    assert record.__dict__["error_code"] == "ValueError"
    assert record.__dict__["where"].startswith("test_jobs_runner.py:")
    assert STORY not in caplog.text
    assert STORY not in str([vars(each) for each in caplog.records])


def test_what_is_in_hand_is_known_while_it_is():
    in_hand = InHand()
    with in_hand.holding("a"), in_hand.holding("a"), in_hand.holding("b"):
        assert in_hand.ids() == {"a", "b"}
    assert in_hand.ids() == frozenset()
