"""Talks at rest: found by a keyed hash of the sender, read and written only under a key of their own.

When the words are done with, the talk gets a new key and the old one is destroyed after the commit: what lay under it,
also the answers that were stored for retries, is gone wherever older copies of the database lie.
"""

import json
import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Executable, Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from bot.daykeys import DayKeys, mac
from bot.models import Conversation
from bot.types import Reply, Stage, Talk
from casework.keyshelf import KeyShelf, destroy_after_commit
from casework.models.columns import new_id
from casework.secrets import NONCE_BYTES, derive_key
from casework.types import Channel

SILENCE = timedelta(minutes=10)
"""A complaint told and then left in silence files itself after so long."""

ALARM = "alarm"
"""Among what was asked: the number to dial was given first, on triage's word alone."""

ALARM_SILENCE = timedelta(minutes=2)
DRAFT_LIFE = timedelta(hours=72)
LINK_LIFE = timedelta(hours=24)
"""So long after the last message what comes later is added to the report."""

OFFICER_SILENCE = timedelta(minutes=30)
"""So long while an officer is in the chat."""

KEY_LIFE = timedelta(days=14)
"""A key that nobody destroyed is swept away then; a talk that goes on gets a new one in time. Longer than the longest
holidays, over which a talk waits for the office to open.
"""

TALKS = Conversation.metadata.tables[Conversation.__tablename__]
FIND = (
    select(TALKS.c.id, TALKS.c.key_id, TALKS.c.state, TALKS.c.version)
    .where(TALKS.c.channel == bindparam("channel"), TALKS.c.sender_mac.in_(bindparam("hashes", expanding=True)))
    .with_for_update()
)
SAVE = (
    update(TALKS)
    .where(TALKS.c.id == bindparam("row_id"), TALKS.c.version == bindparam("was"))
    .values(
        sender_mac=bindparam("sender_mac"),
        key_id=bindparam("key_id"),
        state=bindparam("state"),
        version=TALKS.c.version + 1,
        expires_at=bindparam("expires_at"),
        due_at=bindparam("due_at"),
    )
)
REWRITE = (
    update(TALKS)
    .where(TALKS.c.id == bindparam("row_id"), TALKS.c.version == bindparam("was"))
    .values(state=bindparam("state"), version=TALKS.c.version + 1)
)


@dataclass(frozen=True, slots=True)
class TalkRow:
    """The row of a talk, as far as it is needed to write it again."""

    id: str
    version: int
    sender_mac: bytes
    key_id: str


@dataclass
class Kept:
    """A talk with its row and its key; `talk` is what counts now."""

    row: TalkRow
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
    found = _find(session, channel, hashes)
    if found is None:
        kept = _insert(session, channel, sender, hashes[0], shelf, now)
        if kept is not None:
            return kept
        found = _find(session, channel, hashes)  # another process was faster
    if found is None:
        raise LookupError(channel)
    key, key_id = shelf.get(found.key_id), found.key_id
    talk = read_talk(found.id, found.state, key) if key is not None and found.state else None
    if key is None:
        made = shelf.create(now + KEY_LIFE)
        key_id, key = made.key_id, made.key
    row = TalkRow(found.id, found.version, hashes[0], key_id)
    return Kept(row, talk or Talk(channel=channel, sender=sender), key, is_new=talk is None)


def find_kept(
    session: Session, channel: Channel, sender: str, *, days: DayKeys, shelf: KeyShelf, now: datetime
) -> Kept | None:
    """The talk of this sender, locked, for whoever writes to him; None where there is none that can be read."""
    hashes = [mac(key, "sender", channel, sender) for key in days.list_live(session, now, makes=False).values()]
    found = _find(session, channel, hashes)
    key = shelf.get(found.key_id) if found is not None else None
    talk = read_talk(found.id, found.state, key) if found is not None and key is not None and found.state else None
    if found is None or key is None or talk is None:
        return None
    return Kept(TalkRow(found.id, found.version, hashes[0], found.key_id), talk, key)


