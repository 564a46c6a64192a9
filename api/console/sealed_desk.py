"""The sealed room: opened by its officer's own words, shown by his own key, locked when he goes.

Whoever is not on a case's allow-list gets the page of a thing that does not exist.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.attachment_view import view_attachments
from api.console.case_view import NOTHING_FAILED, Failed
from api.console.clocks import draw_clock
from api.console.frame import show
from api.console.labels import STATUS
from api.console.part_view import view_parts
from api.console.sealed_view import excerpt_sealed, place_sealed, view_sealed
from api.console.third_view import view_third
from api.console.vault_door import START, open_vault
from api.dependencies import PostedForm, PostingStaff, SignedStaff, Staff, TheHouse, attach_staff
from api.errors import word_error, word_problem
from api.pages import say_day
from api.wiring import House
from casework.bodies import get_body
from casework.bonds import OfficerPen
from casework.cases import PAGE_SIZE, keep_note
from casework.deadlines import list_nearest
from casework.errors import HotlineError, InvalidField, VaultLocked, WrongPassphrase
from casework.foureyes import HOLDING_ANSWER
from casework.messages import answer_reporter
from casework.models.cases import Case
from casework.pins import is_first_sheet, is_starting
from casework.referrals import draft_referral
from casework.rings import close_ring, is_ring_open, officer_private_key
from casework.sealedlists import clamp_page, list_sealed_for
from casework.sealing import SealedContent, read_sealed_case
from casework.shrunk import ShrunkCase, find_shrunk, list_shrunk
from casework.types import Role
from casework.visibility import require_role
from intake.parts import tell_through_part

router = APIRouter(prefix="/console/sealed", include_in_schema=False)

LONGEST_NOTE = 2000
LONGEST_ANSWER = 500
LAST_PAGE = 10**6


@router.get("")
def show_room(
    request: Request,
    staff: SignedStaff,
    house: TheHouse,
    page: Annotated[int, Query(ge=1, le=LAST_PAGE)] = 1,
) -> Response:
    """The sealed cases that he may know of, a page at a time, or the door while it is locked."""
    require_role(staff.officer, Role.CLUE_OFFICER, act="sealed_room")
    if not is_ring_open(staff):
        with house.store.read() as session:
            if is_starting(session, staff.officer.id):
                return RedirectResponse(START, 303)
            return show(request, session, staff, "console/unlock.html", here="sealed", problem="")
    with house.store.write() as session:
        gone = [view_shrunk(each) for each in list_shrunk(session, staff.officer)]
        found = list_sealed_for(session, staff.officer, page=page)
        rows = _open_rows(session, staff, found.rows, house)
    shown = _describe_page(clamp_page(page, found.total), len(rows), found.total)
    with house.store.read() as session:
        return show(
            request,
            session,
            staff,
            "console/sealed.html",
            here="sealed",
            rows=rows,
            page=shown,
            gone=gone,
            first=is_first_sheet(session),
        )


def _open_rows(session: Session, staff: Staff, cases: Sequence[Case], house: House) -> list[dict[str, Any]]:
    now = house.now()
    clocks = list_nearest(session, [case.id for case in cases], office=house.office, now=now)
    rows = []
    for case in cases:
        opened = open_case_for(session, staff, case.id, house)
        clock = draw_clock(clocks[case.id], now=now) if case.id in clocks else None
        rows.append(
            {
                "id": case.id,
                "number": case.number,
                "due": clock.words if clock else "",
                "tone": clock.tone if clock else "",
                "excerpt": excerpt_sealed(opened),
                "place": place_sealed(opened),
                "status": STATUS[case.status],
            }
        )
    return rows


def _describe_page(page: int, shown: int, total: int) -> dict[str, Any]:
    first = (page - 1) * PAGE_SIZE + 1
    return {
        "first": first,
        "last": first + shown - 1,
        "total": total,
        "previous": f"?page={page - 1}" if page > 1 else "",
        "next": f"?page={page + 1}" if first + shown - 1 < total else "",
    }


@router.post("/unlock")
def unlock(request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Open the ring in this sign-in. A wrong word is said at the field; the words are not kept."""
    try:
        first = open_vault(request, staff, house, form, here="sealed")
        if first is not None:
            return first
    except WrongPassphrase as error:
        wording = word_error(error)
        with house.store.read() as session:
            problem = wording.title + wording.advice
            return show(request, session, staff, "console/unlock.html", here="sealed", status=422, problem=problem)
    return RedirectResponse("/console/sealed", 303)


@router.post("/lock")
def lock(staff: PostingStaff, house: TheHouse) -> Response:
    """Lock the room; the sign-in goes on."""
    with house.store.write() as session:
        close_ring(session, attach_staff(session, staff), now=house.now())
    return RedirectResponse("/console/", 303)


