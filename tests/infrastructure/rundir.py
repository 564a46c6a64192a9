"""One folder for one test run, in memory where there is room, shared by all its worker processes.

The process that collects the tests makes it and removes it; what a killed run left behind, the next one clears away.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure import postgres

PREFIX = "hotline-tests-"
ROOM = 2 * 1024**3
RUN_DIR = pytest.StashKey[Path]()


def choose_base() -> Path:
    """The memory file system where it is writable and large enough, else the temporary folder."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM:
        return memory
    return Path(tempfile.gettempdir())


def make_run_dir(base: Path) -> Path:
    """A folder that names its owner's process; other accounts may pass through it but list nothing."""
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=base))
    folder.chmod(0o711)
    return folder


def clear_leftovers(base: Path) -> None:
    """Stop the clusters and remove the folders of our own earlier runs that were killed."""
    for folder in base.glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if folder.stat().st_uid == os.getuid() and owner.isdigit() and not Path(f"/proc/{owner}").exists():
            remove_run_dir(folder)


def remove_run_dir(folder: Path) -> None:
    """Stop the run's cluster, if it started one, and remove the folder."""
    postgres.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Let one process of the run in at a time."""
    with lock.open("w") as handle:
        flock(handle, LOCK_EX)
        yield


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder, or as a worker take the one we were told of."""
    given = getattr(config, "workerinput", {}).get("run_dir")
    if given is not None:
        config.stash[RUN_DIR] = Path(given)
        os.environ["HOTLINE_MEMORY_DIR"] = given
        return
    base = choose_base()
    clear_leftovers(base)
    config.stash[RUN_DIR] = make_run_dir(base)
    os.environ["HOTLINE_MEMORY_DIR"] = str(config.stash[RUN_DIR])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the folder is."""
    node.workerinput["run_dir"] = str(node.config.stash[RUN_DIR])


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that made the folder removes it."""
    if not hasattr(config, "workerinput") and RUN_DIR in config.stash:
        remove_run_dir(config.stash[RUN_DIR])


@pytest.fixture(scope="session")
def run_dir(request: pytest.FixtureRequest) -> Path:
    """The folder of this test run."""
    return request.config.stash[RUN_DIR]
