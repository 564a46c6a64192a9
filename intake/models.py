"""What came in and who sent it, kept apart: reports, reporters, receipts, reply addresses.

The original is sealed to the identity ring; the working text beside it is equal in length, with ▇ over whatever could
give the reporter away. Of a sealed case's report nothing but its existence and its day stands here in plain.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, closed_set, new_id
from casework.store import Base
from casework.types import Channel


class BatchStatus(StrEnum):
    """Where a sheet stands on its way in."""

    HELD = "held"
    RUNNING = "running"
    DONE = "done"
    LOST = "lost"


class Report(Base):
    """What a person sent. The original is never overwritten; a later correction is another report of the case."""

    __tablename__ = "report"
    __table_args__ = (
        CheckConstraint(
            "NOT sealed OR (working_text IS NULL AND channel IS NULL AND named IS NULL)", name="sealed_is_bare"
        ),
        CheckConstraint("sealed OR (working_text IS NOT NULL AND channel IS NOT NULL)", name="open_is_whole"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    sealed: Mapped[bool]
    received_on: Mapped[date]
    original_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    ring_id: Mapped[str] = mapped_column(ForeignKey("ring.id"))
    commitment: Mapped[bytes] = mapped_column(LargeBinary)
    working_text: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[Channel | None] = mapped_column(closed_set(Channel, "report_channel"))
    named: Mapped[bool | None]


class Reporter(Base):
    """Who sent it: name, phone, address, wishes, in one ciphertext; only `reveal_reporter` reads it."""

    __tablename__ = "reporter"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    report_id: Mapped[str] = mapped_column(ForeignKey("report.id"), unique=True)
    ring_id: Mapped[str] = mapped_column(ForeignKey("ring.id"))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)


class Receipt(Base):
    """The code a reporter keeps, as far as we keep it.

    `locator` (the first four digits) finds the row; the secret part is known only by `verifier`, made with Argon2id
    under `salt` and the server's pepper, off the write path: until then `pending_mac` stands for it under the talk's
    short-lived key. The reporter key's private half is wrapped by what the code derives; `signing_key` is the public
    half of what he signs with.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        CheckConstraint("(verifier IS NULL) <> (pending_mac IS NULL)", name="hard_or_pending"),
        CheckConstraint("(verifier IS NULL) = (wrapped_private_key IS NULL)", name="key_with_verifier"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    locator: Mapped[str] = mapped_column(String(8), index=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    verifier: Mapped[bytes | None] = mapped_column(LargeBinary)
    pending_mac: Mapped[bytes | None] = mapped_column(LargeBinary)
    pending_ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    pending_key_id: Mapped[str | None] = mapped_column(String(64))
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    signing_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    sieve: Mapped[bytes | None] = mapped_column(LargeBinary)
    wrapped_private_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    links: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_on: Mapped[date]


class ReplyAddress(Base):
    """Where one who said yes is told that there is news: a vendor id under the server's key, nothing else.

    It stands apart from the report and is dropped on his wish, when he unfollows, and after the end.
    """

    __tablename__ = "reply_address"
    __table_args__ = (UniqueConstraint("receipt_id", "channel"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    receipt_id: Mapped[str] = mapped_column(ForeignKey("receipt.id"), index=True)
    channel: Mapped[Channel] = mapped_column(closed_set(Channel, "reply_channel"))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    agreed_on: Mapped[date]


class IdempotencyKey(Base):
    """A request that was answered, and its answer under the server's key for three days.

    Of the integration API, where `asker_id` is the API key, or of the call desk, where it is the officer's sign-in.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("asker_id", "key_sha256"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    asker_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    key_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    request_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    status_code: Mapped[int]
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]


class ImportBatch(Base):
    """A sheet that is being taken in: its rows under a short-lived key while they wait, then the counts alone.

    `position` is how many rows are done; each moves on in the transaction of its own report, so that a process that
    died is followed by another at the same row. `problems` names rows by number, without a word of them. `codes` are
    those that he has to tell by telephone, under a short-lived key of their own once all rows are in, until he has.
    """

    __tablename__ = "import_batch"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    source: Mapped[str] = mapped_column(String(32))
    status: Mapped[BatchStatus] = mapped_column(closed_set(BatchStatus, "batch_status"))
    key_id: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    codes: Mapped[bytes | None] = mapped_column(LargeBinary)
    total: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    problems: Mapped[list[str]]
    made_at: Mapped[datetime]


class SeenSerial(Base):
    """That a serial of another office came already: a keyed hash that leads to no case."""

    __tablename__ = "seen_serial"

    mac: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)


class TransferSerial(Base):
    """Under which number another office knows an open report; of a sealed one it lies inside."""

    __tablename__ = "transfer_serial"

    report_id: Mapped[str] = mapped_column(ForeignKey("report.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(32))
    serial: Mapped[str] = mapped_column(String(64))


class HeldScan(Base):
    """A scan of a letter that an officer is copying out: ciphertext alone, until it belongs to a case."""

    __tablename__ = "held_scan"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"), index=True)
    key_id: Mapped[str] = mapped_column(String(64))
    keys: Mapped[bytes] = mapped_column(LargeBinary)
    original: Mapped[bytes] = mapped_column(LargeBinary)
    pages: Mapped[int]
    made_at: Mapped[datetime]


class HeldPart(Base):
    """The open part of a report that was sealed, until its moment comes: under the server's key, in no backup."""

    __tablename__ = "held_part"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    due_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)
