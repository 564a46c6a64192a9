"""The keys of the vault (钥匙): who holds one since when, letting a colleague in, and the sheet from the safe."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.account_view import NOTHING_FAILED, Failed
from api.console.frame import show
from api.console.officer_view import say_roles
from api.console.vault_door import open_vault
from api.dependencies import PostedForm, PostingStaff, SignedStaff, Staff, TheHouse, attach_staff
from api.errors import word_error, word_problem
from api.keyfaults import say_consequence, say_fault
from api.pages import say_day, say_time
from api.wiring import House
from casework.clock import local_date
from casework.consents import count_keepings_out
from casework.errors import HotlineError, InvalidField, NotAllowed, VaultLocked, WrongPassphrase
from casework.keyholders import (
    KEEPERS,
    Waiting,
    let_into_ring,
    list_holders,
    list_waiting,
    restore_holder,
    rewrap_for,
    when_set_up,
)
from casework.pins import find_faults, short_print
from casework.receiverkeys import list_body_keys, list_receiver_keys
from casework.recovery import current_recovery_key
from casework.rings import is_holder, is_ring_open
from casework.staffing import RING_ROLES
from casework.types import Role
from casework.visibility import has_role, require_role

router = APIRouter(prefix="/console/ring", include_in_schema=False)

HERE = "/console/ring"
SPAN = timedelta(days=30)


@router.get("")
def show_ring(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """Who holds a key, since when, and who waits."""
    return _draw(request, staff, house)


@router.post("/unlock")
def unlock(request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Open his vault in this sign-in, to wrap a key for somebody."""
    _require_ring(staff)
    try:
        first = open_vault(request, staff, house, form, here="ring")
        if first is not None:
            return first
    except WrongPassphrase as error:
        wording = word_error(error)
        return _draw(request, staff, house, Failed("unlock", {"passphrase": wording.title + wording.advice}))
    return RedirectResponse(HERE, 303)


