"""Floods, two devices at once, messages out of order, a talk of an older release: nothing is lost, nobody is stuck."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.arrivals import FLOOD, MOST_TOLD, TAP_MESSAGES, WINDOW, arrive, unfold
from bot.channels import EventKind, Inbound, MediaRef, MessageKind, SendProblem
from bot.conversations import find_talk, load_talk, pack_talk, seal_bytes, unpack_talk
from bot.frontdesk import FrontDesk, file_silent_talks, handle_inbound
from bot.models import Conversation
from bot.types import Arrival, ContactWay, Reply, Stage, Talk
from bot.waiting import find_obstacle
from casework.models.cases import Case
from casework.store import Store
from casework.types import Channel
from tests.bot.desk import SENDER, STORY, Person, a_front_desk, a_message, an_event, count, set_up
from tests.casework.people import NOW

SECOND = timedelta(seconds=1)


@pytest.fixture
def person(store: Store) -> Person:
    set_up(store)
    return Person(store, a_front_desk())


def talk_of(person: Person) -> Talk:
    with person.store.read() as session:
        found = find_talk(
            session, person.channel, person.sender, days=person.desk.days, shelf=person.desk.intake.keys, now=NOW
        )
    assert found is not None
    return found


def take(store: Store, desk: FrontDesk, inbound: Inbound) -> Reply:
    with store.write() as session:
        return handle_inbound(session, inbound, desk=desk, now=NOW)


def test_a_flood_is_kept_whole_and_slowed_with_one_kind_word(person: Person) -> None:
    said = [person.say(f"饭是馊的，第{number}天", now=NOW) for number in range(FLOOD + 10)]
    talk = talk_of(person)
    assert [line for line in talk.lines if line.startswith("饭是馊的")] == [
        f"饭是馊的，第{number}天" for number in range(FLOOD + 10)
    ]
    assert said[FLOOD].text == "您慢慢说，说的都记着。"
    assert [reply.text for reply in said[FLOOD + 1 :]] == [""] * 9


def test_a_page_never_stays_without_a_word_in_a_flood(person: Person) -> None:
    person.channel = Channel.WEB
    said = [person.say(f"饭是馊的，第{number}天", now=NOW) for number in range(FLOOD + 3)]
    assert {reply.text for reply in said[FLOOD:]} == {"您慢慢说，说的都记着。"}


def test_a_minute_later_the_talk_goes_on_as_before(person: Person) -> None:
    for number in range(FLOOD + 5):
        person.say(f"饭是馊的，第{number}天", now=NOW)
    assert person.say("麦陇镇敬老院", now=NOW + timedelta(minutes=1)).question


def test_danger_in_a_flood_gets_its_number_at_once(person: Person) -> None:
    for number in range(FLOOD + 5):
        person.say(f"饭是馊的，第{number}天", now=NOW)
    assert [number.number for number in person.say("麦陇镇敬老院着火了", now=NOW).numbers][:1] == ["119"]


def test_a_wish_to_stop_is_heard_in_a_flood(person: Person) -> None:
    for number in range(FLOOD + 5):
        person.say(f"饭是馊的，第{number}天", now=NOW)
    person.say("算了不说了，撤回", now=NOW)
    assert talk_of(person).lines == ()


def test_a_flood_files_itself_after_silence_with_every_line(person: Person) -> None:
    for number in range(FLOOD + 5):
        person.say(f"饭是馊的，第{number}天", now=NOW)
    assert file_silent_talks(person.store, person.desk, NOW + timedelta(minutes=11)) == 1


def test_a_story_without_an_end_is_filed_and_what_follows_is_added(person: Person) -> None:
    long = "饭是馊的，老人吃了拉肚子。" * 100
    replies = [person.say(f"第{number}段：{long}", now=NOW) for number in range(MOST_TOLD // len(long) + 2)]
    assert any(reply.receipt_code for reply in replies)
    assert talk_of(person).is_filed
    with person.store.read() as session:
        assert count(session, Case) == 1


def test_two_devices_at_once_lose_no_word(store: Store) -> None:
    set_up(store)
    desk = a_front_desk()
    told = ["麦陇镇敬老院的饭是馊的", "护工还骂人", "昨天的事", "门锁着出不来"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda at: take(store, desk, a_message(told[at], str(at))), range(4)))
    talk = talk_of(Person(store, desk))
    assert sorted(talk.lines) == sorted(told)
    with store.read() as session:
        assert count(session, Conversation) == 1


def test_one_message_three_times_in_parallel_is_told_once(store: Store) -> None:
    set_up(store)
    desk = a_front_desk()
    with ThreadPoolExecutor(3) as pool:
        replies = list(pool.map(lambda _: take(store, desk, a_message()), range(3)))
    assert len({reply.text for reply in replies}) == 1
    assert talk_of(Person(store, desk)).lines == (STORY,)


def test_messages_out_of_order_stand_in_the_order_they_were_said(store: Store) -> None:
    set_up(store)
    desk = a_front_desk()
    told = ["麦陇镇敬老院的饭是馊的", "老人吃了拉肚子", "护工还骂人"]
    for at in (0, 2, 1):
        take(store, desk, a_message(told[at], str(at), sent_at=NOW + at * SECOND))
    assert list(talk_of(Person(store, desk)).lines) == told


def test_messages_of_one_second_stand_as_they_came(store: Store) -> None:
    set_up(store)
    desk = a_front_desk()
    for ident, text in (("1", "饭是馊的"), ("2", "护工还骂人")):
        take(store, desk, a_message(text, ident))
    assert talk_of(Person(store, desk)).lines == ("饭是馊的", "护工还骂人")


def store_talk(person: Person, packed: bytes) -> None:
    """Put a talk as another release packed it into the row of this person."""
    desk = person.desk
    with person.store.write() as session:
        kept = load_talk(session, person.channel, person.sender, days=desk.days, shelf=desk.intake.keys, now=NOW)
        row = session.scalars(select(Conversation)).one()
        row.state = seal_bytes(kept.key, "talk", kept.row.id, packed)


def an_older_talk(**changes: object) -> bytes:
    told = json.loads(pack_talk(Talk(channel=Channel.WECHAT, sender=SENDER, lines=(STORY,), is_complaint=True)))
    return json.dumps(told | changes).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"stage": "asked_long_ago"},
        {"media": [["image", "m1"]]},
        {"contact": "pigeon"},
        {"a_field_of_then": {"x": 1}},
        {"reply": {"lines": "no list"}},
        {"arrival": None},
        {"stage": 7, "danger": "dragons", "filed_at": "yesterday"},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_a_talk_of_another_release_keeps_its_words(person: Person, changes: dict[str, object]) -> None:
    store_talk(person, an_older_talk(**changes))
    assert person.say("老人吃了拉肚子", now=NOW).text
    assert talk_of(person).lines[0] == STORY


@pytest.mark.parametrize("packed", [b"", b"[]", b"not json", b'"words"', b"\xff"])
def test_what_is_no_talk_begins_anew(person: Person, packed: bytes) -> None:
    assert unpack_talk(packed) is None
    store_talk(person, packed)
    assert person.say(STORY, now=NOW).text


def test_a_message_opens_the_window_and_a_tap_never_shortens_it() -> None:
    told = arrive(Arrival(), a_message(), quota=5, now=NOW)
    assert (told.window_until, told.window_left) == (NOW + WINDOW, 5)
    tapped = arrive(told, an_event(EventKind.MENU, choice="progress"), quota=5, now=NOW)
    assert (tapped.window_until, tapped.window_left) == (NOW + WINDOW, 5)
    alone = arrive(Arrival(), an_event(EventKind.FOLLOWED), quota=5, now=NOW)
    assert (alone.window_until, alone.window_left) == (NOW + timedelta(minutes=1), TAP_MESSAGES)
    assert arrive(Arrival(), an_event(EventKind.UNFOLLOWED), quota=5, now=NOW).window_until is None


@pytest.mark.parametrize(
    ("arrival", "problem"),
    [
        (Arrival(), None),
        (Arrival(window_until=NOW + SECOND, window_left=1), None),
        (Arrival(window_until=NOW, window_left=5), SendProblem.WINDOW_CLOSED),
        (Arrival(window_until=NOW + SECOND, window_left=0), SendProblem.QUOTA_SPENT),
    ],
)
def test_what_the_vendor_would_refuse_is_known_before_it_is_asked(
    arrival: Arrival, problem: SendProblem | None
) -> None:
    assert find_obstacle(arrival, NOW) is problem


def test_words_under_a_picture_are_heard_after_it() -> None:
    picture = a_message("这是厨房", kind=MessageKind.IMAGE, media=(MediaRef(MessageKind.IMAGE, "m1"),))
    first, second = unfold(picture)
    assert (first.kind, first.text, second.kind, second.text) == (
        MessageKind.IMAGE,
        "",
        MessageKind.TEXT,
        "这是厨房",
    )
    assert [part.kind for part in unfold(replace(picture, too_large=True))] == [MessageKind.TEXT]
    assert unfold(replace(picture, text="", too_large=True)) == ()


def test_danger_under_a_picture_is_danger(person: Person) -> None:
    picture = {"kind": MessageKind.IMAGE, "media": (MediaRef(MessageKind.IMAGE, "m1"),)}
    assert person.say("麦陇镇敬老院着火了", now=NOW, **picture).numbers


def test_the_settled_facts_of_a_talk_survive_a_field_nobody_knows() -> None:
    known = unpack_talk(an_older_talk(stage="gone", contact=ContactWay.HERE.value))
    assert known is not None
    assert (known.stage, known.contact, known.is_complaint) == (Stage.LISTENING, ContactWay.HERE, True)
