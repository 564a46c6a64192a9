"""The monthly reconciliation of hand-overs (对账): what we sent out beside what the receivers have answered.

A sheet that both sides tick and sign; no matter, no person, and never a formula from anybody's text.
"""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.clock import SHANGHAI, local_date
from casework.deliveries import list_deliveries
from casework.errors import InvalidField
from casework.ledger import Verb, by_officer, record
from casework.models.cases import Case
from casework.models.people import Body, Officer
from casework.models.referrals import Acknowledgement, Referral
from casework.sheetcells import make_safe
from casework.types import AcknowledgementDecision, DeliveryStatus, DisposalClass, ReferralStatus, Role
from casework.visibility import require_role, visible_cases

READERS = (Role.DISPATCHER, Role.SUPERVISOR, Role.CLUE_OFFICER)
DECEMBER = 12
DECISIONS = {
    AcknowledgementDecision.TAKEN: "受理",
    AcknowledgementDecision.PASSED_ON: "转有管辖权机关",
    AcknowledgementDecision.SENT_BACK: "退回",
}
DISPOSALS = {
    DisposalClass.TALK: "谈话函询",
    DisposalClass.PRELIMINARY_CHECK: "初步核实",
    DisposalClass.SHELVED: "暂存待查",
    DisposalClass.CLOSED: "予以了结",
    DisposalClass.CASE_FILED: "立案",
}
HEADS = (
    *(
        "序号",
        "我方文号",
        "签发日期",
        "收件单位",
        "送达日期",
        "回执日期",
        "回执结论",
        "反馈日期",
        "处置类别",
        "我方差异",
    ),
    *("对方登记号", "对方收到日期", "对方办理情况", "核对结果"),
)
WIDTHS = (6, 20, 12, 30, 12, 12, 16, 12, 14, 18, 18, 14, 20, 12)


@dataclass(frozen=True, slots=True)
class Line:
    """One hand-over of the month, our side; `reference` is the number that the receiver told us."""

    number: str
    issued_on: date
    body: str
    delivered_on: date | None
    acknowledged_on: date | None
    decision: AcknowledgementDecision | None
    reference: str
    result_on: date | None
    disposal: DisposalClass | None

    @property
    def gap(self) -> str:
        """What the two sides have to talk about (pure)."""
        if self.decision is AcknowledgementDecision.SENT_BACK:
            return "对方退回"
        if self.delivered_on is None and self.acknowledged_on is None:
            return "没有送达记录"
        if self.acknowledged_on is None:
            return "没有回执"
        if not self.reference:
            return "回执没有编号"
        return "" if self.result_on else "还没有反馈"


def parse_month(text: str) -> date:
    """The first day of 2026-11. Raises InvalidField(month, not_a_date)."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise InvalidField("month", "not_a_date") from None


def list_month(
    session: Session, officer: Officer, month: date, *, name_sealed: Callable[[Referral], str] | None = None
) -> list[Line]:
    """What was signed out in the month, of the cases that he may know of, in the order of signing.

    Of a sealed case the receiver lies inside: `name_sealed` opens it in a clue officer's sign-in; without it sealed
    ones are left out. Raises NotAllowed for another role.
    """
    require_role(officer, *READERS, act="reconcile")
    after = date(month.year + (month.month == DECEMBER), month.month % DECEMBER + 1, 1)
    first, last = (datetime.combine(day, time(), SHANGHAI) for day in (month, after))
    query = (
        select(Referral, Acknowledgement, Body.name)
        .join(Case, Case.id == Referral.case_id)
        .join(Acknowledgement, Acknowledgement.referral_id == Referral.id)
        .outerjoin(Body, Body.code == Referral.body_code)
        .where(
            visible_cases(officer),
            Referral.issued_at >= first,
            Referral.issued_at < last,
            Referral.status != ReferralStatus.CANCELLED,
        )
        .order_by(Referral.issued_at, Referral.id)
    )
    lines = []
    for referral, answer, name in session.execute(query).all():
        body = name or (name_sealed(referral) if name_sealed else "")
        if body:
            lines.append(_read_line(session, referral, answer, body))
    return lines


def write_sheet(lines: Sequence[Line], *, office: str, month: date) -> bytes:
    """The sheet as .xlsx, in memory: our side filled in, the receiver's side to be filled in, two signatures."""
    buffer = io.BytesIO()
    safe = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, safe) as book:
        sheet = book.add_worksheet("移送对账单")
        title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        head = book.add_format({"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True})
        cell = book.add_format({"border": 1, "valign": "vcenter", "text_wrap": True})
        sheet.merge_range(
            0, 0, 0, len(HEADS) - 1, make_safe(f"{office}移送对账单（{month.year}年{month.month}月）"), title
        )
        for column, (label, width) in enumerate(zip(HEADS, WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(1, column, label, head)
        for row, values in enumerate(_list_cells(lines), start=2):
            for column, value in enumerate(values):
                sheet.write_string(row, column, make_safe(value), cell)
        foot = len(lines) + 3
        counts = f"共{len(lines)}件，有差异的{sum(bool(line.gap) for line in lines)}件。右边四栏由收件单位填写。"
        sheet.write_string(foot, 0, counts)
        sheet.write_string(foot + 1, 0, "我方（签名）：                收件单位（签名）：                日期：")
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(1)
        sheet.freeze_panes(2, 2)
    return buffer.getvalue()


def record_sheet(session: Session, officer: Officer, month: date, *, lines: int, now: datetime) -> None:
    """The ledger keeps that a sheet was taken: month and count."""
    record(
        session,
        actor=by_officer(officer),
        verb=Verb.EXPORTED,
        subject="reconciliation",
        subject_id=month.isoformat(),
        details={"lines": lines},
        now=now,
    )
    session.flush()


def _read_line(session: Session, referral: Referral, answer: Acknowledgement, body: str) -> Line:
    sent = [row.sent_at for row in list_deliveries(session, referral) if row.status is DeliveryStatus.SENT]
    return Line(
        number=referral.number or "",
        issued_on=local_date(referral.issued_at) if referral.issued_at else date.min,
        body=body,
        delivered_on=min((local_date(at) for at in sent if at), default=None),
        acknowledged_on=local_date(answer.acknowledged_at) if answer.acknowledged_at else None,
        decision=answer.decision,
        reference=answer.reference,
        result_on=local_date(answer.result_at) if answer.result_at else None,
        disposal=answer.disposal,
    )


def _list_cells(lines: Sequence[Line]) -> Iterable[tuple[str, ...]]:
    for position, line in enumerate(lines, start=1):
        yield (
            str(position),
            line.number,
            line.issued_on.isoformat(),
            line.body,
            _day(line.delivered_on),
            _day(line.acknowledged_on),
            DECISIONS[line.decision] if line.decision else "",
            _day(line.result_on),
            DISPOSALS[line.disposal] if line.disposal else "",
            line.gap,
            line.reference,
            "",
            "",
            "",
        )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
