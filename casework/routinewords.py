"""What goes to the unit complained of reads as a routine inspection: nothing in it tells that a report exists (5.3).

Neither the word nor the day nor a phrase of the reporter's may stand there, and one home alone is not inspected right
after somebody has spoken of it.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from casework.borrowing import find_borrowed_words
from casework.errors import InvalidField

QUIET_DAYS = timedelta(days=7)
"""So long after a report came in no single unit hears of an inspection, unless life is in danger."""
FEWEST_OTHERS = 2
"""Or so many others are looked at in the same round."""
ROUND = "round"
"""The field, printed nowhere, that names the other homes of the round."""
DAY = re.compile(r"(?:(\d{4})\s*[年./-]\s*)?(\d{1,2})\s*[月./-]\s*(\d{1,2})")


def find_telling_word(text: str, never: Iterable[str]) -> str | None:
    """The first word in a text that tells of a report (举报, 反映), written apart or not; None where none (pure)."""
    plain = re.sub(r"[\W_]+", "", text)
    return next((word for word in never if word in plain), None)


def refuse_traces(
    texts: Mapping[str, str], *, never: Iterable[str], number: str, received_on: date, said: str, stock: Iterable[str]
) -> None:
    """Raise InvalidField at the first field that gives the report away (pure).

    `tells_of_report` for a word or the case's number, `tells_when` for the day it came in, `his_words` for what stands
    in the reporter's own words `said` as well, beside words that belong to nobody (`stock`).
    """
    words, known = tuple(never), tuple(stock)
    for name, text in texts.items():
        if find_telling_word(text, words) or (number and number in text):
            raise InvalidField(name, "tells_of_report")
        if any(_is_day(found, received_on) for found in DAY.finditer(text)):
            raise InvalidField(name, "tells_when")
        if find_borrowed_words(text, said, known):
            raise InvalidField(name, "his_words")


def refuse_too_soon(others: str, *, received_on: date, today: date, in_danger: bool) -> None:
    """Raise InvalidField(round, too_soon) where one unit alone would be inspected right after a report (pure)."""
    named = [line for line in others.splitlines() if line.strip()]
    if not in_danger and today < received_on + QUIET_DAYS and len(named) < FEWEST_OTHERS:
        raise InvalidField(ROUND, "too_soon")


def _is_day(found: re.Match[str], day: date) -> bool:
    year, month, number = found.groups()
    return (int(month), int(number)) == (day.month, day.day) and (year is None or int(year) == day.year)
