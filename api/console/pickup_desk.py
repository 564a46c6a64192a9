"""Picking up a sealed referral (自取): unlocked by the receiving officer's own words, opened by his own key."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.case_view import Failed
from api.console.receiver_desk import draw_letter
from api.dependencies import PostedForm, PostingStaff, SignedStaff, Staff, TheHouse, attach_staff
from api.errors import word_error
from casework.errors import HotlineError, NotFound, WrongPassphrase
from casework.models.pickups import Pickup
from casework.models.referrals import Referral
from casework.pickups import can_open, find_pickup, open_pickup, take_pickup
from casework.received import get_received
from casework.rings import keep_ring_open, unlock_key

router = APIRouter(prefix="/console/received", include_in_schema=False)

PACKAGE = "package.tar.age"
KINDS = {"pdf": "application/pdf", "json": "application/json"}
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@router.post("/{referral_id}/unlock")
def unlock(request: Request, referral_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Open the officer's own key in this sign-in; a wrong word is said at the field."""
    with house.store.read() as session:
        get_received(session, staff.officer, referral_id)
    try:
        private = unlock_key(staff.officer, form.text("passphrase"))
        with house.store.write() as session:
            keep_ring_open(session, attach_staff(session, staff), staff.token, private, now=house.now())
    except WrongPassphrase as error:
        wording = word_error(error)
        failed = Failed("unlock", "", {"passphrase": wording.title + wording.advice}, {})
        return draw_letter(request, staff, house, referral_id, failed, 422)
    return RedirectResponse(f"/console/received/{referral_id}", 303)


@router.get("/{referral_id}/sealed/{position}")
def give_item(request: Request, referral_id: str, position: int, staff: SignedStaff, house: TheHouse) -> Response:
    """One paper, opened in his sign-in; taking it is the delivery."""
    try:
        with house.store.write() as session:
            referral, pickup = _find(session, staff, referral_id)
            items = open_pickup(session, pickup, signed=staff, token=staff.token)
            if not 0 <= position < len(items):
                raise NotFound("paper", str(position))
            item = items[position]
            take_pickup(session, referral, pickup, by=staff.officer, now=house.now(), what=item.name)
    except NotFound:
        raise
    except HotlineError as error:
        wording = word_error(error)
        failed = Failed("", wording.title + wording.advice, {}, {})
        return draw_letter(request, staff, house, referral_id, failed, wording.status)
    kind = item.name.rpartition(".")[2]
    return _give(item.content, item.name, KINDS.get(kind, WORD if kind == "docx" else "application/octet-stream"))


@router.get("/{referral_id}/package")
def give_package(referral_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """The package locked to the body's age key, for one of it who opens it at home; taking it is the delivery."""
    with house.store.write() as session:
        referral, pickup = _find(session, staff, referral_id)
        if pickup.age_package is None or not can_open(session, pickup, staff.officer):
            raise NotFound("package", referral_id)
        take_pickup(session, referral, pickup, by=staff.officer, now=house.now(), what=PACKAGE)
        content = pickup.age_package
    return _give(content, PACKAGE, "application/octet-stream")


def _find(session: Session, staff: Staff, referral_id: str) -> tuple[Referral, Pickup]:
    referral = get_received(session, staff.officer, referral_id, lock=True)
    pickup = find_pickup(session, referral)
    if pickup is None:
        raise NotFound("pickup", referral_id)
    return referral, pickup


def _give(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)
