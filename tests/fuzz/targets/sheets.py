"""Batches of other offices: a workbook or a csv file, its headings, its rows, the report that each row amounts to."""

import io
from contextlib import suppress
from datetime import UTC

import xlsxwriter

from casework.errors import InvalidField
from intake.imports import Column, draft_of, guess_mapping, load_headings, read_rows, read_sheet
from tests.casework.people import NOW

ROWS = (("工单编号", "诉求内容", "受理时间", "联系电话"), ("A1", "饭菜总是凉的", "2026-10-01 08:00", "15400001111"))


def _a_workbook() -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, row)
    return made.getvalue()


SEEDS = (_a_workbook(), "\n".join(map(",".join, ROWS)).encode(), "\n".join(map(",".join, ROWS)).encode("gb18030"))
ANY = {Column.SERIAL: 0, Column.TEXT: 1, Column.RECEIVED: 2, Column.PHONE: 3}


def feed(data: bytes) -> None:
    """Every row is taken in, or named with what is wrong with it."""
    with suppress(InvalidField):
        sheet = read_sheet(data)
        for mapped in (guess_mapping(sheet.head, load_headings()), ANY):
            with suppress(InvalidField):
                good, _bad = read_rows(sheet, mapped, now=NOW)
                for row in good:
                    draft_of(row, "12345", now=NOW).received_at.astimezone(UTC)
