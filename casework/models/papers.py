"""The papers of an open case (文书): notices to its reporter, orders and reminders to the body that handles it.

A sealed case has none; one that is sealed late takes its papers inside with everything else (`rowpacks`).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, new_id
from casework.store import Base


class CasePaper(Base):
    """One paper, from draft to issue; `fields` is the one set of texts that every file of it is made of."""

    __tablename__ = "case_paper"
    __table_args__ = (
        CheckConstraint("(issued_at IS NULL) = (number IS NULL)", name="issued_has_number"),
        CheckConstraint("issued_at IS NULL OR cancelled_at IS NULL", name="issued_or_cancelled"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    body_code: Mapped[str | None] = mapped_column(ForeignKey("body.code"))
    fields: Mapped[dict[str, Any]]
    number: Mapped[str | None] = mapped_column(String(48), unique=True)
    drafted_by: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    drafted_at: Mapped[datetime]
    issued_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    issued_at: Mapped[datetime | None]
    message_id: Mapped[str | None] = mapped_column(ForeignKey("message.id"))
    foot: Mapped[str] = mapped_column(String(96), default="")
    cancelled_at: Mapped[datetime | None]


class CasePaperFile(Base):
    """The paper as issued; a draft is set anew each time it is looked at."""

    __tablename__ = "case_paper_file"
    __table_args__ = (UniqueConstraint("paper_id", "position", "format"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    paper_id: Mapped[str] = mapped_column(ForeignKey("case_paper.id"), index=True)
    position: Mapped[int]
    format: Mapped[str] = mapped_column(String(8))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
