"""The clue desk: keys ticked by a person, who is kept out and why, ready questions, a receiver, opened by two."""

from sqlalchemy import select

from casework.cases import PAGE_SIZE
from casework.models.cases import Deadline
from casework.models.people import Officer
from casework.models.secrecy import Exclusion
from casework.types import ExclusionReason
from tests.api.houses import CLUE, DISPATCHER, OTHER_CLUE, OTHER_HANDLER, TOWNSHIP
from tests.api.visitors import Clerk, Doors, Page

SEALED = "麦陇镇民政办副主任鲁守田收了敬老院院长三千元购物卡，就不去检查了。"
LEADER_TEXT = "副局长阮承岳收了麦陇镇敬老院院长三千元购物卡，就不去检查了。"
OPEN = "芦渚镇中心敬老院后门拿铁链子锁着，灭火器都过期两年了，没人管。"


def doubtful(doors: Doors):
    """An open case from which somebody is kept out by an uncertain hit."""
    filed = doors.report(OPEN)
    with doors.home.house.store.write() as session:
        other = session.scalars(select(Officer).where(Officer.username == OTHER_HANDLER.username)).one()
        row = Exclusion(case_id=filed.case_id, officer_id=other.id, reason=ExclusionReason.POST_NAMED, certain=False)
        row.made_at = doors.home.clock()
        session.add(row)
    return filed


def unlocked(doors: Doors, person=CLUE) -> Clerk:
    clerk = doors.sign_in(person)
    clerk.unlock()
    return clerk


def at(filed, act: str = "") -> str:
    return f"/console/sealed/{filed.case_id}" + (f"/{act}" if act else "")


def clock_met(doors: Doors, case_id: str, rule: str) -> bool:
    with doors.home.house.store.read() as session:
        query = select(Deadline.met_at).where(Deadline.case_id == case_id, Deadline.rule_id == rule)
        return session.scalars(query).one() is not None


def chosen(page: Page, field: str) -> list[str]:
    return [str(value) for value in page.tree.xpath(f"//select[@id='{field}']/option[@selected]/@value")]


def test_both_keys_are_ticked_by_a_person_and_meet_the_clock(doors: Doors) -> None:
    filed = doors.report(SEALED)
    clerk = unlocked(doors)
    half = clerk.act(at(filed, "confirm"), {"who": "yes"})
    assert half.status == 422
    assert half.error_at("key-what")
    assert not clock_met(doors, filed.case_id, "clue_confirm")
    assert "核过了" in clerk.act(at(filed, "confirm"), {"who": "yes", "what": "yes"}).text
    assert clock_met(doors, filed.case_id, "clue_confirm")


def test_the_room_shows_who_is_kept_out_by_which_words(doors: Doors) -> None:
    filed = doors.report(SEALED)
    page = unlocked(doors).get(at(filed))
    (line, *_) = [
        " ".join(each.text_content().split())
        for each in page.tree.xpath("//ul[@class='keepout']/li[contains(@class,'out')]")
        if "鲁守田（" in each.text_content()
    ]
    assert "看不到" in line
    assert "鲁守田" in line
    sees = [each.text_content() for each in page.tree.xpath("//ul[@class='keepout']/li[@class='in-sight']")]
    assert len(sees) == 2


def test_a_local_officials_clue_is_proposed_to_the_county_and_a_leaders_past_the_house(one_doors: Doors) -> None:
    clerk = unlocked(one_doors)
    local, leader = one_doors.report(SEALED), one_doors.report(LEADER_TEXT)
    page = clerk.get(at(local))
    assert chosen(page, "refer-body") == ["discipline"]
    assert "局外的公职人员" in page.text
    page = clerk.get(at(leader))
    assert chosen(page, "refer-body") == ["discipline"]
    assert "不经本局和派驻组" in page.text


def test_the_questions_fill_the_box_and_ask_for_no_proof(one_doors: Doors) -> None:
    filed = one_doors.report(SEALED)
    clerk = unlocked(one_doors)
    assert clerk.get(at(filed)).value_of("answer") == ""
    page = clerk.get(f"{at(filed)}?ask=when&ask=how_known")
    box = page.value_of("answer")
    assert "哪一天" in box
    assert "亲眼看见" in box
    assert "多少钱" not in box
    assert "不用您去找证据" in box
    assert clerk.act(at(filed, "answer"), {"text": box}).status == 200
    assert "哪一天" in one_doors.visitor().post("/track", {"code": filed.code}).text


