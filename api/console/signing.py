"""Signing in and out of the console."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.console.devices import find_device, remember_device
from api.dependencies import STAFF_COOKIE, AnyPostingStaff, PostedForm, TheHouse, get_origin
from api.pages import draw, say_time
from casework.clock import local_date
from casework.errors import InitialPasswordOver, WrongSignIn
from casework.securitylog import SecurityNote
from casework.signins import Signed, sign_in, sign_out

router = APIRouter(prefix="/console", include_in_schema=False)

HOME = "/console/"
Origin = Annotated[SecurityNote, Depends(get_origin)]


@router.get("/sign-in")
def show_form(request: Request, to: str = HOME) -> HTMLResponse:
    """The form; `to` is the page that was asked for."""
    return draw(request, "console/sign_in.html", problem="", typed="", to=_inside(to))


@router.post("/sign-in")
def take_form(request: Request, form: PostedForm, house: TheHouse, origin: Origin) -> Response:
    """Sign in, or say kindly that something of it was wrong, never what; too many tries wait a little longer."""
    now = house.now()
    to, username = _inside(form.text("to")), form.text("username")
    device = find_device(request, house, username)
    try:
        signed = sign_in(
            house.store,
            username=username,
            password=form.text("password"),
            code=form.text("code"),
            unlock=house.unlock_second_factor,
            now=now,
            origin=origin,
            device=device,
        )
    except WrongSignIn as error:
        later = error.next_try_at > now
        problem = "用户名、密码或动态码不对。" + (
            f"请在 {say_time(error.next_try_at, local_date(now))} 以后再试。" if later else "请再输一次。"
        )
        return draw(request, "console/sign_in.html", status=422, problem=problem, typed=username, to=to)
    except InitialPasswordOver:
        problem = "这个初始密码过期了，请找管理员再发一个。"
        return draw(request, "console/sign_in.html", status=422, problem=problem, typed=username, to=to)
    answer = RedirectResponse(to, 303)
    answer.set_cookie(
        STAFF_COOKIE, signed.token, httponly=True, samesite="strict", secure=house.settings.uses_tls, path="/console"
    )
    remember_device(answer, house, username, device)
    return answer


@router.post("/sign-out")
def leave(staff: AnyPostingStaff, house: TheHouse, origin: Origin) -> Response:
    """End the sign-in here and now."""
    with house.store.write() as session:
        sign_out(session, Signed(staff.officer, staff.session_row), now=house.now(), origin=origin)
    answer = RedirectResponse("/console/sign-in", 303)
    answer.delete_cookie(STAFF_COOKIE, path="/console")
    return answer


def _inside(path: str) -> str:
    return path if path.startswith("/console/") and "//" not in path and "\\" not in path else HOME
