"""Finding the lexicon's words in a text.

One pass of an automaton finds every phrase; what would begin or end inside a longer word (护工 in 养护工作) is dropped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import ahocorasick_rs

from triage.lexicon import Entry, Lexicon


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry's word at a place of the normalised text."""

    entry: Entry
    start: int
    end: int


class Finder:
    """Finds many strings at once, with overlaps; each string leads to any number of payloads."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = sorted(set(words))
        self._automaton = ahocorasick_rs.AhoCorasick(self.words) if self.words else None

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """Every occurrence as (index into `words`, start, end)."""
        if self._automaton is None or not text:
            return []
        found: list[tuple[int, int, int]] = self._automaton.find_matches_as_indexes(text, overlapping=True)
        return found


class Matcher:
    """The automaton of one lexicon, built once."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._traps = Finder(lexicon.traps)
        self._finder = Finder(word for entry in lexicon.entries for word in entry.words)
        owners: dict[str, list[Entry]] = {}
        for entry in lexicon.entries:
            for word in entry.words:
                owners.setdefault(word, []).append(entry)
        self._owners: list[list[Entry]] = [owners[word] for word in self._finder.words]

    def find_traps(self, text: str) -> list[tuple[int, int]]:
        """Where longer words stand that only look like ours (养老保险)."""
        return [(start, end) for _, start, end in self._traps.find(text)]

    def find_hits(self, text: str, boundaries: frozenset[int]) -> list[Hit]:
        """All hits in order of the text; whole-word entries only on `boundaries`, none that cuts a trap word."""
        traps = self.find_traps(text)
        hits: list[Hit] = []
        for index, start, end in self._finder.find(text):
            if traps and cuts_any(start, end, traps):
                continue
            for entry in self._owners[index]:
                if entry.whole and not (start in boundaries and end in boundaries):
                    continue
                hits.append(Hit(entry, start, end))
        return sorted(hits, key=lambda hit: (hit.start, -hit.end))


def cuts_any(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether the span begins or ends inside one of `spans`."""
    return any(left < start < right or left < end < right for left, right in spans)


def word_boundaries(words: Sequence[str]) -> frozenset[int]:
    """The places where words begin and end."""
    places, at = {0}, 0
    for word in words:
        at += len(word)
        places.add(at)
    return frozenset(places)
