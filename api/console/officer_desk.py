"""The staff (人员) at the administrator's desk: add, change, let go, bring back; first passwords are shown once."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.frame import show
from api.console.officer_view import (
    count_ties,
    list_before,
    list_choices,
    list_rows,
    read_placement,
    say_key,
    say_progress,
    say_since,
    say_state,
    show_placement,
)
from api.dependencies import PostedForm, PostingStaff, SignedStaff, Staff, TheHouse
from api.errors import word_error, word_problem
from api.pages import say_day
from api.wiring import House
from casework.clock import local_date
from casework.errors import HotlineError, InvalidField, LastMember
from casework.officers import get_officer
from casework.staffing import (
    INITIAL_FOR,
    Placement,
    dismiss_officer,
    employ_officer,
    reassign_officer,
    reinstate_officer,
    reissue_sign_in,
)
from casework.types import Role
from casework.visibility import require_role

router = APIRouter(prefix="/console/officers", include_in_schema=False)

HERE = "/console/officers"
NOBODY = Placement("", "", "", ())


@router.get("")
def show_officers(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """Everybody: name, post, section, roles, on or off, the day of the last sign-in."""
    _require(staff)
    with house.store.read() as session:
        rows = list_rows(session, today=local_date(house.now()))
        return show(request, session, staff, "console/officers.html", here="officers", rows=rows)


@router.get("/new")
def show_empty(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """The form for a newcomer."""
    _require(staff)
    return _draw(request, staff, house, None, NOBODY)


@router.post("")
def employ(request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Add him, and show his initial password, once."""
    _require(staff)
    placement, username = read_placement(form), form.text("username")
    try:
        with house.store.write() as session:
            officer, password = employ_officer(session, username, placement, by=staff.officer, now=house.now())
    except InvalidField as error:
        return _draw(request, staff, house, None, placement, error=error, username=username)
    return _show_password(request, staff, house, officer.username, placement.name, password)


@router.get("/{officer_id}")
def show_officer(request: Request, officer_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """One officer: what may be changed, and how to let him go or bring him back."""
    _require(staff)
    return _draw(request, staff, house, officer_id, None)


@router.post("/{officer_id}")
def change(request: Request, officer_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Change post, section, roles, towns; a member of the ring who loses his place there loses his keys as well."""
    _require(staff)
    placement = read_placement(form)
    try:
        with house.store.write() as session:
            changed = reassign_officer(session, officer_id, placement, by=staff.officer, now=house.now())
    except InvalidField as error:
        return _draw(request, staff, house, officer_id, placement, error=error)
    except LastMember as error:
        return _draw(request, staff, house, officer_id, placement, refusal=error)
    return RedirectResponse(f"{HERE}/{officer_id}?done={'officer-changed' if changed else 'nothing-changed'}", 303)


@router.post("/{officer_id}/dismiss")
def dismiss(request: Request, officer_id: str, staff: PostingStaff, house: TheHouse) -> Response:
    """Let him go: sign-ins, wraps and key are gone at once; the vault's last member stays."""
    _require(staff)
    try:
        with house.store.write() as session:
            dismiss_officer(session, officer_id, by=staff.officer, now=house.now())
    except LastMember as error:
        return _draw(request, staff, house, officer_id, None, refusal=error)
    return RedirectResponse(f"{HERE}/{officer_id}?done=officer-dismissed", 303)


@router.post("/{officer_id}/reinstate")
def reinstate(request: Request, officer_id: str, staff: PostingStaff, house: TheHouse) -> Response:
    """Bring him back, without keys, with an initial password."""

    def give(session: Session) -> str:
        return reinstate_officer(session, officer_id, by=staff.officer, now=house.now())

    return _give_password(request, staff, house, officer_id, give)


@router.post("/{officer_id}/reissue")
def reissue(request: Request, officer_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Another initial password; with a new phone, the second factor is enrolled anew."""
    phone_lost = form.text("phone") == "lost"

    def give(session: Session) -> str:
        return reissue_sign_in(session, officer_id, phone_lost=phone_lost, by=staff.officer, now=house.now())

    return _give_password(request, staff, house, officer_id, give)


def _require(staff: Staff) -> None:
    require_role(staff.officer, Role.ADMINISTRATOR, act="staff")


def _give_password(
    request: Request, staff: Staff, house: House, officer_id: str, give: Callable[[Session], str]
) -> Response:
    _require(staff)
    with house.store.write() as session:
        password = give(session)
        officer = get_officer(session, officer_id)
        username, name = officer.username, officer.name
    return _show_password(request, staff, house, username, name, password)


def _show_password(request: Request, staff: Staff, house: House, username: str, name: str, password: str) -> Response:
    until = say_day(house.now() + INITIAL_FOR)
    with house.store.read() as session:
        given = {"username": username, "name": name, "password": password, "until": until}
        return show(request, session, staff, "console/officer_password.html", here="officers", given=given)


def _draw(
    request: Request,
    staff: Staff,
    house: House,
    officer_id: str | None,
    typed: Placement | None,
    *,
    error: InvalidField | None = None,
    refusal: HotlineError | None = None,
    username: str = "",
) -> Response:
    wording = word_error(refusal) if refusal is not None else None
    status = 422 if error is not None else wording.status if wording is not None else 200
    with house.store.read() as session:
        officer = get_officer(session, officer_id) if officer_id is not None else None
        placement = typed if typed is not None else show_placement(officer) if officer is not None else NOBODY
        return show(
            request,
            session,
            staff,
            "console/officer.html",
            here="officers",
            status=status,
            known=_view(session, staff, officer_id),
            placement=placement,
            choices=list_choices(session),
            username=username,
            problems={error.field: word_problem(error)} if error is not None else {},
            refusal=wording.title + wording.advice if wording is not None else "",
        )


def _view(session: Session, staff: Staff, officer_id: str | None) -> Mapping[str, Any]:
    """What stands beside the form of somebody who is there already; {} for a newcomer."""
    if officer_id is None:
        return {}
    officer = get_officer(session, officer_id)
    label, tone = say_state(officer)
    return {
        "href": f"{HERE}/{officer.id}",
        "name": officer.name,
        "username": officer.username,
        "gone": officer.removed_at is not None,
        "own": officer.id == staff.officer.id,
        "since": say_since(officer),
        "state": label,
        "tone": tone,
        "key": say_key(session, officer),
        "ties": count_ties(session, officer),
        "before": list_before(session, officer.id),
        "progress": say_progress(session, officer.id),
    }
