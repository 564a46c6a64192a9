"""The office's own words: what each speaks for, how much, and where it must not stand.

The shipped TOML is the base; what an office changes is laid over it. Every error names file and line.
"""

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.errors import DataError
from triage.fields import Fields, Tables, read_flag, read_name, read_tables, read_weight, read_words
from triage.patterns import Pattern, WordSet, read_patterns, read_sets

SETS, PEOPLE = "sets.toml", "people"

_LISTS = ("words", "unless", "needs")
_KEYS = frozenset({"name", "why", "weight", "whole", "negatable", *_LISTS})
_TABLES = ("entry", "pattern")


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
    """All entries and patterns, longer words that only look like ours, words for the segmenter, a version to store."""

    entries: tuple[Entry, ...]
    traps: tuple[str, ...] = ()
    own_words: tuple[str, ...] = ()
    version: str = "base"
    patterns: tuple[Pattern, ...] = ()
    sets: tuple[WordSet, ...] = ()

    def list_sets(self) -> Mapping[str, Collection[str]]:
        """The words of each set by name: what a pattern's `@name` stands for, the entries about people among them."""
        words: dict[str, list[str]] = {}
        for name, more in [*((each.name, each.words) for each in self.sets), *self._people()]:
            words.setdefault(name, []).extend(more)
        return words

    def _people(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(entry.name, entry.words) for entry in self.entries if entry.topic == PEOPLE]


def load_lexicon(
    data_dir: Path, topics: Iterable[str], overlay: Sequence[Entry] | None = None, *, version: str = "base"
) -> Lexicon:
    """Read `lexicon/*.toml` (file name = topic; `sets.toml` holds the sets) and `traps.toml`, lay `overlay` over them.

    An overlay entry of the same topic and name replaces the shipped one; one without words removes it. Raises DataError
    with file and line for an unknown topic, table, key or set, an empty or repeated word, or a number out of range.
    """
    known = frozenset(topics)
    folder = data_dir / "lexicon"
    tables = {
        path: _read_topic(path, _text_of(path), known) for path in sorted(folder.glob("*.toml")) if path.name != SETS
    }
    entries = [entry for path, rows in tables.items() for entry in _list_entries(path, rows["entry"])]
    laid = {(entry.topic, entry.name): entry for entry in (*entries, *(overlay or ()))}
    kept = tuple(entry for entry in laid.values() if entry.words)
    people = [entry.name for entry in kept if entry.topic == PEOPLE]
    sets = read_sets(folder / SETS, read_tables(folder / SETS, _text_of(folder / SETS), ("set",))["set"], people)
    names = frozenset([*people, *(each.name for each in sets)])
    patterns = [each for path, rows in tables.items() for each in read_patterns(path, rows["pattern"], names)]
    traps, own_words = _read_traps(data_dir / "traps.toml")
    return Lexicon(kept, traps, own_words, version, tuple(patterns), tuple(sets))


def read_entries(path: Path, source: str, topics: Collection[str]) -> list[Entry]:
    """Parse the entries of one lexicon file whose stem is the topic; DataError says file and line of what is wrong."""
    return _list_entries(path, _read_topic(path, source, topics)["entry"])


def _read_topic(path: Path, source: str, topics: Collection[str]) -> Tables:
    if path.stem not in topics:
        raise DataError(path, 0, f"unknown topic {path.stem!r}")
    return read_tables(path, source, _TABLES)


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _list_entries(path: Path, rows: Iterable[tuple[int, Fields]]) -> list[Entry]:
    entries: list[Entry] = []
    for line, fields in rows:
        name = read_name(path, line, fields, _KEYS, [entry.name for entry in entries])
        words, unless, needs = (read_words(path, line, key, fields.get(key, ())) for key in _LISTS)
        if not words:
            raise DataError(path, line, "an entry needs words")
        entries.append(
            Entry(
                topic=path.stem,
                name=name,
                words=words,
                why=str(fields.get("why", "")),
                weight=read_weight(path, line, fields),
                whole=read_flag(path, line, fields, "whole"),
                negatable=read_flag(path, line, fields, "negatable"),
                unless=unless,
                needs=needs,
                source=f"{path.name}:{line}",
            )
        )
    return entries


def _read_traps(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    try:
        raw = tomllib.loads(_text_of(path))
    except tomllib.TOMLDecodeError as error:
        raise DataError(path, 0, str(error)) from error
    return tuple(raw.get("inside", ())), tuple(raw.get("own_words", ()))