@router.post("/{officer_id}/let-in")
def let_in(request: Request, officer_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Wrap every ring key he holds to a colleague whose fingerprint he has heard from himself."""
    _require_ring(staff)
    try:
        with house.store.write() as session:
            let_into_ring(
                session,
                officer_id,
                form.text("fingerprint"),
                signed=attach_staff(session, staff),
                token=staff.token,
                now=house.now(),
            )
    except InvalidField as error:
        failed = Failed(officer_id, {error.field: word_problem(error)}, form.typed())
        return _draw(request, staff, house, failed)
    except (VaultLocked, NotAllowed) as error:
        return _draw(request, staff, house, _refused(error))
    return RedirectResponse(f"{HERE}?done=ring-in", 303)


@router.post("/{officer_id}/rewrap")
def rewrap(request: Request, officer_id: str, staff: PostingStaff, house: TheHouse) -> Response:
    """Open to a member again the cases that both may open."""
    _require_ring(staff)
    try:
        with house.store.write() as session:
            rewrap_for(session, officer_id, signed=attach_staff(session, staff), token=staff.token, now=house.now())
    except (VaultLocked, NotAllowed) as error:
        return _draw(request, staff, house, _refused(error))
    return RedirectResponse(f"{HERE}?done=rewrapped", 303)


@router.get("/recovery")
def show_recovery(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """The ceremony: who asked for the sheet from the safe, what it opens, and where another person types it in."""
    return _draw_recovery(request, staff, house)


@router.post("/recovery/{officer_id}")
def recover(request: Request, officer_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """The second of two types the sheet in; a new one, if wanted, is shown once."""
    _require_keeper(staff)
    try:
        with house.store.write() as session:
            officer, sheet = restore_holder(
                session,
                officer_id,
                form.text("sheet"),
                renew=form.text("renew") == "yes",
                by=attach_staff(session, staff).officer,
                now=house.now(),
            )
            name = officer.name
    except WrongPassphrase:
        problem = "和封存的那张对不上。一组一组再核一遍；换过新的以后，旧的就不管用了。"
        return _draw_recovery(request, staff, house, Failed(officer_id, {"sheet": problem}, form.typed()))
    except NotAllowed:
        problem = "没办：他没有提出，或者过了一天，或者同事已经放他进来了。自己提的，也要由另一位来输。"
        return _draw_recovery(request, staff, house, Failed("", {"": problem}), 409)
    with house.store.read() as session:
        return show(request, session, staff, "console/ring_recovered.html", here="ring", name=name, sheet=sheet)


def _require_ring(staff: Staff) -> None:
    require_role(staff.officer, *RING_ROLES, act="ring")


def _require_keeper(staff: Staff) -> None:
    require_role(staff.officer, *KEEPERS, act="recover")
    if has_role(staff.officer, Role.ADMINISTRATOR):
        raise NotAllowed("recover")


def _refused(error: HotlineError) -> Failed:
    if isinstance(error, VaultLocked):
        return Failed("unlock", {"passphrase": "您的密件库锁着，先打开，再放他进来。"})
    return Failed("refused", {"": "没办：他已经在里面了，或者岗位变了，或者您自己不在里面。"})


def _draw(request: Request, staff: Staff, house: House, failed: Failed = NOTHING_FAILED) -> Response:
    _require_ring(staff)
    now = house.now()
    with house.store.read() as session:
        return show(
            request,
            session,
            staff,
            "console/ring.html",
            here="ring",
            status=422 if failed.act else 200,
            ring=_view(session, staff, house, local_date(now)),
            failed=failed,
        )


def _view(session: Session, staff: Staff, house: House, today: date) -> Mapping[str, Any]:
    return {
        "inside": is_holder(session, staff.officer.id),
        "open": is_ring_open(staff),
        "renews": has_role(staff.officer, Role.CLUE_OFFICER) and is_holder(session, staff.officer.id),
        "digits": short_print(current_recovery_key(session).public_key),
        "faults": [say_fault(each) + say_consequence(each) for each in find_faults(session)],
        "unheard": sum(not each.usable for each in list_body_keys(session))
        + sum(not each.heard_by for each in list_receiver_keys(session)),
        "kept_out": count_keepings_out(session, since=house.now() - SPAN)
        if has_role(staff.officer, Role.CLUE_OFFICER)
        else None,
        "has_key": staff.officer.public_key is not None,
        "keeps": has_role(staff.officer, *KEEPERS) and not has_role(staff.officer, Role.ADMINISTRATOR),
        "safe_since": say_day(local_date(when_set_up(session)), today),
        "holders": [
            {
                "id": each.officer.id,
                "name": each.officer.name,
                "post": each.officer.post,
                "roles": say_roles(each.officer),
                "since": say_day(local_date(each.since), today),
                "own": each.officer.id == staff.officer.id,
                "rewraps": each.rewraps,
            }
            for each in list_holders(session, reader=staff.officer)
        ],
        "waiting": [
            {"id": each.officer.id, "name": each.officer.name, "post": each.officer.post}
            for each in list_waiting(session, now=house.now())
        ],
    }


def _draw_recovery(
    request: Request, staff: Staff, house: House, failed: Failed = NOTHING_FAILED, status: int = 422
) -> Response:
    _require_keeper(staff)
    now = house.now()
    with house.store.read() as session:
        asked = [each for each in list_waiting(session, now=now) if each.asked is not None]
        return show(
            request,
            session,
            staff,
            "console/ring_recovery.html",
            here="ring",
            status=status if failed.fields else 200,
            asked=[_view_request(each, staff, local_date(now)) for each in asked],
            failed=failed,
        )


def _view_request(each: Waiting, staff: Staff, today: date) -> Mapping[str, Any]:
    return {
        "id": each.officer.id,
        "name": each.officer.name,
        "post": each.officer.post,
        "at": say_time(each.asked, today),
        "fingerprint": each.fingerprint,
        "own": each.officer.id == staff.officer.id,
    }