@router.get("/{case_id}")
def show_case(request: Request, case_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """One sealed case, opened; the reading is in the ledger."""
    return draw_sealed(request, staff, house, case_id)


@router.post("/{case_id}/note")
def add_note(request: Request, case_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """A note for the other clue officer, inside the case."""

    def act(session: Session, opened: SealedContent) -> str:
        text = form.need("text", LONGEST_NOTE)
        keep_note(session, opened.case, text, officer_id=staff.officer.id, now=house.now())
        return f"/console/sealed/{case_id}?done=note"

    return act_on_sealed(request, staff, house, case_id, act, form.typed(), "note")


@router.post("/{case_id}/answer")
def answer(request: Request, case_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """A word to the reporter, sealed to his code and signed."""

    def act(session: Session, opened: SealedContent) -> str:
        text = HOLDING_ANSWER if form.text("holding") == "yes" else form.need("text", LONGEST_ANSWER)
        pen = OfficerPen(opened.case_key, officer_private_key(staff, staff.token))
        me = attach_staff(session, staff).officer
        answer_reporter(session, opened.case, text, by=me, office=house.office, now=house.now(), pen=pen)
        tell_through_part(session, opened.record, secrets=house.secrets, now=house.now())
        return f"/console/sealed/{case_id}?done=answer"

    return act_on_sealed(request, staff, house, case_id, act, form.typed(), "answer")


@router.post("/{case_id}/refer")
def refer(request: Request, case_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Draft the letter; another person signs it out."""

    def act(session: Session, opened: SealedContent) -> str:
        body = get_body(session, form.text("body"))
        referral = draft_referral(
            session, opened.case, body, by=staff.officer, desk=house.referral_desk, now=house.now(), opened=opened
        )
        return f"/console/referrals/{referral.id}?done=refer"

    return act_on_sealed(request, staff, house, case_id, act, form.typed(), "refer")


def open_case_for(session: Session, staff: Staff, case_id: str, house: House) -> SealedContent:
    """Open a sealed case in this sign-in. Raises VaultLocked, NotFound."""
    return read_sealed_case(session, staff.officer, officer_private_key(staff, staff.token), case_id, now=house.now())


def draw_sealed(
    request: Request, staff: Staff, house: House, case_id: str, failed: Failed = NOTHING_FAILED, status: int = 200
) -> Response:
    """The page of one case, or the door while the room is locked."""
    require_role(staff.officer, Role.CLUE_OFFICER, act="sealed_room")
    with house.store.read() as session:
        gone = find_shrunk(session, staff.officer, case_id)
        if gone is not None:
            page = view_shrunk(gone)
            return show(request, session, staff, "console/sealed_shrunk.html", here="sealed", case=page)
    if not is_ring_open(staff):
        return RedirectResponse("/console/sealed", 303)
    with house.store.write() as session:
        opened = open_case_for(session, staff, case_id, house)
    with house.store.read() as session:
        case = view_sealed(session, staff.officer, opened, house, house.now())
        case |= view_third(session, staff.officer, opened, case, house.now())
        files = view_attachments(session, staff, opened.case, case_key=opened.case_key)
        return show(
            request,
            session,
            staff,
            "console/sealed_case.html",
            here="sealed",
            status=status,
            case=case,
            files=files,
            parted=view_parts(session, staff.officer, opened, house.now()),
            failed=failed,
        )


def act_on_sealed(
    request: Request, staff: Staff, house: House, case_id: str, act: Any, typed: Mapping[str, Any], key: str
) -> Response:
    """Run one act in one unit of work; what is wrong is said on the page with everything kept."""
    require_role(staff.officer, Role.CLUE_OFFICER, act="sealed_room")
    try:
        with house.store.write() as session:
            there = act(session, open_case_for(session, staff, case_id, house))
    except VaultLocked:
        return RedirectResponse("/console/sealed", 303)
    except InvalidField as error:
        failed = Failed(key, "", {error.field: word_problem(error)}, typed)
        return draw_sealed(request, staff, house, case_id, failed, 422)
    except HotlineError as error:
        wording = word_error(error)
        failed = Failed(key, wording.title + wording.advice, {}, typed)
        return draw_sealed(request, staff, house, case_id, failed, wording.status)
    return RedirectResponse(there, 303)


def view_shrunk(kept: ShrunkCase) -> dict[str, Any]:
    """What remains of a case, for the page and the list."""
    return {
        "id": kept.case_id,
        "number": kept.number,
        "opened": say_day(kept.opened_on),
        "shrunk": say_day(kept.shrunk_on),
        "count": kept.count,
        "receivers": "、".join(dict.fromkeys(each.receiver for each in kept.handed_over if each.receiver)),
        "handed_over": [
            {
                "number": each.number,
                "issued": say_day(each.issued_on),
                "receiver": each.receiver,
                "received": say_day(each.received_on),
            }
            for each in kept.handed_over
        ],
    }
