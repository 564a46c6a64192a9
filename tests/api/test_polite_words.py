"""Everyday words to the hotline's own people bury no report: keys stay, the look stays, the desk stays."""

import pytest
from sqlalchemy import delete, select

from casework.cluelooks import awaits_clue_officer
from casework.models.cases import Case
from casework.models.people import Officer
from casework.models.secrecy import Allowance, CaseKey
from casework.sealing import list_allowed
from casework.types import CaseStatus
from casework.visibility import visible_cases
from tests.api.houses import CLUE, DISPATCHER, LEADER, OPERATOR, OTHER_CLUE, SUPERVISOR
from tests.api.visitors import Doors

SEALED = "麦陇镇民政办副主任鲁守田收了敬老院三千元购物卡，就不去检查了。"
OPEN_CLUE = "民政办那个女的办低保要好处，我不知道她叫什么。"
SPOILT = "麦陇镇敬老院的饭是馊的。"
BOTH = {CLUE.name, OTHER_CLUE.name}


def keys(doors: Doors, case_id: str) -> set[str]:
    with doors.home.house.store.read() as session:
        return {officer.name for officer in list_allowed(session, case_id)}


def add(doors: Doors, code: str, text: str) -> None:
    visitor = doors.visitor()
    shown = visitor.post("/track", visitor.get("/track").form("/track") | {"code": code})
    said = visitor.post("/track/say", shown.form("/track/say") | {"code": code, "text": text})
    assert said.status == 200


@pytest.mark.parametrize(
    "polite", ["请密件员同志尽快办。", "这封信请保密员收。", "我到镇民政办举报过，没人理。", "派出所不管保密的。"]
)
def test_a_sealed_report_keeps_its_clue_officers_whatever_polite_word_stands_in_it(one_doors: Doors, polite: str):
    filed = one_doors.report(SEALED + polite)
    assert filed.sealed
    assert keys(one_doors, filed.case_id) == BOTH


def test_the_reporters_thanks_later_take_no_key(one_doors: Doors):
    filed = one_doors.report(SEALED)
    add(one_doors, filed.code, "密件员同志，谢谢您。东西是中秋节前给的。")
    add(one_doors, filed.code, "我以前到镇民政办举报过一回，他们没收。")
    assert keys(one_doors, filed.case_id) == BOTH


def test_blame_of_the_role_later_leaves_the_last_keys_and_the_page_says_so(one_doors: Doors):
    filed = one_doors.report(SEALED)
    add(one_doors, filed.code, "密件员把我的举报说出去了。")
    assert keys(one_doors, filed.case_id) == BOTH
    clerk = one_doors.sign_in(CLUE)
    clerk.unlock()
    assert "“密件员”可能说的就是您这个岗位" in clerk.get(f"/console/sealed/{filed.case_id}").text


def test_one_named_later_loses_his_key_though_the_role_is_blamed_too(one_doors: Doors):
    filed = one_doors.report(SEALED)
    add(one_doors, filed.code, f"密件员收了红包。说的是{CLUE.name}。")
    assert keys(one_doors, filed.case_id) == {OTHER_CLUE.name}


def test_having_reported_before_does_not_lift_the_clue_officers_look(one_doors: Doors):
    filed = one_doors.report(f"{OPEN_CLUE}我到镇民政办举报过，没人理。")
    with one_doors.home.house.store.read() as session:
        assert awaits_clue_officer(session, session.get_one(Case, filed.case_id))
    page = one_doors.sign_in(DISPATCHER).get(f"/console/cases/{filed.case_id}")
    assert not any(act.endswith("assign") for act in page.actions)


def test_telling_what_the_desk_said_last_time_leaves_the_desk_its_case(one_doors: Doors):
    filed = one_doors.report(f"{SPOILT}上次接线员登记了，派单员说派下去了，没人来。请密件员也看看。")
    assert one_doors.case(filed.case_id).status is CaseStatus.RECEIVED
    with one_doors.home.house.store.read() as session:
        for person in (DISPATCHER, SUPERVISOR, OPERATOR):
            officer = session.scalars(select(Officer).where(Officer.username == person.username)).one()
            seen = select(Case.id).where(Case.id == filed.case_id, visible_cases(officer))
            assert session.scalar(seen) is not None, person.name


def test_leaders_are_told_how_many_cases_nobody_can_open(doors: Doors):
    filed = doors.report(SEALED)
    leader = doors.sign_in(LEADER)
    assert "无人能打开" not in leader.get("/console/consents").text
    with doors.home.house.store.write() as session:
        for table in (Allowance, CaseKey):
            held = delete(table).where(table.case_id == filed.case_id, table.officer_id.is_not(None))
            session.execute(held)
    told = leader.get("/console/consents").text
    assert "1件无人能打开" in told
    assert filed.number not in told
