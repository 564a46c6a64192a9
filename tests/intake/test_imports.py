"""Sheets of other offices: which column is which, and what is wrong in which row."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
import xlsxwriter

from casework.errors import DataError, InvalidField
from casework.types import Channel
from intake.imports import (
    FILE,
    MOST_ROWS,
    BadRow,
    Column,
    RowProblem,
    draft_of,
    guess_mapping,
    load_headings,
    read_moment,
    read_rows,
    read_sheet,
)
from intake.types import Contact, Told, Transfer

NOW = datetime(2026, 10, 8, 2, 52, tzinfo=UTC)
HEAD = ("工单编号", "诉求标题", "诉求内容", "来电人", "联系电话", "诉求时间", "被反映单位", "诉求地址", "是否匿名")
ROW = ("A1", "", "饭是馊的。", "芮秋禾", "15412345678", "2026-10-07 09:30", "南荇镇敬老院", "后厨", "否")
FOOD = "饭是馊的。"


def a_csv(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD, encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join(",".join(row) for row in (head, *rows)).encode(encoding)


def a_workbook(*rows: tuple[Any, ...]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for at, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, at, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
                else:
                    sheet.write(number, at, cell)
    return stream.getvalue()


def rows_of(*rows: tuple[str, ...]) -> Any:
    sheet = read_sheet(a_csv(*rows))
    return read_rows(sheet, guess_mapping(sheet.head, load_headings()), now=NOW)


def test_the_headings_of_a_work_order_are_known() -> None:
    mapped = guess_mapping(HEAD, load_headings())
    assert [mapped[column] for column in (Column.SERIAL, Column.TITLE, Column.TEXT)] == [0, 1, 2]
    assert set(mapped) == set(Column)


def test_a_column_is_taken_once_and_the_surer_name_wins() -> None:
    mapped = guess_mapping(("编号", "工单编号", "内容", "诉求内容", "内容"), load_headings())
    assert mapped == {Column.SERIAL: 1, Column.TEXT: 3}


def test_a_row_becomes_a_report_with_everything_it_tells() -> None:
    (row,), bad = rows_of(ROW)
    assert bad == []
    draft = draft_of(row, "12345", now=NOW)
    assert draft.text == "饭是馊的。\n地点：南荇镇敬老院后厨。"
    assert draft.channel is Channel.TRANSFERRED
    assert draft.received_at == datetime(2026, 10, 7, 1, 30, tzinfo=UTC)
    assert draft.contact == Contact(name="芮秋禾", phone="15412345678")
    assert draft.told == Told("南荇镇敬老院", "后厨")
    assert draft.transfer == Transfer("12345", "A1")
    assert draft.anonymous is None


def test_a_wish_not_to_be_named_is_kept() -> None:
    (row,), _ = rows_of((*ROW[:-1], "是"))
    assert not draft_of(row, "12345", now=NOW).named


def test_the_title_stands_before_the_words_unless_they_hold_it() -> None:
    (first, second), _ = rows_of(("A1", "敬老院的饭", FOOD), ("A2", "馊的", FOOD))
    assert first.text == "敬老院的饭\n饭是馊的。"
    assert second.text == FOOD


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("", "", FOOD), RowProblem.NO_SERIAL),
        (("九" * 65, "", FOOD), RowProblem.LONG_SERIAL),
        (("A1", "", ""), RowProblem.NO_TEXT),
        (("A1", "", "馊" * 20_001), RowProblem.LONG_TEXT),
        (("A1", "", FOOD, "", "", "前天"), RowProblem.BAD_DATE),
        (("A1", "", FOOD, "", "", "2026-10-09"), RowProblem.FUTURE),
    ],
)
def test_a_row_that_may_not_be_taken_is_named_by_its_number(row: tuple[str, ...], problem: RowProblem) -> None:
    good, bad = rows_of(("A0", "", "另一件。"), row)
    assert len(good) == 1
    assert bad == [BadRow(3, problem)]


def test_a_serial_that_stands_twice_is_taken_once() -> None:
    good, bad = rows_of(ROW, ROW)
    assert [row.number for row in good] == [2]
    assert bad == [BadRow(3, RowProblem.TWICE)]


def test_empty_rows_are_passed_over_and_the_numbers_stay_those_of_the_sheet() -> None:
    good, bad = rows_of(ROW, ("", "", ""), ("A2", "", ""))
    assert [row.number for row in good] == [2]
    assert bad == [BadRow(4, RowProblem.NO_TEXT)]


def test_a_line_of_title_above_the_heading_is_passed_over() -> None:
    sheet = read_sheet(a_workbook(("望桐县12345转办表",), ("工单编号", "诉求内容"), ("A1", FOOD)))
    assert sheet.head == ("工单编号", "诉求内容")
    assert sheet.first == 3


def test_a_workbooks_numbers_and_days_are_read_as_people_see_them() -> None:
    sheet = read_sheet(a_workbook(("工单编号", "诉求内容", "诉求时间"), (20261008001, FOOD, date(2026, 10, 7))))
    assert sheet.rows == (("20261008001", FOOD, "2026-10-07"),)


def test_a_csv_of_an_old_office_is_read_too() -> None:
    assert read_sheet(a_csv(ROW, encoding="gb18030")).rows[0][2] == FOOD


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"PK\x03\x04 no workbook", "not_a_sheet"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe\x00", "not_a_sheet"),
        (b"", "no_rows"),
        (a_csv(), "no_rows"),
        (a_csv(*[(f"A{n}", "", FOOD) for n in range(MOST_ROWS + 1)]), "too_many_rows"),
    ],
)
def test_what_is_no_sheet_is_refused_by_its_name(content: bytes, problem: str) -> None:
    with pytest.raises(InvalidField) as refused:
        read_sheet(content)
    assert (refused.value.field, refused.value.problem) == ("file", problem)


@pytest.mark.parametrize(("limit", "most"), [("MOST_UNPACKED", 2000), ("MOST_CELLS", 5)])
def test_a_workbook_that_would_unfold_too_far_is_refused_before_it_does(
    limit: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"intake.imports.{limit}", most)
    with pytest.raises(InvalidField) as refused:
        read_sheet(a_workbook(ROW, ROW))
    assert refused.value.problem == "too_many_rows"


@pytest.mark.parametrize("column", ["serial", "text"])
def test_serial_and_words_must_be_chosen(column: str) -> None:
    sheet = read_sheet(a_csv(ROW))
    mapped = guess_mapping(sheet.head, load_headings())
    del mapped[Column(column)]
    with pytest.raises(InvalidField) as refused:
        read_rows(sheet, mapped, now=NOW)
    assert (refused.value.field, refused.value.problem) == (column, "required")


@pytest.mark.parametrize(
    "text", ["2026-10-07", "2026/10/7", "2026.10.07", "2026年10月7日", "20261007", "2026-10-07 00:00:00"]
)
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    moment = read_moment(text)
    assert moment is not None
    assert moment.astimezone(UTC) == datetime(2026, 10, 6, 16, tzinfo=UTC)


def test_a_list_of_headings_without_a_column_says_where(tmp_path: Any) -> None:
    file = tmp_path / "imports.toml"
    file.write_text(FILE.read_text(encoding="utf-8").replace("serial = [", "number = ["), encoding="utf-8")
    with pytest.raises(DataError):
        load_headings(file)
