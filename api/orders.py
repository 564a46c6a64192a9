"""Open cases as a sheet in the shape of the 12345 work order (工单), for the office that sent them on.

Only what one officer may know of, words only where he may read them; a cell is a text, never a formula.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.console.labels import CHANNEL, STATUS
from api.console.queue_view import category_names, names_of
from api.wiring import House
from casework.cases import CaseFilter, list_cases_for
from casework.deadlines import list_nearest
from casework.ledger import Actor, Verb, record
from casework.models.cases import Case, Disposition
from casework.models.people import Body, Institution, Officer, Town
from casework.outcomes import FINDING_LABELS
from casework.queues import Queue
from casework.sheetcells import make_safe
from casework.types import CaseKind
from casework.visibility import can_read_words
from casework.words import Words, list_words
from intake.imports import load_headings
from intake.models import TransferSerial
from triage.types import Urgency

AT_ONCE = 200
HEAD = (
    *("工单编号", "来源", "本单位编号", "受理时间", "来件渠道", "诉求类型", "紧急程度", "诉求内容"),
    *("被反映单位", "镇街", "承办单位", "办理状态", "办理时限", "诉求属实", "办理情况", "公开答复内容"),
)
URGENCY = {Urgency.CRITICAL: "危急", Urgency.HIGH: "紧急", Urgency.NORMAL: "一般"}
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def list_orders(session: Session, officer: Officer, queue: Queue, house: House, *, now: datetime) -> list[list[str]]:
    """The rows of the sheet, most urgent first: no sealed case, no slip, nothing he may not know of."""
    rows: list[list[str]] = []
    page, seen, total = 1, 0, 1
    while seen < total:
        found = list_cases_for(session, officer, CaseFilter(queue=queue, page=page, size=AT_ONCE), now=now)
        open_cases = [case for case in found.rows if not case.sealed and case.kind is CaseKind.ORDINARY]
        rows += _describe(session, officer, open_cases, house, now)
        page, seen, total = page + 1, seen + len(found.rows), found.total if found.rows else 0
    return rows


def record_export(session: Session, officer: Officer, rows: int, queue: Queue, *, by: Actor, now: datetime) -> None:
    """The ledger remembers who took how many rows out, and as whom."""
    details = {"rows": rows, "queue": queue.value, "as": officer.id}
    record(session, actor=by, verb=Verb.EXPORTED, subject="orders", subject_id=officer.id, details=details, now=now)


def write_orders(rows: Iterable[Sequence[str]], kind: str) -> bytes:
    """The sheet as a file: `xlsx` with texts alone, or `csv` where what a program would run stands behind a quote."""
    return _write_csv(rows) if kind == "csv" else _write_workbook(rows)


def _describe(
    session: Session, officer: Officer, cases: Sequence[Case], house: House, now: datetime
) -> Iterator[list[str]]:
    ids = [case.id for case in cases]
    words: dict[str, Words] = {}
    for each in list_words(session, ids):
        words.setdefault(each.case_id, each)
    serials = _list_serials(session, [each.report_id for each in words.values()])
    endings = _list_endings(session, ids)
    clocks = list_nearest(session, ids, office=house.office, now=now)
    homes = names_of(session, Institution, [case.institution_code for case in cases])
    towns = names_of(session, Town, [case.town_code for case in cases])
    bodies = names_of(session, Body, [case.body_code for case in cases])
    names, sources, reads = category_names(house), load_headings().sources, can_read_words(officer)
    for case in cases:
        said, ending, clock = words.get(case.id), endings.get(case.id), clocks.get(case.id)
        source, serial = serials.get(said.report_id if said else "", ("", ""))
        yield [
            serial,
            sources.get(source, source),
            case.number,
            case.opened_on.isoformat(),
            CHANNEL[said.channel] if said else "",
            names.get(case.category or "", ""),
            URGENCY[case.urgency] if case.urgency else "",
            said.text if said and reads else "",
            homes.get(case.institution_code or "", ""),
            towns.get(case.town_code or "", ""),
            bodies.get(case.body_code or "", ""),
            STATUS[case.status],
            clock.due_on.isoformat() if clock else "",
            FINDING_LABELS[ending.finding] if ending else "",
            ending.internal if ending and reads else "",
            ending.public_reply if ending else "",
        ]


def _list_serials(session: Session, report_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    rows = session.scalars(select(TransferSerial).where(TransferSerial.report_id.in_(report_ids)))
    return {row.report_id: (row.source, row.serial) for row in rows}


def _list_endings(session: Session, case_ids: Sequence[str]) -> dict[str, Disposition]:
    rows = session.scalars(select(Disposition).where(Disposition.case_id.in_(case_ids)).order_by(Disposition.made_at))
    return {row.case_id: row for row in rows}


def _write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    for row in (HEAD, *rows):
        writer.writerow([make_safe(cell) for cell in row])
    return stream.getvalue().encode("utf-8-sig")


def _write_workbook(rows: Iterable[Sequence[str]]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("办件")
        for number, row in enumerate((HEAD, *rows)):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    return stream.getvalue()
