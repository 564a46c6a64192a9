"""Calls to whoever is on duty: who was called for what, when, and who took it.

A row says that somebody was called for a critical case or a talk, by id; nothing of what it is about.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, closed_set, new_id
from casework.store import Base


class PageSubject(StrEnum):
    """What somebody is called for: a critical case or slip, or a talk that needs a person now."""

    CASE = "case"
    TALK = "talk"


class PageCall(Base):
    """One officer called for one thing. `taken_at` stands on every row of it once somebody took it."""

    __tablename__ = "page_call"
    __table_args__ = (UniqueConstraint("subject_id", "position"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    subject: Mapped[PageSubject] = mapped_column(closed_set(PageSubject, "page_subject"))
    subject_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    position: Mapped[int]
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    called_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]
    posted_at: Mapped[datetime | None]
    taken_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    taken_at: Mapped[datetime | None]
