"""Statistics as tables for a page, a print and a sheet: labels, bars, and small cells merged (rules 5.1: under five).

A cell under five is told with others as one; where the rest would still give it away, the next smallest joins it.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import xlsxwriter
from sqlalchemy.orm import Session

from casework.ledger import Verb, by_officer, record
from casework.models.people import Officer
from casework.sheetcells import make_safe
from casework.statistics import Grouping, Pace, count_cases_by
from casework.types import Role
from casework.visibility import require_role

READERS = (
    Role.DISPATCHER,
    Role.SUPERVISOR,
    Role.LEADER,
    Role.HANDLER,
    Role.TOWNSHIP,
    Role.INSPECTOR,
    Role.CLUE_OFFICER,
)
SUBJECT = "statistics"
LEAST = 5
"""A smaller cell could point to one person."""
MERGED = "不单列的合计"
FEW = f"不足{LEAST}件"
NOT_SAID = "没有定"
PACES: Mapping[str, str] = {
    Pace.CLOSED_IN_TIME: "办结，按时",
    Pace.CLOSED_LATE: "办结，有超期",
    Pace.RUNNING: "在办，没超期",
    Pace.RUNNING_LATE: "在办，已超期",
}
TITLES: Mapping[Grouping, str] = {
    Grouping.PACE: "按不按时",
    Grouping.MONTH: "各月来件",
    Grouping.CATEGORY: "类别",
    Grouping.CHANNEL: "渠道",
    Grouping.BODY: "承办单位",
    Grouping.URGENCY: "紧急程度",
    Grouping.FINDING: "核实认定",
    Grouping.OUTCOME: "处理结果",
}
"""What the page shows, in this order."""
HEADS = ("", "件数")
WIDTHS = (36, 12)
Names = Mapping[Grouping, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Cell:
    """One line: `count` is None where even the sum is too small to be told; `key` leads on where one group stands."""

    label: str
    count: int | None
    key: str | None = None
    linked: bool = False

    @property
    def words(self) -> str:
        """The count as it is told."""
        return FEW if self.count is None else str(self.count)


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of one grouping, how many cases they are of, and whether anything was merged."""

    grouping: Grouping
    title: str
    cells: tuple[Cell, ...]

    @property
    def most(self) -> int:
        """The longest bar; 1 where there is none."""
        return max([cell.count or 0 for cell in self.cells] + [1])

    @property
    def merged(self) -> bool:
        """Whether small cells stand together."""
        return any(not cell.linked for cell in self.cells)


def merge_small(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Merge the cells under five into one of at least five, the next smallest joining where need be (pure).

    Empty cells stay out. Where all of them together are under five only that is said. Order is kept.
    """
    told = [cell for cell in cells if cell.count]
    small = [cell for cell in told if (cell.count or 0) < LEAST]
    if not small:
        return tuple(told)
    rest = sorted((cell for cell in told if cell not in small), key=lambda cell: cell.count or 0)
    while rest and (len(small) == 1 or _sum(small) < LEAST):
        small.append(rest.pop(0))
    total = _sum(small)
    kept = tuple(cell for cell in told if cell not in small)
    return (*kept, Cell(MERGED if kept or len(small) > 1 else small[0].label, total if total >= LEAST else None))


def build_tables(
    session: Session, officer: Officer, names: Names, *, since: date, until: date, now: datetime
) -> tuple[Table, ...]:
    """Every table of the page for this officer and period; raises NotAllowed for a role that reads none."""
    require_role(officer, *READERS, act="statistics")
    return tuple(
        Table(by, title, _build(session, officer, by, names.get(by, {}), since, until, now))
        for by, title in TITLES.items()
    )


def write_sheet(tables: Sequence[Table], *, title: str, notes: Sequence[str]) -> bytes:
    """The tables as .xlsx, one below the other, in memory; nothing in it is a formula."""
    buffer = io.BytesIO()
    safe = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, safe) as book:
        sheet = book.add_worksheet("统计")
        heading = book.add_format({"bold": True, "font_size": 14})
        head = book.add_format({"bold": True, "border": 1, "bg_color": "#E8EEEB"})
        words, number = book.add_format({"border": 1}), book.add_format({"border": 1, "align": "right"})
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        sheet.write_string(0, 0, make_safe(title), heading)
        row = 1
        for note in notes:
            sheet.write_string(row, 0, make_safe(note))
            row += 1
        for table in tables:
            row += 1
            sheet.write_string(row, 0, make_safe(table.title), head)
            sheet.write_string(row, 1, HEADS[1], head)
            for cell in table.cells:
                row += 1
                sheet.write_string(row, 0, make_safe(cell.label), words)
                if cell.count is None:
                    sheet.write_string(row, 1, cell.words, number)
                else:
                    sheet.write_number(row, 1, cell.count, number)
            row += 1
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
    return buffer.getvalue()


def record_export(session: Session, officer: Officer, *, since: date, until: date, now: datetime) -> None:
    """The ledger keeps that statistics were taken, and of which days."""
    details = {"since": since.isoformat(), "until": until.isoformat()}
    record(
        session,
        actor=by_officer(officer),
        verb=Verb.EXPORTED,
        subject=SUBJECT,
        subject_id=f"{since:%Y-%m}",
        details=details,
        now=now,
    )
    session.flush()


def end_of_month(month: date) -> date:
    """The last day of the month that begins on that day (pure)."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _build(
    session: Session, officer: Officer, by: Grouping, names: Mapping[str, str], since: date, until: date, now: datetime
) -> tuple[Cell, ...]:
    counts = count_cases_by(session, officer, by, since=since, until=until, now=now)
    cells = [Cell(_name(key, by, names), count, key, linked=True) for key, count in counts.items()]
    if by is Grouping.MONTH:
        cells.sort(key=lambda cell: cell.key or "")
    if by is Grouping.PACE:
        cells.sort(key=lambda cell: list(PACES).index(cell.key or ""))
    return merge_small(cells)


def _name(key: str | None, by: Grouping, names: Mapping[str, str]) -> str:
    if key is None:
        return "还没有答复" if by is Grouping.FINDING else NOT_SAID
    if by is Grouping.MONTH:
        year, month = key.split("-")
        return f"{year}年{int(month)}月"
    return PACES.get(key, key) if by is Grouping.PACE else names.get(key, key)


def _sum(cells: Sequence[Cell]) -> int:
    return sum(cell.count or 0 for cell in cells)
