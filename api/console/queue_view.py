"""The queue page as data: the strip, the lists, the rows, the one that is being read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.console.clocks import ClockLine, draw_clock
from api.console.labels import CHANNEL
from api.console.marking import MASK, Piece, cut_pieces, list_reasons
from api.pages import say_date, say_day
from api.wiring import House
from casework.cases import CaseFilter, Page, get_assessment, list_cases_for
from casework.deadlines import list_nearest
from casework.models.cases import Case
from casework.models.people import Body, Institution, Officer, Town
from casework.models.secrecy import EmergencySlip
from casework.queues import QUEUE_LABELS, Queue
from casework.types import CaseKind
from casework.visibility import can_read_words
from intake.models import Report

EXCERPT = 46
LIST_JOINTS = 8
STRIP = (
    (Queue.OVERDUE, "已超期", "先看这些", "bad"),
    (Queue.UNSIGNED, "待签收", "派出去还没接", ""),
    (Queue.DUE_TODAY, "今天到期", "下班前", "soon"),
    (Queue.RETURNED, "退给我", "要再派", ""),
    (Queue.WAITING, "等反映人", "问了没回", ""),
    (Queue.NEWS, "来信未回", "有新的话", ""),
)
VIEWS = (
    Queue.ALL,
    Queue.TO_DISPATCH,
    Queue.CRITICAL,
    Queue.WORKING,
    Queue.REFERRED,
    Queue.REPLIED,
    Queue.CLOSED,
    Queue.DISCIPLINE,
    Queue.DOUBTFUL,
)
EMPTY: Mapping[Queue, str] = {
    Queue.ALL: "没有轮到您的办件。派给您的、退回来的会出现在这里。",
    Queue.OVERDUE: "没有超期的。",
    Queue.DUE_TODAY: "今天没有到期的。",
    Queue.UNSIGNED: "派出去的都签收了。",
    Queue.RETURNED: "没有退回来的。",
    Queue.NEWS: "来信都回了。",
    Queue.CLOSED: "还没有办结的。",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A fact in two to six characters."""

    label: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One case in a list."""

    id: str
    number: str
    urgency: str
    clock: ClockLine | None
    excerpt: str
    chips: tuple[Chip, ...]
    place: str
    body: str
    channel: str
    received: str
    open_query: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A body the dispatcher may send to with one press."""

    code: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading pane."""

    id: str
    number: str
    urgency: str
    channel: str
    received: str
    pieces: tuple[Piece, ...]
    explanation: str
    proposals: tuple[Proposal, ...]
    can_assign: bool


def list_rows(
    session: Session, officer: Officer, wanted: CaseFilter, house: House, now: datetime, *, total: int | None = None
) -> tuple[Sequence[Row], Page]:
    """A page of cases as rows; words only for those who may read them."""
    page = list_cases_for(session, officer, wanted, total=total, now=now)
    ids = [case.id for case in page.rows]
    clocks = list_nearest(session, ids, office=house.office, now=now)
    reports = first_reports(session, ids)
    homes = names_of(session, Institution, [case.institution_code for case in page.rows])
    towns = names_of(session, Town, [case.town_code for case in page.rows])
    bodies = names_of(session, Body, [case.body_code for case in page.rows])
    slips = slips_of(session, ids)
    rows = []
    for case in page.rows:
        report = reports.get(case.id)
        clock = clocks.get(case.id)
        rows.append(
            Row(
                case.id,
                case.number,
                case.urgency.value if case.urgency else "",
                draw_clock(clock, now=now, most=LIST_JOINTS) if clock else None,
                excerpt_of(case, report, slips.get(case.id), house, reads=can_read_words(officer)),
                chips_of(case, report, house),
                homes.get(case.institution_code or "", towns.get(case.town_code or "", "没有说清")),
                short_name(bodies.get(case.body_code or "", "待定"), house),
                CHANNEL[report.channel] if report and report.channel else "",
                say_date(case.opened_on),
                urlencode({"queue": wanted.queue or Queue.ALL, "page": wanted.page, "open": case.id}),
            )
        )
    return rows, page


def read_case(session: Session, officer: Officer, case: Case, house: House, *, can_assign: bool) -> Reading | None:
    """The reading pane for a case that was got through the door; None where there are no words for him to read."""
    report = first_reports(session, [case.id]).get(case.id)
    if report is None or report.working_text is None or not can_read_words(officer):
        return None
    assessment = get_assessment(session, case)
    reasons = list_reasons(assessment, category_names(house))
    codes = dict.fromkeys([case.body_code, assessment.body, *assessment.co_bodies])
    bodies = [body for code in codes if code and (body := session.get(Body, code))]
    return Reading(
        case.id,
        case.number,
        case.urgency.value if case.urgency else "",
        CHANNEL[report.channel] if report.channel else "",
        say_day(report.received_on),
        tuple(cut_pieces(report.working_text, reasons)),
        assessment.explanation,
        tuple(
            Proposal(body.code, body.name, "研判建议主办" if body.code == case.body_code else "研判建议会同")
            for body in bodies[:3]
        ),
        can_assign,
    )


def first_reports(session: Session, case_ids: Sequence[str]) -> dict[str, Report]:
    """The first report of each case."""
    rows = session.scalars(select(Report).where(Report.case_id.in_(case_ids)).order_by(Report.received_on.desc()))
    return {report.case_id: report for report in rows}


def names_of(
    session: Session, kind: type[Institution] | type[Town] | type[Body], codes: Sequence[str | None]
) -> dict[str, str]:
    """The names behind codes, in one query."""
    rows = session.execute(select(kind.code, kind.name).where(kind.code.in_({code for code in codes if code})))
    return {code: name for code, name in rows}  # noqa: C416 - a row is a tuple, not a pair of strings, to the type checker


def slips_of(session: Session, case_ids: Sequence[str]) -> dict[str, EmergencySlip]:
    """The emergency slips among these cases."""
    rows = session.scalars(select(EmergencySlip).where(EmergencySlip.case_id.in_(case_ids)))
    return {slip.case_id: slip for slip in rows}


def category_names(house: House) -> dict[str, str]:
    """The categories' names by code."""
    return {category.code: category.name for category in house.context.taxonomy.categories}


def short_name(name: str, house: House) -> str:
    """A body's name without the county's, which every row would repeat."""
    short = name.removeprefix(house.office.name).removeprefix(house.office.district)
    return short or name


def excerpt_of(case: Case, report: Report | None, slip: EmergencySlip | None, house: House, *, reads: bool) -> str:
    """The line that stands for a case in a list."""
    if case.kind is CaseKind.SLIP and slip is not None:
        return f"应急单：{slip.place or '地点待核'}，请拨 {slip.number_to_call}"
    if not reads or report is None or report.working_text is None:
        return category_names(house).get(case.category or "", "来件")
    words = report.working_text.replace("\n", " ").strip()
    while MASK * 3 in words:
        words = words.replace(MASK * 3, MASK * 2)
    return words if len(words) <= EXCERPT else words[: EXCERPT - 1] + "…"


def chips_of(case: Case, report: Report | None, house: House) -> tuple[Chip, ...]:
    """The few facts under the words."""
    chips = []
    if case.category:
        chips.append(Chip(category_names(house).get(case.category, case.category), "bamboo"))
    if case.discipline:
        chips.append(Chip("涉纪线索", "seal"))
    if report is not None and report.named is not None:
        chips.append(Chip("实名" if report.named else "匿名"))
    return tuple(chips)


def queue_label(queue: Queue) -> str:
    """What a list is called."""
    return QUEUE_LABELS[queue]
