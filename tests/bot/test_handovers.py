"""Talks handed to a person: who may read them, the bot silent meanwhile, an answer in the same chat, given back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels import OutboundMessage, SendError, SendProblem
from bot.conversations import open_talk
from bot.courier import send_message
from bot.frontdesk import FrontDesk, file_silent_talks, view_talk
from bot.handovers import (
    SPEAKS,
    HandedTalk,
    HandoverDesk,
    answer_handover,
    give_back,
    list_handovers_for,
    reach_of_talk,
    read_handover,
    take_handover,
)
from bot.models import Conversation, Handover
from bot.types import OfficerWord, Talk
from bot.waiting import WORD_PREFIX
from casework.errors import InvalidField, NotAllowed, NotFound
from casework.jobs import JobFailure
from casework.ledger import Verb
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.models.people import Officer
from casework.store import Store
from casework.types import Channel, DeliveryStatus, Role
from tests.bot.desk import STORY, Person, a_front_desk, set_up
from tests.casework.people import NOW, an_officer

EVENING = datetime(2026, 10, 8, 12, 0, tzinfo=UTC)
"""Thursday 20:00 in Shanghai, when the office is closed."""
OPERATOR, OTHER, CHIEF = "kong", "zhou", "meng"


class Chat:
    """The other side of a chat: keeps what was sent, or refuses it."""

    channel = Channel.WECHAT

    def __init__(self, problem: SendProblem | None = None) -> None:
        self.sent: list[str] = []
        self.problem = problem

    def send(self, message: OutboundMessage) -> None:
        if self.problem is not None:
            raise SendError(Channel.WECHAT, self.problem, "45015")
        self.sent.append(message.text)

    def notify(self, recipient: str, *, now: datetime) -> str | None:
        return None


class Office:
    """The desk's staff at work, one unit of work an act."""

    def __init__(self, store: Store, front: FrontDesk) -> None:
        self.store = store
        self.desk = HandoverDesk(front)

    def sees(self, username: str, now: datetime = NOW) -> list[HandedTalk]:
        with self.store.read() as session:
            return list_handovers_for(session, officer(session, username), desk=self.desk, now=now)

    def do(self, act: Callable[..., object], username: str, *more: str, now: datetime = NOW) -> object:
        with self.store.write() as session:
            ident = session.scalars(select(Handover.id).order_by(Handover.asked_at.desc())).first() or ""
            return act(session, officer(session, username), ident, *more, desk=self.desk, now=now)

    def send(self, chat: Chat) -> list[DeliveryStatus | None]:
        """What the courier's jobs do with every word that waits."""
        return [self.send_word(chat, subject) for subject in self.subjects()]

    def send_word(self, chat: Chat, subject: str) -> DeliveryStatus | None:
        adapters = {Channel.WECHAT: chat}
        return send_message(self.store, subject, desk=self.desk.front, adapters=adapters, clock=lambda: NOW)  # type: ignore[arg-type]

    def subjects(self) -> list[str]:
        with self.store.read() as session:
            row = session.scalars(select(Conversation)).one()
            ident = row.id
        return [f"{WORD_PREFIX}{ident}/{word.id}" for word in self.outgoing()]

    def outgoing(self) -> tuple[OfficerWord, ...]:
        return self.talk().outgoing

    def talk(self) -> Talk:
        with self.store.read() as session:
            row = session.scalars(select(Conversation)).one()
            key = self.desk.front.intake.keys.get(row.key_id)
            assert key is not None
            talk = open_talk(row, key)
        assert talk is not None
        return talk

    def verbs(self) -> list[str]:
        with self.store.read() as session:
            return list(session.scalars(select(LedgerEntry.verb).where(LedgerEntry.subject == "handover")))


def officer(session: Session, username: str) -> Officer:
    return session.scalars(select(Officer).where(Officer.username == username)).one()


