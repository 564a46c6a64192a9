"""The call desk: filled while somebody talks, filed once, and after that nothing but the code."""

from typing import Any

import pytest
from sqlalchemy import func, select

from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.types import CaseStatus, Channel
from intake.models import Report, Reporter
from tests.api.houses import AUDITOR, CLUE, DISPATCHER, HANDLER, LEADER, OPERATOR, SUPERVISOR, Person
from tests.api.test_console_traces import crawl, words_of
from tests.api.visitors import Clerk, Doors, Page, find_code

STORY = "南荇镇敬老院的饭是馊的，老人吃了拉肚子。"
FIRE = "着火了，芦渚镇中心敬老院二楼全是烟，老人出不来！"
ABOUT_LEADER = "副局长阮承岳收了麦陇镇敬老院院长三千元购物卡，就不去检查了。"
ABOUT_OPERATOR = f"麦陇镇敬老院的饭是馊的，跟热线的{OPERATOR.name}说过，她不给记。"
PHONE = "15412345678"


def form_of(clerk: Clerk) -> dict[str, str]:
    return clerk.get("/console/call").form("/console/call")


def call(clerk: Clerk, story: str, /, **typed: str) -> Page:
    return clerk.post("/console/call", form_of(clerk) | {"story": story} | typed)


def the_case(doors: Doors) -> Case:
    with doors.home.house.store.read() as session:
        found = session.scalars(select(Case)).one()
        session.expunge_all()
    return found


def count(doors: Doors, table: type[Case] | type[Report]) -> int:
    with doors.home.house.store.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def told_inside(doors: Doors, clerk: Clerk) -> str:
    """The one case's identity, as a clue officer with an open room reads it."""
    case = the_case(doors)
    clerk.unlock()
    clerk.act(f"/console/cases/{case.id}/correct", {"category": case.category, "urgency": "normal", "discipline": "on"})
    return clerk.act(f"/console/cases/{case.id}/reveal", {"reason": "call_back"}).text


def test_what_was_heard_becomes_a_case_and_the_caller_gets_a_code(doors: Doors) -> None:
    clerk = doors.sign_in(OPERATOR)
    page = call(clerk, STORY, channel="visit", place="后厨", going_on="现在还这样")
    code = find_code(page)
    assert page.status == 200
    assert len(code) == 16
    case = the_case(doors)
    assert (case.category, case.status) == ("food_safety", CaseStatus.RECEIVED)
    assert case.number not in page.text
    assert case.id not in page.response.text
    with doors.home.house.store.read() as session:
        report = session.scalars(select(Report)).one()
        verbs = set(session.scalars(select(LedgerEntry.verb).where(LedgerEntry.case_id == case.id)))
    assert report.channel is Channel.VISIT
    assert report.working_text == f"{STORY}\n地点：后厨。\n现在：现在还这样。"
    assert "taken_down" in verbs
    tracked = doors.visitor()
    assert "收到了" in tracked.post("/track", tracked.get("/track").form("/track") | {"code": code}).text


def test_the_code_is_said_in_groups_with_yao_on_the_telephone(one_doors: Doors) -> None:
    page = call(one_doors.sign_in(OPERATOR), STORY)
    spoken = [str(each) for each in page.tree.xpath("//ol[contains(@class,'call-spoken')]/li/text()")]
    assert [len(group) for group in spoken] == [4, 4, 4, 4]
    digits = dict(zip("零幺二三四五六七八九", "0123456789", strict=True))
    assert "".join(digits[sign] for sign in "".join(spoken)) == find_code(page)


