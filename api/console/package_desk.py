"""The encrypted package of a referral: made in the officer's own request, streamed to him locked, kept nowhere."""

from collections.abc import Iterator
from typing import IO

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from api.console.evidence_form import read_evidence
from api.console.referral_desk import draw_problem, opened_referral
from api.dependencies import PostedForm, PostingStaff, TheHouse
from casework.errors import HotlineError, NotFound, VaultLocked
from casework.packages import make_package

router = APIRouter(prefix="/console/referrals", include_in_schema=False)

PIECE = 64 * 1024


@router.post("/{referral_id}/package")
def give_package(
    request: Request, referral_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """The package with the chosen evidence as a file; taking it stands in the ledger with its fingerprint."""
    try:
        with house.store.write() as session, opened_referral(session, staff, house, referral_id) as opened:
            package = make_package(
                session,
                opened.referral,
                by=staff.officer,
                desk=house.referral_desk,
                now=house.now(),
                opened=opened.content,
                chosen=read_evidence(session, opened.case, opened.content, form, staff, house),
            )
    except VaultLocked:
        return RedirectResponse("/console/sealed", 303)
    except NotFound:
        raise
    except HotlineError as error:
        return draw_problem(request, staff, house, referral_id, error, act="package", typed=form.typed())
    headers = {"Content-Disposition": f'attachment; filename="{package.name}"'}
    return StreamingResponse(_read(package.file), media_type="application/octet-stream", headers=headers)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        yield from iter(lambda: file.read(PIECE), b"")
