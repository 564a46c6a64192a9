"""One sign for another all over a text, by a table over all code points.

str.translate asks a dictionary for each character and pays most where that holds nothing; an array pays nothing there.
"""

from collections.abc import Mapping

import numpy as np

_CODE_POINTS = 0x110000


class SignTable:
    """Replaces single signs by single signs, so that every position stays."""

    def __init__(self, changes: Mapping[int, str]) -> None:
        self._codes = np.arange(_CODE_POINTS, dtype=np.uint32)
        self._codes[list(changes)] = [ord(sign) for sign in changes.values()]

    def apply(self, text: str) -> str:
        """The text with each sign of the table replaced; a table that keeps lone surrogates can't take one."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        return self._codes.take(codes).tobytes().decode("utf-32-le")
