"""Who is meant without being named to the letter: misheard, misspelt, by a nickname, title, post or role."""

from dataclasses import replace

import pytest

from casework.bearers import FEW_BEARERS, SMALL_HOUSE
from casework.callings import list_called
from casework.folding import fold, name_sound, to_near
from casework.roster import Roster, RosterBody, RosterInstitution, RosterOfficer
from casework.types import BodyKind, Role

PART = {"internal": True, "part_of_code": "bureau", "superior_code": "bureau"}
BODIES = (
    RosterBody("bureau", BodyKind.CIVIL_AFFAIRS, "望桐县民政局", ("县民政局", "民政局"), internal=True),
    RosterBody("civil_affairs", BodyKind.CIVIL_AFFAIRS, "养老服务科", ("养老科",), **PART),  # type: ignore[arg-type]
    RosterBody("hotline", BodyKind.CIVIL_AFFAIRS, "热线中心", ("热线",), **PART),  # type: ignore[arg-type]
    RosterBody("clue_desk", BodyKind.CIVIL_AFFAIRS, "线索管理岗", **PART),  # type: ignore[arg-type]
    RosterBody("market", BodyKind.MARKET, "望桐县市场监督管理局", ("市场监管局",)),
    RosterBody("town-a", BodyKind.TOWNSHIP, "麦陇镇民政办", town_code="mailong"),
)
OFFICERS = (
    RosterOfficer("desk", "周建禾", "hotline", "热线中心派单员", roles=frozenset({Role.DISPATCHER})),
    RosterOfficer("chief", "孟怀川", "hotline", "热线中心值班长", roles=frozenset({Role.SUPERVISOR})),
    RosterOfficer("phone", "孔小桐", "hotline", "热线中心话务员", roles=frozenset({Role.OPERATOR})),
    RosterOfficer("clue", "沈知棠", "clue_desk", "密件员", roles=frozenset({Role.CLUE_OFFICER})),
    RosterOfficer("clue2", "贺小满", "clue_desk", "密件员", roles=frozenset({Role.CLUE_OFFICER})),
    RosterOfficer("clerk", "陶玉苓", "civil_affairs", "养老服务科科员", roles=frozenset({Role.HANDLER})),
    RosterOfficer("head", "廖培元", "civil_affairs", "养老服务科科长", roles=frozenset({Role.HANDLER})),
    RosterOfficer("short", "苗惠", "civil_affairs", "养老服务科科员", roles=frozenset({Role.HANDLER})),
    RosterOfficer("leader", "卫明理", "bureau", "局长", roles=frozenset({Role.LEADER}), leads=True),
    RosterOfficer("town", "鲁守田", "town-a", "民政办公室副主任", roles=frozenset({Role.TOWNSHIP})),
    RosterOfficer("other", "钟离岳", "market", "食品监督管理科科员", roles=frozenset({Role.HANDLER})),
)
HOMES = {"home": RosterInstitution("home", "麦陇镇敬老院", director_name="周建和")}
ROSTER = Roster(OFFICERS, {body.code: body for body in BODIES})


def called(text: str, roster: Roster = ROSTER, **more: str) -> set[str]:
    return {each.officer.id for each in list_called(text, roster, **more)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "热线的周 建 禾收了院长红包。",
        "周　建禾收了院长红包。",
        "周\u200b建禾收了院长红包。",
        "周·建·禾收了院长红包。",
        "周。建。禾收了院长红包。",
        "接线的周建和收了院长红包。",
        "那个管派单的周建河收了两千块。",
        "邹建河收了两千块。",
        "周健禾收了两千块。",
        "周建国收了两千块。",
        "姓周叫建禾的那个收了红包。",
        "建禾同志收了红包。",
        "zhou jianhe 收了院长红包。",
        "热线上那个小周收了院长红包。",
        "派单的老周，就是周师傅，收了红包。",
        "热线姓周的收了红包。",
        "周局收了红包。",
    ],
)
def test_a_dispatcher_is_meant_by_sound_one_wrong_sign_nickname_or_title(text: str):
    assert "desk" in called(text)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("局长魏明利收了老板的钱。", "leader"),
        ("卫明力收了老板的钱。", "leader"),
        ("衛明理收了老板的錢。", "leader"),
        ("卫局收了红包。", "leader"),
        ("管密件的沈之棠说出去了。", "clue"),
        ("陶玉玲收了卡。", "clerk"),
        ("民政局养老科的陶玉灵收了卡。", "clerk"),
        ("廖培源拿了卡。", "head"),
        ("养老科的廖科拿了卡。", "head"),
        ("孟班长把热线的投诉压下来。", "chief"),
        ("中立岳", ""),
        ("钟离月拿了卡。", "other"),
        ("民政局的苗会来检查过。", "short"),
        ("苗 惠来检查过。", "short"),
    ],
)
def test_each_is_found_as_he_is_heard_or_called(text: str, who: str):
    assert (who in called(text)) if who else not called(text)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("周*禾收了院长红包。", "desk"),
        ("周＊禾收了院长红包。", "desk"),
        ("周 * 禾收了院长红包。", "desk"),
        ("周**禾收了院长红包。", "desk"),
        ("周x禾收了院长红包。", "desk"),
        ("周J禾收了院长红包。", "desk"),
        ("周×禾收了院长红包。", "desk"),
        ("周○禾收了院长红包。", "desk"),
        ("周_禾收了院长红包。", "desk"),
        ("周某禾收了院长红包。", "desk"),
        ("周建he收了院长红包。", "desk"),
        ("*建禾收了院长红包。", "desk"),
        ("廖X元拿了卡。", "head"),
        ("卫某理收了钱。", "leader"),
        ("钟*岳拿了卡。", "other"),
    ],
)
def test_a_full_name_with_one_sign_hidden_is_still_meant(text: str, who: str):
    assert who in called(text)


