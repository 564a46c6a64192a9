"""A referral as data for its page: the letter, who may sign it, where it went, what came back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.console.annex_view import view_annex
from api.console.evidence_form import view_evidence
from api.console.hands import say_who
from api.console.labels import DECISION, DELIVERY, DISPOSAL, METHOD, REFERRAL
from api.console.principal_view import view_principal
from api.console.referral_form import list_form, list_templates
from api.pages import say_time
from api.wiring import House
from casework.borrowing import find_borrowed_words
from casework.clock import local_date
from casework.deliveries import list_deliveries
from casework.errors import HotlineError
from casework.ledger import Verb
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.models.people import Officer
from casework.models.referrals import Acknowledgement, Delivery, Referral
from casework.packages import GONE, leaves_by_package
from casework.papers import Paper, list_lines
from casework.pickups import find_pickup, is_to_be_picked_up
from casework.referral_rules import (
    choose_methods,
    choose_series,
    find_last_writer,
    is_secret,
    list_ways,
    require_drafter,
    require_issuer,
)
from casework.referrals import ReferralContent, is_editable, preview_referral, read_referral
from casework.sealing import SealedContent
from casework.thirdpersons import find_second
from casework.types import DeliveryMethod, DeliveryStatus, ReferralStatus
from casework.words import list_words

ORDER = (
    ReferralStatus.DRAFTED,
    ReferralStatus.ISSUED,
    ReferralStatus.DELIVERED,
    ReferralStatus.ACKNOWLEDGED,
    ReferralStatus.ANSWERED,
)
OPEN_ENDS = frozenset({ReferralStatus.ISSUED, ReferralStatus.DELIVERED})


def view_referral(
    session: Session,
    officer: Officer,
    referral: Referral,
    case: Case,
    house: House,
    now: datetime,
    opened: SealedContent | None,
) -> dict[str, Any]:
    """Everything the page shows; a sealed one has been opened before."""
    content = read_referral(session, referral, opened)
    papers = preview_referral(session, referral, desk=house.referral_desk, now=now, opened=opened)
    draft = referral.status is ReferralStatus.DRAFTED
    drafts = _may(lambda: require_drafter(officer, case, content.body))
    here = f"/console/referrals/{referral.id}"
    return {
        "id": referral.id,
        "href": here,
        "title": papers[0].title,
        "sealed": case.sealed,
        "status": REFERRAL[referral.status],
        "is_draft": draft,
        "number": referral.number,
        "next_number": "",
        "case_number": case.number,
        "case_href": f"/console/sealed/{case.id}" if case.sealed else f"/console/cases/{case.id}",
        "body": content.body.name,
        "how": _say_ways(session, referral, case, content),
        "drafted": say_who(session, referral.drafted_by, referral.drafted_at, now),
        "issued": say_who(session, referral.issued_by, referral.issued_at, now) if referral.issued_by else "",
        **_view_papers(papers, here),
        **_view_signing(session, officer, referral, case, content, now, opened),
        "ways": _ways(case, content),
        "series": choose_series(house.office.number_prefix, secret=True) if is_secret(case, content.body) else "",
        "package": _package(session, officer, referral, case, content),
        "principal": view_principal(session, officer, case, referral, content.fields, house, now, drafts=drafts),
        **_view_going(session, referral, case, content, now, opened),
        "can_cancel": referral.status in {ReferralStatus.DRAFTED, *OPEN_ENDS} and drafts,
        "form": list_form(content.fields, house.referral_desk.wording) if is_editable(referral) else [],
        "templates": list_templates(content.fields, content.body.kind.value, house.referral_desk.wording)
        if is_editable(referral)
        else [],
        "borrowed": _borrowed(session, papers, case, content, opened, house),
        "deliveries": [_delivery(row, now) for row in list_deliveries(session, referral)],
        "steps": _steps(referral),
        "acknowledgement": _acknowledgement(session, referral, now),
        "can_acknowledge": referral.status in OPEN_ENDS,
    }


def _view_signing(
    session: Session,
    officer: Officer,
    referral: Referral,
    case: Case,
    content: ReferralContent,
    now: datetime,
    opened: SealedContent | None,
) -> dict[str, Any]:
    """Whether he may sign the draft out; of a discipline matter also who wrote it last, and so may not."""
    draft = referral.status is ReferralStatus.DRAFTED
    if not draft or not is_secret(case, content.body):
        writer = referral.drafted_by
        return {
            "can_issue": draft and _may(lambda: require_issuer(officer, case, content.body, written_by=writer)),
            "lacks": "等领导签发",
            "signing": "",
        }
    if find_second(session, case, content.body, by=officer, opened=opened, now=now) is not None:
        return {"can_issue": True, "lacks": "", "signing": "这件只有您一位打得开。局领导同意移送一次，由您签发。"}
    writer = find_last_writer(session, referral)
    name = "您" if writer == officer.id else session.get_one(Officer, writer).name
    return {
        "can_issue": _may(lambda: require_issuer(officer, case, content.body, written_by=writer)),
        "lacks": "等另一位签发",
        "signing": f"这份稿最后是{name}写的。谁最后写，谁不能签发：要另一位密件员，或者看得到这件的领导来签。",
    }


def _view_papers(papers: Sequence[Paper], here: str) -> dict[str, Any]:
    """The letter's files, the sheets that go with it, and a picture of each."""
    return {
        "files": [{"href": f"{here}/0.pdf", "label": "函 PDF"}, {"href": f"{here}/0.docx", "label": "Word 稿"}],
        "sheets": [
            {"title": paper.title.replace("　", ""), "href": f"{here}/{index}"}
            for index, paper in enumerate(papers)
            if index
        ],
        "pages": [f"{here}/{index}.png" for index in range(len(papers))],
    }


