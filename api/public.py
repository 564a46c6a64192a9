"""The pages anybody may open: the talk at `/`, progress at `/track`, and a page for the family.

They work without script: every answer is a form post that ends in a page drawn again, and what was typed is kept.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from api.errors import DATABASE, word_problem
from api.pages import SIZE_COOKIE, SIZES, draw
from api.uploads import HINTS, Upload, read_upload
from bot.channels import Inbound, MessageKind
from bot.frontdesk import answer_inbound, name_home, view_talk
from bot.media import MESSAGE_KINDS
from bot.types import TalkView
from casework.errors import HotlineError, InvalidField
from casework.types import Channel
from intake.attachments import Prepared

router = APIRouter(include_in_schema=False)

TALK_COOKIE = "talk"
HOST_PREFIX = "__Host-"
"""Under TLS no other machine of our domain can set a cookie of this name."""
TALK_SECONDS = 72 * 3600
TOKEN_BYTES = 24
MAC_CHARACTERS = 24
MARK = "talk_mark"
LONGEST = 5000
LONGEST_TURN = 64
SIZE_SECONDS = 365 * 86400
ONE_EXCHANGE = 2
ANNOUNCES = "："
"""How a sentence ends that a chat follows with the code; the page shows the code first."""


@router.get("/")
def show_talk(request: Request, at: Annotated[str, Query(max_length=LONGEST_TURN)] = "") -> HTMLResponse:
    """The talk as it stands; a visitor without one sees the greeting and gets no cookie.

    `at` is the home whose poster was scanned; it goes along with the first words, and into no cookie.
    """
    return _draw_talk(request, _load_view(request), at=at)


@router.post("/say")
async def say(request: Request) -> Response:
    """One message of the person, with pictures, recordings and papers if there are any.

    The same `turn` with the same words (a shaking hand, a reload) is one message; with other words (the back button,
    something changed) it is another. Whatever goes wrong, the words stand on the page that says so.
    """
    return await run_in_threadpool(_take_words, request, await read_upload(request))


def _take_words(request: Request, upload: Upload) -> Response:
    text, choice, turn = upload.text("text").strip(), upload.text("choice"), upload.text("turn")
    try:
        files = upload.prepare()
    except InvalidField as error:
        return _draw_talk(request, _load_view(request), file_problem=word_problem(error), typed=text, status=422)
    if not text and not choice and not files:
        return _draw_talk(request, _load_view(request), field_problem="还没写呢。写一句再按。", status=422)
    if len(text) > LONGEST:
        problem = "太长了。请分两回说，先按一次。"
        return _draw_talk(request, _load_view(request), field_problem=problem, typed=text, status=422)
    house = request.app.state.house
    turn = turn[:LONGEST_TURN] or secrets.token_urlsafe(TOKEN_BYTES)
    said = "/".join((choice, text, *(each.keys.sha256 for each in files)))
    try:
        sender = _find_talk(request) or _name_talk(request, turn, said)
        ident = f"{turn}/{hashlib.sha256(said.encode()).hexdigest()}"
        at = upload.text("at")[:LONGEST_TURN] or None
        for inbound in _list_messages(sender, ident, text, choice, files, house.now()):
            answer_inbound(house.store, replace(inbound, scene=at), desk=house.front_desk, now=house.now())
    except (SQLAlchemyError, TimeoutError, OSError, HotlineError):
        return keep_words(request, text, again="/")
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        _cookie_name(request),
        sender,
        max_age=TALK_SECONDS,
        httponly=True,
        samesite="lax",
        secure=house.settings.uses_tls,
    )
    return answer


def _list_messages(
    sender: str, ident: str, text: str, choice: str, files: Sequence[Prepared], now: datetime
) -> Iterator[Inbound]:
    """What one post of the form says: files with the words beside them, or before a button that was tapped."""
    plain = Inbound(Channel.WEB, "web", sender, ident, MessageKind.TEXT, now, text=text, choice=choice or None)
    if not files:
        yield plain
        return
    kind = MESSAGE_KINDS[files[0].keys.kind]
    words = "" if choice else text
    yield replace(plain, message_id=f"{ident}/files", kind=kind, text=words, choice=None, files=tuple(files))
    if choice:
        yield plain


@router.post("/size")
def set_size(to: Annotated[str, Form()], back: Annotated[str, Form()] = "/") -> Response:
    """Larger print, kept in the browser alone."""
    answer = RedirectResponse(back if back.startswith("/") and not back.startswith("//") else "/", 303)
    answer.set_cookie(SIZE_COOKIE, to if to in SIZES else SIZES[0], max_age=SIZE_SECONDS, samesite="lax")
    return answer


@router.post("/leave")
def leave(request: Request) -> Response:
    """Forget the talk in this browser and show a page that tells nothing."""
    answer = RedirectResponse("/blank", 303)
    answer.delete_cookie(_cookie_name(request), secure=request.app.state.house.settings.uses_tls)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@router.get("/blank")
def blank(request: Request) -> HTMLResponse:
    """A page with nothing on it."""
    return draw(request, "public/blank.html")


@router.get("/sw.js")
def give_worker() -> FileResponse:
    """The worker that shows a page where there is no net; it must lie at the root to stand for the whole site."""
    headers = {"Cache-Control": "no-cache"}
    return FileResponse(str(files("api") / "static" / "sw.js"), media_type="text/javascript", headers=headers)


@router.get("/family")
def family(request: Request) -> HTMLResponse:
    """What a son or daughter wants to know first."""
    return draw(request, "public/family.html")


def _name_talk(request: Request, turn: str, said: str) -> str:
    """The token of a talk that begins: made of its first page's `turn`, so that two taps begin one talk.

    Where that talk has gone on, somebody else may sit at the browser by now: then it is a new one.
    """
    mac = request.app.state.house.secrets.mac(TALK_COOKIE, f"{turn}/{said}".encode())
    first = _sign(request, base64.urlsafe_b64encode(mac[:TOKEN_BYTES]).decode())
    view = _load_view(request, first)
    went_on = view.receipt_code is not None or len(view.said) > ONE_EXCHANGE
    if not went_on:
        return first
    return _sign(request, secrets.token_urlsafe(TOKEN_BYTES))


def _cookie_name(request: Request) -> str:
    return HOST_PREFIX + TALK_COOKIE if request.app.state.house.settings.uses_tls else TALK_COOKIE


def _sign(request: Request, token: str) -> str:
    """The token with our mark, so that a cookie somebody planted in a shared browser is no talk."""
    return f"{token}.{request.app.state.house.secrets.mac(MARK, token.encode()).hex()[:MAC_CHARACTERS]}"


def _find_talk(request: Request) -> str:
    """The talk that this browser goes on with; "" where it has none of ours, or nothing is told in it yet.

    Words that begin a story begin a talk of their own: whoever left an empty one in a shared browser can't follow.
    """
    held = _held(request)
    return held if held and not _load_view(request, held).is_bare else ""


def _held(request: Request) -> str:
    """The cookie's value where it is one that we issued, "" otherwise."""
    held = request.cookies.get(_cookie_name(request), "")
    token, _, mark = held.rpartition(".")
    marks = (each.hex()[:MAC_CHARACTERS] for each in request.app.state.house.secrets.macs(MARK, token.encode()))
    return held if token and any(hmac.compare_digest(mark.encode(), each.encode()) for each in marks) else ""


