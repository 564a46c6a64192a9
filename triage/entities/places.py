"""The most exact place told: a village or town of the directory, or words built like one (X镇, X村, X小区).

Exactness goes 小区 and 村 before 社区 before 镇 and 街道 before 县; among equals the first told.
"""

import re
from collections.abc import Iterator

from triage.entities.directory import DirectoryIndex
from triage.entities.plain import PlainText
from triage.types import PlaceMention

_STOP = (
    "的在去到从是我俺你他她它们这那个有和与跟及把被对向为给让说反映投诉举报称住家离着了过也都就还又不没来自位于"
    "各全本某每几一二三四五六七八九十两"
)
_NAME = rf"[^\W\da-zA-Z_{_STOP}]"
_ENDING = re.compile("小区|花园|新村|[村屯庄]|社区|街道|办事处|[镇乡区县市]")
_PLACE = re.compile(
    rf"(?:{_NAME}{{1,4}}[县区市])?(?:{_NAME}{{1,4}}(?:镇|乡|街道|办事处))?{_NAME}{{1,5}}"
    r"(?:小区|花园|新村|[村屯庄]|社区|街道|办事处|[镇乡区县市])\Z"
)
_LONGEST = 20
_LEVELS = {
    "小区": 5, "花园": 5, "新村": 5, "村": 5, "屯": 5, "庄": 4, "社区": 4,
    "街道": 3, "办事处": 3, "镇": 3, "乡": 3, "区": 2, "县": 2, "市": 1,
}  # fmt: skip


def find_place(plain: PlainText, index: DirectoryIndex) -> PlaceMention | None:
    """The most exact place in the text, with the town's code where the directory knows it."""
    best: tuple[int, int, int, str | None] | None = None
    for rank, start, end, code in (*_known(plain.text, index), *_patterned(plain.text)):
        if best is None or rank > best[0]:
            best = (rank, start, end, code)
    if best is None:
        return None
    span = plain.span(best[1], best[2])
    return PlaceMention(span.text, span.start, span.end, best[3])


def _known(text: str, index: DirectoryIndex) -> Iterator[tuple[int, int, int, str | None]]:
    for word, start, end, town in index.find_towns(text):
        yield 7 if word in index.villages else 6, start, end, town.code


def _patterned(text: str) -> Iterator[tuple[int, int, int, str | None]]:
    for ending in _ENDING.finditer(text):
        begin = max(0, ending.start() - _LONGEST)
        found = _PLACE.search(text[begin : ending.end()])
        if found is not None:
            rank = _LEVELS[ending.group()]
            yield rank, begin + found.start(), ending.end(), None
