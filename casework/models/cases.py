"""The case and what hangs on it: assessments, assignments, clocks, notes, the talk with the reporter.

A sealed case shows in plain only a random id, the flag, its stage and its dates; CHECK constraints keep it so, and
the rest lies in `casework.models.secrecy.SealedItem`.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, closed_set, new_id
from casework.store import Base
from casework.types import CaseKind, CaseStatus, DeadlineUnit, Finding, MessageDirection
from triage.types import Urgency

SEALED_IS_BARE = (
    "NOT sealed OR (category IS NULL AND urgency IS NULL AND body_code IS NULL AND institution_code IS NULL"
    " AND town_code IS NULL AND discipline IS NULL AND officer_id IS NULL)"
)


RUNNING = text("met_at IS NULL AND waived_reason IS NULL AND paused_at IS NULL")
"""Of a clock: neither met, nor waived, nor standing still."""


class Case(Base):
    """The thing that is handled. Only `cases.advance_case` assigns `status`."""

    __tablename__ = "case_file"
    __table_args__ = (
        CheckConstraint(SEALED_IS_BARE, name="sealed_is_bare"),
        CheckConstraint("sealed OR (category IS NOT NULL AND urgency IS NOT NULL)", name="open_is_assessed"),
        Index("ix_case_file_queue", "sealed", "status", "body_code"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    kind: Mapped[CaseKind] = mapped_column(closed_set(CaseKind, "case_kind"), default=CaseKind.ORDINARY)
    sealed: Mapped[bool] = mapped_column(default=False)
    status: Mapped[CaseStatus] = mapped_column(closed_set(CaseStatus, "case_status"), default=CaseStatus.RECEIVED)
    version: Mapped[int] = mapped_column(default=1)
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    category: Mapped[str | None] = mapped_column(String(32))
    urgency: Mapped[Urgency | None] = mapped_column(closed_set(Urgency, "case_urgency"))
    discipline: Mapped[bool | None]
    body_code: Mapped[str | None] = mapped_column(ForeignKey("body.code"))
    officer_id: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    institution_code: Mapped[str | None] = mapped_column(ForeignKey("institution.code"), index=True)
    town_code: Mapped[str | None] = mapped_column(ForeignKey("town.code"))

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the shape the mapper wants


class CaseAssessment(Base):
    """What triage, or an officer correcting it, said of an open case; the newest revision counts. None if sealed."""

    __tablename__ = "case_assessment"
    __table_args__ = (UniqueConstraint("case_id", "revision"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    revision: Mapped[int]
    verdict: Mapped[dict[str, Any]]
    lexicon_version: Mapped[str] = mapped_column(String(64))
    officer_id: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]


class Assignment(Base):
    """A case sent to a body (派单); `signed_at` is its 签收. Nobody sent it where it went to the superior by rule."""

    __tablename__ = "assignment"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    body_code: Mapped[str] = mapped_column(ForeignKey("body.code"))
    officer_id: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    instruction: Mapped[str] = mapped_column(Text, default="")
    assigned_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    assigned_at: Mapped[datetime]
    signed_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    signed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Return(Base):
    """A case given back to the dispatcher (退单): reason, clause of the duty list, the body proposed instead."""

    __tablename__ = "case_return"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    clause: Mapped[str] = mapped_column(Text, default="")
    proposed_body_code: Mapped[str | None] = mapped_column(ForeignKey("body.code"))
    returned_by: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    returned_at: Mapped[datetime]


class Deadline(Base):
    """One clock of a case: the rule, its article, where it started, how long it runs, what happened to it.

    Whether it is overdue is worked out from these and `now`, never stored. `due_at` is set only for limits in hours.
    """

    __tablename__ = "deadline"
    __table_args__ = (
        UniqueConstraint("case_id", "rule_id", "started_at"),
        Index("ix_deadline_running", "due_on", sqlite_where=RUNNING, postgresql_where=RUNNING),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    rule_id: Mapped[str] = mapped_column(String(32))
    started_at: Mapped[datetime]
    unit: Mapped[DeadlineUnit] = mapped_column(closed_set(DeadlineUnit, "deadline_unit"))
    length: Mapped[int]
    due_on: Mapped[date] = mapped_column(index=True)
    due_at: Mapped[datetime | None]
    provisional: Mapped[bool] = mapped_column(default=False)
    paused_at: Mapped[datetime | None]
    paused_days: Mapped[int] = mapped_column(default=0)
    met_at: Mapped[datetime | None]
    waived_reason: Mapped[str | None] = mapped_column(Text)


class Extension(Base):
    """A longer limit: who asked, who approved (not the same), why, and when the reporter was told."""

    __tablename__ = "extension"
    __table_args__ = (CheckConstraint("approved_by IS NULL OR approved_by <> requested_by", name="two_people"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    deadline_id: Mapped[str] = mapped_column(ForeignKey("deadline.id"), index=True)
    length: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    requested_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    approved_at: Mapped[datetime | None]
    refused_reason: Mapped[str | None] = mapped_column(Text)
    told_at: Mapped[datetime | None]


class Note(Base):
    """An internal note of an open case; those of a sealed one are sealed items."""

    __tablename__ = "note"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]


class Message(Base):
    """One word of the two-way talk.

    In an open case `text` is plain. In a sealed one it is NULL and the two ciphertexts hold it, one for the reporter's
    key and one for the case's. What a reporter wrote is dated to the day.
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("(text IS NULL) <> (case_ciphertext IS NULL)", name="plain_or_sealed"),
        CheckConstraint("direction = 'from_reporter' OR officer_id IS NOT NULL", name="answer_has_officer"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    position: Mapped[int]
    direction: Mapped[MessageDirection] = mapped_column(closed_set(MessageDirection, "message_direction"))
    text: Mapped[str | None] = mapped_column(Text)
    case_ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    reporter_ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    officer_id: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    made_on: Mapped[date]


class Disposition(Base):
    """How an open case ended: the finding, the outcomes from the closed sanction list, the words for the public."""

    __tablename__ = "disposition"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    finding: Mapped[Finding] = mapped_column(closed_set(Finding, "finding"))
    outcomes: Mapped[list[str]]
    internal: Mapped[str] = mapped_column(Text, default="")
    public_reply: Mapped[str] = mapped_column(Text)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]


class DuplicateHint(Base):
    """A suggestion that two open cases tell of one incident; never made for a sealed one, never merged by itself."""

    __tablename__ = "duplicate_hint"
    __table_args__ = (UniqueConstraint("case_id", "other_case_id"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    other_case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    score: Mapped[float]
    why: Mapped[list[str]]
    accepted: Mapped[bool | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))


class Counter(Base):
    """The last number given in a series (case numbers of a year, sealed numbers, notice numbers)."""

    __tablename__ = "counter"

    series: Mapped[str] = mapped_column(String(48), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


class Tally(Base):
    """A bare count by month of what may not be kept (talks about the discipline organ's own leaders)."""

    __tablename__ = "tally"

    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)
