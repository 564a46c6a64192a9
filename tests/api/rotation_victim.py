"""A rotation that is killed with signal 9 in the file, inside a unit of work, or between two of them."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from api import rotation, secret_commands
from casework import wraps


def die(*_args: Any, **_kwargs: Any) -> None:
    """As a power cut ends a process: at once."""
    os.kill(os.getpid(), signal.SIGKILL)


def rewrap_and_die(*args: Any, **kwargs: Any) -> wraps.Batch:
    """Changes are made, and never committed."""
    batch = wraps.rewrap_batch(*args, **kwargs)
    if batch.done:
        die()
    return batch


def dying_walk(*args: Any, **_kwargs: Any) -> None:
    """The first rows are committed, the others wait."""
    rotation.rewrap_all(*args, tell=lambda rows: die() if rows else None)


def main(moment: str) -> None:
    """Rotate until then."""
    patch = pytest.MonkeyPatch()
    patch.setattr(wraps, "BATCH", 1)
    if moment == "in_the_file":
        patch.setattr(Path, "replace", die)
    elif moment == "before_commit":
        patch.setattr(rotation, "rewrap_batch", rewrap_and_die)
    else:
        patch.setattr(secret_commands, "rewrap_all", dying_walk)
    secret_commands.rotate(new=False, only_add=False)


if __name__ == "__main__":
    main(sys.argv[1])
