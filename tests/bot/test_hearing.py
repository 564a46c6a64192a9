"""A voice is written down by a job and the talk goes on with the words; whatever fails, the recording is never lost."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.channels import ChannelAdapter, Inbound, MediaRef, MessageKind, OutboundMessage, SendError, SendProblem
from bot.conversations import find_talk
from bot.fetching import fetch_medium
from bot.frontdesk import file_silent_talks, handle_inbound, view_talk
from bot.hearing import give_up_hearing, hear_voice
from bot.models import Conversation, LooseMedium
from bot.types import Ear, Reply, Talk, TalkView
from casework.jobs import JobFailure
from casework.models import Attachment
from casework.models.cases import Case
from casework.store import Store
from casework.types import Channel
from intake.attachments import prepare_attachment
from intake.models import Report
from intake.speech import Sound
from tests.bot.desk import SENDER, STORY, a_front_desk, a_message, set_up
from tests.casework.people import NOW
from tests.intake.files import a_marked_voice, spoken_amr

LATER = NOW + timedelta(minutes=11)
DANGER = "救命，着火了，麦陇镇敬老院的门锁着，老人出不来"
NOTE = "机器听写"


@dataclass
class Ears:
    """An engine that hears what the test says it hears, and remembers how long it listened."""

    words: str = STORY
    seconds: list[int] = field(default_factory=list)
    fails: bool = False

    def __call__(self, sound: Sound) -> str:
        if self.fails:
            raise RuntimeError
        self.seconds.append(round(len(sound) / 16_000))
        return self.words


@dataclass
class Mouth:
    """The vendor's side of what we write."""

    channel: Channel = Channel.WECHAT
    sent: list[str] = field(default_factory=list)
    problem: SendProblem | None = None

    def send(self, message: OutboundMessage) -> None:
        if self.problem is not None:
            raise SendError(message.channel, self.problem, "1")
        self.sent.append(message.text)


@dataclass
class Speaker:
    """Somebody who would rather speak than write."""

    store: Store
    channel: Channel = Channel.WECHAT
    ears: Ears = field(default_factory=Ears)
    mouth: Mouth = field(default_factory=Mouth)
    sound: bytes = field(default_factory=lambda: spoken_amr(1))
    spoken: int = 0

    def __post_init__(self) -> None:
        self.desk = replace(a_front_desk(), hears=True)

    def take(self, inbound: Inbound, now: datetime = NOW) -> Reply:
        with self.store.write() as session:
            return handle_inbound(session, inbound, desk=self.desk, now=now)

    def say(self, text: str) -> Reply:
        self.spoken += 1
        return self.take(a_message(text, f"w{self.spoken}", channel=self.channel))

    def speak(self, text: str = "") -> Reply:
        """A recording, with words beside it or without."""
        self.spoken += 1
        files = (prepare_attachment(self.sound),)
        kind = MessageKind.VOICE
        return self.take(a_message(text, f"v{self.spoken}", channel=self.channel, kind=kind, files=files))

    def listen(self) -> list[Ear | None]:
        """Every job that waits to hear something of this talk."""
        row = self.row_id
        waiting = [each.id for each in self.talk.media if each.waits_for_ear]
        return [self.hear(f"{row}/{ident}") for ident in waiting]

    def hear(self, subject: str) -> Ear | None:
        adapters: dict[Channel, ChannelAdapter] = {self.mouth.channel: self.mouth}  # type: ignore[dict-item]
        return hear_voice(self.store, subject, desk=self.desk, engine=self.ears, adapters=adapters, clock=lambda: NOW)

    @property
    def talk(self) -> Talk:
        with self.store.read() as session:
            days, keys = self.desk.days, self.desk.intake.keys
            found = find_talk(session, self.channel, SENDER, days=days, shelf=keys, now=NOW)
        assert found is not None
        return found

    @property
    def view(self) -> TalkView:
        with self.store.read() as session:
            return view_talk(session, self.channel, SENDER, desk=self.desk, now=NOW)

    @property
    def row_id(self) -> str:
        with self.store.read() as session:
            return session.scalars(select(Conversation.id)).one()

    def count(self, model: type) -> int:
        with self.store.read() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def speaker(store: Store) -> Speaker:
    set_up(store)
    return Speaker(store)