def test_the_same_form_twice_is_one_report_and_the_same_code(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    form = form_of(clerk) | {"story": STORY}
    first, second = clerk.post("/console/call", form), clerk.post("/console/call", form)
    assert find_code(first) == find_code(second)
    assert count(one_doors, Report) == 1


def test_a_filed_form_that_was_changed_says_so_and_keeps_the_words(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    form = form_of(clerk) | {"story": STORY}
    clerk.post("/console/call", form)
    page = clerk.post("/console/call", form | {"story": f"{STORY}夜里也没人管。"})
    assert page.status == 409
    assert "这一张登记过了" in page.text
    assert page.value_of("story") == f"{STORY}夜里也没人管。"
    assert count(one_doors, Report) == 1
    again = clerk.post("/console/call", page.form("/console/call"))
    assert find_code(again)
    assert count(one_doors, Report) == 2


@pytest.mark.parametrize(
    ("typed", "at", "sentence"),
    [
        ({"story": ""}, "story", "还没写他说的事。"),
        ({"consent": "yes"}, "phone", "他同意联系，要记一个电话。"),
        ({"phone": "12"}, "phone", "电话没看懂，请再核一遍号码。"),
        ({"place": "三" * 201}, "place", "太长了，请写短一些。"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_everything_typed_stays(
    one_doors: Doors, typed: dict[str, str], at: str, sentence: str
) -> None:
    page = call(one_doors.sign_in(OPERATOR), STORY, **({"relation": "女儿"} | typed))
    assert page.status == 422
    assert page.error_at(at) == sentence
    assert page.value_of("relation") == "女儿"
    assert page.value_of("story") == typed.get("story", STORY)
    assert count(one_doors, Case) == 0


def test_who_reports_is_locked_away(one_doors: Doors) -> None:
    call(
        one_doors.sign_in(OPERATOR),
        STORY,
        name="芮秋禾",
        relation="女儿",
        consent="yes",
        phone="154 1234-5678",
        safe_time="晚上",
        wish="yes",
    )
    for person in (OPERATOR, DISPATCHER):
        found = words_of(crawl(one_doors.sign_in(person)))
        assert "芮秋禾" not in found
        assert PHONE not in found
    clue = one_doors.sign_in(CLUE)
    one_doors.sign_in(DISPATCHER).act(
        f"/console/cases/{the_case(one_doors).id}/correct",
        {"category": "food_safety", "urgency": "normal", "discipline": "yes"},
    )
    seen = told_inside(one_doors, clue)
    for told in ("芮秋禾", PHONE, "晚上", "女儿", "老人自己愿意说。"):
        assert told in seen


def test_a_name_he_would_not_leave_and_a_number_he_would_not_be_called_on_are_not_kept(one_doors: Doors) -> None:
    call(one_doors.sign_in(OPERATOR), STORY, anonymous="yes", name="芮秋禾", phone=PHONE, safe_time="晚上")
    with one_doors.home.house.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Reporter)) in (0, 1)
    clue = one_doors.sign_in(CLUE)
    one_doors.sign_in(DISPATCHER).act(
        f"/console/cases/{the_case(one_doors).id}/correct",
        {"category": "food_safety", "urgency": "normal", "discipline": "yes"},
    )
    seen = told_inside(one_doors, clue)
    assert STORY in seen
    for kept_back in ("芮秋禾", PHONE, "晚上"):
        assert kept_back not in seen


def test_danger_puts_the_number_first_while_he_types_and_calls_the_officer_on_duty(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    told = look(clerk, FIRE)
    assert "119" in told["danger"]
    assert "危急" in told["side"]
    page = call(clerk, FIRE)
    assert "119" in page.text.split("登记好了")[0]
    assert "没人接" in clerk.get("/console/").text


def test_his_own_ear_makes_it_critical(one_doors: Doors) -> None:
    page = call(one_doors.sign_in(OPERATOR), STORY, urgent="yes")
    assert "110" in page.text
    assert the_case(one_doors).urgency == "critical"


def look(clerk: Clerk, story: str) -> dict[str, Any]:
    answer = clerk.client.post(
        "/console/call/look", data=form_of(clerk) | {"story": story}, headers={"accept": "application/json"}
    )
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def test_while_he_types_triage_proposes_and_the_questions_are_the_bots(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    told = look(clerk, STORY)
    assert "食品安全" in told["side"]
    assert "馊" in told["side"]
    assert "您听，对不对？" in told["side"]
    assert told["questions"] == ["going_on", "evidence"]
    assert "how_known" in look(clerk, ABOUT_LEADER)["questions"]
    page = clerk.post("/console/call/look", form_of(clerk) | {"story": STORY})
    assert "食品安全" in page.text
    assert page.value_of("story") == STORY
    assert count(one_doors, Case) == 0


def test_what_he_types_is_never_markup(one_doors: Doors) -> None:
    told = look(one_doors.sign_in(OPERATOR), "南荇镇敬老院<script>alert(1)</script>的饭是馊的")
    assert "<script" not in told["side"]


def test_earlier_cases_show_only_as_far_as_he_may_see_them(one_doors: Doors) -> None:
    other = "南荇镇敬老院的护工骂老人，还不给喝水。"
    waits, sent = one_doors.report(STORY), one_doors.report(other)
    one_doors.sign_in(DISPATCHER).act(f"/console/cases/{sent.case_id}/assign", {"body": "civil_affairs"})
    seen = look(one_doors.sign_in(OPERATOR), STORY)["side"]
    assert waits.number in seen
    assert sent.number not in seen
    assert sent.number in look(one_doors.sign_in(SUPERVISOR), STORY)["side"]


def list_numbers(doors: Doors) -> set[str]:
    with doors.home.house.store.read() as session:
        return set(session.scalars(select(Case.number)))


def test_the_operator_complained_of_gets_the_code_and_finds_no_trace_afterwards(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    plain = call(clerk, STORY)
    before = list_numbers(one_doors)
    about = call(clerk, ABOUT_OPERATOR)
    assert len(find_code(about)) == 16
    assert [each.tag for each in about.tree.iter()] == [each.tag for each in plain.tree.iter()]
    (number,) = list_numbers(one_doors) - before
    found = words_of(crawl(clerk))
    assert str(number) not in found
    assert "她不给记" not in found
    assert str(number) not in look(clerk, ABOUT_OPERATOR)["side"]
    assert str(number) in words_of(crawl(one_doors.sign_in(DISPATCHER)))


def test_a_clue_is_sealed_and_the_page_does_not_tell(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    plain, clue = call(clerk, STORY), call(clerk, ABOUT_LEADER)
    assert [each.tag for each in clue.tree.iter()] == [each.tag for each in plain.tree.iter()]
    room = one_doors.sign_in(CLUE)
    room.unlock()
    assert "购物卡" in words_of(crawl(room))
    assert "购物卡" not in words_of(crawl(clerk))


def test_one_click_seals_it_while_it_is_taken_down(one_doors: Doors) -> None:
    call(one_doors.sign_in(OPERATOR), STORY, sealed="yes")
    assert the_case(one_doors).sealed


@pytest.mark.parametrize("person", [HANDLER, LEADER, CLUE, AUDITOR], ids=lambda person: person.username)
def test_other_roles_have_no_call_desk(one_doors: Doors, person: Person) -> None:
    clerk = one_doors.sign_in(person)
    assert clerk.get("/console/call").status == 403
    for path in ("/console/call", "/console/call/look"):
        assert clerk.act(path, {"story": STORY}).status == 403
    assert "/console/call" not in clerk.get("/console/").response.text
    assert count(one_doors, Case) == 0


def test_a_form_of_another_page_files_nothing(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    assert clerk.post("/console/call", form_of(clerk) | {"story": STORY, "csrf": "x"}).status == 403
    assert count(one_doors, Case) == 0


def test_the_key_of_a_draft_is_of_this_officer_and_this_day(one_doors: Doors) -> None:
    def key_of(clerk: Clerk) -> str:
        return str(clerk.get("/console/call").tree.xpath("string(//form[@data-call]/@data-draft-key)"))

    key = key_of(one_doors.sign_in(OPERATOR))
    assert len(key) == 64
    assert key_of(one_doors.sign_in(OPERATOR)) == key
    assert key_of(one_doors.sign_in(DISPATCHER)) != key
    one_doors.home.clock.turn(days=1)
    assert key_of(one_doors.sign_in(OPERATOR)) != key


def test_a_word_agreed_on_the_phone_tells_him_from_an_impostor_later(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    page = call(clerk, STORY, word="石榴树下")
    assert find_code(page)
    assert "石榴" not in page.response.text
    where = f"/console/words/{the_case(one_doors).id}"
    asked = clerk.get(where)
    assert "他说暗号了吗" in asked.text
    assert "对不上" in clerk.post(where, asked.form(where) | {"word": "枣树下"}).text
    heard = clerk.post(where, asked.form(where) | {"word": "石留树下"})
    assert "对上了" in heard.text
    assert "石" not in heard.response.text
    assert "没听清" not in heard.text
    assert clerk.post(where, asked.form(where)).status == 422
    dispatcher = one_doors.sign_in(DISPATCHER)
    assert where in dispatcher.get(f"/console/cases/{the_case(one_doors).id}").response.text
    for person in (HANDLER, LEADER, AUDITOR):
        assert one_doors.sign_in(person).get(where).status in {403, 404}


def test_a_word_too_short_is_told_at_its_field_and_nothing_is_filed(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    before = count(one_doors, Case)
    page = call(clerk, STORY, word="榴")
    assert page.status == 422
    assert page.tree.xpath("//*[@id='word-error']")
    assert STORY in page.text
    assert count(one_doors, Case) == before


def test_whoever_agreed_on_nothing_is_asked_for_his_code(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(OPERATOR)
    call(clerk, STORY)
    assert "查询码" in clerk.get(f"/console/words/{the_case(one_doors).id}").text
