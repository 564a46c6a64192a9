"""After the receipt: the code told once, progress, additions, the call-back, withdrawal, a person with office hours."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.conversations import find_talk
from bot.frontdesk import file_silent_talks
from bot.types import Stage, Talk
from casework.callbacks import wants_callback
from casework.dispositions import Ending, close_case
from casework.messages import list_messages
from casework.models.cases import Case
from casework.store import Store
from casework.types import CaseStatus, Channel, Finding
from tests.bot.desk import SENDER, STORY, Person, a_front_desk, set_up
from tests.casework.people import NOW, a_dispatcher, an_office

ANSWER = Ending(Finding.TRUE, "查过了，厨房换了人。")
WEEK = NOW + timedelta(days=7)
AT_NIGHT = datetime(2026, 10, 8, 12, 0, tzinfo=UTC)


@pytest.fixture
def person(store: Store) -> Person:
    set_up(store)
    return Person(store, a_front_desk())


def told(person: Person) -> str:
    """A report filed in a chat; its code."""
    code = person.tell(STORY, "1", "对").receipt_code
    assert code is not None
    return code


def the_talk(person: Person, now: datetime = NOW) -> Talk:
    with person.store.read() as session:
        shelf, days = person.desk.intake.keys, person.desk.days
        talk = find_talk(session, person.channel, person.sender, days=days, shelf=shelf, now=now)
    assert talk is not None
    return talk


def the_case(person: Person, look: Callable[[Case], object]) -> object:
    with person.store.read() as session:
        return look(session.scalars(select(Case)).one())


def close(person: Person) -> None:
    with person.store.write() as session:
        case = session.scalars(select(Case)).one()
        close_case(session, case, ANSWER, by=a_dispatcher(session), office=an_office(), now=NOW)


def test_a_chat_forgets_the_code_once_it_was_told_and_says_where_it_stands(person: Person) -> None:
    told(person)
    assert the_talk(person).code is None
    asked = person.say("查询码找不到了")
    assert "往上翻" in asked.text
    assert the_talk(person).handed_over is False
    person.say("还是找不到，码丢了")
    assert the_talk(person).handed_over is True


def test_a_page_keeps_the_code_until_its_reader_has_noted_it(store: Store) -> None:
    set_up(store)
    person = Person(store, a_front_desk(), channel=Channel.WEB)
    code = told(person)
    person.say("护工还骂人")
    assert the_talk(person).code == code
    person.say("", choice="code_noted")
    assert the_talk(person).code is None


def test_the_code_of_a_report_that_filed_itself_waits_for_three_days(person: Person) -> None:
    person.say(STORY)
    later = NOW + timedelta(minutes=11)
    assert file_silent_talks(person.store, person.desk, later) == 1
    back = later + timedelta(hours=71)
    file_silent_talks(person.store, person.desk, back)
    assert person.say("你好", now=back).receipt_code is not None
    assert the_talk(person, back).code is None


def test_what_was_told_already_is_not_asked_after_the_receipt(person: Person) -> None:
    person.tell("麦陇镇敬老院的饭是馊的，昨天吃了拉肚子，天天这样，我有照片", "1")
    asked = person.say("对")
    assert asked.receipt_code is not None
    assert asked.question == ""


@pytest.mark.parametrize("word", ["进度", "办到哪了", "有结果了吗"])
def test_progress_is_told_by_a_word(person: Person, word: str) -> None:
    told(person)
    assert "收到了" in person.say(word).text


def test_the_call_back_asks_facts_first_then_satisfaction_and_takes_the_matter_up_again(person: Person) -> None:
    told(person)
    close(person)
    asked = person.say("进度")
    assert ANSWER.public_reply in asked.text
    questions = [asked.question, *(person.say(words).question for words in ("没人来", "3", "不满意"))]
    assert questions == ["想问您一句，他们来办了吗？", "现在好了吗？", "办成这样，您满意吗？", "要不要接着办？"]
    assert "接着办" in person.say("1").text
    assert the_case(person, lambda case: case.status is not CaseStatus.CLOSED)
    with person.store.read() as session:
        case = session.scalars(select(Case)).one()
        assert list_messages(session, case)[-1].text == "回访：没人来办，还是那样，不满意，要接着办。"
        assert not wants_callback(session, case)


def test_a_contented_person_is_asked_three_things_once(person: Person) -> None:
    told(person)
    close(person)
    person.say("进度")
    assert person.tell("来办了", "好了", "满意").question == ""
    assert the_case(person, lambda case: case.status is CaseStatus.CLOSED)
    assert person.say("进度").question == ""


def test_another_word_leaves_the_call_back_alone(person: Person) -> None:
    told(person)
    close(person)
    person.say("进度")
    assert "补上去了" in person.say("护工昨天打翻了老人的碗").text


def test_a_matter_that_somebody_was_called_to_stays_though_he_withdraws(person: Person) -> None:
    person.say("麦陇镇敬老院着火了")
    person.say("我要撤回")
    assert "照样要去看" in person.say("1").text
    assert the_case(person, lambda case: case.status is not CaseStatus.WITHDRAWN)


def test_a_plain_matter_is_withdrawn_after_one_question(person: Person) -> None:
    told(person)
    assert "真要撤吗" in person.say("我要撤回").question
    person.say("撤了吧")
    assert the_case(person, lambda case: case.status is CaseStatus.WITHDRAWN)


def test_a_person_is_named_a_day_when_nobody_is_in_and_the_report_stays_open_to_additions(person: Person) -> None:
    told(person)
    assert "上班后" in person.say("转人工", now=AT_NIGHT).text
    assert the_talk(person, AT_NIGHT).stage is not Stage.WITH_PERSON
    person.say("护工还骂人", now=AT_NIGHT)
    assert the_talk(person, AT_NIGHT).sender == SENDER
    assert the_case(person, lambda case: case.status is CaseStatus.RECEIVED)
