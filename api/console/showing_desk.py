"""给承办单位看这张: one picture of an open case for the body that handles it, and back again, by a click each."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.console.attachment_desk import send_content
from api.console.case_desk import draw_failed
from api.dependencies import PostedForm, PostingStaff, SignedStaff, TheHouse
from casework.cases import get_case_for
from casework.errors import HotlineError, NotFound
from casework.ledger import by_officer
from casework.received import get_received
from casework.shownpictures import get_shown_with, show_picture, take_picture_back
from intake.attachments import find_case_id, note_reading, open_copy

router = APIRouter(prefix="/console", include_in_schema=False)

FORM = "show"


@router.post("/attachments/{attachment_id}/show")
def show(request: Request, attachment_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Let the chosen body see this picture."""
    with house.store.read() as session:
        case_id = get_case_for(session, staff.officer, find_case_id(session, attachment_id)).id
    try:
        with house.store.write() as session:
            case = get_case_for(session, staff.officer, case_id)
            show_picture(session, case, attachment_id, form.text("body"), by=staff.officer, now=house.now())
    except NotFound:
        raise
    except HotlineError as error:
        return draw_failed(request, staff, house, case_id, FORM, error, form.typed())
    return RedirectResponse(f"/console/cases/{case_id}?done=picture-shown#files", 303)


@router.post("/attachments/{attachment_id}/take-back")
def take_back(attachment_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """The body sees it no longer."""
    with house.store.write() as session:
        case = get_case_for(session, staff.officer, find_case_id(session, attachment_id))
        take_picture_back(session, case, form.text("shown"), by=staff.officer, now=house.now())
        case_id = case.id
    return RedirectResponse(f"/console/cases/{case_id}?done=picture-back#files", 303)


@router.get("/received/{referral_id}/pictures/{attachment_id}")
def give_picture(referral_id: str, attachment_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """The picture for the officer of the receiving body; that he looked stands in the ledger."""
    with house.store.write() as session:
        referral = get_received(session, staff.officer, referral_id)
        row = get_shown_with(session, referral, attachment_id)
        opened = open_copy(row, secrets=house.secrets)
        note_reading(session, row, by=by_officer(staff.officer), what="shown", now=house.now())
    return send_content(opened, attachment_id, shown=True)
