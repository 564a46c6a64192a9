"""Queues (待办): the lists an officer works through, each one condition over cases, counted in one query.

The daily strip is made of the same conditions, so that a number and the list behind it can't differ.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from casework.clock import local_date
from casework.models.cases import Case, Deadline, Message
from casework.models.people import Officer
from casework.shrunk import has_shrunk
from casework.types import CaseStatus, MessageDirection
from casework.visibility import ENDED, has_doubtful_exclusion, visible_cases
from triage.types import Urgency


class Queue(StrEnum):
    """The lists."""

    ALL = "all"
    TO_DISPATCH = "to_dispatch"
    RETURNED = "returned"
    UNSIGNED = "unsigned"
    WORKING = "working"
    WAITING = "waiting"
    REFERRED = "referred"
    REPLIED = "replied"
    CLOSED = "closed"
    CRITICAL = "critical"
    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    NEWS = "news"
    DISCIPLINE = "discipline"
    DOUBTFUL = "doubtful"
    SEALED = "sealed"


QUEUE_LABELS: Mapping[Queue, str] = {
    Queue.ALL: "全部在办",
    Queue.TO_DISPATCH: "待派单",
    Queue.RETURNED: "退单",
    Queue.UNSIGNED: "待签收",
    Queue.WORKING: "办理中",
    Queue.WAITING: "等反映人",
    Queue.REFERRED: "已移送",
    Queue.REPLIED: "已答复",
    Queue.CLOSED: "已办结",
    Queue.CRITICAL: "紧急",
    Queue.OVERDUE: "超期",
    Queue.DUE_TODAY: "今天到期",
    Queue.NEWS: "来信未回",
    Queue.DISCIPLINE: "线索",
    Queue.DOUBTFUL: "回避待定",
    Queue.SEALED: "密件",
}

STAGES: Mapping[Queue, frozenset[CaseStatus]] = {
    Queue.TO_DISPATCH: frozenset({CaseStatus.RECEIVED}),
    Queue.RETURNED: frozenset({CaseStatus.RETURNED}),
    Queue.UNSIGNED: frozenset({CaseStatus.DISPATCHED}),
    Queue.WORKING: frozenset({CaseStatus.WORKING}),
    Queue.WAITING: frozenset({CaseStatus.WAITING}),
    Queue.REFERRED: frozenset({CaseStatus.REFERRED}),
    Queue.REPLIED: frozenset({CaseStatus.REPLIED, CaseStatus.CALLBACK}),
    Queue.CLOSED: ENDED,
}
OVER = STAGES[Queue.CLOSED]
URGENCY_ORDER: Mapping[Urgency, int] = {Urgency.CRITICAL: 0, Urgency.HIGH: 1, Urgency.NORMAL: 2}


def in_queue(queue: Queue, *, now: datetime) -> ColumnElement[bool]:
    """The condition on `Case` for one queue; who may see the case is another's business."""
    if queue in STAGES:
        return Case.status.in_(STAGES[queue])
    return and_(Case.status.not_in(OVER), _OTHERS[queue](now))


def count_queues_for(
    session: Session, officer: Officer, *, now: datetime, queues: Iterable[Queue] = Queue
) -> Mapping[Queue, int]:
    """How many cases each of the queues holds for this officer, in one query under the one condition of visibility."""
    asked = tuple(queues)
    counts = [func.count().filter(in_queue(queue, now=now)).label(queue) for queue in asked]
    row = session.execute(select(*counts).select_from(Case).where(visible_cases(officer))).one()
    return dict(zip(asked, row, strict=True))


def by_urgency() -> ColumnElement[int]:
    """The most urgent first; sealed cases, which show no urgency, before the rest."""
    return case(*((Case.urgency == urgency, order) for urgency, order in URGENCY_ORDER.items()), else_=-1)


def _running_clocks(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Cases with such a clock that runs: found once from the clocks' side, not anew for each case."""
    return Case.id.in_(
        select(Deadline.case_id).where(
            Deadline.met_at.is_(None), Deadline.waived_reason.is_(None), Deadline.paused_at.is_(None), *conditions
        )
    )


def _is_overdue(now: datetime) -> ColumnElement[bool]:
    today = local_date(now)
    past = or_(Deadline.due_at < now, and_(Deadline.due_at.is_(None), Deadline.due_on < today))
    return _running_clocks(Deadline.due_on <= today, past)


def _is_due_today(now: datetime) -> ColumnElement[bool]:
    return _running_clocks(Deadline.due_on == local_date(now), or_(Deadline.due_at.is_(None), Deadline.due_at >= now))


def _has_news(_: datetime) -> ColumnElement[bool]:
    later = aliased(Message)
    answered = exists().where(later.case_id == Message.case_id, later.position > Message.position)
    return Case.id.in_(select(Message.case_id).where(Message.direction == MessageDirection.FROM_REPORTER, ~answered))


_OTHERS: Mapping[Queue, Callable[[datetime], ColumnElement[bool]]] = {
    Queue.ALL: lambda _: true(),
    Queue.CRITICAL: lambda _: Case.urgency == Urgency.CRITICAL,
    Queue.OVERDUE: _is_overdue,
    Queue.DUE_TODAY: _is_due_today,
    Queue.NEWS: _has_news,
    Queue.DISCIPLINE: lambda _: and_(~Case.sealed, Case.discipline.is_(True)),
    Queue.DOUBTFUL: lambda _: and_(~Case.sealed, has_doubtful_exclusion()),
    Queue.SEALED: lambda _: and_(Case.sealed, ~has_shrunk()),
}
