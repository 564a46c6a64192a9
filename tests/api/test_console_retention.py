"""Retention at its desk: what falls due, two people, and a certificate that the ledger bears out."""

import pytest
from sqlalchemy import func, select

from casework.chain import sequence_entries
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.retention import ScheduleId, load_schedules, shrink_referred
from tests.api.houses import AUDITOR, CLUE, DISPATCHER, HANDLER, LEADER, OTHER_CLUE, SUPERVISOR
from tests.api.visitors import Doors
from tests.casework.papers import read_docx, read_text

HERE = "/console/retention"
FEES = "芦渚镇中心敬老院退费一直不退，合同上写的能退。"
DAYS = load_schedules()[ScheduleId.GENERAL_CASE].days
SEALED = "麦陇镇民政办副主任鲁守田收了敬老院三千元购物卡，就不去检查了。"


def close_one(doors: Doors) -> str:
    filed = doors.report(FEES)
    clerk = doors.sign_in(DISPATCHER)
    path = f"/console/cases/{filed.case_id}"
    clerk.act(f"{path}/reply", {"finding": "true", "outcomes": "explained", "public_reply": "查过了，已经退了。"})
    assert "办结了" in clerk.act(f"{path}/close", {}).text
    return filed.case_id


def count_cases(doors: Doors) -> int:
    with doors.home.house.store.read() as session:
        return session.scalar(select(func.count()).select_from(Case)) or 0


def test_two_people_destroy_what_is_due_and_get_a_certificate(doors: Doors) -> None:
    number = doors.case(close_one(doors)).number
    doors.home.clock.turn(days=DAYS + 2)
    first = doors.sign_in(SUPERVISOR)
    assert number in first.get(HERE).text
    page = first.act(f"{HERE}/ask", {})
    assert "等另一位同意" in page.text
    assert f"{HERE}/destroy" not in page.actions
    assert first.act(f"{HERE}/destroy", {}).status == 409
    assert count_cases(doors) == 1
    second = doors.sign_in(LEADER)
    done = second.act(f"{HERE}/destroy", {})
    assert "销毁了，证书在下面。" in done.text
    assert "孟怀川、阮承岳" in done.text
    assert count_cases(doors) == 0
    sequence_entries(doors.home.house.store, now=doors.home.clock())
    pdf, docx = (link for link in second.get(HERE).links if "/certificates/" in link)
    words = read_text(second.client.get(pdf).content)
    with doors.home.house.store.read() as session:
        told = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == "destroyed")).one()
    for wanted in (told.details["sha256"], f"第{told.id}条，在第1块", "孟怀川", "阮承岳", "密钥"):
        assert wanted in words, wanted
    assert str(told.details["sha256"]) in read_docx(second.client.get(docx).content)


def test_what_is_not_due_is_not_offered(one_doors: Doors) -> None:
    close_one(one_doors)
    page = one_doors.sign_in(SUPERVISOR).get(HERE)
    assert "没有到期的" in page.text
    assert f"{HERE}/ask" not in page.actions
    assert "没有到期的" in one_doors.sign_in(SUPERVISOR).act(f"{HERE}/ask", {}).text


def test_a_clue_officer_sees_which_sealed_cases_will_shrink(one_doors: Doors) -> None:
    filed = one_doors.report(SEALED)
    first, second = one_doors.sign_in(CLUE), one_doors.sign_in(OTHER_CLUE)
    first.unlock()
    path = first.act(f"/console/sealed/{filed.case_id}/refer", {"body": "discipline"}).path
    second.unlock()
    assert "签发了" in second.act(f"{path}/issue", {"number": "〔2026〕1号", "methods": "sealed_print"}).text
    assert "快到期的密件" not in second.get(HERE).text
    second.act(f"{path}/acknowledge", {"decision": "taken", "receiver": "案件监督管理室"})
    one_doors.home.clock.turn(minutes=5)
    number = one_doors.case(filed.case_id).number
    assert number in second.get(HERE).text
    assert number not in one_doors.sign_in(SUPERVISOR).get(HERE).text


def test_a_shrunk_case_shows_number_days_receiver_and_count_instead_of_nothing(one_doors: Doors) -> None:
    filed, kept = one_doors.report(SEALED), one_doors.report(SEALED)
    first, second = one_doors.sign_in(CLUE), one_doors.sign_in(OTHER_CLUE)
    first.unlock()
    path = first.act(f"/console/sealed/{filed.case_id}/refer", {"body": "discipline"}).path
    second.unlock()
    second.act(f"{path}/issue", {"number": "〔2026〕1号", "methods": "sealed_print"})
    second.act(f"{path}/acknowledge", {"decision": "taken", "receiver": "案件监督管理室"})
    one_doors.home.clock.turn(days=31)
    with one_doors.home.house.store.write() as session:
        schedule = load_schedules()[ScheduleId.SEALED_REFERRAL]
        assert shrink_referred(session, schedule, now=one_doors.home.clock()) == 1
    again = one_doors.sign_in(OTHER_CLUE)
    again.unlock()
    room = again.get("/console/sealed")
    assert room.status == 200
    for address in (f"/console/sealed/{filed.case_id}", f"/console/sealed/{kept.case_id}"):
        assert address in room.links
    assert "移交以后缩减的1件" in room.text
    assert "第1到1件，共1件" in room.text
    for address in (f"/console/sealed/{filed.case_id}", path):
        page = again.get(address)
        assert page.status == 200
        for wanted in ("望民线函〔2026〕1号", "案件监督管理室", "共移送1件", "10月8日"):
            assert wanted in page.text, wanted
        assert "鲁守田" not in page.text
    assert again.client.get("/console/referrals/reconciliation/sheet?month=2026-10").status_code == 200
    assert one_doors.sign_in(SUPERVISOR).get(f"/console/sealed/{filed.case_id}").status == 403


@pytest.mark.parametrize("person", [DISPATCHER, HANDLER, AUDITOR], ids=lambda person: person.username)
def test_others_have_no_such_desk(one_doors: Doors, person) -> None:
    clerk = one_doors.sign_in(person)
    assert clerk.get(HERE).status == 403
    assert HERE not in clerk.get("/console/").links
    assert clerk.act(f"{HERE}/ask", {}).status == 403
    assert clerk.act(f"{HERE}/destroy", {}).status == 403
    assert clerk.get(f"{HERE}/certificates/1.pdf").status == 403


def test_a_certificate_that_is_not_there_is_not_there(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(LEADER)
    assert clerk.get(f"{HERE}/certificates/1.pdf").status == 404
    assert clerk.get(f"{HERE}/certificates/1.exe").status in {404, 422}
