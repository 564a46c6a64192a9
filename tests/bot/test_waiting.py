"""Writing first on WeChat: counted against the window, by the office's form once it is shut, never lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.channels import OutboundMessage, SendError, SendProblem
from bot.conversations import find_talk
from bot.courier import NewsState, list_news_states, send_message, tell_reporter_news
from bot.frontdesk import file_silent_talks
from bot.models import Conversation, Outbound
from bot.silence import TALK_PREFIX
from bot.types import Talk
from casework.jobs import JobFailure
from casework.models.cases import Case
from casework.news import NewsPhrase, pack_news
from casework.store import Store
from casework.types import Channel, DeliveryStatus
from tests.bot.desk import STORY, Person, a_front_desk, set_up
from tests.casework.job_desk import job_rows
from tests.casework.people import NOW

SENT, FAILED = DeliveryStatus.SENT, DeliveryStatus.FAILED
LATER = NOW + timedelta(hours=49)


@dataclass
class Chat:
    """The vendor: keeps what was sent, refuses as told, and has a form or not."""

    channel: Channel = Channel.WECHAT
    refusals: list[SendProblem] = field(default_factory=list)
    form: str | None = None
    sent: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)

    def send(self, message: OutboundMessage) -> None:
        if self.refusals:
            raise SendError(self.channel, self.refusals.pop(0), "1")
        self.sent.append(message.text)

    def notify(self, recipient: str, *, now: datetime) -> str | None:
        if self.form is not None:
            self.forms.append(recipient)
        return self.form


@dataclass
class Reader(Person):
    """One who filed a report and wants to be told here, and the vendor between us."""

    chat: Chat = field(default_factory=Chat)

    def news(self, *, now: datetime = NOW) -> str:
        """News of his case; the row that waits."""
        tell_reporter_news(self.store, pack_news(self.case_id, NewsPhrase.REPLIED), now=now)
        with self.store.read() as session:
            return str(session.scalars(select(Outbound.id).where(Outbound.status == DeliveryStatus.QUEUED)).one())

    def send(self, subject: str, *, now: datetime = NOW) -> DeliveryStatus | None:
        return send_message(
            self.store,
            subject,
            desk=self.desk,
            adapters={Channel.WECHAT: self.chat},  # type: ignore[dict-item]  # as much of an adapter as is used
            clock=lambda: now,
        )

    @property
    def case_id(self) -> str:
        with self.store.read() as session:
            return str(session.scalars(select(Case.id)).one())

    @property
    def talk(self) -> Talk:
        with self.store.read() as session:
            found = find_talk(
                session, self.channel, self.sender, days=self.desk.days, shelf=self.desk.intake.keys, now=NOW
            )
        assert found is not None
        return found

    def states(self) -> Sequence[NewsState]:
        with self.store.read() as session:
            return list_news_states(session, self.case_id)


@pytest.fixture
def reader(store: Store) -> Reader:
    set_up(store)
    told = Reader(store, a_front_desk())
    told.tell(STORY, "3", "对")
    return told


def test_each_message_of_ours_is_counted_and_each_of_his_begins_anew(reader: Reader) -> None:
    for left in (4, 3):
        assert reader.send(reader.news()) is SENT
        assert reader.talk.arrival.window_left == left
    reader.say("还有别的事")
    assert reader.talk.arrival.window_left == 5


def test_counting_moves_no_clock_of_the_talk(reader: Reader) -> None:
    with reader.store.read() as session:
        before = session.execute(select(Conversation.due_at, Conversation.expires_at)).one()
    reader.send(reader.news(), now=NOW + timedelta(hours=1))
    with reader.store.read() as session:
        assert session.execute(select(Conversation.due_at, Conversation.expires_at)).one() == before


def test_once_the_count_is_spent_the_vendor_is_not_even_asked(reader: Reader) -> None:
    for _ in range(5):
        reader.send(reader.news())
    assert reader.send(reader.news()) is FAILED
    assert len(reader.chat.sent) == 5
    assert [state.code for state in reader.states() if state.status is FAILED] == ["quota_spent"]


def test_what_waited_goes_out_when_he_writes_again(reader: Reader) -> None:
    for _ in range(5):
        reader.send(reader.news())
    waiting = reader.news()
    reader.send(waiting)
    jobs = len(job_rows(reader.store))
    reader.say("老人还发烧")
    assert len(job_rows(reader.store)) > jobs
    assert reader.send(waiting) is SENT


def test_what_waited_goes_out_when_he_begins_a_new_talk_days_later_and_to_him_alone(reader: Reader) -> None:
    ident = reader.news(now=LATER)
    reader.send(ident, now=LATER)
    days_later = NOW + timedelta(days=4)
    file_silent_talks(reader.store, reader.desk, days_later)
    stranger = Person(reader.store, reader.desk, sender="oWangtong_0002")
    stranger.say("你好", now=days_later)
    assert [state.status for state in reader.states()] == [FAILED]
    reader.say("你好", now=days_later)
    assert [state.status for state in reader.states()] == [DeliveryStatus.QUEUED]
    assert reader.send(ident, now=days_later) is SENT


def test_after_the_window_the_offices_form_says_that_there_is_news(reader: Reader) -> None:
    reader.chat.form = "200163836"
    assert reader.send(reader.news(now=LATER), now=LATER) is SENT
    assert (reader.chat.sent, reader.chat.forms) == ([], [reader.sender])
    [state] = reader.states()
    assert (state.status, state.by_form, state.channel) == (SENT, True, Channel.WECHAT)


def test_without_a_form_it_is_not_sent_and_said_so(reader: Reader) -> None:
    assert reader.send(reader.news(now=LATER), now=LATER) is FAILED
    [state] = reader.states()
    assert (state.status, state.code, state.by_form) == (FAILED, "window_closed", False)


@pytest.mark.parametrize("problem", [SendProblem.WINDOW_CLOSED, SendProblem.QUOTA_SPENT])
def test_the_vendors_own_no_counts_where_ours_said_yes(reader: Reader, problem: SendProblem) -> None:
    reader.chat.refusals, reader.chat.form = [problem], "1"
    assert reader.send(reader.news()) is SENT
    assert reader.chat.forms == [reader.sender]


def test_a_vendor_who_is_busy_is_no_reason_for_the_form(reader: Reader) -> None:
    reader.chat.refusals, reader.chat.form = [SendProblem.LATER], "1"
    with pytest.raises(JobFailure):
        reader.send(reader.news())
    assert reader.chat.forms == []


def test_the_code_of_a_report_that_filed_itself_is_announced_where_the_window_is_shut(store: Store) -> None:
    set_up(store)
    person = Reader(store, a_front_desk())
    person.say(STORY)
    file_silent_talks(store, person.desk, NOW + timedelta(minutes=11))
    with store.read() as session:
        row_id = session.scalars(select(Conversation.id)).one()
    person.chat.refusals, person.chat.form = [SendProblem.WINDOW_CLOSED], "1"
    assert person.send(TALK_PREFIX + row_id) is SENT
    assert (person.chat.sent, person.chat.forms) == ([], [person.sender])
    assert person.talk.code_waits


def test_no_state_of_news_tells_who_reads_them(reader: Reader) -> None:
    reader.send(reader.news())
    assert reader.sender not in str(reader.states())
