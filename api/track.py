"""Progress by receipt code at `/track`: one form in, one page out, and a word back to the officer.

The code is never in an address. A look-up waits in the gate's line without holding a thread, so that ten thousand
guesses a minute do not keep an honest one from its turn.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from api.errors import word_problem
from api.pages import draw
from api.public import keep_words
from api.uploads import HINTS, Upload, read_upload
from api.wiring import House
from casework.callbacks import CHOICES, Asked, Said, keep_callback, wants_callback
from casework.clock import local_date
from casework.errors import HotlineError, InvalidField
from casework.messages import LONGEST, add_message_from_reporter, list_messages
from casework.models.attachments import Attachment
from casework.models.cases import Case
from casework.models.columns import ID_LENGTH
from casework.progress import describe_progress
from casework.types import MessageDirection
from casework.verdicts import MASK
from intake.attachments import Prepared, count_room, keep_prepared, prepare_attachment
from intake.errors import MistypedCode
from intake.later import hear_later_words
from intake.receipts import ReceiptHit, ask_receipt

router = APIRouter(include_in_schema=False)

PATIENCE_SECONDS = 30
TURN_BYTES, LONGEST_TURN = 16, 64
FILE_PURPOSE = "track_file"
FULL = "今天放满九份了，明天再来补。"
NOT_TAKEN = "这件事不归我们收，我没有留。请打12388，或者向上一级纪委反映。"


@router.get("/track")
def ask_code(request: Request) -> HTMLResponse:
    """The form."""
    return _draw_form(request)


@router.post("/track")
async def show_progress(request: Request, code: Annotated[str, Form()] = "") -> Response:
    """The state of the case that the code belongs to, or a kind word at the field."""
    return await _with_receipt(request, code, lambda hit: _draw_progress(request, hit, code))


@router.post("/track/say")
async def say_more(request: Request) -> Response:
    """One more word to the officer, or files; an empty one is asked for again, a long one kept, two taps are one."""
    upload = await read_upload(request)
    code, text = upload.text("code"), upload.text("text")

    def take(hit: ReceiptHit) -> Response:
        words = text.strip()
        if len(words) > LONGEST:
            return _draw_progress(request, hit, code, problem="太长了。请分两回说。", typed=text, status=422)
        try:
            files = _prepare_files(request, upload, hit)
        except InvalidField as error:
            return _draw_progress(request, hit, code, file_problem=word_problem(error), typed=text, status=422)
        if not words and not files:
            return _draw_progress(request, hit, code, problem="还没写呢。写一句再按。", status=422)
        problem = _keep_said(request.app.state.house, hit, words, files)
        if problem:
            return _draw_progress(request, hit, code, file_problem=problem, typed=text, status=422)
        return _draw_progress(request, hit, code, said=True, said_files=len(files))

    try:
        return await _with_receipt(request, code, take)
    except (SQLAlchemyError, TimeoutError, OSError, HotlineError):
        return keep_words(request, text, again="/track")


@router.post("/track/callback")
async def call_back(request: Request) -> Response:
    """What he says of a matter that was answered; nothing ticked is asked for again, two taps are one answer."""
    form = await request.form()
    code, given = str(form.get("code", "")), {asked: str(form.get(asked, "")) for asked in Asked}
    answers = {asked: Said(said) for asked, said in given.items() if said in CHOICES[asked]}

    def keep(hit: ReceiptHit) -> Response:
        house = request.app.state.house
        if not answers:
            return _draw_progress(request, hit, code, callback_problem="还没选呢。选一个再按。", status=422)
        with house.store.write() as session:
            case = session.get_one(Case, hit.case_id, with_for_update=True)
            if wants_callback(session, case):
                keep_callback(session, case, answers, office=house.office, now=house.now())
        return _draw_progress(request, hit, code, said=True)

    try:
        return await _with_receipt(request, code, keep)
    except (SQLAlchemyError, TimeoutError, OSError, HotlineError):
        return keep_words(request, "", again="/track")


def _prepare_files(request: Request, upload: Upload, hit: ReceiptHit) -> list[Prepared]:
    """The files, each under an id made of the page's `turn`, so that a second tap brings none twice."""
    if upload.problem is not None:
        raise upload.problem
    marks, turn = request.app.state.house.secrets, upload.text("turn")[:LONGEST_TURN]
    prepared = []
    for data in upload.files:
        named = f"{hit.case_id}/{turn}/{hashlib.sha256(data).hexdigest()}"
        ident = marks.mac(FILE_PURPOSE, named.encode()).hex()[:ID_LENGTH]
        prepared.append(prepare_attachment(data, ident=ident))
    return prepared


def _keep_said(house: House, hit: ReceiptHit, words: str, files: Sequence[Prepared]) -> str:
    """Keep words and files in one unit of work, what came before not again; "" or why nothing was kept."""
    now = house.now()
    with house.store.write() as session:
        case = session.get_one(Case, hit.case_id, with_for_update=True)
        fresh = [each for each in files if session.get(Attachment, each.keys.id) is None]
        if len(fresh) > count_room(session, case.id, now=now):
            return FULL
        said = f"（发来{len(files)}份照片、录音或文件）" if fresh else ""
        if words and not _is_said_again(session, case, hit, words, local_date(now)):
            heard = hear_later_words(session, case, words, desk=house.intake_desk, now=now)
            if heard is None:
                return NOT_TAKEN
            said = heard
        for each in fresh:
            keep_prepared(session, case, each, secrets=house.secrets, now=now)
        if said:
            add_message_from_reporter(session, case, said, now=now)
    return ""


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
    theirs = [row.text or "" for row in last if (row.direction, row.made_on) == (MessageDirection.FROM_REPORTER, today)]
    return any(
        len(kept) == len(words) and all(a in (b, MASK) for a, b in zip(kept, words, strict=True)) for kept in theirs
    )


def _list_questions(house: House) -> list[dict[str, object]]:
    """The questions after the answer, in the words of the desk's script."""
    questions = house.front_desk.script.questions
    return [
        {
            "name": asked.value,
            "ask": questions[f"callback_{asked}"].ask,
            "choices": [
                (choice.id.removeprefix("callback_"), choice.label) for choice in questions[f"callback_{asked}"].choices
            ],
        }
        for asked in Asked
    ]


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
    file_problem: str = "",
    callback_problem: str = "",
    typed: str = "",
    said: bool = False,
    said_files: int = 0,
    status: int = 200,
) -> HTMLResponse:
    house = request.app.state.house
    with house.store.read() as session:
        case = session.get_one(Case, hit.case_id)
        progress = describe_progress(session, case, office=house.office, now=house.now())
        asks = wants_callback(session, case)
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
        said_files=said_files,
        file_problem=file_problem,
        callback=_list_questions(house) if asks else (),
        callback_problem=callback_problem,
        file_hints=HINTS,
        turn=secrets.token_urlsafe(TURN_BYTES),
        waiting=0,
    )
