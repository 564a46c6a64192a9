"""The page for the phone (对暗号): what the one on the line says is held against the word he agreed on, nothing more.

It serves an open case and a sealed one alike, and shows neither the word nor a line of the case.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api.console.frame import show
from api.dependencies import PostedForm, PostingStaff, SignedStaff, Staff, TheHouse
from api.errors import word_problem
from api.pages import say_time
from api.wiring import House
from casework.agreedwords import LISTENERS, Comparison, Heard, compare_word, has_agreed_word
from casework.cases import get_case_for
from casework.errors import InvalidField
from casework.visibility import require_role

router = APIRouter(prefix="/console/words", include_in_schema=False)

CaseId = Annotated[str, Path(max_length=64)]


@router.get("/{case_id}")
def show_page(request: Request, case_id: CaseId, staff: SignedStaff, house: TheHouse) -> Response:
    """What to say on the phone, and the field for what one hears."""
    return _draw(request, staff, house, case_id)


@router.post("/{case_id}")
def compare(request: Request, case_id: CaseId, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Whether it fits; what was typed is not kept and not shown again."""
    try:
        found = compare_word(
            house.store, case_id, form.text("word"), by=staff.officer, secrets=house.secrets, now=house.now()
        )
    except InvalidField as error:
        return _draw(request, staff, house, case_id, problem=word_problem(error), status=422)
    return _draw(request, staff, house, case_id, found)


def _draw(
    request: Request,
    staff: Staff,
    house: House,
    case_id: str,
    found: Comparison | None = None,
    *,
    problem: str = "",
    status: int = 200,
) -> Response:
    require_role(staff.officer, *LISTENERS, act="compare_word")
    with house.store.read() as session:
        case = get_case_for(session, staff.officer, case_id)
        page = {
            "id": case.id,
            "number": case.number,
            "sealed": case.sealed,
            "back": f"/console/{'sealed' if case.sealed else 'cases'}/{case.id}",
            "agreed": has_agreed_word(session, case.id),
            "fits": found is not None and found.heard is Heard.FITS,
            "wrong": found is not None and found.heard is Heard.WRONG,
            "failed": found.failed_this_hour if found is not None and found.alarming else 0,
            "wait": say_time(found.next_try_at) if found is not None and found.next_try_at else "",
        }
        return show(
            request, session, staff, "console/word.html", here="cases", status=status, page=page, problem=problem
        )
