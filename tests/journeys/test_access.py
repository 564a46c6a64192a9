"""Nobody is kept out: large targets and words, no sideways scroll, nothing for axe-core to find, and without script."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.houses import DISPATCHER
from tests.infrastructure.chromium import Complaints, list_barriers
from tests.infrastructure.databases import Databases
from tests.journeys.town import Town, a_town, look_up, tell_in_the_web_chat

pytestmark = pytest.mark.browser

FIRE = "芦渚镇中心敬老院后门拿铁链子锁着，灭火器都过期两年了，没人管。"
FOOD = "南荇镇敬老院的饭是馊的，吃了拉肚子。"
DANGER = "着火了，三楼全是烟！"
LEAST_TARGET, LEAST_WORDS = 59.5, 18
MEASURE = """([target, words]) => {
    const box = e => e.getBoundingClientRect();
    const style = e => getComputedStyle(e);
    const met = e => box(e).width > 1 && box(e).height > 1 && !e.closest('.unseen');
    const inText = e => e.tagName === 'A' && style(e).display === 'inline';
    const name = e => e.outerHTML.slice(0, 90);
    const all = list => [...document.querySelectorAll(list)].filter(met);
    return {
        tight: all('main a, main button, main input:not([type=hidden]), main textarea, header button')
            .filter(e => !inText(e) && box(e.closest('label') || e).height < target).map(name),
        small: all('main p, main li, main label, main dd, main h1, main h2, main button')
            .filter(e => parseFloat(style(e).fontSize) < words).map(e => style(e).fontSize + ' ' + name(e)),
        sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    };
}"""

WIDTHS = (360, 768, 1366)
PUBLIC = ("/", "/track", "/family", "/blank", "/no/such/page")


@pytest.fixture(scope="module")
def one_town(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town on SQLite with one report told, for pages that are looked at."""
    folder = tmp_path_factory.mktemp("town")
    with databases.fresh("sqlite") as url, a_town(url, folder) as opened:
        yield opened


def measure(page: Page) -> Any:
    """What a hand and an eye meet: targets that are too small, words that are too small, a page that is too wide."""
    return page.evaluate(MEASURE, [LEAST_TARGET, LEAST_WORDS])


def tell_and_stay(page: Page, town: Town, stage: str) -> None:
    """Bring the web chat to a stage of the talk."""
    page.goto(f"{town.url}/")
    page.fill("#text", DANGER if stage == "danger" else FOOD)
    page.get_by_role("button", name="说好了").click()
    if stage in ("confirming", "filed"):
        page.get_by_role("button", name="不留名").click()
    if stage == "filed":
        page.get_by_role("button", name="对，就这样").click()
    page.wait_for_load_state()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("place", [*PUBLIC, "asking", "confirming", "filed", "danger", "tracked"])
def test_a_public_page_keeps_nobody_out(one_town: Town, page: Page, place: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    if place.startswith("/"):
        page.goto(f"{one_town.url}{place}")
    elif place == "tracked":
        look_up(page, one_town, tell_in_the_web_chat(page, one_town, FIRE))
        page.set_viewport_size({"width": width, "height": 800})
    else:
        tell_and_stay(page, one_town, place)
    assert list_barriers(page) == []
    assert measure(page) == {"tight": [], "small": [], "sideways": 0}


def test_the_whole_story_is_told_with_javascript_switched_off(
    one_town: Town, browser: Browser, complaints: Complaints
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    complaints.watch(context)
    page = context.new_page()
    code = tell_in_the_web_chat(page, one_town, "鹭汀颐养中心夜里没有人值班，老人按铃没人来。")
    assert "收到您的话" in look_up(page, one_town, code)
    page.fill("#text", "昨天夜里又是这样")
    page.get_by_role("button", name="发给他").click()
    expect(page.get_by_text("收到了，办事的人看得到。")).to_be_visible()
    context.close()


def test_the_consoles_pages_keep_nobody_out(one_town: Town, page: Page) -> None:
    page.set_viewport_size({"width": 1366, "height": 900})
    one_town.vendor.say("oThirdElder", "着火了，芦渚镇中心敬老院二楼冒烟！")
    page.goto(f"{one_town.url}/console/sign-in")
    found = {"sign-in": list_barriers(page)}
    one_town.sign_in(page, DISPATCHER)
    found["queue"] = list_barriers(page)
    page.locator("td.c-words a").first.click()
    page.wait_for_url("**/console/cases/*")
    found["case"] = list_barriers(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert sideways == 0, width
    page.goto(f"{one_town.url}/console/referrals")
    found["referrals"] = list_barriers(page)
    assert found == {name: [] for name in found}
