"""Danger, anger and fear in a whole talk: filed and paged at once, a way out of talk of death, an answer to a cry."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.frontdesk import file_silent_talks
from bot.models import Handover
from casework.models.cases import Case
from casework.store import Store
from casework.types import Channel
from tests.bot.desk import STORY, Person, a_front_desk, an_intake, count, judge, set_up
from tests.casework.people import NOW, a_leader, a_person
from triage.context import Context
from triage.types import Assessment, Urgency

LATER = NOW + timedelta(hours=24)
ANGER, REAL = "只是气话", "真有这念头"


@pytest.fixture
def person(store: Store) -> Person:
    set_up(store)
    return Person(store, a_front_desk(), channel=Channel.WEB)


def cases(person: Person) -> list[Case]:
    with person.store.read() as session:
        return list(session.scalars(select(Case)))


def handovers(person: Person) -> int:
    with person.store.read() as session:
        return count(session, Handover)


@pytest.mark.parametrize("before", [(), ("你好",), (STORY,), (STORY, "1"), (STORY, "1", "对"), ("转人工",)])
def test_danger_is_heard_at_any_step(person: Person, before: tuple[str, ...]) -> None:
    for text in before:
        person.say(text)
    reply = person.say("隔壁床老头倒地上了 叫不应 嘴发青")
    assert reply.numbers[0].number == "120"
    assert [case.urgency for case in cases(person)] == [Urgency.CRITICAL]


def test_the_answer_to_a_question_may_be_danger(person: Person) -> None:
    assert person.say("护工骂人，饭也是馊的").question
    assert person.say("三楼，我妈噎着了").numbers[0].number == "120"


def test_a_fall_into_a_well_is_for_the_fire_brigade(person: Person) -> None:
    reply = person.say("我妈掉井里了")
    assert [each.number for each in reply.numbers] == ["119", "120"]
    assert "先打119！消防来救人。" in reply.lines


def test_details_of_an_old_story_raise_no_alarm(person: Person) -> None:
    person.say("我姥姥去年在麦陇镇敬老院挨打了")
    assert not person.say("满头都是血").numbers
    assert person.say("现在叫不醒了").numbers


def test_anger_is_asked_about_once_and_hands_nobody_over(person: Person) -> None:
    reply = person.say("气得我想死")
    assert [choice.label for choice in reply.choices] == [ANGER, REAL]
    assert not reply.numbers
    assert not person.say("气得我想死 真的是").choices
    assert handovers(person) == 0


@pytest.mark.parametrize("said", ["1", "只是气话", "就是句气话", "没事 说说而已", STORY])
def test_after_anger_the_matter_goes_its_way(person: Person, said: str) -> None:
    person.say("我死的心都有了")
    person.say(said)
    person.tell(STORY, "1", "对")
    assert len(cases(person)) == 1
    assert handovers(person) == 0


@pytest.mark.parametrize("said", ["2", "真有这念头", "不是气话"])
def test_meant_in_earnest_a_person_comes(person: Person, said: str) -> None:
    person.say("我死的心都有了")
    assert [each.number for each in person.say(said).numbers] == ["12356", "120"]
    assert handovers(person) == 1


def test_anothers_wish_to_die_gives_the_number_and_keeps_the_complaint(person: Person) -> None:
    person.say(STORY)
    reply = person.say("我妈被打得想死")
    assert reply.numbers[0].number == "12356"
    assert reply.question
    file_silent_talks(person.store, person.desk, LATER)
    assert len(cases(person)) == 1
    assert handovers(person) == 0


def test_a_complaint_told_before_talk_of_death_is_filed(person: Person) -> None:
    person.tell(STORY, "我不想活了")
    file_silent_talks(person.store, person.desk, LATER)
    assert len(cases(person)) == 1
    assert handovers(person) == 1


def test_talk_of_death_alone_is_never_filed(person: Person) -> None:
    person.tell("我不想活了", "药都攒好了", "没人管我")
    file_silent_talks(person.store, person.desk, LATER)
    assert cases(person) == []


def test_a_complaint_told_after_talk_of_death_is_filed(person: Person) -> None:
    person.say("我不想活了")
    assert not person.say("麦陇镇敬老院的护工打我妈").question
    file_silent_talks(person.store, person.desk, LATER)
    assert len(cases(person)) == 1
    assert handovers(person) == 1


def test_after_talk_of_death_no_question_of_the_form_comes_again(person: Person) -> None:
    person.tell(STORY, "熬不到头了，早走早好")
    said = ["跟谁也说不着", "孩子们都忙", "你听着没", "转人工", "外头下雨了", "谢谢你"]
    replies = [person.say(text) for text in said]
    assert [reply.question for reply in replies] == [""] * len(said)
    assert any(reply.numbers for reply in replies)
    assert len({reply.lines for reply in replies}) >= 3


def test_whoever_says_that_it_was_anger_is_let_out(person: Person) -> None:
    person.say("我不想活了")
    reply = person.say("我没事 就是气话")
    assert "那就好，我记着。" in reply.lines
    assert "值班的人已经叫了，您跟他说。" in reply.lines
    person.tell(STORY, "1", "对")
    assert len(cases(person)) == 1


def test_the_worst_sentence_gets_the_plainest_answer(person: Person) -> None:
    person.tell("我不想活了", "药都攒好了")
    reply = person.say("今天晚上就吃了算了")
    assert "东西放到门外，去喊个人来。" in reply.lines
    assert reply.numbers[0].number == "12356"


@pytest.mark.parametrize("cry", ["怎么办", "有人来救我吗", "他砸门了", "按铃没人来", "我好害怕"])
def test_a_cry_in_danger_is_answered(person: Person, cry: str) -> None:
    person.say("他又在打我")
    reply = person.say(cry)
    assert reply.numbers[0].number == "110"
    assert "走不了，门插上，别出声。" in reply.lines
    assert "值班的人已经叫了。" in reply.lines
    assert "12345" not in reply.text
    assert len(cases(person)) == 1


def test_who_may_not_be_heard_gets_a_silent_way(person: Person) -> None:
    person.say("他又在打我")
    reply = person.say("别打电话来 会响")
    assert reply.numbers[0].number == "12110"
    assert "不会有人找您" not in reply.text


def test_a_cry_without_danger_is_none(person: Person) -> None:
    assert "110" not in person.say("怎么办").text


def test_greetings_and_slips_are_greeted_back(person: Person) -> None:
    for text in ("喂你好我要头诉", "早上好 祝您平安", "哎妈呀 你们可得管管"):
        reply = person.say(text)
        assert reply.question == "有什么事，跟我说？"
        assert "12345" not in reply.text


def test_the_bureaus_own_leader_gets_the_lawful_road_once(person: Person) -> None:
    reply = person.say("县民政局局长收了钱，打了招呼，骂人")
    assert reply.numbers[0].number == "12388"
    assert "12388" not in person.say("民政局局长就在县里").text


def test_whose_line_this_is_is_told_honestly(person: Person) -> None:
    person.say(STORY)
    reply = person.say("这事报给你们 你们不就是他手下吗")
    assert "对，这条热线是民政局办的。" in reply.lines
    assert reply.numbers[0].number == "12388"


def test_what_goes_past_the_bureau_says_so(store: Store) -> None:
    set_up(store)
    with store.write() as session:
        leader = a_leader(session)
        post, name = leader.post, leader.name

    def assess(text: str, _context: Context) -> Assessment:
        named = (a_person(text, name, name=name, post=post),) if name in text else ()
        return replace(judge(text), persons=named)

    desk = a_front_desk(replace(an_intake(bypass_authority="县纪委监委〔2026〕1号"), assess=assess))
    person = Person(store, desk, channel=Channel.WEB)
    reply = person.tell(f"县民政局{post}{name}收了钱，护工打人他不管", "麦陇镇敬老院", "1", "对")
    assert "这件事绕开局里，交县纪委监委。" in reply.lines
    assert "想直接说，打12388也行。" in reply.lines
