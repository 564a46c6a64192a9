"""A running engine: it does what is queued, tries again, gives up aloud, clears away, and stops in good order."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import text

from casework import jobs
from casework.jobs import JobEngine, JobFailure, JobName, Schedule
from casework.jobs.slots import list_live
from casework.jobs.upkeep import purge_finished
from casework.store import Store
from tests.casework.job_desk import an_engine, eventually, job_rows, open_desk, some_handlers, table_name

STORY = "我妈妈被护工绑在床上"
SOON = timedelta(seconds=0.1)


@pytest.fixture
def desk(database_url: str) -> Iterator[Store]:
    store = open_desk(database_url)
    yield store
    store.close()


@contextmanager
def running(engine: JobEngine) -> Iterator[JobEngine]:
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def enqueue(store: Store, name: JobName, *idents: str, delay: timedelta | None = None) -> None:
    with store.write() as session:
        for ident in idents:
            jobs.enqueue(session, name, ident, key=ident, delay=delay)


def states(store: Store) -> set[str]:
    return {state for _, state, _ in job_rows(store)}


def everything_stored(store: Store) -> str:
    with store.read() as session:
        tables = [table_name(store, name) for name in sorted(jobs.ENGINE_TABLES)]
        return str([tuple(row) for table in tables for row in session.execute(text(f"SELECT * FROM {table}"))])


def test_it_does_what_is_queued_before_and_after_its_start(desk: Store):
    done: list[str] = []
    enqueue(desk, JobName.FIND_DUPLICATES, "before")
    with running(an_engine(desk, some_handlers(find_duplicates=done.append))):
        enqueue(desk, JobName.FIND_DUPLICATES, "after")
        enqueue(desk, JobName.FIND_DUPLICATES, "later", delay=SOON)
        assert eventually(lambda: sorted(done) == ["after", "before", "later"])
        assert eventually(lambda: states(desk) == {"SUCCESS"})


def test_a_failing_job_is_tried_again_and_holds_up_no_other(desk: Store):
    done: list[str] = []
    tries: list[str] = []

    def stumble(ident: str) -> None:
        tries.append(ident)
        if len(tries) < 3:
            raise JobFailure("stumbled", after=SOON)

    handlers = some_handlers(send_message=stumble, send_delivery=done.append)
    with running(an_engine(desk, handlers)):
        enqueue(desk, JobName.SEND_MESSAGE, "lame")
        enqueue(desk, JobName.SEND_DELIVERY, *(str(n) for n in range(20)))
        assert eventually(lambda: len(done) == 20 and len(tries) == 3)


def test_a_job_given_up_is_told_to_its_row_and_no_text_of_it_is_stored(desk: Store):
    told: list[tuple[str, str]] = []

    def fail(_ident: str) -> None:
        if len(told) == 0:
            raise ValueError(STORY)

    last = jobs.POLICIES[JobName.SEND_MESSAGE].attempts
    with desk.write() as session:  # as if all but the last attempt had failed
        jobs.outbox.put_attempt(session, JobName.SEND_MESSAGE, "row-1", "send_message:row-1", last, None)
    given_up = {JobName.SEND_MESSAGE: lambda ident, code: told.append((ident, code))}
    with running(an_engine(desk, some_handlers(send_message=fail), exhausted=given_up)):
        assert eventually(lambda: told == [("row-1", "ValueError")])
        assert eventually(lambda: states(desk) == {"SUCCESS"})
    assert STORY not in everything_stored(desk)
    assert "given_up" in everything_stored(desk)


def test_a_row_that_could_not_be_told_is_told_later_and_no_text_is_stored(desk: Store):
    calls: list[str] = []

    def fail(_ident: str) -> None:
        raise JobFailure("refused")

    def stumble(ident: str, code: str) -> None:
        calls.append(f"{ident} {code}")
        if len(calls) == 1:
            raise RuntimeError(STORY)

    last = jobs.POLICIES[JobName.SEND_MESSAGE].attempts
    with desk.write() as session:
        jobs.outbox.put_attempt(session, JobName.SEND_MESSAGE, "row-1", "send_message:row-1", last, None)
    engine = an_engine(desk, some_handlers(send_message=fail), exhausted={JobName.SEND_MESSAGE: stumble})
    with running(engine):
        assert eventually(lambda: calls == ["row-1 refused", "row-1 crashed"])
        assert eventually(lambda: job_rows(desk) == [])
    assert STORY not in everything_stored(desk)


def test_what_it_took_but_never_began_is_queued_again(desk: Store):
    done: list[str] = []
    enqueue(desk, JobName.FIND_DUPLICATES, "stray", delay=timedelta(hours=1))
    with running(an_engine(desk, some_handlers(find_duplicates=done.append))) as engine:
        with desk.write() as session:
            table = table_name(desk, "workflow_status")
            session.execute(
                text(f"UPDATE {table} SET status = 'PENDING', executor_id = :me"), {"me": engine.executor_id}
            )
        assert eventually(lambda: done == ["stray"])


def test_the_schedules_run_and_a_failing_step_comes_again(desk: Store):
    moments: list[datetime] = []

    def step(now: datetime) -> None:
        moments.append(now)
        raise ValueError(STORY)

    with running(an_engine(desk, schedules={"step": Schedule(SOON, step)})) as engine:
        assert eventually(lambda: len(moments) >= 3)
        assert engine.leads()
    assert moments == sorted(set(moments))


def test_finished_jobs_are_cleared_away_and_waiting_ones_stay(desk: Store):
    enqueue(desk, JobName.FIND_DUPLICATES, "done")
    enqueue(desk, JobName.FIND_DUPLICATES, "waiting", delay=timedelta(hours=1))
    with running(an_engine(desk)):
        assert eventually(lambda: states(desk) == {"SUCCESS", "DELAYED"})
        purge_finished(datetime(2020, 1, 1, tzinfo=UTC))
        assert len(job_rows(desk)) == 2
        purge_finished(datetime(2100, 1, 1, tzinfo=UTC))
        assert states(desk) == {"DELAYED"}


def test_stopping_finishes_what_is_in_hand_and_leaves_no_trace_of_the_process(desk: Store):
    begun, release, done = Event(), Event(), Event()

    def work(_ident: str) -> None:
        begun.set()
        assert release.wait(10)
        done.set()

    engine = an_engine(desk, some_handlers(find_duplicates=work))
    with running(engine):
        enqueue(desk, JobName.FIND_DUPLICATES, "row")
        assert begun.wait(10)
        release.set()
        assert engine.stop()
    assert done.is_set()
    assert not engine.is_running
    assert states(desk) == {"SUCCESS"}
    with desk.read() as session:
        assert list_live(session) == frozenset()


def test_a_second_engine_can_follow_the_first(desk: Store):
    done: list[str] = []
    for ident in ("first", "second"):
        with running(an_engine(desk, some_handlers(find_duplicates=done.append))):
            enqueue(desk, JobName.FIND_DUPLICATES, ident)
            assert eventually(functools.partial(done.__contains__, ident))


def test_it_refuses_to_start_without_its_tables(empty_database_url: str):
    store = Store(empty_database_url)
    with pytest.raises(Exception, match="job_slot"):
        an_engine(store).start()
    store.close()


def test_it_refuses_a_database_in_memory():
    store = Store("sqlite://")
    with pytest.raises(ValueError, match="memory"):
        an_engine(store).start()
    store.close()


def test_it_refuses_to_be_built_while_a_job_has_no_handler():
    store = Store("sqlite://")
    handlers = some_handlers()
    del handlers[JobName.PAGE_OFFICER]
    with pytest.raises(ValueError, match="page_officer"):
        an_engine(store, handlers)
    store.close()
