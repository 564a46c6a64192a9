"""Sums of money as written: 三千多块, 2.5万, 一万八, 每月1200元.

Only the words are given; who compares amounts reads the value with `read_amount`.
"""

import re
from collections.abc import Iterator

from triage.entities.numerals import read_number
from triage.entities.plain import PlainText
from triage.types import Span

_NUMBER = r"(?:[0-9][0-9,]{0,14}(?:\.[0-9]{1,4})?|[一二两三四五六七八九十百千万零〇几半俩仨]{1,12})"
_AMOUNT = re.compile(
    rf"{_NUMBER}(?:多|来|几)?(?:百|千|万|亿)?(?:多|来|余)?(?:块钱|块|元钱|元|圆|毛钱|毛|角|人民币|万|亿)(?:[一二三四五六七八九半](?![个十天年月]))?"
    rf"|[一二两三四五六七八九十几]{{1,3}}万[一二三四五六七八九]千?(?![一-龥]?[个人天年月])"
)
_NOT_MONEY = re.compile(r"[一几半两]?块(?!钱)")
_VALUE = re.compile(_NUMBER)


def find_amounts(plain: PlainText) -> tuple[Span, ...]:
    """Every sum of money, in order of the text."""
    return tuple(plain.span(*bounds) for bounds in _amounts(plain.text))


def _amounts(text: str) -> Iterator[tuple[int, int]]:
    for found in _AMOUNT.finditer(text):
        if _NOT_MONEY.fullmatch(found.group()) is None:
            yield found.span()


def read_amount(words: str) -> float | None:
    """The sum in yuan, roughly (三千多块 is 3000); None where no number is in the words."""
    found = _VALUE.search(words)
    if found is None:
        return None
    value = read_number(found.group())
    if value is None:
        return None
    rest = words[found.end() :]
    factor = 10_000 if "万" in rest else 100_000_000 if "亿" in rest else 1000 if "千" in rest else 1
    return value * factor * (0.1 if "毛" in rest or "角" in rest else 1)
