"""The picture of who is kept out of a case, and keeping somebody out by hand: for clue officers alone."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.console.case_view import NOTHING_FAILED, Failed
from api.console.exclusion_view import view_picture, view_proposals
from api.console.frame import show
from api.console.sealed_desk import open_case_for
from api.dependencies import Form, PostedForm, PostingStaff, SignedStaff, Staff, TheHouse, attach_staff
from api.errors import INVALID, word_error, word_problem
from api.wiring import House
from casework.cases import get_case_for
from casework.consents import ask_keeping_out, decide_keeping_out
from casework.errors import HotlineError, InvalidField, NotFound, VaultLocked
from casework.exclusions import exclude_by_hand
from casework.models.cases import Case
from casework.models.people import Body, Officer
from casework.rings import is_ring_open
from casework.sealed_exclusions import stand_aside
from casework.sealing import SealedContent
from casework.types import ConsentKind, RecusalReason, Role
from casework.visibility import require_role, visible_cases

router = APIRouter(prefix="/console", include_in_schema=False)

LONGEST = 500
ROOM = "/console/sealed"
CaseId = Annotated[str, Path(max_length=64)]


@router.get("/cases/{case_id}/kept-out")
def show_open(request: Request, case_id: CaseId, staff: SignedStaff, house: TheHouse) -> Response:
    """The picture of an open case."""
    return _draw_open(request, staff, house, case_id)


@router.post("/cases/{case_id}/kept-out")
def exclude_from_open(
    request: Request, case_id: CaseId, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """Keep an officer or a whole body out of an open case, with a reason that clue officers alone read."""
    require_role(staff.officer, Role.CLUE_OFFICER, act="exclude")
    try:
        with house.store.write() as session:
            case = _get_open(session, staff, case_id)
            officer_id, body_code, why = _read_form(session, form)
            exclude_by_hand(
                session,
                case,
                officer_id=officer_id,
                body_code=body_code,
                why=why,
                by=staff.officer,
                office=house.office,
                now=house.now(),
            )
            still = session.scalar(select(Case.id).where(Case.id == case_id, visible_cases(staff.officer)))
    except NotFound:
        raise
    except HotlineError as error:
        failed, status = _say_failed(error, form)
        return _draw_open(request, staff, house, case_id, failed, status)
    return RedirectResponse(
        f"/console/cases/{case_id}/kept-out?done=kept-out" if still else "/console/?done=kept-out", 303
    )


@router.get("/sealed/{case_id}/kept-out")
def show_sealed(request: Request, case_id: CaseId, staff: SignedStaff, house: TheHouse) -> Response:
    """The picture of a sealed case, over the opened record."""
    return _draw_sealed(request, staff, house, case_id)


@router.post("/sealed/{case_id}/kept-out")
def exclude_from_sealed(
    request: Request, case_id: CaseId, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """Stand aside from a sealed case oneself (自行回避); one always stays."""

    def act(session: Session, opened: SealedContent) -> str:
        why = form.need("why", LONGEST)
        stand_aside(session, opened, why=why, by=attach_staff(session, staff).officer, now=house.now())
        return f"{ROOM}?done=stood-aside"

    return _act_on_sealed(request, staff, house, case_id, form, act, "kept-out")


@router.post("/sealed/{case_id}/kept-out/ask")
def ask_for_colleague(
    request: Request, case_id: CaseId, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """Propose to keep a colleague out of a sealed case; a third person decides, and he learns nothing."""

    def act(session: Session, opened: SealedContent) -> str:
        ident = form.text("holder")
        if not ident:
            raise InvalidField("holder", "required")
        reasons = [each for each in RecusalReason if each.value == form.text("reason")]
        if not reasons:
            raise InvalidField("reason", "unknown_choice")
        me = attach_staff(session, staff).officer
        ask_keeping_out(session, opened, ident.partition(":")[2], reasons[0], by=me, now=house.now())
        return f"{ROOM}/{case_id}/kept-out?done=keeping-out-asked"

    return _act_on_sealed(request, staff, house, case_id, form, act, "ask")


@router.post("/sealed/{case_id}/kept-out/{request_id}")
def decide_for_colleague(
    request: Request, case_id: CaseId, request_id: CaseId, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """A third clue officer inside agrees to a proposal, or does not."""

    def act(session: Session, _opened: SealedContent) -> str:
        agreed, me = read_decision(form), attach_staff(session, staff).officer
        kind = decide_keeping_out(session, request_id, agreed=agreed, by=me, now=house.now())
        return f"{ROOM}/{case_id}/kept-out?done={say_done(kind, agreed=agreed)}"

    return _act_on_sealed(request, staff, house, case_id, form, act, "decide")


def read_decision(form: Form) -> bool:
    """Which of the two buttons was pressed. Raises InvalidField for neither."""
    decision = form.text("decision")
    if decision not in ("agree", "refuse"):
        raise InvalidField("decision", "unknown_choice")
    return decision == "agree"


def say_done(kind: ConsentKind, *, agreed: bool) -> str:
    """Which sentence says what the decision did."""
    if not agreed:
        return "not-consented"
    return "consented" if kind is ConsentKind.KEEPING_OUT else "third-agreed"


def _act_on_sealed(
    request: Request,
    staff: Staff,
    house: House,
    case_id: str,
    form: Form,
    act: Callable[[Session, SealedContent], str],
    key: str,
) -> Response:
    require_role(staff.officer, Role.CLUE_OFFICER, act="exclude")
    try:
        with house.store.write() as session:
            there = act(session, open_case_for(session, staff, case_id, house))
    except VaultLocked:
        return RedirectResponse(ROOM, 303)
    except NotFound:
        raise
    except HotlineError as error:
        failed, status = _say_failed(error, form, key)
        return _draw_sealed(request, staff, house, case_id, failed, status)
    return RedirectResponse(there, 303)


def _get_open(session: Session, staff: Staff, case_id: str) -> Case:
    case = get_case_for(session, staff.officer, case_id)
    if case.sealed:
        raise NotFound("case", case_id)
    return case


def _read_form(session: Session, form: Form) -> tuple[str | None, str | None, str]:
    """Whom and why. Raises InvalidField at what is not chosen, not known, empty or too long."""
    kind, _, ident = form.text("holder").partition(":")
    known = session.get(Officer, ident) if kind == "officer" else session.get(Body, ident) if kind == "body" else None
    if known is None:
        raise InvalidField("holder", "required" if not ident else "unknown_choice")
    why = form.need("why", LONGEST)
    return (ident, None, why) if kind == "officer" else (None, ident, why)


def _say_failed(error: HotlineError, form: Form, key: str = "kept-out") -> tuple[Failed, int]:
    if isinstance(error, InvalidField):
        return Failed(key, "", {error.field: word_problem(error)}, form.typed()), INVALID.status
    wording = word_error(error)
    return Failed(key, wording.title + wording.advice, {}, form.typed()), wording.status


def _draw_open(
    request: Request, staff: Staff, house: House, case_id: str, failed: Failed = NOTHING_FAILED, status: int = 200
) -> Response:
    require_role(staff.officer, Role.CLUE_OFFICER, act="exclude")
    with house.store.read() as session:
        picture = view_picture(session, staff.officer, _get_open(session, staff, case_id))
    return _show(request, staff, house, picture, failed, status, here="cases")


def _draw_sealed(
    request: Request, staff: Staff, house: House, case_id: str, failed: Failed = NOTHING_FAILED, status: int = 200
) -> Response:
    require_role(staff.officer, Role.CLUE_OFFICER, act="exclude")
    if not is_ring_open(staff):
        return RedirectResponse(ROOM, 303)
    with house.store.write() as session:
        opened = open_case_for(session, staff, case_id, house)
        picture = view_picture(session, staff.officer, opened.case, opened)
        picture |= view_proposals(session, staff.officer, opened, now=house.now())
    return _show(request, staff, house, picture, failed, status, here="sealed")


def _show(
    request: Request, staff: Staff, house: House, picture: Any, failed: Failed, status: int, *, here: str
) -> Response:
    with house.store.read() as session:
        return show(
            request,
            session,
            staff,
            "console/kept_out.html",
            here=here,
            status=status,
            picture=picture,
            failed=failed,
        )
