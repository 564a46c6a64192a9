"""Taking an officer's word out into a chat: one job a word, sent at most once on our own account.

The word lies in the talk under its short-lived key; a word that could not be sent stays there and the desk says so.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from bot.channels import ChannelAdapter, OutboundMessage, SendError, SendProblem
from bot.conversations import save_talk
from bot.doing import Desk
from bot.handovers import load_conversation
from bot.types import OfficerWord, Talk
from bot.waiting import SHUT, WORD_PREFIX, send_in_window
from casework.jobs import JobFailure
from casework.store import Store
from casework.types import Channel, DeliveryStatus

FOR_GOOD = frozenset({SendProblem.WINDOW_CLOSED, SendProblem.QUOTA_SPENT, SendProblem.GONE, SendProblem.REFUSED})


def send_officer_word(
    store: Store,
    subject: str,
    *,
    desk: Desk,
    adapters: Mapping[Channel, ChannelAdapter],
    clock: Callable[[], datetime],
) -> DeliveryStatus | None:
    """The step: claim the word, send it, note how it went. None where it was sent before or the talk is over.

    Raises JobFailure where the vendor may be asked again later.
    """
    row_id, word_id = split_word(subject)
    claimed = _mark(store, row_id, word_id, DeliveryStatus.SENDING, desk, clock())
    if claimed is None:
        return None
    talk, word = claimed
    adapter = adapters.get(talk.channel)
    if adapter is None:
        _mark(store, row_id, word_id, DeliveryStatus.FAILED, desk, clock())
        return DeliveryStatus.FAILED
    try:
        message = OutboundMessage(talk.channel, talk.sender, word.text)
        send_in_window(store, message, desk=desk, adapter=adapter, now=clock())
    except SendError as problem:
        if problem.problem in FOR_GOOD:
            _mark(store, row_id, word_id, DeliveryStatus.FAILED, desk, clock())
            _announce(adapter, talk, problem.problem, clock())
            return DeliveryStatus.FAILED
        _mark(store, row_id, word_id, DeliveryStatus.QUEUED, desk, clock())
        raise JobFailure(problem.problem.value) from None
    _mark(store, row_id, word_id, DeliveryStatus.SENT, desk, clock())
    return DeliveryStatus.SENT


def _announce(adapter: ChannelAdapter, talk: Talk, problem: SendProblem, now: datetime) -> None:
    """Where only the window was shut, the office's form says that there is news; the word goes out when he writes."""
    if problem not in SHUT:
        return
    with suppress(SendError):
        adapter.notify(talk.sender, now=now)


def give_up_word(store: Store, subject: str, *, desk: Desk, now: datetime) -> None:
    """Called when the job is given up: the word says that it failed."""
    row_id, word_id = split_word(subject)
    _mark(store, row_id, word_id, DeliveryStatus.FAILED, desk, now)


def split_word(subject: str) -> tuple[str, str]:
    """The talk's row and the word's id out of a job's subject."""
    row_id, _, word_id = subject.removeprefix(WORD_PREFIX).partition("/")
    return row_id, word_id


def _mark(
    store: Store, row_id: str, word_id: str, status: DeliveryStatus, desk: Desk, now: datetime
) -> tuple[Talk, OfficerWord] | None:
    """Note how a word stands, in a unit of work of its own; one that was sent leaves the talk's outgoing words."""
    with store.write() as session:
        kept = load_conversation(session, row_id, desk)
        word = next((each for each in kept.talk.outgoing if each.id == word_id), None) if kept else None
        if kept is None or word is None:
            return None
        if status is DeliveryStatus.SENDING and word.status is not DeliveryStatus.QUEUED:
            return None
        others = tuple(each for each in kept.talk.outgoing if each.id != word_id)
        marked = others if status is DeliveryStatus.SENT else (*others, replace(word, status=status))
        talk = replace(kept.talk, outgoing=marked)
        save_talk(session, kept, talk, shelf=desk.intake.keys, now=now, sheds=False)
        return talk, word
