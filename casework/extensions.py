"""Extensions (延期): asked for before the end, granted by another, and the reporter is told in the same step.

How much may be added in all stands in the rule; a rule that says nothing can't be extended, and no sealed case's clock
can, because the reason would stand in plain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from casework.deadlines import SUBJECT, is_past, set_due
from casework.errors import InvalidField, NotAllowed, NotFound
from casework.ledger import Verb, by_officer, record
from casework.limits import due_on
from casework.messages import add_message
from casework.models.cases import Case, Deadline, Extension
from casework.models.people import Officer
from casework.news import NewsPhrase, tell_reporter
from casework.office import Office
from casework.types import MessageDirection, Role
from casework.visibility import require_role, visible_cases

MAY_ASK = (Role.DISPATCHER, Role.SUPERVISOR, Role.HANDLER, Role.TOWNSHIP, Role.RECEIVER, Role.CLUE_OFFICER)
MAY_DECIDE = (Role.SUPERVISOR, Role.LEADER)
DECIDED_SHOWN = 20
WAITS = and_(Extension.approved_at.is_(None), Extension.refused_reason.is_(None))


@dataclass(frozen=True, slots=True)
class Choice:
    """A later end that the rule still allows: how much is added, in the limit's own days, and the day it gives."""

    length: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Request:
    """One request with the clock it is for, the case, and who asked."""

    extension: Extension
    deadline: Deadline
    case: Case
    asker: str


def list_choices(session: Session, deadline: Deadline, *, office: Office, now: datetime) -> tuple[Choice, ...]:
    """The later ends of a clock that may still be asked for, soonest first; none where it can't be extended now.

    Of several lengths that end on one day (a day of rest rolls on) the longest stands for it.
    """
    rule = office.rules.get(deadline.rule_id)
    if rule is None or _is_over(deadline, now) or find_open_request(session, deadline.id) is not None:
        return ()
    found: dict[date, int] = {}
    for more in range(1, rule.extendable_by - _granted(session, deadline.id) + 1):
        found[_end_with(deadline, more, office)] = more
    return tuple(Choice(length, end) for end, length in sorted(found.items()))


def request_extension(
    session: Session, deadline: Deadline, *, length: int, reason: str, by: Officer, office: Office, now: datetime
) -> Extension:
    """Ask for `length` more of the limit's own days.

    Raises InvalidField where the rule allows no more ("length"), the limit has run out ("due") or no reason is given;
    one request at a time. NotAllowed for another role and for a sealed case.
    """
    require_role(by, *MAY_ASK, act="ask_extension")
    if session.scalar(select(Case.sealed).where(Case.id == deadline.case_id)):
        raise NotAllowed("extend_sealed")
    rule = office.rules.get(deadline.rule_id)
    if not reason.strip():
        raise InvalidField("reason", "empty")
    if _is_over(deadline, now):
        raise InvalidField("due", "run_out")
    if find_open_request(session, deadline.id) is not None:
        raise InvalidField("due", "asked_already")
    if rule is None or length < 1 or _granted(session, deadline.id) + length > rule.extendable_by:
        raise InvalidField("length", "too_much")
    row = Extension(deadline_id=deadline.id, length=length, reason=reason.strip(), requested_by=by.id, requested_at=now)
    session.add(row)
    session.flush()
    _record(session, row, deadline, Verb.EXTENSION_ASKED, by, now)
    return row


def approve_extension(
    session: Session, extension: Extension, *, words: str = "", by: Officer, office: Office, now: datetime
) -> Deadline:
    """Grant it: a supervisor or leader who did not ask himself. The limit grows and the reporter is told.

    `words` go into his talk, so that he reads why and until when (信访工作条例 art. 34); else he only hears that
    there is something new. Raises NotAllowed for another role or the asker himself (the database refuses him too).
    """
    deadline = _check_decision(session, extension, by)
    case = session.get_one(Case, deadline.case_id)
    extension.approved_by, extension.approved_at = by.id, now
    deadline.length += extension.length
    set_due(deadline, office)
    _record(session, extension, deadline, Verb.EXTENSION_GRANTED, by, now)
    if words.strip():
        add_message(session, case, words, MessageDirection.TO_REPORTER, officer_id=by.id, now=now)
    tell_reporter(session, case, NewsPhrase.EXTENDED, now=now)
    extension.told_at = now
    session.flush()
    return deadline


def refuse_extension(session: Session, extension: Extension, *, reason: str, by: Officer, now: datetime) -> None:
    """Refuse it, with a reason."""
    deadline = _check_decision(session, extension, by)
    if not reason.strip():
        raise InvalidField("reason", "empty")
    extension.refused_reason = reason.strip()
    _record(session, extension, deadline, Verb.EXTENSION_REFUSED, by, now)


