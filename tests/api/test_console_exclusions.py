"""Who is kept out and why, as a picture for clue officers; by hand with a reason; the one kept out learns nothing."""

from sqlalchemy import select

from casework.models.people import Officer
from casework.types import CaseStatus
from tests.api.houses import (
    AUDITOR,
    CLUE,
    DISPATCHER,
    HANDLER,
    HEAD,
    LEADER,
    OTHER_CLUE,
    OTHER_HANDLER,
    SUPERVISOR,
    TOWNSHIP,
    Person,
)
from tests.api.visitors import Doors, Page

CLUE_TEXT = "麦陇镇民政办不作为，麦陇镇敬老院的补贴被人冒领了，说了几次也没人管。"
SEALED = "麦陇镇民政办副主任鲁守田收了敬老院院长三千元购物卡，就不去检查了。"
WHY = "和院长是亲家"
CONSENTS = "/console/consents"


def a_clue(doors: Doors) -> str:
    """An open case that clue officers see; the section has it in hand. Its path."""
    filed = doors.report(CLUE_TEXT)
    with doors.home.house.store.write() as session:
        case = session.get_one(type(doors.case(filed.case_id)), filed.case_id)
        case.discipline = True
    return f"/console/cases/{filed.case_id}"


def holder(doors: Doors, person: Person) -> str:
    with doors.home.house.store.read() as session:
        return "officer:" + session.scalars(select(Officer.id).where(Officer.username == person.username)).one()


def state_of(page: Page, person: Person) -> str:
    """How a person stands in the picture of the whole office."""
    (found,) = page.tree.xpath(f"//div[@class='office']//li[b='{person.name}']/@class")
    return str(found)


def test_the_picture_draws_the_word_the_rule_and_the_person(one_doors: Doors) -> None:
    path = a_clue(one_doors)
    clerk = one_doors.sign_in(CLUE)
    assert f"{path}/kept-out" in clerk.get(path).links
    page = clerk.get(f"{path}/kept-out")
    assert page.status == 200
    (branch,) = page.tree.xpath("//div[@class='whys'][.//mark[contains(., '麦陇镇敬老院')]]")
    told = str(branch.text_content())
    assert "开办或者管这家机构" in told
    assert "公务员法第七十六条" in told
    assert "麦陇镇民政办公室" in told
    assert state_of(page, TOWNSHIP) in ("out", "doubt")
    assert state_of(page, CLUE) == "in"
    assert state_of(page, DISPATCHER) == "in"
    assert state_of(page, OTHER_HANDLER) == "else"


def test_kept_out_by_hand_with_a_reason_he_loses_sight_of_it_and_learns_nothing(one_doors: Doors) -> None:
    path = a_clue(one_doors)
    leader = one_doors.sign_in(LEADER)
    before = leader.get("/console/").text
    assert leader.get(path).status == 200
    clerk = one_doors.sign_in(CLUE)
    done = clerk.act(f"{path}/kept-out", {"holder": holder(one_doors, LEADER), "why": WHY})
    assert "他那边什么提示也没有" in done.text
    assert f"沈知棠定的：{WHY}" in done.text
    assert state_of(done, LEADER) == "out"
    assert leader.get(path).status == 404
    after = leader.get("/console/").text
    assert WHY not in after
    assert "回避" not in after.replace(before, "")
    supervisor = one_doors.sign_in(SUPERVISOR).get(path)
    assert supervisor.status == 200
    assert "回避" not in supervisor.text
    assert WHY not in supervisor.text


