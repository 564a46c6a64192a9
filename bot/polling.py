"""Asking Telegram's cloud for messages, for an office without a public address: a step of the schedules.

The offset lies with the cloud: an update is confirmed only after what it said is committed and answered, so a crash at
any moment brings it again, and the desk gives the same answer. Nothing of ours has to remember how far we came.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.channels import ChannelError, Inbound, SendError, SendProblem
from bot.channels.telegram import CONFLICT, TelegramChannel, TelegramLine
from bot.courier import forget_recipient
from bot.frontdesk import FrontDesk
from bot.taking import take_message
from bot.types import Reply
from casework.store import Store
from casework.types import Channel

logger = logging.getLogger("hotline.channels")

LONG = timedelta(seconds=2)
"""So long the cloud holds an empty answer back; short, so that a process told to stop is not kept."""

AT_ONCE = timedelta(0)
PATIENCE_SECONDS = 5.0
LONGEST_REST = timedelta(minutes=1)
TRIES = 3
"""So often an answer is tried before the next person is served; it stays in the talk."""


@dataclass
class PollingDesk:
    """What polling takes; `tried` counts the answers that could not be sent yet, `failures` the rounds in which the
    cloud was away, after which we rest until `rests_until`.
    """

    store: Store
    adapter: TelegramChannel
    desk: FrontDesk
    clock: Callable[[], datetime]
    wait: timedelta = LONG
    tried: Counter[int] = field(default_factory=Counter)
    failures: int = 0
    rests_until: datetime | None = None


def keep_polling(polling: PollingDesk) -> int:
    """The step: a round, or a rest while the cloud is away, longer each time; it is said once, not at every round."""
    now = polling.clock()
    if polling.rests_until is not None and now < polling.rests_until:
        return 0
    try:
        taken = poll_updates(polling)
    except SendError as problem:
        if polling.failures == 0:
            logger.warning("cloud_away", extra={"channel": "telegram", "problem": problem.problem.value})
        polling.failures += 1
        polling.rests_until = now + min(timedelta(seconds=2) * 2 ** min(polling.failures, 10), LONGEST_REST)
        return 0
    if polling.failures:
        logger.warning("cloud_back", extra={"channel": "telegram", "rounds": polling.failures})
    polling.failures, polling.rests_until = 0, None
    return taken


def poll_updates(polling: PollingDesk) -> int:
    """Take everything that waits, in its order; how many updates there were. Harmless when run twice.

    1. Ask. 2. Each update: store, commit, answer. 3. Ask again, which confirms those, until none is left. Raises
    SendError where the cloud is away, and whatever keeps the house from storing; what was not confirmed comes again.
    """
    taken = 0
    with polling.adapter.open_line(seconds=PATIENCE_SECONDS) as line:
        waiting = _ask(line, polling.wait)
        while waiting:
            for raw in waiting:
                take_update(polling, line, raw)
            taken += len(waiting)
            waiting = line.list_updates(after=_last(waiting), wait=AT_ONCE)
    polling.tried.clear()
    return taken


def _ask(line: TelegramLine, wait: timedelta) -> Sequence[Any]:
    """What waits; where a webhook stands in the way, from an earlier way of working, it is taken down."""
    try:
        return line.list_updates(after=None, wait=wait)
    except SendError as problem:
        if problem.code != CONFLICT:
            raise
        line.drop_webhook()
        return ()


def _last(waiting: Sequence[Any]) -> int:
    return max(int(raw["update_id"]) for raw in waiting)


def take_update(polling: PollingDesk, line: TelegramLine, raw: Any) -> None:
    """One update; what nobody can read is passed over with a line in the log, so that it holds up no other."""
    now = polling.clock()
    try:
        inbound = polling.adapter.parse_update(raw, now=now)
        if inbound is None:
            return
        reply = take_message(polling.store, inbound, desk=polling.desk, now=now)
    except ChannelError as problem:
        facts = {"channel": problem.channel.value, "problem": problem.problem.value}
        logger.warning("channel_refused", extra=facts)
        return
    _answer(polling, line, inbound, reply)


def _answer(polling: PollingDesk, line: TelegramLine, inbound: Inbound, reply: Reply) -> None:
    """Say it. Raises SendError where the cloud should be asked again, a few times for one answer."""
    number = int(inbound.message_id)
    try:
        if inbound.choice is not None:
            answer_tap(line, inbound.ref)
        if reply.text:
            line.say(inbound.sender, reply.text, [(choice.id, choice.label) for choice in reply.choices])
    except SendError as problem:
        if problem.problem is SendProblem.GONE:
            forget_recipient(polling.store, Channel.TELEGRAM, inbound.sender, polling.desk)
        polling.tried[number] += 1
        if problem.problem in (SendProblem.LATER, SendProblem.NO_ACCESS) and polling.tried[number] < TRIES:
            raise
        logger.warning("answer_not_sent", extra={"channel": "telegram", "problem": problem.problem.value})


def answer_tap(line: TelegramLine, tap_id: str) -> None:
    """Let a tapped button stop turning; one tapped long ago can't be answered any more, which harms nobody."""
    try:
        line.answer_tap(tap_id)
    except SendError as problem:
        if problem.problem is not SendProblem.REFUSED:
            raise
