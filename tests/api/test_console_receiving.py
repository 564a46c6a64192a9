"""The receiving side: its own letters only, answered once, fed back; the month's sheet of both sides; the clocks."""

import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from casework.models.cases import Deadline
from casework.models.people import Officer
from casework.models.referrals import Acknowledgement, Delivery, Referral
from casework.models.secrecy import Exclusion
from casework.types import DeliveryMethod, DeliveryStatus, ExclusionReason, ReferralStatus
from tests.api.houses import CLUE, DISPATCHER, HANDLER, LEADER, OTHER_CLUE, RECEIVER
from tests.api.visitors import Clerk, Doors

FIRE = "芦渚镇中心敬老院后门拿铁链子锁着，灭火器都过期两年了，没人管。"
SEALED = "副局长阮承岳收了麦陇镇敬老院院长三千元购物卡，就不去检查了。"
LIST = "/console/received"


def issue(doors: Doors, number: str = "〔2026〕1号", body: str = "fire", text: str = FIRE) -> str:
    """A letter signed out to a body; gives the case's id."""
    filed = doors.report(text)
    path = doors.sign_in(DISPATCHER).act(f"/console/cases/{filed.case_id}/refer", {"body": body}).path
    assert "签发了" in doors.sign_in(LEADER).act(f"{path}/issue", {"number": number}).text
    return filed.case_id


def letter(doors: Doors) -> Referral:
    with doors.home.house.store.read() as session:
        found = session.scalars(select(Referral)).one()
        session.expunge_all()
    return found


def clocks(doors: Doors, case_id: str) -> dict[str, str]:
    """Each clock of a case: run, met or waived."""
    with doors.home.house.store.read() as session:
        rows = session.scalars(select(Deadline).where(Deadline.case_id == case_id)).all()
        return {row.rule_id: "met" if row.met_at else "waived" if row.waived_reason else "runs" for row in rows}


def sheet_of(clerk: Clerk, month: str = "2026-10") -> list[list[Any]]:
    answer = clerk.client.get(f"/console/referrals/reconciliation/sheet?month={month}")
    assert answer.status_code == 200
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def test_a_body_sees_its_own_letters_and_nothing_of_the_case(doors: Doors) -> None:
    case_id = issue(doors)
    clerk = doors.sign_in(RECEIVER)
    path = f"{LIST}/{letter(doors).id}"
    assert path in clerk.get(LIST).links
    page = clerk.get(path)
    assert "望民函〔2026〕1号" in page.text
    assert "铁链子" not in page.response.text
    assert case_id not in page.response.text
    pdf = clerk.client.get(next(link for link in page.links if "/papers/" in link))
    assert pdf.status_code == 200


def test_another_bodys_letter_is_not_there(one_doors: Doors) -> None:
    issue(one_doors, body="police")
    clerk = one_doors.sign_in(RECEIVER)
    path = f"{LIST}/{letter(one_doors).id}"
    assert clerk.get(path).status == 404
    assert clerk.act(f"{path}/acknowledge", {"decision": "taken"}).status == 404
    assert path not in clerk.get(LIST).links


@pytest.mark.parametrize("person", [DISPATCHER, HANDLER], ids=lambda person: person.username)
def test_nobody_of_our_own_answers_for_a_body(one_doors: Doors, person) -> None:
    issue(one_doors)
    clerk = one_doors.sign_in(person)
    assert clerk.get(LIST).status == 403
    assert clerk.act(f"{LIST}/{letter(one_doors).id}/acknowledge", {"decision": "taken"}).status == 403


def test_one_who_is_kept_out_in_person_sees_nothing_of_it(one_doors: Doors) -> None:
    case_id = issue(one_doors)
    with one_doors.home.house.store.write() as session:
        officer = session.scalars(select(Officer).where(Officer.username == RECEIVER.username)).one()
        row = Exclusion(case_id=case_id, officer_id=officer.id, reason=ExclusionReason.DECLARED_TIE, certain=True)
        row.made_at = one_doors.home.clock()
        session.add(row)
    clerk = one_doors.sign_in(RECEIVER)
    assert clerk.get(f"{LIST}/{letter(one_doors).id}").status == 404
    assert "还没有发给你们的函" in clerk.get(LIST).text


def test_it_is_acknowledged_once_and_then_fed_back(doors: Doors) -> None:
    case_id = issue(doors)
    assert clocks(doors, case_id)["receipt"] == "runs"
    clerk = doors.sign_in(RECEIVER)
    path = f"{LIST}/{letter(doors).id}"
    done = clerk.act(f"{path}/acknowledge", {"decision": "taken", "reference": "消2026-7"})
    assert "回执登记了。" in done.text
    assert clocks(doors, case_id)["receipt"] == "met"
    again = clerk.act(f"{path}/acknowledge", {"decision": "sent_back", "reason": "不归我们管"})
    assert "以第一次为准" in again.text
    assert letter(doors).status is ReferralStatus.ACKNOWLEDGED
    empty = clerk.act(f"{path}/result", {"text": ""})
    assert empty.status == 422
    assert empty.error_at("text")
    assert "反馈记下了。" in clerk.act(f"{path}/result", {"text": "锁已拆，限期换灭火器。"}).text
    assert letter(doors).status is ReferralStatus.ANSWERED


