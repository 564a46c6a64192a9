"""The papers of a case at their desk: drafted by one, signed out by who may, printed as they left."""

from sqlalchemy import select

from casework.models.ledger import LedgerEntry
from intake.types import Contact, Filed
from tests.api.houses import CLUE, DISPATCHER, LEADER, OTHER_HANDLER
from tests.api.visitors import Clerk, Doors

FIRE = "芦渚镇中心敬老院后门拿铁链子锁着，灭火器都过期两年了，没人管。"


def draft(clerk: Clerk, filed: Filed, kind: str = "accept") -> str:
    """Draft a paper of an open case; gives its address."""
    page = clerk.act(f"/console/cases/{filed.case_id}/paper", {"kind": kind})
    assert "代拟稿好了" in page.text, page.text
    return page.path


def test_a_notice_is_drafted_changed_and_signed_out_with_its_number(doors: Doors) -> None:
    filed = doors.report(FIRE, contact=Contact(name="芮秋禾", phone="15412345678"))
    dispatcher = doors.sign_in(DISPATCHER)
    path = draft(dispatcher, filed)
    page = dispatcher.get(path)
    assert "等有权的人签发" in page.text
    form = page.form(path) | {"contact": "贺小满，0530-6123456"}
    assert "存下了。" in dispatcher.post(path, form).text
    assert dispatcher.act(f"{path}/issue", {}).status == 403
    leader = doors.sign_in(LEADER)
    signed = leader.act(f"{path}/issue", {})
    assert "望民信受〔2026〕1号" in signed.text
    assert "望民信受〔2026〕1号" in dispatcher.get(f"/console/cases/{filed.case_id}").text
    pdf, docx, png = (dispatcher.client.get(f"{path}/0.{form}") for form in ("pdf", "docx", "png"))
    assert pdf.content.startswith(b"%PDF")
    assert docx.content.startswith(b"PK")
    assert png.content.startswith(b"\x89PNG")
    assert "芮秋禾" not in page.text + signed.text
    assert dispatcher.post(path, form).status == 409
    with doors.home.house.store.read() as session:
        verbs = session.scalars(select(LedgerEntry.verb).where(LedgerEntry.case_id == filed.case_id)).all()
    assert {"paper_drafted", "paper_issued", "printed"} <= set(verbs)


def test_what_is_wrong_stays_to_be_mended_and_what_lacks_is_named(one_doors: Doors) -> None:
    dispatcher, leader = one_doors.sign_in(DISPATCHER), one_doors.sign_in(LEADER)
    path = draft(dispatcher, one_doors.report(FIRE), "refuse")
    form = dispatcher.get(path).form(path) | {"why": "打15412345678问"}
    page = dispatcher.post(path, form)
    assert page.status == 422
    assert page.error_at("f-why")
    assert page.value_of("f-why") == "打15412345678问"
    page = leader.act(f"{path}/issue", {})
    assert page.status == 422
    assert "还签发不了：依据" in page.text


def test_an_order_waits_until_the_case_was_sent_to_somebody_who_may_have_it(one_doors: Doors) -> None:
    dispatcher = one_doors.sign_in(DISPATCHER)
    filed = one_doors.report("芦渚镇中心敬老院退费一直不退，合同上写的能退。")
    path = f"/console/cases/{filed.case_id}"
    dispatcher.act(f"{path}/assign", {"body": "civil_affairs", "instruction": "请核查退费。"})
    order = draft(dispatcher, filed, "order")
    assert "请核查退费。" in dispatcher.get(order).text
    assert "望民转〔2026〕1号" in dispatcher.act(f"{order}/issue", {}).text


def test_a_dropped_draft_goes_nowhere_and_odd_addresses_are_not_there(one_doors: Doors) -> None:
    dispatcher = one_doors.sign_in(DISPATCHER)
    path = draft(dispatcher, one_doors.report(FIRE))
    assert [dispatcher.get(f"{path}/{name}").status for name in ("9.pdf", "0.exe", "0.html")] == [404, 404, 404]
    assert dispatcher.act(f"{path}/burn", {}).status == 404
    assert "已作废" in dispatcher.act(f"{path}/cancel", {}).text
    assert one_doors.sign_in(LEADER).act(f"{path}/issue", {}).status == 409


def test_others_find_neither_paper_nor_the_form_for_one(one_doors: Doors) -> None:
    filed = one_doors.report(FIRE)
    path = draft(one_doors.sign_in(DISPATCHER), filed)
    for person in (OTHER_HANDLER, CLUE):
        assert one_doors.sign_in(person).get(path).status == 404
