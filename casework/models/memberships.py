"""Where somebody used to belong, and whom of the staff the cases that are over are still to be held against.

Where somebody belongs now stands in his own row; nothing here is about reporters.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, new_id
from casework.store import Base


class Membership(Base):
    """That an officer was of a body, with which post, from which day until which: written when he moves."""

    __tablename__ = "membership"
    __table_args__ = (CheckConstraint("started_on <= ended_on", name="forward"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"), index=True)
    body_code: Mapped[str] = mapped_column(ForeignKey("body.code"))
    post: Mapped[str] = mapped_column(String(64), default="")
    started_on: Mapped[date]
    ended_on: Mapped[date]


class Screening(Base):
    """That the cases that are over are being held against an officer; until `finished_at` he sees none of them.

    `reached` is the last case looked at, so that a run that was broken off goes on where it was.
    """

    __tablename__ = "screening"

    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    asked_at: Mapped[datetime]
    total: Mapped[int]
    looked: Mapped[int] = mapped_column(default=0)
    reached: Mapped[str] = mapped_column(String(ID_LENGTH), default="")
    finished_at: Mapped[datetime | None]
