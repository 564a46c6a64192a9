"""What the learned part looks at: short runs of characters, words and pairs of words.

Numbers are all written as one sign, because how much or when says little about what a matter is.
"""

import re
from collections.abc import Iterator, Sequence

WORD, PAIR, START = "w:", "p:", "s:"
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SPACE = re.compile(r"\s+")
_LONGEST_RUN = 4


def plain(text: str) -> str:
    """The text with each number as `0` and each gap as one blank."""
    return _SPACE.sub(" ", _NUMBER.sub("0", text))


def list_features(text: str, words: Sequence[str]) -> Iterator[str]:
    """All features of a normalised text and its words, with repetitions, in time proportional to the length."""
    simple = plain(text)
    for size in range(1, _LONGEST_RUN + 1):
        for at in range(len(simple) - size + 1):
            yield simple[at : at + size]
    before = ""
    for word in words:
        word = "0" if word.isdigit() else word
        yield WORD + word
        yield f"{PAIR}{before} {word}"
        before = word
