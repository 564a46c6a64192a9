"""The clocks of a case: started and met by what happens to it, several at once, never merged.

Whether one is late is worked out from its row and `now`; a row keeps the rule's name, its start and what became of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from casework.clock import local_date, local_time
from casework.errors import NotFound
from casework.joints import Joint, draw_joints
from casework.ledger import SYSTEM, Actor, Verb, record
from casework.limits import CaseEvent, ClockFacts, DeadlineRule, due_on
from casework.models.cases import Case, Deadline
from casework.models.columns import new_id
from casework.office import Office
from casework.types import DeadlineUnit
from casework.workdays import WorkCalendar

SUBJECT = "deadline"
NEAR_HOURS = 4
"""A clock in hours is near its end in the last quarter, at most this many hours before."""

FINAL_EVENTS = frozenset({CaseEvent.CLOSED, CaseEvent.WITHDRAWN})
ALL_CLOCKS = select(Deadline).where(Deadline.case_id == bindparam("case_id"))


class ClockState(StrEnum):
    """How a clock stands; worked out, never stored."""

    RUNNING = "running"
    NEAR = "near"
    OVERDUE = "overdue"
    MET = "met"
    PAUSED = "paused"
    WAIVED = "waived"


@dataclass(frozen=True)
class DeadlineView:
    """A clock as the console draws it. `days_left` counts the limit's own days: 0 is today, below 0 is late."""

    id: str
    rule: str
    label: str
    article: str
    started_at: datetime
    due_on: date
    due_at: datetime | None
    state: ClockState
    provisional: bool
    joints: tuple[Joint, ...]
    days_left: int
    met_late: bool


def run_clocks(
    session: Session, case: Case, event: CaseEvent, facts: ClockFacts, *, office: Office, now: datetime
) -> list[Deadline]:
    """Let an event of the case move its clocks; returns the ones it started.

    1. Running clocks that the event meets are met. 2. Those that it ends are waived, with the event as reason; the end
    of the case waives all that are left. 3. The rules that start on it and cover the case start anew.
    """
    rows = session.scalars(ALL_CLOCKS, {"case_id": case.id}).all()
    for deadline in rows:
        if deadline.met_at is not None or deadline.waived_reason is not None:
            continue
        rule = office.rules.get(deadline.rule_id)
        if rule is not None and event in rule.meets:
            deadline.met_at = now
        elif event in FINAL_EVENTS or (rule is not None and event in rule.ends):
            deadline.waived_reason = event
    known = {deadline.rule_id: deadline for deadline in rows if deadline.started_at == now}
    started = _start_all(session, case, event, facts, known, office=office, now=now)
    session.flush()
    return started


def run_first_clocks(
    session: Session,
    case: Case,
    event: CaseEvent,
    facts: ClockFacts,
    *,
    office: Office,
    now: datetime,
    told_at: datetime | None = None,
) -> list[Deadline]:
    """The same for a case that was opened in this very transaction and has no clock yet; nothing is read.

    Its clocks begin with what a reporter did, which is dated to the day; limits in hours to ten minutes, never later.
    `told_at` is when he told it to the office that sent it on: what the law gives him counts from there (信访工作条例
    art. 23, 34), what this house set itself from now.
    """
    first = min(told_at or now, now)
    return [
        _start(session, case, rule, None, office=office, now=blur(first if rule.from_source else now, rule.unit))
        for rule in office.rules.values()
        if rule.starts_on is event and rule.applies_to.covers(facts)
    ]


def blur(moment: datetime, unit: DeadlineUnit) -> datetime:
    """The moment as coarse as a limit of this unit allows: the day's beginning in Shanghai, the last ten minutes."""
    local = local_time(moment).replace(second=0, microsecond=0)
    if unit is DeadlineUnit.HOUR:
        return local.replace(minute=local.minute - local.minute % 10).astimezone(UTC)
    return local.replace(hour=0, minute=0).astimezone(UTC)


def _start_all(
    session: Session,
    case: Case,
    event: CaseEvent,
    facts: ClockFacts,
    known: Mapping[str, Deadline],
    *,
    office: Office,
    now: datetime,
) -> list[Deadline]:
    return [
        _start(session, case, rule, known.get(rule.id), office=office, now=now)
        for rule in office.rules.values()
        if rule.starts_on is event and rule.applies_to.covers(facts)
    ]


def start_deadline(session: Session, case: Case, rule: DeadlineRule, *, office: Office, now: datetime) -> Deadline:
    """Start one clock of a case at `now`; one of the same moment that came to rest runs again instead."""
    again = session.scalar(
        select(Deadline).where(Deadline.case_id == case.id, Deadline.rule_id == rule.id, Deadline.started_at == now)
    )
    return _start(session, case, rule, again, office=office, now=now)


