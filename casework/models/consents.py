"""A proposal to keep a clue officer out of a sealed case (回避提议), waiting for a second person.

The reason is one of the law's three and goes with the decision; what lies behind it is told by mouth, not written.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, closed_set, new_id
from casework.store import Base
from casework.types import RecusalReason


class KeepingOutRequest(Base):
    """Who asks to keep whom out of which case; `asked` are the ids of the leaders who may decide, and they alone.

    Whoever decides is a third: neither the one who asks nor the one to be kept out.
    """

    __tablename__ = "keeping_out_request"
    __table_args__ = (
        CheckConstraint("officer_id <> asked_by", name="not_himself"),
        CheckConstraint("decided_by IS NULL OR decided_by NOT IN (asked_by, officer_id)", name="a_third"),
        CheckConstraint("(decided_at IS NULL) = (reason IS NOT NULL)", name="reason_while_it_waits"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    asked_by: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    asked: Mapped[list[str]]
    reason: Mapped[RecusalReason | None] = mapped_column(closed_set(RecusalReason, "recusal_reason"))
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    decided_at: Mapped[datetime | None]
    agreed: Mapped[bool | None]
