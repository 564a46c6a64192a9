"""What stands around every gap between two characters of a text, as numbers that the weights are looked up by.

A name's first and last gap are told by the characters on both sides, by word borders and by where in the text they lie.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]
Signs = NDArray[np.uint8]

TABLE_SIZE = 1 << 18
PAD = 4
"""How many zeros stand before and behind the codes of a text."""
_SALUTATION = re.compile(
    r"\s{0,8}(?!.{0,12}(?:反映|关于|举报|投诉|来信人|来电人|检举|吗|标题|事由|名称|问题))(?:尊敬的|敬爱的|各位)?[^,。!?;:\n“\"]{0,40}?"
    r"(?:[局委办所科队院府门组心会社室股]|领导|同志们?|部门|[市县区镇乡局]长|书记|热线|主任|纪委|政府|机关|您好|你好)"
    r"的?(?:领导|同志|负责人|工作人员|负责同志|各位)?们?\s{0,4}[:\n]"
)
_GREETING_WITHIN, _GREETED = 80, np.uint32(1000)
_MIXERS = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35))
# The rows of `describe_gaps`; further ones join two of them, of which the first is multiplied by a factor.
_BEFORE, _AFTER, _BORDER, _POSITION = range(0, 8, 2), range(1, 8, 2), 8, 9
_PAIRS, _AT_BORDER, _ENDING = range(10, 14), range(14, 16), range(16, 20)
_IS_BORDER, _KIND, _NOTHING = 20, 21, 22
_ONES = (0, 0, 2, 2, _IS_BORDER, _IS_BORDER, _KIND, _KIND, _KIND, _KIND)
_OTHERS = (1, 3, 1, 3, 0, 1, _NOTHING, 1, 3, 2)
_FACTORS = np.array([31] * 4 + [1] * 6, np.uint32)[:, None] * _MIXERS[0]
_SHARED = (*_BEFORE, *_AFTER, *_PAIRS, _BORDER, *_AT_BORDER)
LEFT, RIGHT, INNER = (*_SHARED, _POSITION), (*_SHARED, *_ENDING), (1, 3)
"""The rows that speak for a name that begins at a gap, that ends there, that goes on with the character behind it."""
BY_KIND = (0, 2, 4, _BORDER, _POSITION)
"""The rows that speak for a name that begins at a gap and has an ending of one kind."""
# Where the characters of `_BEFORE` and `_AFTER` stand among the padded codes, seen from the first gap.
_AROUND = np.array([at for step in range(4) for at in (PAD - 1 - step, PAD + step)])[:, None]
# Where in the text a gap is: the first few by themselves, then by tens, then all alike.
_FAR = 200
_POSITIONS = np.array([*range(6), *(10 + at // 10 for at in range(6, _FAR + 1))], np.uint32)
_LONGEST_TOLD = 5


def describe_gaps(text: str, codes: Hashes, words: Sequence[str], kinds: Signs) -> Hashes:
    """A row of hashes over all gaps for each thing that is told of them; LEFT and its like name the rows.

    `codes` are those of the text, padded, `kinds` the kind of ending at each gap.
    """
    size = len(text) + 1
    gaps = np.empty((_NOTHING + 1, size), np.uint32)
    codes.take(_AROUND + np.arange(size), out=gaps[:8], mode="clip")
    for longer in range(2, 8, 2):
        runs = gaps[longer : longer + 2]
        runs ^= gaps[longer - 2 : longer] * _MIXERS[0]
        _mix(runs)
    gaps[_BORDER] = _mark_borders(words, size)
    gaps[_IS_BORDER] = gaps[_BORDER] & 1
    gaps[_KIND], gaps[_NOTHING] = kinds, 0
    _tell_position(text, gaps[_POSITION])
    joined = gaps.take(_ONES, axis=0)
    joined *= _FACTORS
    joined ^= gaps.take(_OTHERS, axis=0)
    _mix(joined)
    gaps[_PAIRS.start : _ENDING.stop] = joined
    return gaps


def salt(features: Hashes, salts: Hashes) -> Hashes:
    """A place in the table for each feature; a salt for each row keeps equal hashes of different meaning apart."""
    mixed = features ^ salts
    mixed *= _MIXERS[2]
    mixed ^= mixed >> np.uint32(15)
    mixed *= _MIXERS[1]
    mixed >>= np.uint32(3)
    mixed &= np.uint32(TABLE_SIZE - 1)
    return mixed


def spread_salts(first: int, count: int) -> Hashes:
    """`count` salts from `first` on, a column."""
    return (np.arange(first, first + count, dtype=np.uint32) * _MIXERS[0])[:, None]


def _mix(hashes: Hashes) -> None:
    hashes *= _MIXERS[1]
    hashes ^= hashes >> np.uint32(13)


def _mark_borders(words: Sequence[str], size: int) -> Signs:
    """At each gap: 1 at a border of words, with 2 times the length of the word before and 16 times of that after."""
    marks = bytearray(size)
    at = before = 0
    for length in map(len, words):
        told = length if length < _LONGEST_TOLD else _LONGEST_TOLD
        marks[at] = 1 + 2 * before + 16 * told
        at += length
        before = told
    marks[at] = 1 + 2 * before
    return np.frombuffer(marks, np.uint8)


def _tell_position(text: str, place: Hashes) -> None:
    """How far from the beginning each gap is, with a mark on those of a greeting."""
    near = min(len(place), _FAR)
    place[:near], place[near:] = _POSITIONS[:near], _POSITIONS[_FAR]
    head = text[:_GREETING_WITHIN]
    if ":" in head or "\n" in head:  # every greeting ends in one of the two
        greeting = _SALUTATION.match(text)
        if greeting and greeting.end() < 0.8 * len(text):
            place[: greeting.end()] += _GREETED
