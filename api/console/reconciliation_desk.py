"""The monthly reconciliation sheet, made in the officer's request and kept nowhere."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from api.console.frame import show
from api.console.sealed_desk import open_case_for
from api.dependencies import SignedStaff, Staff, TheHouse
from api.errors import word_problem
from api.wiring import House
from casework.clock import local_date
from casework.errors import InvalidField
from casework.models.referrals import Referral
from casework.reconciliations import READERS, list_month, parse_month, record_sheet, write_sheet
from casework.referrals import read_referral
from casework.rings import is_ring_open
from casework.shrunk import name_receiver as told_receiver
from casework.types import Role
from casework.visibility import has_role, require_role

router = APIRouter(prefix="/console/referrals", include_in_schema=False)

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/reconciliation")
def show_page(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """Which month, and whether the sealed ones will be in it."""
    return _draw(request, staff, house)


@router.get("/reconciliation/sheet")
def give_sheet(request: Request, staff: SignedStaff, house: TheHouse, month: str = "") -> Response:
    """The month's sheet; that it was taken stands in the ledger."""
    require_role(staff.officer, *READERS, act="reconcile")
    try:
        first = parse_month(month)
    except InvalidField as error:
        return _draw(request, staff, house, word_problem(error), 422)
    now = house.now()
    with house.store.write() as session:
        opener = _open_sealed(session, staff, house) if _may_open(staff) else None
        lines = list_month(session, staff.officer, first, name_sealed=opener)
        record_sheet(session, staff.officer, first, lines=len(lines), now=now)
    name = f"reconciliation-{first:%Y-%m}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(write_sheet(lines, office=house.office.name, month=first), media_type=SHEET, headers=headers)


def _may_open(staff: Staff) -> bool:
    return has_role(staff.officer, Role.CLUE_OFFICER) and is_ring_open(staff)


def _open_sealed(session: Session, staff: Staff, house: House) -> Callable[[Referral], str]:
    """Names the receiver of a sealed referral, opened by the officer's own key."""

    def name_receiver(referral: Referral) -> str:
        if referral.shrunk_at is not None:
            return told_receiver(session, referral)
        opened = open_case_for(session, staff, referral.case_id, house)
        return read_referral(session, referral, opened).body.name

    return name_receiver


def _draw(request: Request, staff: Staff, house: House, problem: str = "", status: int = 200) -> Response:
    require_role(staff.officer, *READERS, act="reconcile")
    today = local_date(house.now())
    with house.store.read() as session:
        return show(
            request,
            session,
            staff,
            "console/reconciliation.html",
            here="referrals",
            status=status,
            month=request.query_params.get("month", f"{today:%Y-%m}"),
            problem=problem,
            clue=has_role(staff.officer, Role.CLUE_OFFICER),
            room_open=_may_open(staff),
        )
