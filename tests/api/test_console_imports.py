"""Sheets of other offices at their desk: looked over, chosen, taken in; and the sheet that goes back."""

import csv
import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from intake.models import BatchStatus, ImportBatch, Report
from intake.transfers import run_batch
from tests.api.houses import AUDITOR, CLUE, DISPATCHER, HANDLER, LEADER, OPERATOR, Person
from tests.api.visitors import Clerk, Doors, Page

HEAD = ("工单编号", "诉求内容", "来电人", "联系电话")
FOOD, NIGHT = "南荇镇敬老院的饭是馊的，老人吃了拉肚子。", "麦陇镇敬老院夜里没有人值班。"
ABOUT_LEADER = "副局长阮承岳收了麦陇镇敬老院院长三千元购物卡，就不去检查了。"
ROWS = (("A1", FOOD, "芮秋禾", "15412345678"), ("A2", NIGHT, "", ""), ("", "没有编号的一件", "", ""))


def a_sheet(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> dict[str, Any]:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows((head, *rows))
    return {"file": ("转办.csv", stream.getvalue().encode("utf-8-sig"), "text/csv")}


def bring(clerk: Clerk, *rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> Page:
    form = clerk.get("/console/imports").form("/console/imports")
    return clerk.post("/console/imports", form | {"source": "12345"}, files=a_sheet(*rows, head=head))


def batches(doors: Doors) -> list[ImportBatch]:
    with doors.home.house.store.read() as session:
        return list(session.scalars(select(ImportBatch).order_by(ImportBatch.made_at)))


def work(doors: Doors) -> None:
    """The background does its job."""
    house = doors.home.house
    for batch in batches(doors):
        run_batch(house.store, batch.id, desk=house.intake_desk, clock=house.now)


def count(doors: Doors) -> int:
    with doors.home.house.store.read() as session:
        return session.scalar(select(func.count()).select_from(Report)) or 0


def told_of(page: Page) -> str:
    """What the page of a sheet says of it, without its address."""
    return page.text.partition("转来的一张表")[2]


def test_a_sheet_is_looked_over_and_then_taken_in(doors: Doors) -> None:
    clerk = doors.sign_in(OPERATOR)
    page = bring(clerk, *ROWS)
    assert "能登记2件，不登记1行" in page.text
    assert "第4行：没有对方编号" in page.text
    assert FOOD in page.text
    assert count(doors) == 0
    running = clerk.act(f"{page.path}/start")
    assert "登记到第0件，共2件" in running.text
    work(doors)
    done = clerk.get(page.path)
    assert "登记完了" in done.text
    assert "登记好的 2件" in done.text
    assert "第4行：没有对方编号" in done.text
    assert "敬老院" not in done.text
    assert count(doors) == 2
    assert "登记好2件" in clerk.get("/console/imports").text
    assert done.tree.xpath("//h2[text()='要打电话告诉的查询码']")
    assert "A1" in done.text
    code = done.tree.xpath("//td[@class='keep']/text()")[1]
    assert "收到了" in track(doors, code).text
    told = clerk.act(f"{page.path}/told")
    assert not told.tree.xpath("//h2[text()='要打电话告诉的查询码']")


def track(doors: Doors, code: str) -> Page:
    """What the public page says of a code."""
    visitor = doors.visitor()
    return visitor.post("/track", visitor.get("/track").form("/track") | {"code": code})


def test_the_same_sheet_again_adds_nothing_and_tells_nobody_that_it_was_there(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(DISPATCHER)
    first = bring(clerk, *ROWS)
    clerk.act(f"{first.path}/start")
    work(one_doors)
    again = bring(clerk, *ROWS)
    assert told_of(again) == told_of(first)
    clerk.act(f"{again.path}/start")
    work(one_doors)
    assert count(one_doors) == 2
    assert told_of(clerk.get(again.path)) == told_of(clerk.get(first.path))


def test_the_code_of_a_row_against_him_who_brings_it_is_told_from_inside_the_sealed_case(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(DISPATCHER)
    against = f"派单员{DISPATCHER.name}收了麦陇镇敬老院院长三千元购物卡，把投诉压下来。"
    page = bring(clerk, ("Z9", against, "芮秋禾", "15412345678"))
    clerk.act(f"{page.path}/start")
    work(one_doors)
    done = clerk.get(page.path)
    assert "登记好的 1件" in done.text
    assert not done.tree.xpath("//td[@class='keep']")
    with one_doors.home.house.store.read() as session:
        case_id = session.scalars(select(Case.id).where(Case.sealed)).one()
    clue = one_doors.sign_in(CLUE)
    clue.unlock()
    inside = clue.get(f"/console/sealed/{case_id}").text
    code = inside.partition("查询码：")[2][:19]
    assert "已按程序转交" in track(one_doors, code).text


def test_columns_that_are_not_recognised_are_chosen_by_hand(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    page = bring(clerk, ("A1", FOOD), head=("甲", "乙"))
    assert "还不知道哪一列是编号" in page.text
    failed = clerk.act(f"{page.path}/start")
    assert failed.status == 422
    assert failed.error_at("column-serial") == "这一项要填。"
    chosen = clerk.act(f"{page.path}/columns", {"serial": "0", "text": "1"})
    assert "能登记1件" in chosen.text
    assert FOOD in chosen.text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "这份是空的，请再选一次。"),
        (b"PK\x03\x04", "这个文件打不开，请给 xlsx 或 csv 表格。"),
        ("工单编号,诉求内容".encode(), "表里没有内容，第一行要是表头，下面要有来件。"),
    ],
)
def test_what_is_no_sheet_is_said_at_the_field(one_doors: Doors, content: bytes, sentence: str) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    form = clerk.get("/console/imports").form("/console/imports") | {"source": "xinfang"}
    page = clerk.post("/console/imports", form, files={"file": ("表.xlsx", content)})
    assert page.status == 422
    assert page.error_at("file") == sentence
    assert page.tree.xpath("//option[@selected]/@value") == ["xinfang"]


def test_a_sheet_that_is_not_wanted_is_forgotten(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    page = bring(clerk, *ROWS)
    (batch,) = batches(one_doors)
    assert clerk.act(f"{page.path}/drop").path == "/console/imports"
    assert batches(one_doors) == []
    assert one_doors.home.house.keys.get(batch.key_id) is None
    assert clerk.get(page.path).status == 404


def test_a_sheet_is_seen_by_him_who_brought_it_alone(one_doors: Doors) -> None:
    page = bring(one_doors.sign_in(OPERATOR), *ROWS)
    other = one_doors.sign_in(DISPATCHER)
    assert other.get(page.path).status == 404
    assert other.act(f"{page.path}/start").status == 404
    assert "还没有传过表" in other.get("/console/imports").text


@pytest.mark.parametrize("person", [HANDLER, LEADER, CLUE, AUDITOR], ids=lambda person: person.username)
def test_other_roles_bring_and_take_no_sheets(one_doors: Doors, person: Person) -> None:
    clerk = one_doors.sign_in(person)
    for path in ("/console/imports", "/console/imports/orders.csv"):
        assert clerk.get(path).status == 403
    assert clerk.act("/console/imports", {"source": "12345"}).status == 403
    assert batches(one_doors) == []


def exported(clerk: Clerk, query: str = "") -> list[dict[str, str]]:
    answer = clerk.client.get(f"/console/imports/orders.csv{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_the_sheet_that_goes_back_holds_their_number_and_no_formula(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(DISPATCHER)
    evil = f"=HYPERLINK(1)，{FOOD}"
    clerk.act(f"{bring(clerk, ('A1', evil, '芮秋禾', '15412345678'), ('A2', NIGHT, '', '')).path}/start")
    work(one_doors)
    rows = {row["工单编号"]: row for row in exported(clerk)}
    assert set(rows) == {"A1", "A2"}
    assert rows["A1"]["诉求内容"].startswith("'=")
    assert rows["A1"]["来源"] == "12345政务热线"
    assert rows["A1"]["诉求类型"] == "食品安全"
    assert "芮秋禾" not in str(rows)
    assert "15412345678" not in str(rows)
    workbook = clerk.client.get("/console/imports/orders.xlsx").content
    cells = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    assert evil in [row[7] for row in cells]
    with one_doors.home.house.store.read() as session:
        exports = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == "exported")).all()
    assert [entry.details["rows"] for entry in exports] == [2, 2]


def test_it_holds_no_sealed_case_and_nothing_he_may_not_know_of(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    about = f"麦陇镇敬老院的饭是馊的，跟热线的{OPERATOR.name}说过，她不给记。"
    sheet = bring(clerk, ("A1", FOOD, "", ""), ("A2", ABOUT_LEADER, "", ""), ("A3", about, "", ""))
    clerk.act(f"{sheet.path}/start")
    work(one_doors)
    (batch,) = batches(one_doors)
    assert (batch.status, batch.taken) == (BatchStatus.DONE, 3)
    assert [row["工单编号"] for row in exported(clerk)] == ["A1"]
    assert {row["工单编号"] for row in exported(one_doors.sign_in(DISPATCHER))} == {"A1", "A3"}
    assert clerk.client.get("/console/imports/orders.csv?queue=sealed").status_code == 404
    assert clerk.client.get("/console/imports/orders.exe").status_code == 404


def test_what_was_answered_goes_back_with_its_answer(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(DISPATCHER)
    clerk.act(f"{bring(clerk, ROWS[0]).path}/start")
    work(one_doors)
    with one_doors.home.house.store.read() as session:
        case_id = session.scalars(select(Case.id)).one()
    ending = {"finding": "true", "outcomes": "rectification", "internal": "查了。", "public_reply": "厨房停用整改。"}
    assert clerk.act(f"/console/cases/{case_id}/reply", ending).status == 200
    (row,) = exported(clerk, "?queue=replied")
    assert (row["诉求属实"], row["公开答复内容"]) == ("属实", "厨房停用整改。")
