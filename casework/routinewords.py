"""What goes to the unit complained of reads as a routine inspection: nothing in it tells that a report exists (5.3).

Neither the word nor the day nor a phrase of the reporter's may stand there, and one home alone is not inspected right
after somebody has spoken of it.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from casework.borrowing import find_borrowed_words
from casework.errors import InvalidField
from triage.entities.numerals import read_number
from triage.entities.plain import read_plain

QUIET_DAYS = timedelta(days=7)
"""So long after the last word came in no single unit hears of an inspection, unless life is in danger."""
FEWEST_OTHERS = 2
"""Or so many others are looked at in the same round."""
ROUND = "round"
"""The field, printed nowhere, that names the other homes of the round."""
SIGN = "[0-9零〇一二三四五六七八九十廿]"
DAY = re.compile(
    rf"(?:(?P<year>{SIGN}{{4}})[年./-])?(?P<month>{SIGN}{{1,3}})[月./·・-](?:份)?(?P<day>{SIGN}{{1,3}})"
    r"|(?<![0-9])(?P<whole>20[0-9]{6})(?![0-9])"
    rf"|(?<!{SIGN[:-1]}第])(?P<bare>{SIGN}{{1,3}})[号日](?!楼|床|房|间|室|门|桌|车|机|院|线|内|以内)"
)
"""A day with its month, in one number, or by itself (8号, 本月8日); 8号楼 and 8日内 are none."""
AGO = re.compile(r"[上本这]个?(?:周|星期|礼拜)(?!期)|昨[天日晚]|前[天晚]")
"""A day told from today: 上周四, 昨天."""


@dataclass(frozen=True)
class Told:
    """What the reporter said and when, all together: reports, additions and his words of the talk."""

    words: str
    days: Collection[date]


def find_telling_word(text: str, never: Iterable[str]) -> str | None:
    """The first word in a text that tells of a report (举报, 舉報), written apart or not; None where none (pure)."""
    plain = re.sub(r"[\W_]+", "", read_plain(text).text)
    return next((word for word in never if word in plain), None)


def refuse_traces(
    texts: Mapping[str, str], *, never: Iterable[str], number: str, told: Told, stock: Iterable[str]
) -> None:
    """Raise InvalidField at the first field that gives the report away (pure).

    `tells_of_report` for a word or the case's number, `tells_when` for a day on which he said something, `his_words`
    for what stands in his own words as well, beside words that belong to nobody (`stock`).
    """
    words, known = tuple(never), tuple(stock)
    for name, text in texts.items():
        if find_telling_word(text, words) or (number and number in _narrow(text)):
            raise InvalidField(name, "tells_of_report")
        if tells_day(text, told.days):
            raise InvalidField(name, "tells_when")
        if find_borrowed_words(text, told.words, known):
            raise InvalidField(name, "his_words")


def tells_day(text: str, days: Iterable[date]) -> bool:
    """Whether a text names one of these days, in whatever signs, or any day by its distance from today (pure)."""
    narrow, known = _narrow(text), tuple(days)
    found = tuple(_list_days(narrow))
    return bool(AGO.search(narrow)) or any(_is_day(each, day) for each in found for day in known)


def refuse_too_soon(
    others: str, *, homes: Mapping[str, str], unit: str | None, told: Told, today: date, in_danger: bool
) -> None:
    """Raise InvalidField(round, too_soon) where one unit alone would be inspected right after a report (pure).

    `homes` maps each known name to the code of its home; a name that is unknown, named twice or the unit's own is none.
    """
    named = {homes[line] for line in map(str.strip, others.splitlines()) if line in homes} - {unit}
    quiet = today >= max(told.days) + QUIET_DAYS
    if not in_danger and not quiet and len(named) < FEWEST_OTHERS:
        raise InvalidField(ROUND, "too_soon")


def _narrow(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", read_plain(text).text)).replace("號", "号")


def _list_days(text: str) -> Iterator[tuple[int | None, int | None, int | None]]:
    """Year, month and day of each, as far as they are told."""
    for found in DAY.finditer(text):
        if whole := found["whole"]:
            yield int(whole[:4]), int(whole[4:6]), int(whole[6:])
        elif found["bare"]:
            yield None, None, _read(found["bare"])
        else:
            yield _read(found["year"]), _read(found["month"]), _read(found["day"])


def _read(words: str | None) -> int | None:
    value = read_number(words.replace("廿", "二十")) if words else None
    return int(value) if value is not None else None


def _is_day(found: tuple[int | None, int | None, int | None], day: date) -> bool:
    year, month, number = found
    return number == day.day and month in (None, day.month) and year in (None, day.year)
