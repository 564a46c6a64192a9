"""Signing in and staying signed in: what was wrong is never said, a code is taken once, no cookie acts by itself."""

import pyotp
import pytest

from tests.api.houses import AUDITOR, CLUE, DISPATCHER, HANDLER, PASSWORD, SEED
from tests.api.test_public_guard import fill, list_doors
from tests.api.visitors import Clerk, Doors, Page

SIGN_IN = "/console/sign-in"
STORY = "麦陇镇敬老院的饭是馊的，老人吃了拉肚子。"


def try_to_sign_in(doors: Doors, **wrong: str) -> Page:
    form = {"username": DISPATCHER.username, "password": PASSWORD, "code": doors.home.code_of()}
    return doors.visitor().post(SIGN_IN, form | wrong)


def console_doors(doors: Doors) -> list[tuple[str, str]]:
    """Every door of the console but the sign-in's own."""
    return [(method, path) for method, path in list_doors(doors.app) if path.startswith("/console") and path != SIGN_IN]


def test_the_right_three_open_the_first_desk(doors: Doors) -> None:
    clerk = doors.sign_in(DISPATCHER)
    page = clerk.get("/console/")
    assert page.status == 200
    assert "周建禾 · 派单员" in page.text


def test_which_half_was_wrong_is_never_said(one_doors: Doors) -> None:
    pages = [
        try_to_sign_in(one_doors, username="nobody"),
        try_to_sign_in(one_doors, password="not-the-password-at-all"),
        try_to_sign_in(one_doors, code="000000"),
        try_to_sign_in(one_doors, username="", password="", code=""),
    ]
    assert {page.status for page in pages} == {422}
    assert {page.error_at("sign") for page in pages} == {"用户名、密码或动态码不对。请再输一次。"}
    assert pages[1].value_of("username") == DISPATCHER.username
    assert not pages[1].value_of("password")


def test_the_fourth_failure_has_to_wait_and_the_right_words_too(one_doors: Doors) -> None:
    for _ in range(3):
        assert "请再输一次" in try_to_sign_in(one_doors, password="wrong").text
    assert "以后再试" in try_to_sign_in(one_doors, password="wrong").text
    assert "以后再试" in try_to_sign_in(one_doors).text
    one_doors.home.clock.turn(minutes=3)
    assert try_to_sign_in(one_doors).path == "/console/"


def test_a_strangers_guesses_do_not_use_up_the_turn_of_a_known_browser(one_doors: Doors) -> None:
    owner = one_doors.sign_in(DISPATCHER)
    one_doors.home.clock.turn(seconds=30)
    for _ in range(6):
        try_to_sign_in(one_doors, password="wrong")
    form = {"username": DISPATCHER.username, "password": PASSWORD, "code": one_doors.home.code_of()}
    assert "以后再试" in try_to_sign_in(one_doors).text
    assert owner.post(SIGN_IN, form).path == "/console/"


def test_a_known_browser_is_known_for_its_user_alone_and_its_guesses_wait_too(one_doors: Doors) -> None:
    owner = one_doors.sign_in(DISPATCHER)
    one_doors.home.clock.turn(seconds=30)
    for _ in range(6):
        try_to_sign_in(one_doors, username=HANDLER.username, password="wrong")
    form = {"username": HANDLER.username, "password": PASSWORD, "code": one_doors.home.code_of()}
    assert "以后再试" in owner.post(SIGN_IN, form).text
    pages = [owner.post(SIGN_IN, form | {"username": DISPATCHER.username, "password": "wrong"}) for _ in range(5)]
    assert "以后再试" in pages[-1].text


def test_a_code_is_taken_once(doors: Doors) -> None:
    doors.sign_in(DISPATCHER)
    assert try_to_sign_in(doors).status == 422
    doors.home.clock.turn(seconds=30)
    assert try_to_sign_in(doors).path == "/console/"


def test_an_old_code_is_not_taken(one_doors: Doors) -> None:
    clock = one_doors.home.clock
    old = pyotp.TOTP(SEED).at(clock.at)
    clock.turn(minutes=2)
    assert try_to_sign_in(one_doors, code=old).status == 422


def test_fifteen_idle_minutes_lock_the_desk(doors: Doors) -> None:
    clerk = doors.sign_in(DISPATCHER)
    doors.home.clock.turn(minutes=14)
    assert clerk.get("/console/").path == "/console/"
    doors.home.clock.turn(minutes=14)
    assert clerk.get("/console/").path == "/console/"
    doors.home.clock.turn(minutes=15)
    assert clerk.get("/console/").path == SIGN_IN


