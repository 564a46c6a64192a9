"""The pages of officers, accounts and keys keep nobody out: nothing for axe-core to find, no sideways scroll."""

from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Page

from casework.officers import get_officer_by_username
from casework.staffing import Placement, employ_officer
from tests.api.houses import ADMINISTRATOR, AUDITOR, CLUE, LEADER, Person
from tests.infrastructure.chromium import list_barriers
from tests.infrastructure.databases import Databases
from tests.journeys.town import Town, a_town

pytestmark = pytest.mark.browser

OWN = "shan-qian-shan-hou-88"
WIDTHS = (360, 768, 1366)
PAGES = (
    (ADMINISTRATOR, ("/console/officers", "/console/officers/new")),
    (CLUE, ("/console/account", "/console/account/words", "/console/account/key", "/console/ring")),
    (LEADER, ("/console/ring/recovery",)),
    (AUDITOR, ("/console/ledger", "/console/ledger/security")),
)


@pytest.fixture(scope="module")
def staffed_town(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town on SQLite, for pages that are looked at."""
    folder = tmp_path_factory.mktemp("staffed")
    with databases.fresh("sqlite") as url, a_town(url, folder) as opened:
        yield opened


@pytest.mark.parametrize(("person", "paths"), PAGES, ids=lambda each: getattr(each, "username", ""))
def test_a_page_of_the_staff_keeps_nobody_out(
    staffed_town: Town, page: Page, person: Person, paths: tuple[str, ...]
) -> None:
    staffed_town.sign_in(page, person)
    for path in paths:
        page.set_viewport_size({"width": 1366, "height": 900})
        page.goto(f"{staffed_town.url}{path}")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert list_barriers(page) == [], (path, scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert sideways == 0, (path, width)


def test_a_newcomer_finds_his_way_in_by_the_keyboard_alone(staffed_town: Town, page: Page) -> None:
    house = staffed_town.house
    with house.store.write() as session:
        admin = get_officer_by_username(session, ADMINISTRATOR.username)
        assert admin is not None
        placement = Placement("宋砚", "科员", "hotline", ("dispatcher",))
        _, initial = employ_officer(session, "songyan", placement, by=admin, now=house.now())
    page.goto(f"{staffed_town.url}/console/sign-in")
    page.locator("#username:focus").wait_for()
    page.keyboard.type("songyan")
    page.keyboard.press("Tab")
    page.keyboard.type(initial)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/first")
    assert list_barriers(page) == []
    picture = page.locator(".code-picture svg").bounding_box()
    assert picture is not None
    assert picture["width"] > 150
    secret = page.inner_text(".fingerprint").replace(" ", "")
    page.locator("#password").focus()
    for typed in (OWN, OWN, pyotp.TOTP(secret).at(house.now())):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/account?done=enrolled")
