"""What remains true when a process is killed in the middle of its work, on both databases."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from casework import jobs
from casework.jobs import JobName
from casework.store import Store
from casework.types import DeliveryStatus
from tests.casework.job_desk import eventually, job_rows, open_desk, put_letter, read_letter, read_lines, table_name
from tests.casework.job_worker import CRASH

ROOT = Path(__file__).parents[2]
Workers = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def desk(database_url: str) -> Iterator[Store]:
    store = open_desk(database_url)
    yield store
    store.close()


@pytest.fixture
def workers(database_url: str, tmp_path: Path) -> Iterator[Workers]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.casework.job_worker", database_url, str(tmp_path)]
        started.append(subprocess.Popen(command, cwd=ROOT))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@contextmanager
def held(folder: Path) -> Iterator[None]:
    (folder / "hold").touch()
    yield
    (folder / "hold").unlink(missing_ok=True)


def enqueue(store: Store, name: JobName, *idents: str) -> None:
    with store.write() as session:
        for ident in idents:
            jobs.enqueue(session, name, ident, key=ident)


def kill(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_letter_whose_sender_is_killed_is_shown_as_unsure_and_never_sent_again(
    desk: Store, workers: Workers, tmp_path: Path
):
    put_letter(desk)
    with held(tmp_path):
        enqueue(desk, JobName.SEND_DELIVERY, "letter-1")
        first = workers()
        assert eventually(lambda: bool(read_lines(tmp_path / "begun")))
        kill(first)
    workers()
    assert eventually(lambda: read_letter(desk).status is DeliveryStatus.UNSURE)
    assert eventually(lambda: [state for _, state, _ in job_rows(desk)] == ["SUCCESS"])
    assert len(read_lines(tmp_path / "begun")) == 1
    assert read_lines(tmp_path / "sent") == []


def test_a_letter_whose_worker_is_killed_before_it_began_is_sent_once(desk: Store, workers: Workers, tmp_path: Path):
    put_letter(desk)
    with held(tmp_path):
        first = workers()
        enqueue(desk, JobName.FIND_DUPLICATES, "other")
        assert eventually(lambda: bool(read_lines(tmp_path / "done")))
        kill(first)
        enqueue(desk, JobName.SEND_DELIVERY, "letter-1")
    workers()
    assert eventually(lambda: read_letter(desk).status is DeliveryStatus.SENT)
    assert read_lines(tmp_path / "sent") == ["letter-1"]


def test_a_survivor_takes_up_what_the_killed_one_held(desk: Store, workers: Workers, tmp_path: Path):
    with held(tmp_path):
        workers()
        workers()
        assert eventually(lambda: len(read_lines(tmp_path / "workers")) == 2)
        enqueue(desk, JobName.FIND_DUPLICATES, *"abcdef")
        assert eventually(lambda: len(read_lines(tmp_path / "done")) == 6)
        holders = dict(line.split() for line in read_lines(tmp_path / "done"))
        victim = int(holders["a"])
        os.kill(victim, signal.SIGKILL)
        orphans = {ident for ident, pid in holders.items() if int(pid) == victim}
        assert eventually(lambda: len(read_lines(tmp_path / "done")) == 6 + len(orphans))
    assert eventually(lambda: all(state == "SUCCESS" for _, state, _ in job_rows(desk)))
    again = [line.split() for line in read_lines(tmp_path / "done")[6:]]
    assert sorted(ident for ident, _ in again) == sorted(orphans)
    assert all(int(pid) != victim for _, pid in again)


def test_one_process_runs_the_schedules_and_another_takes_over_when_it_is_killed(
    desk: Store, workers: Workers, tmp_path: Path
):
    processes = {process.pid: process for process in (workers(), workers())}
    assert eventually(lambda: len(read_lines(tmp_path / "workers")) == 2)
    assert eventually(lambda: len(read_lines(tmp_path / "ticks")) >= 20)
    (leader,) = {int(line) for line in read_lines(tmp_path / "ticks")}
    kill(processes.pop(leader))
    (heir,) = processes
    assert eventually(lambda: str(heir) in read_lines(tmp_path / "ticks"))


def test_a_job_that_killed_its_process_too_often_is_given_up(desk: Store, workers: Workers, tmp_path: Path):
    enqueue(desk, JobName.SEND_MESSAGE, "poison")
    with desk.write() as session:  # as if it had been taken up that often before
        table = table_name(desk, "workflow_status")
        session.execute(text(f"UPDATE {table} SET recovery_attempts = :n"), {"n": jobs.CRASHES_ALLOWED})
    assert workers().wait(timeout=30) == CRASH
    workers()
    assert eventually(lambda: read_lines(tmp_path / "given_up") == ["poison crashed"])
    assert len(read_lines(tmp_path / "crashes")) == 1
    assert eventually(lambda: job_rows(desk) == [])
