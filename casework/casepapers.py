"""What a paper of a case says: its texts in, the sheets out (pure); nothing of the reporter can get in by this road.

Defaults come from what the house knows of the case, the rest from the officer who drafts; both pass the same checks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from casework.edits import read_list, read_text
from casework.errors import InvalidField
from casework.notices import BLANK_DATE, BLANK_SERIAL, NUMERALS, end_sentence, write_date
from casework.papers import Block, BlockKind, Paper, PaperForm, Row
from casework.paperwording import FACTS, PaperField, PaperTemplate, PaperWording, Recipient, find_names
from casework.wording import FormTemplate, Section

LETTER_SUFFIX = "函"
OWN_PHONES = frozenset({"contact", "where"})
"""Fields in which an office's phone may stand."""


@dataclass(frozen=True, slots=True)
class PaperIssue:
    """What only the signing out gives."""

    number: str
    on: date
    foot: str = ""


def mark_of(prefix: str, template: PaperTemplate) -> str:
    """The 机关代字 of this kind: 望民函 and 信受 make 望民信受 (pure)."""
    return prefix.removesuffix(LETTER_SUFFIX) + template.series


def write_number(prefix: str, template: PaperTemplate, year: int, serial: int | None) -> str:
    """望民信受〔2026〕3号, with a blank where it has no serial yet."""
    return f"{mark_of(prefix, template)}〔{year}〕{BLANK_SERIAL if serial is None else serial}号"


def draft_texts(template: PaperTemplate, facts: Mapping[str, str]) -> dict[str, str]:
    """The texts of a first draft: the facts that its sentences name, and each field's default filled in (pure)."""
    known = {name: facts.get(name, "") for name in FACTS}
    return known | {field.name: field.default.format_map(known) for field in template.fields}


def edit_texts(template: PaperTemplate, texts: Mapping[str, str], edits: Mapping[str, str]) -> dict[str, str]:
    """The texts with an officer's changes (pure).

    Raises InvalidField with the field's name: `unknown_choice` (no such field or option), and what `read_text` refuses.
    """
    changed = dict(texts)
    for name, value in edits.items():
        field = template.by_name.get(name)
        if field is None or (field.options and value and value not in field.options):
            raise InvalidField(name, "unknown_choice")
        changed[name] = _read(field, value)
    return changed


def list_lacking(template: PaperTemplate, texts: Mapping[str, str]) -> tuple[str, ...]:
    """The required fields that are empty: what keeps a paper from being issued."""
    return tuple(field.name for field in template.fields if field.required and not texts.get(field.name, "").strip())


def render_case_paper(
    texts: Mapping[str, str],
    *,
    template: PaperTemplate,
    wording: PaperWording,
    office: str,
    prefix: str,
    year: int,
    issue: PaperIssue | None = None,
) -> tuple[Paper, ...]:
    """The sheets of one paper, the main one first; without `issue` marked 代拟稿 and with blanks."""
    number = issue.number if issue else write_number(prefix, template, year, None)
    words = {name: _flatten(template, name, text) for name, text in texts.items()}
    words |= {"office": office, "number": number}
    banner = "" if issue else wording.banner
    main = Paper(
        form=template.form,
        title=template.title,
        mark=office if template.form is PaperForm.LETTER else "",
        number=number,
        addressee=template.addressee.format_map(words),
        blocks=(*_write_lines((template.opening,), words), *_write_sections(template, texts, words)),
        rows=tuple(Row(label, value.format_map(words) or wording.nothing) for label, value in template.rows),
        closing=_write_lines(template.closing, words),
        annexes=template.annexes,
        signer=office if template.signed else "",
        date=(write_date(issue.on) if issue else BLANK_DATE) if template.signed else "",
        banner=banner,
        foot=issue.foot if issue else "",
    )
    return (main, _write_receipt(template.receipt, words, banner)) if template.receipt else (main,)


def write_message(texts: Mapping[str, str], number: str, template: PaperTemplate, wording: PaperWording) -> str:
    """What the reporter is told of an issued paper: that it was decided, what, and how he gets the paper (pure)."""
    words = {name: _flatten(template, name, text) for name, text in texts.items()} | {"number": number}
    return (template.message + wording.offer).format_map(words)


def is_for_reporter(template: PaperTemplate) -> bool:
    """Whether it goes to the one who reported."""
    return template.to is Recipient.REPORTER


def _read(field: PaperField, value: str) -> str:
    phones = field.name in OWN_PHONES
    if field.rows > 1:
        return "\n".join(read_list(field.name, value, phones=phones))
    return read_text(field.name, value, phones=phones)


def _flatten(template: PaperTemplate, name: str, text: str) -> str:
    """A list becomes running sentences where it is named inside one; a full stop is the sentence's own business."""
    field = template.by_name.get(name)
    if "\n" in text or (field is not None and field.rows > 1):
        return "".join(end_sentence(line) for line in text.splitlines() if line)
    return text if field is not None and field.options else text.rstrip("。")


def _write_sections(template: PaperTemplate, texts: Mapping[str, str], words: Mapping[str, str]) -> list[Block]:
    blocks: list[Block] = []
    numerals = iter(NUMERALS)
    for section in template.sections:
        lines = [*_write_lines(section.lines, words), *_write_items(section, texts, words)]
        if lines:
            blocks += [Block(BlockKind.HEADING, f"{next(numerals)}、{section.heading}"), *lines]
    return blocks


def _write_items(section: Section, texts: Mapping[str, str], words: Mapping[str, str]) -> list[Block]:
    items = [line for line in texts.get(section.each, "").splitlines() if line] if section.each else []
    several = len(items) > 1
    return [
        Block(
            BlockKind.BODY,
            (f"{position}. " if several else "") + section.line.format_map({**words, "item": end_sentence(item)}),
        )
        for position, item in enumerate(items, 1)
    ]


def _write_lines(lines: Iterable[str], words: Mapping[str, str], kind: BlockKind = BlockKind.BODY) -> tuple[Block, ...]:
    """The lines with their fields filled in; a line with an empty field is left out."""
    whole = [line for line in lines if line and all(words[name] for name in find_names((line,)))]
    return tuple(Block(kind, line.format_map(words)) for line in whole)


def _write_receipt(receipt: FormTemplate, words: Mapping[str, str], banner: str) -> Paper:
    return Paper(
        form=PaperForm.RECEIPT,
        title=receipt.title,
        banner=banner,
        annex_label="附件",
        blocks=_write_lines((receipt.intro,), words),
        closing=_write_lines(receipt.lines, words, BlockKind.FLUSH),
    )
