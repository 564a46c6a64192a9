"""Retention (到期): what is kept how long, what falls due, and destruction by two people with its certificate."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.frame import show
from api.console.hold_facts import describe_hold
from api.console.referral_desk import MEDIA
from api.dependencies import PostingStaff, SignedStaff, Staff, TheHouse
from api.errors import word_error
from api.pages import say_day, say_time
from api.wiring import House
from casework.clock import local_date
from casework.destructions import (
    find_proposal,
    get_certificate,
    list_certificates,
    preview_shrinking,
    render_certificate,
)
from casework.documents import to_pdf
from casework.errors import HotlineError, NotAllowed
from casework.holds import list_holds_for
from casework.papers import FileFormat
from casework.retention import (
    DECIDERS,
    Schedule,
    ScheduleId,
    ask_destruction,
    destroy_cases,
    load_schedules,
    preview_destruction,
)
from casework.types import Role
from casework.visibility import has_role, require_role
from casework.wordfiles import to_docx

router = APIRouter(prefix="/console/retention", include_in_schema=False)

HERE = "/console/retention"
BY_TWO = ScheduleId.GENERAL_CASE
STARTS = {"acknowledged": "收到回执起", "closed": "办结起", "written": "记入起"}
ACTS = {"shrink": "只留文号、日期、收件单位、件数", "destroy": "全部销毁，密钥一起"}


@router.get("")
def show_page(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """The schedules, what falls due, the proposal that waits, the certificates."""
    return _draw(request, staff, house)


@router.post("/ask")
def ask(request: Request, staff: PostingStaff, house: TheHouse) -> Response:
    """The first of two: propose to destroy what the preview shows."""
    require_role(staff.officer, *DECIDERS, act="destroy")
    with house.store.write() as session:
        due = ask_destruction(session, staff.officer, _by_two(), now=house.now())
    return RedirectResponse(f"{HERE}?done={'destruction-asked' if due else 'nothing-due'}", 303)


@router.post("/destroy")
def destroy(request: Request, staff: PostingStaff, house: TheHouse) -> Response:
    """The second of two: agree, and it is destroyed in this one step."""
    require_role(staff.officer, *DECIDERS, act="destroy")
    try:
        with house.store.write() as session:
            destroy_cases(session, staff.officer, _by_two(), now=house.now())
    except NotAllowed:
        return _draw(request, staff, house, "还没有另一位提出，或者提出已经过了七天。", 409)
    except HotlineError as error:
        wording = word_error(error)
        return _draw(request, staff, house, wording.title + wording.advice, wording.status)
    return RedirectResponse(f"{HERE}?done=destroyed", 303)


@router.get("/certificates/{entry_id}.{form}")
def give_certificate(entry_id: int, form: FileFormat, staff: SignedStaff, house: TheHouse) -> Response:
    """One certificate, to be printed and signed."""
    with house.store.read() as session:
        told = get_certificate(session, staff.officer, entry_id)
    paper = render_certificate(told, load_schedules()[told.schedule], office=house.office.name)
    content = to_docx(paper) if form is FileFormat.DOCX else to_pdf(paper, house.typesetter)
    headers = {"Content-Disposition": f'attachment; filename="certificate-{entry_id}.{form.value}"'}
    return Response(content, media_type=MEDIA[form], headers=headers)


def _by_two() -> Schedule:
    return load_schedules()[BY_TWO]


def _draw(request: Request, staff: Staff, house: House, problem: str = "", status: int = 200) -> Response:
    require_role(staff.officer, *DECIDERS, act="destroy")
    with house.store.read() as session:
        page = _view(session, staff, house)
        return show(
            request,
            session,
            staff,
            "console/retention.html",
            here="retention",
            status=status,
            problem=problem,
            page=page,
        )


def _view(session: Session, staff: Staff, house: House) -> Mapping[str, Any]:
    now = house.now()
    today = local_date(now)
    schedules = load_schedules()
    due = preview_destruction(session, staff.officer, schedules[BY_TWO], now=now)
    proposal = find_proposal(session, staff.officer, schedules[BY_TWO], now=now)
    soon = (
        preview_shrinking(session, staff.officer, schedules[ScheduleId.SEALED_REFERRAL], now=now)
        if has_role(staff.officer, Role.CLUE_OFFICER)
        else []
    )
    return {
        "schedules": [
            {
                "label": each.label,
                "kept": f"{STARTS[each.starts]}{each.days}天",
                "act": ACTS[each.act],
                "how": "到期自动" if each.automatic else "两人",
            }
            for each in schedules.values()
        ],
        "due": [
            {"number": each.number, "ended": say_day(each.ended_on, today), "href": f"/console/holds/{each.case_id}"}
            for each in due
        ],
        "held": [describe_hold(each, staff.officer, now) for each in list_holds_for(session, staff.officer)],
        "soon": [{"number": each.number, "on": say_day(each.ended_on, today)} for each in soon],
        "proposal": {
            "name": proposal.name,
            "at": say_time(proposal.at, today),
            "until": say_time(proposal.until, today),
            "cases": proposal.cases,
            "own": proposal.officer_id == staff.officer.id,
        }
        if proposal
        else None,
        "certificates": [
            {
                "at": say_time(each.at, today),
                "cases": each.cases,
                "rows": each.rows,
                "keys": each.keys,
                "who": f"{each.first}、{each.second}",
                "href": f"{HERE}/certificates/{each.entry_id}",
            }
            for each in list_certificates(session, staff.officer)
        ],
    }
