"""Patterns of the lexicon: who does what to whom, as words of several sets near each other in one sentence.

A single word can't tell the carer who strikes from the son who does; a pattern can, and it is evidence as it stands.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

from triage.errors import DataError
from triage.features import PATTERN_MARK
from triage.fields import Fields, read_flag, read_name, read_weight, read_words

SET_MARK = "@"
_LISTS = ("unless", "needs")
_KEYS = frozenset({"name", "why", "example", "parts", "window", "free", "negatable", "weight", *_LISTS})
USUAL, WIDEST = 4, 20
FEWEST, MOST, MOST_FREE = 2, 4, 3
_SENTENCE_SIGNS = frozenset("。！？!?\n")
_AFTER = frozenset("了着过得个到上下")
_BEFORE = frozenset("0123456789一二两三四五六七八九十百千万几半没未被")

Place = tuple[int, int]
Part = tuple[str, ...]
WordsOf = Mapping[str, Collection[str]]
Boundaries = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class WordSet:
    """Words that mean the same for any pattern; a pattern says `@name`."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Parts that stand near each other and then speak for `topic`, as an Entry's words do.

    Each part is whole words of the segmenter, listed or named as a set (`@elder`). Between two parts stand at most
    `window` tokens and no end of a sentence; they follow in the order given, or in any where it is `free`. `unless`
    silences the pattern where one of these stands in a clause that it touches, of `needs` one must stand in its
    sentence; a `negatable` one doesn't count where a part is denied. `weight` is as with an Entry; in `example` it must
    be found.
    """

    topic: str
    name: str
    parts: tuple[Part, ...]
    why: str = ""
    window: int = USUAL
    free: bool = False
    negatable: bool = False
    weight: float = 0.0
    unless: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    example: str = ""
    source: str = ""


def read_sets(path: Path, rows: Sequence[tuple[int, Fields]], taken: Collection[str]) -> list[WordSet]:
    """The sets of a file, each with a name of its own that none of `taken` is."""
    sets: list[WordSet] = []
    for line, fields in rows:
        name = read_name(path, line, fields, ("name", "words"), [*taken, *(each.name for each in sets)])
        words = read_words(path, line, "words", fields.get("words", ()))
        if not words:
            raise DataError(path, line, "a set needs words")
        sets.append(WordSet(name, words))
    return sets


def read_patterns(path: Path, rows: Sequence[tuple[int, Fields]], sets: Collection[str]) -> list[Pattern]:
    """The patterns of a topic's file; `sets` are the names that a part may call by `@`."""
    patterns: list[Pattern] = []
    for line, fields in rows:
        name = read_name(path, line, fields, _KEYS, [each.name.removeprefix(PATTERN_MARK) for each in patterns])
        lists = {key: read_words(path, line, key, fields.get(key, ())) for key in _LISTS}
        free = read_flag(path, line, fields, "free")
        patterns.append(
            Pattern(
                topic=path.stem,
                name=PATTERN_MARK + name,
                parts=_read_parts(path, line, fields.get("parts", ()), sets, most=MOST_FREE if free else MOST),
                why=str(fields.get("why", "")),
                window=_read_window(path, line, fields.get("window", USUAL)),
                free=free,
                negatable=read_flag(path, line, fields, "negatable"),
                weight=read_weight(path, line, fields),
                unless=lists["unless"],
                needs=lists["needs"],
                example=str(fields.get("example", "")),
                source=f"{path.name}:{line}",
            )
        )
    return patterns


def _read_parts(path: Path, line: int, value: Any, sets: Collection[str], *, most: int) -> tuple[Part, ...]:
    if not isinstance(value, list) or not FEWEST <= len(value) <= most:
        raise DataError(path, line, f"a pattern needs {FEWEST} to {most} parts")
    parts = tuple(read_words(path, line, "parts", [part] if isinstance(part, str) else part) or ("",) for part in value)
    for word in (word for part in parts for word in part):
        if not word:
            raise DataError(path, line, "a part needs words")
        if word.startswith(SET_MARK) and word.removeprefix(SET_MARK) not in sets:
            raise DataError(path, line, f"unknown set {word!r}")
    return parts


