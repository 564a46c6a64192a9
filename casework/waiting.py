"""Waiting for the reporter (暂停): he is asked something, and the clocks that may, stand still; the law's own run on.

It ends with his answer, with the day that was said, or when an officer goes on; none of them needs the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from casework.assignments import list_assignments, require_in_charge
from casework.cases import advance_case
from casework.clock import local_date
from casework.deadlines import pause_clocks, resume_clocks
from casework.errors import InvalidField
from casework.ledger import SYSTEM, Actor, Verb, by_officer
from casework.messages import answer_reporter
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.models.people import Officer
from casework.office import Office
from casework.types import ActorKind, CaseStatus, Role
from casework.visibility import require_role

MAY_WAIT = (Role.DISPATCHER, Role.SUPERVISOR, Role.HANDLER, Role.TOWNSHIP, Role.CLUE_OFFICER)
WAITS: tuple[int, ...] = (3, 5, 10)
"""For how many working days an officer may choose to wait."""
ANSWERED = "answered"
WAITED_OUT = "waited_out"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Since when a case waits for its reporter, and until which day at most."""

    since: datetime
    until: date


def wait_for_reporter(
    session: Session, case: Case, *, question: str, days: int, by: Officer, office: Office, now: datetime
) -> date:
    """Ask the reporter and stop the clocks that may, for at most `days` working days; the last of them is returned.

    The question goes into his talk with the day until which we wait. Raises InvalidField ("message") without one and
    for a number of days that is not offered, IllegalMove from where a case can't wait.
    """
    require_role(by, *MAY_WAIT, act="wait")
    if not question.strip():
        raise InvalidField("message", "empty")
    if days not in WAITS:
        raise InvalidField("days", "unknown_choice")
    until = find_last_day(days, office, now)
    message = answer_reporter(session, case, write_question(question, until), by=by, office=office, now=now)
    details = {"message": message.id, "until": until.isoformat()}
    advance_case(session, case, CaseStatus.WAITING, by=by_officer(by), now=now, verb=Verb.PAUSED, details=details)
    pause_clocks(session, case, office=office, by=by_officer(by), now=now)
    return until


def write_question(question: str, until: date) -> str:
    """The officer's question with the day behind it, in words that hurry nobody (pure)."""
    return f"{question.strip()}\n{until.month}月{until.day}日前回我一句就行。没空回，事情也接着办。"


def find_last_day(days: int, office: Office, now: datetime) -> date:
    """The last of so many working days, today not counted (pure)."""
    day = local_date(now)
    for _ in range(days):
        day = office.calendar.next_working_day(day)
    return day


def go_on(session: Session, case: Case, *, by: Officer, office: Office, now: datetime) -> None:
    """Go on with a case that waited: at the body that has it, else at the dispatcher's."""
    require_in_charge(session, by, case, act="go_on")
    _go_on(session, case, by=by_officer(by), reason="", office=office, now=now)


def end_waits(session: Session, *, office: Office, now: datetime) -> int:
    """By itself: go on where the reporter has written since, or the last day of the waiting is over; how many cases."""
    ended = 0
    for case in session.scalars(select(Case).where(Case.status == CaseStatus.WAITING)).all():
        started = _find_start(session, case.id)
        if started is None:
            continue
        answered = _has_answered(session, case.id, started.id)
        if answered or local_date(now) > _read_until(started):
            _go_on(session, case, by=SYSTEM, reason=ANSWERED if answered else WAITED_OUT, office=office, now=now)
            ended += 1
    return ended


def find_waiting(session: Session, case: Case) -> Waiting | None:
    """Since when and until when a case waits; None for one that does not."""
    started = _find_start(session, case.id) if case.status is CaseStatus.WAITING else None
    return Waiting(started.at, _read_until(started)) if started is not None else None


def _go_on(session: Session, case: Case, *, by: Actor, reason: str, office: Office, now: datetime) -> None:
    is_sent = any(assignment.ended_at is None for assignment in list_assignments(session, case.id))
    to = CaseStatus.WORKING if is_sent or case.sealed else CaseStatus.RECEIVED
    advance_case(session, case, to, by=by, now=now, reason=reason, verb=Verb.RESUMED)
    resume_clocks(session, case, office=office, by=by, now=now)


def _find_start(session: Session, case_id: str) -> LedgerEntry | None:
    """The entry that put the case to waiting; the clocks that it stopped have entries of their own."""
    query = select(LedgerEntry).where(
        LedgerEntry.case_id == case_id, LedgerEntry.verb == Verb.PAUSED, LedgerEntry.subject == "case"
    )
    return session.scalars(query.order_by(LedgerEntry.id.desc()).limit(1)).first()


def _has_answered(session: Session, case_id: str, since: int) -> bool:
    """Whether the reporter did anything on the case after that entry: wrote, added, sent a picture."""
    by_him = exists().where(
        LedgerEntry.case_id == case_id, LedgerEntry.actor == ActorKind.REPORTER, LedgerEntry.id > since
    )
    return bool(session.scalar(select(by_him)))


def _read_until(started: LedgerEntry) -> date:
    said: Mapping[str, object] = started.details
    until = said.get("until")
    return date.fromisoformat(str(until)) if until else local_date(started.at)
