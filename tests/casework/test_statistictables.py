"""Tables of statistics: small cells stand together, a case counts for those who may know of it, no formula."""

import io
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from casework.dispositions import Ending, close_case
from casework.errors import NotAllowed
from casework.exclusions import exclude_by_hand
from casework.outcomes import Outcome
from casework.statistics import Grouping, Pace, count_cases_by, list_counted_for
from casework.statistictables import (
    MERGED,
    Cell,
    Table,
    build_tables,
    end_of_month,
    merge_small,
    write_sheet,
)
from casework.store import Store
from casework.types import Finding, Role
from tests.casework.casedesk import a_sealed_case
from tests.casework.people import NOW, a_dispatcher, a_supervisor, an_office, an_officer, an_open_case, the_county

TODAY = NOW.date()
DAYS = {"since": TODAY, "until": TODAY}
ENDING = Ending(Finding.TRUE, "查实了。", (Outcome.RECTIFICATION, Outcome.EXPLAINED))


def cells(*counts: int) -> list[Cell]:
    return [Cell(f"第{at}类", count, str(at), linked=True) for at, count in enumerate(counts)]


def told(*counts: int) -> list[tuple[str, int | None]]:
    return [(cell.label, cell.count) for cell in merge_small(cells(*counts))]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((9, 5), [("第0类", 9), ("第1类", 5)]),
        ((9, 7, 3, 2), [("第0类", 9), ("第1类", 7), (MERGED, 5)]),
        ((9, 7, 1), [("第0类", 9), (MERGED, 8)]),
        ((9, 2, 1), [(MERGED, 12)]),
        ((3,), [("第0类", None)]),
        ((2, 1), [(MERGED, None)]),
        ((6, 0), [("第0类", 6)]),
        ((), []),
    ],
)
def test_a_cell_under_five_never_stands_alone_nor_can_it_be_worked_out(
    counts: tuple[int, ...], expected: list[tuple[str, int | None]]
) -> None:
    assert told(*counts) == expected


def test_a_merged_cell_leads_nowhere() -> None:
    assert [cell.linked for cell in merge_small(cells(9, 7, 3, 2))] == [True, True, False]


def test_every_table_counts_the_same_cases_and_no_sealed_one(store: Store) -> None:
    with store.write() as session:
        a_sealed_case(session)
        officer = a_dispatcher(session)
        for at in range(6):
            case = an_open_case(session, f"第{at}件，饭是馊的。", category="food_safety")
            close_case(session, case, ENDING, by=officer, office=an_office(), now=NOW)
        tables = {table.grouping: table for table in build_tables(session, officer, {}, **DAYS, now=NOW)}
        sums = {by: sum(cell.count or 0 for cell in table.cells) for by, table in tables.items()}
    assert sums == dict.fromkeys(tables, 6) | {Grouping.OUTCOME: 12, Grouping.CHANNEL: 6}
    assert [cell.label for cell in tables[Grouping.PACE].cells] == ["办结，按时"]


def test_late_and_in_time_are_told_apart(store: Store) -> None:
    with store.write() as session:
        the_county(session)
        officer = a_dispatcher(session)
        done, late = an_open_case(session, "饭是馊的。"), an_open_case(session, "没有护工。")
        an_open_case(session, "门锁着。")
        close_case(session, done, ENDING, by=officer, office=an_office(), now=NOW)
        close_case(session, late, ENDING, by=officer, office=an_office(), now=NOW + timedelta(days=90))
        counts = count_cases_by(session, officer, Grouping.PACE, **DAYS, now=NOW + timedelta(days=90))
    assert counts == {Pace.CLOSED_IN_TIME: 1, Pace.CLOSED_LATE: 1, Pace.RUNNING_LATE: 1}


@pytest.mark.parametrize("by", list(Grouping))
def test_what_is_behind_a_number_is_what_was_counted(store: Store, by: Grouping) -> None:
    with store.write() as session:
        the_county(session)
        officer, other = a_dispatcher(session), a_supervisor(session)
        seen, hidden = an_open_case(session, "饭是馊的。"), an_open_case(session, "没有护工。")
        for case in (seen, hidden):
            close_case(session, case, ENDING, by=officer, office=an_office(), now=NOW)
        exclude_by_hand(session, hidden, officer_id=other.id, by=officer, now=NOW)
        for who, cases in ((officer, {seen.id, hidden.id}), (other, {seen.id})):
            counts = count_cases_by(session, who, by, **DAYS, now=NOW)
            assert counts
            for key, count in counts.items():
                listed = list_counted_for(session, who, by, key, **DAYS, now=NOW)
                assert len(listed) == count
                assert {case.id for case in listed} == cases


def test_the_administrator_gets_none(store: Store) -> None:
    with store.write() as session:
        the_county(session)
        officer = an_officer(session, "admin", "施远", "hotline", Role.ADMINISTRATOR)
        with pytest.raises(NotAllowed):
            build_tables(session, officer, {}, **DAYS, now=NOW)


def test_the_sheet_has_the_tables_and_no_formula() -> None:
    table = Table(Grouping.CATEGORY, "类别", (Cell("=1+1", 7, "x", linked=True), Cell(MERGED, None)))
    content = write_sheet((table,), title="@统计", notes=("密件不在里面。",))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert [row for row in rows if any(row)] == [
        ["'@统计", ""],
        ["密件不在里面。", ""],
        ["类别", "件数"],
        ["'=1+1", 7.0],
        [MERGED, "不足5件"],
    ]


def test_a_month_ends_on_its_last_day() -> None:
    assert end_of_month(TODAY.replace(month=2, day=1)).day == 28
    assert end_of_month(TODAY.replace(month=12, day=1)).day == 31
