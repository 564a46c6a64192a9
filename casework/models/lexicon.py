"""The office's own words: versions laid over the shipped lexicon, proposals on trial, and what officers corrected.

No row holds a citizen's words: a move and an example know their case by id, and go when it is sealed or destroyed.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, closed_set, new_id
from casework.store import Base, JsonValue


class ProposalStatus(StrEnum):
    """Where a proposed change stands."""

    TESTING = "testing"
    TESTED = "tested"
    LIVE = "live"
    DROPPED = "dropped"


PROPOSAL_TRANSITIONS: Mapping[ProposalStatus, frozenset[ProposalStatus]] = {
    ProposalStatus.TESTING: frozenset({ProposalStatus.TESTED, ProposalStatus.DROPPED}),
    ProposalStatus.TESTED: frozenset({ProposalStatus.TESTING, ProposalStatus.LIVE, ProposalStatus.DROPPED}),
    ProposalStatus.LIVE: frozenset(),
    ProposalStatus.DROPPED: frozenset(),
}


class CountStatus(StrEnum):
    """Where the count of how often each phrase speaks stands."""

    COUNTING = "counting"
    COUNTED = "counted"
    STOPPED = "stopped"


class LexiconVersion(Base):
    """One version: who made it, when, why, by which change; `changes` is all that lies over the base with it.

    `base` is the mark of the shipped lexicon it was made over, `parent` the version that was active then (0: none).
    Versions are never changed; `LexiconState` says which is active.
    """

    __tablename__ = "lexicon_version"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    parent: Mapped[int]
    base: Mapped[str] = mapped_column(String(16))
    made_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    change: Mapped[dict[str, Any] | None]
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue)


class LexiconState(Base):
    """The one row that says which version is active; 0 is the shipped lexicon alone."""

    __tablename__ = "lexicon_state"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    active: Mapped[int]
    changed_at: Mapped[datetime]


class LexiconProposal(Base):
    """A change that somebody proposes, and how far its trial has come: `done` of `total`, up to the case `cursor`.

    `over` is the version that it was tried over; it goes live over no other.
    """

    __tablename__ = "lexicon_proposal"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    status: Mapped[ProposalStatus] = mapped_column(closed_set(ProposalStatus, "proposal_status"))
    change: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    proposed_at: Mapped[datetime]
    over: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    cursor: Mapped[str] = mapped_column(String(ID_LENGTH), default="")
    tested_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    decided_at: Mapped[datetime | None]
    version: Mapped[int | None]


class LexiconMove(Base):
    """An open case whose verdict a proposal would move: codes before and after, and where the reasons stand."""

    __tablename__ = "lexicon_move"
    __table_args__ = (UniqueConstraint("proposal_id", "case_id"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    proposal_id: Mapped[str] = mapped_column(ForeignKey("lexicon_proposal.id"), index=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


class LexiconCount(Base):
    """How often each phrase spoke in the cases that an officer may know of: the last whole count and one under way.

    `figures` is the whole one, made at `counted_at`; `partial` has come to `done` of `total`, up to the case `cursor`,
    and looks back from `day`. Both hold the lexicon's own phrases and numbers, no word of a report beside them.
    """

    __tablename__ = "lexicon_count"

    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    status: Mapped[CountStatus] = mapped_column(closed_set(CountStatus, "count_status"))
    day: Mapped[date]
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    cursor: Mapped[str] = mapped_column(String(ID_LENGTH), default="")
    partial: Mapped[dict[str, Any]]
    figures: Mapped[dict[str, Any]]
    counted_at: Mapped[datetime | None]


class LabelledExample(Base):
    """An open case of which an officer said otherwise than triage: both answers as codes, and the day; no text."""

    __tablename__ = "labelled_example"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), unique=True)
    said: Mapped[dict[str, Any]]
    told: Mapped[dict[str, Any]]
    made_on: Mapped[date]
