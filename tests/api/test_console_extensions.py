"""A longer limit: asked for on the page of the case, decided by another, told to the reporter, seen on the clock."""

import pytest
from sqlalchemy import select

from casework.exclusions import exclude_by_hand
from casework.models.cases import Case
from casework.models.people import Officer
from casework.types import Role
from tests.api.houses import DISPATCHER, HANDLER, HEAD, LEADER, OTHER_HANDLER, SUPERVISOR
from tests.api.visitors import Clerk, Doors, Page

FEES = "芦渚镇中心敬老院退费一直不退，合同上写的能退。"
HERE = "/console/extensions"
WHY = "要等鉴定结果"


def in_hand(doors: Doors) -> tuple[str, Clerk]:
    """A case that the section has signed for, and its officer."""
    filed = doors.report(FEES)
    path = f"/console/cases/{filed.case_id}"
    doors.sign_in(DISPATCHER).act(f"{path}/assign", {"body": "civil_affairs"})
    handler = doors.sign_in(HANDLER)
    assert "签收了" in handler.act(f"{path}/sign").text
    return path, handler


def clock_of(page: Page) -> str:
    """The id of the first clock that may be extended."""
    return str(page.tree.xpath("//form[contains(@action, '/extend')]/input[@name='deadline']/@value")[0])


def days_of(page: Page) -> list[str]:
    return [str(each) for each in page.tree.xpath(f"//select[@id='until-{clock_of(page)}']/option/@value") if each]


def asked(doors: Doors) -> tuple[str, Clerk, str]:
    """The same, with a request that waits; the request's id."""
    path, handler = in_hand(doors)
    page = handler.get(path)
    done = handler.act(f"{path}/extend", {"deadline": clock_of(page), "until": days_of(page)[-1], "reason": WHY})
    assert "批下来以前，时限照走" in done.text
    (ident,) = doors.sign_in(LEADER).get(HERE).tree.xpath("//section[starts-with(@id, 'request-')]/@id")
    return path, handler, str(ident).removeprefix("request-")


def test_the_days_that_the_rule_allows_are_offered_with_its_article(one_doors: Doors) -> None:
    path, handler = in_hand(one_doors)
    page = handler.get(path)
    assert days_of(page) == ["2026-10-15", "2026-10-16", "2026-10-19", "2026-10-20", "2026-10-21"]
    assert "一共最多延5个工作日" in page.text
    assert "10月21日(星期三)，加5个工作日" in page.text


def test_what_is_asked_stands_under_the_clock_and_can_not_be_asked_twice(one_doors: Doors) -> None:
    path, handler, _ = asked(one_doors)
    page = handler.get(path)
    assert f"申请加5个工作日：{WHY}" in page.text
    clock = page.tree.xpath("//section[@id='clocks']")[0].text_content()
    assert "等批" in clock
    assert clock.count("申请延期…") < len(page.tree.xpath("//section[@id='clocks']//b"))


def test_granted_by_another_it_moves_the_clock_and_the_reporter_reads_why(one_doors: Doors) -> None:
    path, handler, ident = asked(one_doors)
    leader = one_doors.sign_in(LEADER)
    page = leader.get(HERE)
    words = page.value_of(f"words-{ident}")
    assert "要延到10月21日(星期三)。原因：要等鉴定结果。" in words
    assert "延期 1" in page.text
    done = leader.act(f"{HERE}/{ident}/approve", {"words": words})
    assert "话也发给反映人了" in done.text
    assert "延期 1" not in done.text
    page = handler.get(path)
    assert "已延期" in page.text
    assert "同意，告诉了反映人。" in page.text
    assert "10月21日(星期三)" in page.tree.xpath("//section[@id='clocks']")[0].text_content()
    assert "原因：要等鉴定结果。" in page.tree.xpath("//section[@id='talk']")[0].text_content()
    timeline = page.tree.xpath("//ol[@class='stem']")[0].text_content()
    assert "申请延期" in timeline
    assert "同意延期" in timeline


def test_the_notice_is_offered_and_carries_reason_and_day(one_doors: Doors) -> None:
    path, _, ident = asked(one_doors)
    one_doors.sign_in(SUPERVISOR).act(f"{HERE}/{ident}/approve", {"words": "要延几天。"})
    supervisor = one_doors.sign_in(SUPERVISOR)
    assert f"{path}/paper" in supervisor.get(HERE).actions
    paper = supervisor.act(f"{path}/paper", {"kind": "extend"})
    assert "延期告知书" in paper.text
    assert "2026年10月21日" in "".join(paper.tree.xpath("//textarea/text() | //input/@value"))


