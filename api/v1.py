"""The integration API: other hotlines push reports, receiving bodies see and answer their own referrals.

Every POST carries an Idempotency-Key: the same request twice gives the same answer and is done once.
"""

import base64
import hmac
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from api.dependencies import get_house
from api.v1_access import ERRORS, AccessRefused, Answerer, ApiRoute, Asker, Receiver, Sender
from api.v1_models import (
    AcknowledgementIn,
    AcknowledgementOut,
    ErrorOut,
    ReceiptIn,
    ReferralOut,
    ReferralsOut,
    ReportIn,
    ReportOut,
    ResultIn,
    StatusOut,
)
from api.wiring import House
from casework.acknowledgements import (
    Answer,
    get_acknowledgement,
    get_referral_of_body,
    list_referrals_of_body,
    record_acknowledgement,
    record_result,
)
from casework.apikeys import Caller
from casework.clock import local_date
from casework.errors import NotFound
from casework.ledger import by_body
from casework.models.cases import Case
from casework.models.referrals import Referral
from casework.progress import describe_progress
from casework.server_keys import KeyUse, hash_under, list_keys, need_key
from casework.shownpictures import get_shown_with, list_shown_with
from intake.attachments import note_reading, open_copy
from intake.idempotency import KeptAnswer, Once, answer_once
from intake.links import find_told_case
from intake.pictures import CLEAN_TYPE
from intake.receipts import find_receipt
from intake.reports import receive_report
from intake.types import Contact, Refused, ReportDraft, Told

router = APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=["v1"], responses=ERRORS)

IdempotencyHeader = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=128)]
REFERENCE_BYTES = 12
PATIENCE_SECONDS = 30
NOT_TAKEN = ErrorOut(code="not_taken", message="这件事本局不能收，请告知当事人拨打12388或者向上一级机关反映。")


@router.post("/reports", status_code=201, response_model=ReportOut)
def create_report(request: Request, report: ReportIn, caller: Sender, key: IdempotencyHeader) -> Response:
    """Push a report. The answer's receipt code is for the person who reported; it is shown this once."""
    house = get_house(request)

    def act(session: Session) -> KeptAnswer:
        now = house.now()
        filed = receive_report(session, _draft(report, house), desk=house.intake_desk, now=now)
        if isinstance(filed, Refused):
            return KeptAnswer(422, NOT_TAKEN.model_dump())
        made = ReportOut(
            reference=_make_reference(session, house, caller, filed.case_id),
            receipt=filed.code,
            received_on=local_date(now),
        )
        return KeptAnswer(201, made.model_dump(mode="json"))

    return _answer(house, caller, key, request, report.model_dump_json(), act)


@router.get("/reports/{reference}", response_model=StatusOut)
def get_report(request: Request, reference: str, caller: Asker) -> StatusOut:
    """The state of a report that this very key has pushed."""
    house = get_house(request)
    return _tell_status(house, _read_reference(house, caller, reference))


@router.post("/reports/status", response_model=StatusOut)
def find_report(request: Request, asked: ReceiptIn, _caller: Asker) -> StatusOut:
    """The state of a report by a person's receipt code, as `/track` tells it."""
    house = get_house(request)
    try:
        hit = find_receipt(house.receipts, asked.receipt, timeout=PATIENCE_SECONDS)
    except (TimeoutError, CancelledError):
        raise AccessRefused(503, "busy") from None
    if hit is None:
        raise NotFound("report", "")
    with house.store.read() as session:
        told = find_told_case(session, hit.case_id, hit.reporter_key, hit.links)
    return _tell_status(house, told)


@router.get("/referrals", response_model=ReferralsOut)
def list_referrals(request: Request, caller: Receiver) -> ReferralsOut:
    """The referrals issued to the caller's body."""
    with get_house(request).store.read() as session:
        rows = list_referrals_of_body(session, caller.body_code or "")
        return ReferralsOut(referrals=[_tell_referral(session, row) for row in rows])


@router.get("/referrals/{referral_id}", response_model=ReferralOut)
def get_referral(request: Request, referral_id: str, caller: Receiver) -> ReferralOut:
    """One of them; 404 for another body's."""
    with get_house(request).store.read() as session:
        return _tell_referral(session, get_referral_of_body(session, caller.body_code or "", referral_id))


