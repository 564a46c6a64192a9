"""The front desk on both databases: the same answer on retries, words that rest nowhere, silence that files."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from bot.channels import ChannelError, EventKind, MessageKind, Problem
from bot.conversations import find_talk
from bot.frontdesk import FrontDesk, file_silent_talks, handle_inbound, view_talk
from bot.models import Conversation, DayKey, Handover, SeenMessage
from bot.types import Reply, Stage
from casework.models.cases import Case, Tally
from casework.store import Store
from casework.types import CaseStatus, Channel
from intake.models import ReplyAddress, Report
from tests.bot.desk import SENDER, STORY, Person, a_front_desk, a_message, a_picture, an_event, an_intake, count, set_up
from tests.casework.people import NOW
from triage.types import Urgency

LATER = NOW + timedelta(minutes=11)


@pytest.fixture
def desk() -> FrontDesk:
    return a_front_desk()


@pytest.fixture
def person(store: Store, desk: FrontDesk) -> Person:
    set_up(store)
    return Person(store, desk)


def cases(store: Store) -> list[Case]:
    with store.read() as session:
        return list(session.scalars(select(Case)))


def test_a_complaint_is_read_back_and_filed_with_a_code(person: Person) -> None:
    person.say(STORY)
    confirm = person.say("1")
    assert "麦陇镇敬老院" in confirm.text
    filed = person.say("对")
    assert filed.receipt_code is not None
    assert len(filed.receipt_code) == 16
    assert len(cases(person.store)) == 1


def test_the_same_message_again_gets_the_same_answer_and_no_second_case(person: Person) -> None:
    person.tell(STORY, "1")
    first, again = (handle(person, a_message("对", "same")) for _ in range(2))
    assert first == again
    assert first.receipt_code is not None
    assert len(cases(person.store)) == 1


def handle(person: Person, inbound) -> Reply:
    with person.store.write() as session:
        return handle_inbound(session, inbound, desk=person.desk, now=NOW)


def test_three_retries_in_parallel_are_one_message_with_one_answer(person: Person) -> None:
    person.tell(STORY, "1")
    answers: list[Reply] = []
    gate = threading.Barrier(3)

    def post() -> None:
        gate.wait()
        answers.append(handle(person, a_message("对", "same")))

    threads = [threading.Thread(target=post) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 3
    assert answers[0] == answers[1] == answers[2]
    assert len(cases(person.store)) == 1


def test_first_messages_of_one_sender_in_parallel_are_one_talk(person: Person) -> None:
    gate = threading.Barrier(4)
    failed: list[Exception] = []

    def post(number: int) -> None:
        gate.wait()
        try:
            handle(person, a_message(f"第{number}句，饭是馊的", f"m{number}"))
        except Exception as problem:
            failed.append(problem)

    threads = [threading.Thread(target=post, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with person.store.read() as session:
        assert (failed, count(session, Conversation)) == ([], 1)
        talk = find_talk(session, Channel.WECHAT, SENDER, days=person.desk.days, shelf=person.desk.intake.keys, now=NOW)
    assert talk is not None
    assert len(talk.lines) == 4


def test_two_senders_with_one_message_id_are_two_messages(person: Person) -> None:
    handle(person, a_message(STORY, "42"))
    handle(person, a_message("你好", "42", sender="another"))
    with person.store.read() as session:
        assert count(session, SeenMessage) == 2
        assert count(session, Conversation) == 2


def test_a_used_nonce_with_another_body_is_refused_and_nothing_is_stored(person: Person) -> None:
    handle(person, a_message(STORY, "1", nonce="n", body=b"one"))
    with pytest.raises(ChannelError) as caught:
        handle(person, a_message("别的", "2", nonce="n", body=b"two"))
    assert caught.value.problem is Problem.REPLAYED
    with person.store.read() as session:
        assert count(session, SeenMessage) == 2


def test_a_retry_with_its_nonce_is_no_replay(person: Person) -> None:
    first, again = (handle(person, a_message(STORY, "1", nonce="n", body=b"one")) for _ in range(2))
    assert first == again


def test_a_retry_after_midnight_is_still_the_same_message(person: Person) -> None:
    midnight = NOW.replace(hour=15, minute=59, second=59)  # 23:59:59 in Shanghai
    told = a_message(STORY, "1", sent_at=midnight)
    for moment in (midnight, midnight + timedelta(seconds=5)):
        with person.store.write() as session:
            handle_inbound(session, told, desk=person.desk, now=moment)
    with person.store.read() as session:
        assert count(session, SeenMessage) == 1


def test_no_word_and_no_sender_stands_in_the_database(person: Person) -> None:
    person.tell(STORY, "15412340001")
    with person.store.read() as session:
        tables = ("conversation", "seen_message", "day_key")
        rows = [bytes(str(row), "utf-8") for table in tables for row in session.execute(text(f"SELECT * FROM {table}"))]
    whole = b"".join(rows)
    for secret in (STORY, SENDER, "15412340001", "馊"):
        assert secret.encode() not in whole
        assert repr(secret.encode()).strip("b'").encode() not in whole


def test_after_filing_the_old_key_is_gone_and_with_it_the_words(person: Person) -> None:
    person.tell(STORY, "1")
    with person.store.read() as session:
        key_id = session.scalars(select(Conversation.key_id)).one()
    person.say("对")
    assert person.desk.intake.keys.get(key_id) is None
    with person.store.read() as session:
        talk = find_talk(session, Channel.WECHAT, SENDER, days=person.desk.days, shelf=person.desk.intake.keys, now=NOW)
    assert talk is not None
    assert (talk.lines, talk.said, talk.institution, talk.when) == ((), (), None, None)


def test_a_rolled_back_message_leaves_the_talk_as_it_was(person: Person) -> None:
    person.tell(STORY, "1")
    with pytest.raises(RuntimeError):
        answer_and_fail(person)
    assert cases(person.store) == []
    assert person.say("对").receipt_code is not None


def answer_and_fail(person: Person) -> None:
    with person.store.write() as session:
        handle_inbound(session, a_message("对", "lost"), desk=person.desk, now=NOW)
        raise RuntimeError("the database went away")


def test_silence_files_what_was_told_and_the_code_comes_first_afterwards(person: Person) -> None:
    person.say(STORY)
    assert file_silent_talks(person.store, person.desk, NOW + timedelta(minutes=9)) == 0
    assert file_silent_talks(person.store, person.desk, LATER) == 1
    assert file_silent_talks(person.store, person.desk, LATER) == 0
    back = person.say("你好", now=LATER + timedelta(hours=70))
    assert back.receipt_code is not None
    assert person.say("在吗", now=LATER + timedelta(hours=70)).receipt_code is None


def test_silence_does_not_file_a_greeting(person: Person) -> None:
    person.say("你好")
    assert file_silent_talks(person.store, person.desk, LATER) == 0


@pytest.mark.parametrize("stop", ["算了不说了", "我再想想"])
def test_silence_does_not_file_after(person: Person, stop: str) -> None:
    person.tell(STORY, stop)
    assert file_silent_talks(person.store, person.desk, NOW + timedelta(hours=24)) == 0
    assert cases(person.store) == []


def test_a_draft_lasts_seventy_two_hours_and_then_nothing_is_left(person: Person) -> None:
    person.tell(STORY, "我再想想")
    assert "三天" not in person.say("想好了，报吧", now=NOW + timedelta(hours=71)).text
    other = Person(person.store, person.desk, sender="other")
    other.tell(STORY, "我再想想")
    with person.store.read() as session:
        key_ids = list(session.scalars(select(Conversation.key_id)))
    file_silent_talks(person.store, person.desk, NOW + timedelta(hours=200))
    with person.store.read() as session:
        assert count(session, Conversation) == 0
    assert [person.desk.intake.keys.get(key_id) for key_id in key_ids] == [None, None]


def test_withdrawing_erases_the_words_at_once(person: Person) -> None:
    person.say(STORY)
    with person.store.read() as session:
        key_id = session.scalars(select(Conversation.key_id)).one()
    person.say("算了不说了")
    assert person.desk.intake.keys.get(key_id) is None


def test_danger_gives_the_number_first_and_files_as_critical(person: Person) -> None:
    reply = person.say("麦陇镇敬老院着火了")
    assert reply.text.splitlines()[0].endswith("119")
    assert reply.receipt_code is not None
    assert [case.urgency for case in cases(person.store)] == [Urgency.CRITICAL]


def test_what_comes_later_is_added_to_the_report(person: Person) -> None:
    person.tell(STORY, "1", "对")
    person.say("护工还骂人")
    with person.store.read() as session:
        assert count(session, Report) == 2
        assert count(session, Case) == 1


def test_a_day_later_it_is_a_new_story(person: Person) -> None:
    person.tell(STORY, "1", "对")
    tomorrow = NOW + timedelta(hours=25)
    file_silent_talks(person.store, person.desk, tomorrow)
    reply = person.say("你好", now=tomorrow)
    assert "清风热线" in reply.text


def test_only_a_wish_leaves_a_reply_address(person: Person) -> None:
    person.tell(STORY, "1", "对")
    with person.store.read() as session:
        assert count(session, ReplyAddress) == 0
    other = Person(person.store, person.desk, sender="other")
    other.tell(STORY, "3", "对")
    with person.store.read() as session:
        assert count(session, ReplyAddress) == 1


def test_unfollowing_drops_the_address_and_keeps_the_report(person: Person) -> None:
    person.tell(STORY, "3", "对")
    assert handle(person, an_event(EventKind.UNFOLLOWED)).text == ""
    with person.store.read() as session:
        assert (count(session, ReplyAddress), count(session, Report)) == (0, 1)


def test_withdrawing_after_filing_closes_the_case_after_one_question(person: Person) -> None:
    person.tell(STORY, "1", "对")
    assert "真要撤" in person.say("我要撤回").question
    person.say("1")
    assert [case.status for case in cases(person.store)] == [CaseStatus.WITHDRAWN]


def test_progress_of_what_was_filed_here_is_told_in_plain_words(person: Person) -> None:
    person.tell(STORY, "1", "对")
    assert "收到" in person.say("进度").text


def test_calling_a_person_is_remembered_once(person: Person) -> None:
    person.tell("转人工", "转人工")
    with person.store.read() as session:
        assert [row.reason for row in session.scalars(select(Handover))] == ["asked"]


def test_the_discipline_organs_own_leader_is_not_taken_but_counted(person: Person) -> None:
    reply = person.say("县纪委书记收了钱，还打人")
    assert "12388" in reply.text
    assert "市纪委监委" in reply.text
    file_silent_talks(person.store, person.desk, LATER)
    with person.store.read() as session:
        assert (count(session, Case), session.scalars(select(Tally.value)).one()) == (0, 1)


def test_the_page_can_draw_the_talk_again(person: Person) -> None:
    person.tell(STORY, "15412340001")
    with person.store.read() as session:
        view = view_talk(session, Channel.WECHAT, SENDER, desk=person.desk, now=NOW)
    assert view.stage is Stage.CONFIRMING
    assert {fact.field: fact.value for fact in view.facts}["place"] == "麦陇镇敬老院"
    assert [said for is_person, said in view.said if is_person] == [STORY, "15412340001"]
    assert view.files_at == NOW + timedelta(minutes=10)


def test_a_stranger_sees_the_greeting(store: Store, desk: FrontDesk) -> None:
    with store.read() as session:
        view = view_talk(session, Channel.WEB, "nobody", desk=desk, now=NOW)
        assert count(session, DayKey) == 0
    assert view.reply.question == "有什么事，跟我说？"


def test_pictures_before_the_story_are_kept(person: Person) -> None:
    handle(person, a_picture())
    person.tell(STORY)
    with person.store.read() as session:
        talk = find_talk(session, Channel.WECHAT, SENDER, days=person.desk.days, shelf=person.desk.intake.keys, now=NOW)
    assert talk is not None
    assert [(medium.kind, medium.vendor_id, medium.keys) for medium in talk.media] == [(MessageKind.IMAGE, "m1", None)]


def test_a_talk_of_an_unknown_shape_begins_anew(person: Person) -> None:
    person.say(STORY)
    with person.store.write() as session:
        session.scalars(select(Conversation)).one().state = b"from another release"
    assert person.say("你好").text.startswith("您好")


def test_a_lost_shelf_means_a_new_beginning_not_an_error(person: Person) -> None:
    person.say(STORY)
    fresh = a_front_desk(replace(person.desk.intake, keys=an_intake().keys))
    assert Person(person.store, fresh).say("你好").text.startswith("您好")


def test_keys_of_days_go_after_three_days(person: Person) -> None:
    person.say("你好")
    file_silent_talks(person.store, person.desk, NOW + timedelta(days=5))
    with person.store.read() as session:
        assert (count(session, DayKey), count(session, SeenMessage)) == (0, 0)
