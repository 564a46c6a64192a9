"""Batch triage of a sheet: the same rows with columns added, bad rows by number, no cell ever a formula."""

import csv
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
import xlsxwriter
from python_calamine import CalamineWorkbook

from api.triage_sheets import ADDED, CUT, LONGEST_CELL, say_cell, triage_sheet, write_rows
from tests.triage.reading_room import a_context

TEXT = "麦陇镇敬老院的饭是馊的，吃了拉肚子。"
HEAD = ["编号", "内容", "电话"]


def a_csv(folder: Path, *rows: list[str], encoding: str = "utf-8") -> Path:
    file = folder / "来件.csv"
    with file.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows(rows)
    return file


def a_workbook(folder: Path, *rows: list[Any]) -> Path:
    file = folder / "来件.xlsx"
    with xlsxwriter.Workbook(str(file), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file


def read(file: Path) -> list[list[str]]:
    if file.suffix == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.reader(stream))
    return [
        [str(cell) for cell in row] for row in CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    ]


@pytest.mark.parametrize("make", [a_csv, a_workbook])
def test_each_row_gets_its_columns_and_bad_rows_are_told_by_number(make, tmp_path: Path, capsys):
    file = make(tmp_path, HEAD, ["1", TEXT, "154"], ["2", " ", "155"], ["3", TEXT, "156"])
    target = triage_sheet(file, a_context())
    head, first, bad, last = read(target)
    assert target.name == f"来件-研判{file.suffix}"
    assert head == [*HEAD, *ADDED]
    assert first[:4] == ["1", TEXT, "154", "食品安全"]
    assert first[-1].startswith("来件中有")
    assert (bad[0], "".join(bad[3:])) == ("2", "")
    assert last[3] == "食品安全"
    assert "第 3 行没有正文" in capsys.readouterr().err


def test_headings_may_stand_under_a_title_and_numbers_stay_those_of_the_sheet(tmp_path: Path, capsys):
    file = a_workbook(tmp_path, ["望桐县来件汇总"], [], ["编号", " 反映 内容 "], [1, TEXT], [2, ""], [], [3, TEXT])
    title, _, head, first, *_ = read(triage_sheet(file, a_context()))
    assert title[0] == "望桐县来件汇总"
    assert (head[2], first[2]) == (ADDED[0], "食品安全")
    told = capsys.readouterr().err
    assert "第 5 行没有正文" in told
    assert "第 6 行" not in told


def test_what_a_spreadsheet_would_take_for_a_formula_is_text(tmp_path: Path):
    formula = '=HYPERLINK("http://x.invalid","点")'
    (_, row) = read(triage_sheet(a_csv(tmp_path, ["内容", "注"], [formula, "@SUM(A1)"]), a_context()))
    assert (row[0], row[1]) == (f"'{formula}", "'@SUM(A1)")
    target = triage_sheet(a_workbook(tmp_path, ["内容"], ["x"]), a_context())
    assert read(target)[1][0] == "x"
    file = tmp_path / "公式.xlsx"
    with xlsxwriter.Workbook(str(file), {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "内容")
        sheet.write_string(1, 0, formula)
    assert read(triage_sheet(file, a_context()))[1][0] == formula


def test_an_office_s_csv_in_gb18030_is_read(tmp_path: Path):
    (_, row) = read(triage_sheet(a_csv(tmp_path, HEAD, ["1", TEXT, "154"], encoding="gb18030"), a_context()))
    assert (row[1], row[3]) == (TEXT, "食品安全")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (15400000121.0, "15400000121"),
        (0.5, "0.5"),
        (
            datetime(2026, 10, 8),  # noqa: DTZ001
            "2026-10-08",
        ),
        (
            datetime(2026, 10, 8, 9, 30),  # noqa: DTZ001
            "2026-10-08 09:30:00",
        ),
        (date(2026, 10, 8), "2026-10-08"),
        ("", ""),
    ],
)
def test_a_cell_is_read_as_it_stands_on_screen(cell: Any, said: str):
    assert say_cell(cell) == said


def test_a_long_text_is_triaged_whole_and_what_no_cell_holds_is_cut_with_a_word(tmp_path: Path):
    (_, row) = read(triage_sheet(a_csv(tmp_path, ["内容"], [TEXT * 9000]), a_context()))
    assert (len(row[0]), bool(row[-1])) == (len(TEXT) * 9000, True)
    book = tmp_path / "长.xlsx"
    write_rows(book, [["长" * (LONGEST_CELL + 1), "𠮷" * (LONGEST_CELL // 2), "\ud800"]])
    cut, whole, lone = read(book)[0]
    assert cut.endswith(CUT)
    assert (len(whole), lone) == (LONGEST_CELL // 2, "\ufffd")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("坏.xlsx", b"no workbook", "打不开"),
        ("空.csv", b"", "找不到正文列"),
        ("别的.csv", "标题,电话\n1,2\n".encode(), "找不到正文列"),
        ("没有.csv", None, "没有文件"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(
    tmp_path: Path, capsys, name: str, content: bytes | None, told: str
):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(typer.Exit) as caught:
        triage_sheet(tmp_path / name, a_context())
    assert caught.value.exit_code == 2
    assert told in capsys.readouterr().err
