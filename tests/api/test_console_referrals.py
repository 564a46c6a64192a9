"""A letter at its desk: drafted by one, signed out by a leader, followed to its answer; discipline by hand only."""

import io
import zipfile

import pytest
from sqlalchemy import select

from casework.models.cases import Deadline
from casework.models.ledger import LedgerEntry
from casework.models.referrals import Delivery, Referral
from casework.types import CaseStatus, DeliveryMethod, DeliveryStatus, ReferralStatus
from intake.types import Contact, Filed
from tests.api.houses import CLUE, DISPATCHER, HANDLER, HEAD, LEADER, OTHER_CLUE, Person
from tests.api.visitors import Clerk, Doors, Page

FIRE = "芦渚镇中心敬老院后门拿铁链子锁着，灭火器都过期两年了，没人管。"
SEALED = "副局长阮承岳收了麦陇镇敬老院院长三千元购物卡，就不去检查了。"
NUMBER = {"number": "〔2026〕1号"}


@pytest.fixture
def filed(doors: Doors) -> Filed:
    return doors.report(FIRE, contact=Contact(name="芮秋禾", phone="15412345678"))


def draft(clerk: Clerk, filed: Filed, body: str = "fire") -> str:
    """Draft the letter of an open case; gives its address."""
    page = clerk.act(f"/console/cases/{filed.case_id}/refer", {"body": body})
    assert "代拟稿好了" in page.text, page.text
    return page.path


def draft_sealed(clerk: Clerk, filed: Filed, body: str = "discipline") -> str:
    clerk.unlock()
    page = clerk.act(f"/console/sealed/{filed.case_id}/refer", {"body": body})
    assert "代拟稿好了" in page.text, page.text
    return page.path


def letter_of(doors: Doors) -> Referral:
    with doors.home.house.store.read() as session:
        found = session.scalars(select(Referral)).one()
        session.expunge_all()
    return found


def delivery_of(doors: Doors) -> Delivery:
    with doors.home.house.store.read() as session:
        found = session.scalars(select(Delivery)).one()
        session.expunge_all()
    return found


def set_delivery(doors: Doors, status: DeliveryStatus) -> None:
    with doors.home.house.store.write() as session:
        session.scalars(select(Delivery)).one().status = status


def test_a_draft_says_that_it_is_one_and_waits_for_a_leader(doors: Doors, filed: Filed) -> None:
    dispatcher = doors.sign_in(DISPATCHER)
    path = draft(dispatcher, filed)
    page = dispatcher.get(path)
    assert "等领导签发" in page.text
    assert "代拟稿" in page.text
    assert dispatcher.act(f"{path}/issue", NUMBER).status == 403
    assert letter_of(doors).status is ReferralStatus.DRAFTED
    assert path in dispatcher.get("/console/referrals").links


def test_a_leader_signs_it_out_with_its_number(doors: Doors, filed: Filed) -> None:
    path = draft(doors.sign_in(DISPATCHER), filed)
    leader = doors.sign_in(LEADER)
    page = leader.act(f"{path}/issue", NUMBER)
    assert "签发了，正在送出。" in page.text
    assert "望民函〔2026〕1号" in page.text
    assert "阮承岳" in page.text
    assert doors.case(filed.case_id).status is CaseStatus.REFERRED
    assert (delivery_of(doors).method, delivery_of(doors).status) == (DeliveryMethod.MAIL, DeliveryStatus.QUEUED)
    assert "已经转给管这事的单位" in doors.visitor().post("/track", {"code": filed.code}).text


@pytest.mark.parametrize("number", ["", "一号", "〔2025〕1号", "〔2026〕01号"])
def test_a_wrong_number_is_told_at_its_field_and_kept(one_doors: Doors, number: str) -> None:
    path = draft(one_doors.sign_in(DISPATCHER), one_doors.report(FIRE))
    page = one_doors.sign_in(LEADER).act(f"{path}/issue", {"number": number})
    assert page.status == 422
    assert page.error_at("number") == "文号要写成 〔2026〕1号 这样。"
    assert page.value_of("number") == number


def test_a_number_is_given_once(one_doors: Doors) -> None:
    dispatcher = one_doors.sign_in(DISPATCHER)
    first, second = draft(dispatcher, one_doors.report(FIRE)), draft(dispatcher, one_doors.report(FIRE))
    leader = one_doors.sign_in(LEADER)
    leader.act(f"{first}/issue", NUMBER)
    page = leader.act(f"{second}/issue", NUMBER)
    assert page.error_at("number") == "这个文号已经用过了。"


