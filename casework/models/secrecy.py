"""The tables that keep secrets: rings, case keys, sealed items, who is kept out and who is let in.

The server holds public halves alone; every private half here is wrapped for someone who is not the server.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, closed_set, new_id
from casework.store import Base
from casework.types import Danger, ExclusionReason, SealedKind


class Ring(Base):
    """A ring's public half. What follows a removal is sealed to the next generation, so several may stand."""

    __tablename__ = "ring"
    __table_args__ = (UniqueConstraint("name", "generation"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(32))
    generation: Mapped[int]
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class RecoveryKey(Base):
    """The public half of the key that is printed at set-up and kept in a safe."""

    __tablename__ = "recovery_key"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class RingMember(Base):
    """The ring's private half wrapped for one member, or for the recovery key."""

    __tablename__ = "ring_member"
    __table_args__ = (
        UniqueConstraint("ring_id", "officer_id"),
        CheckConstraint("(officer_id IS NULL) <> (recovery_key_id IS NULL)", name="one_holder"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    ring_id: Mapped[str] = mapped_column(ForeignKey("ring.id"), index=True)
    officer_id: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    recovery_key_id: Mapped[str | None] = mapped_column(ForeignKey("recovery_key.id"))
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)


class CaseKey(Base):
    """A sealed case's private half wrapped for a clue officer whom the conflict test spares, or for recovery."""

    __tablename__ = "case_key"
    __table_args__ = (
        UniqueConstraint("case_id", "officer_id"),
        CheckConstraint("(officer_id IS NULL) <> (recovery_key_id IS NULL)", name="one_holder"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    officer_id: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    recovery_key_id: Mapped[str | None] = mapped_column(ForeignKey("recovery_key.id"))
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)


class SealedItem(Base):
    """A piece of a sealed case (its record, a note, a referral, an addition), sealed to the case's public half."""

    __tablename__ = "sealed_item"
    __table_args__ = (UniqueConstraint("case_id", "position"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    position: Mapped[int]
    kind: Mapped[SealedKind] = mapped_column(closed_set(SealedKind, "sealed_kind"))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)


class Allowance(Base):
    """The allow-list of a sealed case: no row, no trace of it."""

    __tablename__ = "allowance"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"), primary_key=True)


class Exclusion(Base):
    """Who is kept out of an open case: an officer, or a whole body with those who join it later, and those who have
    left it since the day `since` (whenever they left, where that is empty: nobody told when the matter began).

    An uncertain hit (surname and post) excludes as well until a clue officer clears it. Of one made by hand `why` is
    what that person wrote and `made_by` who he is; only another may take it back. The ledger's digest of the row
    is made with its `nonce`: once the row is gone, nobody can try out whom it was about.
    """

    __tablename__ = "exclusion"
    __table_args__ = (CheckConstraint("(officer_id IS NULL) <> (body_code IS NULL)", name="one_holder"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    officer_id: Mapped[str | None] = mapped_column(ForeignKey("officer.id"), index=True)
    body_code: Mapped[str | None] = mapped_column(ForeignKey("body.code"), index=True)
    since: Mapped[date | None]
    reason: Mapped[ExclusionReason] = mapped_column(closed_set(ExclusionReason, "exclusion_reason"))
    certain: Mapped[bool]
    made_at: Mapped[datetime]
    made_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    why: Mapped[str] = mapped_column(Text, default="")
    cleared_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    cleared_at: Mapped[datetime | None]
    nonce: Mapped[str] = mapped_column(String(ID_LENGTH), default=new_id)


class EmergencySlip(Base):
    """What a slip says: place, kind of danger, number to call; never the reporter's, no word of the text."""

    __tablename__ = "emergency_slip"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(128))
    danger: Mapped[Danger] = mapped_column(closed_set(Danger, "danger"))
    number_to_call: Mapped[str] = mapped_column(String(8))
