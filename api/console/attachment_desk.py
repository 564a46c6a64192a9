"""The files of a case, opened one by one: through the one door, with a line in the ledger, never as active content.

Only a picture that we have drawn anew is shown in a page; what was sent goes out as a download that no browser runs.
"""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.attachment_view import MAY_HEAR
from api.console.byteranges import answer_range
from api.console.frame import show
from api.console.vault_door import open_vault
from api.dependencies import PostedForm, PostingStaff, SignedStaff, Staff, TheHouse
from api.errors import word_error
from api.wiring import House
from casework.cases import get_case_for
from casework.errors import NotFound, WrongPassphrase
from casework.ledger import by_officer
from casework.models.attachments import Attachment
from casework.models.cases import Case
from casework.rings import officer_private_key, ring_private_key
from casework.sealing import open_case_key
from casework.shownpictures import list_shown_to
from casework.visibility import can_read_words, require_role
from intake.attachments import SUBJECT, Opened, find_case_id, get_attachment, note_reading, open_copy, open_original
from intake.hearings import is_heard_lately
from intake.sounds import make_playable

router = APIRouter(prefix="/console/attachments", include_in_schema=False)

POLICY = "default-src 'none'; sandbox"
BINARY = "application/octet-stream"
SOUND = "sound"
ENDINGS: Mapping[str, str] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/bmp": "bmp",
    "image/avif": "avif",
    "image/heic": "heic",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/amr": "amr",
    "audio/silk": "silk",
    "audio/3gpp": "3gp",
    "audio/webm": "webm",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/3gpp": "3gp",
    "video/webm": "webm",
    "application/pdf": "pdf",
}
OFFICE_ENDINGS = {
    "wordprocessingml.document": "docx",
    "spreadsheetml.sheet": "xlsx",
    "presentationml.presentation": "pptx",
}


@router.get("/{attachment_id}/thumbnail")
def show_thumbnail(attachment_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """The small picture on the page of its case."""
    with house.store.read() as session:
        case, row = _get(session, staff, attachment_id)
        opened = open_copy(row, thumbnail=True, secrets=house.secrets, case_key=_case_key(session, staff, case))
    return send_content(opened, attachment_id, shown=True)


@router.get("/{attachment_id}/copy")
def show_copy(attachment_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """The picture without its metadata; who looked stands in the ledger."""
    with house.store.write() as session:
        case, row = _get(session, staff, attachment_id)
        opened = open_copy(row, secrets=house.secrets, case_key=_case_key(session, staff, case))
        note_reading(session, row, by=by_officer(staff.officer), what="copy", now=house.now())
    return send_content(opened, attachment_id, shown=True)


@router.get("/{attachment_id}/original")
def give_original(attachment_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """What was sent, byte for byte, for a member of the ring whose vault is open."""
    return send_content(_open(staff, house, attachment_id, "original"), attachment_id, shown=False)


@router.get("/{attachment_id}/sound")
def play_recording(request: Request, attachment_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """A recording as the page plays it, for the same people; whoever seeks in it gets the part he asks for."""
    opened = _open(staff, house, attachment_id, SOUND)
    if not opened.media_type.startswith("audio/"):
        raise NotFound(SUBJECT, attachment_id)
    kind, data = make_playable(opened.media_type, opened.data)
    headers = guard_content(Opened(kind, data), attachment_id, shown=False)
    return answer_range(data, request.headers.get("range"), media_type=kind, headers=headers)


def _open(staff: Staff, house: House, attachment_id: str, what: str) -> Opened:
    with house.store.write() as session:
        case, row = _get(session, staff, attachment_id)
        require_role(staff.officer, *MAY_HEAR, act="open_original")
        private = officer_private_key(staff, staff.token)
        ring_key = ring_private_key(session, staff.officer, private, row.ring_id)
        opened = open_original(row, ring_key, case_key=_case_key(session, staff, case))
        if what != SOUND or not is_heard_lately(session, row, staff.officer.id, now=house.now()):
            note_reading(session, row, by=by_officer(staff.officer), what=what, now=house.now())
    return opened


@router.post("/unlock")
def unlock(request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Open the vault in this sign-in, and back to the case; a wrong word is said at the field."""
    case_id = form.text("case")
    with house.store.read() as session:
        case = get_case_for(session, staff.officer, case_id)
    try:
        first = open_vault(request, staff, house, form, here="cases")
        if first is not None:
            return first
    except WrongPassphrase as error:
        wording = word_error(error)
        with house.store.read() as session:
            problem = wording.title + wording.advice
            return show(
                request,
                session,
                staff,
                "console/attachment_unlock.html",
                here="cases",
                status=wording.status,
                problem=problem,
                case_id=case.id,
                number=case.number,
            )
    return RedirectResponse(f"/console/cases/{case.id}#files", 303)


def _get(session: Session, staff: Staff, attachment_id: str) -> tuple[Case, Attachment]:
    """The file with its case, through the door. Raises NotFound, also for one who may not read the words of it."""
    try:
        case = get_case_for(session, staff.officer, find_case_id(session, attachment_id))
    except NotFound as error:
        raise NotFound(SUBJECT, attachment_id) from error
    if not case.sealed and not can_read_words(staff.officer) and not _is_shown(session, staff, case, attachment_id):
        raise NotFound(SUBJECT, attachment_id)
    return case, get_attachment(session, case, attachment_id)


def _is_shown(session: Session, staff: Staff, case: Case, attachment_id: str) -> bool:
    """Whether somebody let his body see the clean copy of this one."""
    return attachment_id in list_shown_to(session, case.id, staff.officer.body_code)


def _case_key(session: Session, staff: Staff, case: Case) -> bytes | None:
    """A sealed case's own key; None for an open one. Raises VaultLocked, NotFound."""
    if not case.sealed:
        return None
    return open_case_key(session, staff.officer, officer_private_key(staff, staff.token), case.id)


def send_content(opened: Opened, attachment_id: str, *, shown: bool) -> Response:
    """A content with everything that keeps a browser from running it; its name names nobody."""
    plays = opened.media_type.startswith("audio/")
    kind = opened.media_type if shown or plays else BINARY
    return Response(opened.data, media_type=kind, headers=guard_content(opened, attachment_id, shown=shown))


def guard_content(opened: Opened, attachment_id: str, *, shown: bool) -> dict[str, str]:
    """The headers that keep a browser from running a content, under a name that names nobody."""
    way = "inline" if shown else "attachment"
    return {
        "Content-Disposition": f'{way}; filename="{attachment_id[:8]}.{find_ending(opened.media_type)}"',
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
    }


def find_ending(media_type: str) -> str:
    """The ending of a file's name by its kind; `bin` for what we don't know."""
    if media_type in ENDINGS:
        return ENDINGS[media_type]
    return next((ending for kind, ending in OFFICE_ENDINGS.items() if media_type.endswith(kind)), "bin")
