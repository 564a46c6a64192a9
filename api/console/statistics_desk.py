"""Statistics: what came in, which way, who handles it, in time or not, what came of it; for print and as a sheet.

Every number is of the cases that this officer may know of; what is behind one is listed by the same condition.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.console.frame import show
from api.console.labels import CHANNEL, STATUS
from api.console.queue_view import category_names, names_of, short_name
from api.dependencies import SignedStaff, TheHouse
from api.pages import say_day
from api.wiring import House
from casework.clock import local_date
from casework.models.people import Body
from casework.outcomes import FINDING_LABELS, OUTCOME_LABELS
from casework.statistics import MOST_LISTED, Grouping, list_counted_for
from casework.statistictables import (
    FEW,
    LEAST,
    READERS,
    TITLES,
    Names,
    Table,
    build_tables,
    end_of_month,
    record_export,
    write_sheet,
)
from casework.visibility import require_role
from triage.types import Urgency

router = APIRouter(prefix="/console/statistics", include_in_schema=False)

HERE = "/console/statistics"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MONTHS_BACK = 36
URGENCIES = {Urgency.CRITICAL: "危急", Urgency.HIGH: "紧急", Urgency.NORMAL: "一般"}
NO_SEALED = "密件不在里面。"
SMALL = f"不到{LEAST}件的合在一起说。"
Month = Annotated[str, Query(max_length=7)]


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months, first and last; days would let two periods be subtracted from each other."""

    first: date
    last: date

    @property
    def until(self) -> date:
        """The last day."""
        return end_of_month(self.last)

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        return {"since": f"{self.first:%Y-%m}", "until": f"{self.last:%Y-%m}"}

    @property
    def words(self) -> str:
        """As it is said."""
        first, last = (f"{each.year}年{each.month}月" for each in (self.first, self.last))
        return first if first == last else f"{first}到{last}"


@router.get("")
def show_page(request: Request, staff: SignedStaff, house: TheHouse, since: Month = "", until: Month = "") -> Response:
    """The tables of a period, each with its chart."""
    require_role(staff.officer, *READERS, act="statistics")
    period = read_period(since, until, house.now())
    with house.store.read() as session:
        tables = _build(session, staff.officer, house, period)
        return show(
            request,
            session,
            staff,
            "console/statistics.html",
            here="statistics",
            page={
                "words": period.words,
                "tables": [_draw(table, period, house.now()) for table in tables],
                "months": _list_months(house.now()),
                "since": period.query["since"],
                "until": period.query["until"],
                "export": f"{HERE}/statistics.xlsx?{urlencode(period.query)}",
                "presets": _list_presets(house.now(), period),
                "small": SMALL,
            },
        )


@router.get("/cases")
def show_cases(
    request: Request,
    staff: SignedStaff,
    house: TheHouse,
    by: Grouping,
    key: Annotated[str, Query(max_length=64)] = "",
    since: Month = "",
    until: Month = "",
) -> Response:
    """What is behind one number: the cases of that group that he may know of, no words of any."""
    require_role(staff.officer, *READERS, act="statistics")
    period = read_period(since, until, house.now())
    days = {"since": period.first, "until": period.until}
    with house.store.read() as session:
        cases = list_counted_for(session, staff.officer, by, key or None, **days, now=house.now())
        names = category_names(house)
        bodies = names_of(session, Body, [case.body_code for case in cases])
        return show(
            request,
            session,
            staff,
            "console/statistics_cases.html",
            here="statistics",
            page={
                "words": period.words,
                "title": TITLES.get(by, ""),
                "back": f"{HERE}?{urlencode(period.query)}",
                "most": MOST_LISTED if len(cases) == MOST_LISTED else 0,
                "rows": [
                    {
                        "id": case.id,
                        "number": case.number,
                        "day": say_day(case.opened_on, local_date(house.now())),
                        "category": names.get(case.category or "", ""),
                        "status": STATUS[case.status],
                        "body": short_name(bodies.get(case.body_code or "", "待定"), house),
                    }
                    for case in cases
                ],
            },
        )


