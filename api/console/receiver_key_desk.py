"""The keys of those who receive (收件单位的钥匙): whose fingerprint was heard by whom, and where it is typed in."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.account_view import NOTHING_FAILED, Failed
from api.console.frame import show
from api.dependencies import PostedForm, PostingStaff, SignedStaff, Staff, TheHouse, attach_staff
from api.errors import word_problem
from api.pages import say_day
from api.wiring import House
from casework.clock import local_date
from casework.errors import InvalidField, NotAllowed, VaultLocked
from casework.receiverkeys import (
    BodyKey,
    ReceiverKey,
    confirm_body_key,
    confirm_receiver,
    list_body_keys,
    list_receiver_keys,
)
from casework.rings import SignedIn, is_holder, is_ring_open
from casework.staffing import RING_ROLES
from casework.visibility import require_role

router = APIRouter(prefix="/console/ring/receivers", include_in_schema=False)

HERE = "/console/ring/receivers"
SECOND = "没办：公钥是您登记的，要由另一位来听。"
UNKNOWN_HAND = "没办：不知道这把公钥是谁登记的。请管理员用 hotline body set-key 再登记一次，写上自己。"
REFUSED = "没办：要由密件库里的一位来听，收件单位自己的人不行。"
Ident = Annotated[str, Path(max_length=64)]


@router.get("")
def show_keys(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """Every key that something may be sealed to for a receiver."""
    return _draw(request, staff, house)


@router.post("/body/{code}")
def hear_body(request: Request, code: Ident, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """The fingerprint of a body's age key, as it was read out."""

    def act(session: Session, signed: SignedIn) -> None:
        confirm_body_key(session, code, form.text("fingerprint"), signed=signed, token=staff.token, now=house.now())

    return _hear(request, staff, house, act, f"body-{code}", form.typed())


@router.post("/officer/{ident}")
def hear_officer(request: Request, ident: Ident, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """The fingerprint of a receiving officer's own key, as he read it out."""

    def act(session: Session, signed: SignedIn) -> None:
        confirm_receiver(session, ident, form.text("fingerprint"), signed=signed, token=staff.token, now=house.now())

    return _hear(request, staff, house, act, f"officer-{ident}", form.typed())


def _hear(
    request: Request,
    staff: Staff,
    house: House,
    act: Callable[[Session, SignedIn], None],
    mark: str,
    typed: Mapping[str, Any],
) -> Response:
    require_role(staff.officer, *RING_ROLES, act="ring")
    try:
        with house.store.write() as session:
            act(session, attach_staff(session, staff))
    except InvalidField as error:
        return _draw(request, staff, house, Failed(mark, {error.field: word_problem(error)}, typed))
    except VaultLocked:
        return _draw(request, staff, house, Failed("refused", {"": "您的密件库锁着，先到“钥匙”页打开，再来。"}))
    except NotAllowed as error:
        problem = {"second_person": SECOND, "unknown_hand": UNKNOWN_HAND}.get(error.act, REFUSED)
        return _draw(request, staff, house, Failed("refused", {"": problem}))
    return RedirectResponse(f"{HERE}?done=key-heard", 303)


def _draw(request: Request, staff: Staff, house: House, failed: Failed = NOTHING_FAILED) -> Response:
    require_role(staff.officer, *RING_ROLES, act="ring")
    today = local_date(house.now())
    with house.store.read() as session:
        page = {
            "inside": is_holder(session, staff.officer.id),
            "open": is_ring_open(staff),
            "bodies": [_view_body(each, staff, today) for each in list_body_keys(session)],
            "officers": [_view_officer(each, today) for each in list_receiver_keys(session)],
        }
        status = 422 if failed.act else 200
        return show(
            request, session, staff, "console/receiver_keys.html", here="ring", status=status, page=page, failed=failed
        )


def _view_body(key: BodyKey, staff: Staff, today: date) -> Mapping[str, Any]:
    return {
        "mark": f"body-{key.body.code}",
        "to": f"{HERE}/body/{key.body.code}",
        "name": key.body.name,
        "since": _say(key.since, today),
        "broken": key.broken,
        "changed": key.changed,
        "heard": f"{key.heard_by} {_say(key.heard_at, today)}" if key.heard_by else "",
        "digits": key.digits if key.usable else "",
        "own": key.entered_by == staff.officer.id,
    }


def _view_officer(key: ReceiverKey, today: date) -> Mapping[str, Any]:
    return {
        "mark": f"officer-{key.officer.id}",
        "to": f"{HERE}/officer/{key.officer.id}",
        "name": key.officer.name,
        "body": key.body_name,
        "post": key.officer.post,
        "heard": f"{key.heard_by} {_say(key.heard_at, today)}" if key.heard_by else "",
    }


def _say(at: datetime | None, today: date) -> str:
    return say_day(local_date(at), today) if at is not None else ""