@pytest.fixture
def person(store: Store) -> Person:
    set_up(store)
    with store.write() as session:
        an_officer(session, OPERATOR, "孔小桐", "hotline", Role.OPERATOR)
        an_officer(session, OTHER, "周建禾", "hotline", Role.OPERATOR)
        an_officer(session, CHIEF, "孟怀川", "hotline", Role.SUPERVISOR)
        an_officer(session, "clerk", "陶玉苓", "civil_affairs", Role.HANDLER)
    return Person(store, a_front_desk())


@pytest.fixture
def office(person: Person) -> Office:
    return Office(person.store, person.desk)


def test_whoever_calls_for_a_person_waits_at_the_desk(person: Person, office: Office) -> None:
    person.tell(STORY, "转人工")
    [talk] = office.sees(OPERATOR)
    assert (talk.reason, talk.taken_by, talk.institution) == ("asked", None, "麦陇镇敬老院")
    assert [words for is_person, words in talk.said if is_person] == [STORY, "转人工"]


def test_who_writes_is_covered(person: Person, office: Office) -> None:
    person.tell(STORY, "我叫崔喜凤，电话15412340001", "转人工")
    shown = str(office.sees(OPERATOR))
    assert "15412340001" not in shown
    assert person.sender not in shown
    assert "▇" in shown


def test_a_named_officer_never_learns_of_the_talk(person: Person, office: Office) -> None:
    person.tell(STORY, "孔小桐知道了也不管，转人工")
    assert office.sees(OPERATOR) == []
    assert len(office.sees(OTHER)) == 1
    for act in (read_handover, take_handover, give_back):
        with pytest.raises(NotFound):
            office.do(act, OPERATOR)


def test_who_is_named_later_loses_sight_of_it(person: Person, office: Office) -> None:
    person.tell(STORY, "转人工")
    assert len(office.sees(OPERATOR)) == 1
    person.tell("就是你们那个孔小桐骂的我")
    assert office.sees(OPERATOR) == []


DANGER = "我不想活了，今晚就跳楼"


def reach(office: Office) -> tuple[set[str], str | None]:
    """Whom a call for the talk may go to, by user name."""
    with office.store.read() as session:
        ident = session.scalars(select(Handover.id)).one()
        found = reach_of_talk(session, ident, desk=office.desk, now=NOW)
        return {session.get_one(Officer, each).username for each in found.officers}, found.superior


def test_whoever_drives_a_person_to_despair_is_not_the_one_called(person: Person, office: Office) -> None:
    person.tell(f"{DANGER}，是热线的孟怀川骂我逼我的")
    assert reach(office) == ({OPERATOR, OTHER}, None)


def test_a_wrong_sign_in_the_name_does_not_get_him_called(person: Person, office: Office) -> None:
    person.tell(f"{DANGER}，是热线的孟怀穿骂我逼我的")
    assert CHIEF not in reach(office)[0]


def test_a_talk_that_names_everybody_of_the_desk_goes_to_the_body_above(person: Person, office: Office) -> None:
    person.tell(f"{DANGER}，孔小桐、周建禾和孟怀川骂我")
    assert reach(office) == (set(), "up")


def test_a_talk_that_names_nobody_calls_the_whole_desk(person: Person, office: Office) -> None:
    person.tell(DANGER)
    assert reach(office) == ({OPERATOR, OTHER, CHIEF}, None)


def test_other_roles_have_no_such_desk(person: Person, office: Office) -> None:
    person.tell(STORY, "转人工")
    assert office.sees("clerk") == []


def test_the_bot_falls_silent_and_what_is_said_is_kept(person: Person, office: Office) -> None:
    person.tell(STORY, "转人工")
    office.do(take_handover, OPERATOR)
    assert person.say("那我问问，退钱要找谁").text == ""
    [talk] = office.sees(OPERATOR)
    assert talk.said[-1] == (True, "那我问问，退钱要找谁")
    assert talk.taken_by == "孔小桐"


def test_danger_still_goes_first_while_an_officer_is_there(person: Person, office: Office) -> None:
    person.tell("转人工")
    office.do(take_handover, OPERATOR)
    reply = person.say("着火了，麦陇镇敬老院，人还在里面")
    assert reply.numbers[0].number == "119"
    with person.store.read() as session:
        assert session.scalars(select(Case)).first() is not None


