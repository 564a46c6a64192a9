"""Opening a part of a sealed case by two people: one marks the sentences, the other agrees."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from api.console.sealed_desk import act_on_sealed
from api.dependencies import PostedForm, PostingStaff, TheHouse
from casework.sealing import SealedContent
from intake.releasing import ask_release, release_part

router = APIRouter(prefix="/console/sealed", include_in_schema=False)

CaseId = Annotated[str, Path(max_length=64)]
LONGEST_REASON = 500


@router.post("/{case_id}/ask-release")
def ask(request: Request, case_id: CaseId, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """The first of two marks the sentences and says why."""

    def act(session: Session, _opened: SealedContent) -> str:
        reason = form.need("reason", LONGEST_REASON)
        picks = [int(each) for each in form.texts("picks") if each.isdecimal()]
        added = form.texts("added")
        ask_release(session, staff, staff.token, case_id, picks, reason, added=added, now=house.now())
        return f"/console/sealed/{case_id}?done=ask-release"

    return act_on_sealed(request, staff, house, case_id, act, form.typed(), "ask-release")


@router.post("/{case_id}/release")
def release(request: Request, case_id: CaseId, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """The second of two agrees."""

    def act(session: Session, _opened: SealedContent) -> str:
        item_id = form.text("proposal")
        release_part(session, staff, staff.token, case_id, item_id, desk=house.intake_desk, now=house.now())
        return f"/console/sealed/{case_id}?done=release"

    return act_on_sealed(request, staff, house, case_id, act, form.typed(), "release")