@pytest.mark.parametrize("decision", ["sent_back", "passed_on"])
def test_a_return_needs_its_reason(one_doors: Doors, decision: str) -> None:
    issue(one_doors)
    clerk = one_doors.sign_in(RECEIVER)
    page = clerk.act(f"{LIST}/{letter(one_doors).id}/acknowledge", {"decision": decision, "reference": "甲"})
    assert page.status == 422
    assert page.error_at("reason")
    assert page.value_of("reference") == "甲"


def test_what_was_sent_back_stops_the_receivers_clocks(doors: Doors) -> None:
    case_id = issue(doors)
    clerk = doors.sign_in(RECEIVER)
    clerk.act(f"{LIST}/{letter(doors).id}/acknowledge", {"decision": "sent_back", "reason": "不归我们管"})
    found = clocks(doors, case_id)
    assert found["receipt"] == "met"
    assert [found[rule] for rule in ("fire", "fire_exit") if rule in found] == ["waived"]
    assert "clue_disposal" not in found


def test_the_clue_clocks_follow_a_sealed_hand_over_to_its_end(doors: Doors) -> None:
    filed = doors.report(SEALED)
    first, second = doors.sign_in(CLUE), doors.sign_in(OTHER_CLUE)
    first.unlock()
    second.unlock()
    case_id = filed.case_id
    assert clocks(doors, case_id) == {"clue_confirm": "runs", "clue_send": "runs"}
    first.act(f"/console/sealed/{case_id}/confirm", {"who": "yes", "what": "yes"})
    assert clocks(doors, case_id)["clue_confirm"] == "met"
    path = first.act(f"/console/sealed/{case_id}/refer", {"body": "discipline"}).path
    second.act(f"{path}/issue", {"number": "〔2026〕9号"})
    assert clocks(doors, case_id) == {"clue_confirm": "met", "clue_send": "met", "receipt": "runs"}
    first.act(f"{path}/acknowledge", {"decision": "taken", "receiver": "尉清源"})
    assert clocks(doors, case_id)["receipt"] == "met"
    assert clocks(doors, case_id)["clue_disposal"] == "runs"


def test_taking_the_letter_here_is_its_delivery_where_it_was_to_be_picked_up(doors: Doors) -> None:
    issue(doors)
    with doors.home.house.store.write() as session:
        session.scalars(select(Delivery)).one().method = DeliveryMethod.PICKUP
    clerk = doors.sign_in(RECEIVER)
    page = clerk.get(f"{LIST}/{letter(doors).id}")
    clerk.client.get(next(link for link in page.links if "/papers/" in link))
    with doors.home.house.store.read() as session:
        assert session.scalars(select(Delivery.status)).one() is DeliveryStatus.SENT
    assert letter(doors).status is ReferralStatus.DELIVERED


def test_the_months_sheet_sets_both_sides_beside_each_other(doors: Doors) -> None:
    issue(doors)
    dispatcher = doors.sign_in(DISPATCHER)
    (row,) = [row for row in sheet_of(dispatcher) if "望民函〔2026〕1号" in row]
    assert "望桐县消防救援大队" in row
    assert "没有送达记录" in row
    with doors.home.house.store.write() as session:
        answer = session.scalars(select(Acknowledgement)).one()
        answer.reference = '=HYPERLINK("http://x.invalid")'
    (row,) = [row for row in sheet_of(dispatcher) if "望民函〔2026〕1号" in row]
    assert '\'=HYPERLINK("http://x.invalid")' in row
    assert [row for row in sheet_of(dispatcher, "2026-09") if "望民函〔2026〕1号" in row] == []


def test_sealed_hand_overs_are_in_a_clue_officers_sheet_alone(doors: Doors) -> None:
    filed = doors.report(SEALED)
    first, second = doors.sign_in(CLUE), doors.sign_in(OTHER_CLUE)
    first.unlock()
    second.unlock()
    path = first.act(f"/console/sealed/{filed.case_id}/refer", {"body": "discipline"}).path
    second.act(f"{path}/issue", {"number": "〔2026〕9号"})
    number = "望民线函〔2026〕9号"
    assert any(number in row and "望桐县纪委监委案件监督管理室" in row for row in sheet_of(first))
    first.act("/console/sealed/lock")
    assert not any(number in row for row in sheet_of(first))
    assert not any(number in row for row in sheet_of(doors.sign_in(DISPATCHER)))
    assert doors.sign_in(HANDLER).get("/console/referrals/reconciliation").status == 403


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "十月"])
def test_a_wrong_month_is_told_at_its_field(one_doors: Doors, month: str) -> None:
    page = one_doors.sign_in(DISPATCHER).get(f"/console/referrals/reconciliation/sheet?month={month}")
    assert page.status == 422
    assert page.error_at("month")
