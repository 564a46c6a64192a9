"""The log of the whole test run, searched at its end: no line of any test may carry somebody's number.

Each process of the run writes down what the product's own log would have got (our loggers from INFO on, libraries from
WARNING on) through the product's own net; the process that collects the tests reads all of it when they are done. A
number there makes the run fail; lines in which the net had to mask one are shown, for whoever wrote them to mend.
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.redaction import MASK, NUMBERS, redact
from tests.infrastructure.rundir import RUN_DIR

FOLDER = "log"
OURS = "hotline"
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
HANDLER = pytest.StashKey[logging.Handler]()
FOUND, MASKED = pytest.StashKey[list[str]](), pytest.StashKey[list[str]]()


class RunLog(logging.FileHandler):
    """One line a record: who wrote it, its text, the facts given beside it."""

    def format(self, record: logging.LogRecord) -> str:
        facts = {name: value for name, value in vars(record).items() if name not in STANDARD}
        return redact(f"{record.name} {record.getMessage()!r} {facts!r}")

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= (logging.INFO if record.name.startswith(OURS) else logging.WARNING):
            super().emit(record)


def find_numbers(folder: Path) -> list[str]:
    """The lines that carry a phone's, a card's, a person's or a report's number."""
    return [line for line in read_lines(folder) if NUMBERS.search(line)]


def find_masked(folder: Path) -> list[str]:
    """The lines that would have carried one."""
    return sorted({line for line in read_lines(folder) if MASK in line})


def read_lines(folder: Path) -> Iterator[str]:
    """Every line of every process."""
    for path in sorted(folder.glob("*.log")):
        yield from path.read_text(encoding="utf-8", errors="replace").splitlines()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Listen, in this process of the run."""
    folder = config.stash[RUN_DIR] / FOLDER
    folder.mkdir(exist_ok=True)
    name = getattr(config, "workerinput", {}).get("workerid", "main")
    handler = RunLog(folder / f"{name}.log", encoding="utf-8", delay=True)
    config.stash[HANDLER] = handler
    logging.getLogger().addHandler(handler)
    logging.getLogger(OURS).setLevel(logging.INFO)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """When every process is done, the first one reads; a number anywhere makes the run fail."""
    config = session.config
    handler = config.stash[HANDLER]
    logging.getLogger().removeHandler(handler)
    handler.close()
    if hasattr(config, "workerinput"):
        return
    config.stash[FOUND] = find_numbers(config.stash[RUN_DIR] / FOLDER)
    config.stash[MASKED] = find_masked(config.stash[RUN_DIR] / FOLDER)
    if config.stash[FOUND]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Tell the lines."""
    for line in config.stash.get(FOUND, []):
        terminalreporter.write_line(f"a number in the log of the run: {line[:300]}", red=True)
    for line in config.stash.get(MASKED, []):
        terminalreporter.write_line(f"masked in the log of the run: {line[:300]}")
