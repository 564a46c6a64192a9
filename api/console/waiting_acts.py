"""Asking the reporter with the clocks stopped, going on by hand, and what the page says while a case waits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.console.act_input import ActInput
from api.console.clocks import ClockLine
from api.pages import say_day
from casework.clock import local_date
from casework.deadlines import ClockState
from casework.errors import InvalidField
from casework.models.cases import Case
from casework.office import Office
from casework.waiting import WAITS, find_last_day, find_waiting, go_on, wait_for_reporter

LONGEST = 400
AT_REST = (ClockState.MET, ClockState.WAIVED)


def ask_and_wait(act: ActInput) -> str:
    """Send the question and stop what may stop. Raises InvalidField, IllegalMove."""
    question, days = act.text("text", required=True), act.text("days", required=True)
    if len(question) > LONGEST:
        raise InvalidField("text", "too_long")
    if not days.isdecimal() or int(days) not in WAITS:
        raise InvalidField("days", "unknown_choice")
    wait_for_reporter(
        act.session,
        act.case,
        question=question,
        days=int(days),
        by=act.staff.officer,
        office=act.house.office,
        now=act.now,
    )
    return act.back("wait") + "#talk"


def go_on_by_hand(act: ActInput) -> str:
    """Go on without an answer, or because it came by another way."""
    go_on(act.session, act.case, by=act.staff.officer, office=act.house.office, now=act.now)
    return act.back("go-on") + "#clocks"


def view_waiting(
    session: Session, case: Case, clocks: Sequence[ClockLine], *, office: Office, now: datetime
) -> dict[str, Any]:
    """`waiting` while the case waits: since and until when, what stands still and what runs on; the days to choose."""
    today = local_date(now)
    waits = find_waiting(session, case)
    return {
        "wait_days": [(days, f"{days}个工作日，到{say_day(find_last_day(days, office, now))}") for days in WAITS],
        "waiting": {
            "since": say_day(waits.since, today),
            "until": say_day(waits.until, today),
            "stopped": "、".join(each.label for each in clocks if each.state == ClockState.PAUSED),
            "running": "、".join(
                each.label for each in clocks if each.state != ClockState.PAUSED and each.state not in AT_REST
            ),
        }
        if waits
        else None,
    }
