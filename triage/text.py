"""Make the same words look the same, and remember where each stood.

Width, traditional characters, invisible signs and stuttered characters change nothing that a text says; every position
in the result leads back to one in the original, because evidence is shown there.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import opencc

from triage.signs import SignTable

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
)
_CHANGED_LENGTH = re.compile(rf"[{_INVISIBLE}]|([^\d\s])\1{{3,}}|\s{{3,}}")
_KEPT_OF_RUN = 3


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """The text as triage reads it; `origin` gives each position's place in `original` (None: the same places)."""

    original: str
    text: str
    origin: Sequence[int] | None

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the original, end exclusive."""
        if self.origin is None or start >= end:
            return (start, end) if self.origin is None else (0, 0)
        return self.origin[start], self.origin[end - 1] + 1


def normalise(text: str) -> NormalisedText:
    """Bring a text into one form: half width, simplified, lower case, no invisible signs, runs cut to three.

    Lone surrogates become U+FFFD, so that every engine takes the result. Takes time in proportion to the length.
    """
    even = load_translation().apply(text)
    if _CHANGED_LENGTH.search(even) is None:
        return NormalisedText(text, even, None)
    kept: list[str] = []
    origin: list[int] = []
    at = 0
    for match in _CHANGED_LENGTH.finditer(even):
        _keep(even, at, match.start(), kept, origin)
        at = match.end()
        if match.group(1):
            _keep(even, match.start(), match.start() + _KEPT_OF_RUN, kept, origin)
        elif match.group().isspace():
            _keep(even, match.start(), match.start() + 1, kept, origin)
    _keep(even, at, len(even), kept, origin)
    return NormalisedText(text, "".join(kept), origin)


def _keep(text: str, start: int, end: int, kept: list[str], origin: list[int]) -> None:
    if start < end:
        kept.append(text[start:end])
        origin.extend(range(start, end))


@cache
def load_translation() -> SignTable:
    """One character for one character: width, traditional to simplified, capitals, surrogates, odd spaces."""
    table: dict[int, str] = {}
    for code in (*range(0xA0, 0x250), *range(0x2100, 0x3400), *range(0xF900, 0xFB00), *range(0xFE30, 0xFFF0)):
        folded = unicodedata.normalize("NFKC", chr(code)).lower()
        if len(folded) == 1 and folded != chr(code):
            table[code] = folded
    table.update({code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)})
    table.update(simplified_forms())
    table.update(dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))
    table.update(dict.fromkeys((0, *range(0x0B, 0x0D), *range(0x0E, 0x20), 0x7F, *range(0x80, 0xA0)), " "))
    return SignTable(table)


@cache
def simplified_forms() -> Mapping[int, str]:
    """Traditional to simplified, character by character (one line each, so that no phrase rule joins them)."""
    han = [chr(code) for code in range(0x4E00, 0xA000)]
    plain = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    return {ord(old): new for old, new in zip(han, plain, strict=True) if len(new) == 1 and new != old}
