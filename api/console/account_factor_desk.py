"""The second factor: a new one for an officer who has the old, and the first one at the first sign-in."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.console.account_desk import HERE, Origin, draw_account, place
from api.console.account_view import Failed, say_refusal
from api.console.enrolment import offer_factor, read_factor
from api.console.frame import show
from api.dependencies import AnyPostingStaff, AnyStaff, PostedForm, PostingStaff, Staff, TheHouse
from api.errors import word_problem
from api.pages import draw
from api.wiring import House
from casework.accounts import NewPassword, enrol, renew_second_factor
from casework.errors import InvalidField, WrongSignIn
from casework.signins import confirm_code, is_enrolled

router = APIRouter(prefix="/console", include_in_schema=False)


@router.post("/account/factor")
def ask_for_factor(
    request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse, origin: Origin
) -> Response:
    """A running code of the old phone, and then the picture for the new one."""
    here = place(staff, house, origin)
    try:
        confirm_code(
            house.store,
            staff.officer.id,
            form.text("code"),
            house.unlock_second_factor,
            now=here.now,
            origin=origin,
        )
    except WrongSignIn as error:
        problem = say_refusal(error, "动态码", now=here.now)
        return draw_account(request, staff, house, Failed("factor", {"code": problem}))
    return _draw_factor(request, staff, house)


@router.post("/account/factor/new")
def take_factor(request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse, origin: Origin) -> Response:
    """A code of the new phone: from now on it is the one."""
    kept = form.text("kept")
    secret = read_factor(staff, kept)
    if not secret:
        return draw_account(request, staff, house, Failed("factor", {"code": "那一张图过期了，请从头来一次。"}))
    try:
        renew_second_factor(
            house.store, place(staff, house, origin), secret, form.text("new_code"), lock=house.lock_second_factor
        )
    except InvalidField as error:
        return _draw_factor(request, staff, house, kept, word_problem(error))
    return RedirectResponse(f"{HERE}?done=factor-changed", 303)


@router.get("/first")
def show_first(request: Request, staff: AnyStaff) -> Response:
    """The first sign-in: his own password, and his phone."""
    if is_enrolled(staff.officer):
        return RedirectResponse("/console/", 303)
    return _draw_first(request, staff)


@router.post("/first")
def take_first(request: Request, staff: AnyPostingStaff, form: PostedForm, house: TheHouse, origin: Origin) -> Response:
    """Both are set, or neither; then the house opens."""
    if is_enrolled(staff.officer):
        return RedirectResponse("/console/", 303)
    kept = form.text("kept")
    secret = read_factor(staff, kept)
    try:
        new = NewPassword(form.text("password"), form.text("again"))
        enrol(
            house.store,
            place(staff, house, origin),
            new,
            secret or "A",
            form.text("code"),
            lock=house.lock_second_factor,
        )
    except InvalidField as error:
        return _draw_first(request, staff, kept, {error.field: word_problem(error)})
    return RedirectResponse("/console/account?done=enrolled", 303)


def _draw_first(request: Request, staff: Staff, kept: str = "", problems: dict[str, str] | None = None) -> HTMLResponse:
    needs = staff.officer.totp_secret is None
    return draw(
        request,
        "console/first.html",
        status=422 if problems else 200,
        staff=staff,
        offer=offer_factor(staff, kept) if needs else None,
        problems=problems or {},
    )


def _draw_factor(request: Request, staff: Staff, house: House, kept: str = "", problem: str = "") -> Response:
    with house.store.read() as session:
        return show(
            request,
            session,
            staff,
            "console/account_factor.html",
            here="account",
            status=422 if problem else 200,
            offer=offer_factor(staff, kept),
            problem=problem,
        )
