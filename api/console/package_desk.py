"""The encrypted package of a referral: made in the officer's own request, streamed to him, kept nowhere."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.console.referral_desk import draw_problem, opened_referral
from api.dependencies import SignedStaff, TheHouse
from casework.errors import HotlineError, NotFound, VaultLocked
from casework.packages import make_package

router = APIRouter(prefix="/console/referrals", include_in_schema=False)


@router.get("/{referral_id}/package")
def give_package(request: Request, referral_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """The package as a file; taking it stands in the ledger with its fingerprint."""
    try:
        with house.store.write() as session, opened_referral(session, staff, house, referral_id) as opened:
            package = make_package(
                session,
                opened.referral,
                by=staff.officer,
                desk=house.referral_desk,
                now=house.now(),
                opened=opened.content,
            )
    except VaultLocked:
        return RedirectResponse("/console/sealed", 303)
    except NotFound:
        raise
    except HotlineError as error:
        return draw_problem(request, staff, house, referral_id, error)
    headers = {"Content-Disposition": f'attachment; filename="{package.name}"'}
    return Response(package.content, media_type="application/octet-stream", headers=headers)
