"""Sheets of other offices in, and work orders out, by the command line."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from api import transfer_commands
from api.wiring import House
from intake.models import Report
from tests.api.houses import DISPATCHER, TestHouse

HEAD = ("工单编号", "诉求内容", "诉求时间")
FOOD, NIGHT = "南荇镇敬老院的饭是馊的，老人吃了拉肚子。", "麦陇镇敬老院夜里没有人值班。"


@pytest.fixture
def house(one_home: TestHouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The commands open this house, and leave it open for the test."""
    monkeypatch.setattr(transfer_commands, "load_settings", lambda: one_home.house.settings)
    monkeypatch.setattr(transfer_commands, "build_house", lambda _settings: one_home.house)
    monkeypatch.setattr(House, "close", lambda _self: None)
    yield one_home.house
    monkeypatch.undo()


def a_file(folder: Path, *rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows((head, *rows))
    file = folder / "转办.csv"
    file.write_bytes(stream.getvalue().encode("gb18030"))
    return str(file)


def run(*words: str) -> Result:
    app = typer.Typer()
    transfer_commands.register(app)
    return CliRunner().invoke(app, list(words))


def count(house: House) -> int:
    with house.store.read() as session:
        return session.scalar(select(func.count()).select_from(Report)) or 0


def test_a_sheet_comes_in_once_and_its_faulty_rows_are_named(house: House, tmp_path: Path) -> None:
    file = a_file(tmp_path, ("A1", FOOD, "2026-10-07"), ("A2", NIGHT, "前天"), ("", NIGHT, ""))
    first = run("import", file)
    assert first.exit_code == 1
    assert "新登记1件，早就有0件，没登记2行" in first.output
    assert "第3行：收到时间没看懂" in first.output
    assert "第4行：没有对方编号" in first.output
    assert "新登记0件，早就有1件，没登记2行" in run("import", file).output
    assert count(house) == 1


def test_a_look_takes_nothing_in(house: House, tmp_path: Path) -> None:
    looked = run("import", a_file(tmp_path, ("A1", FOOD, "")), "--dry-run")
    assert looked.exit_code == 0
    assert "能登记1行，不登记0行。这回没有登记。" in looked.output
    assert count(house) == 0


def test_columns_may_be_named(house: House, tmp_path: Path) -> None:
    file = a_file(tmp_path, ("A1", FOOD, ""), head=("甲", "乙", "丙"))
    assert run("import", file).exit_code == 2
    assert run("import", file, "--mapping", "serial=丁").exit_code == 2
    assert run("import", file, "--mapping", "serial=甲", "--mapping", "text=乙").exit_code == 0
    assert count(house) == 1


def test_an_office_nobody_knows_and_a_file_that_is_no_sheet_are_refused(house: House, tmp_path: Path) -> None:
    assert run("import", a_file(tmp_path, ("A1", FOOD, "")), "--source", "nobody").exit_code == 2
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04")
    assert run("import", str(broken)).exit_code == 2
    assert count(house) == 0


def test_what_one_officer_may_see_goes_out_again(house: House, tmp_path: Path) -> None:
    run("import", a_file(tmp_path, ("A1", FOOD, "2026-10-07")))
    out = tmp_path / "out.xlsx"
    assert run("export", str(out), "--officer", DISPATCHER.username).exit_code == 0
    head, row = CalamineWorkbook.from_path(str(out)).get_sheet_by_index(0).to_python()
    told = dict(zip(head, row, strict=True))
    assert (told["工单编号"], told["来源"], told["诉求内容"]) == ("A1", "12345政务热线", FOOD)
    for words in ((str(out), "--officer", DISPATCHER.username), (str(tmp_path / "a.csv"), "--officer", "nobody")):
        assert run("export", *words).exit_code == 2
    assert run("export", str(tmp_path / "a.txt"), "--officer", DISPATCHER.username).exit_code == 2
