"""Taking a critical case from the strip, and the count that a page with its sound switched on asks for.

Asking for the count is not work: it keeps no sign-in alive, or a browser left alone would stay open all night.
"""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from api.console.alarms import build_alarm
from api.dependencies import STAFF_COOKIE, NotSignedIn, PostingStaff, TheHouse
from bot.handovers import list_handovers_for
from casework.paging import take_alarm
from casework.signins import get_officer_by_token

router = APIRouter(prefix="/console/alarms", include_in_schema=False)


@router.get("/count")
def count_alarms(request: Request, house: TheHouse) -> Response:
    """How many wait for somebody to come now; nothing else."""
    token, now = request.cookies.get(STAFF_COOKIE, ""), house.now()
    with house.store.read() as session:
        signed = get_officer_by_token(session, token, now) if token else None
        if signed is None:
            raise NotSignedIn
        talks = list_handovers_for(session, signed.officer, desk=house.handover_desk, now=now)
        return JSONResponse({"count": build_alarm(session, signed.officer, talks).count})


@router.post("/{case_id}/take")
def take(case_id: str, staff: PostingStaff, house: TheHouse) -> Response:
    """He sees to it: nobody else is called for it."""
    with house.store.write() as session:
        take_alarm(session, staff.officer, case_id, now=house.now())
    return RedirectResponse(f"/console/cases/{case_id}?done=alarm", 303)
