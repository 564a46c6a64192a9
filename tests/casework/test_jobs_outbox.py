"""A job exists exactly if the change that causes it does, and tells nothing but ids."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from casework import jobs
from casework.jobs import JobName
from casework.jobs.outbox import PlainSerializer
from casework.store import Store
from tests.casework.job_desk import job_rows, open_desk, put_letter, table_name


@pytest.fixture
def desk(database_url: str) -> Iterator[Store]:
    store = open_desk(database_url)
    yield store
    store.close()


def test_a_job_is_committed_with_the_change_that_causes_it(desk: Store):
    with desk.write() as session:
        ident = jobs.enqueue(session, JobName.FIND_DUPLICATES, "report-1")
        assert job_rows(desk) == []
    assert job_rows(desk) == [(ident, "ENQUEUED", "hotline-inside")]


def test_a_job_vanishes_with_the_change_that_fails(desk: Store):
    def fail() -> None:
        with desk.write() as session:
            jobs.enqueue(session, JobName.FIND_DUPLICATES, "report-1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert job_rows(desk) == []


def test_the_same_key_queues_one_job_and_other_keys_their_own(desk: Store):
    for key in ("delivery-1", "delivery-1", "delivery-2"):
        with desk.write() as session:
            jobs.enqueue(session, JobName.SEND_DELIVERY, "delivery-1", key=key)
    assert [ident for ident, _, _ in job_rows(desk)] == ["send_delivery:delivery-1", "send_delivery:delivery-2"]


def test_a_key_of_one_job_is_free_for_another(desk: Store):
    with desk.write() as session:
        jobs.enqueue(session, JobName.SEND_DELIVERY, "row", key="row")
        jobs.enqueue(session, JobName.SEND_MESSAGE, "row", key="row")
    assert len(job_rows(desk)) == 2


def test_a_delayed_job_waits(desk: Store):
    with desk.write() as session:
        jobs.enqueue(session, JobName.SEND_MESSAGE, "row", delay=timedelta(hours=1))
    assert [state for _, state, _ in job_rows(desk)] == ["DELAYED"]


def test_the_change_and_its_job_share_one_session_with_the_orm(desk: Store):
    with desk.write() as session:
        session.execute(text("SELECT 1"))
        jobs.enqueue(session, JobName.SEND_DELIVERY, "letter-1")
        session.execute(text("SELECT 1"))
    put_letter(desk)
    assert len(job_rows(desk)) == 1


def test_the_engines_tables_hold_the_ids_and_nothing_else(desk: Store):
    with desk.write() as session:
        jobs.enqueue(session, JobName.SEND_MESSAGE, "row-7", key="k")
    with desk.read() as session:
        stored = session.execute(text(f"SELECT inputs FROM {table_name(desk, 'workflow_input')}")).scalar_one()
    assert json.loads(stored) == {"args": ["send_message", "row-7", "send_message:k", 1], "kwargs": {}}


def test_an_exception_is_stored_by_its_class_alone():
    stored = PlainSerializer().serialize(ValueError("护工打人"))
    assert json.loads(stored) == {"error": "ValueError"}


def test_jobs_can_be_queued_on_a_database_in_memory():
    store = Store("sqlite://")
    jobs.create_tables(store)
    with store.write() as session:
        jobs.enqueue(session, JobName.FIND_DUPLICATES, "report-1")
    assert [state for _, state, _ in job_rows(store)] == ["ENQUEUED"]
    store.close()


def test_making_the_tables_again_changes_nothing(desk: Store):
    with desk.write() as session:
        jobs.enqueue(session, JobName.FIND_DUPLICATES, "report-1")
    before = job_rows(desk)
    jobs.create_tables(desk)
    assert job_rows(desk) == before


def test_the_names_of_the_engines_tables_are_those_it_makes():
    store = Store("sqlite://")
    jobs.create_tables(store)
    with store.read() as session:
        made = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"))
        assert set(made) == jobs.ENGINE_TABLES
    store.close()


def test_queueing_writes_nothing_into_the_log(desk: Store, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO), desk.write() as session:
        jobs.enqueue(session, JobName.FIND_DUPLICATES, "report-1")
    assert caplog.records == []
