"""The desk of posters: every home with its sheet for the wall, to be printed by those who hang it up."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.console.frame import show
from api.dependencies import SignedStaff, TheHouse
from casework.institutions import get_institution, list_institutions
from casework.posters import HANGERS, make_address, to_poster
from casework.visibility import require_role

router = APIRouter(prefix="/console/posters", include_in_schema=False)


@router.get("")
def show_posters(request: Request, staff: SignedStaff, house: TheHouse) -> HTMLResponse:
    """All homes by name."""
    require_role(staff.officer, *HANGERS, act="posters")
    with house.store.read() as session:
        homes = [(home.code, home.name) for home in list_institutions(session)]
        return show(request, session, staff, "console/posters.html", here="posters", homes=homes)


@router.get("/{code}.pdf")
def give_poster(code: str, staff: SignedStaff, house: TheHouse) -> Response:
    """The poster of one home. Raises NotFound."""
    require_role(staff.officer, *HANGERS, act="posters")
    with house.store.read() as session:
        home = get_institution(session, code)
        code, name = home.code, home.name
    address = make_address(house.settings.public_url, code)
    content = to_poster(name, house.office.name, address, house.typesetter)
    headers = {"Content-Disposition": f'attachment; filename="poster-{code}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)
