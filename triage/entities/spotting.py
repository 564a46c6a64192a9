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

from triage.entities.names import load_names
from triage.entities.words import cut_words

Hashes = NDArray[np.uint32]
Numbers = NDArray[np.int64]
Scores = NDArray[np.float32]

ENDINGS = ("none", "home", "office", "company", "place", "head")
TABLE_SIZE = 1 << 18
NULL = TABLE_SIZE - 1
LONGEST = 14
_MOST_CHARACTERS = 20_000
_PAD = 4
_SHAPES = np.array([ord("0" if c.isdigit() else "a" if c.isalpha() else c) for c in map(chr, range(0x80))], np.uint32)
_OUTSIDE = re.compile(r"[^\u3400-\u9fffA-Za-z0-9“”\"「」『』·]")
_SALUTATION = re.compile(
    r"\s{0,8}(?!.{0,12}(?:反映|关于|举报|投诉|来信人|来电人|检举|吗|标题|事由|名称|问题))(?:尊敬的|敬爱的|各位)?[^,。!?;:\n“\"]{0,40}?"
    r"(?:[局委办所科队院府门组心会社室股]|领导|同志们?|部门|[市县区镇乡局]长|书记|热线|主任|纪委|政府|机关|您好|你好)"
    r"的?(?:领导|同志|负责人|工作人员|负责同志|各位)?们?\s{0,4}[:\n]"
)
_MIXERS = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35))
# What `_describe_gaps` says of each gap, by row.
_SHARED, _ENDING, _POSITION = range(15), range(15, 19), 19
_LEFT, _RIGHT, _INNER, _BY_KIND = (*_SHARED, _POSITION), (*_SHARED, *_ENDING), (4, 5), (0, 1, 2, 12, _POSITION)


@dataclass(frozen=True, slots=True)
class SpanTable:
    """All spans of a text that could be a name, with the weights' places that speak for each.

    `left` and `right` (features by gap) hold what speaks for a span that begins or ends there, `inner` what speaks for
    each character inside; `starts` and `ends` are the gaps of each span, `kinds` the ending's class at each gap.
    """

    left: Hashes
    right: Hashes
    left_by_kind: Hashes
    inner: Hashes
    lengths: Hashes
    starts: Numbers
    ends: Numbers
    kinds: Numbers


def tabulate(text: str) -> SpanTable | None:
    """The spans of a plain view and their features; None where no two characters could be a name."""
    text = text[:_MOST_CHARACTERS]
    starts, ends = _spans(text)
    if not len(starts):
        return None
    kinds, endings = _endings(text)
    gaps = _describe_gaps(text, kinds)
    salts = _load_salts()
    left_by_kind = np.zeros((len(ENDINGS), len(_BY_KIND), len(kinds)), np.uint32)
    there = np.flatnonzero(np.bincount(kinds))
    left_by_kind[there] = _salted(gaps.take(_BY_KIND, axis=0), salts.by_kind[there])
    places = _salted(gaps.take((*_LEFT, *_RIGHT, *_INNER), axis=0), salts.sides)
    right, inner = len(_LEFT), len(_LEFT) + len(_RIGHT)
    length, kind = ends - starts, kinds[ends]
    named = np.minimum(np.maximum(length - endings[ends], -1), 8) + 1
    return SpanTable(
        left=places[:right],
        right=places[right:inner],
        left_by_kind=left_by_kind,
        inner=places[inner:, :-1],
        lengths=np.array([salts.lengths[0].take(length * 8 + kind), salts.lengths[1].take(named * 8 + kind)]),
        starts=starts,
        ends=ends,
        kinds=kinds,
    )


def score_spans(table: SpanTable, weights: Scores) -> Scores:
    """One score a span, above 0 where a name of the unit complained of is likelier than none."""
    left, right = weights.take(table.left).sum(0), weights.take(table.right).sum(0)
    inner = np.zeros(len(table.kinds), weights.dtype)
    weights.take(table.inner).sum(0).cumsum(out=inner[1:])
    starts, ends = table.starts, table.ends
    kinds = table.kinds[ends]
    there = np.flatnonzero(np.bincount(kinds))
    by_kind = np.zeros((len(ENDINGS), len(table.kinds)), weights.dtype)
    by_kind[there] = weights.take(table.left_by_kind[there]).sum(1)
    total = left[starts] + right[ends] + inner[ends] - inner[starts] + by_kind[kinds, starts]
    scored: Scores = total + weights.take(table.lengths).sum(0) - weights[NULL]
    return scored


@lru_cache(maxsize=1)
def load_weights() -> Scores:
    """The shipped weights, one for each place of the hash table."""
    with as_file(files("triage").joinpath("data", "model", "institutions.npz")) as path, np.load(path) as stored:
        table = np.zeros(TABLE_SIZE, np.float32)
        table[stored["places"]] = stored["weights"].astype(np.float32)
    return table


def _spans(text: str) -> tuple[Numbers, Numbers]:
    """The first and last gaps of all spans of 2 to LONGEST characters with no sign between them, by their first gap."""
    begins = np.arange(len(text))
    signs = np.array([*(found.start() for found in _OUTSIDE.finditer(text)), len(text)])
    room = signs.take(np.searchsorted(signs, begins)) - begins
    starts, steps = np.nonzero(room[:, None] >= np.arange(2, LONGEST + 1))
    return starts, starts + steps + 2


