"""The web chat without script, as an old woman meets it: told, read back, filed, and nothing of it lost on the way."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from api.app import create_app
from api.public import LONGEST
from casework.models.cases import Case
from casework.store import Store
from intake.models import Report
from tests.api.visitors import Browser, Doors, Page, Visitor, find_code

STORY = "麦陇镇敬老院的饭是馊的，老人吃了拉肚子。"
NOWHERE = ("sqlite:////nowhere/at/all/hotline.db", "postgresql+psycopg://127.0.0.1:9/nobody")


def count(doors: Doors, model: Any = Report) -> int:
    with doors.home.house.store.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def said_on(page: Page) -> list[str]:
    return [str(each) for each in page.tree.xpath("//p[@class='said']/text()")]


@pytest.fixture
def nowhere(one_doors: Doors, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """A visitor of the same house while its database can't be reached."""
    store = Store(request.param)
    yield Visitor(Browser(create_app(replace(one_doors.home.house, store=store))))
    store.close()


def test_a_story_is_asked_about_read_back_and_filed(doors: Doors) -> None:
    visitor = doors.visitor()
    asked = visitor.say(STORY)
    assert asked.buttons()["contact_none"].endswith("不留名，不留电话")
    read_back = visitor.say(choice="contact_none", page=asked)
    assert "麦陇镇敬老院" in read_back.text
    assert "fix_place" in read_back.buttons()
    assert count(doors) == 0
    done = visitor.say(choice="confirm_yes", page=read_back)
    assert len(find_code(done)) == 16
    assert (count(doors), count(doors, Case)) == (1, 1)


def test_a_greeting_leaves_no_cookie_and_no_row(one_doors: Doors) -> None:
    visitor = one_doors.visitor()
    assert "有什么事" in visitor.get("/").text
    assert not visitor.client.cookies


def test_at_most_two_things_are_asked_before_it_is_read_back(one_doors: Doors) -> None:
    visitor = one_doors.visitor()
    page = visitor.say("饭是馊的，吃了拉肚子。")
    questions = 0
    while "confirm_yes" not in page.buttons():
        questions += 1
        assert questions <= 2, page.text
        offered = "contact_none" in page.buttons()
        page = visitor.say("" if offered else "麦陇镇敬老院", "contact_none" if offered else "", page)
    assert questions == 2


def test_an_answer_typed_as_its_number_counts_as_the_button(one_doors: Doors) -> None:
    visitor = one_doors.visitor()
    page = visitor.say("1", page=visitor.say(STORY))
    assert "confirm_yes" in page.buttons()


def test_what_was_wrong_is_corrected_before_it_is_filed(one_doors: Doors) -> None:
    visitor = one_doors.visitor()
    page = visitor.say(choice="contact_none", page=visitor.say(STORY))
    page = visitor.say("不对，是南荇镇敬老院", page=visitor.say(choice="confirm_no", page=page))
    while "confirm_yes" in page.buttons():
        assert "南荇镇敬老院" in page.text
        page = visitor.say(choice="confirm_yes", page=page)
    assert find_code(page)
    with one_doors.home.house.store.read() as session:
        assert session.scalars(select(Case.institution_code)).one() == "nanxing-jly"


def test_nothing_written_is_an_error_at_the_field(one_doors: Doors) -> None:
    page = one_doors.visitor().say("   ")
    assert page.status == 422
    assert page.error_at("text") == "还没写呢。写一句再按。"
    assert page.tree.xpath("//textarea[@aria-invalid='true' and @aria-describedby='text-error']")


def test_what_is_too_long_is_kept_to_be_cut(one_doors: Doors) -> None:
    words = "饭" * (LONGEST + 1)
    page = one_doors.visitor().say(words)
    assert page.status == 422
    assert page.error_at("text") == "太长了。请分两回说，先按一次。"
    assert page.value_of("text") == words


def test_two_taps_on_one_page_are_one_message(doors: Doors) -> None:
    visitor = doors.visitor()
    page = visitor.say(STORY)
    again = page.form("/say") | {"text": "就是上个月的事"}
    visitor.post("/say", again)
    twice = visitor.post("/say", again)
    assert said_on(twice).count("就是上个月的事") == 1
    assert twice.text.count("就是上个月的事") <= visitor.get("/").text.count("就是上个月的事")


def test_two_taps_on_the_very_first_page_begin_one_talk(doors: Doors) -> None:
    visitor = doors.visitor()
    form = visitor.get("/").form("/say") | {"text": STORY, "choice": ""}
    sent = [Browser(doors.app).post("/say", data=form) for _ in range(2)]
    assert sent[0].cookies["talk"] == sent[1].cookies["talk"]


def test_the_first_page_sent_again_after_the_talk_went_on_opens_nothing(one_doors: Doors) -> None:
    visitor = one_doors.visitor()
    form = visitor.get("/").form("/say") | {"text": STORY, "choice": ""}
    visitor.say(choice="contact_none", page=visitor.post("/say", form))
    stranger = Visitor(Browser(one_doors.app))
    assert "confirm_yes" not in stranger.post("/say", form).buttons()


def test_other_words_from_the_same_page_are_another_message(one_doors: Doors) -> None:
    visitor = one_doors.visitor()
    form = visitor.say(STORY).form("/say")
    visitor.post("/say", form | {"text": "夜里没人管"})
    page = visitor.post("/say", form | {"text": "冬天也没有暖气"})
    assert "冬天也没有暖气" in page.text


