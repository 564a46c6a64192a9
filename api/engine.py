"""When the engine of background work starts and stops: beside the web server, or alone as a worker.

It starts in a thread of its own, so that the first page is served at once, and keeps trying while the database is away.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from threading import Event, Thread

from casework.jobs import JobEngine

logger = logging.getLogger("hotline.jobs")
PAUSES = (timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=5), timedelta(seconds=15))


class EngineThread:
    """An engine being started, running or being stopped, without anybody having to wait for the start."""

    def __init__(self, engine: JobEngine, *, pauses: tuple[timedelta, ...] = PAUSES) -> None:
        self.engine = engine
        self.finished = True
        self._pauses = pauses
        self._stopping = Event()
        self._thread = Thread(target=self._start_engine, name="hotline-engine-start", daemon=True)

    def start(self) -> None:
        """Begin starting and come back at once."""
        self._thread.start()

    def stop(self) -> bool:
        """Stop the engine within five seconds; tells whether nothing was left in hand, as `finished` does later."""
        self._stopping.set()
        self._thread.join(timeout=1)
        self.finished = not self._thread.is_alive() and self.engine.stop()
        return self.finished

    def _start_engine(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                self.engine.start()
            except Exception as error:  # the database may be on its way up; its text may name hosts and accounts
                logger.warning("engine_not_started", extra={"error_code": type(error).__name__})
                pause = self._pauses[min(failures, len(self._pauses) - 1)]
                failures += 1
                self._stopping.wait(pause.total_seconds())
            else:
                return


@asynccontextmanager
async def engine_beside(thread: EngineThread) -> AsyncIterator[None]:
    """Run the engine while a web server runs: part of the application's lifespan. Costs its start no time."""
    thread.start()
    try:
        yield
    finally:
        await asyncio.to_thread(thread.stop)


def run_worker(thread: EngineThread) -> bool:
    """Run the engine until SIGTERM or SIGINT (`hotline worker`); tells whether everything in hand was finished.

    A second signal changes nothing: what is in hand gets its few seconds. Must run in the main thread.
    """
    told = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: told.set())
    thread.start()
    told.wait()
    return thread.stop()


def end_process(*, finished: bool, leave: Callable[[int], None] = os._exit) -> None:
    """End at once where a job is still in hand; it will be taken up elsewhere as after a crash.

    Without it the interpreter would wait for the job's thread, however long a mail server keeps it hanging.
    """
    if not finished:
        sys.stdout.flush()
        sys.stderr.flush()
        leave(0)