def test_refused_it_says_why_where_the_asker_looks(one_doors: Doors) -> None:
    path, handler, ident = asked(one_doors)
    leader = one_doors.sign_in(LEADER)
    empty = leader.act(f"{HERE}/{ident}/refuse", {"reason": ""})
    assert empty.status == 422
    assert empty.error_at(f"reason-{ident}") == "这一项要填。"
    assert "时限不变" in leader.act(f"{HERE}/{ident}/refuse", {"reason": "来得及，抓紧办"}).text
    page = handler.get(path)
    assert "没同意" in page.text
    assert "不同意：来得及，抓紧办" in page.text
    assert len(days_of(page)) == 5


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(one_doors: Doors) -> None:
    path, handler = in_hand(one_doors)
    clock = clock_of(handler.get(path))
    page = handler.act(f"{path}/extend", {"deadline": clock, "until": "2027-01-01", "reason": "我写了很久的理由"})
    assert page.status == 422
    assert page.error_at(f"until-{clock}") == "请从列出的里面选一个。"
    assert page.value_of(f"why-{clock}") == "我写了很久的理由"
    page = handler.act(f"{path}/extend", {"deadline": clock, "until": "2026-10-19", "reason": ""})
    assert page.error_at(f"why-{clock}") == "这一项要填。"
    (chosen,) = page.tree.xpath(f"//select[@id='until-{clock}']/option[@selected]/@value")
    assert chosen == "2026-10-19"


def test_the_words_to_the_reporter_are_needed_and_kept(one_doors: Doors) -> None:
    _, _, ident = asked(one_doors)
    leader = one_doors.sign_in(LEADER)
    page = leader.act(f"{HERE}/{ident}/approve", {"words": "长" * 501})
    assert page.status == 422
    assert page.error_at(f"words-{ident}") == "太长了，请写短一些。"
    assert page.value_of(f"words-{ident}") == "长" * 501


def test_nobody_decides_his_own_and_nobody_else_sees_the_desk(one_doors: Doors) -> None:
    path, _ = in_hand(one_doors)
    head = one_doors.sign_in(HEAD)
    assert Role.LEADER in HEAD.roles
    page = head.get(path)
    head.act(f"{path}/extend", {"deadline": clock_of(page), "until": days_of(page)[0], "reason": WHY})
    own = head.get(HERE)
    assert "您自己申请的" in own.text
    assert not [each for each in own.actions if "/approve" in each]
    (ident,) = own.tree.xpath("//section[starts-with(@id, 'request-')]/@id")
    ident = str(ident).removeprefix("request-")
    assert head.act(f"{HERE}/{ident}/approve", {"words": "要延几天。"}).status == 403
    assert one_doors.sign_in(DISPATCHER).get(HERE).status == 403


@pytest.mark.parametrize("act", ["approve", "refuse"])
def test_whoever_is_kept_out_of_the_case_gets_what_does_not_exist(one_doors: Doors, act: str) -> None:
    path, _, ident = asked(one_doors)
    leader = one_doors.sign_in(LEADER)
    keep_out(one_doors, path.rpartition("/")[2], LEADER.username)
    page = leader.get(HERE)
    assert "没有等批的申请" in page.text
    assert "延期 1" not in page.text
    assert leader.act(f"{HERE}/{ident}/{act}", {"words": "要延几天。", "reason": "不用"}).status == 404
    assert leader.act(f"{HERE}/{'0' * 24}/{act}", {"words": "要延几天。", "reason": "不用"}).status == 404


def test_another_section_can_not_ask_for_it(one_doors: Doors) -> None:
    path, handler = in_hand(one_doors)
    clock = clock_of(handler.get(path))
    other = one_doors.sign_in(OTHER_HANDLER)
    assert other.act(f"{path}/extend", {"deadline": clock, "until": "2026-10-19", "reason": WHY}).status == 404


def keep_out(doors: Doors, case_id: str, username: str) -> None:
    """Let somebody be kept out of a case by hand."""
    with doors.home.house.store.write() as session:
        officers = {each.username: each for each in session.scalars(select(Officer))}
        case = session.get_one(Case, case_id)
        exclude_by_hand(
            session, case, officer_id=officers[username].id, by=officers[DISPATCHER.username], now=doors.home.clock()
        )
