"""Where in a text the unit complained of is named: every short span is weighed by what stands in and around it.

A linear model over character n-grams at both ends, word borders, endings (敬老院, 民政办) and length finds names that
no list knows; `triage/data/training/remake_institutions.py` makes its weights.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files

import numpy as np
from ahocorasick_rs import AhoCorasick, MatchKind
from numpy.typing import NDArray

from triage.entities.gaps import (
    BY_KIND,
    INNER,
    LEFT,
    PAD,
    RIGHT,
    TABLE_SIZE,
    Hashes,
    Signs,
    describe_gaps,
    salt,
    spread_salts,
)
from triage.entities.names import load_names
from triage.entities.words import cut_words
from triage.signs import codes_of

Numbers = NDArray[np.int64]
Scores = NDArray[np.float32]

ENDINGS = ("none", "home", "office", "company", "place", "head")
NULL = TABLE_SIZE - 1
SHORTEST, LONGEST = 2, 14
LENGTHS = np.arange(SHORTEST, LONGEST + 1)
_MOST_CHARACTERS, _LONGEST_ENDING, _ROOMS = 20_000, 15, LONGEST + 1
_OUTSIDE = re.compile(r"[^\u3400-\u9fffA-Za-z0-9“”\"「」『』·]")
_ROOM = bytes(min(at, LONGEST) for at in range(_MOST_CHARACTERS + 1))
# Digits and letters are alike.
_SHAPES = np.array([ord("0" if c.isdigit() else "a" if c.isalpha() else c) for c in map(chr, range(0x80))], np.uint32)


@dataclass(frozen=True, slots=True)
class SpanTable:
    """What is told of every gap between two characters as the beginning or the end of a name.

    `places` (features by gap) are places in the weights. The first group of rows speaks for a name that begins at the
    gap, the second for one that ends there, the third for the character behind it as part of a name, each further one
    for a name that begins there and has an ending of one kind: `group_of` tells which, `groups` where each begins.
    `kinds` and `sizes` are the ending's kind and length at each gap, `room` the characters before it without a sign.
    """

    places: Hashes
    groups: Numbers
    group_of: Numbers
    kinds: Signs
    sizes: Signs
    room: Signs


@dataclass(frozen=True, slots=True)
class SpanWeights:
    """A weight for each place, and what follows from them for each length by kind and size of ending and by room."""

    by_place: Scores
    by_length: Scores


def tabulate(text: str) -> SpanTable | None:
    """The gaps of a plain view and what is told of them; None where no two characters could be a name."""
    text = text[:_MOST_CHARACTERS]
    parts = _OUTSIDE.split(text)
    if max(map(len, parts)) < SHORTEST:
        return None
    room = np.frombuffer(b"".join([_ROOM[: len(part) + 1] for part in parts]), np.uint8)
    codes = np.zeros(len(text) + 2 * PAD, np.uint32)
    codes[PAD:-PAD] = codes_of(text)
    told_kinds, told_sizes = _find_endings(text)
    kinds, sizes = np.frombuffer(told_kinds, np.uint8), np.frombuffer(told_sizes, np.uint8)
    rows, salts, groups, group_of = _plan_rows(frozenset(told_kinds))
    shapes = np.where(codes < len(_SHAPES), _SHAPES.take(codes, mode="clip"), codes)
    gaps = describe_gaps(text, shapes, cut_words(text), kinds)
    return SpanTable(salt(gaps.take(rows, axis=0), salts), groups, group_of, kinds, sizes, room)


def score_spans(table: SpanTable, weights: SpanWeights) -> Scores:
    """A score for each gap where a name may end (row) and each of LENGTHS (column), -inf where none can be.

    Above 0 a name of the unit complained of is likelier than none.
    """
    size = len(table.kinds)
    sums = np.add.reduceat(weights.by_place.take(table.places), table.groups, axis=0)
    inner = np.zeros(size, sums.dtype)
    sums[2, :-1].cumsum(out=inner[1:])
    begins = sums[3:] + (sums[0] - inner)
    ends = table.group_of.take(table.kinds) * size + np.arange(size)
    scores: Scores = begins.take(ends[:, None] - LENGTHS, mode="clip")
    scores += weights.by_length.take(_case_of(table), axis=0)
    scores += (sums[1] + inner)[:, None]
    return scores


def place_of(cell: int) -> tuple[int, int]:
    """The first and last gap of the span of a score, counted row by row."""
    end, column = divmod(cell, len(LENGTHS))
    return end - SHORTEST - column, end


def weigh(by_place: Scores) -> SpanWeights:
    """The weights of all places with what follows from them for each length."""
    kinds, sizes, rooms = np.indices((len(ENDINGS), _LONGEST_ENDING + 1, _ROOMS))[..., None]
    told = by_place.take(places_of_length(kinds, sizes)).sum(0) - by_place[NULL]
    cases: Scores = np.where(rooms >= LENGTHS, told, -np.inf).astype(by_place.dtype)
    return SpanWeights(by_place, cases.reshape(-1, len(LENGTHS)))


def places_of_length(kinds: Numbers | Signs, sizes: Numbers | Signs) -> Hashes:
    """The two places of the weights that speak for each of LENGTHS, given an ending's kind and size."""
    named = np.minimum(np.maximum(LENGTHS - sizes.astype(np.int64), -1), 8) + 1
    told = np.array(np.broadcast_arrays(LENGTHS * 8 + kinds, named * 8 + kinds), np.uint32)
    return salt(told, spread_salts(500, 2).reshape(2, *[1] * kinds.ndim))


