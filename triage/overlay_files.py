"""An office's changes as a TOML file, for keeping, carrying to another machine and reviewing; errors say the line.

Written by us and read by us; a person may edit in between.
"""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from triage.errors import DataError, line_of
from triage.lexicon import Lexicon
from triage.overlay import BadChange, Change, ChangeAct, amend, lay_over, read_change
from triage.patterns import USUAL

TABLE = "[[change]]"
_LISTS = ("words", "needs", "unless")
_FLAGS = ("whole", "negatable", "free")
_TEXTS = ("act", "topic", "entry", "why")
_KEYS = frozenset({*_LISTS, *_FLAGS, *_TEXTS, "weight", "parts", "window"})
_WANTED = {"weight": "要写数字", "window": "要写整数"}
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def write_overlay(changes: Sequence[Change], *, head: Sequence[str] = ()) -> str:
    """The changes as TOML; `head` stands above as remarks, a line each."""
    remarks = [f"# {' '.join(line.split())}" for line in head]
    return "\n".join([*remarks, *(line for change in changes for line in ("", *_lines_of(change)))]) + "\n"


def read_overlay(
    path: Path, source: str, base: Lexicon, topics: Collection[str], wording: Mapping[str, str]
) -> tuple[Change, ...]:
    """The changes of a file, each checked against the base with those before it laid over.

    Raises DataError with the line on which the change begins, the field and the reason, in the words of `wording`.
    """
    try:
        raw = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found.group(1)) if found else len(source.splitlines())  # else it says "at end of document"
        raise DataError(path, line, f"TOML 没看懂：{error}") from error
    rows = raw.get("change", [])
    unknown = sorted(set(raw) - {"change"})
    if unknown or not isinstance(rows, list):
        raise DataError(path, line_of(source, unknown[0]) if unknown else 0, f"只写 {TABLE} 这样的段")
    changes: tuple[Change, ...] = ()
    for number, fields in enumerate(rows, 1):
        line = line_of(source, TABLE, number)
        change = _read_fields(path, line, fields)
        try:
            read = read_change(change, lay_over(base, changes, ""), topics)
        except BadChange as error:
            raise DataError(path, line, f"{error.field}：{wording.get(error.problem, error.problem)}") from error
        changes = amend(changes, read, base)
    return changes


def change_of(fields: Mapping[str, Any]) -> Change:
    """A change from plain values, as a row keeps it."""
    return Change(
        act=ChangeAct(fields["act"]),
        topic=fields.get("topic", ""),
        words=tuple(fields.get("words", ())),
        entry=fields.get("entry", ""),
        weight=float(fields.get("weight", 0.0)),
        why=fields.get("why", ""),
        whole=fields.get("whole", False),
        negatable=fields.get("negatable", False),
        needs=tuple(fields.get("needs", ())),
        unless=tuple(fields.get("unless", ())),
        parts=tuple((part,) if isinstance(part, str) else tuple(part) for part in fields.get("parts", ())),
        window=fields.get("window", USUAL),
        free=fields.get("free", False),
    )


def fields_of(change: Change) -> dict[str, Any]:
    """A change as plain values; what says nothing is left out."""
    told: dict[str, Any] = {"act": change.act.value, "topic": change.topic, "words": list(change.words)}
    for key in ("entry", "weight", "why", *_FLAGS):
        if value := getattr(change, key):
            told[key] = value
    told |= {key: list(value) for key in ("needs", "unless") if (value := getattr(change, key))}
    if change.parts:
        told |= {"parts": [list(part) for part in change.parts], "window": change.window}
    return told


def _read_fields(path: Path, line: int, fields: Any) -> Change:
    if not isinstance(fields, dict):
        raise DataError(path, line, f"只写 {TABLE} 这样的段")
    for key, value in fields.items():
        if key not in _KEYS:
            raise DataError(path, line, f"{key}：没有这一项")
        if not _fits(key, value):
            raise DataError(path, line, f"{key}：{_wanted(key)}")
    if fields.get("act") not in set(ChangeAct):
        raise DataError(path, line, f"act：要写 {'、'.join(ChangeAct)} 之一")
    return change_of(fields)


def _fits(key: str, value: Any) -> bool:
    if key in _LISTS:
        return isinstance(value, list) and all(isinstance(word, str) for word in value)
    if key in _FLAGS:
        return isinstance(value, bool)
    if key == "parts":
        return isinstance(value, list) and all(isinstance(part, str) or _fits("words", part) for part in value)
    if key == "weight":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if key == "window":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str)


def _wanted(key: str) -> str:
    if key in _LISTS:
        return '要写成 ["一个", "又一个"] 这样'
    if key == "parts":
        return '要写成 [["护工", "@head"], "打"] 这样'
    return _WANTED.get(key, "要写 true 或 false" if key in _FLAGS else "要写文字")


def _lines_of(change: Change) -> list[str]:
    return [TABLE, *(f"{key} = {_say(value)}" for key, value in fields_of(change).items())]


def _say(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(_say(each) for each in value)}]"
    return f'"{_escape(value)}"' if isinstance(value, str) else repr(value)


def _escape(text: str) -> str:
    return "".join(
        _ESCAPES.get(char) or (char if char.isprintable() else f"\\u{ord(char):04x}" if ord(char) < 65536 else char)
        for char in text
    )