def _start(
    session: Session, case: Case, rule: DeadlineRule, again: Deadline | None, *, office: Office, now: datetime
) -> Deadline:
    if again is not None:
        again.met_at = again.waived_reason = None
        return again
    due = due_on(now, rule.unit, rule.length, office.calendar, grace=rule.grace)
    deadline = Deadline(
        id=new_id(),
        case_id=case.id,
        rule_id=rule.id,
        started_at=now,
        unit=rule.unit,
        length=rule.length,
        due_on=due.on,
        due_at=due.at,
        provisional=due.provisional,
        paused_days=0,
    )
    session.add(deadline)
    return deadline


def get_deadline(session: Session, case_id: str, deadline_id: str) -> Deadline:
    """The clock of that case. Raises NotFound for another case's."""
    deadline = session.get(Deadline, deadline_id)
    if deadline is None or deadline.case_id != case_id:
        raise NotFound(SUBJECT, deadline_id)
    return deadline


def meet_deadline(session: Session, deadline: Deadline, *, now: datetime) -> None:
    """Mark a clock as met, where an act outside the events met it; a clock already at rest stays as it is."""
    if deadline.met_at is None and deadline.waived_reason is None:
        deadline.met_at = now
        session.flush()


def waive_deadline(session: Session, deadline: Deadline, *, reason: str, by: Actor, now: datetime) -> None:
    """Take a clock out because it does not apply (不适用), with the reason; the ledger keeps that it was done."""
    deadline.waived_reason = reason
    _record(session, deadline, Verb.CLOCK_WAIVED, by, now)


def waive_all(session: Session, case_id: str, *, reason: str) -> None:
    """Bring every clock that still runs to rest, because the case itself ended without an answer."""
    for deadline in _list_running(session, case_id):
        deadline.waived_reason = reason


def pause_clocks(session: Session, case: Case, *, office: Office, by: Actor, now: datetime) -> None:
    """Stop the clocks that wait for the reporter. Clocks in hours and those the law does not stop run on."""
    for deadline in _list_running(session, case.id):
        rule = office.rules.get(deadline.rule_id)
        if rule is not None and rule.waits and deadline.unit is not DeadlineUnit.HOUR:
            pause_deadline(session, deadline, by=by, now=now)


def pause_deadline(session: Session, deadline: Deadline, *, by: Actor, now: datetime) -> None:
    """Stop a clock; stopping it twice changes nothing."""
    if deadline.paused_at is None:
        deadline.paused_at = now
        _record(session, deadline, Verb.PAUSED, by, now)


def resume_clocks(session: Session, case: Case, *, office: Office, by: Actor, now: datetime) -> None:
    """Let all stopped clocks of a case go on."""
    for deadline in _list_running(session, case.id):
        if deadline.paused_at is not None:
            resume_deadline(session, deadline, office=office, by=by, now=now)


def resume_deadline(session: Session, deadline: Deadline, *, office: Office, by: Actor, now: datetime) -> None:
    """Let a clock go on; the days it stood (the day it stopped not counted) are added in its own kind of days."""
    if deadline.paused_at is None:
        return
    stopped, today = local_date(deadline.paused_at), local_date(now)
    if deadline.unit is DeadlineUnit.WORKING_DAY:
        deadline.paused_days += office.calendar.count_working_days(stopped, today)
    else:
        deadline.paused_days += (today - stopped).days
    deadline.paused_at = None
    set_due(deadline, office)
    _record(session, deadline, Verb.RESUMED, by, now)


def set_due(deadline: Deadline, office: Office) -> bool:
    """Work the end out again from the row and the calendar; True where it moved."""
    rule = office.rules.get(deadline.rule_id)
    due = due_on(
        deadline.started_at,
        deadline.unit,
        deadline.length,
        office.calendar,
        grace=rule.grace if rule else 0,
        paused_days=deadline.paused_days,
    )
    moved = due.on != deadline.due_on
    deadline.due_on, deadline.due_at, deadline.provisional = due.on, due.at, due.provisional
    return moved


def recompute_provisional(session: Session, *, office: Office, now: datetime) -> int:
    """Work the provisional ends out again after the office loaded a year; returns how many are firm now."""
    firm = 0
    for deadline in session.scalars(select(Deadline).where(Deadline.provisional)):
        moved = set_due(deadline, office)
        firm += not deadline.provisional
        if moved:
            _record(session, deadline, Verb.CLOCK_RECOMPUTED, SYSTEM, now)
    session.flush()
    return firm


