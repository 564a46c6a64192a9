"""An open case at its desk: sent, signed, returned, answered, ended; what is wrong is told in Chinese at its field."""

import pytest
from sqlalchemy import func, select

from casework.models.cases import Note, Return
from casework.models.ledger import LedgerEntry
from casework.types import CaseStatus
from intake.types import Contact, Filed
from tests.api.houses import CLUE, DISPATCHER, HANDLER, OTHER_HANDLER, SUPERVISOR
from tests.api.visitors import Clerk, Doors, Page

STORY = "南荇镇敬老院的饭是馊的，老人吃了拉肚子。"
ANOTHER = "南荇镇敬老院夜里没有人值班，老人按铃没人来。"
NAMED = Contact(name="芮秋禾", phone="15412345678")
ENDING = {
    "finding": "true",
    "outcomes": ["rectification", "fined"],
    "internal": "查了进货单。",
    "public_reply": "厨房停用整改，下周再去看。",
}


@pytest.fixture
def filed(doors: Doors) -> Filed:
    return doors.report(STORY, contact=NAMED)


def at(filed: Filed, act: str = "") -> str:
    return f"/console/cases/{filed.case_id}" + (f"/{act}" if act else "")


def acts_of(page: Page) -> set[str]:
    return {action.rsplit("/", 1)[1] for action in page.actions if action.startswith("/console/cases/")}


def sent(doors: Doors, filed: Filed, body: str = "civil_affairs") -> Clerk:
    dispatcher = doors.sign_in(DISPATCHER)
    dispatcher.act(at(filed, "assign"), {"body": body, "instruction": "请三日内到场。"})
    return dispatcher


def test_the_first_desk_lists_what_waits_with_its_words_and_its_day(doors: Doors, filed: Filed) -> None:
    page = doors.sign_in(DISPATCHER).get("/console/?queue=to_dispatch")
    assert filed.number in page.text or "饭是馊的" in page.text
    assert "待派单 1" in page.text
    assert page.tree.xpath("//td[contains(@class,'c-due')]//text()[normalize-space()]")


def test_the_words_are_marked_and_every_mark_says_why(doors: Doors, filed: Filed) -> None:
    page = doors.sign_in(DISPATCHER).get(at(filed))
    marks = page.tree.xpath("//blockquote//mark")
    assert marks
    assert all(mark.get("title") for mark in marks)
    numbers = {number.strip() for number in page.tree.xpath("//blockquote//mark/sup/text()")}
    rows = {str(cell).strip() for cell in page.tree.xpath("//table//td[@class='near']/text()")}
    assert numbers
    assert numbers <= rows


def test_the_words_on_the_page_are_the_working_text_letter_by_letter(doors: Doors) -> None:
    filed = doors.report(f"{STORY}我叫芮秋禾，电话15412345678。", contact=NAMED)
    page = doors.sign_in(DISPATCHER).get(at(filed))
    shown = page.quoted
    assert len(shown) == len(f"{STORY}我叫芮秋禾，电话15412345678。")
    assert "▇" * 11 in shown
    assert "芮秋禾" not in page.text


def test_the_desk_shows_earlier_reports_on_the_same_home(doors: Doors, filed: Filed) -> None:
    later = doors.report(ANOTHER)
    page = doors.sign_in(DISPATCHER).get(at(later))
    assert "以前的来件 1件" in page.text
    assert at(filed) in page.links


def test_it_is_sent_signed_answered_and_ended(doors: Doors, filed: Filed) -> None:
    dispatcher = sent(doors, filed)
    assert doors.case(filed.case_id).status is CaseStatus.DISPATCHED
    handler = doors.sign_in(HANDLER)
    page = handler.get(at(filed))
    assert {"sign", "return"} <= acts_of(page)
    assert not page.quoted
    assert "馊" not in page.text
    assert "签收了。" in handler.act(at(filed, "sign")).text
    done = handler.act(at(filed, "reply"), ENDING)
    assert "答复记下了" in done.text
    assert "厨房停用整改" in done.text
    assert doors.case(filed.case_id).status is CaseStatus.REPLIED
    assert "办结了。" in dispatcher.act(at(filed, "close")).text
    assert doors.case(filed.case_id).status is CaseStatus.CLOSED
    assert "查了进货单。" in dispatcher.get(at(filed)).text


def test_the_body_that_got_it_is_told_what_is_asked_of_it(doors: Doors, filed: Filed) -> None:
    sent(doors, filed)
    assert "请三日内到场。" in doors.sign_in(HANDLER).get(at(filed)).text


