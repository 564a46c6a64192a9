"""The leader as the third person (同意): a clue officer asks to keep a colleague out of a case, to let one in, or,
alone, to hand it on; no case and nobody is named.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response

from api.console.exclusion_desk import read_decision, say_done
from api.console.frame import show
from api.dependencies import PostedForm, PostingStaff, SignedStaff, TheHouse, attach_staff
from api.pages import say_day
from casework.clock import local_date
from casework.cluelooks import count_unseen
from casework.consents import decide_keeping_out, list_for_leader
from casework.types import Role
from casework.visibility import require_role

router = APIRouter(prefix="/console/consents", include_in_schema=False)

HERE = "/console/consents"


@router.get("")
def show_asked(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """What he was asked; to one who was not, there is nothing."""
    require_role(staff.officer, Role.LEADER, act="consent")
    today = local_date(house.now())
    with house.store.read() as session:
        asked = [
            {
                "id": each.id,
                "mark": each.mark,
                "day": say_day(local_date(each.asked_at), today),
                "until": say_day(local_date(each.until), today),
                "reason": each.reason,
                "kind": each.kind.value,
            }
            for each in list_for_leader(session, staff.officer, now=house.now())
        ]
        unseen = count_unseen(session)
        return show(request, session, staff, "console/consents.html", here="consents", asked=asked, unseen=unseen)


@router.post("/{request_id}")
def decide(
    request_id: Annotated[str, Path(max_length=64)], staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """He agrees, or does not."""
    require_role(staff.officer, Role.LEADER, act="consent")
    agreed = read_decision(form)
    with house.store.write() as session:
        me = attach_staff(session, staff).officer
        kind = decide_keeping_out(session, request_id, agreed=agreed, by=me, now=house.now())
    return RedirectResponse(f"{HERE}?done={say_done(kind, agreed=agreed)}", 303)