def list_deadlines(session: Session, case_id: str, *, office: Office, now: datetime) -> list[DeadlineView]:
    """The clocks of a case: those that run by their end, then those at rest."""
    rows = session.scalars(select(Deadline).where(Deadline.case_id == case_id))
    return sort_views(view_deadline(row, office=office, now=now) for row in rows)


def list_nearest(
    session: Session, case_ids: Sequence[str], *, office: Office, now: datetime
) -> dict[str, DeadlineView]:
    """Of each case the running clock that ends first, for lists; cases without one are left out."""
    rows = session.scalars(
        select(Deadline)
        .where(Deadline.case_id.in_(case_ids), Deadline.met_at.is_(None), Deadline.waived_reason.is_(None))
        .order_by(Deadline.due_on.desc(), Deadline.due_at.desc())
    )
    views: dict[str, list[DeadlineView]] = {}
    for row in rows:
        views.setdefault(row.case_id, []).append(view_deadline(row, office=office, now=now))
    return {case_id: sort_views(found)[0] for case_id, found in views.items()}


def sort_views(views: Iterable[DeadlineView]) -> list[DeadlineView]:
    """Running before resting, and the earliest end first; of one day the clock with an hour first."""
    resting = {ClockState.MET, ClockState.WAIVED}
    return sorted(views, key=lambda v: (v.state in resting, v.due_on, v.due_at is None, v.due_at or v.started_at))


def view_deadline(deadline: Deadline, *, office: Office, now: datetime) -> DeadlineView:
    """One clock as it stands at `now`."""
    rule = office.rules.get(deadline.rule_id)
    state = find_state(deadline, office.calendar, now)
    until = deadline.met_at or deadline.paused_at or now
    return DeadlineView(
        id=deadline.id,
        rule=deadline.rule_id,
        label=rule.label if rule else deadline.rule_id,
        article=rule.article if rule else "",
        started_at=deadline.started_at,
        due_on=deadline.due_on,
        due_at=deadline.due_at,
        state=state,
        provisional=deadline.provisional,
        joints=draw_joints(
            deadline.unit, local_date(deadline.started_at), deadline.due_on, local_date(until), office.calendar
        ),
        days_left=count_days_left(deadline, office.calendar, local_date(until)),
        met_late=deadline.met_at is not None and is_past(deadline, deadline.met_at),
    )


def find_state(deadline: Deadline, calendar: WorkCalendar, now: datetime) -> ClockState:
    """How a clock stands: at rest, stopped, late, near (one working day or the last quarter of its hours), running."""
    if deadline.met_at is not None:
        return ClockState.MET
    if deadline.waived_reason is not None:
        return ClockState.WAIVED
    if deadline.paused_at is not None:
        return ClockState.PAUSED
    if is_past(deadline, now):
        return ClockState.OVERDUE
    return ClockState.NEAR if _is_near(deadline, calendar, now) else ClockState.RUNNING


def is_past(deadline: Deadline, moment: datetime) -> bool:
    """Whether the limit had run out by then; a limit in days lasts until the end of its last day (民法典 art. 203)."""
    if deadline.due_at is not None:
        return moment > deadline.due_at
    return local_date(moment) > deadline.due_on


def count_days_left(deadline: Deadline, calendar: WorkCalendar, today: date) -> int:
    """Days of the limit's own kind from today to its end; below 0 by how many it is late."""
    if deadline.unit is not DeadlineUnit.WORKING_DAY:
        return (deadline.due_on - today).days
    if today <= deadline.due_on:
        return calendar.count_working_days(today, deadline.due_on)
    return -calendar.count_working_days(deadline.due_on, today)


def _is_near(deadline: Deadline, calendar: WorkCalendar, now: datetime) -> bool:
    if deadline.due_at is not None:
        warning = min(timedelta(hours=deadline.length) / 4, timedelta(hours=NEAR_HOURS))
        return now >= deadline.due_at - warning
    return calendar.next_working_day(local_date(now)) >= deadline.due_on


def _list_running(session: Session, case_id: str) -> Sequence[Deadline]:
    return session.scalars(
        select(Deadline).where(Deadline.case_id == case_id, Deadline.met_at.is_(None), Deadline.waived_reason.is_(None))
    ).all()


def _record(session: Session, deadline: Deadline, verb: Verb, by: Actor, now: datetime) -> None:
    record(
        session,
        actor=by,
        verb=verb,
        subject=SUBJECT,
        subject_id=deadline.id,
        case_id=deadline.case_id,
        details={"due_on": deadline.due_on.isoformat()},
        now=now,
    )
    session.flush()
