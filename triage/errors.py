"""What can be wrong with triage's own data files.

A text is never an error; only the office's data can be, and then the error says where.
"""

from pathlib import Path


class TriageError(Exception):
    """Base of triage's errors."""


class DataError(TriageError):
    """A data file is wrong: `path`, `line` (0 where unknown) and `reason` say where and how."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        self.path, self.line, self.reason = path, line, reason
        super().__init__(f"{path.name}:{line}: {reason}")


def line_of(source: str, needle: str, occurrence: int = 1) -> int:
    """The 1-based line on which `needle` stands for the `occurrence`-th time, 0 where it does not."""
    seen = 0
    for number, line in enumerate(source.splitlines(), 1):
        if needle in line:
            seen += 1
            if seen == occurrence:
                return number
    return 0
