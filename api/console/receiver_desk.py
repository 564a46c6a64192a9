"""The desk of another body (收件): what we sent to it, its 回执, and what it did; nothing of case or reporter.

For a body without a system of its own; the same acts go through `/api/v1` for one that has.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.annex_view import view_received_annexes
from api.console.case_view import NOTHING_FAILED, Failed
from api.console.frame import show
from api.console.labels import DECISION, DISPOSAL, REFERRAL
from api.console.pickup_view import view_pickup
from api.console.referral_desk import MEDIA
from api.dependencies import Form, PostedForm, PostingStaff, SignedStaff, Staff, TheHouse
from api.errors import word_error, word_problem
from api.pages import say_day, say_time
from api.wiring import House
from casework.acknowledgements import Answer, get_acknowledgement, record_acknowledgement, record_result
from casework.clock import local_date
from casework.errors import HotlineError, InvalidField, NotFound
from casework.ledger import Verb, by_officer, record
from casework.models.people import Body
from casework.models.referrals import Referral
from casework.papers import FileFormat
from casework.received import get_received, list_files, list_received, take_file
from casework.shownpictures import list_shown_with
from casework.types import AcknowledgementDecision, BodyKind, DisposalClass, ReferralStatus

router = APIRouter(prefix="/console/received", include_in_schema=False)

PAPERS = {
    "letter": "函件",
    "clue_list": "线索清单",
    "receipt": "回执",
    "order": "转办单",
    "cover": "封面",
    "evidence_list": "证据材料目录",
    "investigation": "调查报告",
    "goods_list": "涉案物品清单",
    "expertise": "检验报告和鉴定目录",
    "other_list": "其他材料目录",
}
WAITS = frozenset({ReferralStatus.ISSUED, ReferralStatus.DELIVERED})
STATES: Mapping[ReferralStatus, tuple[str, str]] = {
    ReferralStatus.ISSUED: ("等您回执", "ochre"),
    ReferralStatus.DELIVERED: ("等您回执", "ochre"),
    ReferralStatus.ACKNOWLEDGED: ("等您反馈", "bamboo"),
}


@router.get("")
def list_all(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """What was issued to his body, the newest first."""
    today = local_date(house.now())
    with house.store.read() as session:
        rows = [
            {
                "id": row.id,
                "number": row.number,
                "issued": say_day(row.issued_at, today),
                "state": STATES.get(row.status, (REFERRAL[row.status], ""))[0],
                "tone": STATES.get(row.status, ("", "line"))[1],
            }
            for row in list_received(session, staff.officer)
        ]
        return show(request, session, staff, "console/received.html", here="received", rows=rows)


@router.get("/{referral_id}")
def show_one(request: Request, referral_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """One letter with its answer."""
    return draw_letter(request, staff, house, referral_id)


@router.get("/{referral_id}/papers/{file_id}")
def give_paper(referral_id: str, file_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """One paper as it was issued; taking it is the delivery where it was to be picked up."""
    now = house.now()
    with house.store.write() as session:
        referral = get_received(session, staff.officer, referral_id, lock=True)
        found = take_file(session, referral, file_id, by=staff.officer, now=now)
        record(
            session,
            actor=by_officer(staff.officer),
            verb=Verb.PRINTED,
            subject="referral",
            subject_id=referral_id,
            case_id=referral.case_id,
            details={"paper": found.form, "format": found.format},
            now=now,
        )
        content, name = found.content, f"{found.form}.{found.format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=MEDIA[FileFormat(name.rpartition(".")[2])], headers=headers)


@router.post("/{referral_id}/{key}")
def act(
    request: Request, referral_id: str, key: str, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """The 回执 (`acknowledge`), or what was done (`result`)."""
    if key not in ("acknowledge", "result"):
        raise NotFound("act", key)
    try:
        with house.store.write() as session:
            referral = get_received(session, staff.officer, referral_id, lock=True)
            done = (_acknowledge if key == "acknowledge" else _feed_back)(session, referral, form, staff, house)
    except NotFound:
        raise
    except InvalidField as error:
        failed = Failed(key, "", {error.field: word_problem(error)}, form.typed())
        return draw_letter(request, staff, house, referral_id, failed, 422)
    except HotlineError as error:
        wording = word_error(error)
        failed = Failed(key, wording.title + wording.advice, {}, form.typed())
        return draw_letter(request, staff, house, referral_id, failed, wording.status)
    return RedirectResponse(f"/console/received/{referral_id}?done={done}", 303)


def _acknowledge(session: Session, referral: Referral, form: Form, staff: Staff, house: House) -> str:
    decision = form.text("decision")
    if decision not in set(AcknowledgementDecision):
        raise InvalidField("decision", "unknown_choice")
    answer = Answer(
        AcknowledgementDecision(decision),
        _name_receiver(session, referral, form.text("receiver") or staff.officer.name, staff),
        form.text("reason"),
        form.text("reference"),
    )
    by = by_officer(staff.officer)
    recorded = record_acknowledgement(session, referral, answer, by=by, office=house.office, now=house.now())
    return "acknowledge" if recorded else "answered"


def _name_receiver(session: Session, referral: Referral, name: str, staff: Staff) -> str:
    """Of a sealed referral the body too: the row itself tells none, and it is what remains in the end."""
    body = session.get(Body, staff.officer.body_code) if referral.sealed else None
    return f"{body.name} {name}" if body and body.name not in name else name


def _feed_back(session: Session, referral: Referral, form: Form, staff: Staff, house: House) -> str:
    disposal = form.text("disposal")
    if disposal and disposal not in set(DisposalClass):
        raise InvalidField("disposal", "unknown_choice")
    record_result(
        session,
        referral,
        text=form.text("text"),
        disposal=DisposalClass(disposal) if disposal else None,
        by=by_officer(staff.officer),
        office=house.office,
        now=house.now(),
    )
    return "result"


def draw_letter(
    request: Request,
    staff: Staff,
    house: House,
    referral_id: str,
    failed: Failed = NOTHING_FAILED,
    status: int = 200,
) -> Response:
    """The page of one letter, with what went wrong."""
    with house.store.read() as session:
        referral = get_received(session, staff.officer, referral_id)
        letter = _view(session, referral, house, house.now())
        letter["pickup"] = view_pickup(session, referral, staff, letter["here"])
        letter["pictures"] = [f"{letter['here']}/pictures/{each}" for each in list_shown_with(session, referral)]
        letter["annexes"] = view_received_annexes(session, referral, staff, letter["here"])
        return show(
            request,
            session,
            staff,
            "console/received_letter.html",
            here="received",
            status=status,
            letter=letter,
            failed=failed,
        )


def _view(session: Session, referral: Referral, house: House, now: datetime) -> dict[str, Any]:
    today = local_date(now)
    answer = get_acknowledgement(session, referral)
    here = f"/console/received/{referral.id}"
    body = session.get(Body, referral.body_code) if referral.body_code else None
    said = [
        ("回执", f"{DECISION[answer.decision]} {say_time(answer.acknowledged_at, today)}" if answer.decision else ""),
        ("接收人", answer.receiver),
        ("你们的编号", answer.reference),
        ("理由", answer.reason),
        ("处置类别", DISPOSAL[answer.disposal] if answer.disposal else ""),
        ("办理结果", answer.result),
        ("反馈时间", say_time(answer.result_at, today)),
    ]
    return {
        "here": here,
        "number": referral.number,
        "office": house.office.name,
        "issued": say_day(referral.issued_at, today),
        "state": STATES.get(referral.status, (REFERRAL[referral.status], ""))[0],
        "tone": STATES.get(referral.status, ("", "line"))[1],
        "files": [
            {
                "href": f"{here}/papers/{row.id}",
                "label": f"{PAPERS.get(row.form, '附件')} {row.format.upper() if row.format == 'pdf' else 'Word'}",
            }
            for row in list_files(session, referral)
        ],
        "can_acknowledge": referral.status in WAITS and answer.acknowledged_at is None,
        "can_answer": referral.status is ReferralStatus.ACKNOWLEDGED,
        "secret": referral.sealed or (body is not None and body.kind is BodyKind.DISCIPLINE),
        "decisions": [(code.value, label) for code, label in DECISION.items()],
        "disposals": [(code.value, label) for code, label in DISPOSAL.items()],
        "said": [(label, value) for label, value in said if value],
    }