def rewrite_talk(session: Session, kept: Kept, talk: Talk) -> None:
    """Write a talk in which nobody spoke: its clocks stand as they stood."""
    values = {
        "was": kept.row.version,
        "row_id": kept.row.id,
        "state": seal_bytes(kept.key, "talk", kept.row.id, pack_talk(talk)),
    }
    if session.connection().execute(REWRITE, values).rowcount != 1:
        raise StaleDataError("conversation")


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
        row = kept.row = replace(row, key_id=made.key_id)
        kept.key = made.key
    kept.talk = replace(talk, last_at=now)
    values = {
        "was": row.version,
        "row_id": row.id,
        "sender_mac": row.sender_mac,
        "key_id": row.key_id,
        "state": seal_bytes(kept.key, "talk", row.id, pack_talk(kept.talk)),
        "expires_at": expires_at(talk, now),
        "due_at": now + silence_of(talk) if files_itself(talk) else None,
    }
    if session.connection().execute(SAVE, values).rowcount != 1:
        raise StaleDataError("conversation")


def expires_at(talk: Talk, now: datetime) -> datetime:
    """When a talk is over: 24 hours after filing, 72 before; not while a person is wanted and no office day passed."""
    usual = now + (LINK_LIFE if talk.is_filed and not talk.code_waits else DRAFT_LIFE)
    return max(usual, talk.waits_until) if talk.handed_over and talk.waits_until else usual


def silence_of(talk: Talk) -> timedelta:
    """After how much silence a complaint files itself; sooner where triage fears for a life."""
    quick = ALARM_SILENCE if ALARM in talk.asked else SILENCE
    return OFFICER_SILENCE if talk.with_officer else quick


def files_itself(talk: Talk) -> bool:
    """Whether silence files it: told, not filed, neither withdrawn nor waiting nor with a person."""
    stops = talk.is_held or talk.stage in (Stage.DRAFT, Stage.WITHDRAWN)
    told = (talk.is_complaint or talk.is_kept) and bool(talk.lines)
    return (told or talk.is_spoken) and not talk.is_filed and not stops


def open_talk(row: Conversation, key: bytes) -> Talk | None:
    """Read a talk; None where it can't be read."""
    return read_talk(row.id, row.state, key)


def read_talk(row_id: str, state: bytes, key: bytes) -> Talk | None:
    """Read a talk out of the columns of its row; None where it can't be read."""
    try:
        return unpack_talk(open_bytes(key, "talk", row_id, state))
    except InvalidTag:
        return None


def unpack_talk(packed: bytes) -> Talk | None:
    """A stored talk, also one that an older or newer release wrote: what it doesn't know the same way is left out, so
    that the words are never lost for the sake of a field. None where there is no talk in it at all.
    """
    try:
        return _talks().validate_json(packed)
    except ValidationError as problem:
        strange = {error["loc"][0] for error in problem.errors() if error["loc"]}
    try:
        known = {name: value for name, value in json.loads(packed).items() if name not in strange}
        return _talks().validate_json(json.dumps(known))
    except (ValueError, AttributeError):
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


def _find(session: Session, channel: Channel, hashes: list[bytes]) -> Row[str, str, bytes, int] | None:
    return session.connection().execute(FIND, {"channel": channel, "hashes": hashes}).first()


def _insert(
    session: Session, channel: Channel, sender: str, sender_mac: bytes, shelf: KeyShelf, now: datetime
) -> Kept | None:
    """An empty talk; None where another process has just made one for the same sender."""
    made = shelf.create(now + KEY_LIFE)
    row = TalkRow(new_id(), 1, sender_mac, made.key_id)
    values = {
        "id": row.id,
        "channel": channel,
        "sender_mac": sender_mac,
        "key_id": made.key_id,
        "state": b"",
        "version": row.version,
        "expires_at": now + DRAFT_LIFE,
    }
    connection = session.connection()
    if connection.execute(_inserting(connection.dialect.name), values).first() is None:
        shelf.destroy(made.key_id)
        return None
    return Kept(row, Talk(channel=channel, sender=sender), made.key, is_new=True)


@cache
def _inserting(dialect: str) -> Executable:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(TALKS).on_conflict_do_nothing().returning(TALKS.c.id)
