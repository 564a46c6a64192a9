"""The page as a phone keeps it: light, readable, by keyboard and aloud, installable, and without a word of a talk."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.infrastructure.chromium import Complaints, list_barriers
from tests.infrastructure.databases import Databases
from tests.journeys.town import Town, a_town, tell_in_the_web_chat

pytestmark = pytest.mark.browser

FOOD = "南荇镇敬老院的饭是馊的，吃了拉肚子。"
LIGHT_LOAD = 100_000
KEPT = {"/static/offline.html", "/static/hotline.css", "/static/mark.svg"}
LIST_KEPT = """async () => {
    const found = [];
    for (const name of await caches.keys())
        for (const asked of await (await caches.open(name)).keys()) found.push(new URL(asked.url).pathname);
    return found;
}"""
STRONG = {"runOnly": {"type": "rule", "values": ["color-contrast-enhanced"]}}
MEASURE_LINES = """() => [...document.querySelectorAll('.heard, .said, #question, .side li')]
    .filter(e => parseFloat(getComputedStyle(e).lineHeight) / parseFloat(getComputedStyle(e).fontSize) < 1.3)
    .map(e => e.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def one_town(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town on SQLite."""
    with databases.fresh("sqlite") as url, a_town(url, tmp_path_factory.mktemp("town")) as opened:
        yield opened


def ask_something(page: Page, town: Town) -> None:
    """A story told, so that both sides' words stand on the page with a question and its choices."""
    page.goto(f"{town.url}/")
    page.fill("#text", FOOD)
    page.get_by_role("button", name="说好了").click()
    page.wait_for_load_state()


def test_the_first_load_is_light(one_town: Town, page: Page) -> None:
    weights: dict[str, int] = {}
    page.on("requestfinished", lambda request: weights.update({request.url: request.sizes()["responseBodySize"]}))
    page.goto(f"{one_town.url}/", wait_until="networkidle")
    assert sum(weights.values()) < LIGHT_LOAD, weights
    assert len(weights) <= 8


def test_it_can_be_installed(one_town: Town, page: Page) -> None:
    page.goto(f"{one_town.url}/")
    address = page.locator("link[rel=manifest]").get_attribute("href")
    manifest = page.evaluate("address => fetch(address).then(answer => answer.json())", address)
    assert (manifest["start_url"], manifest["display"]) == ("/", "minimal-ui")
    sizes = page.evaluate(
        """addresses => Promise.all(addresses.map(address => new Promise(done => {
            const picture = new Image();
            picture.onload = () => done(picture.naturalWidth);
            picture.src = address; })))""",
        [icon["src"] for icon in manifest["icons"] if icon["type"] == "image/png"],
    )
    assert sizes == [192, 512]


def test_without_a_net_the_page_gives_the_numbers_and_nothing_of_the_talk_was_kept(
    one_town: Town, context: BrowserContext, page: Page
) -> None:
    page.goto(f"{one_town.url}/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    tell_in_the_web_chat(page, one_town, FOOD)
    page.goto(f"{one_town.url}/track")
    assert set(page.evaluate(LIST_KEPT)) <= KEPT
    context.set_offline(True)
    page.goto(f"{one_town.url}/")
    expect(page.get_by_role("heading", name="现在没有网")).to_be_visible()
    assert page.locator("a[href^='tel:']").count() == 3
    assert list_barriers(page) == []
    context.set_offline(False)


def test_it_reads_aloud_where_the_browser_can_and_hides_the_button_where_it_cannot(one_town: Town, page: Page) -> None:
    page.add_init_script("window.spoken = []; speechSynthesis.speak = said => window.spoken.push(said.text);")
    ask_something(page, one_town)
    page.get_by_role("button", name="念", exact=True).click()
    assert "怎么告诉您" in page.evaluate("window.spoken[0]")


def test_where_the_browser_cannot_speak_there_is_no_such_button(one_town: Town, page: Page) -> None:
    page.add_init_script("Object.defineProperty(window, 'speechSynthesis', { value: undefined });")
    ask_something(page, one_town)
    expect(page.locator("[data-read]").first).to_be_hidden()


def test_the_keyboard_goes_from_the_question_to_its_choices_to_the_box(one_town: Town, page: Page) -> None:
    ask_something(page, one_town)
    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.id || document.activeElement.innerText.trim()"))
        if stops[-1] == "text":
            break
    assert stops[0] == "跳到正文"
    choices = [number for number, stop in enumerate(stops) if "留" in stop]
    assert choices
    assert max(choices) < stops.index("text")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_said_stands_out_strongly_in_either_light(
    one_town: Town, browser: Browser, complaints: Complaints, scheme: str
) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light", locale="zh-CN")
    complaints.watch(context)
    page = context.new_page()
    ask_something(page, one_town)
    assert list_barriers(page) == []
    found = Axe().run(page, context="#talk", options=STRONG).response["violations"]
    assert [node["html"][:120] for rule in found for node in rule["nodes"]] == []
    assert page.evaluate(MEASURE_LINES) == []
    context.close()


@pytest.mark.parametrize("width", [360, 768, 1366])
def test_the_largest_print_still_fits_the_page(one_town: Town, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    ask_something(page, one_town)
    for size in ("大字", "再大"):
        page.get_by_role("button", name=size).click()
        page.wait_for_load_state()
    grown = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.heard')).fontSize)")
    assert grown >= 28
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
