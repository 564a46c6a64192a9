"""Talks at rest: found by a keyed hash of the sender, read and written only under a key of their own.

When the words are done with, the talk gets a new key and the old one is destroyed after the commit: what lay under it,
also the answers that were stored for retries, is gone wherever older copies of the database lie.
"""

import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.daykeys import DayKeys, mac
from bot.models import Conversation
from bot.types import Reply, Stage, Talk
from casework.keyshelf import KeyShelf, destroy_after_commit
from casework.models.columns import new_id
from casework.secrets import NONCE_BYTES, derive_key
from casework.types import Channel

SILENCE = timedelta(minutes=10)
"""A complaint told and then left in silence files itself after so long."""

DRAFT_LIFE = timedelta(hours=72)
LINK_LIFE = timedelta(hours=24)
"""So long after the last message what comes later is added to the report."""

KEY_LIFE = timedelta(days=7)
"""A key that nobody destroyed is swept away then; a talk that goes on gets a new one in time."""


@dataclass
class Kept:
    """A talk with its row and its key; `talk` is what counts now."""

    row: Conversation
    talk: Talk
    key: bytes
    is_new: bool = False


def load_talk(
    session: Session, channel: Channel, sender: str, *, days: DayKeys, shelf: KeyShelf, now: datetime
) -> Kept:
    """The talk of this sender, locked until the end of the unit of work; a new one where there is none.

    A talk found under an older day's key is filed under today's. One that can't be read any more (its key is gone, or
    an older release wrote it in a way we don't know) begins anew.
    """
    keys = days.list_live(session, now)
    hashes = [mac(key, "sender", channel, sender) for key in keys.values()]
    row = _find(session, channel, hashes)
    if row is None:
        row = _insert(session, channel, hashes[0], shelf, now)
        if row is None:  # another process was faster
            row = _find(session, channel, hashes)
    if row is None:
        raise LookupError(channel)
    row.sender_mac = hashes[0]
    key = shelf.get(row.key_id)
    talk = None if key is None or not row.state else open_talk(row, key)
    if key is None:
        made = shelf.create(now + KEY_LIFE)
        row.key_id, key = made.key_id, made.key
    return Kept(row, talk or Talk(channel=channel, sender=sender), key, is_new=talk is None)


def find_talk(
    session: Session, channel: Channel, sender: str, *, days: DayKeys, shelf: KeyShelf, now: datetime
) -> Talk | None:
    """The talk of this sender for a page, without locking; None where there is none that can be read."""
    hashes = [mac(key, "sender", channel, sender) for key in days.list_live(session, now, makes=False).values()]
    query = select(Conversation).where(Conversation.channel == channel, Conversation.sender_mac.in_(hashes))
    row = session.scalars(query).first()
    key = shelf.get(row.key_id) if row is not None else None
    return open_talk(row, key) if row is not None and key is not None and row.state else None


def save_talk(session: Session, kept: Kept, talk: Talk, *, shelf: KeyShelf, now: datetime, sheds: bool) -> None:
    """Write the talk under its key; `sheds` gives it a new key and destroys the old one after the commit."""
    row = kept.row
    if sheds:
        destroy_after_commit(session, shelf, row.key_id)
        made = shelf.create(now + KEY_LIFE)
        row.key_id, kept.key = made.key_id, made.key
    kept.talk = replace(talk, last_at=now)
    row.state = seal_bytes(kept.key, "talk", row.id, pack_talk(kept.talk))
    row.expires_at = now + (LINK_LIFE if talk.is_filed and not talk.code_waits else DRAFT_LIFE)
    row.due_at = now + SILENCE if files_itself(talk) else None
    session.flush()


def files_itself(talk: Talk) -> bool:
    """Whether silence files it: told, not filed, neither withdrawn nor waiting nor with a person."""
    stops = talk.is_held or talk.stage in (Stage.DRAFT, Stage.WITHDRAWN, Stage.WITH_PERSON)
    return (talk.is_complaint or talk.is_kept) and bool(talk.lines) and not talk.is_filed and not stops


def open_talk(row: Conversation, key: bytes) -> Talk | None:
    """Read a talk; None where it can't be read."""
    try:
        return _talks().validate_json(open_bytes(key, "talk", row.id, row.state))
    except (InvalidTag, ValidationError, ValueError):
        return None


def pack_talk(talk: Talk) -> bytes:
    """The talk as JSON; the last reply is kept for the page that is drawn again."""
    return _talks().dump_json(talk, exclude_defaults=True)


def pack_reply(reply: Reply) -> bytes:
    """A reply as JSON."""
    return _replies().dump_json(reply)


def unpack_reply(packed: bytes) -> Reply:
    """A stored reply."""
    return _replies().validate_json(packed)


def seal_bytes(key: bytes, purpose: str, bound: str, plain: bytes) -> bytes:
    """Encrypt under a talk's key, bound to the row it stands in."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(derive_key(key, f"hotline/talk/{purpose}")).encrypt(nonce, plain, bound.encode())


def open_bytes(key: bytes, purpose: str, bound: str, sealed: bytes) -> bytes:
    """Decrypt. Raises InvalidTag."""
    cipher = AESGCM(derive_key(key, f"hotline/talk/{purpose}"))
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound.encode())


@lru_cache(maxsize=1)
def _talks() -> TypeAdapter[Talk]:
    return TypeAdapter(Talk)


@lru_cache(maxsize=1)
def _replies() -> TypeAdapter[Reply]:
    return TypeAdapter(Reply)


def _find(session: Session, channel: Channel, hashes: list[bytes]) -> Conversation | None:
    query = select(Conversation).where(Conversation.channel == channel, Conversation.sender_mac.in_(hashes))
    return session.scalars(query.with_for_update()).first()


def _insert(
    session: Session, channel: Channel, sender_mac: bytes, shelf: KeyShelf, now: datetime
) -> Conversation | None:
    """An empty talk; None where another process has just made one for the same sender."""
    made = shelf.create(now + KEY_LIFE)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    values = {
        "id": new_id(),
        "channel": channel,
        "sender_mac": sender_mac,
        "key_id": made.key_id,
        "state": b"",
        "version": 1,
        "expires_at": now + DRAFT_LIFE,
    }
    session.execute(insert(Conversation).values(values).on_conflict_do_nothing())
    row = session.get(Conversation, values["id"])
    if row is None:
        shelf.destroy(made.key_id)
    return row
