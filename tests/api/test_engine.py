"""Starting without making anybody wait, and stopping within five seconds, as a web server's or a worker's part."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.engine import EngineThread, end_process, engine_beside
from casework import jobs
from casework.jobs import JobName
from casework.store import Store
from tests.casework.job_desk import an_engine, eventually, job_rows, open_desk, read_lines, some_handlers

ROOT = Path(__file__).parents[2]


@pytest.fixture
def desk(database_url: str) -> Iterator[Store]:
    store = open_desk(database_url)
    yield store
    store.close()


@pytest.fixture
def worker(database_url: str, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.casework.job_worker", database_url, str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT)
    yield process
    process.kill()
    process.wait()


def enqueue(store: Store, ident: str) -> None:
    with store.write() as session:
        jobs.enqueue(session, JobName.FIND_DUPLICATES, ident, key=ident)


def test_a_worker_told_to_end_finishes_what_is_in_hand(desk: Store, worker: subprocess.Popen[bytes], tmp_path: Path):
    (tmp_path / "hold").touch()
    enqueue(desk, "row")
    assert eventually(lambda: bool(read_lines(tmp_path / "done")))
    worker.send_signal(signal.SIGTERM)
    (tmp_path / "hold").unlink()
    assert worker.wait(timeout=5) == 0
    assert [state for _, state, _ in job_rows(desk)] == ["SUCCESS"]


def test_a_worker_told_to_end_goes_within_five_seconds_even_if_a_job_hangs(
    desk: Store, worker: subprocess.Popen[bytes], tmp_path: Path
):
    (tmp_path / "hold").touch()
    enqueue(desk, "row")
    assert eventually(lambda: bool(read_lines(tmp_path / "done")))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=5) == 0
    assert [state for _, state, _ in job_rows(desk)] == ["PENDING"]


def test_beside_a_web_server_the_start_takes_no_time_and_the_end_is_clean(desk: Store):
    done: list[str] = []
    thread = EngineThread(an_engine(desk, some_handlers(find_duplicates=done.append)))
    enqueue(desk, "row")

    async def serve() -> None:
        async with engine_beside(thread):
            assert not thread.engine.is_running
            assert await asyncio.to_thread(eventually, lambda: done == ["row"])

    asyncio.run(serve())
    assert thread.finished
    assert not thread.engine.is_running


def test_it_keeps_trying_until_the_database_is_ready(empty_database_url: str):
    early = Store(empty_database_url)
    thread = EngineThread(an_engine(early), pauses=(timedelta(seconds=0.05),))
    thread.start()
    jobs.create_tables(early)
    open_desk(empty_database_url).close()
    assert eventually(lambda: thread.engine.is_running)
    assert thread.stop()
    early.close()


def test_it_can_be_stopped_while_it_is_still_trying(empty_database_url: str):
    store = Store(empty_database_url)
    thread = EngineThread(an_engine(store))
    thread.start()
    assert thread.stop()
    store.close()


def test_the_process_is_cut_short_only_where_a_job_is_left():
    codes: list[int] = []
    end_process(finished=True, leave=codes.append)
    assert codes == []
    end_process(finished=False, leave=codes.append)
    assert codes == [0]