def test_the_papers_are_a_letter_and_an_editable_one_without_the_reporter(doors: Doors, filed: Filed) -> None:
    dispatcher = doors.sign_in(DISPATCHER)
    path = draft(dispatcher, filed)
    pdf, docx, png = (dispatcher.client.get(f"{path}/0.{form}") for form in ("pdf", "docx", "png"))
    assert pdf.content.startswith(b"%PDF")
    assert png.content.startswith(b"\x89PNG")
    opened = zipfile.ZipFile(io.BytesIO(docx.content))
    words = "".join(opened.read(name).decode() for name in opened.namelist() if name.endswith(".xml"))
    assert "望桐县消防救援大队" in words
    assert "代拟稿" in words
    for secret in ("芮秋禾", "15412345678", filed.code):
        assert secret not in words
    for answer in (pdf, docx):
        name = answer.headers["content-disposition"]
        assert name.startswith("attachment")
        assert name.isascii()
    with doors.home.house.store.read() as session:
        printed = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == "printed")).all()
    assert [row.details["format"] for row in printed] == ["pdf", "docx"]


def test_a_paper_that_is_not_there_is_not_there(one_doors: Doors) -> None:
    dispatcher = one_doors.sign_in(DISPATCHER)
    path = draft(dispatcher, one_doors.report(FIRE))
    assert [dispatcher.get(f"{path}/{name}").status for name in ("9.pdf", "0.exe", "0.html")] == [404, 404, 404]


def test_the_draft_is_changed_and_what_is_wrong_stays_to_be_mended(doors: Doors, filed: Filed) -> None:
    dispatcher = doors.sign_in(DISPATCHER)
    path = draft(dispatcher, filed)
    form = dispatcher.get(path).form(path) | {"suggestions": "请尽快到场检查。"}
    assert "存下了。" in dispatcher.post(path, form).text
    assert dispatcher.get(path).value_of("f-suggestions").strip() == "请尽快到场检查。"
    page = dispatcher.post(path, form | {"problems": "打15412345678问芮秋禾"})
    assert page.status == 422
    assert page.error_at("f-problems")
    assert page.value_of("f-problems").strip() == "打15412345678问芮秋禾"


def test_after_it_left_nothing_of_it_can_be_changed(one_doors: Doors) -> None:
    dispatcher, leader = one_doors.sign_in(DISPATCHER), one_doors.sign_in(LEADER)
    path = draft(dispatcher, one_doors.report(FIRE))
    form = dispatcher.get(path).form(path)
    leader.act(f"{path}/issue", NUMBER)
    assert dispatcher.post(path, form | {"suggestions": "别的话"}).status == 409
    assert leader.act(f"{path}/issue", {"number": "〔2026〕2号"}).status == 409


def test_a_cancelled_draft_goes_nowhere(one_doors: Doors) -> None:
    dispatcher = one_doors.sign_in(DISPATCHER)
    path = draft(dispatcher, one_doors.report(FIRE))
    assert "作废了。" in dispatcher.act(f"{path}/cancel").text
    assert letter_of(one_doors).status is ReferralStatus.CANCELLED
    assert one_doors.sign_in(LEADER).act(f"{path}/issue", NUMBER).status == 409


def issued(doors: Doors, filed: Filed) -> tuple[Clerk, str]:
    path = draft(doors.sign_in(DISPATCHER), filed)
    leader = doors.sign_in(LEADER)
    leader.act(f"{path}/issue", NUMBER)
    return leader, path


@pytest.mark.parametrize(("decision", "after"), [("sent", DeliveryStatus.SENT), ("again", DeliveryStatus.QUEUED)])
def test_an_unsure_delivery_is_decided_by_a_person(doors: Doors, filed: Filed, decision: str, after: str) -> None:
    leader, path = issued(doors, filed)
    set_delivery(doors, DeliveryStatus.UNSURE)
    page = leader.get(path)
    assert "不确定" in page.text
    assert set(page.buttons("decision")) == {"sent", "again"}
    done = leader.act(f"{path}/deliveries/{delivery_of(doors).id}", {"decision": decision})
    assert done.status == 200, done.text
    assert delivery_of(doors).status == after


def test_a_delivery_is_decided_at_its_own_letter_only(one_doors: Doors) -> None:
    leader, path = issued(one_doors, one_doors.report(FIRE))
    other = draft(one_doors.sign_in(DISPATCHER), one_doors.report(FIRE))
    answer = leader.act(f"{other}/deliveries/{delivery_of(one_doors).id}", {"decision": "sent"})
    assert answer.status == 404
    assert leader.act(f"{path}/deliveries/nobody", {"decision": "sent"}).status == 404