def test_a_voice_is_acknowledged_at_once_and_its_words_go_on_with_the_talk(speaker: Speaker) -> None:
    assert "我听一听" in speaker.speak().text
    assert speaker.ears.seconds == []
    assert speaker.listen() == [Ear.HEARD]
    assert speaker.talk.lines == (STORY,)
    assert speaker.talk.institution == "麦陇镇敬老院"
    (sent,) = speaker.mouth.sent
    assert f"我听到您说：“{STORY}”" in sent
    assert speaker.talk.question


def test_what_is_filed_says_that_a_machine_wrote_it_down_and_keeps_the_recording(speaker: Speaker) -> None:
    speaker.speak()
    speaker.listen()
    assert file_silent_talks(speaker.store, speaker.desk, LATER) == 1
    with speaker.store.read() as session:
        told = session.scalars(select(Report)).one().working_text or ""
    assert told.startswith(STORY)
    assert NOTE in told
    assert speaker.count(Attachment) == 1
    assert speaker.count(LooseMedium) == 0


def test_what_is_typed_is_not_said_to_be_heard(speaker: Speaker) -> None:
    speaker.say(STORY)
    file_silent_talks(speaker.store, speaker.desk, LATER)
    with speaker.store.read() as session:
        assert NOTE not in (session.scalars(select(Report)).one().working_text or NOTE)


def test_a_talk_that_files_itself_before_anybody_listened_gets_the_words_afterwards(speaker: Speaker) -> None:
    speaker.speak()
    assert file_silent_talks(speaker.store, speaker.desk, LATER) == 1
    assert (speaker.count(Report), speaker.count(Attachment)) == (1, 0)
    assert speaker.listen() == [Ear.HEARD]
    assert (speaker.count(Report), speaker.count(Attachment)) == (2, 1)
    assert speaker.talk.media == ()


def test_a_voice_added_to_a_filed_report_is_heard_and_kept(speaker: Speaker) -> None:
    speaker.say(STORY)
    file_silent_talks(speaker.store, speaker.desk, LATER)
    speaker.ears.words = "昨天又骂人了"
    speaker.speak()
    assert speaker.count(Attachment) == 0
    assert speaker.listen() == [Ear.HEARD]
    assert speaker.count(Attachment) == 1
    assert "昨天又骂人了" in speaker.mouth.sent[-1]


def test_danger_told_by_voice_gets_the_number_first_and_is_filed_at_once(speaker: Speaker) -> None:
    speaker.ears.words = DANGER
    speaker.speak()
    speaker.listen()
    assert "119" in speaker.mouth.sent[0].split("我听到")[0]
    assert speaker.count(Case) == 1
    assert speaker.count(Attachment) == 1


def test_of_what_nobody_understood_he_is_told_and_a_person_will_listen(speaker: Speaker) -> None:
    speaker.ears.words = "  "
    speaker.speak()
    assert speaker.listen() == [Ear.UNCLEAR]
    assert "没听清" in speaker.mouth.sent[0]
    assert "没听清" in speaker.view.reply.text
    assert file_silent_talks(speaker.store, speaker.desk, LATER) == 1
    assert speaker.count(Attachment) == 1


def test_sound_that_cannot_be_read_is_not_understood_either(speaker: Speaker) -> None:
    speaker.sound = a_marked_voice("broken")
    speaker.speak()
    assert speaker.listen() == [Ear.UNCLEAR]
    assert speaker.ears.seconds == []


def test_a_greeting_by_voice_does_not_file_itself(speaker: Speaker) -> None:
    speaker.ears.words = "你好"
    speaker.speak()
    speaker.listen()
    assert file_silent_talks(speaker.store, speaker.desk, LATER) == 0


