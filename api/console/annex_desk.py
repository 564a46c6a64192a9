"""The reporter annex (举报人信息): sealed by a clue officer who says why, opened by the receiver as an act of its own.

Who reported is shown on none of these pages; it goes into the sealed papers and nowhere else.
"""

import io
import zipfile
from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.case_view import Failed
from api.console.receiver_desk import draw_letter
from api.console.referral_desk import Opened, draw_problem, opened_referral
from api.dependencies import Form, PostedForm, PostingStaff, Staff, TheHouse
from api.errors import word_error
from api.wiring import House
from casework.annexes import Identity, make_annex, open_annex, print_annex, require_annex, take_locked
from casework.errors import HotlineError, InvalidField, NotFound, VaultLocked
from casework.packing import Item
from casework.received import get_received
from intake.reporters import list_reports, reveal_reporter
from intake.types import RevealReason

router = APIRouter(prefix="/console", include_in_schema=False)

PRINT, SEAL = "print", "seal"
NAME = "annex-{}.zip"
LONGEST_REASON = 200


@router.post("/referrals/{referral_id}/annex/{how}")
def seal_identity(
    request: Request, referral_id: str, how: str, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """Open the identity, with the reason, into an envelope of its own: printed, or sealed to the receiver."""
    if how not in (PRINT, SEAL):
        raise NotFound("act", how)
    items: Sequence[Item] = ()
    try:
        with house.store.write() as session, opened_referral(session, staff, house, referral_id) as opened:
            items = _make(session, opened, form, staff, house, printed=how == PRINT)
    except VaultLocked:
        return RedirectResponse("/console/sealed", 303)
    except NotFound:
        raise
    except HotlineError as error:
        return draw_problem(request, staff, house, referral_id, error, act="annex", typed=form.typed())
    if how == PRINT:
        return give_zip(items, NAME.format(referral_id[:8]))
    return RedirectResponse(f"/console/referrals/{referral_id}?done=annex", 303)


@router.post("/received/{referral_id}/annex/{annex_id}")
def open_identity(
    request: Request, referral_id: str, annex_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """The receiver opens the envelope: the papers as a file of his own, and his receipt in the ledger."""
    try:
        with house.store.write() as session:
            referral = get_received(session, staff.officer, referral_id, lock=True)
            items = open_annex(session, referral, annex_id, signed=staff, token=staff.token, now=house.now())
    except NotFound:
        raise
    except HotlineError as error:
        wording = word_error(error)
        failed = Failed("annex", wording.title + wording.advice, {}, {})
        return draw_letter(request, staff, house, referral_id, failed, wording.status)
    return give_zip(items, NAME.format(referral_id[:8]))


@router.post("/received/{referral_id}/annex/{annex_id}/locked")
def give_locked(referral_id: str, annex_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """The same as the locked file for the body's own age key; taking it is the same act."""
    with house.store.write() as session:
        referral = get_received(session, staff.officer, referral_id, lock=True)
        content = take_locked(session, referral, annex_id, by=staff.officer, now=house.now())
    return _give(content, f"annex-{referral_id[:8]}.tar.age", "application/octet-stream")


def give_zip(items: Sequence[Item], name: str) -> Response:
    """Papers as one file to be taken away; neither its name nor those inside name anybody."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for item in items:
            made.writestr(zipfile.ZipInfo(item.name), item.content)
    return _give(buffer.getvalue(), name, "application/zip")


def _make(session: Session, opened: Opened, form: Form, staff: Staff, house: House, *, printed: bool) -> Sequence[Item]:
    """Ask, open and seal in one unit of work: what was not sealed was shown to nobody."""
    referral, by, now = opened.referral, staff.officer, house.now()
    agreed = form.text("agreed")
    require_annex(session, referral, by=by, agreed=agreed, opened=opened.content)
    remark = form.need("remark", LONGEST_REASON)
    known = [report.id for report in list_reports(session, opened.case.id)]
    report_id = form.text("report") or (known[0] if known else "")
    if report_id not in known:
        raise InvalidField("report", "unknown_choice")
    found = reveal_reporter(
        session, staff, staff.token, report_id, reason=RevealReason.HAND_OVER, remark=remark, now=now
    )
    told = found.contact
    if found.anonymous or not told.name.strip():
        raise InvalidField("agreed", "no_name")
    identity = Identity(told.name, told.phone, told.address, told.safe_time, told.relation, told.wish, agreed=agreed)
    act = print_annex if printed else make_annex
    made = act(
        session,
        referral,
        identity,
        by=by,
        desk=house.referral_desk,
        now=now,
        report_id=report_id,
        opened=opened.content,
    )
    return made if isinstance(made, list) else ()


def _give(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=kind, headers=headers)