def test_it_comes_back_with_a_reason_and_goes_to_another(doors: Doors, filed: Filed) -> None:
    dispatcher = sent(doors, filed)
    handler = doors.sign_in(HANDLER)
    returned = {"reason": "归救助科管。", "clause": "职责清单2.3", "proposed": "assistance"}
    page = handler.act(at(filed, "return"), returned)
    assert page.path == "/console/"
    assert handler.get(at(filed)).status == 404
    assert "退单 1" in dispatcher.get("/console/").text or "退给我" in dispatcher.get("/console/").text
    with doors.home.house.store.read() as session:
        row = session.scalars(select(Return)).one()
    assert (row.reason, row.proposed_body_code) == ("归救助科管。", "assistance")
    dispatcher.act(at(filed, "assign"), {"body": "assistance"})
    assert "sign" in acts_of(doors.sign_in(OTHER_HANDLER).get(at(filed)))


def test_the_dispatcher_reads_why_it_came_back_and_where_it_should_go(doors: Doors, filed: Filed) -> None:
    dispatcher = sent(doors, filed)
    doors.sign_in(HANDLER).act(at(filed, "return"), {"reason": "归救助科管。", "proposed": "assistance"})
    page = dispatcher.get(at(filed))
    assert "归救助科管。" in page.text


def test_a_note_and_an_answer_stand_there_afterwards(doors: Doors, filed: Filed) -> None:
    dispatcher = doors.sign_in(DISPATCHER)
    assert "先问问镇里。" in dispatcher.act(at(filed, "note"), {"text": "先问问镇里。"}).text
    assert "您好，明天有人去看。" in dispatcher.act(at(filed, "answer"), {"text": "您好，明天有人去看。"}).text
    told = doors.visitor().post("/track", {"code": filed.code}).text
    assert "您好，明天有人去看。" in told
    assert "先问问镇里。" not in told


def test_a_verdict_is_corrected_and_says_by_whom(doors: Doors, filed: Filed) -> None:
    dispatcher = doors.sign_in(DISPATCHER)
    page = dispatcher.act(at(filed, "correct"), {"category": "fire_hazard", "urgency": "high"})
    assert "周建禾 已改定" in page.text
    case = doors.case(filed.case_id)
    assert (case.category, case.urgency) == ("fire_hazard", "high")


def test_one_click_seals_it_for_everybody_but_the_clue_officers(doors: Doors, filed: Filed) -> None:
    dispatcher = doors.sign_in(DISPATCHER)
    page = dispatcher.act(at(filed, "seal"), {"reason": "说到经办人亲属"})
    assert page.path == "/console/"
    assert "密封了" in page.text
    assert dispatcher.get(at(filed)).status == 404
    assert doors.case(filed.case_id).sealed
    clue = doors.sign_in(CLUE)
    clue.unlock()
    assert "饭是馊的" in clue.get(f"/console/sealed/{filed.case_id}").quoted
    assert "已按程序转交" in doors.visitor().post("/track", {"code": filed.code}).text


def test_a_reading_is_kept_in_the_ledger(doors: Doors, filed: Filed) -> None:
    doors.sign_in(DISPATCHER).get(at(filed))
    with doors.home.house.store.read() as session:
        verbs = session.scalars(select(LedgerEntry.verb).where(LedgerEntry.case_id == filed.case_id)).all()
    assert "read" in verbs


