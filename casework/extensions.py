"""Extensions (延期): asked for before the end, granted by another, and the reporter is told in the same step.

How much may be added in all stands in the rule; a rule that says nothing can't be extended.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.deadlines import SUBJECT, is_past, set_due
from casework.errors import InvalidField, NotAllowed, NotFound
from casework.ledger import Verb, by_officer, record
from casework.models.cases import Case, Deadline, Extension
from casework.models.people import Officer
from casework.news import NewsPhrase, tell_reporter
from casework.office import Office
from casework.types import Role
from casework.visibility import require_role


def request_extension(
    session: Session, deadline: Deadline, *, length: int, reason: str, by: Officer, office: Office, now: datetime
) -> Extension:
    """Ask for `length` more of the limit's own days.

    Raises InvalidField where the rule allows no more ("length"), the limit has run out ("due") or no reason is given;
    one request at a time.
    """
    rule = office.rules.get(deadline.rule_id)
    if not reason.strip():
        raise InvalidField("reason", "empty")
    if deadline.met_at or deadline.waived_reason or is_past(deadline, now):
        raise InvalidField("due", "past")
    if find_open_request(session, deadline.id) is not None:
        raise InvalidField("due", "asked_already")
    if rule is None or length < 1 or _granted(session, deadline.id) + length > rule.extendable_by:
        raise InvalidField("length", "too_long")
    row = Extension(deadline_id=deadline.id, length=length, reason=reason.strip(), requested_by=by.id, requested_at=now)
    session.add(row)
    session.flush()
    _record(session, row, deadline, Verb.EXTENSION_ASKED, by, now)
    return row


def approve_extension(
    session: Session, extension: Extension, *, by: Officer, office: Office, now: datetime
) -> Deadline:
    """Grant it: a supervisor or leader who did not ask himself. The limit grows and the reporter is told.

    Raises NotAllowed for another role or the asker himself (the database refuses him too).
    """
    deadline = _check_decision(session, extension, by)
    extension.approved_by, extension.approved_at = by.id, now
    deadline.length += extension.length
    set_due(deadline, office)
    _record(session, extension, deadline, Verb.EXTENSION_GRANTED, by, now)
    tell_reporter(session, session.get_one(Case, deadline.case_id), NewsPhrase.EXTENDED, now=now)
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


def find_open_request(session: Session, deadline_id: str) -> Extension | None:
    """The request that waits for a decision, if any."""
    return session.scalar(
        select(Extension).where(
            Extension.deadline_id == deadline_id, Extension.approved_at.is_(None), Extension.refused_reason.is_(None)
        )
    )


def _granted(session: Session, deadline_id: str) -> int:
    granted = select(func.sum(Extension.length)).where(
        Extension.deadline_id == deadline_id, Extension.approved_at.is_not(None)
    )
    return session.scalar(granted) or 0


def _check_decision(session: Session, extension: Extension, by: Officer) -> Deadline:
    require_role(by, Role.SUPERVISOR, Role.LEADER, act="decide_extension")
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