def test_a_job_that_runs_twice_says_the_words_once(speaker: Speaker) -> None:
    speaker.speak()
    subject = f"{speaker.row_id}/{speaker.talk.media[0].id}"
    assert speaker.hear(subject) is Ear.HEARD
    assert speaker.hear(subject) is None
    assert speaker.talk.lines == (STORY,)


def test_a_process_that_dies_after_the_words_were_said_does_not_say_them_again(speaker: Speaker) -> None:
    speaker.speak()
    subject = f"{speaker.row_id}/{speaker.talk.media[0].id}"
    speaker.mouth.problem = SendProblem.LATER
    with pytest.raises(JobFailure):
        speaker.hear(subject)
    assert speaker.talk.lines == (STORY,)
    assert speaker.hear(subject) is None


def test_an_engine_that_breaks_down_leaves_the_recording_to_be_tried_again_and_at_last_to_a_person(
    speaker: Speaker,
) -> None:
    speaker.speak()
    file_silent_talks(speaker.store, speaker.desk, LATER)
    subject = f"{speaker.row_id}/{speaker.talk.media[0].id}"
    speaker.ears.fails = True
    with pytest.raises(RuntimeError):
        speaker.hear(subject)
    assert speaker.count(Attachment) == 0
    give_up_hearing(speaker.store, subject, desk=speaker.desk, clock=lambda: NOW)
    assert (speaker.count(Attachment), speaker.count(LooseMedium)) == (1, 0)


def test_a_talk_that_ends_before_anybody_listened_gives_the_recording_to_its_case(speaker: Speaker) -> None:
    speaker.speak()
    file_silent_talks(speaker.store, speaker.desk, LATER)
    file_silent_talks(speaker.store, speaker.desk, LATER + timedelta(days=4))
    assert speaker.count(Conversation) == 0
    assert speaker.count(Attachment) == 1


def test_who_takes_everything_back_is_not_listened_to(speaker: Speaker) -> None:
    speaker.speak()
    subject = f"{speaker.row_id}/{speaker.talk.media[0].id}"
    speaker.say("算了不说了")
    speaker.say("1")
    assert speaker.hear(subject) is None
    assert speaker.count(LooseMedium) == 0


def test_a_voice_that_lies_with_the_vendor_is_fetched_and_then_heard(speaker: Speaker) -> None:
    from_vendor = _vendor_voice(speaker)
    assert "我听一听" in from_vendor.text
    (medium,) = speaker.talk.media
    sources: dict[Channel, Callable[[str], bytes]] = {Channel.WECHAT: lambda _ident: speaker.sound}
    fetch_medium(speaker.store, f"{speaker.row_id}/{medium.id}", desk=speaker.desk, sources=sources, clock=lambda: NOW)
    assert speaker.listen() == [Ear.HEARD]
    assert speaker.talk.lines == (STORY,)


def test_the_page_says_that_somebody_listens_until_it_is_done(store: Store) -> None:
    set_up(store)
    speaker = Speaker(store, channel=Channel.WEB)
    speaker.speak()
    assert speaker.view.listens
    speaker.listen()
    assert not speaker.view.listens
    assert (True, STORY) in speaker.view.said
    assert speaker.mouth.sent == []


def test_without_an_engine_nothing_waits(speaker: Speaker) -> None:
    speaker.desk = replace(speaker.desk, hears=False)
    assert "有人会听" in speaker.speak().text
    assert speaker.listen() == []
    assert file_silent_talks(speaker.store, speaker.desk, LATER) == 1
    assert speaker.count(Attachment) == 1


def _vendor_voice(speaker: Speaker) -> Reply:
    media = (MediaRef(MessageKind.VOICE, "m1"),)
    return speaker.take(a_message("", "far", channel=speaker.channel, kind=MessageKind.VOICE, media=media))
