"""What a notice says: structured fields in, papers out; nothing of the reporter can get in by this road.

The fields hold category, place, institution, days and sentences that an officer wrote or the house has ready; never who
reported, his phone, the hour, or his words (检举控告规则 art. 47; 信访工作条例 art. 30).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from string import Formatter
from typing import Any

from casework.papers import Block, BlockKind, Paper, PaperForm, Row
from casework.wording import NoticeTemplate, NoticeWording, Section

NUMERALS = "一二三四五六七八九十"
BLANK_DATE = "　　　　年　　月　　日"
BLANK_SERIAL = "　　"
PAIR = 2
SEPARATOR = re.compile(r"[|｜]")
PLAIN = ("institution", "place", "happened", "amount", "evidence", "urgent_signs", "contact", "investigators")
"""Fields that go into a sentence just as they are."""


class IdentityAnnex(StrEnum):
    """What becomes of the reporter's identity in a discipline matter; his name itself is never among the fields."""

    APART = "apart"
    WITHHELD = "withheld"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Accused:
    """One person complained of, as far as an officer has entered it; unverified unless he says so."""

    name: str
    unit: str = ""
    post: str = ""
    rank: str = ""
    political: str = ""
    verified: bool = False

    @property
    def sentence(self) -> str:
        """As the letter says it: 以上信息未经核实, unless it was."""
        known = "，".join(part for part in (self.name, self.unit + self.post, self.rank, self.political) if part)
        return f"{known}。以上信息{'已经' if self.verified else '未经'}核实。"


@dataclass(frozen=True, slots=True)
class NoticeFields:
    """Everything a notice may say. `kind` and `internal` choose the template; lists are sentences, one a line.

    `received_on` is a day, never an hour; `named` is None where the paper doesn't say; `happened` tells days.
    """

    kind: str
    internal: bool
    addressee: str
    reference: str
    received_on: date
    categories: tuple[str, ...]
    problems: tuple[str, ...]
    measures: tuple[str, ...]
    suggestions: tuple[str, ...]
    accused: tuple[Accused, ...] = ()
    institution: str = ""
    place: str = ""
    happened: str = ""
    amount: str = ""
    evidence: str = ""
    urgent_signs: str = ""
    investigators: str = ""
    findings: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    goods: tuple[str, ...] = ()
    expertise: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    contact: str = ""
    named: bool | None = None
    repeated: bool = False
    critical: bool = False
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes, and under which mark its letters are numbered (机关代字)."""

    office: str
    prefix: str
    year: int


@dataclass(frozen=True, slots=True)
class Issue:
    """What only the signing out gives: the number, the day, and the line at the foot with the ledger's head."""

    number: str
    on: date
    foot: str = ""


def fields_to_json(fields: NoticeFields) -> dict[str, Any]:
    """The fields as they are stored."""
    names = NoticeFields.__dataclass_fields__
    stored: dict[str, Any] = {name: getattr(fields, name) for name in names}
    stored["received_on"] = fields.received_on.isoformat()
    stored["accused"] = [
        {name: getattr(person, name) for name in Accused.__dataclass_fields__} for person in fields.accused
    ]
    return {name: list(value) if isinstance(value, tuple) else value for name, value in stored.items()}


def fields_from_json(stored: Mapping[str, Any]) -> NoticeFields:
    """The stored fields as a value again."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    values["received_on"] = date.fromisoformat(stored["received_on"])
    values["accused"] = tuple(Accused(**person) for person in stored["accused"])
    return NoticeFields(**values)


def draft_fields(fields: NoticeFields, wording: NoticeWording) -> NoticeFields:
    """Fill what is empty from the house's own sentences: problems by category code, measures, suggestions (pure).

    Expects category codes in `categories`; the caller puts their names there afterwards with `name_categories`.
    """
    template = wording.template_for(fields.kind, internal=fields.internal)
    ready = tuple(wording.problems[code] for code in fields.categories if code in wording.problems)
    return replace(
        fields,
        problems=fields.problems or ready,
        measures=fields.measures or template.measures,
        suggestions=fields.suggestions or template.suggestions,
        materials=fields.materials or template.materials,
    )


def switch_template(fields: NoticeFields, kind: str, wording: NoticeWording) -> NoticeFields:
    """The same facts under another template; what the old one had ready gives way to what the new one has (pure)."""
    old = wording.template_for(fields.kind, internal=fields.internal)
    ready = {name: getattr(old, name) for name in ("measures", "suggestions", "materials")}
    emptied: dict[str, Any] = {name: () for name, lines in ready.items() if getattr(fields, name) == lines}
    return draft_fields(replace(fields, kind=kind, **emptied), wording)


def name_categories(fields: NoticeFields, names: Mapping[str, str]) -> NoticeFields:
    """Category codes become the names an outsider can read."""
    return replace(fields, categories=tuple(names.get(code, code) for code in fields.categories))


def list_missing(fields: NoticeFields, wording: NoticeWording) -> tuple[str, ...]:
    """The fields of the template's minimum that are still empty: what keeps it from being issued."""
    template = wording.template_for(fields.kind, internal=fields.internal)
    return tuple(name for name in template.minimum if not getattr(fields, name) or _is_alone(name, fields))