@lru_cache(maxsize=1)
def load_weights() -> SpanWeights:
    """The shipped weights, one for each place of the hash table."""
    with as_file(files("triage").joinpath("data", "model", "institutions.npz")) as path, np.load(path) as stored:
        table = np.zeros(TABLE_SIZE, np.float32)
        table[stored["places"]] = stored["weights"].astype(np.float32)
    return weigh(table)


def _case_of(table: SpanTable) -> Numbers:
    """The row of `by_length` for each gap."""
    cases: Numbers = (table.kinds * np.int64(_LONGEST_ENDING + 1) + table.sizes) * _ROOMS + table.room
    return cases


def _find_endings(text: str) -> tuple[bytearray, bytearray]:
    """At each gap the kind of the longest known ending that stops there, and its length."""
    automaton, kind_of = _ending_words()
    kinds, sizes = bytearray(len(text) + 1), bytearray(len(text) + 1)
    for number, start, end in automaton.find_matches_as_indexes(text, overlapping=True):
        if end - start > sizes[end]:
            kinds[end], sizes[end] = kind_of[number], end - start
    return kinds, sizes


@lru_cache(maxsize=1)
def _ending_words() -> tuple[AhoCorasick, list[int]]:
    words = load_names().institutions
    by_kind = (
        ("head", words.home_heads),
        ("place", words.place_suffixes),
        ("company", words.company_suffixes),
        ("office", words.office_suffixes),
        ("home", words.home_suffixes),
    )
    kinds = {word: ENDINGS.index(name) for name, some in by_kind for word in some}
    return AhoCorasick(list(kinds), matchkind=MatchKind.Standard), list(kinds.values())


@lru_cache(maxsize=1 << len(ENDINGS))
def _plan_rows(kinds: frozenset[int]) -> tuple[Numbers, Hashes, Numbers, Numbers]:
    """For a text with endings of these kinds: the rows of its gaps to look up and their salts, where each group of
    rows begins, and by kind how many groups come before its own behind the first three.
    """
    there = sorted(kinds)
    groups = [(LEFT, 100), (RIGHT, 200), (INNER, 400), *((BY_KIND, 300 + kind * len(BY_KIND)) for kind in there)]
    rows = np.concatenate([rows for rows, _ in groups])
    begins = np.cumsum([0, *(len(rows) for rows, _ in groups[:-1])])
    salts = np.concatenate([_salts_of(*group) for group in groups])
    return rows, salts, begins, np.searchsorted(there, np.arange(len(ENDINGS)))


def _salts_of(rows: tuple[int, ...], first: int) -> Hashes:
    if rows is RIGHT:  # its last four came later and have numbers of their own
        return np.concatenate((spread_salts(first, 15), spread_salts(700, 4)))
    return spread_salts(first, len(rows))
