"""Talks before they are filed, messages already seen, words on their way out.

A talk rests only as ciphertext under a key of its own that lies where backups do not reach; who writes is known only
by a keyed hash whose key is thrown away after three days.
"""

from datetime import date, datetime

from sqlalchemy import DDL, ForeignKey, LargeBinary, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, closed_set, new_id
from casework.store import Base
from casework.types import Channel, DeliveryStatus


class Conversation(Base):
    """One talk. `state` (step, words, what was understood, the link to what was filed) opens only with its own key.

    `due_at` is when silence files it, reminds, or ends it; NULL where nothing waits.
    """

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("channel", "sender_mac"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    channel: Mapped[Channel] = mapped_column(closed_set(Channel, "conversation_channel"))
    sender_mac: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(String(64))
    state: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the shape the mapper wants


class SeenMessage(Base):
    """A message already taken, by keyed hash, with the reply that was given; it points to no talk or report."""

    __tablename__ = "seen_message"

    message_mac: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    body_mac: Mapped[bytes | None] = mapped_column(LargeBinary)
    reply: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(String(64))
    seen_on: Mapped[date] = mapped_column(index=True)


class TalkKey(Base):
    """The short-lived keys of talks on PostgreSQL: an unlogged table, which no base backup holds.

    On SQLite they lie in a file beside the database instead, and this table stays empty.
    """

    __tablename__ = "talk_key"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(index=True)


UNLOGGED = DDL("ALTER TABLE talk_key SET UNLOGGED")  # type: ignore[no-untyped-call]
event.listen(TalkKey.__table__, "after_create", UNLOGGED.execute_if(dialect="postgresql"))


class Outbound(Base):
    """A message to a reply address: a phrase of the script by name, never its text; a row before it is sent.

    `vendor_ref` stands where it went as the vendor's form for those long silent: the vendor's number of it.
    """

    __tablename__ = "outbound"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    reply_address_id: Mapped[str] = mapped_column(ForeignKey("reply_address.id", ondelete="CASCADE"), index=True)
    phrase: Mapped[str] = mapped_column(String(48))
    status: Mapped[DeliveryStatus] = mapped_column(
        closed_set(DeliveryStatus, "outbound_status"), default=DeliveryStatus.QUEUED, index=True
    )
    attempts: Mapped[int] = mapped_column(default=0)
    attempt_id: Mapped[str | None] = mapped_column(String(64))
    error_code: Mapped[str | None] = mapped_column(String(48))
    vendor_ref: Mapped[str | None] = mapped_column(String(64), index=True)
    queued_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime | None]


class DayKey(Base):
    """Which short-lived key hashes the senders and messages of a day; the key itself lies on the shelf, not here."""

    __tablename__ = "day_key"

    day: Mapped[date] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(String(64))


class VendorToken(Base):
    """The one access token of a vendor's account that all processes share, under the server's secret."""

    __tablename__ = "vendor_token"

    account: Mapped[str] = mapped_column(String(160), primary_key=True)
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]


class Handover(Base):
    """A talk that a person should take (转人工): why, since when, who took it. It goes when the talk goes."""

    __tablename__ = "handover"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(String(32))
    asked_at: Mapped[datetime]
    taken_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    taken_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class LooseMedium(Base):
    """A file that belongs to a talk and to no report yet: ciphertext alone, whose keys lie in the talk.

    It goes with the talk, when the words are erased, or into a case when they are filed.
    """

    __tablename__ = "loose_medium"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    original: Mapped[bytes] = mapped_column(LargeBinary)
    copy: Mapped[bytes | None] = mapped_column(LargeBinary)
    thumbnail: Mapped[bytes | None] = mapped_column(LargeBinary)


class LateMessage(Base):
    """A message that was acknowledged before it was answered, as ciphertext under a short-lived key of its own."""

    __tablename__ = "late_message"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(64))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    queued_at: Mapped[datetime]
