"""The features that training kept, and how a text's own are found among them in a few array operations.

Each feature is one whole number (its kind and what it is made of), so that a text's thousand candidates are looked up
together instead of one string after another.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from triage.features import ENTRY, LONGEST_RUN, NUMBER, PAIR, WORD, is_run

Numbers = NDArray[np.int64]

_SIGN_BITS, _WORD_BITS, _KIND_BITS = 15, 28, 60
_WORD_KIND, _PAIR_KIND = LONGEST_RUN + 1, LONGEST_RUN + 2
_SPREAD, _SLOT_BITS = np.uint64(0x9E3779B97F4A7C15), 18


class KnownFeatures:
    """Rows of the weights by feature: a run of characters by its signs, a word and a pair by their words.

    A sign or word that training never saw has the number 0, of which no kept feature is made.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._entries = {name.removeprefix(ENTRY): row for row, name in enumerate(names) if name.startswith(ENTRY)}
        self._words = _number_words(names)
        runs = {name: row for row, name in enumerate(names) if is_run(name)}
        self._signs = _number_signs(runs)
        named = {name: row for row, name in enumerate(names) if name.startswith((WORD, PAIR))}
        keys = np.concatenate((self._keys_of_runs(list(runs)), [self._key_of(name) for name in named]))
        self._table = _KeyTable(keys.astype(np.int64), [*runs.values(), *named.values()])

    def find(self, simple: str, words: Sequence[str], entries: Iterable[str]) -> list[int]:
        """The row of each known feature of a plain text, with repetitions: runs by their end, words, pairs, entries."""
        numbers = np.array(self._numbers_of(words), np.int64)
        pairs = numbers[:-1] << _WORD_BITS | numbers[1:] | _PAIR_KIND << _KIND_BITS
        runs = self._list_runs(simple).ravel()
        rows = self._table.find(np.concatenate((runs, numbers | _WORD_KIND << _KIND_BITS, pairs)))
        return rows + [self._entries[name] for name in entries if name in self._entries]

    def _list_runs(self, simple: str) -> Numbers:
        """For each character the keys of the runs that end there, the longest first (before the text stand zeros)."""
        codes = np.frombuffer(simple.encode("utf-32-le"), np.uint32)
        size = len(codes)
        signs = np.zeros(LONGEST_RUN - 1 + size, np.int64)
        signs[LONGEST_RUN - 1 :] = self._signs.take(codes, mode="clip")
        keys = np.zeros((size, LONGEST_RUN), np.int64)
        run = np.zeros(size, np.int64)
        for length in range(1, LONGEST_RUN + 1):
            first = LONGEST_RUN - length
            run |= signs[first : first + size] << _SIGN_BITS * (length - 1)
            keys[:, first] = run | length << _KIND_BITS
        return keys

    def _numbers_of(self, words: Iterable[str]) -> list[int]:
        get, digits = self._words.get, self._words.get(NUMBER, 0)
        return [get(word) or (digits if word.isdigit() else 0) for word in words]

    def _keys_of_runs(self, runs: Sequence[str]) -> Numbers:
        """The keys of kept runs, made as `find` makes those of a text."""
        lengths = np.array([len(run) for run in runs], np.int64)
        keys: Numbers = self._list_runs("".join(runs))[lengths.cumsum() - 1, LONGEST_RUN - lengths]
        return keys

    def _key_of(self, name: str) -> int:
        if name.startswith(WORD):
            return self._words[name.removeprefix(WORD)] | _WORD_KIND << _KIND_BITS
        left, right = (self._words[word] for word in _halves(name))
        return left << _WORD_BITS | right | _PAIR_KIND << _KIND_BITS


class _KeyTable:
    """Rows by key, for many keys at once: each key stands at its slot's beginning or a few places on."""

    def __init__(self, keys: Numbers, rows: Sequence[int]) -> None:
        slots = _slots_of(keys)
        order = np.argsort(slots, kind="stable")
        self._most_steps = int(np.bincount(slots).max(initial=0))
        self._begins = np.searchsorted(slots[order], np.arange(1 << _SLOT_BITS)).astype(np.int32)
        self._keys = np.append(keys[order], np.zeros(self._most_steps + 1, np.int64))
        self._rows = np.array(rows, np.int64)[order]

    def find(self, keys: Numbers) -> list[int]:
        """The rows of those keys that the table holds, in the keys' order; 0 is no key."""
        at = self._begins.take(_slots_of(keys))
        for _ in range(self._most_steps - 1):
            at += self._keys.take(at) != keys
        found: list[int] = self._rows.take(at[self._keys.take(at) == keys]).tolist()
        return found


def _slots_of(keys: Numbers) -> Numbers:
    spread = keys.view(np.uint64) * _SPREAD >> np.uint64(64 - _SLOT_BITS)
    return spread.view(np.int64)


def _number_signs(runs: Iterable[str]) -> Numbers:
    """A number from 1 for each sign of the runs, by its code; the last place stands for all codes beyond."""
    codes = sorted({ord(sign) for run in runs for sign in run})
    numbers = np.zeros(max(codes, default=0) + 2, np.int64)
    numbers[codes] = np.arange(1, len(codes) + 1)
    return numbers


def _number_words(names: Iterable[str]) -> dict[str, int]:
    """A number from 1 for each word that stands alone or in a pair."""
    words: dict[str, int] = {}
    for name in names:
        if name.startswith(WORD):
            words.setdefault(name.removeprefix(WORD), len(words) + 1)
        elif name.startswith(PAIR):
            for word in _halves(name):
                words.setdefault(word, len(words) + 1)
    return words


def _halves(pair: str) -> tuple[str, str]:
    """The two words of a pair, of which each may itself be a blank."""
    words = pair.removeprefix(PAIR)
    middle = words.find(" ", 1)
    return words[:middle], words[middle + 1 :]