@pytest.mark.parametrize(
    "text", ["周*收了红包。", "周。*。禾苗都淹了。", "苗*来过。", "周x岚收了红包。", "*元收了红包。"]
)
def test_less_than_a_name_or_another_one_is_not_taken_for_it(text: str):
    assert called(text) == set()


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("热线负责人收了院长红包。", {"chief"}),
        ("你们热线的头收了院长红包。", {"chief"}),
        ("负责派单的那位把我的投诉压了。", {"desk", "chief"}),
        ("给我登记的那个人是院长的外甥。", {"phone"}),
        ("接电话的小姑娘把我的投诉告诉院长了。", {"phone"}),
        ("接我电话那个男的告诉院长了。", {"phone"}),
        ("派单员收了院长红包。", {"desk", "chief"}),
        ("你们那儿的值班长收了红包。", {"chief"}),
        ("热线的班长收了红包。", {"chief"}),
        ("话务员骂人。", {"phone"}),
        ("接线员骂人。", {"phone"}),
        ("密件员把举报说出去了。", {"clue", "clue2"}),
        ("热线的人告诉了院长。", {"desk", "chief", "phone"}),
        ("派单员周建禾收了红包。", {"desk"}),
        ("密件员沈知棠收了红包。", {"clue"}),
    ],
)
def test_a_role_means_whoever_bears_it(text: str, who: set[str]):
    assert called(text) == who


@pytest.mark.parametrize(
    "text",
    [
        "饭是馊的，吃了拉肚子。",
        "院里的老周摔倒了，没人扶。",
        "小周护理员对老人很好。",
        "老人身子烫，没人管。",
        "上周建好了新楼。",
        "四周建了围墙。",
        "院里的护工班长骂人。",
        "我打12345，话务员说帮我转。",
        "你们的电话一直占线。",
        "市场监管局周局长来看过。",
        "设施远远不够，民政局没来看。",
    ],
)
def test_residents_homes_and_other_words_mean_nobody(text: str):
    assert called(text) == set()


def test_the_director_of_a_home_bears_his_own_name():
    assert called("院长周建和收了红包。", Roster(OFFICERS, ROSTER.bodies, HOMES)) == set()


def test_a_colleague_named_to_the_letter_is_not_taken_for_another():
    other = RosterOfficer("namesake", "周建国", "civil_affairs")
    found = list_called("周建国收了红包。", Roster((*OFFICERS, other), ROSTER.bodies))
    assert "desk" not in {each.officer.id for each in found}


def test_a_common_surname_alone_means_only_those_whose_place_is_spoken_of_in_a_large_house():
    many = tuple(RosterOfficer(f"w{n}", f"王{sign}岚", f"s{n}") for n, sign in enumerate("甲乙丙丁戊己庚辛" * 4))
    assert len(many) > max(SMALL_HOUSE, FEW_BEARERS)
    sections = {
        f"s{n}": RosterBody(f"s{n}", BodyKind.CIVIL_AFFAIRS, f"第{sign}科室", **PART)  # type: ignore[arg-type]
        for n, sign in enumerate("甲乙丙丁戊己庚辛" * 4)
        if n < 8
    }
    house = Roster(many, {**ROSTER.bodies, **sections})
    assert called("民政局的老王收了卡。", house) == set()
    assert called("第丙科室的老王收了卡。", house) == {"w2"}


def test_a_township_officer_is_meant_by_surname_only_in_his_own_town():
    assert "town" in called("镇上的小鲁来要烟。", town_code="mailong")
    assert "town" not in called("镇上的小鲁来要烟。", town_code="luzhu")


def test_a_declared_relative_is_heard_too():
    tied = replace(OFFICERS[5], ties=("田桂花",))
    assert called("护工田贵花拿了鸡蛋。", Roster((tied,), ROSTER.bodies)) == {"clerk"}


def test_folding_keeps_signs_sounds_and_sentences_in_step():
    folded = fold("周 建·禾。\n收了Ａ１")
    assert (folded.text, folded.sentence) == ("周建禾收了a1", (0, 0, 0, 2, 2, 2, 2))
    assert len(folded.near) == len(folded.text)
    assert folded.sentence_at(1) == "周建禾"


@pytest.mark.parametrize(
    ("one", "other"), [("南", "兰"), ("林", "灵"), ("知", "姿"), ("船", "窜"), ("胡", "福"), ("陈", "程")]
)
def test_sounds_that_voice_input_confuses_are_one(one: str, other: str):
    assert to_near(one) == to_near(other)


def test_a_name_has_a_sound_in_latin_letters():
    assert name_sound("周建禾") == "zhoujianhe"