@pytest.mark.parametrize(
    ("act", "form", "field_id", "told"),
    [
        ("note", {"text": " "}, "note", "这一项要填。"),
        ("note", {"text": "长" * 2001}, "note", "太长了，请写短一些。"),
        ("answer", {"text": ""}, "answer", "这一项要填。"),
        ("answer", {"text": "长" * 2001}, "answer", "太长了，请写短一些。"),
        ("assign", {"body": "", "instruction": "请三日内到场。"}, "assign-body", "这一项要填。"),
        ("assign", {"body": "civil_affairs", "instruction": "长" * 501}, "assign-instruction", "太长了，请写短一些。"),
        ("reply", ENDING | {"public_reply": ""}, "reply-public", "这一项要填。"),
        ("reply", ENDING | {"finding": "maybe"}, "reply-finding", "请从列出的里面选一个。"),
        ("reply", ENDING | {"outcomes": ["hanged"]}, "reply-outcomes", "请从列出的里面选一个。"),
        ("reply", ENDING | {"internal": "长" * 3001}, "reply-internal", "太长了，请写短一些。"),
        ("correct", {"category": "food_safety", "urgency": "terrible"}, "correct-urgency", "请从列出的里面选一个。"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isascii() else "",
)
def test_what_is_wrong_is_told_at_its_field(
    one_doors: Doors, act: str, form: dict[str, object], field_id: str, told: str
) -> None:
    filed = one_doors.report(STORY, contact=NAMED)
    page = one_doors.sign_in(DISPATCHER).act(at(filed, act), form)
    assert page.status == 422
    assert page.error_at(field_id) == told


def test_a_refused_form_keeps_every_word_that_was_typed(one_doors: Doors) -> None:
    filed = one_doors.report(STORY)
    sent(one_doors, filed)
    handler = one_doors.sign_in(HANDLER)
    handler.act(at(filed, "sign"))
    page = handler.act(at(filed, "reply"), ENDING | {"public_reply": "", "finding": "partly_true"})
    assert page.status == 422
    assert page.value_of("reply-internal") == "查了进货单。"
    assert page.value_of("reply-finding") == "partly_true"
    assert page.tree.xpath("//input[@name='outcomes' and @checked]/@value") == ["rectification", "fined"]
    (form,) = page.tree.xpath("//details[.//*[@id='reply-public']]")
    assert form.get("open") is not None
    page = handler.act(at(filed, "return"), {"reason": "", "clause": "职责清单2.3", "proposed": "assistance"})
    assert page.error_at("return-reason") == "这一项要填。"
    assert page.value_of("return-clause") == "职责清单2.3"
    assert page.value_of("return-proposed") == "assistance"


def test_a_form_that_somebody_overtook_is_refused_with_its_words_kept(doors: Doors, filed: Filed) -> None:
    first, second = doors.sign_in(DISPATCHER), doors.sign_in(SUPERVISOR)
    form = first.get(at(filed)).form("/assign")
    second.act(at(filed, "correct"), {"category": "fire_hazard", "urgency": "high"})
    page = first.post(at(filed, "assign"), form | {"body": "civil_affairs", "instruction": "请三日内到场。"})
    assert page.status == 409
    assert "别人刚改过这件。" in page.text
    assert page.value_of("assign-instruction") == "请三日内到场。"
    again = first.post(at(filed, "assign"), page.form("/assign"))
    assert "派出去了" in again.text
    assert doors.case(filed.case_id).status is CaseStatus.DISPATCHED


def test_an_act_out_of_its_time_is_refused_in_words(doors: Doors, filed: Filed) -> None:
    dispatcher = sent(doors, filed)
    for act, form in (("reopen", {"reason": "想再看看"}), ("close", ENDING), ("assign", {"body": "assistance"})):
        page = dispatcher.act(at(filed, act), form)
        assert page.status == 409, act
        assert "这件已经不在这一步了。" in page.text
    assert doors.case(filed.case_id).status is CaseStatus.DISPATCHED


def test_an_act_of_another_post_is_refused(one_doors: Doors) -> None:
    filed = one_doors.report(STORY)
    sent(one_doors, filed)
    handler = one_doors.sign_in(HANDLER)
    page = handler.act(at(filed, "assign"), {"body": "assistance"})
    assert page.status == 403
    assert "这一步要别的岗位来办。" in page.text
    assert one_doors.case(filed.case_id).body_code == "civil_affairs"


def test_it_is_not_sent_to_the_body_complained_of(one_doors: Doors) -> None:
    filed = one_doors.report("麦陇镇敬老院的饭是馊的，镇民政办来了也不管。")
    page = one_doors.sign_in(DISPATCHER).act(at(filed, "assign"), {"body": "township-mailong"})
    assert page.status == 409
    assert one_doors.case(filed.case_id).status is CaseStatus.RECEIVED


def test_an_act_nobody_knows_is_not_there(one_doors: Doors) -> None:
    filed = one_doors.report(STORY)
    assert one_doors.sign_in(DISPATCHER).act(at(filed, "burn")).status == 404


def test_markup_in_words_stays_words(one_doors: Doors) -> None:
    filed = one_doors.report(f"<script>alert(1)</script>{STORY}")
    clerk = one_doors.sign_in(DISPATCHER)
    page = clerk.act(at(filed, "note"), {"text": "<img src=x onerror=alert(2)>"})
    assert "<script>alert(1)" not in page.response.text
    assert "<img src=x" not in page.response.text
    assert "<img src=x onerror=alert(2)>" in page.text


def test_an_identity_opens_to_nobody_outside_the_ring(doors: Doors, filed: Filed) -> None:
    page = doors.sign_in(DISPATCHER).act(at(filed, "reveal"), {"reason": "call_back"})
    assert page.status in (403, 423)
    assert "芮秋禾" not in page.text


def test_a_member_opens_it_once_with_a_reason_and_the_ledger_keeps_both(doors: Doors, filed: Filed) -> None:
    verdict = {"category": "food_safety", "urgency": "normal", "discipline": "yes"}
    doors.sign_in(DISPATCHER).act(at(filed, "correct"), verdict)
    clue = doors.sign_in(CLUE)
    locked = clue.act(at(filed, "reveal"), {"reason": "call_back"})
    assert locked.status == 423
    assert "芮秋禾" not in locked.text
    clue.unlock()
    refused = clue.act(at(filed, "reveal"), {"reason": "curious"})
    assert refused.error_at("reveal-reason") == "请从列出的里面选一个。"
    page = clue.act(at(filed, "reveal"), {"reason": "call_back"})
    assert page.status == 200
    assert "芮秋禾" in page.text
    assert "15412345678" in page.text
    assert "芮秋禾" not in clue.get(at(filed)).text
    with doors.home.house.store.read() as session:
        rows = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == "revealed")).all()
        assert [row.details["reason"] for row in rows] == ["call_back"]
        assert session.scalar(select(func.count()).select_from(Note)) == 0
