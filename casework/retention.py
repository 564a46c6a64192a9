"""How long things are kept (保存期限), and how they go: by schedule, by two people, with a certificate that proves it.

The ledger keeps ids, counts and hashes, so that destroying a case never breaks it; the certificate is such an entry.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from importlib.resources import files

from sqlalchemy import ColumnElement, CursorResult, Table, and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.errors import DataError, NotAllowed
from casework.holds import HOLDERS, is_held
from casework.ledger import SYSTEM, Actor, Verb, by_officer, record
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.models.people import Officer, SecurityEvent
from casework.models.referrals import Acknowledgement, Referral
from casework.models.secrecy import Allowance
from casework.rowcopies import Digest, pack_line
from casework.store import Base
from casework.types import AcknowledgementDecision, CaseStatus, ReferralStatus
from casework.visibility import has_role, is_excluded, require_role, visible_cases

FILE = "data/retention.toml"
LEAST_SECURITY_DAYS = 183
AT_ONCE = 200
CONSENT_HOLDS = timedelta(days=7)
DECIDERS = HOLDERS
KEPT_FROM = "kept"
"""Under this the ledger's entry of a destruction names who was kept from one of the cases."""
OVER = (CaseStatus.CLOSED, CaseStatus.WITHDRAWN)
RECEIVED = (AcknowledgementDecision.TAKEN, AcknowledgementDecision.PASSED_ON)
KEYS = frozenset({"case_key", "receipt", "pickup_key", "annex_key"})
"""Rows whose loss makes a ciphertext unreadable for good, wherever copies of it lie."""
SHRUNK_AWAY = frozenset(
    {
        "sealed_item",
        "case_key",
        "keeping_out_request",
        "pickup",
        "pickup_key",
        "annex",
        "annex_key",
        "message",
        "report",
        "reporter",
        "attachment",
        "agreed_word",
    }
)
"""What goes when a referred sealed case shrinks; the code still tells its owner that it was handed over."""


class ScheduleId(StrEnum):
    """The classes that the code knows how to end."""

    SEALED_REFERRAL = "sealed_referral"
    SECURITY_LOG = "security_log"
    GENERAL_CASE = "general_case"


@dataclass(frozen=True)
class Schedule:
    """One class: how many days after its start it ends, how, and whether by itself."""

    id: ScheduleId
    label: str
    act: str
    starts: str
    days: int
    automatic: bool


@dataclass(frozen=True)
class Due:
    """One case whose time is over."""

    case_id: str
    number: str
    ended_on: date


@dataclass(frozen=True)
class Certificate:
    """What was destroyed: which cases, how many rows and keys, and a hash of them; the ledger has the same."""

    cases: tuple[str, ...]
    rows: int
    keys: int
    sha256: str


def load_schedules(text: str | None = None) -> Mapping[ScheduleId, Schedule]:
    """The schedules by class. Raises DataError: a class unknown or missing, no whole days, too short a security log."""
    text = (files("casework") / FILE).read_text(encoding="utf-8") if text is None else text
    try:
        rows = [Schedule(**{**row, "id": ScheduleId(row["id"])}) for row in tomllib.loads(text)["schedule"]]
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DataError(FILE, str(error)) from error
    found = {row.id: row for row in rows}
    if set(found) != set(ScheduleId) or any(not isinstance(row.days, int) or row.days < 1 for row in rows):
        raise DataError(FILE, "each class once, with whole days")
    if found[ScheduleId.SECURITY_LOG].days < LEAST_SECURITY_DAYS:
        raise DataError(FILE, f"security_log under {LEAST_SECURITY_DAYS} days")
    return found


def preview_destruction(session: Session, officer: Officer, schedule: Schedule, *, now: datetime) -> list[Due]:
    """The closed cases whose time is over, as far as this officer may know of them, oldest first.

    What is frozen (`casework.holds`) is left out; nothing changes."""
    require_role(officer, *DECIDERS, act="destroy")
    query = select(Case.id, Case.number, Case.closed_on).where(
        visible_cases(officer),
        ~is_held(),
        Case.status.in_(OVER),
        Case.closed_on < local_date(now) - timedelta(days=schedule.days),
    )
    rows = session.execute(query.order_by(Case.closed_on, Case.number).limit(AT_ONCE))
    return [Due(ident, number, on) for ident, number, on in rows if on is not None]


