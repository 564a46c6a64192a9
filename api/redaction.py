"""The last net before the log: numbers that name a person, a card or a report become ▇, whoever wrote them into a line.

Our own lines hold ids, routes and classes alone; a library's warning may quote what it choked on.
"""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

MASK = "▇"
_GAP = r"[ \-\u2010-\u2015]?"
NUMBERS = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    rf"(?:\+?86{_GAP})?[1１][3-9３-９]\d(?:{_GAP}\d){{8}}"  # a mobile phone
    rf"|\d{{6}}{_GAP}\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{3}}[\dXx]"  # an identity card
    rf"|\d{{4}}(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}\d{{1,3}})?"  # a bank card, a receipt's code
    r")(?![0-9A-Za-z])"
)
"""Digits of any width count: Chinese keyboards write １５４ as readily as 154."""


def redact(text: str) -> str:
    """The text with ▇ for every digit and gap of such a number."""
    return NUMBERS.sub(lambda found: MASK * len(found[0]), text)


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A step of the log's formatter: every value that a line is made of."""
    return {name: _redact_value(value) for name, value in event.items()}


def _redact_value(value: Any) -> Any:
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, Mapping):
        return {name: _redact_value(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_redact_value(each) for each in value]
    kept = redact(str(value))
    return value if isinstance(value, int) and kept == str(value) else kept