def test_a_case_is_opened_again_by_two_and_never_by_one(doors: Doors) -> None:
    filed = doors.report(SEALED)
    first, second = unlocked(doors), unlocked(doors, OTHER_CLUE)
    empty = first.act(at(filed, "ask-unsealing"), {"reason": ""})
    assert empty.status == 422
    assert empty.error_at("unseal-reason")
    assert first.act(at(filed, "unseal")).status == 403
    asked = first.act(at(filed, "ask-unsealing"), {"reason": "说的不是公职人员。"})
    assert "您提议过了" in asked.text
    assert first.act(at(filed, "unseal")).status == 403
    page = second.get(at(filed))
    assert "说的不是公职人员。" in page.text
    done = second.act(at(filed, "unseal"))
    assert done.status == 200, done.text
    assert "解除密件了" in done.text
    assert not doors.case(filed.case_id).sealed
    assert doors.sign_in(TOWNSHIP).get(f"/console/cases/{filed.case_id}").status == 404


def test_a_colleague_is_let_in_only_where_nothing_certain_keeps_him_out(one_doors: Doors) -> None:
    filed = one_doors.report("民政局线索管理岗的贺小满收了麦陇镇敬老院院长三千元购物卡。")
    clerk = unlocked(one_doors)
    page = clerk.get(at(filed))
    assert page.status == 200
    assert at(filed, "let-in") not in page.actions
    other = unlocked(one_doors, OTHER_CLUE)
    assert other.get(at(filed)).status == 404
    with one_doors.home.house.store.read() as session:
        from_name = session.scalars(select(Exclusion.id).where(Exclusion.case_id == filed.case_id)).all()
    assert from_name == []


def test_an_uncertain_exclusion_is_cleared_by_a_clue_officer(doors: Doors) -> None:
    filed = doubtful(doors)
    clerk = doors.sign_in(CLUE)
    assert f"/console/cases/{filed.case_id}" in clerk.get("/console/?queue=doubtful").response.text
    page = clerk.get(f"/console/cases/{filed.case_id}")
    assert page.status == 200, page.text
    doubts = page.tree.xpath("//form[contains(@action,'/clear')]//input[@name='exclusion']/@value")
    assert doubts
    with doors.home.house.store.read() as session:
        before = len(session.scalars(select(Exclusion).where(Exclusion.cleared_at.is_not(None))).all())
    assert clerk.act(f"/console/cases/{filed.case_id}/clear", {"exclusion": doubts[0]}).status == 200
    with doors.home.house.store.read() as session:
        cleared = session.scalars(select(Exclusion).where(Exclusion.cleared_at.is_not(None))).all()
    assert len(cleared) == before + 1
    assert doubts[0] in {row.id for row in cleared}


def test_who_is_kept_out_is_shown_to_clue_officers_alone(one_doors: Doors) -> None:
    filed = doubtful(one_doors)
    page = one_doors.sign_in(DISPATCHER).get(f"/console/cases/{filed.case_id}")
    assert page.status == 200
    assert "keepout" not in page.response.text
    assert "苗惠" not in page.text


def test_a_dispatcher_neither_confirms_nor_clears(one_doors: Doors) -> None:
    filed = doubtful(one_doors)
    clerk = one_doors.sign_in(DISPATCHER)
    path = f"/console/cases/{filed.case_id}"
    assert clerk.act(f"{path}/confirm", {"who": "yes", "what": "yes"}).status == 403
    with one_doors.home.house.store.read() as session:
        query = select(Exclusion.id).where(Exclusion.case_id == filed.case_id, Exclusion.certain.is_(False))
        found = session.scalars(query).first()
    assert clerk.act(f"{path}/clear", {"exclusion": found}).status == 403


def test_the_room_leads_to_every_clue_however_many_there_are(one_doors: Doors) -> None:
    filed = [one_doors.report(SEALED) for _ in range(PAGE_SIZE + 1)]
    clerk = unlocked(one_doors)
    first = clerk.get("/console/sealed")
    assert f"在办{PAGE_SIZE + 1}件" in first.text
    assert f"第1到{PAGE_SIZE}件，共{PAGE_SIZE + 1}件" in first.text
    second = clerk.get("/console/sealed?page=2")
    assert "?page=2" in "".join(first.links)
    assert "?page=1" in "".join(second.links)
    shown = [
        link for page in (first, second) for link in dict.fromkeys(page.links) if link in {at(each) for each in filed}
    ]
    assert sorted(shown) == sorted(at(each) for each in filed)
