"""Referrals: the list, the letter with its preview, signing out, deliveries and the answer on paper.

A referral of a sealed case is opened with the officer's own key in his request; its papers are made in memory.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.console.case_view import NOTHING_FAILED, Failed
from api.console.frame import show
from api.console.labels import DELIVERY, REFERRAL
from api.console.referral_acts import run_referral_act
from api.console.referral_view import view_referral
from api.console.sealed_desk import open_case_for
from api.dependencies import PostedForm, PostingStaff, SignedStaff, Staff, TheHouse
from api.errors import INVALID, word_error, word_problem
from api.pages import say_time
from api.stacking import stack_pages
from api.wiring import House
from casework.clock import local_date
from casework.deliveries import list_deliveries
from casework.documents import to_pdf, to_pictures
from casework.errors import HotlineError, InvalidField, NotFound, VaultLocked
from casework.ledger import Verb, by_officer, record
from casework.models.cases import Case
from casework.models.people import Body, Officer
from casework.models.referrals import Referral
from casework.papers import FileFormat, Paper
from casework.reconciliations import READERS
from casework.referrals import get_referral_for, preview_referral
from casework.sealing import SealedContent
from casework.types import ReferralStatus
from casework.visibility import has_role, visible_cases
from casework.wordfiles import to_docx

router = APIRouter(prefix="/console/referrals", include_in_schema=False)

LIST_LENGTH = 100
FIELDS = {"package": ("request",), "annex": ("agreed", "remark", "report")}
"""The fields of the acts that have doors of their own."""
PICTURE = "png"
MEDIA = {
    FileFormat.PDF: "application/pdf",
    FileFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A referral in the officer's hands: its row, its case, and the opened record of a sealed one."""

    referral: Referral
    case: Case
    content: SealedContent | None


@contextmanager
def opened_referral(session: Session, staff: Staff, house: House, referral_id: str) -> Iterator[Opened]:
    """The referral through the one door. Raises NotFound, and VaultLocked for a sealed one in a locked room."""
    referral, case = get_referral_for(session, staff.officer, referral_id)
    content = open_case_for(session, staff, case.id, house) if case.sealed else None
    yield Opened(referral, case, content)


