"""The office's own words: what each speaks for, how much, and where it must not stand.

The shipped TOML is the base; what an office changes is laid over it. Every error names file and line.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.errors import DataError, line_of

_FLAGS = ("whole", "negatable")
_LISTS = ("words", "unless", "needs")
_KEYS = frozenset({"name", "why", "weight", *_FLAGS, *_LISTS})
_HEAVIEST = 5.0


@dataclass(frozen=True, slots=True)
class Entry:
    """Words that speak for `topic`: a category, or one of the shared topics (people, danger).

    The learned part weighs each entry by its name; `weight` is added on top to the category's margin (1 is about as
    much as a clear case has), which is how an office's own phrase takes effect at once. `whole` words, and every single
    character, fire only on word boundaries; `unless` silences the entry where one of these stands in the same clause;
    of `needs` at least one must stand in the same sentence; `negatable` words don't count behind 没 or 不.
    """

    topic: str
    name: str
    words: tuple[str, ...]
    why: str = ""
    weight: float = 0.0
    whole: bool = False
    negatable: bool = False
    unless: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    source: str = ""

    @property
    def is_learned(self) -> bool:
        """Whether only the learned part weighs it; what an office weighs itself also fires inside a longer word."""
        return not (self.weight or self.unless or self.needs)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All entries, the longer words that only look like ours, words for the segmenter, and a version to store."""

    entries: tuple[Entry, ...]
    traps: tuple[str, ...] = ()
    own_words: tuple[str, ...] = ()
    version: str = "base"


def load_lexicon(
    data_dir: Path, topics: Iterable[str], overlay: Sequence[Entry] | None = None, *, version: str = "base"
) -> Lexicon:
    """Read `lexicon/*.toml` (file name = topic) and `traps.toml`, lay `overlay` over them.

    An overlay entry of the same topic and name replaces the shipped one; one without words removes it. Raises DataError
    with file and line for an unknown topic or key, an empty or repeated word, or a weight that is no number.
    """
    known = frozenset(topics)
    entries: dict[tuple[str, str], Entry] = {}
    for path in sorted((data_dir / "lexicon").glob("*.toml")):
        for entry in read_entries(path, path.read_text(encoding="utf-8"), known):
            entries[entry.topic, entry.name] = entry
    for entry in overlay or ():
        entries[entry.topic, entry.name] = entry
    traps, own_words = _read_traps(data_dir / "traps.toml")
    return Lexicon(tuple(entry for entry in entries.values() if entry.words), traps, own_words, version)


def read_entries(path: Path, source: str, topics: Iterable[str]) -> list[Entry]:
    """Parse one lexicon file whose stem is the topic; DataError says file and line of what is wrong."""
    if path.stem not in topics:
        raise DataError(path, 0, f"unknown topic {path.stem!r}")
    try:
        raw = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise DataError(path, int(found.group(1)) if found else 0, str(error)) from error
    names: set[str] = set()
    entries = []
    for number, fields in enumerate(raw.get("entry", ()), 1):
        line = line_of(source, "[[entry]]", number)
        entry = _read_entry(path, line, fields)
        if entry.name in names:
            raise DataError(path, line, f"second entry named {entry.name!r}")
        names.add(entry.name)
        entries.append(entry)
    return entries


def _read_entry(path: Path, line: int, fields: Mapping[str, Any]) -> Entry:
    unknown = sorted(set(fields) - _KEYS)
    if unknown:
        raise DataError(path, line, f"unknown key {unknown[0]!r}")
    if not isinstance(fields.get("name"), str) or not fields["name"]:
        raise DataError(path, line, "an entry needs a name")
    lists = {key: _read_words(path, line, key, fields.get(key, ())) for key in _LISTS}
    if not lists["words"]:
        raise DataError(path, line, "an entry needs words")
    weight = fields.get("weight", 0.0)
    if isinstance(weight, bool) or not isinstance(weight, int | float) or abs(weight) > _HEAVIEST:
        raise DataError(path, line, f"weight must be a number from -{_HEAVIEST} to {_HEAVIEST}")
    flags = {key: fields.get(key, False) for key in _FLAGS}
    if not all(isinstance(value, bool) for value in flags.values()):
        raise DataError(path, line, "whole and negatable are true or false")
    return Entry(
        topic=path.stem,
        name=fields["name"],
        words=lists["words"],
        why=str(fields.get("why", "")),
        weight=float(weight),
        whole=flags["whole"],
        negatable=flags["negatable"],
        unless=lists["unless"],
        needs=lists["needs"],
        source=f"{path.name}:{line}",
    )


def _read_words(path: Path, line: int, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) and word.strip() for word in value):
        raise DataError(path, line, f"{key} must be a list of words")
    twice = [word for at, word in enumerate(value) if word in value[:at]]
    if twice:
        raise DataError(path, line, f"{key} holds {twice[0]!r} twice")
    return tuple(value)


def _read_traps(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    source = path.read_text(encoding="utf-8")
    try:
        raw = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise DataError(path, 0, str(error)) from error
    return tuple(raw.get("inside", ())), tuple(raw.get("own_words", ()))
