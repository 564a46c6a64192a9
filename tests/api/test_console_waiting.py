"""Waiting for the reporter: asked with the clocks stopped, going on by his answer, by the day, or by hand."""

from casework.types import CaseStatus
from casework.waiting import end_waits
from tests.api.houses import DISPATCHER, HANDLER, OTHER_HANDLER
from tests.api.visitors import Clerk, Doors

FEES = "芦渚镇中心敬老院退费一直不退，合同上写的能退。"
QUESTION = "退的是哪一年的费？"


def in_hand(doors: Doors) -> tuple[str, str, str, Clerk]:
    """A case that the section has signed for: its path, its id, its code, and the officer."""
    filed = doors.report(FEES)
    path = f"/console/cases/{filed.case_id}"
    doors.sign_in(DISPATCHER).act(f"{path}/assign", {"body": "civil_affairs"})
    handler = doors.sign_in(HANDLER)
    handler.act(f"{path}/sign")
    return path, filed.case_id, filed.code, handler


def sweep(doors: Doors) -> int:
    """The step that the house runs each minute."""
    house = doors.home.house
    with house.store.write() as session:
        return end_waits(session, office=house.office, now=doors.home.clock())


def clocks(clerk: Clerk, path: str) -> str:
    return str(clerk.get(path).tree.xpath("//section[@id='clocks']")[0].text_content())


def test_the_question_goes_out_and_what_may_stop_stands_still(one_doors: Doors) -> None:
    path, _, code, handler = in_hand(one_doors)
    done = handler.act(f"{path}/wait", {"text": QUESTION, "days": "5"})
    assert "能停的时限停下了" in done.text
    assert "停着，等他回话" in clocks(handler, path)
    assert "最多等到10月14日(星期三)。" in handler.get(path).text
    seen = one_doors.visitor().post("/track", {"code": code})
    assert QUESTION in seen.text
    assert "10月14日前回我一句就行。" in seen.text


def test_his_answer_lets_the_clocks_go_on(one_doors: Doors) -> None:
    path, case_id, code, handler = in_hand(one_doors)
    handler.act(f"{path}/wait", {"text": QUESTION, "days": "5"})
    one_doors.home.clock.turn(days=2)
    assert sweep(one_doors) == 0
    old = one_doors.visitor()
    page = old.post("/track", {"code": code})
    old.post("/track/say", page.form("/track/say") | {"text": "去年的。"})
    assert sweep(one_doors) == 1
    assert one_doors.case(case_id).status is CaseStatus.WORKING
    page = one_doors.sign_in(HANDLER).get(path)
    assert "停着，等他回话" not in page.text
    assert "去年的。" in page.text
    assert "恢复" in page.tree.xpath("//ol[@class='stem']")[0].text_content()


def test_the_day_that_was_said_ends_it_too_and_the_days_are_added(one_doors: Doors) -> None:
    path, case_id, _, handler = in_hand(one_doors)
    before = handler.get(path).text
    assert "10月14日(星期三)" in before
    handler.act(f"{path}/wait", {"text": QUESTION, "days": "3"})
    one_doors.home.clock.turn(days=4)
    assert sweep(one_doors) == 0
    one_doors.home.clock.turn(days=1)
    assert sweep(one_doors) == 1
    assert one_doors.case(case_id).status is CaseStatus.WORKING
    assert sweep(one_doors) == 0
    assert "10月20日(星期二)" in clocks(one_doors.sign_in(HANDLER), path)


def test_by_hand_it_goes_on_at_once(one_doors: Doors) -> None:
    path, case_id, _, handler = in_hand(one_doors)
    handler.act(f"{path}/wait", {"text": QUESTION, "days": "10"})
    assert f"{path}/wait" not in handler.get(path).actions
    assert "停的日子补在后面" in handler.act(f"{path}/go-on").text
    assert one_doors.case(case_id).status is CaseStatus.WORKING
    assert handler.act(f"{path}/go-on").status == 409


def test_the_dispatcher_asks_before_he_sends_it_out(one_doors: Doors) -> None:
    filed = one_doors.report(FEES)
    path = f"/console/cases/{filed.case_id}"
    clerk = one_doors.sign_in(DISPATCHER)
    assert "能停的时限停下了" in clerk.act(f"{path}/wait", {"text": "是哪一家？", "days": "3"}).text
    clerk.act(f"{path}/go-on")
    assert one_doors.case(filed.case_id).status is CaseStatus.RECEIVED


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(one_doors: Doors) -> None:
    path, case_id, _, handler = in_hand(one_doors)
    page = handler.act(f"{path}/wait", {"text": "", "days": "5"})
    assert page.error_at("wait-text") == "这一项要填。"
    page = handler.act(f"{path}/wait", {"text": QUESTION, "days": "99"})
    assert page.error_at("wait-days") == "请从列出的里面选一个。"
    assert page.value_of("wait-text") == QUESTION
    assert (
        handler.act(f"{path}/wait", {"text": "问" * 401, "days": "5"}).error_at("wait-text") == "太长了，请写短一些。"
    )
    assert one_doors.case(case_id).status is CaseStatus.WORKING


def test_another_section_can_not_stop_it(one_doors: Doors) -> None:
    path, _, _, _ = in_hand(one_doors)
    assert one_doors.sign_in(OTHER_HANDLER).act(f"{path}/wait", {"text": QUESTION, "days": "5"}).status == 404
