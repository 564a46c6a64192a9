"""One sign for another all over a text, by a table over all code points.

str.translate asks a dictionary for each character and pays most where that holds nothing; an array pays nothing there.
"""

import re
from collections.abc import Mapping

import numpy as np

_CODE_POINTS, _RARE = 0x110000, 0x10000


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
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        return self._codes.take(codes).tobytes().decode("utf-32-le")
