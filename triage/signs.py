"""One sign for another all over a text, by a table over all code points.

str.translate asks a dictionary for each character and pays most where that holds nothing; an array pays nothing there.
"""

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_CODE_POINTS, _RARE = 0x110000, 0x10000
# The interpreter knows this coding by itself; the ones of a fixed byte order are asked of a registry each time.
_CODING = "utf-32"


def codes_of(text: str) -> NDArray[np.uint32]:
    """The code of each sign."""
    return np.frombuffer(text.encode(_CODING, "surrogatepass"), np.uint32)[1:]


class SignTable:
    """Replaces single signs by single signs, so that every position stays."""

    def __init__(self, changes: Mapping[int, str]) -> None:
        self._codes = np.arange(_CODE_POINTS, dtype=np.uint32)
        self._codes[list(changes)] = [ord(sign) for sign in changes.values()]

    def find_difference_from(self, other: "SignTable") -> re.Pattern[str]:
        """What finds a sign that another table changes otherwise; every rare sign (emoji) may be taken for one."""
        differing = np.flatnonzero(self._codes[:_RARE] != other._codes[:_RARE]).tolist()
        return re.compile(f"[{re.escape(''.join(map(chr, differing)))}{chr(_RARE)}-{chr(_CODE_POINTS - 1)}]")

    def apply(self, text: str) -> str:
        """The text with each sign of the table replaced; a table that keeps lone surrogates can't take one."""
        marked = np.frombuffer(text.encode(_CODING, "surrogatepass"), np.uint32)
        changed = self._codes.take(marked)
        changed[0] = marked[0]  # the mark of byte order, which decoding takes off
        return changed.tobytes().decode(_CODING)