def _load_view(request: Request, sender: str | None = None) -> TalkView:
    house = request.app.state.house
    if sender is None:
        sender = _held(request)
    with house.store.read() as session:
        return view_talk(session, Channel.WEB, sender, desk=house.front_desk, now=house.now())


def _draw_talk(
    request: Request,
    view: TalkView,
    *,
    field_problem: str = "",
    file_problem: str = "",
    typed: str = "",
    at: str = "",
    status: int = 200,
) -> HTMLResponse:
    home = name_home(request.app.state.house.front_desk, at) if at else None
    return draw(
        request,
        "public/chat.html",
        status=status,
        view=view,
        stage=view.stage.value,
        lines=_list_lines(view),
        turn=secrets.token_urlsafe(TOKEN_BYTES),
        problem="",
        field_problem=field_problem,
        file_problem=file_problem,
        file_hints=HINTS,
        typed=typed,
        at=at if home else "",
        home=home,
    )


def _list_lines(view: TalkView) -> list[str]:
    """What was answered, without what the card beside it says already; the code has a slip of its own."""
    told = tuple(f"{fact.label}：" for fact in view.facts)
    lines = [line for line in view.reply.lines if not (told and line.startswith(told))]
    return [line for line in lines if not (view.receipt_code and line.endswith(ANNOUNCES))]


def keep_words(request: Request, text: str, *, again: str) -> HTMLResponse:
    """The page for a moment when nothing can be stored: what was written stands on it, `again` leads back."""
    return draw(
        request,
        "public/plain.html",
        status=DATABASE.status,
        title=DATABASE.title,
        lines=("您写的还在下面，请先别关。", "过一分钟，回去再说一次。"),
        typed=text,
        again=again,
        again_label="回去再试",
    )