def _view_going(
    session: Session,
    referral: Referral,
    case: Case,
    content: ReferralContent,
    now: datetime,
    opened: SealedContent | None,
) -> dict[str, Any]:
    """What goes beside the papers: evidence, the annex, and whether the body can fetch them itself."""
    issued = referral.number is not None
    secret = is_secret(case, content.body)
    ready = issued and referral.status not in GONE and is_to_be_picked_up(session, referral)
    return {
        "can_prepare": ready,
        "evidence": view_evidence(session, case, opened) if issued and secret else [],
        "annex": view_annex(session, case, referral, content.fields, _sent_ways(session, referral), now),
        "pickup_state": _say_pickup(session, referral, now),
    }


def _sent_ways(session: Session, referral: Referral) -> frozenset[DeliveryMethod]:
    return frozenset(row.method for row in list_deliveries(session, referral))


def _say_ways(session: Session, referral: Referral, case: Case, content: ReferralContent) -> str:
    sent = [row.method for row in list_deliveries(session, referral)]
    ways = sent or choose_methods(content.body, None, secret=is_secret(case, content.body))
    return "、".join(METHOD[way] for way in ways)


def _ways(case: Case, content: ReferralContent) -> list[dict[str, Any]]:
    ways = list_ways(content.body, secret=is_secret(case, content.body))
    return [{"code": way.value, "label": METHOD[way], "first": way is ways[0]} for way in ways]


def _package(
    session: Session, officer: Officer, referral: Referral, case: Case, content: ReferralContent
) -> dict[str, Any] | None:
    """The package for him who carries it: where to fetch it, and the fingerprint of the last one made."""
    ready = referral.status not in GONE and leaves_by_package(session, referral)
    if not ready or not _may(lambda: require_drafter(officer, case, content.body)):
        return None
    query = select(LedgerEntry).where(LedgerEntry.subject_id == referral.id, LedgerEntry.verb == Verb.EXPORTED)
    last = session.scalars(query.order_by(LedgerEntry.id.desc()).limit(1)).first()
    mark = str(last.details.get("manifest_sha256", "")) if last else ""
    return {"href": f"/console/referrals/{referral.id}/package", "fingerprint": mark}


def _say_pickup(session: Session, referral: Referral, now: datetime) -> str:
    pickup = find_pickup(session, referral)
    if pickup is None:
        return "还没有备好自取件。"
    if pickup.taken_by is None:
        return f"{say_time(pickup.made_at, local_date(now))}备好了，等对方登录来取。对方换了人、换了口令，要重新备。"
    return f"{say_who(session, pickup.taken_by, pickup.taken_at, now)} 取走了。"


def _may(check: Any) -> bool:
    try:
        check()
    except HotlineError:
        return False
    return True


def _borrowed(
    session: Session,
    papers: Any,
    case: Case,
    content: ReferralContent,
    opened: SealedContent | None,
    house: House,
) -> list[dict[str, str]]:
    working = str(opened.record["text"]) if opened else "\n".join(said.text for said in list_words(session, [case.id]))
    letter = "\n".join(list_lines(papers[0]))
    stock = [
        house.office.name,
        content.body.name,
        content.fields.institution,
        content.fields.place,
        *content.fields.categories,
    ]
    return [{"words": span.text} for span in find_borrowed_words(letter, working, stock)]


def _delivery(row: Delivery, now: datetime) -> dict[str, Any]:
    label, tone = DELIVERY[row.status]
    today = local_date(now)
    detail = f"排上了 {say_time(row.queued_at, today)}"
    if row.sent_at:
        detail = f"送到 {say_time(row.sent_at, today)}"
    elif row.error_code:
        again = f"，{say_time(row.next_try_at, today)} 再试" if row.next_try_at else ""
        detail = f"试了{row.attempts}次，原因：{row.error_code}{again}"
    return {
        "id": row.id,
        "method": METHOD[row.method],
        "status": label,
        "tone": tone,
        "detail": detail,
        "can_decide": row.status in {DeliveryStatus.UNSURE, DeliveryStatus.FAILED},
        "can_hand_over": row.status is DeliveryStatus.QUEUED
        and row.method in {DeliveryMethod.SEALED_PRINT, DeliveryMethod.PACKAGE, DeliveryMethod.PICKUP},
    }


def _steps(referral: Referral) -> list[dict[str, str]]:
    at = ORDER.index(referral.status) if referral.status in ORDER else len(ORDER)
    return [
        {
            "label": REFERRAL[status],
            "detail": "",
            "state": "done" if index < at else "now" if index == at else "next",
        }
        for index, status in enumerate(ORDER)
    ]


def _acknowledgement(session: Session, referral: Referral, now: datetime) -> list[tuple[str, str]]:
    row = session.scalar(select(Acknowledgement).where(Acknowledgement.referral_id == referral.id))
    if row is None or row.acknowledged_at is None or row.decision is None:
        return []
    said: Mapping[str, str] = {
        "回执": DECISION[row.decision],
        "时间": say_time(row.acknowledged_at, local_date(now)),
        "接收人": row.receiver,
        "对方编号": row.reference,
        "理由": row.reason,
        "处置": DISPOSAL[row.disposal] if row.disposal else "",
        "反馈": row.result,
    }
    return [(label, value) for label, value in said.items() if value]
