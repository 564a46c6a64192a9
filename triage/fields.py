"""Reading the fields of the lexicon's files, so that entries, sets and patterns are refused in the same words.

Every function raises DataError with the file and the line on which the table begins.
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from triage.errors import DataError, line_of

HEAVIEST = 5.0
Fields = Mapping[str, Any]
Tables = dict[str, list[tuple[int, Fields]]]


def read_tables(path: Path, source: str, kinds: Collection[str]) -> Tables:
    """The tables of a file by kind, each with its line; a kind beside `kinds` is refused."""
    try:
        raw = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise DataError(path, int(found.group(1)) if found else 0, str(error)) from error
    for kind, rows in raw.items():
        if kind not in kinds or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise DataError(path, line_of(source, kind), f"unknown table {kind!r}")
    return {
        kind: [(line_of(source, f"[[{kind}]]", number), fields) for number, fields in enumerate(raw.get(kind, ()), 1)]
        for kind in kinds
    }


def read_name(path: Path, line: int, fields: Fields, keys: Collection[str], names: Collection[str]) -> str:
    """The table's name, which none of `names` may be, after a look at its keys."""
    unknown = sorted(set(fields) - set(keys))
    if unknown:
        raise DataError(path, line, f"unknown key {unknown[0]!r}")
    name = fields.get("name")
    if not isinstance(name, str) or not name:
        raise DataError(path, line, "an entry needs a name")
    if name in names:
        raise DataError(path, line, f"second entry named {name!r}")
    return name


def read_words(path: Path, line: int, key: str, value: Any) -> tuple[str, ...]:
    """A list of words, each once; empty where the key is missing."""
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) and word.strip() for word in value):
        raise DataError(path, line, f"{key} must be a list of words")
    twice = [word for at, word in enumerate(value) if word in value[:at]]
    if twice:
        raise DataError(path, line, f"{key} holds {twice[0]!r} twice")
    return tuple(value)


def read_weight(path: Path, line: int, fields: Fields) -> float:
    """The weight, 0 where it is missing."""
    weight = fields.get("weight", 0.0)
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not abs(weight) <= HEAVIEST:
        raise DataError(path, line, f"weight must be a number from -{HEAVIEST} to {HEAVIEST}")
    return float(weight)


def read_flag(path: Path, line: int, fields: Fields, key: str) -> bool:
    """A yes or no, no where it is missing."""
    value = fields.get(key, False)
    if not isinstance(value, bool):
        raise DataError(path, line, f"{key} is true or false")
    return value
