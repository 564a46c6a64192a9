"""What two people see of a destruction: the proposal that waits, what will fall due, and the certificates afterwards.

The certificate is drawn from its ledger entry alone, so that it can be printed again and proves the same each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.errors import NotFound
from casework.holds import is_held
from casework.ledger import Verb
from casework.models.cases import Case
from casework.models.ledger import LedgerBlock, LedgerEntry, LedgerLink
from casework.models.people import Officer
from casework.models.referrals import Acknowledgement, Referral
from casework.notices import write_date
from casework.papers import Block, BlockKind, Paper, PaperForm, Row
from casework.retention import (
    CONSENT_HOLDS,
    DECIDERS,
    RECEIVED,
    Due,
    Schedule,
    ScheduleId,
    find_standing,
    may_see_certificate,
)
from casework.types import ReferralStatus
from casework.visibility import require_role, visible_cases

SUBJECT = "retention"
AHEAD = timedelta(days=30)
MOST = 100


@dataclass(frozen=True, slots=True)
class Proposal:
    """The first of two: who proposed, when, how many cases that the asker may know of, until when it holds."""

    officer_id: str
    name: str
    at: datetime
    cases: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Destroyed:
    """One destruction as its ledger entry tells it; `first` proposed it and `second` carried it out."""

    entry_id: int
    at: datetime
    schedule: ScheduleId
    cases: int
    rows: int
    keys: int
    sha256: str
    first: str
    second: str
    block_id: int | None
    block_hash: str


def find_proposal(session: Session, officer: Officer, schedule: Schedule, *, now: datetime) -> Proposal | None:
    """The proposal that waits, counted as far as he may know of its cases: another's before his own; None for none."""
    standing = find_standing(session, officer, schedule, own=False, now=now) or find_standing(
        session, officer, schedule, own=True, now=now
    )
    if standing is None:
        return None
    entry, due = standing
    return Proposal(str(entry.actor_id), _name(session, entry.actor_id), entry.at, len(due), entry.at + CONSENT_HOLDS)


def preview_shrinking(session: Session, officer: Officer, schedule: Schedule, *, now: datetime) -> list[Due]:
    """The sealed cases that he may know of and that will shrink by themselves within a month, soonest first."""
    require_role(officer, *DECIDERS, act="destroy")
    last = func.max(Acknowledgement.acknowledged_at)
    query = (
        select(Case.id, Case.number, last)
        .join(Referral, Referral.case_id == Case.id)
        .join(Acknowledgement, Acknowledgement.referral_id == Referral.id)
        .where(
            visible_cases(officer),
            Case.sealed,
            ~is_held(),
            Referral.status != ReferralStatus.CANCELLED,
            Referral.shrunk_at.is_(None),
            Acknowledgement.decision.in_(RECEIVED),
        )
        .group_by(Case.id, Case.number)
        .having(last < now - timedelta(days=schedule.days) + AHEAD)
    )
    rows = session.execute(query.order_by(last, Case.number).limit(MOST))
    return [Due(ident, number, local_date(at) + timedelta(days=schedule.days)) for ident, number, at in rows if at]


def list_certificates(session: Session, officer: Officer) -> Sequence[Destroyed]:
    """The destructions that two people carried out, the newest first; none with a case that he was kept from."""
    require_role(officer, *DECIDERS, act="destroy")
    query = select(LedgerEntry).where(
        LedgerEntry.verb == Verb.DESTROYED, LedgerEntry.subject == SUBJECT, LedgerEntry.actor_id.is_not(None)
    )
    entries = session.scalars(query.order_by(LedgerEntry.id.desc()))
    return [_read(session, entry) for entry in islice((e for e in entries if may_see_certificate(officer, e)), MOST)]


def get_certificate(session: Session, officer: Officer, entry_id: int) -> Destroyed:
    """One of them. Raises NotFound."""
    require_role(officer, *DECIDERS, act="destroy")
    entry = session.get(LedgerEntry, entry_id)
    if entry is None or entry.verb != Verb.DESTROYED or entry.subject != SUBJECT or entry.actor_id is None:
        raise NotFound("certificate", str(entry_id))
    if not may_see_certificate(officer, entry):
        raise NotFound("certificate", str(entry_id))
    return _read(session, entry)


def render_certificate(told: Destroyed, schedule: Schedule, *, office: str) -> Paper:
    """The certificate as a sheet to be printed and signed by both (pure)."""
    rows = (
        ("类别", schedule.label),
        ("保存期限", f"{_say_start(schedule)}{schedule.days}天"),
        ("销毁日期", write_date(local_date(told.at))),
        ("办件", f"{told.cases}件"),
        ("记录", f"{told.rows}行"),
        ("密钥", f"{told.keys}把，已一并销毁，其他副本中的密文不能再打开"),
        ("内容指纹", told.sha256),
        ("提出人", told.first),
        ("执行人", told.second),
        ("台账", f"第{told.entry_id}条" + (f"，在第{told.block_id}块" if told.block_id else "，尚未入链")),
        ("链头", told.block_hash or "　"),
        ("签名（两人）", "　"),
    )
    return Paper(
        form=PaperForm.ORDER,
        title="到期销毁证书",
        rows=tuple(Row(label, value) for label, value in rows),
        closing=(Block(BlockKind.BODY, "内容指纹是销毁前全部记录的SHA-256值。本证书可以与台账核对，台账只增不改。"),),
        signer=office,
        date=write_date(local_date(told.at)),
    )


def _say_start(schedule: Schedule) -> str:
    return {"acknowledged": "收到回执后", "closed": "办结后"}.get(schedule.starts, "记入后")


def _read(session: Session, entry: LedgerEntry) -> Destroyed:
    asked = session.scalars(
        select(LedgerEntry)
        .where(
            LedgerEntry.verb == Verb.DESTRUCTION_ASKED,
            LedgerEntry.subject_id == entry.subject_id,
            LedgerEntry.actor_id != entry.actor_id,
            LedgerEntry.id < entry.id,
        )
        .order_by(LedgerEntry.id.desc())
        .limit(1)
    ).first()
    block = session.execute(
        select(LedgerBlock.id, LedgerBlock.hash)
        .join(LedgerLink, LedgerLink.block_id == LedgerBlock.id)
        .where(LedgerLink.entry_id == entry.id)
    ).first()
    return Destroyed(
        entry_id=entry.id,
        at=entry.at,
        schedule=ScheduleId(entry.subject_id),
        cases=len(entry.details["cases"]),
        rows=int(entry.details["rows"]),
        keys=int(entry.details["keys"]),
        sha256=str(entry.details["sha256"]),
        first=_name(session, asked.actor_id if asked else None),
        second=_name(session, entry.actor_id),
        block_id=block[0] if block else None,
        block_hash=block[1].hex() if block else "",
    )


def _name(session: Session, officer_id: str | None) -> str:
    officer = session.get(Officer, officer_id) if officer_id else None
    return officer.name if officer else ""