@router.get(
    "/referrals/{referral_id}/pictures/{picture_id}",
    response_class=Response,
    responses={200: {"content": {CLEAN_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_picture(request: Request, referral_id: str, picture_id: str, caller: Receiver) -> Response:
    """A picture that the office lets the caller's body see, without its metadata; 404 once it was taken back."""
    house = get_house(request)
    with house.store.write() as session:
        referral = get_referral_of_body(session, caller.body_code or "", referral_id)
        row = get_shown_with(session, referral, picture_id)
        opened = open_copy(row, secrets=house.secrets)
        note_reading(session, row, by=by_body(caller.body_code or ""), what="shown", now=house.now())
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(opened.data, media_type=opened.media_type, headers=headers)


@router.post("/referrals/{referral_id}/acknowledgement", response_model=AcknowledgementOut)
def acknowledge_referral(
    request: Request, referral_id: str, answer: AcknowledgementIn, caller: Answerer, key: IdempotencyHeader
) -> Response:
    """The 回执 of the caller's body. A second one changes nothing: `recorded` is false and the first stands."""
    house = get_house(request)

    def act(session: Session) -> KeptAnswer:
        referral = get_referral_of_body(session, caller.body_code or "", referral_id)
        said = Answer(answer.decision, answer.receiver, answer.reason, answer.reference)
        by = by_body(caller.body_code or "")
        recorded = record_acknowledgement(session, referral, said, by=by, office=house.office, now=house.now())
        told = AcknowledgementOut(recorded=recorded, referral=_tell_referral(session, referral))
        return KeptAnswer(200, told.model_dump(mode="json"))

    return _answer(house, caller, key, request, answer.model_dump_json(), act)


@router.post("/referrals/{referral_id}/result", response_model=ReferralOut)
def answer_referral(
    request: Request, referral_id: str, result: ResultIn, caller: Answerer, key: IdempotencyHeader
) -> Response:
    """What the caller's body did, after it acknowledged."""
    house = get_house(request)

    def act(session: Session) -> KeptAnswer:
        referral = get_referral_of_body(session, caller.body_code or "", referral_id)
        record_result(
            session,
            referral,
            text=result.text,
            disposal=result.disposal,
            by=by_body(caller.body_code or ""),
            office=house.office,
            now=house.now(),
        )
        return KeptAnswer(200, _tell_referral(session, referral).model_dump(mode="json"))

    return _answer(house, caller, key, request, result.model_dump_json(), act)


def _answer(
    house: House, caller: Caller, key: str, request: Request, body: str, act: Callable[[Session], KeptAnswer]
) -> JSONResponse:
    once = Once(caller.key_id, key, f"{request.url.path}\n{body}".encode(), caller.token)
    answer = answer_once(house.store, once, act, secrets=house.intake_desk.secrets, now=house.now())
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else None
    return JSONResponse(answer.body, answer.status, headers=headers)


def _draft(report: ReportIn, house: House) -> ReportDraft:
    now = house.now()
    contact = Contact(**report.contact.model_dump()) if report.contact else None
    return ReportDraft(
        text=report.text,
        channel=report.channel,
        received_at=min(report.received_at or now, now),
        contact=contact,
        anonymous=report.anonymous,
        told=Told(report.institution or None, report.place or None, report.when or None),
    )


def _make_reference(session: Session, house: House, caller: Caller, case_id: str) -> str:
    """Case and key in one word: another key can do nothing with it."""
    key = need_key(session, KeyUse.REFERENCES, house.secrets)
    return f"{case_id}-{_short(hash_under(key, _name_reference(caller, case_id)))}"


def _read_reference(house: House, caller: Caller, reference: str) -> str:
    case_id, _, given = reference.partition("-")
    with house.store.read() as session:
        keys = list_keys(session, KeyUse.REFERENCES, house.secrets)
    macs = [hash_under(key, _name_reference(caller, case_id)) for key in keys]
    if not any(hmac.compare_digest(_short(mac).encode(), given.encode()) for mac in macs):
        raise NotFound("report", "")
    return case_id


def _name_reference(caller: Caller, case_id: str) -> bytes:
    return f"{caller.key_id}/{case_id}".encode()


def _short(mac: bytes) -> str:
    return base64.urlsafe_b64encode(mac[:REFERENCE_BYTES]).decode()


def _tell_status(house: House, case_id: str) -> StatusOut:
    with house.store.read() as session:
        case = session.get(Case, case_id)
        if case is None:
            raise NotFound("report", "")
        progress = describe_progress(session, case, office=house.office, now=house.now())
    return StatusOut(status=progress.word, message=progress.headline, answer_due_on=progress.due, reply=progress.reply)


def _tell_referral(session: Session, referral: Referral) -> ReferralOut:
    answer = get_acknowledgement(session, referral)
    if referral.number is None or referral.issued_at is None:
        raise NotFound("referral", referral.id)
    return ReferralOut(
        id=referral.id,
        number=referral.number,
        status=referral.status,
        issued_at=referral.issued_at,
        decision=answer.decision,
        acknowledged_at=answer.acknowledged_at,
        result_at=answer.result_at,
        pictures=list_shown_with(session, referral),
    )
