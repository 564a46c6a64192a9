"""A new recovery sheet, printed by the clue officers themselves: the old one is typed in, and opens nothing more."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.console.account_view import NOTHING_FAILED, Failed
from api.console.frame import show
from api.dependencies import PostedForm, PostingStaff, SignedStaff, Staff, TheHouse, attach_staff
from api.wiring import House
from casework.errors import VaultLocked, WrongPassphrase
from casework.keyholders import renew_sheet
from casework.pins import is_first_sheet, short_print
from casework.recovery import current_recovery_key
from casework.rings import current_ring, is_ring_open
from casework.types import Role
from casework.visibility import require_role

router = APIRouter(prefix="/console/ring", include_in_schema=False)


@router.get("/sheet")
def show_sheet(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """Where the sheet in force is typed in."""
    return _draw(request, staff, house)


@router.post("/sheet")
def renew(request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """The new sheet, shown once with its fingerprint."""
    require_role(staff.officer, Role.CLUE_OFFICER, act="renew_sheet")
    try:
        with house.store.write() as session:
            signed = attach_staff(session, staff)
            sheet = renew_sheet(session, form.text("sheet"), signed=signed, token=staff.token, now=house.now())
            digits = short_print(current_recovery_key(session).public_key)
            ring_digits = short_print(current_ring(session).public_key)
    except VaultLocked:
        return _draw(request, staff, house, status=423)
    except WrongPassphrase:
        problem = "和封存的那张对不上。一组一组再核一遍；换过新的以后，旧的就不管用了。"
        return _draw(request, staff, house, Failed("sheet", {"sheet": problem}, form.typed()), 422)
    with house.store.read() as session:
        return show(
            request,
            session,
            staff,
            "console/ring_sheet_made.html",
            here="ring",
            sheet=sheet,
            digits=digits,
            ring_digits=ring_digits,
        )


def _draw(request: Request, staff: Staff, house: House, failed: Failed = NOTHING_FAILED, status: int = 200) -> Response:
    require_role(staff.officer, Role.CLUE_OFFICER, act="renew_sheet")
    with house.store.read() as session:
        page = {
            "first": is_first_sheet(session),
            "digits": short_print(current_recovery_key(session).public_key),
            "open": is_ring_open(staff),
        }
        return show(
            request,
            session,
            staff,
            "console/ring_sheet.html",
            here="ring",
            status=status,
            page=page,
            failed=failed,
        )