def find_new_end(extension: Extension, deadline: Deadline, office: Office) -> date:
    """The day on which the clock would end with what is asked for (pure)."""
    return _end_with(deadline, extension.length, office)


def find_open_request(session: Session, deadline_id: str) -> Extension | None:
    """The request that waits for a decision, if any."""
    return session.scalar(select(Extension).where(Extension.deadline_id == deadline_id, WAITS))


def list_extensions(session: Session, case_id: str) -> Sequence[Extension]:
    """All requests for the clocks of a case that was got through the door, oldest first."""
    query = select(Extension).join(Deadline, Deadline.id == Extension.deadline_id)
    return session.scalars(query.where(Deadline.case_id == case_id).order_by(Extension.requested_at)).all()


def get_request_for(session: Session, officer: Officer, extension_id: str) -> Request:
    """One request, of a case that he may know of. Raises NotFound otherwise, NotAllowed for one who decides nothing."""
    require_role(officer, *MAY_DECIDE, act="decide_extension")
    found = _list_requests(session, officer, Extension.id == extension_id)
    if not found:
        raise NotFound("extension", extension_id)
    return found[0]


def list_requests_for(session: Session, officer: Officer) -> list[Request]:
    """What waits for a decision, of the cases that he may know of, the nearest end first."""
    require_role(officer, *MAY_DECIDE, act="decide_extension")
    return sorted(_list_requests(session, officer, WAITS), key=lambda each: each.deadline.due_on)


def list_decided_for(session: Session, officer: Officer) -> list[Request]:
    """What was decided lately, of the cases that he may know of, the newest request first."""
    require_role(officer, *MAY_DECIDE, act="decide_extension")
    over = or_(Extension.approved_at.is_not(None), Extension.refused_reason.is_not(None))
    return list(reversed(_list_requests(session, officer, over)))[:DECIDED_SHOWN]


def count_requests_for(session: Session, officer: Officer) -> int:
    """How many wait for him to decide: his own and those of cases he may not know of left out."""
    query = (
        select(func.count(Extension.id))
        .join(Deadline, Deadline.id == Extension.deadline_id)
        .join(Case, Case.id == Deadline.case_id)
        .where(visible_cases(officer), WAITS, Extension.requested_by != officer.id)
    )
    return session.scalar(query) or 0


def _list_requests(session: Session, officer: Officer, condition: ColumnElement[bool]) -> list[Request]:
    query = (
        select(Extension, Deadline, Case, Officer.name)
        .join(Deadline, Deadline.id == Extension.deadline_id)
        .join(Case, Case.id == Deadline.case_id)
        .join(Officer, Officer.id == Extension.requested_by)
        .where(visible_cases(officer), condition)
        .order_by(Extension.requested_at, Extension.id)
    )
    return [Request(extension, deadline, case, name) for extension, deadline, case, name in session.execute(query)]


def _is_over(deadline: Deadline, now: datetime) -> bool:
    return deadline.met_at is not None or deadline.waived_reason is not None or is_past(deadline, now)


def _end_with(deadline: Deadline, more: int, office: Office) -> date:
    rule = office.rules.get(deadline.rule_id)
    grace = rule.grace if rule else 0
    length = deadline.length + more
    started, paused = deadline.started_at, deadline.paused_days
    return due_on(started, deadline.unit, length, office.calendar, grace=grace, paused_days=paused).on


def _granted(session: Session, deadline_id: str) -> int:
    granted = select(func.sum(Extension.length)).where(
        Extension.deadline_id == deadline_id, Extension.approved_at.is_not(None)
    )
    return session.scalar(granted) or 0


def _check_decision(session: Session, extension: Extension, by: Officer) -> Deadline:
    require_role(by, *MAY_DECIDE, act="decide_extension")
    if extension.requested_by == by.id:
        raise NotAllowed("decide_own_extension")
    if extension.approved_at is not None or extension.refused_reason is not None:
        raise NotFound("extension", extension.id)
    return session.get_one(Deadline, extension.deadline_id)


def _record(session: Session, row: Extension, deadline: Deadline, verb: Verb, by: Officer, now: datetime) -> None:
    record(
        session,
        actor=by_officer(by),
        verb=verb,
        subject=SUBJECT,
        subject_id=deadline.id,
        case_id=deadline.case_id,
        details={"extension": row.id, "length": row.length, "due_on": deadline.due_on.isoformat()},
        now=now,
    )
    session.flush()
