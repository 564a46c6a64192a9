"""How people hint at an official without writing his name: each form keeps him out, as long as it points here."""

from dataclasses import replace
from datetime import date

import pytest

from casework.bearers import Telling
from casework.callings import list_called
from casework.conflicts import Mentions, find_conflicts
from casework.folding import fold
from casework.hints import list_hinted
from casework.roster import FormerPlace, Roster, RosterBody, RosterOfficer
from casework.types import BodyKind
from tests.casework.test_callings import HOMES, OFFICERS, ROSTER

MORE = (
    RosterOfficer("vice", "阮承岳", "bureau", "副局长", leads=True),
    RosterOfficer("lady", "李秋彤", "assistance", "社会救助科科长"),
    RosterOfficer("bow", "张弦", "assistance", "社会救助科科员"),
)
ASSISTANCE = RosterBody(
    "assistance",
    BodyKind.ASSISTANCE,
    "社会救助科",
    internal=True,
    part_of_code="bureau",
    superior_code="bureau",
)
HOUSE = Roster((*OFFICERS, *MORE), {**ROSTER.bodies, "assistance": ASSISTANCE})


def called(text: str, roster: Roster = HOUSE, **more: str) -> set[str]:
    return {each.officer.id for each in list_called(text, roster, **more)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("禾建周收了院长红包。", "desk"),
        ("建禾周收了院长红包。", "desk"),
        ("周禾建收了院长红包。", "desk"),
        ("那个元培廖拿了卡。", "head"),
        ("民政局的ZJH收了红包。", "desk"),
        ("zjh收了院长红包。", "desk"),
        ("Z.J.H.收了院长红包。", "desk"),
        ("Z J H 收了院长红包。", "desk"),
        ("ＺＪＨ收了院长红包。", "desk"),
        ("zhoujianhe收了红包。", "desk"),
        ("Jianhe Zhou 收了红包。", "desk"),
        ("周jianhe收了红包。", "desk"),
        ("zhou建禾收了红包。", "desk"),
        ("zhou jh 收了红包。", "desk"),
        ("周JH收了红包。", "desk"),
        ("热线的 Mr. Zhou 收了红包。", "desk"),
        ("热线那个姓zhou的收了红包。", "desk"),
        ("民政局姓Z的收了红包。", "desk"),
        ("养老科的L科长拿了卡。", "head"),
        ("liao科长拿了卡。", "head"),
        ("民政局W局长收了钱。", "leader"),
        ("热线那个姓周的，建设的建，禾苗的禾，收了红包。", "desk"),
        ("周围的周、建设的建、禾苗的禾，收了红包。", "desk"),
        ("民政局木子李收了卡。", "lady"),
        ("民政局那个姓木子李的拿了卡。", "lady"),
        ("社会救助科弓长张拿了卡。", "bow"),
        ("民政局弓长科员拿了卡。", "bow"),
        ("民政局的周××收了红包。", "desk"),
        ("民政局的周**收了红包。", "desk"),
        ("民政局的周XX收了红包。", "desk"),
        ("民政局周某某收了红包。", "desk"),
        ("热线那个姓周的收了红包。", "desk"),
        ("热线周胖子收了红包。", "desk"),
        ("热线的胖周收了红包。", "desk"),
        ("热线大周收了红包。", "desk"),
        ("民政局周大头收了红包。", "desk"),
        ("民政局的廖秃子拿了卡。", "head"),
        ("民政局廖老虎拿了卡。", "head"),
        ("热线的周sir收了红包。", "desk"),
        ("民政局周姓工作人员收了红包。", "desk"),
        ("局座收了老板的钱。", "leader"),
        ("民政局一把手收了老板的钱。", "leader"),
        ("民政局当家的收了老板的钱。", "leader"),
        ("局里的头儿收了钱。", "leader"),
        ("民政局二把手收了钱。", "vice"),
        ("分管养老的收了钱。", "vice"),
        ("分管养老的那位副局长收了钱。", "vice"),
        ("管养老的领导收了钱。", "vice"),
        ("养老科的头儿拿了卡。", "head"),
        ("养老服务科老大拿了卡。", "head"),
        ("麦陇镇民政办一把手吃回扣。", "town"),
        ("局长的小舅子承包了食堂。", "leader"),
        ("局长他小舅子承包了食堂。", "leader"),
        ("副局长的外甥承包了食堂。", "vice"),
        ("民政局科长家亲戚承包了食堂。", "head"),
        ("管举报件的说出去了。", "clue"),
        ("看举报信的那个人说出去了。", "clue2"),
        ("收举报的把我卖了。", "clue"),
        ("负责举报的告诉院长了。", "clue"),
    ],
)
def test_a_hint_keeps_out_whom_it_means(text: str, who: str):
    assert who in called(text)


@pytest.mark.parametrize(
    "text",
    [
        "饭是馊的，吃了拉肚子，去ICU住了三天。",
        "院长是当家的，她说了算。",
        "院里的老大爷摔倒了。",
        "食堂的头儿是院长的小舅子。",
        "木子李超市送来的菜烂了。",
        "建周边的路，禾苗都压了。",
        "分管养老的副镇长嫁女儿摆酒。",
        "分管民政的副县长收了钱。",
        "护工姓Z的打人。",
        "院里周××摔了一跤。",
        "市场监管局局长的小舅子供的肉。",
        "敬老院主任的老婆管钱。",
        "隔壁床的胖周打人。",
        "Z路公交到不了院里。",
        "孙子的子，是这么写的。",
    ],
)
def test_what_hints_at_nobody_here_keeps_nobody_out(text: str):
    assert called(text) == set()


def test_the_one_who_headed_it_before_is_meant_where_the_text_speaks_of_before():
    moved = replace(OFFICERS[5], former=(FormerPlace("civil_affairs", "养老服务科科长", date(2025, 3, 1)),))
    house = Roster((moved, OFFICERS[8]), ROSTER.bodies)
    assert "clerk" in called("养老科原科长拿了卡。", house)
    assert "clerk" in called("以前的科长拿了卡。", house)
    assert "clerk" not in called("科长拿了卡。", house)


def test_a_name_in_another_order_that_is_somebody_elses_own_is_left_alone():
    other = RosterOfficer("other", "周禾建", "civil_affairs")
    assert called("周禾建拿了卡。", Roster((OFFICERS[0], other), ROSTER.bodies)) == {"other"}
    homes = {"home": replace(HOMES["home"], director_name="周禾建")}
    assert called("周禾建拿了卡。", Roster((OFFICERS[0],), ROSTER.bodies, homes)) == set()


@pytest.mark.parametrize("words", ["管低保的", "批低保的", "管特困的"])
def test_who_only_says_what_a_section_does_means_that_section(words: str):
    found = find_conflicts(Mentions(f"{words}要好处才给办。"), HOUSE)
    assert {hit.body_code for hit in found if hit.body_code} == {"assistance"}
    assert not any(hit.certain for hit in found)


def test_that_one_at_the_bureau_keeps_its_sections_out_and_leaves_the_desk():
    found = find_conflicts(Mentions("民政局那位收了红包。"), HOUSE)
    assert {hit.body_code for hit in found if hit.body_code} >= {"civil_affairs", "assistance"}
    assert "hotline" not in {hit.body_code for hit in found}


def test_a_hint_is_found_at_the_end_of_a_long_text_too():
    text = "饭是馊的，吃了拉肚子。" * 90 + "禾建周收了红包。"
    told = Telling(fold(text), HOUSE, None, discipline=False)
    assert {each.officer.id for each in list_hinted(text, told)} == {"desk"}
