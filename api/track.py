"""Progress by receipt code at `/track`: one form in, one page out, and a word back to the officer.

The code is never in an address. A look-up waits in the gate's line without holding a thread, so that ten thousand
guesses a minute do not keep an honest one from its turn.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import CancelledError
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from api.pages import draw
from api.public import keep_words
from casework.clock import local_date
from casework.errors import HotlineError
from casework.messages import LONGEST, add_message_from_reporter, list_messages
from casework.models.cases import Case
from casework.progress import describe_progress
from casework.types import MessageDirection
from intake.errors import MistypedCode
from intake.receipts import ReceiptHit, ask_receipt

router = APIRouter(include_in_schema=False)

PATIENCE_SECONDS = 30


@router.get("/track")
def ask_code(request: Request) -> HTMLResponse:
    """The form."""
    return _draw_form(request)


@router.post("/track")
async def show_progress(request: Request, code: Annotated[str, Form()] = "") -> Response:
    """The state of the case that the code belongs to, or a kind word at the field."""
    return await _with_receipt(request, code, lambda hit: _draw_progress(request, hit, code))


@router.post("/track/say")
async def say_more(request: Request, code: Annotated[str, Form()] = "", text: Annotated[str, Form()] = "") -> Response:
    """One more word to the officer; an empty one is asked for again, a long one is kept, two taps are one word."""

    def take(hit: ReceiptHit) -> Response:
        words = text.strip()
        if not words or len(words) > LONGEST:
            problem = "太长了。请分两回说。" if words else "还没写呢。写一句再按。"
            return _draw_progress(request, hit, code, problem=problem, typed=text, status=422)
        house = request.app.state.house
        with house.store.write() as session:
            case = session.get_one(Case, hit.case_id, with_for_update=True)
            if not _is_said_again(session, case, hit, words, local_date(house.now())):
                add_message_from_reporter(session, case, words, now=house.now())
        return _draw_progress(request, hit, code, said=True)

    try:
        return await _with_receipt(request, code, take)
    except (SQLAlchemyError, TimeoutError, OSError, HotlineError):
        return keep_words(request, text, again="/track")


async def _with_receipt(request: Request, code: str, act: Callable[[ReceiptHit], Response]) -> Response:
    house = request.app.state.house
    try:
        future = await run_in_threadpool(ask_receipt, house.receipts, code)
    except MistypedCode:
        return _draw_form(request, typed=code, problem="这个码抄错了一个数，请对一对。", status=422)
    try:
        hit = await asyncio.wait_for(asyncio.wrap_future(future), PATIENCE_SECONDS)
    except (TimeoutError, CancelledError, asyncio.CancelledError):
        return _draw_form(request, typed=code, waiting=house.receipts.gate.waiting, status=503)
    if hit is None:
        return _draw_form(request, typed=code, problem="没有找到这个码，请再看看您记的数。", status=404)
    return await run_in_threadpool(act, hit)


def _is_said_again(session: Session, case: Case, hit: ReceiptHit, words: str, today: date) -> bool:
    """Whether the talk ends with these very words of today: a second tap, or the page sent again."""
    last = list_messages(session, case, reporter_key=hit.reporter_key)[-1:]
    return [(row.direction, row.text, row.made_on) for row in last] == [(MessageDirection.FROM_REPORTER, words, today)]


def _draw_form(
    request: Request, *, typed: str = "", problem: str = "", waiting: int = 0, status: int = 200
) -> HTMLResponse:
    return draw(
        request, "public/track.html", status=status, progress=None, typed=typed, problem=problem, waiting=waiting
    )


def _draw_progress(
    request: Request,
    hit: ReceiptHit,
    code: str,
    *,
    problem: str = "",
    typed: str = "",
    said: bool = False,
    status: int = 200,
) -> HTMLResponse:
    house = request.app.state.house
    with house.store.read() as session:
        case = session.get_one(Case, hit.case_id)
        progress = describe_progress(session, case, office=house.office, now=house.now())
        talk = [
            {"mine": row.direction is MessageDirection.FROM_REPORTER, "text": row.text, "day": row.made_on}
            for row in list_messages(session, case, reporter_key=hit.reporter_key)
        ]
    return draw(
        request,
        "public/track.html",
        status=status,
        progress=progress,
        talk=talk,
        code=code,
        problem=problem,
        typed=typed,
        said=said,
        waiting=0,
    )
