"""A paper before it is a file: the parts that a letter or a form has, in the order in which they are read.

The PDF and the .docx are both made from this one value, so that the two can never say different things.
"""

from dataclasses import dataclass
from enum import StrEnum


class PaperForm(StrEnum):
    """Which paper it is; a letter has the red head of 信函格式, the others are plain sheets."""

    LETTER = "letter"
    CLUE_LIST = "clue_list"
    RECEIPT = "receipt"
    ORDER = "order"
    NOTICE = "notice"
    EVIDENCE_LIST = "evidence_list"
    INVESTIGATION = "investigation"
    GOODS_LIST = "goods_list"
    EXPERTISE = "expertise"
    OTHER_LIST = "other_list"
    COVER = "cover"
    ANNEX = "annex"
    ANNEX_COVER = "annex_cover"


class FileFormat(StrEnum):
    """In what a paper is written: to be sent, or to be edited."""

    PDF = "pdf"
    DOCX = "docx"


class BlockKind(StrEnum):
    """How a paragraph is set: 一、in 黑体, （一）in 楷体, running text in 仿宋, a line without indent."""

    HEADING = "heading"
    SUBHEADING = "subheading"
    BODY = "body"
    FLUSH = "flush"


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph."""

    kind: BlockKind
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a form: what is asked, and the answer."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One document, complete.

    `banner` is the draft's mark (代拟稿) and empty once issued. `number` and `date` show their blanks until then.
    `grid` is a list in four columns under the headings of `columns`. `annex_label` (附件1) stands on the first line of
    a sheet that goes with a letter. `foot` is a small line at the foot of the first page: the head of the ledger.
    """

    form: PaperForm
    title: str
    mark: str = ""
    number: str = ""
    addressee: str = ""
    blocks: tuple[Block, ...] = ()
    rows: tuple[Row, ...] = ()
    columns: tuple[str, ...] = ()
    grid: tuple[tuple[str, ...], ...] = ()
    closing: tuple[Block, ...] = ()
    annexes: tuple[str, ...] = ()
    signer: str = ""
    date: str = ""
    banner: str = ""
    annex_label: str = ""
    foot: str = ""

    @property
    def annex_lines(self) -> tuple[str, ...]:
        """附件说明: numbered only where there are several, no punctuation after a name (GB/T 9704)."""
        if len(self.annexes) == 1:
            return (f"附件：{self.annexes[0]}",)
        return tuple(
            f"{'附件：' if position == 1 else ''}{position}. {name}" for position, name in enumerate(self.annexes, 1)
        )


def list_lines(paper: Paper) -> tuple[str, ...]:
    """Every line of the paper as it is read from top to bottom; the same for each file made of it."""
    lines = [paper.banner, paper.mark, paper.number, paper.annex_label, paper.title]
    lines.append(f"{paper.addressee}：" if paper.addressee else "")
    lines += [block.text for block in paper.blocks]
    lines += [part for row in paper.rows for part in (row.label, row.value)]
    lines += [*paper.columns, *(cell for line in paper.grid for cell in line)]
    lines += [block.text for block in paper.closing]
    lines += [*paper.annex_lines, paper.signer, paper.date, paper.foot]
    return tuple(line for line in lines if line)