def test_a_section_that_has_it_in_hand_gives_it_back(one_doors: Doors) -> None:
    path = a_clue(one_doors)
    waiting = one_doors.sign_in(DISPATCHER).act(f"{path}/assign", {"body": "civil_affairs"})
    assert "密件员还没看" in waiting.text
    one_doors.sign_in(CLUE).act(f"{path}/leave")
    one_doors.sign_in(DISPATCHER).act(f"{path}/assign", {"body": "civil_affairs"})
    handler = one_doors.sign_in(HANDLER)
    assert "签收了" in handler.act(f"{path}/sign").text
    one_doors.sign_in(CLUE).act(f"{path}/kept-out", {"holder": "body:civil_affairs", "why": WHY})
    assert handler.get(path).status == 404
    assert one_doors.sign_in(HEAD).get(path).status == 404
    case = one_doors.case(path.rpartition("/")[2])
    assert case.status is CaseStatus.RETURNED
    assert case.body_code is None
    refused = one_doors.sign_in(DISPATCHER).act(f"{path}/assign", {"body": "civil_affairs"})
    assert refused.status == 409


def test_another_clue_officer_takes_it_back_and_never_its_maker(one_doors: Doors) -> None:
    path = a_clue(one_doors)
    first = one_doors.sign_in(CLUE)
    page = first.act(f"{path}/kept-out", {"holder": holder(one_doors, LEADER), "why": WHY})
    mine = "//li[contains(., '和院长是亲家')]//input[@name='exclusion']/@value"
    assert page.tree.xpath(mine) == []
    second = one_doors.sign_in(OTHER_CLUE)
    (row,) = second.get(f"{path}/kept-out").tree.xpath(mine)
    assert first.act(f"{path}/clear", {"exclusion": row}).status == 403
    assert one_doors.sign_in(LEADER).get(path).status == 404
    assert "解除了" in second.act(f"{path}/clear", {"exclusion": row}).text
    assert one_doors.sign_in(LEADER).get(path).status == 200


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(one_doors: Doors) -> None:
    path = a_clue(one_doors)
    clerk = one_doors.sign_in(CLUE)
    page = clerk.act(f"{path}/kept-out", {"holder": "", "why": WHY})
    assert page.error_at("holder") == "这一项要填。"
    assert page.value_of("why") == WHY
    chosen = holder(one_doors, LEADER)
    page = clerk.act(f"{path}/kept-out", {"holder": chosen, "why": ""})
    assert page.error_at("why") == "这一项要填。"
    assert page.tree.xpath("//select[@id='holder']//option[@selected]/@value") == [chosen]
    assert clerk.act(f"{path}/kept-out", {"holder": "officer:nobody", "why": WHY}).error_at("holder") == (
        "请从列出的里面选一个。"
    )
    clerk.act(f"{path}/kept-out", {"holder": chosen, "why": WHY})
    again = clerk.act(f"{path}/kept-out", {"holder": chosen, "why": WHY})
    assert again.error_at("holder") == "他已经看不到这件了。"


def test_nobody_else_sees_the_picture(one_doors: Doors) -> None:
    path = a_clue(one_doors)
    for person in (DISPATCHER, SUPERVISOR, LEADER):
        clerk = one_doors.sign_in(person)
        assert clerk.get(f"{path}/kept-out").status == 403
        assert clerk.act(f"{path}/kept-out", {"holder": "body:assistance", "why": WHY}).status == 403
        assert f"{path}/kept-out" not in clerk.get(path).links


def test_no_clue_officer_keeps_another_out_of_an_open_case_alone(one_doors: Doors) -> None:
    path = a_clue(one_doors)
    first, other = one_doors.sign_in(CLUE), one_doors.sign_in(OTHER_CLUE)
    page = first.act(f"{path}/kept-out", {"holder": holder(one_doors, OTHER_CLUE), "why": WHY})
    assert page.status == 422
    assert "请先密封，再提议" in page.error_at("holder")
    assert other.get(path).status == 200


def test_a_clue_officer_who_stands_aside_gets_what_does_not_exist(one_doors: Doors) -> None:
    path = a_clue(one_doors)
    other = one_doors.sign_in(OTHER_CLUE)
    other.act(f"{path}/kept-out", {"holder": holder(one_doors, OTHER_CLUE), "why": WHY})
    assert other.get(f"{path}/kept-out").status == 404
    assert other.act(f"{path}/kept-out", {"holder": "body:assistance", "why": WHY}).status == 404