def _read_window(path: Path, line: int, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= WIDEST:
        raise DataError(path, line, f"window must be a whole number from 0 to {WIDEST}")
    return value


_Chain = tuple[tuple[int, ...], int]
_Wanted = tuple[int, Pattern, list[tuple[int, ...]]]


class PatternFinder:
    """The patterns of one lexicon, looked for among what one pass of the automaton over `words` has found.

    Parts of the same words share a slot, which is one bit of a number; a pattern is asked for only where its anchor,
    the part that fewest others share, was found, and costs one comparison where another part is missing.
    """

    def __init__(self, patterns: Sequence[Pattern], sets: WordsOf, words: Sequence[str]) -> None:
        slots: dict[frozenset[str], int] = {}
        order_of = {
            pattern: tuple(slots.setdefault(_resolve(part, sets), 1 << len(slots)) for part in pattern.parts)
            for pattern in patterns
        }
        shared = Counter(slot for order in order_of.values() for slot in order)
        self._by_anchor: dict[int, list[_Wanted]] = {}
        for pattern, order in order_of.items():
            orders = sorted(set(permutations(order))) if pattern.free else [order]
            anchor = min(reversed(order), key=shared.__getitem__)
            self._by_anchor.setdefault(anchor, []).append((sum(set(order)), pattern, orders))
        self._anchors = sum(self._by_anchor)
        self._slots = [sum(slot for members, slot in slots.items() if word in members) for word in words]

    def find(
        self, text: str, found: Iterable[tuple[int, int, int]], boundaries: Boundaries
    ) -> list[tuple[Pattern, tuple[int, ...], int]]:
        """Each pattern with the starts of its parts and its end; `found` is (index into `words`, start, end)."""
        slots_of, present = self._slots, 0
        stood = []
        for index, start, end in found:
            slots = slots_of[index]
            if slots and (end - start > 1 or _stands_alone(text, start, boundaries)):
                present |= slots
                stood.append((slots, start, end))
        whole = [
            wanted
            for anchor in _split(present & self._anchors)
            for wanted in self._by_anchor[anchor]
            if wanted[0] & present == wanted[0]
        ]
        if not whole:
            return []
        places = _sort_places(stood, [needed for needed, _, _ in whole])
        chains = []
        for _, pattern, orders in whole:
            ways = [each for order in orders for each in _chain(pattern, order, text, places, boundaries)]
            if ways:
                chains += [(pattern, starts, end) for starts, end in _apart(ways)]
        return chains


def _sort_places(stood: Iterable[tuple[int, int, int]], needed: Iterable[int]) -> dict[int, list[Place]]:
    """The places of each slot that one of the patterns needs, in order of the text."""
    wanted = 0
    for slots in needed:
        wanted |= slots
    places: dict[int, list[Place]] = {}
    for slots, start, end in stood:
        for slot in _split(slots & wanted):
            places.setdefault(slot, []).append((start, end))
    return places


def _split(slots: int) -> Iterator[int]:
    """Each slot of several, as the one bit it is."""
    while slots:
        slot = slots & -slots
        yield slot
        slots ^= slot


def _chain(
    pattern: Pattern, order: Sequence[int], text: str, places: Mapping[int, Sequence[Place]], boundaries: Boundaries
) -> list[_Chain]:
    """All places of the last part to which the parts before lead, each by its nearest neighbour, in linear time.

    The nearest is enough: where it lies too far or beyond the end of a sentence, those before it do too.
    """
    reached: list[_Chain] = [((start,), end) for start, end in places[order[0]]]
    for slot in order[1:]:
        if len(reached) > 1:
            reached.sort(key=_by_end)
        further: list[_Chain] = []
        at = 0
        for start, end in places[slot]:
            while at < len(reached) and reached[at][1] <= start:
                at += 1
            if at and _is_near(reached[at - 1][1], start, pattern.window, text, boundaries):
                further.append(((*reached[at - 1][0], start), end))
        reached = further
    return reached


def list_words(patterns: Iterable[Pattern], sets: WordsOf) -> frozenset[str]:
    """All words of the patterns' parts."""
    return frozenset(word for pattern in patterns for part in pattern.parts for word in _resolve(part, sets))


def _stands_alone(text: str, at: int, boundaries: Boundaries) -> bool:
    """Whether a single sign is a word, but for what a segmenter leaves hanging on it (打得, 没打, 三十万)."""
    if at in boundaries:
        return at + 1 in boundaries or text[at + 1] in _AFTER
    return at + 1 in boundaries and text[at - 1] in _BEFORE


def _resolve(part: Part, sets: WordsOf) -> frozenset[str]:
    named = (sets.get(word.removeprefix(SET_MARK), ()) if word.startswith(SET_MARK) else (word,) for word in part)
    return frozenset(word for words in named for word in words)


def _by_end(chain: _Chain) -> tuple[int, int]:
    """Where a chain ends; of two that end together the longer last part comes later, and is the one taken."""
    return chain[1], -chain[0][-1]


def _is_near(left: int, right: int, window: int, text: str, boundaries: Boundaries) -> bool:
    """Whether at most `window` words and no end of a sentence lie between two places.

    A place may stand inside a word (会计 in 张会计), whose rest doesn't count.
    """
    if not _SENTENCE_SIGNS.isdisjoint(text[left:right]):
        return False
    while left not in boundaries:
        left += 1
    while right not in boundaries:
        right -= 1
    return boundaries[right] - boundaries[left] <= window


def _apart(chains: list[_Chain]) -> list[_Chain]:
    """Those of the chains that don't overlap one before them."""
    kept: list[_Chain] = []
    for chain in sorted(chains):
        if not kept or chain[0][0] >= kept[-1][1]:
            kept.append(chain)
    return kept