def _describe_gaps(text: str, kinds: Numbers) -> Hashes:
    """A row of hashes over all gaps for each thing that is told of them; `_SHARED` and its like name the rows."""
    before, after = _grams(text)
    borders = _borders(text)
    ones, ending = borders & np.uint32(1), kinds.astype(np.uint32)
    one, two = before[:2] * np.uint32(31)
    joined = _join(
        np.array([one, one, two, two, ones, ones, ending, ending, ending, ending]),
        np.array([*after[:2], *after[:2], before[0], after[0], np.zeros_like(ones), *after[:2], before[1]]),
    )
    return np.concatenate((before, after, joined[:4], borders[None], joined[4:], _position(text)[None]))


def _grams(text: str) -> tuple[Hashes, Hashes]:
    """At each gap the hashes of the 1 to 4 characters before it and of those after it; digits and letters are alike."""
    size = len(text)
    codes = np.zeros(size + 2 * _PAD, np.uint32)
    codes[_PAD : _PAD + size] = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    plain = codes < len(_SHAPES)
    codes[plain] = _SHAPES[codes[plain]]
    sides = [np.array([codes[_PAD - 1 : _PAD + size], codes[_PAD : _PAD + size + 1]])]
    for step in range(1, 4):
        further = np.array([codes[_PAD - 1 - step : _PAD + size - step], codes[_PAD + step : _PAD + size + 1 + step]])
        sides.append(_join(sides[-1], further))
    grams = np.array(sides)
    return grams[:, 0], grams[:, 1]


def _endings(text: str) -> tuple[Numbers, Numbers]:
    """At each gap the class of the longest known ending that stops there, and its length."""
    automaton, classes = _ending_words()
    kinds, sizes = np.zeros(len(text) + 1, np.int64), np.zeros(len(text) + 1, np.int64)
    for number, start, end in automaton.find_matches_as_indexes(text, overlapping=True):
        if end - start > sizes[end]:
            kinds[end], sizes[end] = classes[number], end - start
    return kinds, sizes


@lru_cache(maxsize=1)
def _ending_words() -> tuple[AhoCorasick, list[int]]:
    words = load_names().institutions
    by_class = (
        words.home_heads,
        words.place_suffixes,
        words.company_suffixes,
        words.office_suffixes,
        words.home_suffixes,
    )
    classes = {
        word: ENDINGS.index(name)
        for name, some in zip(("head", "place", "company", "office", "home"), by_class, strict=True)
        for word in some
    }
    return AhoCorasick(list(classes), matchkind=MatchKind.Standard), list(classes.values())


def _borders(text: str) -> Hashes:
    """At each gap: is it a border of words, how long is the word before it, how long the one after."""
    words = cut_words(text)
    sizes = np.fromiter(map(len, words), np.int64, len(words))
    ends = sizes.cumsum()
    capped = np.minimum(sizes, 5).astype(np.uint32)
    marks = np.zeros(len(text) + 1, np.uint32)
    marks[ends] += 2 * capped
    marks[ends - sizes] += 1 + 16 * capped
    marks[len(text)] += 1
    return marks


def _position(text: str) -> Hashes:
    place = 10 + np.minimum(np.arange(len(text) + 1, dtype=np.uint32), np.uint32(200)) // np.uint32(10)
    place[:6] = np.arange(6)[: len(place)]
    greeting = _SALUTATION.match(text)
    if greeting and greeting.end() < 0.8 * len(text):
        place[: greeting.end()] += np.uint32(1000)
    return place


def _join(one: Hashes, other: Hashes) -> Hashes:
    mixed = (one * _MIXERS[0]) ^ other
    mixed *= _MIXERS[1]
    mixed ^= mixed >> np.uint32(13)
    return mixed


def _salted(features: Hashes, salts: Hashes) -> Hashes:
    """A place in the table for each feature; a salt for each row keeps equal hashes of different meaning apart."""
    mixed = features ^ salts
    mixed *= _MIXERS[2]
    mixed ^= mixed >> np.uint32(15)
    mixed *= _MIXERS[1]
    mixed >>= np.uint32(3)
    mixed &= np.uint32(TABLE_SIZE - 1)
    return mixed


@dataclass(frozen=True, slots=True)
class _Salts:
    """The salts of all rows (left, right and inner together); `lengths` holds the places of each length and kind."""

    sides: Hashes
    by_kind: Hashes
    lengths: Hashes


@lru_cache(maxsize=1)
def _load_salts() -> _Salts:
    by_kind = _spread(300, len(ENDINGS) * len(_BY_KIND)).reshape(len(ENDINGS), len(_BY_KIND), 1)
    return _Salts(
        sides=np.concatenate([_spread(*run) for run in ((100, 16), (200, 15), (700, 4), (400, 2))]),
        by_kind=by_kind,
        lengths=_salted(np.arange(8 * (LONGEST + 1), dtype=np.uint32), _spread(500, 2)),
    )


def _spread(first: int, count: int) -> Hashes:
    """`count` salts from `first` on, a column."""
    return (np.arange(first, first + count, dtype=np.uint32) * _MIXERS[0])[:, None]
