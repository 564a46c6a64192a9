"""A worker process for the tests that kill one: `python -m tests.casework.job_worker URL FOLDER`.

It sends letters by writing a line into FOLDER/sent; while FOLDER/hold exists it stops between the two halves of a send.
"""

import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event

from api.engine import EngineThread, end_process, run_worker
from casework.jobs import JobName, Schedule
from tests.casework.job_desk import an_engine, open_desk, send_letter, some_handlers

CRASH = 9


def append(path: Path, line: str) -> None:
    with path.open("a") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def hold_while(path: Path) -> None:
    pause = Event()
    while path.exists():
        pause.wait(0.02)


def a_courier(folder: Path) -> Callable[[str], None]:
    def send(ident: str) -> None:
        append(folder / "begun", f"{ident} {os.getpid()}")
        hold_while(folder / "hold")
        append(folder / "sent", ident)

    return send


def main(url: str, folder: Path) -> None:
    store = open_desk(url)

    def count(ident: str) -> None:
        append(folder / "done", f"{ident} {os.getpid()}")
        hold_while(folder / "hold")

    def crash(ident: str) -> None:
        append(folder / "crashes", ident)
        os._exit(CRASH)

    handlers = some_handlers(
        **{
            JobName.SEND_DELIVERY: lambda ident: send_letter(store, ident, a_courier(folder)),
            JobName.FIND_DUPLICATES: count,
            JobName.SEND_MESSAGE: crash,
        }
    )
    given_up = {name: lambda ident, code: append(folder / "given_up", f"{ident} {code}") for name in JobName}
    tick = Schedule(timedelta(seconds=0.1), lambda _now: append(folder / "ticks", str(os.getpid())))
    engine = an_engine(store, handlers, {"tick": tick}, exhausted=given_up)
    append(folder / "workers", f"{os.getpid()} {engine.executor_id}")
    end_process(finished=run_worker(EngineThread(engine)))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