def ask_destruction(session: Session, officer: Officer, schedule: Schedule, *, now: datetime) -> list[Due]:
    """The first of two: propose to destroy what the preview shows. The proposal is a ledger entry and holds a week."""
    due = preview_destruction(session, officer, schedule, now=now)
    details = {"cases": [each.case_id for each in due]}
    _record(session, schedule.id, Verb.DESTRUCTION_ASKED, by_officer(officer), details, now)
    return due


def find_standing(
    session: Session, officer: Officer, schedule: Schedule, *, own: bool, now: datetime
) -> tuple[LedgerEntry, list[Due]] | None:
    """The newest proposal that holds, his `own` or another's, with what of it is still due and he may know of.

    None where there is none and where he may know of nothing in it: he can't tell the one from the other.
    """
    proposals = select(LedgerEntry).where(
        LedgerEntry.verb == Verb.DESTRUCTION_ASKED,
        LedgerEntry.subject_id == schedule.id,
        LedgerEntry.actor_id == officer.id if own else LedgerEntry.actor_id != officer.id,
        LedgerEntry.at >= now - CONSENT_HOLDS,
    )
    due = preview_destruction(session, officer, schedule, now=now)
    for entry in session.scalars(proposals.order_by(LedgerEntry.id.desc())):
        proposed = frozenset(entry.details["cases"])
        mine = [each for each in due if each.case_id in proposed]
        if mine:
            return entry, mine
    return None


def destroy_cases(session: Session, officer: Officer, schedule: Schedule, *, now: datetime) -> Certificate:
    """The second of two: destroy what another proposed and he too may know of, as far as it is still due.

    Every row that hangs on a case goes, reports, reporters, keys and papers with it; the rest of the proposal waits for
    somebody who may know of it. Who was kept from one of the cases is noted, so that the certificate isn't his to see.
    Raises NotAllowed (`second_person`) where nobody else's proposal holds anything for him.
    """
    standing = find_standing(session, officer, schedule, own=False, now=now)
    if standing is None:
        raise NotAllowed("second_person")
    due = standing[1]
    kept = _list_kept_from(session, [each.case_id for each in due])
    digest, keys = Digest(), 0
    for each in due:
        keys += _destroy(session, each.case_id, digest)
    made = Certificate(tuple(each.case_id for each in due), digest.rows, keys, digest.hex)
    details: dict[str, object] = {
        "cases": list(made.cases),
        "rows": made.rows,
        "keys": made.keys,
        "sha256": made.sha256,
    }
    if kept:
        details[KEPT_FROM] = kept
    _record(session, schedule.id, Verb.DESTROYED, by_officer(officer), details, now)
    return made


def may_see_certificate(officer: Officer, entry: LedgerEntry) -> bool:
    """Whether a destruction may be shown to him: not where he was kept from one of its cases (pure)."""
    return officer.id not in entry.details.get(KEPT_FROM, ())


def shrink_referred(session: Session, schedule: Schedule, *, now: datetime) -> int:
    """By itself: a sealed case whose every referral was received so long ago keeps number, days, receiver, count.

    Its items, keys, words and identities go (rules 5.3: the discipline organ holds the file). How many shrank.
    """
    before = now - timedelta(days=schedule.days)
    cases = list(session.scalars(select(Case).where(_is_received(before)).limit(AT_ONCE)))
    for case in cases:
        digest = Digest()
        keys = _destroy(session, case.id, digest, only=SHRUNK_AWAY)
        for referral in session.scalars(select(Referral).where(Referral.case_id == case.id)):
            referral.shrunk_at = now
            _blank_answer(session, referral)
        details = {"rows": digest.rows, "keys": keys, "sha256": digest.hex}
        record(
            session,
            actor=SYSTEM,
            verb=Verb.SHRUNK,
            subject="case",
            subject_id=case.id,
            case_id=case.id,
            details=details,
            now=now,
        )
    session.flush()
    return len(cases)


def purge_security_log(session: Session, schedule: Schedule, *, now: datetime) -> int:
    """By itself: forget the staff side's addresses and devices after the schedule's days; how many rows went."""
    gone = session.execute(delete(SecurityEvent).where(SecurityEvent.at < now - timedelta(days=schedule.days)))
    rows = gone.rowcount if isinstance(gone, CursorResult) else 0
    if rows:
        _record(session, schedule.id, Verb.DESTROYED, SYSTEM, {"rows": rows}, now)
    return rows