def test_an_answer_on_paper_is_written_down(doors: Doors, filed: Filed) -> None:
    leader, path = issued(doors, filed)
    wrong = leader.act(f"{path}/acknowledge", {"decision": "maybe", "receiver": "柏铁山"})
    assert wrong.status == 422
    assert wrong.value_of("ack-receiver") == "柏铁山"
    page = leader.act(f"{path}/acknowledge", {"decision": "taken", "receiver": "柏铁山"})
    assert "回执登记了。" in page.text
    assert letter_of(doors).status is ReferralStatus.ACKNOWLEDGED


def test_it_is_not_drafted_to_the_one_complained_of(one_doors: Doors) -> None:
    filed = one_doors.report(FIRE)
    clerk = one_doors.sign_in(DISPATCHER)
    page: Page = clerk.act(f"/console/cases/{filed.case_id}/refer", {"body": "township-luzhu"})
    assert page.status == 409
    assert "收件单位和这件事有关" in page.text


def test_an_open_case_goes_to_discipline_only_by_a_clue_officer(one_doors: Doors) -> None:
    filed = one_doors.report(FIRE)
    page = one_doors.sign_in(DISPATCHER).act(f"/console/cases/{filed.case_id}/refer", {"body": "discipline"})
    assert page.status == 403


def test_the_room_is_locked_until_its_officer_opens_it(doors: Doors) -> None:
    filed = doors.report(SEALED)
    clue = doors.sign_in(CLUE)
    assert "输您自己的五个词" in clue.get("/console/sealed").text
    assert clue.get(f"/console/sealed/{filed.case_id}").path == "/console/sealed"
    wrong = clue.act("/console/sealed/unlock", {"passphrase": "五个-不对-的词-在这-里了"})
    assert wrong.status == 422
    assert wrong.error_at("passphrase").startswith("口令不对。")
    assert not wrong.value_of("passphrase")
    assert clue.act("/console/sealed/unlock", {"passphrase": ""}).status == 422
    assert filed.number in clue.unlock().text
    assert "购物卡" in clue.get(f"/console/sealed/{filed.case_id}").quoted
    clue.act("/console/sealed/lock")
    assert clue.get(f"/console/sealed/{filed.case_id}").path == "/console/sealed"


def test_the_passphrase_may_be_typed_with_blanks(one_doors: Doors) -> None:
    clue = one_doors.sign_in(CLUE)
    typed = f"  {one_doors.home.passphrases[CLUE.username].replace('-', ' ')} "
    assert clue.act("/console/sealed/unlock", {"passphrase": typed}).status == 200


def test_notes_and_words_in_the_room_stay_sealed(doors: Doors) -> None:
    filed = doors.report(SEALED)
    clue = doors.sign_in(CLUE)
    clue.unlock()
    here = f"/console/sealed/{filed.case_id}"
    assert "核过考勤。" in clue.act(f"{here}/note", {"text": "核过考勤。"}).text
    assert "您记得是哪天吗？" in clue.act(f"{here}/answer", {"text": "您记得是哪天吗？"}).text
    told = doors.visitor().post("/track", {"code": filed.code}).text
    assert "您记得是哪天吗？" in told
    assert "核过考勤。" not in told


@pytest.mark.parametrize(
    ("act", "field_id", "typed"), [("note", "note", ""), ("answer", "answer", ""), ("answer", "answer", "长" * 501)]
)
def test_a_wrong_word_in_the_room_is_told_at_its_field_and_kept(
    one_doors: Doors, act: str, field_id: str, typed: str
) -> None:
    filed = one_doors.report(SEALED)
    clue = one_doors.sign_in(CLUE)
    clue.unlock()
    page = clue.act(f"/console/sealed/{filed.case_id}/{act}", {"text": typed})
    assert page.status == 422
    assert page.error_at(field_id)
    assert page.value_of(field_id).strip() == typed


def test_a_sealed_letter_is_drafted_by_one_and_signed_out_by_the_other(doors: Doors) -> None:
    filed = doors.report(SEALED)
    drafter, signer = doors.sign_in(CLUE), doors.sign_in(OTHER_CLUE)
    path = draft_sealed(drafter, filed)
    assert "等另一位签发" in drafter.get(path).text
    own = drafter.act(f"{path}/issue", NUMBER)
    assert own.status == 422
    assert signer.get(path).path == "/console/sealed"
    signer.unlock()
    assert "签发了" in signer.act(f"{path}/issue", NUMBER).text
    assert delivery_of(doors).method is DeliveryMethod.SEALED_PRINT
    pdf = signer.client.get(f"{path}/0.pdf")
    assert pdf.content.startswith(b"%PDF")
    assert "已经送到" in signer.get(path).text
    signer.act(f"{path}/deliveries/{delivery_of(doors).id}", {"decision": "sent"})
    assert delivery_of(doors).status is DeliveryStatus.SENT
    with doors.home.house.store.read() as session:
        assert {row.method for row in session.scalars(select(Delivery))} == {DeliveryMethod.SEALED_PRINT}


