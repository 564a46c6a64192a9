"""A case that is frozen from destruction (暂停销毁): who froze it, until when at least, and the other who lifted it.

The reasons are notes of the case, sealed where it is; this row tells days and ids alone.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, new_id
from casework.store import Base

STANDING = text("lifted_at IS NULL")


class LegalHold(Base):
    """One freeze of one case; at most one stands at a time. It ends by a second person's act, never by itself."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        CheckConstraint("lifted_by IS NULL OR lifted_by <> placed_by", name="two_people"),
        CheckConstraint("(lifted_by IS NULL) = (lifted_at IS NULL)", name="lifted_by_somebody"),
        Index("ix_legal_hold_standing", "case_id", unique=True, sqlite_where=STANDING, postgresql_where=STANDING),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    note_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    review_on: Mapped[date]
    placed_by: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    placed_at: Mapped[datetime]
    lifted_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    lifted_at: Mapped[datetime | None]
    lift_note_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
