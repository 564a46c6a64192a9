"""「我的账号」, open to every officer: password, ties, sign-ins elsewhere, and where he signed in lately."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.console.account_view import NOTHING_FAILED, Failed, say_refusal, view_account
from api.console.frame import show
from api.dependencies import PostedForm, PostingStaff, SignedStaff, Staff, TheHouse, attach_staff, get_origin
from api.errors import word_problem
from api.wiring import House
from casework.accounts import Here, NewPassword, renew_password, sign_out_elsewhere
from casework.errors import InvalidField, WrongSignIn
from casework.ledger import by_officer
from casework.officers import declare_tie, withdraw_tie
from casework.securitylog import SecurityNote

router = APIRouter(prefix="/console/account", include_in_schema=False)

HERE = "/console/account"
LONGEST_TIE = 64
Origin = Annotated[SecurityNote, Depends(get_origin)]


@router.get("")
def show_account(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """The page."""
    return draw_account(request, staff, house)


@router.post("/password")
def change_password(
    request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse, origin: Origin
) -> Response:
    """Another password, for one who knows the old one; every other sign-in of his ends."""
    here = place(staff, house, origin)
    try:
        new = NewPassword(form.text("password"), form.text("again"))
        renew_password(house.store, here, form.text("old"), new)
    except InvalidField as error:
        return draw_account(request, staff, house, Failed("password", {error.field: word_problem(error)}))
    except WrongSignIn as error:
        problem = say_refusal(error, "现在的密码", now=here.now)
        return draw_account(request, staff, house, Failed("password", {"old": problem}))
    return RedirectResponse(f"{HERE}?done=password-changed", 303)


@router.post("/elsewhere")
def leave_elsewhere(staff: PostingStaff, house: TheHouse, origin: Origin) -> Response:
    """End every other sign-in; this one stays."""
    with house.store.write() as session:
        attach_staff(session, staff)
        sign_out_elsewhere(session, place(staff, house, origin))
    return RedirectResponse(f"{HERE}?done=elsewhere", 303)


@router.post("/ties")
def declare(request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Declare a relative or interest: from now on what names it is kept from him."""
    name, relation = form.text("name"), form.text("relation")
    try:
        if max(len(name), len(relation)) > LONGEST_TIE:
            raise InvalidField("name" if len(name) > LONGEST_TIE else "relation", "too_long")
        with house.store.write() as session:
            officer = attach_staff(session, staff).officer
            declare_tie(session, officer, name=name, relation=relation, by=by_officer(officer), now=house.now())
    except InvalidField as error:
        return draw_account(request, staff, house, Failed("ties", {error.field: word_problem(error)}, form.typed()))
    return RedirectResponse(f"{HERE}?done=tie-declared#ties", 303)


@router.post("/ties/{tie_id}/withdraw")
def withdraw(tie_id: str, staff: PostingStaff, house: TheHouse) -> Response:
    """Take back what is no more; what was kept from him stays so."""
    with house.store.write() as session:
        officer = attach_staff(session, staff).officer
        withdraw_tie(session, officer, tie_id, by=by_officer(officer), now=house.now())
    return RedirectResponse(f"{HERE}?done=tie-withdrawn#ties", 303)


def place(staff: Staff, house: House, origin: SecurityNote) -> Here:
    """Who acts, in which sign-in, from where and when."""
    return Here(staff.officer, staff.session_row.id, origin, house.now())


def draw_account(request: Request, staff: Staff, house: House, failed: Failed = NOTHING_FAILED) -> Response:
    """The page, with what went wrong at its field."""
    with house.store.read() as session:
        return show(
            request,
            session,
            staff,
            "console/account.html",
            here="account",
            status=422 if failed.act else 200,
            account=view_account(session, staff, now=house.now()),
            failed=failed,
        )