def test_the_receipt_stands_there_after_a_reload_and_only_one_report(one_doors: Doors) -> None:
    visitor = one_doors.visitor()
    code = find_code(visitor.tell(STORY))
    assert find_code(visitor.get("/")) == code
    assert count(one_doors) == 1


def test_the_code_is_drawn_in_four_groups_to_be_copied_by_hand(one_doors: Doors) -> None:
    page = one_doors.visitor().tell(STORY)
    groups = page.tree.xpath("//*[@id='code']/span/text()")
    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert page.tree.xpath("//button[@data-copy]/@data-copy") == [" ".join(groups)]
    assert page.tree.xpath("//button[@data-print]")


def test_what_is_said_after_filing_goes_to_the_same_case(one_doors: Doors) -> None:
    visitor = one_doors.visitor()
    visitor.say("上个月十五号也有过一回", page=visitor.tell(STORY))
    assert count(one_doors, Case) == 1


@pytest.mark.parametrize(
    ("words", "number"),
    [("着火了，三楼全是烟！", "119"), ("我爹昏倒了，叫不醒", "120"), ("护工正在打我妈，快来人", "110")],
)
def test_danger_is_answered_with_the_number_before_anything_else(one_doors: Doors, words: str, number: str) -> None:
    page = one_doors.visitor().say(words)
    assert page.tree.xpath(f"//section[@class='alarm']//a[@href='tel:{number}']")
    assert page.response.text.index(f"tel:{number}") < page.response.text.index('id="question"')


def test_a_withdrawn_story_leaves_no_report(one_doors: Doors) -> None:
    visitor = one_doors.visitor()
    page = visitor.say("算了，不说了", page=visitor.say(STORY))
    assert count(one_doors) == 0
    assert STORY not in page.text


@pytest.mark.parametrize("nowhere", NOWHERE, indirect=True)
def test_while_the_database_is_down_the_words_stand_on_the_page(nowhere: Visitor) -> None:
    turn = {"turn": "a-turn-of-the-page", "choice": "", "text": STORY}
    page = nowhere.post("/say", turn)
    assert page.status == 503
    assert page.value_of("kept") == STORY
    assert "sqlite" not in page.text.lower()
    assert not nowhere.client.cookies


@pytest.mark.parametrize("nowhere", NOWHERE[:1], indirect=True)
def test_while_the_database_is_down_every_page_says_so_kindly(nowhere: Visitor) -> None:
    for path in ("/track", "/family", "/blank", "/console/sign-in", "/healthz"):
        assert nowhere.get(path).status == 200
    assert nowhere.get("/readyz").status == 503
    nowhere.client.cookies.set("talk", "a-talk-of-before")
    page = nowhere.get("/")
    assert page.status == 503
    assert "这会儿存不上" in page.text


def test_a_larger_print_is_chosen_once_and_kept_by_the_browser(one_doors: Doors) -> None:
    visitor = one_doors.visitor()
    sizes = []
    for _ in range(3):
        form = visitor.get("/family").form("/size")
        (button,) = visitor.get("/family").tree.xpath("//button[@name='to']/@value")
        page = visitor.post("/size", form | {"to": button})
        assert page.path == "/family"
        sizes.append(page.tree.get("class"))
    assert sizes == ["large", "huge", "normal"]


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""])
def test_the_size_switch_leads_nowhere_else(one_doors: Doors, back: str) -> None:
    answer = one_doors.client().post("/size", data={"to": "large", "back": back})
    assert answer.headers["location"] == "/"


def test_leaving_forgets_the_talk_and_shows_a_page_that_tells_nothing(one_doors: Doors) -> None:
    visitor = one_doors.visitor()
    visitor.tell(STORY)
    answer = visitor.client.post("/leave")
    assert '"storage"' in answer.headers["clear-site-data"]
    page = visitor.get(answer.headers["location"])
    assert "清风" not in page.text
    assert "talk" not in visitor.client.cookies
    assert not find_code(visitor.get("/"))


def test_somebody_else_at_the_same_house_sees_nothing_of_it(one_doors: Doors) -> None:
    one_doors.visitor().tell(STORY)
    assert STORY not in one_doors.visitor().get("/").text


def test_a_cookie_that_somebody_made_up_is_no_talk(one_doors: Doors) -> None:
    visitor = one_doors.visitor()
    visitor.client.cookies.set("talk", "planted-by-the-director", domain="127.0.0.1")
    visitor.say(STORY)
    assert visitor.client.cookies["talk"] != "planted-by-the-director"
    spy = one_doors.visitor()
    spy.client.cookies.set("talk", "planted-by-the-director", domain="127.0.0.1")
    assert STORY not in spy.get("/").text


def test_who_left_an_empty_talk_in_a_shared_browser_cannot_follow_it(one_doors: Doors) -> None:
    spy, old_woman = one_doors.visitor(), one_doors.visitor()
    spy.say("你好")
    planted = spy.client.cookies["talk"]
    old_woman.client.cookies.set("talk", planted, domain="127.0.0.1")
    page = old_woman.say(STORY)
    assert STORY in page.text
    assert old_woman.client.cookies["talk"] != planted
    assert STORY not in spy.get("/").text


def test_a_greeting_and_then_a_story_are_one_talk_to_her(one_doors: Doors) -> None:
    visitor = one_doors.visitor()
    visitor.say("你好")
    page = visitor.say(STORY)
    page = visitor.say("我在麦陇镇", page=page)
    assert STORY in page.text
