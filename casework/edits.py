"""What an officer may change in a draft, and what he may not write into it.

Phones, identity numbers, masked places and hours of the day are refused at their field: each could lead back to the
reporter (检举控告规则 art. 47).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import fields as list_fields
from dataclasses import replace
from typing import Any

from casework.errors import InvalidField
from casework.notices import Accused, IdentityAnnex, NoticeFields
from casework.verdicts import MASK

TEXTS = frozenset(
    {"addressee", "institution", "place", "happened", "amount", "evidence", "urgent_signs", "contact", "investigators"}
)
LISTS = frozenset({"problems", "measures", "suggestions", "findings", "materials", "goods", "expertise", "others"})
ACCUSED = "accused"
IDENTITY = "identity"
MOST_TEXT, MOST_LINE, MOST_LINES = 200, 500, 20
OWN_PHONES = frozenset({"contact"})
"""Fields in which the office may write its own phone."""

PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?!\d)")
LONG_NUMBER = re.compile(r"(?<!\d)\d{15,19}(?!\d)|(?<!\d)\d{17}[Xx]")
HOUR = re.compile(
    r"\d{1,2}[:：]\d{2}|[0-9一二三四五六七八九十]{1,3}[点时](?:半|[0-9一二三四五六七八九十]{1,3}分|整|多|左右)"
)


def edit_fields(fields: NoticeFields, edits: Mapping[str, Any]) -> NoticeFields:
    """The fields with an officer's changes (pure).

    A list may come as lines of one text. Raises InvalidField with the field's name and `unknown_choice` (no such
    field), `too_long`, `contact_detail` (a phone or identity number), `clock_time` (an hour) or `masked` (▇).
    """
    changes: dict[str, Any] = {}
    for name, value in edits.items():
        if name in TEXTS:
            changes[name] = read_text(name, value, phones=name in OWN_PHONES)
        elif name in LISTS:
            changes[name] = read_list(name, value)
        elif name == IDENTITY:
            changes[name] = _read_identity(fields, str(value))
        elif name == ACCUSED:
            changes[name] = tuple(_read_accused(person) for person in value)
        else:
            raise InvalidField(name, "unknown_choice")
    return replace(fields, **changes)


def read_text(name: str, value: object, most: int = MOST_TEXT, *, phones: bool = False) -> str:
    """A field's text, cleaned of control characters; `phones` where the office may write its own.

    Raises InvalidField with `too_long`, `masked`, `contact_detail` or `clock_time`.
    """
    text = "".join(character for character in str(value) if not unicodedata.category(character).startswith("C")).strip()
    if len(text) > most:
        raise InvalidField(name, "too_long")
    if MASK in text:
        raise InvalidField(name, "masked")
    if LONG_NUMBER.search(text) or (not phones and PHONE.search(text)):
        raise InvalidField(name, "contact_detail")
    if HOUR.search(text):
        raise InvalidField(name, "clock_time")
    return text


def read_list(name: str, value: str | Sequence[str], *, phones: bool = False) -> tuple[str, ...]:
    """The lines of a field, each read as a text, empty ones left out. Raises InvalidField, also for too many."""
    lines = value.splitlines() if isinstance(value, str) else value
    read = tuple(filter(None, (read_text(name, line, MOST_LINE, phones=phones) for line in lines)))
    if len(read) > MOST_LINES:
        raise InvalidField(name, "too_long")
    return read


def _read_identity(fields: NoticeFields, value: str) -> str:
    """Of one who gave no name there is none to hand over; of one who did, it goes only where an officer says so."""
    offered = (IdentityAnnex.APART, IdentityAnnex.WITHHELD) if fields.named else (IdentityAnnex.NONE,)
    if fields.named is None or value not in offered:
        raise InvalidField(IDENTITY, "unknown_choice")
    return value


def _read_accused(person: Mapping[str, Any]) -> Accused:
    known = {field.name for field in list_fields(Accused)} - {"verified"}
    unknown = person.keys() - known - {"verified"}
    if unknown:
        raise InvalidField(ACCUSED, "unknown_choice")
    texts = {name: read_text(ACCUSED, person.get(name, "")) for name in known}
    if not texts["name"]:
        raise InvalidField(ACCUSED, "required")
    return Accused(**texts, verified=bool(person.get("verified", False)))
