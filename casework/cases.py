"""The case (办件): the one door to it, the one writer of its status, and how it ends.

Every page, list, count and export comes through here and takes the officer along; whoever may not know of a case gets
the same answer as for one that does not exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from casework.clock import SHANGHAI, local_date
from casework.deadlines import waive_all
from casework.errors import IllegalMove, NotFound, StaleVersion
from casework.keepingout import screen_staff_words
from casework.ledger import Actor, Verb, by_officer, record
from casework.models.cases import Case, CaseAssessment, Note
from casework.models.ledger import LedgerEntry
from casework.models.people import Institution, Officer
from casework.queues import Queue, by_urgency, in_queue
from casework.sealing import add_sealed_item
from casework.types import TRANSITIONS, ActorKind, CaseStatus, SealedKind
from casework.verdicts import unpack_assessment
from casework.visibility import can_read_words, visible_cases
from casework.words import says
from triage.types import Assessment, Urgency

SUBJECT = "case"
PAGE_SIZE = 50


@dataclass(frozen=True)
class CaseFilter:
    """What a list is to show; what is None is not asked. `text` is looked for in number, home and words.

    The reporter's words are searched only for those who may read them.
    """

    queue: Queue | None = None
    body_code: str | None = None
    town_code: str | None = None
    institution_code: str | None = None
    category: str | None = None
    urgency: Urgency | None = None
    officer_id: str | None = None
    text: str = ""
    page: int = 1
    size: int = PAGE_SIZE


@dataclass(frozen=True)
class Page:
    """One page of a list, and how many there are in all for this officer."""

    rows: tuple[Case, ...]
    total: int


def get_case_for(session: Session, officer: Officer, case_id: str) -> Case:
    """The case. Raises NotFound where there is none or he may not know of it: the same answer."""
    return _get_one(session, officer, Case.id == case_id, case_id)


def get_case_by_number_for(session: Session, officer: Officer, number: str) -> Case:
    """The case with that number, by the same door."""
    return _get_one(session, officer, Case.number == number, number)


def list_cases_for(
    session: Session, officer: Officer, wanted: CaseFilter, *, total: int | None = None, now: datetime
) -> Page:
    """A page of the cases that he may know of, the most urgent and oldest first; `total` where it is known."""
    found = and_(visible_cases(officer), *_conditions(wanted, officer, now))
    if total is None:
        total = session.scalar(select(func.count()).select_from(Case).where(found)) or 0
    rows = session.scalars(
        select(Case)
        .where(found)
        .order_by(by_urgency(), Case.opened_on, Case.number)
        .limit(wanted.size)
        .offset((max(wanted.page, 1) - 1) * wanted.size)
    )
    return Page(tuple(rows), total)


def list_earlier_cases(
    session: Session, officer: Officer, institution_code: str, *, but: str | None = None, limit: int = 20
) -> list[Case]:
    """Earlier reports on a home that he may know of, newest first; sealed ones never, for they show no home."""
    query = select(Case).where(
        visible_cases(officer), Case.institution_code == institution_code, Case.id != (but or "")
    )
    return list(session.scalars(query.order_by(Case.opened_on.desc(), Case.number.desc()).limit(limit)))


def record_reading(session: Session, officer: Officer, case: Case, *, now: datetime) -> bool:
    """Write into the ledger that he read the case, once a day and officer; True where it was new today.

    The route that shows a case calls it in its own unit of work; reading a sealed one is recorded each time, by the
    function that opens it.
    """
    midnight = datetime.combine(local_date(now), time(), SHANGHAI)
    seen = exists().where(
        LedgerEntry.case_id == case.id,
        LedgerEntry.verb == Verb.READ,
        LedgerEntry.actor_id == officer.id,
        LedgerEntry.at >= midnight,
        LedgerEntry.at < midnight + timedelta(days=1),
    )
    if session.scalar(select(seen)):
        return False
    record_on_case(session, case, Verb.READ, by=by_officer(officer), now=now)
    return True


def check_version(case: Case, version: int) -> None:
    """Raise StaleVersion where somebody wrote since the officer's form was drawn."""
    if case.version != version:
        raise StaleVersion(case.id)


def advance_case(
    session: Session,
    case: Case,
    to: CaseStatus,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    verb: Verb = Verb.MOVED,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Move a case along the table of moves: the only writer of its status.

    A person's reason becomes a note of the case (sealed where the case is), of which the ledger keeps the id; a
    machine's reason is a code word and stands in the ledger itself. Raises IllegalMove where the table has no such way.
    """
    if to not in TRANSITIONS[case.status]:
        raise IllegalMove(case.status, to)
    said = {"from": case.status.value, "to": to.value, **(details or {})}
    case.status = to
    case.closed_on = local_date(now) if to in (CaseStatus.CLOSED, CaseStatus.WITHDRAWN) else None
    if reason and by.kind is ActorKind.OFFICER and by.id:
        said["note"] = keep_note(session, case, reason, officer_id=by.id, now=now)
    elif reason:
        said["reason"] = reason
    if to is CaseStatus.WITHDRAWN:
        waive_all(session, case.id, reason=to)
    record_on_case(session, case, verb, by=by, now=now, details=said)
    session.flush()


def keep_note(session: Session, case: Case, text: str, *, officer_id: str, now: datetime) -> str:
    """Keep what an officer wrote for his colleagues, sealed where the case is; returns the id of its row."""
    if case.sealed:
        said = {"text": text, "officer_id": officer_id, "made_at": now.isoformat()}
        return add_sealed_item(session, case, SealedKind.NOTE, said).id
    note = Note(case_id=case.id, text=text, officer_id=officer_id, made_at=now)
    session.add(note)
    session.flush()
    screen_staff_words(session, case, text, writer_id=officer_id, now=now)
    return note.id


def record_on_case(
    session: Session, case: Case, verb: Verb, *, by: Actor, now: datetime, details: Mapping[str, Any] | None = None
) -> None:
    """A ledger entry about the case itself; of a sealed one it may tell stages and ids only."""
    record(
        session,
        actor=by,
        verb=verb,
        subject=SUBJECT,
        subject_id=case.id,
        case_id=case.id,
        details=details,
        now=now,
    )


def get_assessment(session: Session, case: Case) -> Assessment:
    """The newest assessment of an open case. Raises NotFound for a sealed one, whose lies inside."""
    row = session.scalar(
        select(CaseAssessment)
        .where(CaseAssessment.case_id == case.id)
        .order_by(CaseAssessment.revision.desc())
        .limit(1)
    )
    if row is None:
        raise NotFound("assessment", case.id)
    return unpack_assessment(row.verdict)


def _get_one(session: Session, officer: Officer, condition: ColumnElement[bool], ident: str) -> Case:
    case = session.scalar(select(Case).where(condition, visible_cases(officer)))
    if case is None:
        raise NotFound(SUBJECT, ident)
    return case


def _conditions(wanted: CaseFilter, officer: Officer, now: datetime) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if wanted.queue is not None:
        asked.append(in_queue(wanted.queue, now=now))
    for field, value in (
        (Case.body_code, wanted.body_code),
        (Case.town_code, wanted.town_code),
        (Case.institution_code, wanted.institution_code),
        (Case.category, wanted.category),
        (Case.urgency, wanted.urgency),
        (Case.officer_id, wanted.officer_id),
    ):
        if value is not None:
            asked.append(field == value)
    words = wanted.text.strip()
    if words:
        home = exists().where(
            Institution.code == Case.institution_code, Institution.name.contains(words, autoescape=True)
        )
        told = [says(words)] if can_read_words(officer) else []
        asked.append(or_(Case.number == words, home, *told))
    return asked
