"""Messages that we are too slow for: kept before the vendor's patience ends, answered by a job through a message of
our own.

Nothing is acknowledged that is not stored; the words rest under a key of their own until the answer has gone.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from pydantic import TypeAdapter
from sqlalchemy import delete

from bot.channels import ChannelAdapter, Inbound, OutboundMessage, SendError, SendProblem
from bot.conversations import open_bytes, seal_bytes
from bot.frontdesk import FrontDesk, answer_inbound
from bot.models import LateMessage
from bot.waiting import SHUT, send_in_window
from casework.jobs import JobFailure, JobName, enqueue
from casework.keyshelf import destroy_after_commit
from casework.models.columns import new_id
from casework.store import Store
from casework.types import Channel

LATE_PREFIX = "late/"
"""Marks the job of answering late, beside the jobs about rows of `outbound`."""

LIFE = timedelta(days=1)
FOR_GOOD = SHUT | {SendProblem.GONE, SendProblem.REFUSED}


def keep_late(store: Store, inbound: Inbound, *, desk: FrontDesk, now: datetime) -> str:
    """Keep a message that is still being worked on, so that it may be acknowledged; its answer is a job's.

    Raises what keeps it from being stored; then it must not be acknowledged.
    """
    key = desk.intake.keys.create(now + LIFE)
    row_id = new_id()
    words = _inbounds().dump_json(replace(inbound, nonce=None, body=b"", files=()))
    with store.write() as session:
        sealed = seal_bytes(key.key, "late", row_id, words)
        session.add(LateMessage(id=row_id, key_id=key.key_id, ciphertext=sealed, queued_at=now))
        session.flush()
        enqueue(session, JobName.SEND_MESSAGE, LATE_PREFIX + row_id, key=row_id)
    return row_id


def answer_late(
    store: Store,
    subject: str,
    *,
    desk: FrontDesk,
    adapters: Mapping[Channel, ChannelAdapter],
    clock: Callable[[], datetime],
) -> bool:
    """The step: take the message unless that happened meanwhile, and send the answer. True where it went.

    Harmless when run twice: the answer is the stored one. Raises JobFailure where the vendor may be asked again later.
    """
    row_id = subject.removeprefix(LATE_PREFIX)
    inbound = _find(store, row_id, desk)
    if inbound is None:
        return False
    reply = answer_inbound(store, inbound, desk=desk, now=clock())
    adapter = adapters.get(inbound.channel)
    sent = False
    if reply.text and adapter is not None:
        sent = _send(store, OutboundMessage(inbound.channel, inbound.sender, reply.text), desk, adapter, clock())
    with store.write() as session:
        row = session.get(LateMessage, row_id)
        if row is not None:
            destroy_after_commit(session, desk.intake.keys, row.key_id)
            session.delete(row)
        session.execute(delete(LateMessage).where(LateMessage.queued_at < clock() - LIFE))
    return sent


def _send(store: Store, message: OutboundMessage, desk: FrontDesk, adapter: ChannelAdapter, now: datetime) -> bool:
    try:
        send_in_window(store, message, desk=desk, adapter=adapter, now=now)
    except SendError as problem:
        if problem.problem in FOR_GOOD:
            return False  # what he said is kept; he reads the answer when he writes again
        raise JobFailure(problem.problem.value) from None
    return True


def _find(store: Store, row_id: str, desk: FrontDesk) -> Inbound | None:
    with store.read() as session:
        row = session.get(LateMessage, row_id)
        key = desk.intake.keys.get(row.key_id) if row is not None else None
        if row is None or key is None:
            return None
        return _inbounds().validate_json(open_bytes(key, "late", row_id, row.ciphertext))


@lru_cache(maxsize=1)
def _inbounds() -> TypeAdapter[Inbound]:
    return TypeAdapter(Inbound)
