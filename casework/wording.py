"""The sentences of our letters and forms, as data that an office may change, checked when they are read.

A wrong field name in a sentence would otherwise show only on the day the letter has to go out.
"""

import string
import tomllib
from collections.abc import Iterable, Mapping
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
        "investigators", "item", "identity",
    }
)  # fmt: skip
REPORTER = frozenset(
    {
        "reporter_name",
        "reporter_phone",
        "reporter_address",
        "reporter_time",
        "reporter_relation",
        "reporter_wish",
        "agreed",
    }
)
"""What only the sheet of the sealed annex may name: no letter, list or cover can take it in."""
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
    "identity_apart",
    "identity_withheld",
    "identity_none",
    "annex_name",
)
LISTS = frozenset(
    {"accused", "problems", "measures", "suggestions", "findings", "materials", "goods", "expertise", "others"}
)
SHEETS = (
    PaperForm.CLUE_LIST,
    PaperForm.EVIDENCE_LIST,
    PaperForm.INVESTIGATION,
    PaperForm.GOODS_LIST,
    PaperForm.EXPERTISE,
    PaperForm.OTHER_LIST,
    PaperForm.RECEIPT,
    PaperForm.COVER,
    PaperForm.ANNEX,
    PaperForm.ANNEX_COVER,
)
APART = frozenset({PaperForm.ANNEX, PaperForm.ANNEX_COVER})
"""Sheets that never go with a letter, but in an envelope of their own."""
GRID_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part: lines, left out where a field of theirs is empty, then one line for each item of a list."""

    heading: str
    lines: tuple[str, ...] = ()
    each: str = ""
    line: str = "{item}"


@dataclass(frozen=True, slots=True)
class NoticeTemplate:
    """What a letter to one kind of body says; `minimum` names the fields without which it can't be issued.

    `body` is the kind of body that it is for where that is not its own name; `materials` is the first draft's list;
    with `principal` the house's first man decides before it is issued.
    """

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
    label: str = ""
    body: str = ""
    categories: frozenset[str] = frozenset()
    materials: tuple[str, ...] = ()
    principal: bool = False


@dataclass(frozen=True, slots=True)
class FormTemplate:
    """A sheet that goes with a letter; `each` lists a field's items in the four `columns`, a serial number first."""

    title: str
    intro: str = ""
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    each: str = ""
    sections: tuple[Section, ...] = ()


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
    identity_apart: str
    identity_withheld: str
    identity_none: str
    annex_name: str
    stock: tuple[str, ...]
    problems: Mapping[str, str]
    forms: Mapping[PaperForm, FormTemplate]
    notices: Mapping[str, NoticeTemplate]

    def template_for(self, kind: str, *, internal: bool) -> NoticeTemplate:
        """The template of a kind of body; a section of our own house gets the 转办单."""
        return self.notices[INTERNAL] if internal else self.notices.get(kind, self.notices[OTHER])

    def kinds_for(self, body_kind: str) -> tuple[str, ...]:
        """The templates that a letter to this kind of body may be written by, its ordinary one first."""
        special = tuple(kind for kind, notice in self.notices.items() if notice.body == body_kind)
        return (body_kind, *special)

    def kind_for(self, body_kind: str, categories: Iterable[str]) -> str:
        """The template that fits a matter best: a special one that is meant for one of its categories, if any."""
        told = frozenset(categories)
        fit = (kind for kind in self.kinds_for(body_kind)[1:] if self.notices[kind].categories & told)
        return next(fit, body_kind)

    def fields_of(self, kind: str, *, internal: bool) -> frozenset[str]:
        """Every field that the papers of this template can show, so that no other one is asked for."""
        notice = self.template_for(kind, internal=internal)
        sheets = [self.forms[form] for form in notice.forms if form in self.forms]
        named = _names(_sentences(notice)) | set(notice.minimum) | {section.each for section in notice.sections}
        for sheet in sheets:
            named |= _names(_lines_of(sheet)) | {sheet.each} | {section.each for section in sheet.sections}
        return frozenset(named - {""})


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
        forms={form: _form(raw[form]) for form in SHEETS},
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
        label=raw.get("label", ""),
        body=raw.get("body", ""),
        categories=frozenset(raw.get("categories", ())),
        materials=tuple(raw.get("materials", ())),
        principal=bool(raw.get("principal", False)),
    )


def _sections(raw: list[Mapping[str, Any]]) -> tuple[Section, ...]:
    return tuple(
        Section(part["heading"], tuple(part.get("lines", ())), part.get("each", ""), part.get("line", "{item}"))
        for part in raw
    )


def _form(raw: Mapping[str, Any]) -> FormTemplate:
    return FormTemplate(
        title=raw["title"],
        intro=raw.get("intro", ""),
        lines=tuple(raw.get("lines", ())),
        rows=_rows(raw.get("rows", ())),
        columns=tuple(raw.get("columns", ())),
        each=raw.get("each", ""),
        sections=_sections(raw.get("sections", [])),
    )


def _rows(raw: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(label), str(value)) for label, value in raw)


def _check(wording: NoticeWording, path: Path) -> None:
    for missing in {INTERNAL, OTHER} - wording.notices.keys():
        raise DataError(path.name, f"notices.{missing} is missing")
    for name, notice in wording.notices.items():
        unknown = {section.each for section in notice.sections} - LISTS - {""}
        unknown |= set(notice.minimum) - SCALARS - LISTS
        unknown |= _names(_sentences(notice)) - SCALARS
        unknown |= {form.value for form in APART & set(notice.forms)}
        if unknown:
            raise DataError(path.name, f"notices.{name}: unknown field {', '.join(sorted(unknown))}")
    for form, template in wording.forms.items():
        unknown = _names(_lines_of(template)) - SCALARS - (REPORTER if form is PaperForm.ANNEX else frozenset())
        unknown |= {template.each, *(section.each for section in template.sections)} - LISTS - {""}
        unknown |= {f"columns of {template.title}"} if len(template.columns) not in {0, GRID_COLUMNS} else set()
        if unknown:
            raise DataError(path.name, f"{form}: unknown field {', '.join(sorted(unknown))}")


def _sentences(notice: NoticeTemplate) -> list[str]:
    lines = [line for section in notice.sections for line in (*section.lines, section.line)]
    return [notice.opening, *notice.closing, *lines, *(value for _label, value in notice.rows)]


def _lines_of(sheet: FormTemplate) -> list[str]:
    lines = [line for section in sheet.sections for line in (*section.lines, section.line)]
    return [sheet.intro, *sheet.lines, *lines, *(value for _label, value in sheet.rows)]


def _names(sentences: list[str]) -> set[str]:
    return {name for line in sentences for _text, name, _spec, _conversion in string.Formatter().parse(line) if name}