def test_after_twelve_hours_everybody_signs_in_anew(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(DISPATCHER)
    for _ in range(73):
        one_doors.home.clock.turn(minutes=10)
        page = clerk.get("/console/")
    assert page.path == SIGN_IN


def test_signing_out_ends_it_for_every_copy_of_the_cookie(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(DISPATCHER)
    copy = Clerk(one_doors.client(), DISPATCHER, one_doors.home)
    copy.client.cookies.update(clerk.client.cookies)
    assert copy.get("/console/").path == "/console/"
    assert clerk.act("/console/sign-out").path == SIGN_IN
    assert "staff" not in clerk.client.cookies
    assert copy.get("/console/").path == SIGN_IN


def test_who_is_sent_to_the_sign_in_comes_back_to_his_page(one_doors: Doors) -> None:
    clerk = Clerk(one_doors.client(), DISPATCHER, one_doors.home)
    page = clerk.get("/console/?queue=overdue")
    assert page.path == SIGN_IN
    form = page.form(SIGN_IN) | {
        "username": DISPATCHER.username,
        "password": PASSWORD,
        "code": one_doors.home.code_of(),
    }
    assert str(clerk.post(SIGN_IN, form).response.url).endswith("/console/?queue=overdue")


@pytest.mark.parametrize(
    "to", ["https://elsewhere.example/", "//elsewhere.example/", "/console//elsewhere.example", "/"]
)
def test_the_sign_in_leads_nowhere_outside_the_console(one_doors: Doors, to: str) -> None:
    form = {"username": DISPATCHER.username, "password": PASSWORD, "code": one_doors.home.code_of(), "to": to}
    answer = one_doors.client().post(SIGN_IN, data=form)
    assert answer.headers["location"] == "/console/"


def test_no_door_of_the_console_opens_to_a_stranger(one_doors: Doors) -> None:
    filed = one_doors.report(STORY)
    browser = one_doors.client()
    doors = console_doors(one_doors)
    assert len(doors) > 12
    for method, path in doors:
        answer = browser.request(method, fill(path).replace("nobody", filed.case_id))
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith(SIGN_IN), path
        assert "敬老院" not in answer.text


def test_a_made_up_cookie_opens_nothing(one_doors: Doors) -> None:
    browser = one_doors.client()
    for value in ("", "x", "0" * 43, "' OR 1=1 --", "清风"):
        answer = browser.get("/console/", headers={"Cookie": f"staff={value}".encode()})
        assert answer.status_code == 303


def test_no_button_works_without_the_sign_ins_own_token(one_doors: Doors) -> None:
    filed = one_doors.report(STORY)
    clerk, other = one_doors.sign_in(DISPATCHER), one_doors.sign_in(HANDLER)
    posts = [
        fill(path).replace("nobody", filed.case_id) for method, path in console_doors(one_doors) if method == "POST"
    ]
    assert len(posts) > 6
    for path in posts:
        for token in ("", "guess", other.csrf):
            answer = clerk.client.post(path, data={"csrf": token, "text": "一句话"})
            assert answer.status_code == 403, path
    assert clerk.get("/console/").path == "/console/"
    assert "一句话" not in clerk.get(f"/console/cases/{filed.case_id}").text


def test_the_token_may_come_in_a_header(one_doors: Doors) -> None:
    filed = one_doors.report(STORY)
    clerk = one_doors.sign_in(DISPATCHER)
    path = f"/console/cases/{filed.case_id}/note"
    answer = clerk.client.post(path, data={"text": "一句话"}, headers={"X-CSRF-Token": clerk.csrf})
    assert answer.status_code == 303


def test_an_officer_sees_only_the_tabs_of_his_roles(one_doors: Doors) -> None:
    tabs = {}
    for person in (CLUE, DISPATCHER, HANDLER, AUDITOR):
        words = one_doors.sign_in(person).get("/console/").tree.xpath("//nav[@aria-label='各台']//a/text()")
        tabs[person.username] = [str(word).strip() for word in words]
    assert tabs == {
        "shen": ["办件", "移送", "统计", "密件", "词库", "到期", "钥匙"],
        "zhou": ["办件", "登记", "移送", "转人工", "统计", "词库", "海报"],
        "tao": ["办件", "移送", "统计"],
        "ye": ["办件", "台账"],
    }
