"""The office's own words: phrases with weights, what each speaks for, and where it must not stand.

The shipped TOML is the base; what an office changes is laid over it as further entries. Every error names file and line.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from triage.errors import DataError, line_of

_KEYS = frozenset({"words", "weight", "why", "whole", "unless", "needs"})


@dataclass(frozen=True, slots=True)
class Entry:
    """Words that speak for `topic` with `weight`.

    `whole` words fire only on word boundaries; `unless` lists longer words or neighbours in the same clause that
    silence the entry; of `needs` at least one must stand in the same sentence.
    """

    topic: str
    words: tuple[str, ...]
    weight: float
    why: str = ""
    whole: bool = False
    unless: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All entries, the whole-word traps and a version that assessments store."""

    entries: tuple[Entry, ...]
    traps: tuple[str, ...] = ()
    version: str = "base"
    own_words: tuple[str, ...] = field(default=())


def load_lexicon(data_dir: Path, topics: Iterable[str], overlay: Sequence[Entry] | None = None) -> Lexicon:
    """Read `lexicon/*.toml` (file name = topic) and `traps.toml`, lay `overlay` over them.

    Raises DataError with file and line for an unknown topic or key, an empty word or a weight that is no number.
    """
    known = frozenset(topics)
    entries: list[Entry] = []
    for path in sorted((data_dir / "lexicon").glob("*.toml")):
        if path.stem not in known:
            raise DataError(path, 0, f"unknown topic {path.stem!r}")
        entries.extend(_read_entries(path))
    traps, own = _read_traps(data_dir / "traps.toml")
    return Lexicon((*entries, *(overlay or ())), traps, own_words=own)


def _read_entries(path: Path) -> list[Entry]:
    source = path.read_text(encoding="utf-8")
    try:
        raw = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise DataError(path, 0, str(error)) from error
    return [
        _read_entry(path, line_of(source, "[[entry]]", number), fields)
        for number, fields in enumerate(raw.get("entry", ()), 1)
    ]


def _read_entry(path: Path, line: int, fields: Mapping[str, Any]) -> Entry:
    unknown = sorted(set(fields) - _KEYS)
    if unknown:
        raise DataError(path, line, f"unknown key {unknown[0]!r}")
    words = tuple(fields.get("words", ()))
    if not words or not all(isinstance(word, str) and word.strip() for word in words):
        raise DataError(path, line, "words must be a list of non-empty words")
    weight = fields.get("weight", 1.0)
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise DataError(path, line, "weight must be a number")
    return Entry(
        topic=path.stem,
        words=words,
        weight=float(weight),
        why=str(fields.get("why", "")),
        whole=bool(fields.get("whole", False)),
        unless=tuple(fields.get("unless", ())),
        needs=tuple(fields.get("needs", ())),
        source=f"{path.name}:{line}",
    )


def _read_traps(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not path.exists():
        return (), ()
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(raw.get("inside", ())), tuple(raw.get("own_words", ()))
