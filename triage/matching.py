"""Finding the lexicon's words in a text.

One pass of an automaton finds every word; a learned one that lies in a longer hit, one that cuts a
longer word (护工 in 养护工作), is denied (没打人) or stands in the wrong company is set aside.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, count
from operator import itemgetter
from typing import NamedTuple

import ahocorasick_rs

from triage.lexicon import Entry, Lexicon
from triage.patterns import Pattern, PatternFinder, list_words

_CLAUSE_END = re.compile(r"[，。！？；、,.!?;:：\n]+")
_SENTENCE_END = re.compile(r"[。！？!?\n]+")
_DENIAL = re.compile(r"(?:没有|并没|从没|从未|不曾|没|未|不是|别|不用)(?:再|人|有|被|动手|真的?|直接|谁|谁敢|过)?$")
_DENIAL_REACH, _REACH = 5, 200
_START = itemgetter(1)


class Hit(NamedTuple):
    """An entry's word, or a pattern from its first part to its last, at a place of the normalised text."""

    entry: Entry | Pattern
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """The hits that count and those that were denied, both in order of the text, and the longer words none may cut."""

    hits: tuple[Hit, ...]
    denied: tuple[Hit, ...]
    traps: tuple[tuple[int, int], ...] = ()


class Finder:
    """Finds many strings at once, with overlaps; an answer's first number is the index into `words`."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = sorted(set(words))
        self._automaton = ahocorasick_rs.AhoCorasick(self.words) if self.words else None

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """Every occurrence as (index into `words`, start, end), by its end."""
        if self._automaton is None or not text:
            return []
        found: list[tuple[int, int, int]] = self._automaton.find_matches_as_indexes(text, overlapping=True)
        return found


class Matcher:
    """The automaton of one lexicon, built once."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._traps = Finder(lexicon.traps)
        sets = lexicon.list_sets()
        owners: dict[str, list[Entry]] = {}
        for entry in lexicon.entries:
            for word in entry.words:
                owners.setdefault(word, []).append(entry)
        self._finder = Finder(chain(owners, list_words(lexicon.patterns, sets)))
        self._owners: list[list[Entry]] = [owners.get(word, []) for word in self._finder.words]
        self._patterns = PatternFinder(lexicon.patterns, sets, self._finder.words)

    def find_traps(self, text: str) -> list[tuple[int, int]]:
        """Where longer words stand that only look like ours (养老保险)."""
        return [(start, end) for _, start, end in self._traps.find(text)]

    def find_hits(self, text: str, boundaries: Mapping[int, int]) -> Found:
        """All hits of a normalised text in its order, given where its words begin and end (`word_boundaries`)."""
        traps = self.find_traps(text)
        found = self._find_words(text, traps)
        hits: list[Hit] = []
        denied: list[Hit] = []
        reached = 0
        for index, start, end in found:
            owners = self._owners[index]
            if not owners:
                continue
            whole = start in boundaries and end in boundaries
            if end - start == 1 and not whole:
                continue
            inside, reached = end <= reached, max(end, reached)
            for entry in owners:
                if (inside and entry.is_learned) or (entry.whole and not whole):
                    continue
                if _in_company(entry, text, start, end):
                    out = entry.negatable and is_denied(text, start)
                    (denied if out else hits).append(Hit(entry, start, end))
        if self._add_patterns(text, found, boundaries, hits, denied):
            hits.sort(key=_START)
            denied.sort(key=_START)
        return Found(tuple(hits), tuple(denied), tuple(traps))

    def _find_words(self, text: str, traps: Sequence[tuple[int, int]]) -> list[tuple[int, int, int]]:
        """Every word that cuts no longer one, as (index, start, end) by start, and of one start the longest first."""
        found = self._finder.find(text)
        found.reverse()
        found.sort(key=_START)
        return [place for place in found if not cuts_any(place[1], place[2], traps)] if traps else found

    def _add_patterns(
        self,
        text: str,
        found: Iterable[tuple[int, int, int]],
        boundaries: Mapping[int, int],
        hits: list[Hit],
        denied: list[Hit],
    ) -> bool:
        """Add the patterns whose parts are among the words found; whether there are any."""
        chains = self._patterns.find(text, found, boundaries)
        for pattern, starts, end in chains:
            if _in_company(pattern, text, starts[0], end):
                out = pattern.negatable and any(is_denied(text, start) for start in starts)
                (denied if out else hits).append(Hit(pattern, starts[0], end))
        return bool(chains)


def is_denied(text: str, start: int) -> bool:
    """Whether a word of denial stands right before `start` (没打人), rather than the place of something else."""
    return _DENIAL.search(text[max(0, start - _DENIAL_REACH) : start]) is not None


def _in_company(entry: Entry | Pattern, text: str, start: int, end: int) -> bool:
    if entry.unless and any(word in _around(text, start, end, _CLAUSE_END) for word in entry.unless):
        return False
    return not entry.needs or any(word in _around(text, start, end, _SENTENCE_END) for word in entry.needs)


def _around(text: str, start: int, end: int, ending: re.Pattern[str]) -> str:
    """The clause or sentence around a hit, looked for within a bounded reach so that time stays linear."""
    left = text[max(0, start - _REACH) : start]
    right = text[end : end + _REACH]
    before = [match.end() for match in ending.finditer(left)]
    after = ending.search(right)
    return left[before[-1] if before else 0 :] + text[start:end] + right[: after.start() if after else len(right)]


def cuts_any(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether the span begins or ends inside one of `spans`."""
    return any(left < start < right or left < end < right for left, right in spans)


def word_boundaries(words: Sequence[str]) -> dict[int, int]:
    """The places where words begin and end, each with the number of words before it."""
    return dict(zip(accumulate(map(len, words), initial=0), count(), strict=False))


def clause_starts(text: str) -> list[int]:
    """Where clauses begin, the first at 0."""
    return [0, *(match.end() for match in _CLAUSE_END.finditer(text))]


def clause_of(starts: Sequence[int], at: int) -> int:
    """The number of the clause that holds place `at`."""
    return bisect_right(starts, at) - 1
