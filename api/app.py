"""The application: every door hung on one house.

Errors become pages or JSON here and nowhere else; nothing is logged of a request but its method, route, status and
milliseconds.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from traceback import extract_tb
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from api import acknowledge, channels, health, public, telegram_door, track, v1
from api.console import routes as console
from api.counting import Counts
from api.dependencies import STAFF_COOKIE, ForeignPost, NotEnrolled, NotSignedIn
from api.engine import EngineThread, engine_beside
from api.errors import DATABASE, HOUSE, INVALID, NOT_FOUND, Wording, word_error
from api.metering import Meter
from api.pages import draw
from api.security import Guard
from api.wiring import House
from casework.errors import HotlineError
from casework.types import SignInEnd

logger = logging.getLogger("hotline.web")
API = "/api/"
SIGN_IN = "/console/sign-in"
FIRST_SIGN_IN = "/console/first"
ENDS: Mapping[SignInEnd, tuple[str, str]] = {
    SignInEnd.REMOVED: ("您的账号停用了。", "要是停错了，请找本单位的管理员，他可以恢复。"),
    SignInEnd.CHANGED: ("您的岗位变了，请重新登录。", "变了什么，登录以后在“我的账号”看。"),
    SignInEnd.ELSEWHERE: ("您在别处点了全部退出。", "这里也退出了。不是您点的，请马上找管理员。"),
    SignInEnd.RENEWED: ("您的密码或动态码换过了。", "请用新的登录。不是您换的，请马上找管理员。"),
}
"""What the page says whose sign-in was ended while it stood open: what happened, and what to do."""
FOREIGN = Wording(403, "foreign", "这一步没有办。", "这一页不是您刚打开的，请回去再按一次。")


def create_app(house: House, *, engine: EngineThread | None = None) -> FastAPI:
    """The whole application around `house`; with an `engine`, background work runs beside it."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if engine is None:
            yield
            return
        async with engine_beside(engine):
            yield

    app = FastAPI(
        title="清风热线",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=lifespan,
    )
    app.state.house = house
    app.mount("/static", StaticFiles(directory=str(files("api") / "static")), name="static")
    for router in (
        health.router,
        channels.router,
        telegram_door.router,
        public.router,
        track.router,
        acknowledge.router,
        v1.router,
        console.router,
    ):
        app.include_router(router)
    _add_error_handlers(app)
    _add_staff_handlers(app)
    app.state.counts = Counts()
    app.add_middleware(
        Meter, counts=app.state.counts, answer=lambda request: answer_error(request, HOUSE), place=say_place
    )
    app.add_middleware(Guard, hsts=house.settings.hsts)
    return app


def say_place(error: Exception) -> str:
    """Where an error arose, as file and line: enough to find it, and nothing of what was being handled."""
    frames = extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(HotlineError)
    def on_hotline_error(request: Request, error: HotlineError) -> Response:
        return answer_error(request, word_error(error))

    @app.exception_handler(SQLAlchemyError)
    @app.exception_handler(TimeoutError)
    def on_database(request: Request, error: Exception) -> Response:
        logger.error("database", extra={"error_code": type(error).__name__})
        return answer_error(request, DATABASE)

    @app.exception_handler(RequestValidationError)
    def on_invalid(request: Request, error: RequestValidationError) -> Response:
        if request.url.path.startswith(API):
            problems = [
                {"field": ".".join(str(part) for part in e["loc"]), "problem": e["type"]} for e in error.errors()
            ]
            return JSONResponse({"code": INVALID.code, "message": INVALID.title, "problems": problems}, 422)
        return answer_error(request, INVALID)

    @app.exception_handler(HTTPException)
    def on_http(request: Request, error: HTTPException) -> Response:
        wording = (
            NOT_FOUND
            if error.status_code == NOT_FOUND.status
            else Wording(error.status_code, "http", "这一步走不通。", "请回到首页再试。")
        )
        return answer_error(request, wording)


def _add_staff_handlers(app: FastAPI) -> None:
    @app.exception_handler(NotSignedIn)
    def on_stranger(request: Request, error: NotSignedIn) -> Response:
        return ask_to_sign_in(request) if error.why is None else tell_end(request, error.why)

    @app.exception_handler(NotEnrolled)
    def on_newcomer(_request: Request, _error: NotEnrolled) -> Response:
        return RedirectResponse(FIRST_SIGN_IN, 303)

    @app.exception_handler(ForeignPost)
    def on_foreign_post(request: Request, _error: ForeignPost) -> Response:
        return answer_error(request, FOREIGN)


def ask_to_sign_in(request: Request) -> Response:
    """To the sign-in, and from there back to the page that was asked for; a post comes back to the first desk."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    words = {"to": asked} if request.method == "GET" else {}
    return RedirectResponse(f"{SIGN_IN}?{urlencode(words)}" if words else SIGN_IN, 303)


def tell_end(request: Request, why: SignInEnd) -> Response:
    """A page that says kindly why the sign-in is over; whatever was pressed was not done, not even in part."""
    title, advice = ENDS[why]
    kept = () if request.method == "GET" else ("刚才按的那一步没有办，别的都没动。",)
    answer = draw(
        request,
        "public/plain.html",
        status=401,
        title=title,
        lines=(*kept, advice),
        typed="",
        again=SIGN_IN,
        again_label="去登录",
    )
    answer.delete_cookie(STAFF_COOKIE, path="/console")
    return answer


def answer_error(request: Request, wording: Wording) -> Response:
    """The error as JSON for the API, as a page for people."""
    if request.url.path.startswith(API):
        return JSONResponse({"code": wording.code, "message": f"{wording.title}{wording.advice}"}, wording.status)
    home = "/console/" if request.url.path.startswith("/console") else "/"
    return draw(
        request,
        "public/plain.html",
        status=wording.status,
        title=wording.title,
        lines=(wording.advice,),
        typed="",
        again=home,
        again_label="回到首页",
    )
