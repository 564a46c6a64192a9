"""The wording of the papers of a case, as data that an office may change, checked when it is read.

Each paper names its own fields, who may draft and issue it, and its sentences; code knows none of them by name.
"""

import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from casework.errors import DataError, NotFound
from casework.limits import CaseEvent
from casework.papers import PaperForm
from casework.routinewords import find_telling_word
from casework.types import Role
from casework.wording import FormTemplate, Section

WORDING_FILE = Path(__file__).parent / "data" / "casepapers.toml"
FACTS = frozenset(
    {
        "reference", "received_on", "way", "categories", "problems", "urgency", "institution", "place", "body", "above",
        "contact_name", "close_by", "handle_by", "overdue", "instruction", "reply", "verdict", "extension_reason",
        "extended_to", "approved_by",
    }
)  # fmt: skip
"""What the house knows of a case and a default or a sentence may name."""
OF_THE_UNIT = frozenset({"institution", "place", "contact_name"})
"""The only ones that a paper to the unit complained of may name: no number, no day, no problem of the report."""
AT_ISSUE = frozenset({"office", "number"})
FORMS = frozenset({PaperForm.NOTICE, PaperForm.LETTER, PaperForm.ORDER})


class Recipient(StrEnum):
    """For whom a paper is."""

    REPORTER = "reporter"
    BODY = "body"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class PaperField:
    """One thing that an officer may change; with `rows` over 1 a list, a line an item; with `options` only these."""

    name: str
    label: str
    rows: int = 1
    required: bool = False
    default: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperTemplate:
    """One kind of paper."""

    kind: str
    label: str
    title: str
    series: str
    form: PaperForm
    to: Recipient
    drafters: tuple[Role, ...]
    issuers: tuple[Role, ...]
    fields: tuple[PaperField, ...]
    addressee: str = ""
    opening: str = ""
    closing: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    annexes: tuple[str, ...] = ()
    receipt: FormTemplate | None = None
    meets: CaseEvent | None = None
    signed: bool = False
    message: str = ""

    @property
    def by_name(self) -> Mapping[str, PaperField]:
        """Its fields by name."""
        return {field.name: field for field in self.fields}


@dataclass(frozen=True, slots=True)
class PaperWording:
    """All kinds, in the order in which the console offers them; `never` stands in no paper to a unit complained of."""

    banner: str
    nothing: str
    offer: str
    papers: Mapping[str, PaperTemplate]
    never: tuple[str, ...] = ()

    def template_for(self, kind: str) -> PaperTemplate:
        """The template of that kind. Raises NotFound."""
        if kind not in self.papers:
            raise NotFound("paper_kind", kind)
        return self.papers[kind]


def load_paper_wording(path: Path = WORDING_FILE) -> PaperWording:
    """Read and check the wording; DataError names the file and what is wrong in it."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        papers = {kind: _read(kind, each) for kind, each in raw["papers"].items()}
        never = tuple(map(str, raw["never"]))
        wording = PaperWording(str(raw["banner"]), str(raw["nothing"]), str(raw["offer"]), papers, never)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DataError(path.name, f"{type(error).__name__}: {error}") from error
    for template in wording.papers.values():
        if (template.to is Recipient.REPORTER) != bool(template.message):
            raise DataError(path.name, f"papers.{template.kind}: a message belongs to a paper for the reporter")
        for unknown in sorted(_list_unknown(template)):
            raise DataError(path.name, f"papers.{template.kind}: unknown field {unknown}")
        if template.to is Recipient.UNIT and (told := _find_told(template, wording.never)):
            raise DataError(path.name, f"papers.{template.kind}: tells the unit of a report: {told}")
    return wording


def _read(kind: str, raw: Mapping[str, Any]) -> PaperTemplate:
    form = PaperForm(raw["form"])
    if form not in FORMS:
        raise ValueError(f"papers.{kind}: form {form}")
    receipt = raw.get("receipt")
    return PaperTemplate(
        kind=kind,
        label=raw["label"],
        title=raw["title"],
        series=raw["series"],
        form=form,
        to=Recipient(raw["to"]),
        drafters=tuple(Role(role) for role in raw["drafters"]),
        issuers=tuple(Role(role) for role in raw["issuers"]),
        fields=tuple(PaperField(**{**each, "options": tuple(each.get("options", ()))}) for each in raw["fields"]),
        addressee=raw.get("addressee", ""),
        opening=raw.get("opening", ""),
        closing=tuple(raw.get("closing", ())),
        sections=tuple(
            Section(each["heading"], tuple(each.get("lines", ())), each.get("each", ""), each.get("line", "{item}"))
            for each in raw.get("sections", ())
        ),
        rows=tuple((str(label), str(value)) for label, value in raw.get("rows", ())),
        annexes=tuple(raw.get("annexes", ())),
        receipt=FormTemplate(receipt["title"], receipt["intro"], tuple(receipt["lines"])) if receipt else None,
        meets=CaseEvent(raw["meets"]) if "meets" in raw else None,
        signed=bool(raw.get("signed", False)),
        message=raw.get("message", ""),
    )


def _find_told(template: PaperTemplate, never: Iterable[str]) -> str:
    """What in the wording of a paper to a unit would tell it of a report: a word, or a fact of the report."""
    own = {template.title, template.series, *template.annexes}
    own |= {section.heading for section in template.sections} | {label for label, _value in template.rows}
    said = [*own, *_list_sentences(template), *(field.default for field in template.fields)]
    facts = find_names(said) & (FACTS - OF_THE_UNIT)
    return next(filter(None, (find_telling_word(each, never) for each in said)), "") or "、".join(sorted(facts))


def _list_sentences(template: PaperTemplate) -> list[str]:
    """Every sentence of a paper, with its names in braces."""
    lines = [line for section in template.sections for line in (*section.lines, section.line)]
    sentences = [template.addressee, template.opening, *template.closing, *lines]
    sentences += [value for _label, value in template.rows]
    sentences.append(template.message)
    if template.receipt:
        sentences += [template.receipt.intro, *template.receipt.lines]
    return sentences


def _list_unknown(template: PaperTemplate) -> set[str]:
    """Names in sentences and defaults that no field and no fact has; lists named by `each` that are no lists."""
    own = set(template.by_name)
    known = own | FACTS | AT_ISSUE
    listed = {section.each for section in template.sections} - {""}
    defaults = find_names(field.default for field in template.fields)
    return (find_names(_list_sentences(template)) - known - {"item"}) | (listed - own) | (defaults - FACTS)


def find_names(sentences: Iterable[str]) -> set[str]:
    """The names in braces."""
    return {name for line in sentences for _text, name, _spec, _conversion in string.Formatter().parse(line) if name}
