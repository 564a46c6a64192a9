"""A clock as a line of the page: its words and its tone beside the joints that draw it."""

from dataclasses import dataclass
from datetime import datetime

from api.pages import say_day, say_time
from casework.clock import local_date
from casework.deadlines import ClockState, DeadlineView
from casework.joints import JointKind

MOST_JOINTS = 15
"""What a panel has room for; the words beside it say the rest."""


@dataclass(frozen=True, slots=True)
class ClockLine:
    """What a template needs of a clock; `joints` are the names of their shapes."""

    label: str
    article: str
    words: str
    tone: str
    state: str
    provisional: bool
    joints: tuple[str, ...]
    id: str = ""


def draw_clock(view: DeadlineView, *, now: datetime, most: int = MOST_JOINTS) -> ClockLine:
    """The line of one clock, its last `most` joints; late is red, near is ochre, a met one is quiet."""
    tone = {ClockState.OVERDUE: "late", ClockState.NEAR: "near"}.get(
        view.state, "quiet" if view.state is ClockState.MET else ""
    )
    return ClockLine(
        view.label,
        view.article,
        _say(view, now),
        tone,
        view.state.value,
        view.provisional,
        tuple(joint.kind.value for joint in view.joints[-most:]) if view.state is not ClockState.MET else (),
        view.id,
    )


def _say(view: DeadlineView, now: datetime) -> str:
    today = local_date(now)
    if view.state is ClockState.MET:
        return "已办，晚了" if view.met_late else "已办"
    if view.state is ClockState.PAUSED:
        return "停着，等他回话"
    if view.state is ClockState.WAIVED:
        return "不适用"
    if view.state is ClockState.OVERDUE:
        late = sum(joint.kind is JointKind.LATE for joint in view.joints)
        return f"超期{late}天" if late else "超时"
    if view.due_at is not None:
        return f"{say_time(view.due_at, today)} 前"
    return "今天到期" if view.due_on == today else say_day(view.due_on, today)
