"""The security log (安全日志) at the log auditor's desk: who of the staff signed in, when, from where, by what."""

from datetime import date, datetime, time, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.console.account_view import view_event
from api.console.frame import show
from api.dependencies import SignedStaff, TheHouse
from casework.clock import SHANGHAI, local_date
from casework.retention import ScheduleId, load_schedules
from casework.securitylog import SECURITY_LABELS, SecurityKind, list_security
from casework.staffing import list_everybody
from casework.types import Role
from casework.visibility import require_role

router = APIRouter(prefix="/console/ledger/security", include_in_schema=False)

PAGE = 50
LAST_PAGE = 2000


@router.get("")
def show_log(
    request: Request, staff: SignedStaff, house: TheHouse, who: str = "", kind: str = "", day: str = "", page: int = 1
) -> Response:
    """The newest lines first; by person, by kind, by day."""
    require_role(staff.officer, Role.LOG_AUDITOR, act="audit")
    page = min(max(page, 1), LAST_PAGE)
    kinds = [each for each in SecurityKind if each.value == kind]
    on, problem = _read_day(day)
    with house.store.read() as session:
        rows, more = list_security(
            session,
            officer_id=who or None,
            kinds=kinds,
            since=_begin(on) if on else None,
            until=_begin(on + timedelta(days=1)) if on else None,
            skip=(page - 1) * PAGE,
            limit=PAGE,
        )
        values: dict[str, Any] = {
            "rows": [view_event(row, local_date(house.now())) for row in rows],
            "people": [(each.id, f"{each.name}（{each.username}）") for each in list_everybody(session)],
            "kinds": [(each.value, label) for each, label in SECURITY_LABELS.items()],
            "chosen": {"who": who, "kind": kind, "day": day, "page": page, "more": more},
            "problem": problem,
            "days": load_schedules()[ScheduleId.SECURITY_LOG].days,
        }
        return show(
            request, session, staff, "console/security.html", here="ledger", status=422 if problem else 200, **values
        )


def _read_day(text: str) -> tuple[date | None, str]:
    if not text:
        return None, ""
    try:
        return date.fromisoformat(text), ""
    except ValueError:
        return None, "日期没看懂，请写成 2026-11-22。"


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)
