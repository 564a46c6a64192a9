"""The sentences of our letters and forms, as data that an office may change, checked when they are read.

A wrong field name in a sentence would otherwise show only on the day the letter has to go out.
"""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casework.errors import DataError
from casework.papers import PaperForm

WORDING_FILE = Path(__file__).parent / "data" / "notices.toml"
INTERNAL, OTHER = "internal", "other"
"""Templates that belong to no kind of body: a section of our own house, and whoever has none of his own."""

SCALARS = frozenset(
    {
        "office", "number", "addressee", "contents", "reference", "received_on", "source", "named", "repeated",
        "danger", "urgency", "institution", "place", "happened", "amount", "evidence", "contact", "categories",
        "problems", "measures", "suggestions", "urgent_signs", "accused_names", "accused_posts", "accused_political",
        "item",
    }
)  # fmt: skip
WORDS = (
    "banner",
    "nothing",
    "unknown",
    "source",
    "named",
    "anonymous",
    "first",
    "again",
    "danger",
    "at_once",
    "in_time",
)
LISTS = frozenset({"accused", "problems", "measures", "suggestions"})


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part: lines, left out where a field of theirs is empty, then one line for each item of a list."""

    heading: str
    lines: tuple[str, ...] = ()
    each: str = ""
    line: str = "{item}"


@dataclass(frozen=True, slots=True)
class NoticeTemplate:
    """What a letter to one kind of body says; `minimum` names the fields without which it can't be issued."""

    title: str
    forms: tuple[PaperForm, ...]
    annexes: tuple[str, ...]
    minimum: tuple[str, ...]
    opening: str
    closing: tuple[str, ...]
    measures: tuple[str, ...]
    suggestions: tuple[str, ...]
    sections: tuple[Section, ...]
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FormTemplate:
    """A form that goes with a letter."""

    title: str
    intro: str = ""
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NoticeWording:
    """All of it; `problems` is the house's own sentence for each category, so that nothing is borrowed by default."""

    banner: str
    nothing: str
    unknown: str
    source: str
    named: str
    anonymous: str
    first: str
    again: str
    danger: str
    at_once: str
    in_time: str
    stock: tuple[str, ...]
    problems: Mapping[str, str]
    forms: Mapping[PaperForm, FormTemplate]
    notices: Mapping[str, NoticeTemplate]

    def template_for(self, kind: str, *, internal: bool) -> NoticeTemplate:
        """The template of a kind of body; a section of our own house gets the 转办单."""
        return self.notices[INTERNAL] if internal else self.notices.get(kind, self.notices[OTHER])


def load_wording(path: Path = WORDING_FILE) -> NoticeWording:
    """Read and check the wording; DataError names the file and what is wrong in it."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        wording = _read(raw)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DataError(path.name, f"{type(error).__name__}: {error}") from error
    _check(wording, path)
    return wording


def _read(raw: Mapping[str, Any]) -> NoticeWording:
    shared = _sections(raw["sections"])
    return NoticeWording(
        **{name: str(raw[name]) for name in WORDS},
        stock=tuple(raw["stock"]),
        problems=dict(raw["problems"]),
        forms={form: _form(raw[form]) for form in (PaperForm.CLUE_LIST, PaperForm.RECEIPT, PaperForm.COVER)},
        notices={kind: _notice(notice, shared) for kind, notice in raw["notices"].items()},
    )


def _notice(raw: Mapping[str, Any], shared: tuple[Section, ...]) -> NoticeTemplate:
    return NoticeTemplate(
        title=raw["title"],
        forms=tuple(PaperForm(form) for form in raw["forms"]),
        annexes=tuple(raw["annexes"]),
        minimum=tuple(raw["minimum"]),
        opening=raw["opening"],
        closing=tuple(raw["closing"]),
        measures=tuple(raw["measures"]),
        suggestions=tuple(raw["suggestions"]),
        sections=() if "rows" in raw else _sections(raw["sections"]) if "sections" in raw else shared,
        rows=_rows(raw.get("rows", ())),
    )


def _sections(raw: list[Mapping[str, Any]]) -> tuple[Section, ...]:
    return tuple(
        Section(part["heading"], tuple(part.get("lines", ())), part.get("each", ""), part.get("line", "{item}"))
        for part in raw
    )


def _form(raw: Mapping[str, Any]) -> FormTemplate:
    return FormTemplate(raw["title"], raw.get("intro", ""), tuple(raw.get("lines", ())), _rows(raw.get("rows", ())))


def _rows(raw: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(label), str(value)) for label, value in raw)


def _check(wording: NoticeWording, path: Path) -> None:
    for missing in {INTERNAL, OTHER} - wording.notices.keys():
        raise DataError(path.name, f"notices.{missing} is missing")
    for name, notice in wording.notices.items():
        unknown = {section.each for section in notice.sections} - LISTS - {""}
        unknown |= set(notice.minimum) - SCALARS - LISTS
        unknown |= _names(_sentences(notice)) - SCALARS
        if unknown:
            raise DataError(path.name, f"notices.{name}: unknown field {', '.join(sorted(unknown))}")
    for form, template in wording.forms.items():
        unknown = _names([template.intro, *template.lines, *(value for _label, value in template.rows)]) - SCALARS
        if unknown:
            raise DataError(path.name, f"{form}: unknown field {', '.join(sorted(unknown))}")


def _sentences(notice: NoticeTemplate) -> list[str]:
    lines = [line for section in notice.sections for line in (*section.lines, section.line)]
    return [notice.opening, *notice.closing, *lines, *(value for _label, value in notice.rows)]


def _names(sentences: list[str]) -> set[str]:
    return {name for line in sentences for _text, name, _spec, _conversion in string.Formatter().parse(line) if name}