def test_an_answer_stands_on_the_page_and_goes_into_the_chat(person: Person, office: Office) -> None:
    person.tell(STORY, "转人工")
    office.do(take_handover, OPERATOR)
    office.do(answer_handover, OPERATOR, "您说的我看了。")
    with person.store.read() as session:
        view = view_talk(session, Channel.WECHAT, person.sender, desk=person.desk, now=NOW)
    assert view.reply.lines[-1] == SPEAKS + "您说的我看了。"
    assert view.waits_for_person
    chat = Chat()
    assert set(office.send(chat)) == {DeliveryStatus.SENT}
    assert chat.sent[-1] == SPEAKS + "您说的我看了。"
    assert "孔小桐" not in "".join(chat.sent)
    assert office.outgoing() == ()


def test_a_word_is_sent_once(person: Person, office: Office) -> None:
    person.tell("转人工")
    office.do(take_handover, OPERATOR)
    [subject] = office.subjects()
    chat = Chat()
    assert [office.send_word(chat, subject), office.send_word(chat, subject)] == [DeliveryStatus.SENT, None]
    assert len(chat.sent) == 1


def test_a_word_that_cannot_be_sent_is_told_to_the_officer(person: Person, office: Office) -> None:
    person.tell("转人工")
    office.do(take_handover, OPERATOR)
    assert office.send(Chat(SendProblem.WINDOW_CLOSED)) == [DeliveryStatus.FAILED]
    assert office.sees(OPERATOR)[0].undelivered == 1


def test_a_word_that_waited_goes_out_when_the_person_writes_again(person: Person, office: Office) -> None:
    person.tell("转人工")
    office.do(take_handover, OPERATOR)
    office.send(Chat(SendProblem.QUOTA_SPENT))
    person.tell("还在吗")
    assert [word.status for word in office.outgoing()] == [DeliveryStatus.QUEUED]
    chat = Chat()
    assert office.send(chat) == [DeliveryStatus.SENT]
    assert chat.sent == ["工作人员来了，在看您的话。"]


def test_a_vendor_that_is_down_is_asked_again(person: Person, office: Office) -> None:
    person.tell("转人工")
    office.do(take_handover, OPERATOR)
    [subject] = office.subjects()
    with pytest.raises(JobFailure):
        office.send_word(Chat(SendProblem.LATER), subject)
    assert office.send_word(Chat(), subject) is DeliveryStatus.SENT


def test_only_who_took_it_answers_and_a_supervisor_may_step_in(person: Person, office: Office) -> None:
    person.tell(STORY, "转人工")
    office.do(take_handover, OPERATOR)
    for act, more in ((take_handover, ()), (answer_handover, ("您好",)), (give_back, ())):
        with pytest.raises(NotAllowed):
            office.do(act, OTHER, *more)
    office.do(take_handover, CHIEF)
    office.do(answer_handover, CHIEF, "我来接着说。")


@pytest.mark.parametrize("text", ["", "  ", "长" * 501])
def test_an_answer_has_words_and_not_too_many(person: Person, office: Office, text: str) -> None:
    person.tell("转人工")
    office.do(take_handover, OPERATOR)
    with pytest.raises(InvalidField):
        office.do(answer_handover, OPERATOR, text)


def test_given_back_it_goes_on_where_it_was(person: Person, office: Office) -> None:
    asked = person.tell(STORY, "转人工").question
    office.do(take_handover, OPERATOR)
    office.do(give_back, OPERATOR)
    assert office.sees(OPERATOR) == []
    with person.store.read() as session:
        view = view_talk(session, Channel.WECHAT, person.sender, desk=person.desk, now=NOW)
    assert view.reply.question == asked
    assert not view.waits_for_person
    assert person.tell("不留名").question != asked


def test_after_giving_back_a_person_may_be_called_again(person: Person, office: Office) -> None:
    person.tell("转人工")
    office.do(take_handover, OPERATOR)
    office.do(give_back, OPERATOR)
    person.tell("还是转人工吧")
    assert len(office.sees(OPERATOR)) == 1