def _is_alone(name: str, fields: NoticeFields) -> bool:
    """Two or more look into a suspected crime (行政执法机关移送涉嫌犯罪案件的规定 art. 5); one name is not enough."""
    return (
        name == "investigators" and len([who for who in re.split(r"[、，,；;\s]+", fields.investigators) if who]) < PAIR
    )


def render_notice(
    fields: NoticeFields, *, wording: NoticeWording, head: Letterhead, issue: Issue | None = None
) -> tuple[Paper, ...]:
    """Every paper of one notice, letter first (pure). Without `issue` each is marked 代拟稿 and has blanks.

    The title names nobody; persons stand in the text as 未经核实 (rules for 移送函).
    """
    template = wording.template_for(fields.kind, internal=fields.internal)
    number = issue.number if issue else f"{head.prefix}〔{head.year}〕{BLANK_SERIAL}号"
    desk = _Desk(
        template=template,
        fields=fields,
        wording=wording,
        words=_list_words(fields, wording, head, number, _list_contents(template)),
        banner="" if issue else wording.banner,
        on=write_date(issue.on) if issue else BLANK_DATE,
        foot=issue.foot if issue else "",
    )
    return tuple(_render(form, desk) for form in template.forms)


def write_date(day: date) -> str:
    """Arabic digits, in full, no leading zero (GB/T 9704)."""
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True, slots=True)
class _Desk:
    """Everything that the papers of one notice have in common."""

    template: NoticeTemplate
    fields: NoticeFields
    wording: NoticeWording
    words: Mapping[str, str]
    banner: str
    on: str
    foot: str


def _render(form: PaperForm, desk: _Desk) -> Paper:
    if form is PaperForm.LETTER:
        return _render_letter(desk)
    if form is PaperForm.ORDER:
        return _render_order(desk)
    return _render_sheet(form, desk)


def _render_letter(desk: _Desk) -> Paper:
    return Paper(
        form=PaperForm.LETTER,
        title=desk.template.title,
        banner=desk.banner,
        mark=desk.words["office"],
        number=desk.words["number"],
        addressee=desk.fields.addressee,
        blocks=(
            *_write_lines((desk.template.opening,), desk.words),
            *_write_sections(desk.template.sections, desk),
            *_write_lines(desk.template.closing, desk.words),
        ),
        annexes=list_annexes(fields=desk.fields, template=desk.template, wording=desk.wording),
        signer=desk.words["office"],
        date=desk.on,
        foot=desk.foot,
    )


def _render_order(desk: _Desk) -> Paper:
    return Paper(
        form=PaperForm.ORDER,
        title=desk.template.title,
        banner=desk.banner,
        number=desk.words["number"],
        rows=_write_rows(desk.template.rows, desk),
        closing=_write_lines(desk.template.closing, desk.words),
        foot=desk.foot,
    )


def _render_sheet(form: PaperForm, desk: _Desk) -> Paper:
    sheet = desk.wording.forms[form]
    annexed = [other for other in desk.template.forms if other not in {PaperForm.LETTER, PaperForm.COVER}]
    label = ""
    if form in annexed:
        label = f"附件{annexed.index(form) + 1}" if len(annexed) > 1 else "附件"
    return Paper(
        form=form,
        title=sheet.title,
        banner=desk.banner,
        annex_label=label,
        blocks=(*_write_lines((sheet.intro,), desk.words), *_write_sections(sheet.sections, desk)),
        rows=_write_rows(sheet.rows, desk),
        columns=sheet.columns,
        grid=_write_grid(getattr(desk.fields, sheet.each), desk.wording.nothing) if sheet.each else (),
        closing=_write_lines(sheet.lines, desk.words, BlockKind.FLUSH),
    )


