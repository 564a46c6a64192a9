"""Progress by receipt code at `/track`: one form in, one page out, and a word back to the officer.

The code is never in an address. A look-up waits in the gate's line without holding a thread, so that ten thousand
guesses a minute do not keep an honest one from its turn.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import replace
from datetime import date
from functools import partial

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from api.errors import word_problem
from api.public import keep_words
from api.track_matters import choose_matter, route_words
from api.track_view import Entry, Noted, draw_form, draw_progress
from api.uploads import Upload, read_upload
from api.wiring import House
from casework.bonds import ReporterPen, is_unpinned
from casework.callbacks import CHOICES, Asked, Said, keep_callback, wants_callback
from casework.clock import local_date
from casework.errors import HotlineError, InvalidField
from casework.messages import LONGEST, add_message_from_reporter, list_messages
from casework.models.attachments import Attachment
from casework.models.cases import Case
from casework.models.columns import ID_LENGTH
from casework.talks import pin_talk
from casework.types import MessageDirection
from casework.verdicts import MASK
from intake.attachments import Prepared, count_room, keep_prepared, prepare_attachment
from intake.errors import MistypedCode, WeakPassphrase
from intake.later import hear_later_words
from intake.receipts import ReceiptHit, add_passphrase, ask_receipt
from intake.work import is_work_done

router = APIRouter(include_in_schema=False)

PATIENCE_SECONDS = 30
LONGEST_TURN = 64
FILE_PURPOSE = "track_file"
FULL = "今天放满九份了，明天再来补。"
TOO_LONG = "太长了。请分两回说。"
NOT_FOUND = "没有找到这个码，请再看看您记的数。"
WEAK = {
    "short": "太短了，容易被人猜中。请写十个字以上。",
    "uniform": "重复的字太多，容易被人猜中。请换一句。",
    "digits": "光写数字容易被人猜中。请写一句话。",
}
NOT_TAKEN = "这件事不归我们收，我没有留。请打12388，或者向上一级纪委反映。"


@router.get("/track")
def ask_code(request: Request) -> HTMLResponse:
    """The form."""
    return draw_form(request)


@router.post("/track")
async def show_progress(request: Request) -> Response:
    """The state of the case that the code belongs to, or a kind word at the field."""
    entry = Entry.read(await request.form())
    return await _with_receipt(request, entry, lambda hit: draw_progress(request, hit, entry))


@router.post("/track/say")
async def say_more(request: Request) -> Response:
    """One more word to the officer, or files; an empty one is asked for again, a long one kept, two taps are one."""
    upload = await read_upload(request)
    entry, text = Entry(upload.text("code"), upload.text("phrase"), matter=upload.text("matter")), upload.text("text")

    def take(hit: ReceiptHit) -> Response:
        words = text.strip()
        if len(words) > LONGEST:
            return draw_progress(request, hit, entry, Noted(problem=TOO_LONG, typed=text), status=422)
        route = route_words(request.app.state.house, hit, words, entry.matter, upload.text("aim"))
        try:
            files = _prepare_files(request, upload, route.hit)
        except InvalidField as error:
            noted = Noted(file_problem=word_problem(error), typed=text)
            return draw_progress(request, hit, entry, noted, status=422)
        if not words and not files:
            return draw_progress(request, hit, entry, Noted(problem="还没写呢。写一句再按。"), status=422)
        problem = _keep_said(request.app.state.house, route.hit, words, files)
        if problem:
            return draw_progress(request, hit, entry, Noted(file_problem=problem, typed=text), status=422)
        there = replace(entry, matter=route.matter)
        return draw_progress(request, route.hit, there, Noted(said=True, said_files=len(files), moved=route.moved))

    try:
        return await _with_receipt(request, entry, take)
    except (SQLAlchemyError, TimeoutError, OSError, HotlineError):
        return keep_words(request, text, again="/track")


@router.post("/track/callback")
async def call_back(request: Request) -> Response:
    """What he says of a matter that was answered; nothing ticked is asked for again, two taps are one answer."""
    form = await request.form()
    entry, given = Entry.read(form), {asked: str(form.get(asked, "")) for asked in Asked}
    answers = {asked: Said(said) for asked, said in given.items() if said in CHOICES[asked]}

    def keep(hit: ReceiptHit) -> Response:
        house = request.app.state.house
        if not answers:
            return draw_progress(request, hit, entry, Noted(callback_problem="还没选呢。选一个再按。"), status=422)
        with house.store.write() as session:
            case = session.get_one(Case, hit.case_id, with_for_update=True)
            if wants_callback(session, case):
                keep_callback(session, case, answers, office=house.office, now=house.now())
        return draw_progress(request, hit, entry, Noted(said=True))

    try:
        return await _with_receipt(request, entry, keep)
    except (SQLAlchemyError, TimeoutError, OSError, HotlineError):
        return keep_words(request, "", again="/track")


@router.post("/track/phrase")
async def add_sentence(request: Request) -> Response:
    """A sentence of his own beside the code; from then on both are asked for."""
    form = await request.form()
    entry, sentence = Entry.read(form), str(form.get("sentence", ""))

    def add(hit: ReceiptHit) -> Response:
        house = request.app.state.house
        shown = choose_matter(house, hit, entry.matter)
        try:
            add_passphrase(house.receipts, hit, entry.code, sentence)
        except WeakPassphrase as error:
            noted = Noted(phrase_problem=WEAK[error.problem], typed_phrase=sentence)
            return draw_progress(request, shown, entry, noted, status=422)
        return draw_progress(request, shown, replace(entry, phrase=sentence), Noted(phrase_added=True))

    try:
        return await _with_receipt(request, entry, add, whole=True)
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
            pen = ReporterPen(hit.reporter_key) if case.sealed else None
            add_message_from_reporter(session, case, said, now=now, pen=pen)
    return ""


async def _with_receipt(
    request: Request, entry: Entry, act: Callable[[ReceiptHit], Response], *, whole: bool = False
) -> Response:
    """Act with what the code opens: the case that the page is about, or (`whole`) the code's own."""
    house: House = request.app.state.house
    proven = is_work_done(house.secrets, entry.challenge, entry.nonce, entry.code, now=house.now())
    try:
        ask = partial(ask_receipt, house.receipts, entry.code, phrase=entry.phrase, proven=proven)
        future = await run_in_threadpool(ask)
    except MistypedCode:
        return draw_form(request, entry, problem="这个码抄错了一个数，请对一对。", status=422)
    try:
        hit = await asyncio.wait_for(asyncio.wrap_future(future), PATIENCE_SECONDS)
    except (TimeoutError, CancelledError, asyncio.CancelledError):
        return draw_form(request, entry, waits=True, status=503)
    if hit is None:
        return draw_form(request, entry, problem=NOT_FOUND, status=404)
    chosen = hit if whole else await run_in_threadpool(choose_matter, house, hit, entry.matter)
    await run_in_threadpool(_pin, house, chosen)
    return await run_in_threadpool(act, chosen)


def _pin(house: House, hit: ReceiptHit) -> None:
    """A case that was sealed after it was filed: the first time with his code pins the keys of the talk."""
    with house.store.read() as session:
        waits = is_unpinned(session, hit.case_id)
    if waits:
        with house.store.write() as session:
            pin_talk(session, session.get_one(Case, hit.case_id), hit.reporter_key)


def _is_said_again(session: Session, case: Case, hit: ReceiptHit, words: str, today: date) -> bool:
    """Whether the talk ends with these very words of today: a second tap, or the page sent again."""
    last = list_messages(session, case, reporter_key=hit.reporter_key)[-1:]
    theirs = [row.text or "" for row in last if (row.direction, row.made_on) == (MessageDirection.FROM_REPORTER, today)]
    return any(
        len(kept) == len(words) and all(a in (b, MASK) for a, b in zip(kept, words, strict=True)) for kept in theirs
    )
