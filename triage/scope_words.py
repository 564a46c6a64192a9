"""The words that tie a text to elder care, as the data file gives them.

They stand apart from the question itself, because the context carries them and the question needs a reading.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from triage.errors import DataError
from triage.matching import Finder


@dataclass(frozen=True)
class Scope:
    """The words that tie a text to elder care, and how many different ones a text of some length needs."""

    finder: Finder
    steps: tuple[tuple[int, int], ...]
    short_length: int
    other_words: int


def load_scope(data_dir: Path) -> Scope:
    """Read `scope.toml`; DataError where a key is missing or of the wrong kind."""
    path = data_dir / "scope.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return Scope(
            finder=Finder(str(word) for word in raw["words"]),
            steps=tuple((int(step["length"]), int(step["at_most"])) for step in raw["steps"]),
            short_length=int(raw["short"]["length"]),
            other_words=int(raw["short"]["other_words"]),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DataError(path, 0, str(error)) from error
