"""What over a sealed case waits for a third person: a colleague kept out (回避提议), let in, or the case handed on.

The reason to keep out is one of the law's three and goes with the decision; what lies behind it is told by mouth.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, closed_set, new_id
from casework.store import Base
from casework.types import ConsentKind, ReceiverLevel, RecusalReason


class KeepingOutRequest(Base):
    """Who asks to keep whom out of which case, or to let him in; `asked` are the ids of the leaders who may decide.

    Whoever decides is a third: neither the one who asks nor the one whom it is about. Of handing on there is nobody it
    is about, but the `level` of the receiver. A consent to let in or to hand on is good for one act (`used_at`).
    """

    __tablename__ = "keeping_out_request"
    __table_args__ = (
        CheckConstraint("officer_id <> asked_by", name="not_himself"),
        CheckConstraint("decided_by IS NULL OR decided_by NOT IN (asked_by, officer_id)", name="a_third"),
        CheckConstraint(
            "(kind = 'keeping_out' AND decided_at IS NULL) = (reason IS NOT NULL)", name="reason_while_it_waits"
        ),
        CheckConstraint("(kind = 'handing_on') = (officer_id IS NULL)", name="about_somebody"),
        CheckConstraint("(kind = 'handing_on') = (level IS NOT NULL)", name="level_of_a_receiver"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    kind: Mapped[ConsentKind] = mapped_column(closed_set(ConsentKind, "consent_kind"), default=ConsentKind.KEEPING_OUT)
    officer_id: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    asked_by: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    asked: Mapped[list[str]]
    reason: Mapped[RecusalReason | None] = mapped_column(closed_set(RecusalReason, "recusal_reason"))
    level: Mapped[ReceiverLevel | None] = mapped_column(closed_set(ReceiverLevel, "receiver_level"))
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    decided_at: Mapped[datetime | None]
    agreed: Mapped[bool | None]
    used_at: Mapped[datetime | None]
