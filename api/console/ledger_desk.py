"""The log auditor's desk: whether the chain holds, and how often each thing was done; counts only, no case, no name."""

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import func, select

from api.console.frame import show
from api.dependencies import SignedStaff, TheHouse
from casework.chain import verify_ledger
from casework.ledger import VERB_LABELS, Verb
from casework.models.ledger import LedgerEntry
from casework.models.people import SecurityEvent
from casework.signins import SecurityKind
from casework.types import Role
from casework.visibility import require_role

router = APIRouter(prefix="/console/ledger", include_in_schema=False)

SPAN = timedelta(days=30)
SECURITY_LABELS = {
    SecurityKind.SIGNED_IN: "登录",
    SecurityKind.SIGN_IN_FAILED: "登录没成",
    SecurityKind.SIGN_IN_TOO_EARLY: "试得太快",
    SecurityKind.SIGNED_OUT: "退出",
    SecurityKind.NOT_ALLOWED: "越权被拦",
    SecurityKind.EXPORTED: "导出",
}


@router.get("")
def show_ledger(request: Request, staff: SignedStaff, house: TheHouse) -> HTMLResponse:
    """The state of the chain and thirty days of counts."""
    require_role(staff.officer, Role.LOG_AUDITOR, act="audit")
    since = house.now() - SPAN
    with house.store.read() as session:
        done = session.execute(
            select(LedgerEntry.verb, func.count()).where(LedgerEntry.at >= since).group_by(LedgerEntry.verb)
        )
        seen = session.execute(
            select(SecurityEvent.kind, func.count()).where(SecurityEvent.at >= since).group_by(SecurityEvent.kind)
        )
        return show(
            request,
            session,
            staff,
            "console/ledger.html",
            here="ledger",
            chain=verify_ledger(session),
            done=sorted(((VERB_LABELS[Verb(verb)], count) for verb, count in done), key=lambda row: -row[1]),
            seen=[(SECURITY_LABELS[SecurityKind(kind)], count) for kind, count in seen],
        )
