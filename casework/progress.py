"""What a reporter is told of his case: where it is, who has it, by when, what was answered.

Nothing here names an officer, tells an hour, foretells a visit or says who else wrote; a sealed case gives one word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.deadlines import ClockState, DeadlineView, list_deadlines
from casework.joints import JointKind
from casework.ledger import Verb
from casework.models.cases import Case, Disposition
from casework.models.ledger import LedgerEntry
from casework.models.people import Body
from casework.office import Office
from casework.types import CaseStatus

SEALED_HEADLINE = "已按程序转交。"
SEALED_WORD = "已转交"
WORDS: Mapping[CaseStatus, tuple[str, str]] = {
    CaseStatus.RECEIVED: ("收到了", "您的话收到了，正在看归谁管。"),
    CaseStatus.DISPATCHED: ("已交办", "交给人办了，等他们接手。"),
    CaseStatus.WORKING: ("正在办", "已经有人在办了。"),
    CaseStatus.WAITING: ("等您一句话", "想问您一句，请看下面的话。"),
    CaseStatus.RETURNED: ("重新分派", "换一家来办，没有耽误登记。"),
    CaseStatus.REFERRED: ("已转交", "已经转给管这事的单位。"),
    CaseStatus.REPLIED: ("有答复了", "有答复了，请看下面。"),
    CaseStatus.CALLBACK: ("想问问您", "想问问您，事情办得怎么样。"),
    CaseStatus.CLOSED: ("办完了", "这件事办完了。"),
    CaseStatus.WITHDRAWN: ("不办了", "照您的意思，不办了。"),
}
MARKS: tuple[tuple[Verb, str], ...] = (
    (Verb.OPENED, "收到您的话"),
    (Verb.DISPATCHED, "分给管这事的单位"),
    (Verb.SIGNED, "他们接手了"),
    (Verb.ISSUED, "转给别的单位办"),
    (Verb.REPLIED, "给您答复"),
    (Verb.CLOSED, "办完了"),
)
AHEAD = {
    CaseStatus.RECEIVED: ("分给管这事的单位", "给您答复"),
    CaseStatus.DISPATCHED: ("他们接手", "给您答复"),
    CaseStatus.RETURNED: ("分给管这事的单位", "给您答复"),
    CaseStatus.WORKING: ("给您答复",),
    CaseStatus.WAITING: ("给您答复",),
    CaseStatus.REFERRED: ("给您答复",),
}
OVER = frozenset({CaseStatus.REPLIED, CaseStatus.CALLBACK, CaseStatus.CLOSED, CaseStatus.WITHDRAWN})


class StepState(StrEnum):
    """Whether a step is behind, is the present one, or lies ahead."""

    DONE = "done"
    NOW = "now"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class Step:
    """One joint of the stem; a step ahead has no day, so that no visit is foretold."""

    label: str
    state: StepState
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What the page says. `due` is the day of the answer, None once it was given or where no clock runs."""

    sealed: bool
    word: str
    headline: str
    body: str = ""
    due: date | None = None
    clock: DeadlineView | None = None
    left: str = ""
    reply: str = ""
    steps: tuple[Step, ...] = ()


def describe_progress(session: Session, case: Case, *, office: Office, now: datetime) -> Progress:
    """The state of `case` in plain words. A sealed case gives one word whatever its stage."""
    if case.sealed:
        return Progress(True, SEALED_WORD, SEALED_HEADLINE)
    word, headline = WORDS[case.status]
    clock = None if case.status in OVER else _find_answer_clock(session, case, office=office, now=now)
    return Progress(
        False,
        word,
        headline,
        body=_name_body(session, case, office),
        due=clock.due_on if clock else None,
        clock=clock,
        left=say_left(clock) if clock else "",
        reply=_find_reply(session, case),
        steps=_list_steps(session, case),
    )


def say_left(clock: DeadlineView) -> str:
    """How long is left, counting today, as the page says it."""
    if clock.state is ClockState.OVERDUE:
        return "过了日子，上级正在催"
    left = sum(joint.kind is JointKind.LEFT for joint in clock.joints)
    return f"算上今天，还有{left}天" if left else "就在今天"


def _find_answer_clock(session: Session, case: Case, *, office: Office, now: datetime) -> DeadlineView | None:
    """The running clock that ends last: the day by which he hears from us."""
    running = [
        view
        for view in list_deadlines(session, case.id, office=office, now=now)
        if view.state in (ClockState.RUNNING, ClockState.NEAR, ClockState.OVERDUE) and view.joints
    ]
    return max(running, key=lambda view: view.due_on, default=None)


def _name_body(session: Session, case: Case, office: Office) -> str:
    if case.body_code is None or case.status in (CaseStatus.RECEIVED, CaseStatus.RETURNED):
        return office.name
    body = session.get(Body, case.body_code)
    return body.name if body else office.name


def _find_reply(session: Session, case: Case) -> str:
    newest = select(Disposition).where(Disposition.case_id == case.id).order_by(Disposition.made_at.desc()).limit(1)
    disposition = session.scalar(newest)
    return disposition.public_reply if disposition and case.status in OVER else ""


def _list_steps(session: Session, case: Case) -> tuple[Step, ...]:
    rows = session.execute(
        select(LedgerEntry.verb, LedgerEntry.at)
        .where(LedgerEntry.case_id == case.id, LedgerEntry.verb.in_([verb.value for verb, _ in MARKS]))
        .order_by(LedgerEntry.id)
    ).all()
    days = {verb: local_date(at) for verb, at in rows}
    done = [(label, days[verb.value]) for verb, label in MARKS if verb.value in days]
    behind = [Step(label, StepState.DONE, day) for label, day in done[:-1]]
    present = [Step(label, StepState.NOW, day) for label, day in done[-1:]]
    ahead = [Step(label, StepState.NEXT) for label in AHEAD.get(case.status, ())]
    return (*behind, *present, *ahead)