@router.get("/statistics.xlsx")
def give_sheet(staff: SignedStaff, house: TheHouse, since: Month = "", until: Month = "") -> Response:
    """The same tables as a sheet; that it was taken stands in the ledger."""
    require_role(staff.officer, *READERS, act="statistics")
    period = read_period(since, until, house.now())
    with house.store.write() as session:
        tables = _build(session, staff.officer, house, period)
        record_export(session, staff.officer, since=period.first, until=period.until, now=house.now())
    title = f"{house.office.name}来件统计（{period.words}）"
    content = write_sheet(tables, title=title, notes=(NO_SEALED + SMALL, f"只算{staff.officer.name}看得到的办件。"))
    name = f"statistics-{period.first:%Y%m}-{period.last:%Y%m}.xlsx"
    return Response(content, media_type=SHEET, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def read_period(since: str, until: str, now: datetime) -> Period:
    """The months that were asked for; what can't be read is this year up to now, and the earlier comes first."""
    today = local_date(now)
    first = _read_month(since) or today.replace(month=1, day=1)
    last = _read_month(until) or today.replace(day=1)
    return Period(min(first, last), max(first, last))


def build_names(session: Session, house: House) -> Names:
    """What the groups are called on this page."""
    bodies = {code: short_name(name, house) for code, name in session.execute(select(Body.code, Body.name))}
    return {
        Grouping.CATEGORY: category_names(house),
        Grouping.CHANNEL: {each.value: label for each, label in CHANNEL.items()},
        Grouping.BODY: bodies,
        Grouping.URGENCY: {each.value: label for each, label in URGENCIES.items()},
        Grouping.FINDING: {each.value: label for each, label in FINDING_LABELS.items()},
        Grouping.OUTCOME: {each.value: label for each, label in OUTCOME_LABELS.items()},
    }


def _build(session: Session, officer: Any, house: House, period: Period) -> tuple[Table, ...]:
    names = build_names(session, house)
    return build_tables(session, officer, names, since=period.first, until=period.until, now=house.now())


def _draw(table: Table, period: Period, now: datetime) -> dict[str, Any]:
    unfinished = f"{local_date(now):%Y-%m}"
    return {
        "id": table.grouping.value,
        "title": table.title,
        "merged": table.merged,
        "several": table.grouping is Grouping.OUTCOME,
        "rows": [
            {
                "label": cell.label,
                "short": cell.label if len(cell.label) <= 10 else cell.label[:9] + "…",
                "words": cell.words,
                "bar": round(100 * (cell.count or 0) / table.most),
                "open": table.grouping is Grouping.MONTH and cell.key == unfinished,
                "few": cell.words == FEW,
                "href": f"{HERE}/cases?{urlencode({'by': table.grouping, 'key': cell.key or '', **period.query})}"
                if cell.linked
                else "",
            }
            for cell in table.cells
        ],
    }


def _list_months(now: datetime) -> list[tuple[str, str]]:
    month = local_date(now).replace(day=1)
    found = []
    for _ in range(MONTHS_BACK):
        found.append((f"{month:%Y-%m}", f"{month.year}年{month.month}月"))
        month = end_of_month(month.replace(year=month.year - (month.month == 1), month=month.month - 1 or 12)).replace(
            day=1
        )
    return found


def _list_presets(now: datetime, chosen: Period) -> list[Mapping[str, Any]]:
    month = local_date(now).replace(day=1)
    before = _month_before(month)
    offered = (
        ("本月", Period(month, month)),
        ("上月", Period(before, before)),
        ("今年", Period(month.replace(month=1), month)),
        ("去年", Period(date(month.year - 1, 1, 1), date(month.year - 1, 12, 1))),
    )
    return [
        {"label": label, "href": f"{HERE}?{urlencode(period.query)}", "here": period == chosen}
        for label, period in offered
    ]


def _month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _read_month(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month of the calendar, no moment
    except ValueError:
        return None