def keep_schedules(session: Session, schedules: Mapping[ScheduleId, Schedule], *, now: datetime) -> int:
    """The daily step: everything that ends by itself; how much did."""
    done = 0
    if schedules[ScheduleId.SEALED_REFERRAL].automatic:
        done += shrink_referred(session, schedules[ScheduleId.SEALED_REFERRAL], now=now)
    if schedules[ScheduleId.SECURITY_LOG].automatic:
        done += purge_security_log(session, schedules[ScheduleId.SECURITY_LOG], now=now)
    return done


def _is_received(before: datetime) -> ColumnElement[bool]:
    """Sealed, handed over, received by every organ that it went to before that day, and not shrunk yet."""
    mine = Referral.case_id == Case.id
    counts = and_(mine, Referral.status != ReferralStatus.CANCELLED)
    received = exists().where(
        Acknowledgement.referral_id == Referral.id,
        Acknowledgement.decision.in_(RECEIVED),
        Acknowledgement.acknowledged_at < before,
    )
    waiting = exists().where(counts, or_(~received, Referral.shrunk_at.is_not(None)))
    stage = Case.status.in_((CaseStatus.REFERRED, CaseStatus.CLOSED))
    return and_(Case.sealed, ~is_held(), stage, exists().where(counts), ~waiting)


def _blank_answer(session: Session, referral: Referral) -> None:
    """Of the answer too only that, when and by whom it was received stays."""
    for answer in session.scalars(select(Acknowledgement).where(Acknowledgement.referral_id == referral.id)):
        answer.reason = answer.result = ""


def _list_kept_from(session: Session, case_ids: Sequence[str]) -> list[str]:
    """Which of those who see certificates may not know of one of these cases by name: excluded, or not let in."""
    found = []
    for officer in session.scalars(select(Officer).where(Officer.removed_at.is_(None)).order_by(Officer.id)):
        let_in = exists().where(Allowance.case_id == Case.id, Allowance.officer_id == officer.id)
        kept = or_(and_(Case.sealed, ~let_in), and_(~Case.sealed, is_excluded(officer)))
        hidden = select(Case.id).where(Case.id.in_(case_ids), kept)
        if has_role(officer, *DECIDERS) and session.scalar(hidden.limit(1)) is not None:
            found.append(officer.id)
    return found


def _destroy(session: Session, case_id: str, digest: Digest, *, only: frozenset[str] | None = None) -> int:
    """Delete what hangs on a case, what refers before what is referred to; `only` these tables. Returns the keys."""
    session.flush()
    held = _collect(session, case_id)
    keys = 0
    for table in reversed([table for table in held if only is None or table.name in only]):
        condition = held[table]
        rows = session.execute(select(*table.columns).where(condition)).all()
        for row in rows:
            digest.add(pack_line(table, row))
        keys += len(rows) if table.name in KEYS else 0
        session.execute(delete(table).where(condition))
    session.expire_all()
    return keys


def _collect(session: Session, case_id: str) -> dict[Table, ColumnElement[bool]]:
    """Every table with rows that hang on the case by foreign keys, however deep, in an order fit for reading.

    The conditions name the rows by their keys, so that deleting children doesn't change what a parent's means.
    """
    found: dict[Table, ColumnElement[bool]] = {Case.__table__: Case.id == case_id}  # type: ignore[dict-item]
    values: dict[Table, list[str]] = {Case.__table__: [case_id]}  # type: ignore[dict-item]
    for table in Base.metadata.sorted_tables:
        links = [key for key in table.foreign_keys if key.column.table in values and table is not key.column.table]
        if not links or table in found:
            continue
        condition = or_(*(key.parent.in_(values[key.column.table]) for key in links))
        found[table] = condition
        columns = list(table.primary_key.columns)
        values[table] = [row[0] for row in session.execute(select(columns[0]).where(condition))]
    return found


def _record(
    session: Session, schedule: ScheduleId, verb: Verb, by: Actor, details: Mapping[str, object], now: datetime
) -> None:
    record(session, actor=by, verb=verb, subject="retention", subject_id=schedule, details=details, now=now)
    session.flush()
