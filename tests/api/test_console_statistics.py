"""The page of statistics: a table beside each chart, a period of months, a sheet, and what is behind a number."""

import io

from python_calamine import CalamineWorkbook
from sqlalchemy import select

from casework.ledger import Verb
from casework.models.ledger import LedgerEntry
from tests.api.houses import ADMINISTRATOR, AUDITOR, DISPATCHER, HANDLER, LEADER, RECEIVER, SUPERVISOR
from tests.api.test_console_extensions import keep_out
from tests.api.visitors import Doors, Page

HERE = "/console/statistics"
FEES = "芦渚镇中心敬老院退费一直不退，合同上写的能退，这是第{}回说。"
SEALED = "麦陇镇民政办副主任鲁守田收了敬老院三千元购物卡，就不去检查了。"


def told(page: Page, by: str) -> dict[str, str]:
    """A table as its reader has it."""
    rows = page.tree.xpath(f"//section[@id='by-{by}']//tbody/tr")
    return {str(row[0].text_content()): str(row[1].text_content()) for row in rows}


def seven(doors: Doors) -> list[str]:
    return [doors.report(FEES.format(at)).case_id for at in range(7)]


def test_each_number_stands_in_a_table_beside_its_bar_and_leads_to_its_cases(one_doors: Doors) -> None:
    seven(one_doors)
    one_doors.report(SEALED)
    clerk = one_doors.sign_in(DISPATCHER)
    page = clerk.get(HERE)
    assert told(page, "channel") == {"网页": "7"}
    assert told(page, "month") == {"2026年10月，还没过完": "7"}
    assert told(page, "pace") == {"在办，没超期": "7"}
    assert len(page.tree.xpath("//*[name()='svg'][@role='img']")) == len(
        page.tree.xpath("//div[@class='charts']//table")
    )
    assert not page.tree.xpath("//script[not(@src)] | //style | //*[@style]")
    (link,) = page.tree.xpath("//section[@id='by-channel']//tbody//a/@href")
    behind = clerk.get(str(link))
    assert len(behind.tree.xpath("//tbody/tr")) == 7
    assert "退费一直不退" not in behind.text


def test_fewer_than_five_are_not_told_apart(one_doors: Doors) -> None:
    seven(one_doors)
    one_doors.report("南荇镇敬老院的饭是馊的，吃了拉肚子。")
    page = one_doors.sign_in(DISPATCHER).get(HERE)
    assert told(page, "category") == {"不单列的合计": "8"}
    assert page.tree.xpath("//section[@id='by-category']//tbody//a") == []


def test_the_period_is_of_whole_months_and_what_is_odd_is_this_year(one_doors: Doors) -> None:
    seven(one_doors)
    clerk = one_doors.sign_in(DISPATCHER)
    before = clerk.get(f"{HERE}?since=2026-08&until=2026-09")
    assert "2026年8月到2026年9月" in before.text
    assert told(before, "channel") == {}
    assert "这段时间没有。" in before.text
    for odd in ("?since=2026-10-08&until=x", "?since=&until=", "?since=9999-99"):
        page = clerk.get(HERE + odd)
        assert page.status in (200, 422)
    assert told(clerk.get(f"{HERE}?since=2026-11&until=2026-01"), "channel") == {"网页": "7"}


def test_the_sheet_says_the_same_and_its_taking_stands_in_the_ledger(one_doors: Doors) -> None:
    seven(one_doors)
    clerk = one_doors.sign_in(DISPATCHER)
    (link,) = [each for each in clerk.get(HERE).links if ".xlsx" in each]
    answer = clerk.client.get(link)
    assert answer.status_code == 200
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert ["网页", 7.0] in rows
    assert any("密件不在里面" in str(row[0]) for row in rows)
    with one_doors.home.house.store.read() as session:
        taken = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == Verb.EXPORTED)).one()
    assert taken.subject == "statistics"


def test_whoever_is_kept_out_counts_without_it(one_doors: Doors) -> None:
    leader = one_doors.sign_in(LEADER)
    ids = seven(one_doors)
    for case_id in ids[:2]:
        keep_out(one_doors, case_id, LEADER.username)
    page = leader.get(HERE)
    assert told(page, "channel") == {"网页": "5"}
    (link,) = page.tree.xpath("//section[@id='by-channel']//tbody//a/@href")
    numbers = leader.get(str(link)).text
    kept = [one_doors.case(case_id).number for case_id in ids]
    assert [number in numbers for number in kept] == [False, False, *[True] * 5]
    assert told(one_doors.sign_in(SUPERVISOR).get(HERE), "channel") == {"网页": "7"}


def test_a_section_counts_its_own_and_some_posts_count_nothing(one_doors: Doors) -> None:
    seven(one_doors)
    assert told(one_doors.sign_in(HANDLER).get(HERE), "channel") == {}
    for person in (ADMINISTRATOR, AUDITOR, RECEIVER):
        clerk = one_doors.sign_in(person)
        for path in (HERE, f"{HERE}/cases?by=channel&key=web", f"{HERE}/statistics.xlsx"):
            assert clerk.get(path).status == 403, (person.name, path)
