"""The page of a case and its acts; an act that fails draws the page again with every word that was typed."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.console.case_acts import ACTS, ActInput, run_act
from api.console.case_view import NOTHING_FAILED, Failed, view_case
from api.console.frame import show
from api.dependencies import PostedForm, PostingStaff, SignedStaff, Staff, TheHouse
from api.errors import INVALID, word_error, word_problem
from api.wiring import House
from casework.cases import get_case_for, record_reading
from casework.errors import HotlineError, InvalidField, NotFound

router = APIRouter(prefix="/console/cases", include_in_schema=False)


@router.get("/{case_id}")
def show_case(request: Request, case_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """One case. A sealed one has its own room; that he read it stands in the ledger."""
    with house.store.write() as session:
        case = get_case_for(session, staff.officer, case_id)
        if case.sealed:
            return RedirectResponse(f"/console/sealed/{case.id}", 303)
        record_reading(session, staff.officer, case, now=house.now())
    return _draw(request, staff, house, case_id)


@router.post("/{case_id}/{key}")
def act_on_case(
    request: Request, case_id: str, key: str, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """Do one thing to the case, in one unit of work."""
    if key not in ACTS:
        raise NotFound("act", key)
    try:
        with house.store.write() as session:
            case = get_case_for(session, staff.officer, case_id)
            there = run_act(key, ActInput(session, case, form, staff, house, house.now()))
    except NotFound:
        raise
    except InvalidField as error:
        failed = Failed(key, "", {error.field: word_problem(error)}, form.typed())
        return _draw(request, staff, house, case_id, failed, INVALID.status)
    except HotlineError as error:
        wording = word_error(error)
        failed = Failed(key, wording.title + wording.advice, {}, form.typed())
        return _draw(request, staff, house, case_id, failed, wording.status)
    return RedirectResponse(there, 303)


def _draw(
    request: Request, staff: Staff, house: House, case_id: str, failed: Failed = NOTHING_FAILED, status: int = 200
) -> Response:
    with house.store.read() as session:
        case = get_case_for(session, staff.officer, case_id)
        page: dict[str, Any] = view_case(session, staff.officer, case, house, house.now())
        return show(request, session, staff, "console/case.html", here="cases", status=status, case=page, failed=failed)
