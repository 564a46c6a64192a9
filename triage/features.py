"""What the learned part looks at: short runs of characters, words, pairs of words, the words a text begins and ends
with, the lexicon's entries and which of them meet in one text.

Numbers are all written as one sign, because how much or when says little about what a matter is.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise

WORD, PAIR, OPENING, CLOSING, ENTRY, MEETING = "w:", "p:", "a:", "z:", "e:", "m:"
_KINDS = (WORD, PAIR, OPENING, CLOSING, ENTRY, MEETING)
JOINED = "+"
_FEWEST = 3
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
    """The features beside the runs of characters: words, pairs, words at either end, entries, meetings of entries."""
    named = [NUMBER if word.isdigit() else word for word in words]
    features = [WORD + word for word in named]
    features += [f"{PAIR}{left} {right}" for left, right in pairwise(named)]
    third = length_of_ends(len(named))
    features += [OPENING + word for word in named[:third]] + [CLOSING + word for word in named[-third:]]
    told = list(entries)
    features += [ENTRY + name for name in told]
    return features + [f"{MEETING}{one}{JOINED}{other}" for one, other in list_meetings(told)]


def length_of_ends(words: int) -> int:
    """How many words are a text's beginning, and its end: a third, three at least. What is told first mostly counts."""
    return max(_FEWEST, words // 3)


def list_meetings(entries: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Each two entries that a text holds, once, in the order of their names: 镇干部 with 吃席 is not 护工 with 吃席."""
    return combinations(sorted(set(entries)), 2)


def is_run(feature: str) -> bool:
    """Whether a feature is a run of characters."""
    return bool(feature) and not feature.startswith(_KINDS)


def scale_of(feature: str) -> float:
    """How much a kind of feature counts before learning: patterns are exact, entries broad, short runs carry over."""
    if feature.startswith(ENTRY + PATTERN_MARK):
        return 2.0
    if feature.startswith(ENTRY):
        return 0.3
    if feature.startswith((MEETING, OPENING, CLOSING)):
        return 0.5
    if feature.startswith((WORD, PAIR)):
        return 1.0
    return 1.5 if len(feature) <= 2 else 1.0
