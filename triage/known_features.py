"""The features that training kept, and how a text's own are found among them in a few array operations.

Each feature is one whole number made of what it is made of, so that a text's hundreds of candidates are looked up
together instead of one string after another.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from triage.features import (
    CLOSING,
    ENTRY,
    JOINED,
    LONGEST_RUN,
    MEETING,
    NUMBER,
    OPENING,
    PAIR,
    WORD,
    is_run,
    length_of_ends,
    list_meetings,
)
from triage.signs import codes_of

Numbers = NDArray[np.int64]
Unsigned = NDArray[np.uint64]

# A number's highest 1 tells its kind: at 15, 30, 45, 60 for runs of 1 to 4 signs, at 33 for a word, at 34 and 35 for
# one at the beginning and at the end, at 61 for a pair.
_SIGN_BITS, _WORD_BITS = 15, 28
_RUN, _WORD = 1 << _SIGN_BITS, 1 << 33
_PLACES = {WORD: _WORD, OPENING: 1 << 34, CLOSING: 1 << 35}
_SPREAD, _STRIDE, _ALL_BITS = np.uint64(0x9E3779B97F4A7C15), 0xD1B54A32D192ED03, (1 << 64) - 1


class KnownFeatures:
    """Rows of the weights by feature: a run of characters by its signs, words and entries alone and two by two.

    A sign or word that training never saw has the number 0, of which no kept feature is made.
    """

    def __init__(self, names: Sequence[str]) -> None:
        runs = {name: row for row, name in enumerate(names) if is_run(name)}
        named = {name: row for row, name in enumerate(names) if name not in runs}
        self._entries = {name.removeprefix(ENTRY): row for name, row in named.items() if name.startswith(ENTRY)}
        self._meetings = {_entries_of(name): row for name, row in named.items() if name.startswith(MEETING)}
        named = {name: row for name, row in named.items() if not name.startswith((ENTRY, MEETING))}
        self._words = _number_words(named)
        self._signs = _number_signs(runs)
        keys = np.concatenate((self._keys_of_kept_runs(list(runs)), [self._key_of(name) for name in named]))
        self._table = _KeyTable(keys.astype(np.int64), [*runs.values(), *named.values()])

    def find(self, simple: str, words: Sequence[str], entries: Iterable[str]) -> Numbers:
        """The row of each known feature of a plain text, its words and its entries, with repetitions, in no order."""
        numbers = np.array(self._numbers_of(words), np.int64)
        alone = numbers | _WORD
        pairs = alone[:-1] << _WORD_BITS | numbers[1:]
        third = length_of_ends(len(words))
        ends = numbers[:third] | _PLACES[OPENING], numbers[-third:] | _PLACES[CLOSING]
        rows = self._table.find(np.concatenate((*self._list_runs(simple), alone, pairs, *ends)))
        told = [*entries]
        found = [*map(self._entries.get, told), *map(self._meetings.get, list_meetings(told))]
        kept = [row for row in found if row is not None]
        return np.concatenate((rows, kept)) if kept else rows

    def _list_runs(self, simple: str) -> list[Numbers]:
        """The keys of all runs of 1 sign, of 2, and so on, each by its beginning."""
        runs: list[Numbers] = [self._signs.take(codes_of(simple), mode="clip")]
        signs = runs[0] ^ _RUN
        for length in range(1, LONGEST_RUN):
            runs.append(runs[-1][:-1] << _SIGN_BITS | signs[length:])
        return runs

    def _numbers_of(self, words: Iterable[str]) -> list[int]:
        get, digits = self._words.get, self._words.get(NUMBER, 0)
        return [get(word) or (digits if word.isdigit() else 0) for word in words]

    def _keys_of_kept_runs(self, runs: Sequence[str]) -> Numbers:
        """The keys of kept runs, made as `find` makes those of a text: each lies where it begins in all of them."""
        lengths = np.array([len(run) for run in runs], np.int64)
        begins = lengths.cumsum() - lengths
        keys = np.zeros(len(runs), np.int64)
        for length, found in enumerate(self._list_runs("".join(runs)), 1):
            keys[lengths == length] = found[begins[lengths == length]]
        return keys

    def _key_of(self, name: str) -> int:
        kind = name[: len(WORD)]
        if kind in _PLACES:
            return self._words[name[len(WORD) :]] | _PLACES[kind]
        left, right = (self._words[word] for word in _halves(name))
        return (left | _WORD) << _WORD_BITS | right


class _KeyTable:
    """Rows by key, for many keys at once: a key's slot is told by its hash after its bucket's move.

    The moves are chosen so that no two keys share a slot; so one look tells whether a key is there.
    """

    def __init__(self, keys: Numbers, rows: Sequence[int]) -> None:
        bits = max(8, (len(keys) * 3 // 2).bit_length())
        self._slot_shift, self._bucket_shift = np.uint64(64 - bits), np.uint64(64 - bits + 3)
        self._moves = self._choose_moves(keys.view(np.uint64))
        slots = self._slots_of(keys)
        self._keys, self._rows = np.zeros(1 << bits, np.int64), np.zeros(1 << bits, np.int64)
        self._keys[slots], self._rows[slots] = keys, rows

    def find(self, keys: Numbers) -> Numbers:
        """The rows of those keys that the table holds, in the keys' order; 0 is no key."""
        slots = self._slots_of(keys)
        found: Numbers = self._rows.take(slots[self._keys.take(slots) == keys])
        return found

    def _slots_of(self, keys: Numbers) -> Numbers:
        hashes = keys.view(np.uint64) * _SPREAD
        hashes >>= self._bucket_shift
        moved = self._moves.take(hashes.view(np.int64))
        moved ^= keys.view(np.uint64)
        moved *= _SPREAD
        moved >>= self._slot_shift
        return moved.view(np.int64)

    def _choose_moves(self, keys: Unsigned) -> Unsigned:
        """A move for each bucket, the fullest buckets first: one by which all its keys come to free slots."""
        buckets = (keys * _SPREAD >> self._bucket_shift).view(np.int64)
        moves = np.zeros(1 << 64 - int(self._bucket_shift), np.uint64)
        owners = np.full(1 << 64 - int(self._slot_shift), -1)
        fullness = np.bincount(buckets, minlength=len(moves))[buckets]
        for full in range(int(fullness.max(initial=0)), 0, -1):
            waiting, tries = np.flatnonzero(fullness == full), 0
            while len(waiting):
                tries += 1
                move = np.uint64(tries * _STRIDE & _ALL_BITS)
                slots = ((keys[waiting] ^ move) * _SPREAD >> self._slot_shift).view(np.int64)
                free = owners[slots] < 0
                owners[slots[free]] = waiting[free]
                late = owners[slots] != waiting
                crowded = np.zeros(len(moves), np.bool_)
                crowded[buckets[waiting[late]]] = True
                stay = crowded[buckets[waiting]]
                owners[slots[stay & ~late]] = -1
                moves[buckets[waiting[~stay]]] = move
                waiting = waiting[stay]
        return moves


def _number_signs(runs: Iterable[str]) -> Numbers:
    """The key of each sign of the runs, by its code, numbered from 1; the last place stands for all codes beyond."""
    codes = sorted(map(ord, set("".join(runs))))
    keys = np.full(max(codes, default=0) + 2, _RUN)
    keys[codes] += np.arange(1, len(codes) + 1)
    return keys


def _number_words(names: Iterable[str]) -> dict[str, int]:
    """A number from 1 for each word that stands alone or in a pair."""
    words: dict[str, int] = {}
    for name in names:
        for word in _halves(name) if name.startswith(PAIR) else (name[len(WORD) :],):
            words.setdefault(word, len(words) + 1)
    return words


def _entries_of(meeting: str) -> tuple[str, str]:
    one, other = meeting.removeprefix(MEETING).split(JOINED)
    return one, other


def _halves(pair: str) -> tuple[str, str]:
    """The two words of a pair, of which each may itself be a blank."""
    words = pair.removeprefix(PAIR)
    middle = words.find(" ", 1)
    return words[:middle], words[middle + 1 :]
