"""The page of a case and its acts; an act that fails draws the page again with every word that was typed."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.act_input import ActInput
from api.console.attachment_view import view_attachments
from api.console.case_acts import ACTS, run_act
from api.console.case_view import NOTHING_FAILED, Failed, view_case
from api.console.frame import show
from api.dependencies import PostedForm, PostingStaff, SignedStaff, Staff, TheHouse
from api.errors import INVALID, word_error, word_problem
from api.wiring import House
from casework.cases import get_case_for, record_reading
from casework.errors import HotlineError, InvalidField, NotFound
from casework.models.cases import Case
from intake.reporters import list_reports, reveal_reporter
from intake.types import Revealed, RevealReason

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


@router.post("/{case_id}/reveal")
def reveal(request: Request, case_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """The reporter's identity, once, for a member whose room is open; who looked and why stands in the ledger."""
    try:
        with house.store.write() as session:
            case = get_case_for(session, staff.officer, case_id)
            found = _open_identity(session, staff, case, form.text("reason"), house)
    except NotFound:
        raise
    except HotlineError as error:
        return draw_failed(request, staff, house, case_id, "reveal", error, form.typed())
    return _draw(request, staff, house, case_id, revealed=[pair for each in found for pair in list_identity(each)])


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
    except HotlineError as error:
        return draw_failed(request, staff, house, case_id, key, error, form.typed())
    return RedirectResponse(there, 303)


def list_identity(found: Revealed) -> tuple[tuple[str, str], ...]:
    """What was opened, by the words of the page; what he did not tell is left out."""
    contact = found.contact
    told = {
        "姓名": contact.name,
        "电话": contact.phone,
        "住处": contact.address,
        "方便的时候": contact.safe_time,
        "和老人的关系": contact.relation,
        "心愿": contact.wish,
        "原话": found.original,
    }
    return tuple((label, value) for label, value in told.items() if value)


def _open_identity(session: Session, staff: Staff, case: Case, reason: str, house: House) -> list[Revealed]:
    """What he told with each of his reports, the first one first: a number that he gave later counts as well."""
    if reason not in set(RevealReason):
        raise InvalidField("reason", "unknown_choice")
    reports = list_reports(session, case.id)
    if not reports:
        raise NotFound("report", case.id)
    why, now = RevealReason(reason), house.now()
    return [reveal_reporter(session, staff, staff.token, report.id, reason=why, now=now) for report in reports]


def draw_failed(
    request: Request, staff: Staff, house: House, case_id: str, key: str, error: HotlineError, typed: Any
) -> Response:
    """The page of the case again, with what kept an act from being done and every word that was typed."""
    if isinstance(error, InvalidField):
        failed = Failed(key, "", {error.field: word_problem(error)}, typed)
        return _draw(request, staff, house, case_id, failed, INVALID.status)
    wording = word_error(error)
    failed = Failed(key, wording.title + wording.advice, {}, typed)
    return _draw(request, staff, house, case_id, failed, wording.status)


def _draw(
    request: Request,
    staff: Staff,
    house: House,
    case_id: str,
    failed: Failed = NOTHING_FAILED,
    status: int = 200,
    *,
    revealed: Sequence[tuple[str, str]] = (),
) -> Response:
    with house.store.read() as session:
        case = get_case_for(session, staff.officer, case_id)
        page: dict[str, Any] = view_case(session, staff.officer, case, house, house.now())
        return show(
            request,
            session,
            staff,
            "console/case.html",
            here="cases",
            status=status,
            case=page,
            files=view_attachments(session, staff, case),
            failed=failed,
            revealed=revealed,
        )
