"""What the learned part looks at: short runs of characters, words, pairs of words and the lexicon's entries.

Numbers are all written as one sign, because how much or when says little about what a matter is.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

WORD, PAIR, ENTRY = "w:", "p:", "e:"
PATTERN_MARK = "~"
"""What stands before the name of each pattern, which therefore never is an entry's."""
NUMBER, LONGEST_RUN = "0", 4
_NUMBERS = re.compile(r"\d+(?:\.\d+)?")
_SPACE = re.compile(r"\s+")


def plain(text: str) -> str:
    """The text with each number as `0` and each gap as one blank."""
    return _SPACE.sub(" ", _NUMBERS.sub(NUMBER, text))


def list_features(text: str, words: Sequence[str], entries: Iterable[str]) -> list[str]:
    """All features of a normalised text, its words and the names of entries hit, with repetitions.

    Takes time in proportion to the length.
    """
    simple = plain(text)
    length = len(simple)
    features = list(simple)
    for size in range(2, LONGEST_RUN + 1):
        features += [simple[at : at + size] for at in range(length - size + 1)]
    return features + list_named(words, entries)


def list_named(words: Sequence[str], entries: Iterable[str]) -> list[str]:
    """The features beside the runs of characters: words, pairs of words, entries."""
    named = [NUMBER if word.isdigit() else word for word in words]
    features = [WORD + word for word in named]
    features += [f"{PAIR}{left} {right}" for left, right in pairwise(named)]
    features += [ENTRY + name for name in entries]
    return features


def is_run(feature: str) -> bool:
    """Whether a feature is a run of characters."""
    return bool(feature) and not feature.startswith((WORD, PAIR, ENTRY))


def scale_of(feature: str) -> float:
    """How much a kind of feature counts before learning: patterns are exact, entries broad, short runs carry over."""
    if feature.startswith(ENTRY + PATTERN_MARK):
        return 2.0
    if feature.startswith(ENTRY):
        return 0.3
    if feature.startswith((WORD, PAIR)):
        return 1.0
    return 1.5 if len(feature) <= 2 else 1.0
