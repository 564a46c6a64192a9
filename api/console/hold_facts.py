"""What a freeze looks like on other desks: a line on the page of a case, a row on the desk of retention."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.pages import say_day, say_time
from casework.clock import local_date
from casework.errors import NotFound
from casework.holds import HOLDERS, HoldView, get_hold_for
from casework.models.cases import Case
from casework.models.people import Officer
from casework.visibility import has_role


def view_hold(session: Session, officer: Officer, case: Case, now: datetime) -> dict[str, str] | None:
    """The line on the page of a case, for those who may freeze it: where it stands and the way to the page."""
    if not has_role(officer, *HOLDERS):
        return None
    hold = find_hold_for(session, officer, case.id)
    words = "没有暂停" if hold is None else f"暂停销毁，{say_day(hold.review_on, local_date(now))}再看"
    return {"href": f"/console/holds/{case.id}", "words": words, "act": "暂停销毁…" if hold is None else "恢复…"}


def describe_hold(hold: HoldView, officer: Officer, now: datetime) -> dict[str, Any]:
    """One freeze for a list: what may be told of it, and whether the day to look again has come."""
    today = local_date(now)
    return {
        "case_id": hold.case_id,
        "number": hold.number,
        "reason": "理由在密件里" if hold.sealed else hold.reason,
        "placer": hold.placer,
        "at": say_time(hold.placed_at, today),
        "review": say_day(hold.review_on, today),
        "is_time": hold.review_on <= today,
        "own": hold.placed_by == officer.id,
        "href": f"/console/holds/{hold.case_id}",
    }


def find_hold_for(session: Session, officer: Officer, case_id: str) -> HoldView | None:
    """The freeze that stands on a case he may know of, if any."""
    try:
        return get_hold_for(session, officer, case_id)
    except NotFound:
        return None