def _write_grid(items: tuple[str, ...], nothing: str) -> tuple[tuple[str, ...], ...]:
    """One line an item, its parts (名称｜数量｜备注) in the columns after the number; 无 where there is none."""
    parts = [[part.strip() for part in SEPARATOR.split(item, 2)] for item in items]
    lines = tuple((str(number), *part, *("",) * (3 - len(part))) for number, part in enumerate(parts, 1))
    return lines or (("", nothing, "", ""),)


def _write_sections(sections: tuple[Section, ...], desk: _Desk) -> list[Block]:
    blocks: list[Block] = []
    numerals = iter(NUMERALS)
    for section in sections:
        lines = [*_write_lines(section.lines, desk.words), *_write_items(section, desk)]
        if lines:
            blocks += [Block(BlockKind.HEADING, f"{next(numerals)}、{section.heading}"), *lines]
    return blocks


def _write_items(section: Section, desk: _Desk) -> list[Block]:
    if not section.each:
        return []
    listed = getattr(desk.fields, section.each)
    items = [item.sentence if isinstance(item, Accused) else end_sentence(item) for item in listed]
    several = len(items) > 1
    return [
        Block(
            BlockKind.BODY, (f"{position}. " if several else "") + section.line.format_map({**desk.words, "item": item})
        )
        for position, item in enumerate(items, 1)
    ]


def _write_lines(
    lines: tuple[str, ...], words: Mapping[str, str], kind: BlockKind = BlockKind.BODY
) -> tuple[Block, ...]:
    """The lines with their fields filled in; a line with an empty field is left out."""
    return tuple(Block(kind, line.format_map(words)) for line in lines if line and _is_whole(line, words))


def _write_rows(rows: tuple[tuple[str, str], ...], desk: _Desk) -> tuple[Row, ...]:
    return tuple(Row(label, value.format_map(desk.words) or desk.wording.nothing) for label, value in rows)


def _is_whole(line: str, words: Mapping[str, str]) -> bool:
    return all(words[name] for _text, name, _spec, _conversion in Formatter().parse(line) if name)


def list_annexes(*, fields: NoticeFields, template: NoticeTemplate, wording: NoticeWording) -> tuple[str, ...]:
    """What the letter says goes with it; the identity only where its owner agreed, in an envelope of its own."""
    apart = (wording.annex_name,) if fields.identity == IdentityAnnex.APART else ()
    return (*template.annexes, *apart)


def _say_identity(fields: NoticeFields, wording: NoticeWording) -> str:
    said = {
        IdentityAnnex.APART: wording.identity_apart,
        IdentityAnnex.WITHHELD: wording.identity_withheld,
        IdentityAnnex.NONE: wording.identity_none,
    }
    return said[IdentityAnnex(fields.identity)] if fields.identity else ""


def _list_contents(template: NoticeTemplate) -> str:
    names = ("移送函" if PaperForm.LETTER in template.forms else "转办单", *template.annexes)
    return "、".join(f"{name}1份" for name in names)


def _list_words(
    fields: NoticeFields, wording: NoticeWording, head: Letterhead, number: str, contents: str
) -> dict[str, str]:
    """Every scalar that a sentence may name; what isn't known is empty."""
    return {
        "office": head.office,
        "number": number,
        "contents": contents,
        "addressee": fields.addressee,
        "reference": fields.reference,
        "received_on": write_date(fields.received_on),
        "source": wording.source,
        "named": "" if fields.named is None else wording.named if fields.named else wording.anonymous,
        "repeated": wording.again if fields.repeated else wording.first,
        "danger": wording.danger if fields.critical else "",
        "identity": _say_identity(fields, wording),
        "urgency": wording.at_once if fields.critical else wording.in_time,
        "categories": "、".join(fields.categories),
        "problems": "".join(end_sentence(text) for text in fields.problems),
        "measures": "".join(end_sentence(text) for text in fields.measures),
        "suggestions": "".join(end_sentence(text) for text in fields.suggestions),
        "accused_names": _join(fields, lambda person: person.name),
        "accused_posts": _join(fields, lambda person: person.unit + person.post),
        "accused_political": _join(fields, lambda person: person.political or wording.unknown),
        **{name: getattr(fields, name).rstrip("。") for name in PLAIN},
    }


def _join(fields: NoticeFields, read: Callable[[Accused], str]) -> str:
    return "、".join(filter(None, map(read, fields.accused)))


def end_sentence(sentence: str) -> str:
    """The sentence with its full stop, unless it has an end of its own."""
    return sentence if sentence.endswith(("。", "！", "？", "；", "：")) else f"{sentence}。"
