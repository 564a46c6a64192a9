"""Batch triage of a spreadsheet: the same rows with added columns, bad rows named by number, the rest done.

What a citizen wrote never becomes a formula: cells are written as text.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any, NoReturn

import typer
import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook
from rich.console import Console
from rich.progress import track

from casework.sheetcells import DANGEROUS
from triage.assessment import assess
from triage.context import Context
from triage.types import Assessment

SHEET_SUFFIXES = frozenset({".xlsx", ".csv"})
TEXT_HEADINGS = ("text", "内容", "诉求内容", "反映内容", "来件内容", "留言详情", "正文")
ADDED = ("研判类别", "其他类别", "紧急程度", "是否涉纪", "建议承办", "被反映单位", "研判说明")
HEAD_WITHIN = 10
"""Above the headings of an office's sheet there is often a title, a date, a unit."""
LONGEST_CELL, LONGEST_CSV_CELL = 32_767, 10_000_000
CUT = "……（太长，后面没有列出）"
WHOLE_BELOW = 1e15
_BAD_INPUT = 2
_LONE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet's rows as text, where its headings stand (from 0) and in which column the words are."""

    rows: list[list[str]]
    head: int
    column: int


def triage_sheet(file: Path, context: Context) -> Path:
    """Triage each row of `file` into `<name>-研判.<suffix>` beside it and return that path.

    The text column is found by its heading, which may stand under a title. A row without text keeps its cells and is
    reported by number. Ends the command with 2 and one sentence where there is no file, no such column, or no sheet.
    """
    if not file.is_file():
        _stop(f"没有文件 {file}，跳过")
    try:
        rows = read_table(file)
    except (CalamineError, csv.Error, OSError):
        _stop(f"{file.name} 打不开，请给 xlsx 或 csv 表格")
    table = find_words(rows)
    if table is None:
        _stop(f"找不到正文列，表头应有其一：{'、'.join(TEXT_HEADINGS)}")
    target = file.with_name(f"{file.stem}-研判{file.suffix}")
    rest = track(table.rows[table.head + 1 :], description="研判", console=Console(stderr=True))
    bad: list[int] = []
    write_rows(target, [*table.rows[: table.head], *_answer(table, rest, context, bad)])
    for number in bad:
        typer.echo(f"第 {number} 行没有正文，没有研判", err=True)
    typer.echo(str(target))
    return target


def _stop(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(_BAD_INPUT)


def read_table(file: Path) -> list[list[str]]:
    """All rows of a csv file (UTF-8 or GB18030) or of a workbook's first sheet, every cell as text."""
    if file.suffix.lower() == ".csv":
        csv.field_size_limit(LONGEST_CSV_CELL)
        return [list(row) for row in csv.reader(io.StringIO(_decode(file.read_bytes()), newline=""))]
    book = CalamineWorkbook.from_path(str(file))
    if not book.sheet_names:
        return []
    return [[say_cell(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python(skip_empty_area=False)]


def find_words(rows: list[list[str]]) -> Table | None:
    """Where the headings stand, within the first rows, and the column that holds the words."""
    for at, row in enumerate(rows[:HEAD_WITHIN]):
        for column, name in enumerate(row):
            if "".join(name.split()).lower() in TEXT_HEADINGS:
                return Table(rows, at, column)
    return None


def say_cell(cell: Any) -> str:
    """A cell as it is read on screen: whole numbers without a point (phones, ids), days without a clock."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < WHOLE_BELOW:
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def _answer(table: Table, rows: Iterable[list[str]], context: Context, bad: list[int]) -> Iterator[list[str]]:
    """The headings, then each row with its columns; of a row without words the number goes into `bad`."""
    width = max((len(row) for row in table.rows[table.head :]), default=0)
    yield [*_filled(table.rows[table.head], width), *ADDED]
    for number, row in enumerate(rows, table.head + 2):
        text = row[table.column] if table.column < len(row) else ""
        if text.strip():
            yield [*_filled(row, width), *columns_of(assess(text, context), context)]
        else:
            if any(cell.strip() for cell in row):
                bad.append(number)
            yield row


def _filled(row: list[str], width: int) -> list[str]:
    """A row as wide as the widest, so that what is added stands under its headings."""
    return row + [""] * (width - len(row))


def columns_of(assessment: Assessment, context: Context) -> list[str]:
    """What the added columns hold, in the words of the screen."""
    names = [context.taxonomy.by_code[score.code].name for score in assessment.categories]
    mention = assessment.institution
    return [
        names[0],
        "、".join(names[1:]),
        {"critical": "危急", "high": "紧急", "normal": "一般"}[assessment.urgency.value],
        "是" if assessment.discipline else "否",
        context.taxonomy.bodies[assessment.body],
        mention.text if mention else "",
        assessment.explanation,
    ]


def write_rows(target: Path, rows: Iterable[list[str]]) -> None:
    """Write a sheet of the kind that its name says, every cell as text."""
    (_write_csv if target.suffix.lower() == ".csv" else _write_workbook)(target, rows)


def _write_csv(target: Path, rows: Iterable[list[str]]) -> None:
    """An apostrophe goes before whatever a spreadsheet would take for a formula."""
    with target.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        for row in rows:
            plain = (_LONE.sub("\ufffd", cell) for cell in row)
            writer.writerow(
                [f"'{cell}" if cell.lstrip(" ").startswith(DANGEROUS) and cell.strip() else cell for cell in plain]
            )


def _write_workbook(target: Path, rows: Iterable[list[str]]) -> None:
    """Every cell is written as a string; one that is longer than a cell can be is cut, and says so."""
    with xlsxwriter.Workbook(str(target), {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("研判")
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                plain = _LONE.sub("\ufffd", cell)
                fits = len(plain.encode("utf-16-le")) // 2 <= LONGEST_CELL
                sheet.write_string(number, column, plain if fits else plain[: LONGEST_CELL // 2] + CUT)
