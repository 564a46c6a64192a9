"""The desk for sheets that other offices send on, and for the sheet that goes back to them.

A sheet is held, looked over with its columns and its faulty rows, and then taken in behind the page, row by row.
"""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.frame import show
from api.console.import_view import list_choices, view_batch, view_codes, view_held
from api.dependencies import PostedForm, PostedUpload, PostingStaff, SignedStaff, Staff, TheHouse, UploadingStaff
from api.errors import word_error, word_problem
from api.orders import TYPES, list_orders, record_export, write_orders
from api.uploads import Upload
from api.wiring import House
from casework.errors import HotlineError, InvalidField, NotFound
from casework.ledger import by_officer
from casework.queues import Queue
from casework.visibility import require_role
from intake.imports import Column, load_headings, read_sheet
from intake.models import ImportBatch
from intake.transfers import (
    TAKES_IN,
    drop_batch,
    forget_codes,
    get_batch,
    hold_batch,
    list_batches,
    map_batch,
    open_batch,
    start_batch,
    wake_batch,
)

router = APIRouter(prefix="/console/imports", include_in_schema=False)
HOME = "/console/imports"


@router.get("")
def show_batches(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """His sheets, and the form for another."""
    return _draw_all(request, staff, house)


@router.post("")
def bring(request: Request, staff: UploadingStaff, upload: PostedUpload, house: TheHouse) -> Response:
    """Hold a sheet; nothing is taken in yet."""
    require_role(staff.officer, *TAKES_IN, act="import")
    source = upload.text("source")
    try:
        sheet = read_sheet(_read_file(upload))
        with house.store.write() as session:
            batch = hold_batch(session, sheet, source, by=staff.officer, keys=house.keys, now=house.now())
    except InvalidField as error:
        return _draw_all(request, staff, house, {error.field: word_problem(error)}, source)
    return RedirectResponse(f"{HOME}/{batch.id}", 303)


@router.get("/orders.{kind}")
def take_out(kind: str, staff: SignedStaff, house: TheHouse, queue: Queue = Queue.ALL) -> Response:
    """The cases he may know of, as a sheet for the office that sent them on."""
    require_role(staff.officer, *TAKES_IN, act="export")
    if kind not in TYPES or queue is Queue.SEALED:
        raise NotFound("sheet", kind)
    now = house.now()
    with house.store.write() as session:
        rows = list_orders(session, staff.officer, queue, house, now=now)
        record_export(session, staff.officer, len(rows), queue, by=by_officer(staff.officer), now=now)
    headers = {"Content-Disposition": f'attachment; filename="orders.{kind}"'}
    return Response(write_orders(rows, kind), media_type=TYPES[kind], headers=headers)


@router.get("/{batch_id}")
def show_batch(request: Request, batch_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """One sheet: its columns and faulty rows while it waits, how far it is, what came of it."""
    return _draw_one(request, staff, house, batch_id)


@router.post("/{batch_id}/columns")
def choose(request: Request, batch_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Which column is which."""
    chosen = {column: int(form.text(column)) for column in Column if form.text(column).isdigit()}

    def act(_session: Session, batch: ImportBatch) -> None:
        map_batch(batch, chosen, keys=house.keys)

    return _act(request, staff, house, batch_id, act)


@router.post("/{batch_id}/start")
def start(request: Request, batch_id: str, staff: PostingStaff, house: TheHouse) -> Response:
    """Take it in."""

    def act(session: Session, batch: ImportBatch) -> None:
        start_batch(session, batch, by=staff.officer, keys=house.keys, now=house.now())

    return _act(request, staff, house, batch_id, act)


@router.post("/{batch_id}/again")
def wake(request: Request, batch_id: str, staff: PostingStaff, house: TheHouse) -> Response:
    """It stands still: call for it once more."""
    return _act(request, staff, house, batch_id, wake_batch)


@router.post("/{batch_id}/drop")
def drop(request: Request, batch_id: str, staff: PostingStaff, house: TheHouse) -> Response:
    """Forget a sheet that was not begun."""
    gone: list[str] = []

    def act(session: Session, batch: ImportBatch) -> None:
        gone.append(drop_batch(session, batch))

    answer = _act(request, staff, house, batch_id, act, there=HOME)
    for key_id in gone:
        house.keys.destroy(key_id)
    return answer


@router.post("/{batch_id}/told")
def forget(request: Request, batch_id: str, staff: PostingStaff, house: TheHouse) -> Response:
    """All codes of a sheet were told by telephone: they are wiped."""
    gone: list[str] = []

    def act(_session: Session, batch: ImportBatch) -> None:
        gone.append(forget_codes(batch))

    answer = _act(request, staff, house, batch_id, act)
    for key_id in gone:
        house.keys.destroy(key_id)
    return answer


def _read_file(upload: Upload) -> bytes:
    if upload.problem is not None:
        raise upload.problem
    if not upload.files:
        raise InvalidField("file", "required")
    return upload.files[0]


def _act(
    request: Request,
    staff: Staff,
    house: House,
    batch_id: str,
    act: Callable[[Session, ImportBatch], None],
    *,
    there: str = "",
) -> Response:
    """Do one thing to his own sheet in one unit of work; what is wrong is said on its page."""
    require_role(staff.officer, *TAKES_IN, act="import")
    try:
        with house.store.write() as session:
            act(session, get_batch(session, staff.officer, batch_id))
    except NotFound:
        raise
    except InvalidField as error:
        return _draw_one(request, staff, house, batch_id, {error.field: word_problem(error)})
    except HotlineError as error:
        wording = word_error(error)
        return _draw_one(request, staff, house, batch_id, {"page": wording.title + wording.advice})
    return RedirectResponse(there or f"{HOME}/{batch_id}", 303)


def _draw_all(
    request: Request, staff: Staff, house: House, problems: dict[str, str] | None = None, source: str = ""
) -> Response:
    require_role(staff.officer, *TAKES_IN, act="import")
    headings = load_headings()
    with house.store.read() as session:
        page: dict[str, Any] = {
            "batches": [view_batch(batch, headings, house.now()) for batch in list_batches(session, staff.officer)],
            "sources": list(headings.sources.items()),
            "source": source,
            "problems": problems or {},
        }
        status = 422 if problems else 200
        return show(request, session, staff, "console/imports.html", here="call", status=status, **page)


def _draw_one(
    request: Request, staff: Staff, house: House, batch_id: str, problems: dict[str, str] | None = None
) -> Response:
    require_role(staff.officer, *TAKES_IN, act="import")
    headings = load_headings()
    with house.store.read() as session:
        batch = get_batch(session, staff.officer, batch_id)
        held = open_batch(batch, house.keys)
        page: dict[str, Any] = {
            "batch": view_batch(batch, headings, house.now()),
            "held": view_held(held) if held is not None else None,
            "codes": view_codes(session, batch, house.keys),
            "choices": list_choices(held, headings) if held is not None else [],
            "problems": problems or {},
        }
        status = 422 if problems else 200
        return show(request, session, staff, "console/import.html", here="call", status=status, **page)
