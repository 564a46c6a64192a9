"""The log auditor's desk: whether the chain holds, and how often each thing was done; counts only, no case, no name."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import func, select

from api.console.frame import show
from api.dependencies import SignedStaff, TheHouse
from casework.chain import verify_ledger
from casework.consents import count_keepings_out
from casework.heads import write_head
from casework.ledger import VERB_LABELS, Verb
from casework.ledgerexports import export_counts, export_lines, export_sheet
from casework.models.ledger import LedgerEntry
from casework.models.people import SecurityEvent
from casework.securitylog import SECURITY_LABELS, SecurityKind
from casework.types import Role
from casework.visibility import require_role

router = APIRouter(prefix="/console/ledger", include_in_schema=False)

SPAN = timedelta(days=30)


class ExportForm(StrEnum):
    """What can be taken away."""

    COUNTS = "counts.csv"
    SHEET = "entries.csv"
    LINES = "entries.jsonl"


EXPORTS: Mapping[ExportForm, Callable[..., bytes]] = {
    ExportForm.COUNTS: export_counts,
    ExportForm.SHEET: export_sheet,
    ExportForm.LINES: export_lines,
}


@router.get("/export/{form}")
def give_export(form: ExportForm, staff: SignedStaff, house: TheHouse) -> Response:
    """The log as a file: counts, every entry as a sheet, or every entry with the chain; taking it stands in the log."""
    with house.store.write() as session:
        content = EXPORTS[form](session, staff.officer, now=house.now())
    kind = "application/jsonl" if form is ExportForm.LINES else "text/csv"
    headers = {"Content-Disposition": f'attachment; filename="ledger-{form.value}"'}
    return Response(content, media_type=kind, headers=headers)


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
        chain = verify_ledger(session)
        return show(
            request,
            session,
            staff,
            "console/ledger.html",
            here="ledger",
            chain=chain,
            head=write_head(chain.head) if chain.head else "",
            done=sorted(((VERB_LABELS[Verb(verb)], count) for verb, count in done), key=lambda row: -row[1]),
            kept_out=count_keepings_out(session, since=since),
            seen=[(SECURITY_LABELS[SecurityKind(kind)], count) for kind, count in seen],
        )
