"""Messages that were already taken: the same answer again on a vendor's retry, also when three come at once.

A row is claimed before any work, under a keyed hash; a second transaction waits at the same row and then reads the
answer. The answer lies under the talk's key and goes when the talk sheds its words.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.channels import ChannelError, Inbound, Problem
from bot.conversations import Kept, open_bytes, pack_reply, seal_bytes, unpack_reply
from bot.daykeys import KEPT, DayKeys, mac
from bot.models import SeenMessage
from bot.types import Reply
from casework.clock import local_date


@dataclass(frozen=True, slots=True)
class Claim:
    """A message by its keyed hash; `is_first` says whether it is ours to answer."""

    message_mac: bytes
    is_first: bool


def claim_message(session: Session, inbound: Inbound, *, days: DayKeys, now: datetime) -> Claim:
    """Take a message for ourselves, or find that it was taken.

    Raises ChannelError (replayed) where its nonce was used for another body.
    """
    keys = days.list_live(session, now)
    _claim_nonce(session, inbound, days=days, now=now)
    known = [_message_mac(key, inbound) for key in keys.values()]
    taken = session.scalars(select(SeenMessage.message_mac).where(SeenMessage.message_mac.in_(known))).first()
    if taken is not None:
        return Claim(taken, is_first=False)
    sent_on = local_date(inbound.sent_at or now)
    day = sent_on if sent_on in keys else local_date(now)
    anchor = _message_mac(keys[day], inbound)
    return Claim(anchor, is_first=_insert(session, anchor, None, days.name_of(day), now))


def store_reply(session: Session, claim: Claim, kept: Kept, reply: Reply) -> None:
    """Keep the answer for retries, under the talk's key as it is after this message."""
    sealed = seal_bytes(kept.key, "reply", claim.message_mac.hex(), pack_reply(reply))
    session.execute(update(SeenMessage).where(SeenMessage.message_mac == claim.message_mac).values(reply=sealed))


def find_reply(session: Session, claim: Claim, kept: Kept) -> Reply | None:
    """The answer that was given; None where its words have been shed meanwhile."""
    sealed = session.scalars(select(SeenMessage.reply).where(SeenMessage.message_mac == claim.message_mac)).first()
    if sealed is None:
        return None
    try:
        return unpack_reply(open_bytes(kept.key, "reply", claim.message_mac.hex(), sealed))
    except InvalidTag:
        return None


def sweep_seen(session: Session, now: datetime) -> None:
    """Forget what nobody will send again."""
    session.execute(delete(SeenMessage).where(SeenMessage.seen_on < local_date(now) - KEPT))


def _message_mac(key: bytes, inbound: Inbound) -> bytes:
    return mac(key, "message", inbound.channel, inbound.account, inbound.sender, inbound.message_id)


def _claim_nonce(session: Session, inbound: Inbound, *, days: DayKeys, now: datetime) -> None:
    if inbound.nonce is None:
        return
    keys = days.list_live(session, now)
    recent = [key for day, key in keys.items() if day >= local_date(now) - timedelta(days=1)]
    hashes = {mac(key, "nonce", inbound.channel, inbound.account, inbound.nonce): key for key in recent}
    _refuse_other(session, inbound, hashes)
    first, key = next(iter(hashes.items()))
    today = next(iter(keys))
    if not _insert(session, first, mac(key, "body", inbound.body), days.name_of(today), now):
        _refuse_other(session, inbound, hashes)


def _refuse_other(session: Session, inbound: Inbound, hashes: dict[bytes, bytes]) -> None:
    query = select(SeenMessage.message_mac, SeenMessage.body_mac)
    for row in session.execute(query.where(SeenMessage.message_mac.in_(list(hashes)))):
        if row.body_mac != mac(hashes[row.message_mac], "body", inbound.body):
            raise ChannelError(inbound.channel, Problem.REPLAYED)


def _insert(session: Session, key: bytes, body_mac: bytes | None, key_id: str, now: datetime) -> bool:
    """Whether the row is ours; on PostgreSQL this waits for whoever is writing the same one."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    values = {"message_mac": key, "body_mac": body_mac, "key_id": key_id, "seen_on": local_date(now)}
    statement = insert(SeenMessage).values(values).on_conflict_do_nothing().returning(SeenMessage.message_mac)
    return session.execute(statement).first() is not None
