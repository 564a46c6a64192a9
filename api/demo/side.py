"""The demo's other side, on a port of its own: the elder's WeChat, the mail that bodies get, the second-factor codes.

None of it belongs to the product; it plays those who stand outside, so that a newcomer without an account sees the
true channels work.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Annotated, Any

import httpx
import pyotp
from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from api.demo.mailbox import Mailbox
from api.demo.vendor import Vendor
from api.pages import build_environment

ELDER = "oDemoElder0001"
TOKEN_SECONDS = 7200


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the demo tells about one officer."""

    username: str
    name: str
    post: str
    password: str
    totp: str
    passphrase: str = ""


@dataclass(slots=True)
class Stage:
    """All that the side pages show."""

    vendor: Vendor
    mailbox: Mailbox
    sign_ins: tuple[SignIn, ...]
    house_url: str
    talk: list[tuple[bool, str]] = field(default_factory=list)


def build_side(stage: Stage) -> FastAPI:
    """The side application; nothing in it is reachable but from this machine."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=str(files("api") / "static")))
    page = _make_page(stage)
    _add_phone(app, stage, page)
    _add_mail(app, stage, page)
    _add_cloud(app, stage)

    @app.get("/")
    def index() -> HTMLResponse:
        return page("demo/index.html")

    @app.get("/codes")
    def show_codes() -> HTMLResponse:
        return page("demo/codes.html", codes=[(who, pyotp.TOTP(who.totp).now()) for who in stage.sign_ins])

    return app


def _make_page(stage: Stage) -> Callable[..., HTMLResponse]:
    pages = build_environment()

    def page(template: str, **values: Any) -> HTMLResponse:
        return HTMLResponse(pages.get_template(template).render(stage=stage, **values))

    return page


def _add_phone(app: FastAPI, stage: Stage, page: Callable[..., HTMLResponse]) -> None:
    """The elder's phone: what is typed goes out signed and encrypted, what comes back is opened."""

    @app.get("/wechat")
    def show_phone() -> HTMLResponse:
        return page("demo/wechat.html", problem="", typed="")

    @app.post("/wechat")
    def write_as_elder(text: Annotated[str, Form()] = "") -> Response:
        if not text.strip():
            return page("demo/wechat.html", problem="还没写呢。写一句再发。", typed="")
        try:
            reply = stage.vendor.say(ELDER, text.strip())
        except httpx.HTTPError:
            return page("demo/wechat.html", problem="热线没有答应，过一会儿再发。字还在。", typed=text)
        stage.talk.append((True, text.strip()))
        if reply:
            stage.talk.append((False, reply))
        return RedirectResponse("/wechat", 303)


def _add_mail(app: FastAPI, stage: Stage, page: Callable[..., HTMLResponse]) -> None:
    """The mailbox of the bodies outside."""

    @app.get("/mail")
    def show_mail() -> HTMLResponse:
        return page("demo/mail.html")

    @app.get("/mail/{number}/{part}")
    def show_attachment(number: int, part: int) -> Response:
        return _attachment(stage.mailbox, number, part)


def _add_cloud(app: FastAPI, stage: Stage) -> None:
    """The three calls of the vendor's cloud that a text-only account needs."""

    @app.post("/cgi-bin/stable_token")
    def give_token() -> dict[str, object]:
        return {"access_token": "demo-token", "expires_in": TOKEN_SECONDS}

    @app.post("/cgi-bin/message/custom/send")
    async def take_push(request: Request) -> dict[str, object]:
        body = await request.json()
        stage.talk.append((False, str(body.get("text", {}).get("content", ""))))
        return {"errcode": 0, "errmsg": "ok"}


def _attachment(mailbox: Mailbox, number: int, part: int) -> Response:
    if not 0 <= number < len(mailbox.letters):
        return Response(status_code=404)
    attached = list(mailbox.letters[number].iter_attachments())
    if not 0 <= part < len(attached):
        return Response(status_code=404)
    return Response(attached[part].get_payload(decode=True), media_type=attached[part].get_content_type())