def test_one_stands_aside_from_a_sealed_case_and_one_always_stays(one_doors: Doors) -> None:
    filed = one_doors.report(SEALED)
    here = f"/console/sealed/{filed.case_id}"
    first, second = one_doors.sign_in(CLUE), one_doors.sign_in(OTHER_CLUE)
    first.unlock()
    second.unlock()
    page = first.get(f"{here}/kept-out")
    assert "鲁守田" in page.text
    assert state_of(page, TOWNSHIP) == "out"
    assert state_of(page, OTHER_CLUE) == "in"
    away = second.act(f"{here}/kept-out", {"why": WHY})
    assert away.path == "/console/sealed"
    assert second.get(here).status == 404
    assert second.get(f"{here}/kept-out").status == 404
    page = first.get(f"{here}/kept-out")
    assert f"贺小满定的：{WHY}" in page.text
    last = first.act(f"{here}/kept-out", {"why": WHY})
    assert last.status == 422
    assert "没有人能照看" in last.error_at("why-holder")
    assert f"{here}/let-in" not in first.get(here).actions


def test_a_colleague_goes_only_when_a_leader_agrees_who_learns_nothing(one_doors: Doors) -> None:
    filed = one_doors.report(SEALED)
    here = f"/console/sealed/{filed.case_id}"
    first, second = one_doors.sign_in(CLUE), one_doors.sign_in(OTHER_CLUE)
    leader = one_doors.sign_in(LEADER)
    first.unlock()
    second.unlock()
    assert "没有等您同意的" in leader.get(CONSENTS).text
    asked = first.act(f"{here}/kept-out/ask", {"holder": holder(one_doors, OTHER_CLUE), "reason": "relative"})
    assert "沈知棠提议请" in asked.text
    assert "沈知棠提议请" not in second.get(f"{here}/kept-out").text
    page = leader.get(CONSENTS)
    assert "和他的近亲属有利害关系" in page.text
    for secret in ("鲁守田", "贺小满", "沈知棠", filed.number, filed.case_id, "购物卡"):
        assert secret not in page.text
    (path,) = (action for action in page.actions if action.startswith(f"{CONSENTS}/"))
    assert leader.act(path, {}).status == 422
    assert second.get(here).status == 200
    assert "同意了" in leader.act(path, {"decision": "agree"}).text
    assert second.get(here).status == 404
    assert leader.act(path, {"decision": "agree"}).status == 404
    page = first.get(here)
    assert "只有您一位打得开" in page.text
    assert f"{here}/refer" not in page.actions
    assert first.act(f"{here}/answer", {"text": "您说的是哪天？"}).status == 409
    assert "发出去了" in first.act(f"{here}/answer", {"holding": "yes"}).text
    counted = second.get("/console/ring").text
    assert "第二个人同意1次" in counted
    assert "第二个人同意 1 第二个人没同意 0" in one_doors.sign_in(AUDITOR).get("/console/ledger").text


def test_a_proposal_needs_somebody_and_a_reason(one_doors: Doors) -> None:
    filed = one_doors.report(SEALED)
    here = f"/console/sealed/{filed.case_id}"
    first = one_doors.sign_in(CLUE)
    first.unlock()
    chosen = holder(one_doors, OTHER_CLUE)
    assert first.act(f"{here}/kept-out/ask", {"holder": "", "reason": "relative"}).error_at("colleague") == (
        "这一项要填。"
    )
    page = first.act(f"{here}/kept-out/ask", {"holder": chosen, "reason": ""})
    assert page.error_at("reason") == "请从列出的里面选一个。"
    assert page.tree.xpath("//select[@id='colleague']//option[@selected]/@value") == [chosen]
