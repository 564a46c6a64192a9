"""Freezing one case from destruction (暂停销毁) and letting it go, each by its own person, on a page of its own.

The same page serves an open case and a sealed one; of the sealed one it shows the number and the days.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.case_view import NOTHING_FAILED, Failed
from api.console.frame import show
from api.console.hold_facts import describe_hold, find_hold_for
from api.dependencies import Form, PostedForm, PostingStaff, SignedStaff, Staff, TheHouse
from api.errors import INVALID, word_error, word_problem
from api.wiring import House
from casework.cases import get_case_for
from casework.errors import HotlineError, InvalidField, NotAllowed, NotFound
from casework.holds import HOLDERS, lift_hold, place_hold
from casework.models.cases import Case
from casework.retention import ScheduleId, load_schedules
from casework.visibility import require_role

router = APIRouter(prefix="/console/holds", include_in_schema=False)

LONGEST = 500
SECOND_PERSON = "您自己停的，要另一位来恢复。"
CaseId = Annotated[str, Path(max_length=64)]


@router.get("/{case_id}")
def show_page(request: Request, case_id: CaseId, staff: SignedStaff, house: TheHouse) -> Response:
    """Whether the case is frozen, and the form for the next step."""
    return _draw(request, staff, house, case_id)


@router.post("/{case_id}/place")
def place(request: Request, case_id: CaseId, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Freeze it, with a reason and the day to look again."""

    def act(session: Session, case: Case) -> None:
        reason, until = form.need("reason", LONGEST), _read_day(form.text("review_on"))
        place_hold(session, case, reason=reason, review_on=until, by=staff.officer, now=house.now())

    return _act(request, staff, house, case_id, form, ("place", act))


@router.post("/{case_id}/lift")
def lift(request: Request, case_id: CaseId, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Let it go: another than the one who froze it."""

    def act(session: Session, case: Case) -> None:
        lift_hold(session, case, reason=form.need("reason", LONGEST), by=staff.officer, now=house.now())

    return _act(request, staff, house, case_id, form, ("lift", act))


def _act(
    request: Request,
    staff: Staff,
    house: House,
    case_id: str,
    form: Form,
    named: tuple[str, Callable[[Session, Case], None]],
) -> Response:
    require_role(staff.officer, *HOLDERS, act="hold")
    key, act = named
    try:
        with house.store.write() as session:
            act(session, get_case_for(session, staff.officer, case_id))
    except NotFound:
        raise
    except InvalidField as error:
        failed = Failed(key, "", {error.field: word_problem(error)}, form.typed())
        return _draw(request, staff, house, case_id, failed, INVALID.status)
    except NotAllowed:
        return _draw(request, staff, house, case_id, Failed(key, SECOND_PERSON, {}, form.typed()), 403)
    except HotlineError as error:
        wording = word_error(error)
        failed = Failed(key, wording.title + wording.advice, {}, form.typed())
        return _draw(request, staff, house, case_id, failed, wording.status)
    return RedirectResponse(f"/console/holds/{case_id}?done={'held' if key == 'place' else 'let-go'}", 303)


def _draw(
    request: Request, staff: Staff, house: House, case_id: str, failed: Failed = NOTHING_FAILED, status: int = 200
) -> Response:
    require_role(staff.officer, *HOLDERS, act="hold")
    now = house.now()
    with house.store.read() as session:
        case = get_case_for(session, staff.officer, case_id)
        hold = find_hold_for(session, staff.officer, case.id)
        page: Mapping[str, Any] = {
            "id": case.id,
            "number": case.number,
            "sealed": case.sealed,
            "back": f"/console/sealed/{case.id}" if case.sealed else f"/console/cases/{case.id}",
            "kept": _say_kept(case),
            "hold": describe_hold(hold, staff.officer, now) if hold else None,
        }
        return show(
            request,
            session,
            staff,
            "console/hold.html",
            here="sealed" if case.sealed else "cases",
            status=status,
            page=page,
            failed=failed,
        )


def _say_kept(case: Case) -> str:
    schedules = load_schedules()
    if case.sealed:
        return f"收到回执{schedules[ScheduleId.SEALED_REFERRAL].days}天以后，自动只留文号、日期、收件单位、件数。"
    return f"办结{schedules[ScheduleId.GENERAL_CASE].days}天以后到期，两个人同意才销毁。"


def _read_day(text: str) -> date:
    if not text:
        raise InvalidField("review_on", "required")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidField("review_on", "not_a_date") from None