def test_everything_done_stands_in_the_ledger_without_a_word(person: Person, office: Office) -> None:
    person.tell(STORY, "转人工")
    office.do(read_handover, OPERATOR)
    office.do(take_handover, OPERATOR)
    office.do(answer_handover, OPERATOR, "您说的我看了。")
    office.do(give_back, OPERATOR)
    assert office.verbs() == [Verb.READ, Verb.TALK_TAKEN, Verb.ANSWERED, Verb.TALK_GIVEN_BACK]
    with person.store.read() as session:
        assert not any(entry.details for entry in session.scalars(select(LedgerEntry)) if entry.subject == "handover")


def test_a_complaint_files_itself_even_if_the_officer_forgets_it(person: Person, office: Office) -> None:
    person.tell(STORY, "转人工")
    office.do(take_handover, OPERATOR)
    assert file_silent_talks(person.store, person.desk, NOW + timedelta(minutes=29)) == 0
    assert file_silent_talks(person.store, person.desk, NOW + timedelta(minutes=31)) == 1


def test_after_filing_the_words_of_the_chat_are_shed_when_it_is_given_back(person: Person, office: Office) -> None:
    person.tell(STORY, "不留名", "对", "转人工", "我想问问退钱的事")
    [talk] = office.sees(OPERATOR)
    assert talk.is_filed
    assert STORY not in str(talk.said)
    office.do(take_handover, OPERATOR)
    person.tell("退钱要几天")
    assert "退钱要几天" in str(office.sees(OPERATOR)[0].said)
    office.do(give_back, OPERATOR)
    assert "退钱" not in str(office.talk().said)


def test_out_of_hours_the_day_is_named_and_the_talk_waits_for_it(person: Person, office: Office) -> None:
    reply = person.tell("转人工", now=EVENING)
    assert "10月9日(星期五)08:30" in reply.text
    file_silent_talks(person.store, person.desk, EVENING + timedelta(hours=20))
    assert len(office.sees(OPERATOR, EVENING + timedelta(hours=20))) == 1


def test_a_filed_talk_waits_over_a_weekend(person: Person, office: Office) -> None:
    saturday = datetime(2026, 10, 17, 3, 0, tzinfo=UTC)
    person.tell(STORY, "不留名", "对", "转人工", now=saturday)
    file_silent_talks(person.store, person.desk, saturday + timedelta(hours=47))
    assert len(office.sees(OPERATOR, saturday + timedelta(hours=47))) == 1


def test_talk_of_self_harm_stands_first_and_somebody_is_called(person: Person, office: Office) -> None:
    other = Person(person.store, person.desk, sender="oWangtong_0002")
    person.tell("转人工")
    reply = other.say("我不想活了", now=NOW + timedelta(minutes=1))
    assert "值班" in reply.text
    first, second = office.sees(OPERATOR)
    assert first.is_urgent
    assert not second.is_urgent


def call_in_turn(person: Person, *calls: str) -> None:
    """One person after the other calls, each about something of his own."""
    for number, words in enumerate(calls):
        caller = Person(person.store, person.desk, sender=f"oCaller{number}")
        caller.tell(words, "转人工", now=NOW + timedelta(seconds=number))


def test_many_talks_that_he_may_not_see_hide_none_that_he_may(
    person: Person, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.handovers.AT_ONCE", 2)
    call_in_turn(person, *[f"孔小桐骂人，第{number}回" for number in range(3)], STORY)
    [talk] = office.sees(OPERATOR)
    assert talk.institution == "麦陇镇敬老院"


def test_who_may_harm_himself_stands_before_all_who_waited_longer(
    person: Person, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.handovers.AT_ONCE", 2)
    call_in_turn(person, STORY, STORY, STORY)
    Person(person.store, person.desk, sender="oDesperate").say("我不想活了", now=NOW + timedelta(minutes=1))
    talks = office.sees(OPERATOR)
    assert [talk.is_urgent for talk in talks] == [True, False]
