"""What two clue officers decide over a sealed case: both keys, a colleague let in, and opening it again by two."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from api.console.clue_acts import check_keys
from api.console.sealed_desk import act_on_sealed
from api.dependencies import PostedForm, PostingStaff, TheHouse, attach_staff
from casework.assessments import confirm_clue
from casework.bodies import get_body
from casework.cases import get_case_for
from casework.clues import let_in
from casework.errors import NotFound
from casework.resealing import ask_unsealing
from casework.rings import officer_private_key
from casework.sealing import SealedContent
from casework.thirdpersons import ask_handing_on, ask_letting_in
from intake.resealing import unseal_case

router = APIRouter(prefix="/console/sealed", include_in_schema=False)

CaseId = Annotated[str, Path(max_length=64)]
LONGEST_REASON = 500


@router.post("/{case_id}/confirm")
def confirm(request: Request, case_id: CaseId, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Both keys were looked at by a person; the clock of confirming is met."""

    def act(session: Session, opened: SealedContent) -> str:
        check_keys(form)
        confirm_clue(session, opened.case, by=staff.officer, office=house.office, now=house.now())
        return f"/console/sealed/{case_id}?done=confirm"

    return act_on_sealed(request, staff, house, case_id, act, form.typed(), "confirm")


@router.post("/{case_id}/let-in")
def let_colleague_in(
    request: Request, case_id: CaseId, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """Clear an uncertain exclusion of a colleague by wrapping the case's key to him."""

    def act(session: Session, opened: SealedContent) -> str:
        private = officer_private_key(staff, staff.token)
        let_in(session, staff.officer, private, opened, form.text("officer"), now=house.now())
        return f"/console/sealed/{case_id}?done=let-in"

    return act_on_sealed(request, staff, house, case_id, act, form.typed(), "let-in")


@router.post("/{case_id}/ask-letting-in")
def ask_to_let_in(
    request: Request, case_id: CaseId, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """Ask a third person to agree to letting in a colleague whom the words may mean."""

    def act(session: Session, opened: SealedContent) -> str:
        me = attach_staff(session, staff).officer
        ask_letting_in(session, opened, form.text("officer"), by=me, now=house.now())
        return f"/console/sealed/{case_id}?done=third-asked"

    return act_on_sealed(request, staff, house, case_id, act, form.typed(), "let-in")


@router.post("/{case_id}/ask-handing-on")
def ask_to_hand_on(
    request: Request, case_id: CaseId, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """Alone with the case: ask a leader to be the second pair of eyes for handing it on."""

    def act(session: Session, opened: SealedContent) -> str:
        me = attach_staff(session, staff).officer
        ask_handing_on(session, opened, get_body(session, form.text("body")), by=me, now=house.now())
        return f"/console/sealed/{case_id}?done=third-asked"

    return act_on_sealed(request, staff, house, case_id, act, form.typed(), "ask-handing-on")


@router.post("/{case_id}/ask-unsealing")
def ask_to_unseal(
    request: Request, case_id: CaseId, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """The first of two proposes, with a reason that lies inside."""

    def act(session: Session, _opened: SealedContent) -> str:
        reason = form.need("reason", LONGEST_REASON)
        ask_unsealing(session, staff, staff.token, case_id, reason, now=house.now())
        return f"/console/sealed/{case_id}?done=ask-unsealing"

    return act_on_sealed(request, staff, house, case_id, act, form.typed(), "ask-unsealing")


@router.post("/{case_id}/unseal")
def unseal(request: Request, case_id: CaseId, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """The second of two agrees; the case stands open again, in his sight only where it is a clue."""

    def act(session: Session, _opened: SealedContent) -> str:
        unseal_case(session, staff, staff.token, case_id, office=house.office, secrets=house.secrets, now=house.now())
        try:
            get_case_for(session, staff.officer, case_id)
        except NotFound:
            return "/console/sealed?done=unseal"
        return f"/console/cases/{case_id}?done=unseal"

    return act_on_sealed(request, staff, house, case_id, act, form.typed(), "unseal")
