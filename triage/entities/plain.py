"""A view of a message in which digits, letters and signs have one shape and invisible characters are gone.

Patterns run over the view; every find is handed back in code points of the original text.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from triage.signs import SignTable
from triage.text import NormalisedText, load_translation, simplified_forms
from triage.types import Span

_INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u20e3\u2800\u3164\ufeff\uffa0"
_INVISIBLE_RANGES = ((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFE00, 0xFE0F), (0xE0000, 0xE01EF))
_DIGIT_RANGES = ((0x2460, 1), (0x2474, 1), (0x2776, 1), (0x2780, 1), (0x278A, 1))
_MATH_DIGITS = 0x1D7CE
_DROP = "\x00"
_DROPPED = re.compile("[^\x00]+")


@dataclass(frozen=True, slots=True)
class PlainText:
    """The view and the way back: `positions[i]` is where `text[i]` stood, None where nothing was dropped."""

    original: str
    text: str
    positions: tuple[int, ...] | None

    def bounds(self, start: int, end: int) -> tuple[int, int]:
        """The half-open range of the original that `text[start:end]` came from."""
        if self.positions is None or start >= end:
            return start, end
        return self.positions[start], self.positions[end - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """The original words behind `text[start:end]`."""
        start, end = self.bounds(start, end)
        return Span(self.original[start:end], start, end)


def read_plain(text: str) -> PlainText:
    """Fold width, traditional forms and digit shapes one to one, and drop what cannot be seen.

    Never fails: lone surrogates become U+FFFD, so that every engine downstream takes the view.
    """
    folded = _folding().apply(text)
    if _DROP not in folded:
        return PlainText(text, folded, None)
    positions: list[int] = []
    pieces: list[str] = []
    for found in _DROPPED.finditer(folded):
        pieces.append(found.group())
        positions.extend(range(found.start(), found.end()))
    return PlainText(text, "".join(pieces), tuple(positions))


def view_of(source: NormalisedText) -> PlainText:
    """The plain view of a text that was normalised before; nearly always the two are one."""
    if source.origin is None and _read_apart().search(source.original) is None:
        return PlainText(source.original, source.text, None)
    return read_plain(source.original)


@lru_cache(maxsize=1)
def _read_apart() -> re.Pattern[str]:
    """A sign that the two views show differently."""
    return _folding().find_difference_from(load_translation())


@lru_cache(maxsize=1)
def _folding() -> SignTable:
    table = dict(simplified_forms())
    table.update({code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)})
    table.update(dict.fromkeys((0x3000, 0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F), " "))
    table.update(dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))
    for first, digit in _DIGIT_RANGES:
        table.update({first + i: str(digit + i) for i in range(9)})
    table.update({_MATH_DIGITS + i: str(i % 10) for i in range(50)})
    table.update({0x24EA: "0", 0x24FF: "0", 0x2070: "0", 0xB9: "1", 0xB2: "2", 0xB3: "3"})
    table.update({0x2070 + i: str(i) for i in range(4, 10)})
    table.update({0x2080 + i: str(i) for i in range(10)})
    for first, last in _INVISIBLE_RANGES:
        table.update(dict.fromkeys(range(first, last + 1), _DROP))
    table.update(dict.fromkeys(map(ord, _INVISIBLE), _DROP))
    table[0] = _DROP
    return SignTable(table)
