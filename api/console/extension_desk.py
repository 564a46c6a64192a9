"""The desk of those who decide about longer limits: what was asked, granted with words to the reporter, refused."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.case_view import NOTHING_FAILED, Failed
from api.console.extension_view import view_requests
from api.console.frame import show
from api.dependencies import Form, PostedForm, PostingStaff, SignedStaff, Staff, TheHouse
from api.errors import INVALID, word_error, word_problem
from api.wiring import House
from casework.errors import HotlineError, InvalidField, NotFound
from casework.extensions import MAY_DECIDE, approve_extension, get_request_for, refuse_extension
from casework.visibility import require_role

router = APIRouter(prefix="/console/extensions", include_in_schema=False)

HERE = "/console/extensions"
LONGEST = 500
Ident = Annotated[str, Path(max_length=64)]


@router.get("")
def show_page(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """What waits and what was decided."""
    return _draw(request, staff, house)


@router.post("/{extension_id}/approve")
def approve(request: Request, extension_id: Ident, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Grant it; the words go to the reporter in the same step."""

    def act(session: Session) -> str:
        found = get_request_for(session, staff.officer, extension_id)
        words = form.need("words", LONGEST)
        approve_extension(session, found.extension, words=words, by=staff.officer, office=house.office, now=house.now())
        return f"{HERE}?done=extended#decided"

    return _act(request, staff, house, form, f"approve-{extension_id}", act)


@router.post("/{extension_id}/refuse")
def refuse(request: Request, extension_id: Ident, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Refuse it, with a reason that the asker reads on the page of the case."""

    def act(session: Session) -> str:
        found = get_request_for(session, staff.officer, extension_id)
        refuse_extension(
            session, found.extension, reason=form.need("reason", LONGEST), by=staff.officer, now=house.now()
        )
        return f"{HERE}?done=not-extended#decided"

    return _act(request, staff, house, form, f"refuse-{extension_id}", act)


def _act(request: Request, staff: Staff, house: House, form: Form, key: str, act: Callable[[Session], str]) -> Response:
    require_role(staff.officer, *MAY_DECIDE, act="decide_extension")
    try:
        with house.store.write() as session:
            there = act(session)
    except NotFound:
        raise
    except InvalidField as error:
        failed = Failed(key, "", {error.field: word_problem(error)}, form.typed())
        return _draw(request, staff, house, failed, INVALID.status)
    except HotlineError as error:
        wording = word_error(error)
        failed = Failed(key, wording.title + wording.advice, {}, form.typed())
        return _draw(request, staff, house, failed, wording.status)
    return RedirectResponse(there, 303)


def _draw(request: Request, staff: Staff, house: House, failed: Failed = NOTHING_FAILED, status: int = 200) -> Response:
    require_role(staff.officer, *MAY_DECIDE, act="decide_extension")
    with house.store.read() as session:
        return show(
            request,
            session,
            staff,
            "console/extensions.html",
            here="extensions",
            status=status,
            page=view_requests(session, staff.officer, house, house.now()),
            failed=failed,
        )
