"""The call desk in a real browser: help while he types, the code at the end, and no word lost on the way."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.houses import OPERATOR, SUPERVISOR
from tests.infrastructure.chromium import Complaints, list_barriers
from tests.infrastructure.databases import Databases
from tests.journeys.town import Town, a_town, find_code, look_up

pytestmark = pytest.mark.browser

FOOD = "南荇镇敬老院的饭是馊的，老人吃了拉肚子。"
FIRE = "着火了，芦渚镇中心敬老院二楼全是烟，老人出不来！"
WIDTHS = (360, 768, 1366)


@pytest.fixture(scope="module")
def one_town(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with databases.fresh("sqlite") as url, a_town(url, tmp_path_factory.mktemp("town")) as opened:
        yield opened


@pytest.fixture(scope="module")
def signed(one_town: Town, browser: Browser) -> list[Any]:
    """The cookies of an operator's sign-in: one for the whole file, because a second-factor code is taken once."""
    context = browser.new_context()
    one_town.sign_in(context.new_page(), OPERATOR)
    cookies = context.cookies()
    context.close()
    return list(cookies)


@pytest.fixture
def desk(one_town: Town, page: Page, signed: list[Any]) -> Page:
    """An operator's empty form."""
    page.set_viewport_size({"width": 1366, "height": 900})
    page.context.add_cookies(signed)
    page.goto(f"{one_town.url}/console/call")
    return page


def test_a_call_is_heard_read_back_filed_and_found_again_by_its_code(one_town: Town, desk: Page) -> None:
    desk.fill("#story", FOOD)
    side = desk.locator("[data-side]")
    expect(side).to_contain_text("食品安全")
    expect(desk.locator("[data-question=going_on]")).to_be_visible()
    expect(desk.locator("[data-question=how_known]")).to_be_hidden()
    desk.fill("#place", "后厨")
    desk.get_by_label("他同意我们打电话找他").check()
    desk.fill("#phone", "154 1234 5678")
    expect(side).to_contain_text("怎么找您：15412345678")
    desk.get_by_role("button", name="登记，出查询码").click()
    expect(desk.get_by_role("heading", name="登记好了")).to_be_visible()
    code = find_code(desk.locator("#code").inner_text())
    assert "收到您的话" in look_up(desk, one_town, code)
    desk.goto(f"{one_town.url}/console/call")
    expect(desk.locator("#story")).to_have_value("")


def test_a_word_of_danger_brings_the_number_at_once_and_pages_keep_nobody_out(one_town: Town, desk: Page) -> None:
    found = {"empty": list_barriers(desk)}
    desk.fill("#story", FIRE)
    expect(desk.locator("[data-danger]")).to_contain_text("119")
    found["danger"] = list_barriers(desk)
    for width in WIDTHS:
        desk.set_viewport_size({"width": width, "height": 900})
        assert desk.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    desk.get_by_role("button", name="登记，出查询码").click()
    expect(desk.locator("#code")).to_be_visible()
    found["filed"] = list_barriers(desk)
    assert found == {name: [] for name in found}


def test_a_lost_sign_in_loses_no_word_and_a_colleague_does_not_get_them(
    one_town: Town, desk: Page, signed: list[Any]
) -> None:
    desk.fill("#story", FOOD)
    desk.get_by_label("来访").check()
    expect(desk.locator("[data-side]")).to_contain_text("食品安全")
    desk.context.clear_cookies()
    desk.fill("#when", "上个月")
    expect(desk.locator("[data-lost]")).to_be_visible()
    assert "馊" not in str(desk.evaluate("JSON.stringify(sessionStorage)"))
    desk.context.add_cookies(signed)
    desk.goto(f"{one_town.url}/console/call")
    expect(desk.locator("#story")).to_have_value(FOOD)
    expect(desk.locator("#when")).to_have_value("上个月")
    expect(desk.get_by_label("来访")).to_be_checked()
    desk.context.clear_cookies()
    one_town.sign_in(desk, SUPERVISOR)
    desk.goto(f"{one_town.url}/console/call")
    expect(desk.locator("[data-side]")).to_contain_text("写几个字")
    expect(desk.locator("#story")).to_have_value("")


def test_without_script_a_button_does_the_same(
    one_town: Town, signed: list[Any], browser: Browser, complaints: Complaints
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    complaints.watch(context)
    context.add_cookies(signed)
    page = context.new_page()
    page.goto(f"{one_town.url}/console/call")
    page.fill("#story", FOOD)
    page.get_by_role("button", name="看研判").click()
    expect(page.locator("[data-side]")).to_contain_text("食品安全")
    expect(page.locator("#story")).to_have_value(FOOD)
    page.get_by_role("button", name="登记，出查询码").click()
    expect(page.locator("#code")).to_be_visible()
    context.close()
