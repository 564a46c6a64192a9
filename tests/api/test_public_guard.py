"""What every answer of the public side carries and what no request may do."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from fastapi.routing import APIRoute
from pydantic import SecretStr
from starlette.routing import BaseRoute

from api.app import create_app
from api.security import BODY_CAP
from tests.api.houses import DISPATCHER, TestHouse
from tests.api.visitors import BASE, Browser, Doors

PLACEHOLDERS = {"token": "nobody", "case_id": "nobody", "referral_id": "nobody", "key": "note", "reference": "n-n"}
STORY = "麦陇镇敬老院的饭是馊的，老人吃了拉肚子。"


def list_doors(app: object) -> list[tuple[str, str]]:
    """Every method and address of the application, whatever router it came by."""
    return sorted({(method, route.path) for route in walk(app.routes) for method in route.methods or ()})  # type: ignore[attr-defined]


def walk(routes: list[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            inner = getattr(route, "original_router", None) or getattr(route, "app", None)
            yield from walk(getattr(inner, "routes", []))


def fill(path: str) -> str:
    for name in ("delivery_id", "number", "form", *PLACEHOLDERS):
        path = path.replace(f"{{{name}}}", PLACEHOLDERS.get(name, "0"))
    return path


def test_every_answer_carries_the_headers(one_doors: Doors) -> None:
    browser = one_doors.client()
    answers = [browser.request(method, fill(path)) for method, path in list_doors(one_doors.app)]
    answers += [browser.get("/static/hotline.css"), browser.get("/no/such/page"), browser.get("/static/nothing.js")]
    assert len(answers) > 40
    for answer in answers:
        assert answer.status_code < 500, answer.url
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"


def test_pages_are_kept_by_no_cache_and_files_are(one_doors: Doors) -> None:
    browser = one_doors.client()
    assert browser.get("/").headers["cache-control"] == "no-store"
    assert browser.get("/track").headers["cache-control"] == "no-store"
    assert browser.get("/console/sign-in").headers["cache-control"] == "no-store"
    assert "max-age" in browser.get("/static/hotline.css").headers["cache-control"]


def test_a_surprise_is_a_page_under_the_same_headers_and_leaves_no_words_in_the_log(
    one_doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    @one_doors.app.get("/surprise")
    def surprise() -> None:
        raise ValueError(STORY)

    answer = one_doors.client().get("/surprise")
    assert answer.status_code == 500
    assert "没办成" in answer.text
    assert "content-security-policy" in answer.headers
    (line,) = [record for record in caplog.records if record.getMessage() == "internal"]
    assert line.__dict__["place"].startswith("test_public_guard.py:")
    assert STORY not in str([record.__dict__ for record in caplog.records])


def test_no_page_has_script_or_style_of_its_own(one_doors: Doors) -> None:
    visitor = one_doors.visitor()
    for path in ("/", "/track", "/family", "/blank", "/console/sign-in", "/no/such/page"):
        tree = visitor.get(path).tree
        assert not tree.xpath("//style | //@style | //script[not(@src)]"), path
        assert not [name for name in tree.xpath("//@*/..") for name in name.attrib if name.startswith("on")], path


@pytest.mark.parametrize("path", ["/say", "/size", "/leave", "/track", "/track/say", "/console/sign-in"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_a_post_that_another_site_made_is_refused(one_doors: Doors, path: str, headers: dict[str, str]) -> None:
    answer = one_doors.client().post(path, data={"text": STORY}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": BASE}, {}], ids=str)
def test_a_post_of_our_own_page_is_taken(one_doors: Doors, headers: dict[str, str]) -> None:
    assert one_doors.client().post("/say", data={"text": STORY}, headers=headers).status_code == 303


@pytest.mark.parametrize("path", ["/say", "/track", "/wechat", "/api/v1/reports", "/console/sign-in"])
def test_a_body_over_the_cap_is_refused_before_it_is_read(one_doors: Doors, path: str) -> None:
    answer = one_doors.client().post(path, content=b"x" * (BODY_CAP + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/say", "/track", "/console/sign-in"])
def test_a_body_that_hides_its_length_is_refused_where_it_passes_the_cap(one_doors: Doors, path: str) -> None:
    async def endless() -> object:
        for _ in range(40):
            yield b"text=" + b"x" * (BODY_CAP // 20)

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = one_doors.client().post(path, content=endless(), headers=headers)
    assert answer.status_code == 413
    assert "content-security-policy" in answer.headers


def test_the_talks_cookie_is_out_of_reach_of_script_and_of_other_sites(one_doors: Doors) -> None:
    answer = one_doors.client().post("/say", data={"text": STORY})
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=lax" in flags
    assert "secure" not in flags


def test_over_tls_every_cookie_is_marked_secure_and_browsers_stay_there(one_home: TestHouse) -> None:
    house = one_home.house
    settings = house.settings.model_copy(update={"public_url": "https://hotline.wangtong.invalid", "hsts": True})
    object.__setattr__(house, "settings", settings)
    doors = Doors(one_home)
    answer = doors.client().post("/say", data={"text": STORY})
    assert "secure" in answer.headers["set-cookie"].lower()
    assert "max-age=31536000" in answer.headers["strict-transport-security"]
    client = doors.client()
    one_home.clock.turn(seconds=30)
    form = {"username": DISPATCHER.username, "password": "mailong-tingzhu-2026", "code": one_home.code_of()}
    flags = client.post("/console/sign-in", data=form).headers["set-cookie"].lower()
    assert {"secure", "httponly", "samesite=strict", "path=/console"} <= {part.strip() for part in flags.split(";")}


def measured(home: TestHouse) -> tuple[Browser, dict[str, str]]:
    """A door of a house whose office reads its counts, and what the office sends to read them."""
    settings = home.house.settings.model_copy(update={"metrics_token": SecretStr("t0")})
    return Browser(create_app(replace(home.house, settings=settings))), {"Authorization": "Bearer t0"}


def test_metrics_name_routes_and_never_what_was_asked_for(one_home: TestHouse) -> None:
    browser, office = measured(one_home)
    browser.get("/metrics", headers=office)
    browser.get("/acknowledge/a-secret-token-of-somebody")
    browser.get("/console/cases/0123456789abcdef")
    browser.post("/track", data={"code": "1234"})
    one_home.clock.turn(seconds=3600)
    text = browser.get("/metrics", headers=office).text
    assert 'hotline_requests_total{method="GET",route="/acknowledge/{token}",status="404"} 1.0' in text
    assert 'hotline_public_requests_total{method="POST",route="/track",status="422"} 1.0' in text
    assert "a-secret-token" not in text
    assert "0123456789abcdef" not in text


def test_when_staff_work_is_nobody_elses_business(one_home: TestHouse) -> None:
    browser, office = measured(one_home)
    browser.get("/console/sealed")
    browser.get("/api/v1/referrals")
    seen = browser.get("/metrics").text
    assert "/console" not in seen
    assert "/api/" not in seen
    assert "/console" not in browser.get("/metrics", headers={"Authorization": "Bearer t1"}).text
    assert "/console" in browser.get("/metrics", headers=office).text


def test_when_somebody_reports_is_nobodys_business(one_home: TestHouse) -> None:
    browser, office = measured(one_home)
    asked = [{}, office]
    before = [browser.get("/metrics", headers=headers).text for headers in asked]
    for path in ("/say", "/track", "/track/say"):
        browser.post(path, data={"text": STORY, "code": "1234"})
    one_home.clock.turn(seconds=3599)
    assert "route" not in browser.get("/metrics").text
    assert [browser.get("/metrics", headers=headers).text for headers in asked] == before
    one_home.clock.turn(seconds=1)
    assert 'route="/say"' in browser.get("/metrics", headers=office).text
    assert browser.get("/metrics").text == before[0]
    one_home.clock.turn(seconds=23 * 3600)
    told = browser.get("/metrics").text
    assert told != before[0]
    assert "route" not in told


def test_a_page_that_is_not_there_is_told_in_chinese(one_doors: Doors) -> None:
    page = one_doors.visitor().get("/no/such/page")
    assert page.status == 404
    assert "没有这一页" in page.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_method_nobody_offers_is_refused(one_doors: Doors, method: str) -> None:
    answer = one_doors.client().request(method, "/track")
    assert answer.status_code == 405


def test_requests_are_logged_by_route_alone(one_doors: Doors, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    one_doors.client().get("/acknowledge/a-secret-token-of-somebody?why=because")
    (line,) = [record for record in caplog.records if record.getMessage() == "request"]
    assert line.__dict__["route"] == "/acknowledge/{token}"
    assert "a-secret-token" not in str(line.__dict__)


def test_a_house_without_wechat_has_no_such_door(one_home: TestHouse) -> None:
    object.__setattr__(one_home.house, "wechat", None)
    browser = Browser(create_app(one_home.house))
    answers: list[httpx.Response] = [browser.get("/wechat"), browser.post("/wechat", content=b"<xml/>")]
    assert [answer.status_code for answer in answers] == [404, 404]
