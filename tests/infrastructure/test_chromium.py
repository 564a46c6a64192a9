import pytest

from tests.infrastructure.chromium import list_barriers
from tests.infrastructure.vendor import Answer

pytestmark = pytest.mark.browser
HTML = {"Content-Type": "text/html; charset=utf-8"}


def test_the_browser_shows_a_page_of_this_machine(page, cloud):
    cloud.answer("/", Answer("<title>清风热线</title><h1>您好</h1>".encode(), headers=HTML))
    page.goto(cloud.url)
    assert page.title() == "清风热线"
    assert page.get_by_role("heading", name="您好").is_visible()


def test_it_notices_a_script_that_throws(page, cloud, complaints):
    cloud.answer("/", Answer(b"<script>throw new Error('broken')</script>", headers=HTML))
    page.goto(cloud.url)
    assert "broken" in complaints.found.pop()


def test_it_notices_a_page_that_asks_another_machine(page, cloud, complaints):
    cloud.answer("/", Answer(b"<img src='http://elsewhere.invalid/pixel.gif'>", headers=HTML))
    page.goto(cloud.url)
    assert "elsewhere.invalid" in complaints.found.pop()


def test_it_notices_a_page_that_breaks_its_own_policy(page, cloud, complaints):
    headers = {**HTML, "Content-Security-Policy": "default-src 'self'"}
    cloud.answer("/", Answer(b"<p style='color:red'>x</p>", headers=headers))
    page.goto(cloud.url)
    assert "Content Security Policy" in complaints.found.pop()


def test_it_finds_what_keeps_a_reader_out_under_a_strict_policy(page, cloud):
    headers = {**HTML, "Content-Security-Policy": "default-src 'none'"}
    good = "<!doctype html><html lang='zh'><title>清风</title><main><h1>您好</h1></main>"
    cloud.answer("/good", Answer(good.encode(), headers=headers))
    cloud.answer("/bad", Answer(f"{good}<button></button>".encode(), headers=headers))
    page.goto(f"{cloud.url}/good")
    assert list_barriers(page) == []
    page.goto(f"{cloud.url}/bad")
    assert [line.partition(":")[0] for line in list_barriers(page)] == ["button-name"]
