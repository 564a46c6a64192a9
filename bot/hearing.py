"""Listening to what people say into the telephone's microphone: a job has it written down and goes on with the talk.

The recording itself is kept as it came and still waits for a person's ear; what the machine heard is told back at once,
so that whoever was misheard can say it again.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.channels import ChannelAdapter, Inbound, MessageKind, OutboundMessage, SendError
from bot.conversations import rewrite_talk
from bot.frontdesk import FrontDesk, answer_inbound
from bot.handovers import load_conversation
from bot.late import FOR_GOOD
from bot.media import read_loose, take_heard
from bot.phrasing import compose, join
from bot.types import Ear, Medium, Reply, Talk
from bot.waiting import send_in_window
from casework.errors import BrokenSeal
from casework.jobs import JobFailure
from casework.store import Store
from casework.types import Channel
from intake.speech import SpeechEngine, Unheard, read_sound

Adapters = Mapping[Channel, ChannelAdapter]


def hear_voice(
    store: Store,
    subject: str,
    *,
    desk: FrontDesk,
    engine: SpeechEngine | None,
    adapters: Adapters,
    clock: Callable[[], datetime],
) -> Ear | None:
    """The step of HEAR_VOICE: write down one recording, say the words at the desk as if he had typed them, answer him.

    No transaction is open while the engine listens. Words are said before the recording is marked as heard: a process
    that dies in between says them again, and the desk knows them by their number. None where the talk is over.
    """
    found = _find(store, subject, desk)
    if found is None:
        return None
    talk, medium = found
    words = _listen(store, medium, engine)
    reply = answer_inbound(store, _as_said(talk, medium, words, clock()), desk=desk, now=clock()) if words else None
    ear = Ear.HEARD if words else Ear.UNCLEAR
    reply = _mark(store, subject, ear, reply, desk=desk, clock=clock)
    adapter = adapters.get(talk.channel)
    if reply is not None and reply.text and adapter is not None:
        _send(store, OutboundMessage(talk.channel, talk.sender, reply.text), desk, adapter, clock())
    return ear


def give_up_hearing(store: Store, subject: str, *, desk: FrontDesk, clock: Callable[[], datetime]) -> None:
    """The job failed too often: the recording goes where it belongs and waits for a person."""
    _mark(store, subject, Ear.UNCLEAR, None, desk=desk, clock=clock)


def _find(store: Store, subject: str, desk: FrontDesk) -> tuple[Talk, Medium] | None:
    row_id, _, medium_id = subject.partition("/")
    with store.read() as session:
        kept = load_conversation(session, row_id, desk)
    medium = next((each for each in kept.talk.media if each.id == medium_id), None) if kept is not None else None
    return (kept.talk, medium) if kept is not None and medium is not None and medium.waits_for_ear else None


def _listen(store: Store, medium: Medium, engine: SpeechEngine | None) -> str:
    """What the engine hears; "" where it hears nothing, or the sound can't be read."""
    with store.read() as session:
        data = read_loose(session, medium)
    if engine is None or data is None or medium.keys is None:
        return ""
    try:
        return engine(read_sound(medium.keys.media_type, data)).strip()
    except (Unheard, BrokenSeal):
        return ""


def _as_said(talk: Talk, medium: Medium, words: str, now: datetime) -> Inbound:
    return Inbound(
        channel=talk.channel,
        account=talk.account,
        sender=talk.sender,
        message_id=f"heard/{medium.id}",
        kind=MessageKind.TEXT,
        received_at=now,
        text=words,
        is_heard=True,
    )


def _mark(
    store: Store,
    subject: str,
    ear: Ear,
    reply: Reply | None,
    *,
    desk: FrontDesk,
    clock: Callable[[], datetime],
) -> Reply | None:
    """Note what became of the recording; of a filed talk it goes to the case. What is said of one nobody understood
    stands on the page too.
    """
    row_id, _, medium_id = subject.partition("/")
    with store.write() as session:
        kept = load_conversation(session, row_id, desk)
        medium = next((each for each in kept.talk.media if each.id == medium_id), None) if kept is not None else None
        if kept is None or medium is None or not medium.waits_for_ear:
            return reply
        talk = take_heard(session, kept.talk, replace(medium, ear=ear), desk=desk, now=clock())
        if ear is Ear.UNCLEAR and reply is None:
            open_question = Reply(question=talk.reply.question, choices=talk.reply.choices)
            reply = join(compose(desk.script.say("voice_unclear")), open_question)
            talk = replace(talk, reply=reply)
        rewrite_talk(session, kept, talk)
    return reply


def _send(store: Store, message: OutboundMessage, desk: FrontDesk, adapter: ChannelAdapter, now: datetime) -> None:
    try:
        send_in_window(store, message, desk=desk, adapter=adapter, now=now)
    except SendError as problem:
        if problem.problem not in FOR_GOOD:
            raise JobFailure(problem.problem.value) from None