def test_the_page_of_a_sealed_letter_says_who_wrote_last_and_may_not_sign(one_doors: Doors) -> None:
    filed = one_doors.report(SEALED)
    drafter, signer = one_doors.sign_in(CLUE), one_doors.sign_in(OTHER_CLUE)
    path = draft_sealed(drafter, filed)
    signer.unlock()
    assert f"最后是{CLUE.name}写的" in signer.get(path).text
    form = signer.get(path).form(path) | {"amount": "数千元"}
    saved = signer.act(path, form)
    assert "最后是您写的" in saved.text
    assert f"{path}/issue" not in saved.actions
    assert signer.act(f"{path}/issue", NUMBER).status == 422
    assert letter_of(one_doors).status is ReferralStatus.DRAFTED
    assert f"{path}/issue" in drafter.get(path).actions
    assert "签发了" in drafter.act(f"{path}/issue", NUMBER).text


@pytest.mark.parametrize("person", [DISPATCHER, LEADER, HEAD, HANDLER], ids=lambda person: person.username)
def test_a_sealed_letter_is_not_there_for_anybody_else(one_doors: Doors, person: Person) -> None:
    path = draft_sealed(one_doors.sign_in(CLUE), one_doors.report(SEALED))
    clerk = one_doors.sign_in(person)
    for page in (clerk.get(path), clerk.get(f"{path}/0.pdf"), clerk.act(f"{path}/issue", NUMBER)):
        assert page.status == 404
        assert "购物卡" not in page.response.text
    assert path not in clerk.get("/console/referrals").links


def test_a_letter_to_the_police_can_become_a_transfer_with_its_five_papers(doors: Doors) -> None:
    filed = doors.report("芦渚镇中心敬老院有人冒领补贴，把去世老人的名字也报上去了。")
    dispatcher = doors.sign_in(DISPATCHER)
    path = draft(dispatcher, filed, "police")
    assert "调查人员" not in dispatcher.get(path).text
    page = dispatcher.act(f"{path}/switch", {"kind": "police_crime"})
    assert "涉嫌犯罪案件移送书" in page.text
    form = page.form(path) | {
        "investigators": "贺小满、陶玉苓",
        "findings": "名册里有两人已经去世。",
        "place": "芦渚镇",
        "happened": "2026年9月",
        "goods": "补贴名册｜2册｜封存在档案室",
        "accused": "某甲｜芦渚镇中心敬老院｜会计",
    }
    page = dispatcher.post(path, form)
    assert "存下了。" in page.text
    assert page.value_of("f-accused").strip() == "某甲｜芦渚镇中心敬老院｜会计"
    assert [dispatcher.client.get(f"{path}/{number}.png").status_code for number in range(7)] == [*[200] * 6, 404]
    leader = doors.sign_in(LEADER)
    assert "要先报正职负责人决定" in leader.act(f"{path}/issue", NUMBER).text
    assert "报上去了" in dispatcher.act(f"{path}/put").text
    assert "正职负责人决定是否移送" in dispatcher.get(path).text
    assert dispatcher.act(path, {"place": "别处"}).status == 409
    assert dispatcher.act(f"{path}/decide", {"decision": "agreed"}).status == 403
    assert leader.act(f"{path}/decide", {"decision": "refused"}).error_at("principal-reason")
    assert "批准了" in leader.act(f"{path}/decide", {"decision": "agreed"}).text
    assert "签发了" in leader.act(f"{path}/issue", NUMBER).text
    with doors.home.house.store.read() as session:
        rules = session.scalars(select(Deadline.rule_id).where(Deadline.case_id == filed.case_id)).all()
    assert {"police_principal", "police_send", "police_hand_over"} <= set(rules)
    assert dispatcher.act(f"{path}/switch", {"kind": "police"}).status == 409


def test_a_letter_becomes_no_other_bodys_letter(one_doors: Doors) -> None:
    dispatcher = one_doors.sign_in(DISPATCHER)
    path = draft(dispatcher, one_doors.report(FIRE))
    assert dispatcher.act(f"{path}/switch", {"kind": "discipline"}).status == 422