@router.get("")
def list_all(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """The newest referrals of the cases that he may know of."""
    today = local_date(house.now())
    with house.store.read() as session:
        query = (
            select(Referral, Case, Body, Officer)
            .join(Case, Case.id == Referral.case_id)
            .outerjoin(Body, Body.code == Referral.body_code)
            .join(Officer, Officer.id == Referral.drafted_by)
            .where(visible_cases(staff.officer))
            .order_by(Referral.drafted_at.desc())
            .limit(LIST_LENGTH)
        )
        rows = [
            {
                "id": referral.id,
                "case_number": case.number,
                "body": body.name if body else "密件",
                "number": referral.number,
                "status": REFERRAL[referral.status],
                "tone": "ochre" if referral.status is ReferralStatus.DRAFTED else "bamboo",
                "deliveries": "、".join(DELIVERY[row.status][0] for row in list_deliveries(session, referral)),
                "drafted": f"{officer.name} {say_time(referral.drafted_at, today)}",
            }
            for referral, case, body, officer in session.execute(query)
        ]
        may = has_role(staff.officer, *READERS)
        return show(request, session, staff, "console/referrals.html", here="referrals", rows=rows, can_reconcile=may)


@router.get("/{referral_id}")
def show_referral(request: Request, referral_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """The letter and everything about its way; of a shrunk one what remains, in the sealed room."""
    with house.store.read() as session:
        referral, case = get_referral_for(session, staff.officer, referral_id)
        if referral.shrunk_at is not None:
            return RedirectResponse(f"/console/sealed/{case.id}", 303)
    return _draw(request, staff, house, referral_id)


@router.get("/{referral_id}/{number}.{form}")
def give_paper(referral_id: str, number: int, form: str, staff: SignedStaff, house: TheHouse) -> Response:
    """One paper: `png` to look at, `pdf` to print, `docx` to edit; taking one away stands in the ledger."""
    taken = form in set(FileFormat)
    with house.store.write() as session, opened_referral(session, staff, house, referral_id) as opened:
        papers = preview_referral(
            session, opened.referral, desk=house.referral_desk, now=house.now(), opened=opened.content
        )
        if not 0 <= number < len(papers) or not (taken or form == PICTURE):
            raise NotFound("paper", f"{number}.{form}")
        if taken:
            record(
                session,
                actor=by_officer(staff.officer),
                verb=Verb.PRINTED,
                subject="referral",
                subject_id=referral_id,
                case_id=opened.case.id,
                details={"paper": number, "format": form},
                now=house.now(),
            )
    if not taken:
        pictures = to_pictures(papers[number], house.typesetter)
        return Response(stack_pages(pictures), media_type="image/png")
    content = _make(papers, number, FileFormat(form), house)
    name = f"notice-{referral_id[:8]}-{number + 1}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=MEDIA[FileFormat(form)], headers=headers)


@router.post("/{referral_id}")
def save_draft(request: Request, referral_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Keep what was changed in the draft."""
    return _act(request, staff, house, referral_id, "save", form)


@router.post("/{referral_id}/{key}")
def act_on_referral(
    request: Request, referral_id: str, key: str, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """Sign out, cancel, or write down a paper answer."""
    return _act(request, staff, house, referral_id, key, form)


@router.post("/{referral_id}/deliveries/{delivery_id}")
def decide_delivery(
    request: Request, referral_id: str, delivery_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """What a person says of a delivery: it arrived, send it again, it was handed over."""
    return _act(request, staff, house, referral_id, "delivery", form, delivery_id=delivery_id)


def _act(
    request: Request,
    staff: Staff,
    house: House,
    referral_id: str,
    key: str,
    form: Any,
    *,
    delivery_id: str = "",
) -> Response:
    typed: Mapping[str, Any] = form.typed()
    try:
        with house.store.write() as session, opened_referral(session, staff, house, referral_id) as opened:
            done = run_referral_act(session, opened, key, form, staff, house, delivery_id=delivery_id)
    except VaultLocked:
        return RedirectResponse("/console/sealed", 303)
    except NotFound:
        raise
    except InvalidField as error:
        failed = Failed(key, "", {error.field: word_problem(error)}, typed)
        return _draw(request, staff, house, referral_id, failed, INVALID.status)
    except HotlineError as error:
        wording = word_error(error)
        failed = Failed(key, wording.title + wording.advice, {}, typed)
        return _draw(request, staff, house, referral_id, failed, wording.status)
    return RedirectResponse(f"/console/referrals/{referral_id}?done={done}", 303)


def draw_problem(
    request: Request,
    staff: Staff,
    house: House,
    referral_id: str,
    error: HotlineError,
    *,
    act: str = "",
    typed: Mapping[str, Any] | None = None,
) -> Response:
    """The page again, with what kept something from being done: at the field of `act`, else said above it."""
    wording = word_error(error)
    if isinstance(error, InvalidField) and error.field in FIELDS.get(act, ()):
        failed = Failed(act, "", {error.field: word_problem(error)}, typed or {})
    else:
        said = word_problem(error) if isinstance(error, InvalidField) else wording.title + wording.advice
        failed = Failed(act, said, {}, typed or {})
    return _draw(request, staff, house, referral_id, failed, wording.status)


def _draw(
    request: Request,
    staff: Staff,
    house: House,
    referral_id: str,
    failed: Failed = NOTHING_FAILED,
    status: int = 200,
) -> Response:
    try:
        with house.store.write() as session, opened_referral(session, staff, house, referral_id) as opened:
            pass
    except VaultLocked:
        return RedirectResponse("/console/sealed", 303)
    with house.store.read() as session:
        page = view_referral(session, staff.officer, opened.referral, opened.case, house, house.now(), opened.content)
        here = "sealed" if opened.case.sealed else "referrals"
        return show(
            request,
            session,
            staff,
            "console/referral.html",
            here=here,
            status=status,
            referral=page,
            failed=failed,
        )


def _make(papers: tuple[Paper, ...], number: int, form: FileFormat, house: House) -> bytes:
    return to_docx(papers[number]) if form is FileFormat.DOCX else to_pdf(papers[number], house.typesetter)
