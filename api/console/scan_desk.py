"""Scanned letters at the call desk: each page is shown beside the form, and a machine's reading of it proposed.

What was typed stays typed; the reading is put below it, and a person makes it right.
"""

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.console.call_desk import draw_call
from api.console.call_form import TAKES_DOWN, Call, read_call
from api.dependencies import PostedUpload, SignedStaff, Staff, TheHouse, UploadingStaff
from api.errors import word_problem
from api.wiring import House
from casework.errors import InvalidField
from casework.types import Channel
from casework.visibility import require_role
from intake.filetypes import FIELD
from intake.pages import TOO_MANY
from intake.pictures import CLEAN_TYPE
from intake.scans import MOST_PAGES, hold_scan, list_held, prepare_scan, show_scan
from intake.transcription import Transcription, join_pages

router = APIRouter(prefix="/console/call/scan", include_in_schema=False)


@router.post("")
def bring(request: Request, staff: UploadingStaff, upload: PostedUpload, house: TheHouse) -> Response:
    """Hold one scan (a picture or a PDF) and read it; the form comes back with everything that was typed."""
    require_role(staff.officer, *TAKES_DOWN, act="take_down")
    call, key = replace(read_call(upload), channel=Channel.LETTER), upload.text("key")
    try:
        if upload.problem is not None:
            raise upload.problem
        if len(upload.files) != 1:
            raise InvalidField(FIELD, "too_many_files" if upload.files else "required")
        scan = prepare_scan(upload.files[0])
        if len(scan.pages) + _count_pages(staff, house, call) > MOST_PAGES:
            raise InvalidField(FIELD, TOO_MANY)
    except InvalidField as error:
        problems = {error.field: word_problem(error)}
        return draw_call(request, staff, house, call, key=key, problems=problems, status=422)
    with house.store.write() as session:
        ident = hold_scan(session, scan, by=staff.officer, keys=house.keys, now=house.now())
    read = join_pages(house.transcriber(page) for page in scan.pages) if house.transcriber is not None else None
    return draw_call(request, staff, house, _add(call, ident, read), key=key, page_read=read)


@router.get("/{scan_id}")
def show(scan_id: str, staff: SignedStaff, house: TheHouse, page: int = 0) -> Response:
    """A page as a picture without metadata, for the officer who copies it out alone; pages count from 0."""
    require_role(staff.officer, *TAKES_DOWN, act="take_down")
    with house.store.read() as session:
        picture = show_scan(session, staff.officer, scan_id, page=page, keys=house.keys)
    return Response(picture, media_type=CLEAN_TYPE)


def _count_pages(staff: Staff, house: House, call: Call) -> int:
    with house.store.read() as session:
        return sum(each.pages for each in list_held(session, staff.officer, call.scans, keys=house.keys))


def _add(call: Call, ident: str, read: Transcription | None) -> Call:
    """The form with one more scan, and its words below the others."""
    story = "\n".join(part for part in (call.story, read.text if read else "") if part)
    return replace(call, story=story, scans=(*call.scans, ident))
