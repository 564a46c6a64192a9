"""The reporter's identity on its way to the receiver (举报人信息), in an envelope of its own that we cannot read.

Like a pick-up, and apart from it: opening the letter opens nothing here, and each opening is an act of its own.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, new_id
from casework.store import Base


class Annex(Base):
    """One report's reporter for one referral: sealed under a key of its own, and locked to the body's age key."""

    __tablename__ = "annex"
    __table_args__ = (UniqueConstraint("referral_id", "report_id"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referral.id"), index=True)
    report_id: Mapped[str] = mapped_column(ForeignKey("report.id"))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    age_file: Mapped[bytes | None] = mapped_column(LargeBinary)
    fingerprint: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]
    taken_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    taken_at: Mapped[datetime | None]


class AnnexKey(Base):
    """One officer of the body; `wrapped_key` opens it in his sign-in, without one he takes the locked file."""

    __tablename__ = "annex_key"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    annex_id: Mapped[str] = mapped_column(ForeignKey("annex.id"), index=True)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"), index=True)
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
