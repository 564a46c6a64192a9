"""The main job on real parts: told in the web chat and by WeChat, triaged, referred, acknowledged, seen by its code."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.api.houses import CLUE, DISPATCHER, LEADER, OTHER_CLUE
from tests.infrastructure.chromium import Complaints
from tests.infrastructure.mail import MailSink
from tests.journeys.town import Town, a_town, find_code, look_up, tell_in_the_web_chat

pytestmark = pytest.mark.browser

FIRE = "芦渚镇中心敬老院后门拿铁链子锁着，灭火器都过期两年了，没人管。"
CLUE_STORY = "副局长阮承岳收了麦陇镇敬老院院长三千元购物卡，就不去检查了。"
LINK = re.compile(r"http://127\.0\.0\.1:\d+/acknowledge/[\w-]+")


@pytest.fixture
def town(database_url: str, tmp_path: Path, mail_sink: MailSink) -> Iterator[Town]:
    with a_town(database_url, tmp_path, smtp_url=mail_sink.url) as opened:
        yield opened


@pytest.fixture
def desks(browser: Browser, complaints: Complaints) -> Iterator[list[BrowserContext]]:
    """Browser profiles of officers; all closed at the end."""
    made: list[BrowserContext] = []
    yield made
    for each in made:
        each.close()


def a_desk(town: Town, browser: Browser, complaints: Complaints, desks: list[BrowserContext], who: object) -> Page:
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1366, "height": 900})
    context.set_default_timeout(20_000)
    complaints.watch(context)
    desks.append(context)
    page = context.new_page()
    town.sign_in(page, who)  # type: ignore[arg-type]
    return page


def tell_by_wechat(town: Town, sender: str, story: str) -> str:
    """The same on a phone: what the elder taps there comes as its number."""
    for said in (story, "1", "1"):
        reply = town.vendor.say(sender, said)
    return find_code(reply)


def refer_to_fire(page: Page, town: Town) -> str:
    """The dispatcher reads the case and drafts the letter; gives the letter's address."""
    page.goto(f"{town.url}/console/?queue=to_dispatch")
    page.locator("a", has_text="铁链子").first.click()
    expect(page.locator("blockquote mark").first).to_be_visible()
    page.locator("summary", has_text="移送").click()
    page.select_option("#refer-body", "fire")
    page.locator("form[action$='/refer'] button").click()
    page.wait_for_url("**/console/referrals/*")
    expect(page.get_by_text("等领导签发")).to_be_visible()
    expect(page.locator("img.page-image").first).to_be_visible()
    return page.url.split("?")[0]


def issue(page: Page, letter: str, number: str) -> None:
    page.goto(letter)
    page.locator("summary", has_text="签发").click()
    page.fill("#number", number)
    page.get_by_role("button", name="签发，送出").click()
    expect(page.get_by_role("status")).to_contain_text("签发了")


def acknowledge(page: Page, link: str) -> None:
    """The fire brigade: the letter's link, a choice, a name, a press."""
    page.goto(link)
    page.get_by_role("radio", name="受理").check()
    page.fill("#receiver", "柏铁山")
    page.get_by_role("button", name="确认收到").click()
    expect(page.get_by_text("回执已经收到")).to_be_visible()


def read_letter(mail_sink: MailSink) -> tuple[str, dict[str, bytes]]:
    """The one letter in the sink: its text and what is attached, by kind."""
    (mail,) = mail_sink.wait_for(1)
    body = mail.message.get_body(("plain",))
    assert body is not None
    attached = {part.get_content_type(): part.get_payload(decode=True) for part in mail.message.iter_attachments()}
    return body.get_content(), attached  # type: ignore[return-value]


@pytest.mark.slow
def test_a_report_becomes_a_referral_that_comes_back_acknowledged(
    town: Town,
    page: Page,
    browser: Browser,
    complaints: Complaints,
    desks: list[BrowserContext],
    mail_sink: MailSink,
) -> None:
    code = tell_in_the_web_chat(page, town, FIRE)
    assert "收到您的话" in look_up(page, town, code)
    letter = refer_to_fire(a_desk(town, browser, complaints, desks, DISPATCHER), town)
    leader = a_desk(town, browser, complaints, desks, LEADER)
    issue(leader, letter, "〔2026〕1号")
    text, attached = read_letter(mail_sink)
    assert attached["application/pdf"].startswith(b"%PDF")
    assert "铁链子" not in text
    assert mail_sink.mails[0].recipients == ("fire@wangtong.invalid",)
    link = LINK.search(text)
    assert link is not None, text
    assert httpx.get(link[0]).status_code == 200
    assert "已转交" in look_up(page, town, code)
    acknowledge(page, link[0])
    leader.goto(letter)
    expect(leader.locator("main")).to_contain_text("已回执")
    expect(leader.locator("main")).to_contain_text("柏铁山")
    told = look_up(page, town, code)
    assert "转给别的单位办" in told
    assert "柏铁山" not in told


@pytest.mark.slow
def test_a_clue_by_wechat_is_sealed_drafted_by_one_and_signed_out_by_the_other(
    town: Town,
    page: Page,
    browser: Browser,
    complaints: Complaints,
    desks: list[BrowserContext],
    mail_sink: MailSink,
) -> None:
    code = tell_by_wechat(town, "oElderOfTheTests", CLUE_STORY)
    assert "已按程序转交" in look_up(page, town, code)
    dispatcher = a_desk(town, browser, complaints, desks, DISPATCHER)
    assert "购物卡" not in dispatcher.content()
    drafter = a_desk(town, browser, complaints, desks, CLUE)
    town.unlock(drafter, CLUE)
    drafter.locator("a", has_text="购物卡").first.click()
    drafter.locator("summary", has_text="移送").click()
    drafter.select_option("#refer-body", "discipline")
    drafter.get_by_role("button", name="代拟移送函").click()
    drafter.wait_for_url("**/console/referrals/*")
    expect(drafter.get_by_text("等另一位签发")).to_be_visible()
    letter = drafter.url.split("?")[0]
    signer = a_desk(town, browser, complaints, desks, OTHER_CLUE)
    town.unlock(signer, OTHER_CLUE)
    issue(signer, letter, "〔2026〕1号")
    expect(signer.locator("main")).to_contain_text("密封件")
    with signer.expect_download() as taken:
        signer.locator("a[href$='.pdf']").first.click()
    assert Path(taken.value.path()).read_bytes().startswith(b"%PDF")
    assert "阮承岳" not in taken.value.suggested_filename
    signer.get_by_role("button", name="已经送到").click()
    expect(signer.locator("main")).to_contain_text("已送达")
    assert mail_sink.mails == []
    assert "已按程序转交" in look_up(page, town, code)
