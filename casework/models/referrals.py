"""Hand-over: the referral, its paper, each way it leaves the house, and what comes back.

A sealed case's referral shows here only that it exists and where it stands; body and fields lie in a sealed item.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, closed_set, new_id
from casework.store import Base
from casework.types import (
    AcknowledgementDecision,
    DeliveryMethod,
    DeliveryStatus,
    DisposalClass,
    ReferralStatus,
)


class Referral(Base):
    """A case handed to another organ. Only `referral_rules.advance_referral` assigns `status`.

    `put_at` to `approved_at` tell of the principal's decision on a suspected crime (`principals`). That a number is new
    is asked among the letters that its officer may know of alone: a constraint over all would answer for the others.
    """

    __tablename__ = "referral"
    __table_args__ = (
        CheckConstraint("NOT sealed OR (body_code IS NULL AND fields IS NULL)", name="sealed_is_bare"),
        CheckConstraint("sealed OR (body_code IS NOT NULL AND fields IS NOT NULL)", name="open_is_whole"),
        CheckConstraint("status IN ('drafted', 'cancelled') OR number IS NOT NULL", name="issued_has_number"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    sealed: Mapped[bool] = mapped_column(default=False)
    status: Mapped[ReferralStatus] = mapped_column(
        closed_set(ReferralStatus, "referral_status"), default=ReferralStatus.DRAFTED
    )
    body_code: Mapped[str | None] = mapped_column(ForeignKey("body.code"), index=True)
    fields: Mapped[dict[str, Any] | None]
    number: Mapped[str | None] = mapped_column(String(48), index=True)
    drafted_by: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    drafted_at: Mapped[datetime]
    put_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    put_at: Mapped[datetime | None]
    refused_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    refused_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    approved_at: Mapped[datetime | None]
    issued_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    issued_at: Mapped[datetime | None]
    foot: Mapped[str] = mapped_column(String(96), default="")
    shrunk_at: Mapped[datetime | None]


class NoticeFile(Base):
    """The paper as issued (open cases only; a sealed one is rendered in the officer's request and never kept)."""

    __tablename__ = "notice_file"
    __table_args__ = (UniqueConstraint("referral_id", "form", "format"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referral.id"), index=True)
    form: Mapped[str] = mapped_column(String(48))
    format: Mapped[str] = mapped_column(String(8))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))


class Delivery(Base):
    """One way a notice leaves: a row before it is sent.

    `sending` is claimed by `attempt_id`; a claim whose holder died becomes `unsure`, never a second sending on its own.
    One Message-ID serves all tries.
    """

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("referral_id", "method"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referral.id"), index=True)
    method: Mapped[DeliveryMethod] = mapped_column(closed_set(DeliveryMethod, "delivery_method"))
    status: Mapped[DeliveryStatus] = mapped_column(
        closed_set(DeliveryStatus, "delivery_status"), default=DeliveryStatus.QUEUED
    )
    message_id: Mapped[str] = mapped_column(String(128))
    attempts: Mapped[int] = mapped_column(default=0)
    attempt_id: Mapped[str | None] = mapped_column(String(64))
    queued_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime | None]
    error_code: Mapped[str | None] = mapped_column(String(48))
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))


class Acknowledgement(Base):
    """The receiving body's 回执: by one-time link, by API, by its own login, or typed in from paper.

    The link's token is kept as SHA-256 and expires; GET shows, POST acknowledges once.
    """

    __tablename__ = "acknowledgement"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referral.id"), unique=True)
    token_sha256: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    decision: Mapped[AcknowledgementDecision | None] = mapped_column(
        closed_set(AcknowledgementDecision, "ack_decision")
    )
    receiver: Mapped[str] = mapped_column(String(64), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    reference: Mapped[str] = mapped_column(String(64), default="")
    disposal: Mapped[DisposalClass | None] = mapped_column(closed_set(DisposalClass, "disposal_class"))
    result: Mapped[str] = mapped_column(Text, default="")
    result_at: Mapped[datetime | None]
