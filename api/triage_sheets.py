"""Batch triage of a spreadsheet: the same rows with added columns, bad rows named by number, the rest done.

What a citizen wrote never becomes a formula: cells are written as text.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import typer
import xlsxwriter
from python_calamine import CalamineWorkbook
from rich.console import Console
from rich.progress import track

from triage.assessment import assess
from triage.context import Context
from triage.types import Assessment

SHEET_SUFFIXES = frozenset({".xlsx", ".csv"})
TEXT_HEADINGS = ("text", "内容", "诉求内容", "反映内容", "来件内容", "留言详情", "正文")
ADDED = ("研判类别", "其他类别", "紧急程度", "是否涉纪", "建议承办", "被反映单位", "研判说明")
_BAD_INPUT = 2


def triage_sheet(file: Path, context: Context) -> Path:
    """Triage each row of `file` into `<name>-研判.<suffix>` beside it and return that path.

    The text column is found by its heading. A row without text keeps its cells and is reported by number.
    """
    if not file.is_file():
        typer.echo(f"没有文件 {file}，跳过", err=True)
        raise typer.Exit(_BAD_INPUT)
    table = read_table(file)
    head = table[0] if table else []
    column = next((at for at, name in enumerate(head) if str(name).strip().lower() in TEXT_HEADINGS), None)
    if column is None:
        typer.echo(f"找不到正文列，表头应有其一：{'、'.join(TEXT_HEADINGS)}", err=True)
        raise typer.Exit(_BAD_INPUT)
    target = file.with_name(f"{file.stem}-研判{file.suffix}")
    rows = track(table[1:], description="研判", console=Console(stderr=True))
    bad = write_table(target, [*head, *ADDED], _answers(rows, column, context))
    for number in bad:
        typer.echo(f"第 {number} 行没有正文，没有研判", err=True)
    typer.echo(str(target))
    return target


def read_table(file: Path) -> list[list[Any]]:
    """All rows of a csv file or of a workbook's first sheet."""
    if file.suffix.lower() == ".csv":
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            return [list(row) for row in csv.reader(stream)]
    return CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()


def _answers(rows: Iterable[Sequence[Any]], column: int, context: Context) -> Iterator[tuple[list[Any], bool]]:
    for row in rows:
        text = str(row[column]) if column < len(row) else ""
        if text.strip():
            yield [*row, *columns_of(assess(text, context), context)], True
        else:
            yield list(row), False


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


def write_table(target: Path, head: Sequence[Any], rows: Iterable[tuple[list[Any], bool]]) -> list[int]:
    """Write the rows as text and return the numbers (as the sheet counts) of those that were bad."""
    writer = _write_csv if target.suffix.lower() == ".csv" else _write_workbook
    bad: list[int] = []
    writer(target, _numbered(head, rows, bad))
    return bad


def _numbered(head: Sequence[Any], rows: Iterable[tuple[list[Any], bool]], bad: list[int]) -> Iterator[list[str]]:
    yield [str(cell) for cell in head]
    for number, (row, good) in enumerate(rows, 2):
        if not good:
            bad.append(number)
        yield [str(cell) for cell in row]


def _write_csv(target: Path, rows: Iterable[list[str]]) -> None:
    with target.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        for row in rows:
            writer.writerow([f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell for cell in row])


def _write_workbook(target: Path, rows: Iterable[list[str]]) -> None:
    with xlsxwriter.Workbook(str(target), {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("研判")
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
