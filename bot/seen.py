"""Messages that were already taken: the same answer again on a vendor's retry, also when three come at once.

A row is claimed before any work, under a keyed hash; a second transaction waits at the same row and then reads the
answer. The answer lies under the talk's key and goes when the talk sheds its words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import Executable, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.channels import ChannelError, Inbound, Problem
from bot.conversations import Kept, open_bytes, pack_reply, seal_bytes, unpack_reply
from bot.daykeys import KEPT, DayKeys, mac
from bot.models import SeenMessage
from bot.types import Reply
from casework.clock import local_date

SEEN = SeenMessage.metadata.tables[SeenMessage.__tablename__]
FIND = select(SEEN.c.message_mac, SEEN.c.body_mac).where(SEEN.c.message_mac.in_(bindparam("hashes", expanding=True)))
KEEP_REPLY = update(SEEN).where(SEEN.c.message_mac == bindparam("taken")).values(reply=bindparam("reply"))


@dataclass(frozen=True, slots=True)
class Claim:
    """A message by its keyed hash; `is_first` says whether it is ours to answer."""

    message_mac: bytes
    is_first: bool


def claim_message(session: Session, inbound: Inbound, *, days: DayKeys, now: datetime) -> Claim:
    """Take a message for ourselves, or find that it was taken.

    Raises ChannelError (replayed) where its nonce was used for another body.
    """
    keys, today = days.list_live(session, now), local_date(now)
    sent_on = local_date(inbound.sent_at or now)
    day = sent_on if sent_on in keys else today
    anchor = _message_mac(keys[day], inbound)
    others = [_message_mac(key, inbound) for other, key in keys.items() if other != day]
    nonces = _list_nonces(inbound, keys, today)
    known = _find(session, [*others, *list(nonces)[1:]])
    _refuse_other(inbound, nonces, known)
    taken = next((message for message in others if message in known), None)
    nonce = next(iter(nonces), None)
    rows = [] if nonce is None else [_row(nonce, mac(keys[today], "body", inbound.body), days.name_of(today), now)]
    rows += [_row(anchor, None, days.name_of(day), now)] if taken is None else []
    ours = _insert(session, rows)
    if nonce is not None and nonce not in ours:
        _refuse_other(inbound, nonces, _find(session, list(nonces)))
    return Claim(taken or anchor, is_first=anchor in ours)


def store_reply(session: Session, claim: Claim, kept: Kept, reply: Reply) -> None:
    """Keep the answer for retries, under the talk's key as it is after this message."""
    sealed = seal_bytes(kept.key, "reply", claim.message_mac.hex(), pack_reply(reply))
    session.connection().execute(KEEP_REPLY, {"taken": claim.message_mac, "reply": sealed})


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


def _list_nonces(inbound: Inbound, keys: Mapping[date, bytes], today: date) -> dict[bytes, bytes]:
    """The nonce hashed under the keys of today and yesterday, today's first, each with its key; empty without one."""
    if inbound.nonce is None:
        return {}
    recent = [key for day, key in keys.items() if day >= today - timedelta(days=1)]
    return {mac(key, "nonce", inbound.channel, inbound.account, inbound.nonce): key for key in recent}


def _refuse_other(inbound: Inbound, nonces: Mapping[bytes, bytes], known: Mapping[bytes, bytes | None]) -> None:
    for nonce, key in nonces.items():
        if nonce in known and known[nonce] != mac(key, "body", inbound.body):
            raise ChannelError(inbound.channel, Problem.REPLAYED)


def _find(session: Session, hashes: list[bytes]) -> dict[bytes, bytes | None]:
    """Which of these stand there, with the hash of their body."""
    rows = session.connection().execute(FIND, {"hashes": hashes}).all() if hashes else ()
    return {row.message_mac: row.body_mac for row in rows}


def _row(key: bytes, body_mac: bytes | None, key_id: str, now: datetime) -> dict[str, Any]:
    return {"message_mac": key, "body_mac": body_mac, "key_id": key_id, "seen_on": local_date(now)}


def _insert(session: Session, rows: Sequence[Mapping[str, Any]]) -> set[bytes]:
    """Which of the rows are ours; on PostgreSQL this waits for whoever is writing the same one."""
    connection = session.connection()
    return set(connection.execute(_claiming(connection.dialect.name), rows).scalars()) if rows else set()


@cache
def _claiming(dialect: str) -> Executable:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(SEEN).on_conflict_do_nothing().returning(SEEN.c.message_mac)
