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
_SHAPES = {code: ord("0") for code in range(0x30, 0x3A)} | {
    c: ord("a") for c in (*range(0x41, 0x5B), *range(0x61, 0x7B))
}
_OUTSIDE = re.compile(r"[^\u3400-\u9fffA-Za-z0-9“”\"「」『』·]")
_SALUTATION = re.compile(
    r"\s{0,8}(?!.{0,12}(?:反映|关于|举报|投诉|来信人|来电人|检举|吗|标题|事由|名称|问题))(?:尊敬的|敬爱的|各位)?[^,。!?;:\n“\"]{0,40}?"
    r"(?:[局委办所科队院府门组心会社室股]|领导|同志们?|部门|[市县区镇乡局]长|书记|热线|主任|纪委|政府|机关|您好|你好)"
    r"的?(?:领导|同志|负责人|工作人员|负责同志|各位)?们?\s{0,4}[:\n]"
)
_MIXERS = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35))
# Left, right, right by ending, left by ending, inside.
_SALTS = tuple(map(np.uint32, (100, 200, 700, 300, 400)))
_LENGTH_SALTS = np.array([500, 501], np.uint32)


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
    before, after = _grams(text)
    kinds, endings = _endings(text)
    borders = _borders(text)
    ones = borders & np.uint32(1)
    shared = [*before, *after, *_crossings(before, after), borders, _join(ones, before[0]), _join(ones, after[0])]
    ending = [_join(kinds.astype(np.uint32), one) for one in (ones * 0, after[0], after[1], before[1])]
    by_kind = [*before[:3], borders, _position(text)]
    rows = [*shared, by_kind[-1], *shared, *ending, *by_kind * len(ENDINGS), *after[:2]]
    sizes = (len(shared) + 1, len(shared), len(ending), len(by_kind) * len(ENDINGS), 2)
    salts = np.concatenate([salt + np.arange(size, dtype=np.uint32) for salt, size in zip(_SALTS, sizes, strict=True)])
    places = _salted(np.array(rows), salts)
    left, right, kindly = sizes[0], sizes[0] + sizes[1] + sizes[2], sum(sizes[:4])
    length = ends - starts
    named = np.minimum(np.maximum(length - endings[ends], -1), 8) + 1
    lengths = np.array([length * 8 + kinds[ends], named * 8 + kinds[ends]], np.uint32)
    return SpanTable(
        left=places[:left],
        right=places[left:right],
        left_by_kind=places[right:kindly].reshape(len(ENDINGS), len(by_kind), -1),
        inner=places[kindly:, :-1],
        lengths=_salted(lengths, _LENGTH_SALTS),
        starts=starts,
        ends=ends,
        kinds=kinds,
    )


def score_spans(table: SpanTable, weights: Scores) -> Scores:
    """One score a span, above 0 where a name of the unit complained of is likelier than none."""
    left, right = weights[table.left].sum(0), weights[table.right].sum(0)
    inner = np.concatenate([np.zeros(1, np.float32), weights[table.inner].sum(0).cumsum(dtype=np.float32)])
    kinds = table.kinds[table.ends]
    by_kind = weights[table.left_by_kind].sum(1)[kinds, table.starts]
    total = left[table.starts] + right[table.ends] + inner[table.ends] - inner[table.starts] + by_kind
    scored: Scores = total + weights[table.lengths].sum(0) - weights[NULL]
    return scored


@lru_cache(maxsize=1)
def load_weights() -> Scores:
    """The shipped weights, one for each place of the hash table."""
    with as_file(files("triage").joinpath("data", "model", "institutions.npz")) as path, np.load(path) as stored:
        table = np.zeros(TABLE_SIZE, np.float32)
        table[stored["places"]] = stored["weights"].astype(np.float32)
    return table


def _spans(text: str) -> tuple[Numbers, Numbers]:
    size = len(text)
    outside = np.zeros(size + 1, np.int64)
    outside[[found.start() + 1 for found in _OUTSIDE.finditer(text)]] = 1
    outside = outside.cumsum()
    starts = np.repeat(np.arange(size), LONGEST - 1)
    ends = starts + np.tile(np.arange(2, LONGEST + 1), size)
    inside = ends <= size
    starts, ends = starts[inside], ends[inside]
    clean = outside[starts] == outside[ends]
    return starts[clean], ends[clean]


def _grams(text: str) -> tuple[list[Hashes], list[Hashes]]:
    """At each gap the hashes of the 1 to 4 characters before it and of those after it."""
    size = len(text)
    codes = np.zeros(size + 2 * _PAD, np.uint32)
    codes[_PAD : _PAD + size] = np.frombuffer(text.translate(_SHAPES).encode("utf-32-le"), np.uint32)
    before, after = [codes[_PAD - 1 : _PAD + size]], [codes[_PAD : _PAD + size + 1]]
    for step in range(1, 4):
        before.append(_join(before[-1], codes[_PAD - 1 - step : _PAD + size - step]))
        after.append(_join(after[-1], codes[_PAD + step : _PAD + size + 1 + step]))
    return before, after


def _crossings(before: list[Hashes], after: list[Hashes]) -> list[Hashes]:
    return [_join(before[i] * np.uint32(31), after[j]) for i, j in ((0, 0), (0, 1), (1, 0), (1, 1))]


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
    sizes = np.array([len(word) for word in cut_words(text)], np.int64)
    ends = sizes.cumsum()
    capped = np.minimum(sizes, 5).astype(np.uint32)
    marks = np.zeros(len(text) + 1, np.uint32)
    marks[ends] += 2 * capped
    marks[ends - sizes] += 1 + 16 * capped
    marks[len(text)] += 1
    return marks


def _position(text: str) -> Hashes:
    gaps = np.arange(len(text) + 1)
    place = np.where(gaps < 6, gaps, 10 + np.minimum(gaps, 200) // 10).astype(np.uint32)
    greeting = _SALUTATION.match(text)
    if greeting and greeting.end() < 0.8 * len(text):
        place[: greeting.end()] += np.uint32(1000)
    return place


def _join(one: Hashes, other: Hashes) -> Hashes:
    mixed = (one * _MIXERS[0]) ^ other
    mixed = mixed * _MIXERS[1]
    return mixed ^ (mixed >> np.uint32(13))


def _salted(features: Hashes, salts: Hashes) -> Hashes:
    """A place in the table for each feature; a salt for each row keeps equal hashes of different meaning apart."""
    mixed = (features ^ (salts * _MIXERS[0])[:, None]) * _MIXERS[2]
    mixed ^= mixed >> np.uint32(15)
    return (mixed * _MIXERS[1] >> np.uint32(3)) & np.uint32(TABLE_SIZE - 1)
