"""Words, look-alikes and counts over the sealed cases that one officer opens; nothing of it is kept anywhere."""

from sqlalchemy import func, select, text

from casework.models.cases import DuplicateHint
from casework.models.ledger import LedgerEntry
from tests.api.houses import CLUE, DISPATCHER, OTHER_CLUE
from tests.api.visitors import Clerk, Doors, Page

LOOK = "/console/sealed/look"
CARD = "麦陇镇民政办副主任鲁守田收了麦陇镇敬老院院长三千元购物卡，就不去检查了。"
AGAIN = "麦陇镇民政办副主任鲁守田收了麦陇镇敬老院三千元的购物卡，检查就不去了。"
LAND = "养老服务科科长廖培元让他小舅子包了敬老院的锅炉改造，一分钱没招标，好处费八万。"
OPEN = "芦渚镇中心敬老院的购物卡柜台没人。"


def look(doors: Doors, words: str = "") -> tuple[Clerk, Page]:
    clerk = doors.sign_in(CLUE)
    clerk.unlock()
    return clerk, clerk.act(LOOK, {"text": words}) if words else clerk.get(LOOK)


def told(page: Page, by: str) -> dict[str, str]:
    rows = page.tree.xpath(f"//section[@id='by-sealed-{by}']//tbody/tr")
    return {str(row[0].text_content()): str(row[1].text_content()) for row in rows}


def test_words_are_found_in_sealed_cases_alone(one_doors: Doors) -> None:
    one_doors.report(CARD)
    one_doors.report(LAND)
    one_doors.report(OPEN)
    _, page = look(one_doors, "购物卡 鲁守田")
    assert "找到1件" in page.text
    found = page.tree.xpath("//div[@id='found']")[0]
    assert "购物卡" in found.xpath(".//mark")[0].text_content()
    assert "购物卡" not in page.path
    _, none = look(one_doors, "没有人说过的话")
    assert "找到0件" in none.text


def test_look_alikes_are_shown_and_no_hint_is_kept(one_doors: Doors) -> None:
    for each in (CARD, AGAIN, LAND):
        one_doors.report(each)
    _, page = look(one_doors)
    alike = page.tree.xpath("//section[@id='alike']")[0].text_content()
    assert "像 " in alike
    assert "锅炉" not in alike
    with one_doors.home.house.store.read() as session:
        assert session.scalar(select(func.count()).select_from(DuplicateHint)) == 0


def test_what_was_opened_is_counted_and_each_reading_stands_in_the_ledger(one_doors: Doors) -> None:
    for each in (CARD, LAND):
        one_doors.report(each)
    clerk = one_doors.sign_in(CLUE)
    clerk.unlock()
    before = count_reads(one_doors)
    page = clerk.get(LOOK)
    assert told(page, "month") == {"2026年10月": "2"}
    assert told(page, "channel") == {"网页": "2"}
    assert "把您打得开的密件逐件打开了一遍" in page.text
    assert count_reads(one_doors) == before + 2


def count_reads(doors: Doors) -> int:
    with doors.home.house.store.read() as session:
        return session.scalar(select(func.count()).where(LedgerEntry.verb == "read")) or 0


def test_one_without_the_key_to_a_case_never_has_it_among_these(one_doors: Doors) -> None:
    filed = one_doors.report(CARD)
    with one_doors.home.house.store.write() as session:
        other = session.execute(text("SELECT id FROM officer WHERE username = 'he'")).scalar_one()
        for table in ("case_key", "allowance"):
            session.execute(
                text(f"DELETE FROM {table} WHERE case_id = :case AND officer_id = :other"),
                {"case": filed.case_id, "other": other},
            )
    clerk = one_doors.sign_in(OTHER_CLUE)
    clerk.unlock()
    page = clerk.act(LOOK, {"text": "购物卡"})
    assert "找到0件" in page.text
    assert told(page, "month") == {}
    assert "0件" in page.text


def test_it_is_locked_with_the_room_and_shut_to_others(one_doors: Doors) -> None:
    one_doors.report(CARD)
    assert one_doors.sign_in(CLUE).get(LOOK).path == "/console/sealed"
    clerk = one_doors.sign_in(DISPATCHER)
    assert clerk.get(LOOK).status == 403
    assert clerk.act(LOOK, {"text": "购物卡"}).status == 403


def test_too_many_words_are_refused_at_the_field_and_stay(one_doors: Doors) -> None:
    _, page = look(one_doors, "字" * 61)
    assert page.status == 422
    assert page.error_at("look-text") == "太长了，请写短一些。"
    assert page.value_of("look-text") == "字" * 61
