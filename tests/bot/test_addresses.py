"""Villages behind a town, quarters, homes that nobody listed, and what is no place at all."""

import pytest

from bot.addresses import can_be_spot, find_named_home, find_quarter, widen_town
from bot.facts import find_facts
from bot.spots import find_spot
from triage.assessment import assess
from triage.context import build_context


@pytest.mark.parametrize(
    ("text", "town", "whole"),
    [
        ("在麦陇镇后郭庄呢", "麦陇", "麦陇镇后郭庄"),
        ("芦渚镇小柳沟 东头", "芦渚", "芦渚镇小柳沟"),
        ("梧荫街道银杏小区3号楼1单元402", "梧荫", "梧荫街道银杏小区3号楼1单元402"),
        ("就在南荇镇街上", "南荇", "南荇镇街上"),
        ("汀禾镇粮库后头那个院子", "汀禾", "汀禾镇粮库后头那个院子"),
        ("麦陇镇中心敬老院", "麦陇", "麦陇镇"),
        ("麦陇的王老五打人", "麦陇", "麦陇"),
    ],
)
def test_a_town_goes_on_as_far_as_it_was_said(text: str, town: str, whole: str) -> None:
    start = text.index(town)
    assert widen_town(text, start, start + len(town)) == whole


@pytest.mark.parametrize(
    ("text", "home"),
    [
        ("安泰养老院 在镇东头", "安泰养老院"),
        ("俺住福康养老院", "福康养老院"),
        ("这都是麦陇镇敬老院", "麦陇镇敬老院"),
        ("我爷爷从养老院走丢了", None),
        ("俺娘搁敬老院里头", None),
        ("石桥镇便民大厅没人管", "石桥镇便民大厅"),
    ],
)
def test_a_home_has_its_own_name_or_none(text: str, home: str | None) -> None:
    assert find_named_home(text) == home


@pytest.mark.parametrize(
    ("text", "spot"),
    [
        ("三楼失能区", "三楼失能区"),
        ("二楼厕所里", "二楼厕所"),
        ("我爸在二号楼", "二号楼"),
        ("西边平房", "西边平房"),
        ("东大门出去的", "东大门"),
        ("后院厨房着火", "后院厨房"),
        ("三楼三零六", "三楼三零六"),
        ("前院长是他舅", None),
    ],
)
def test_a_spot_is_told_in_many_ways(text: str, spot: str | None) -> None:
    assert find_spot(text) == spot


def test_a_village_may_go_by_a_nickname() -> None:
    assert find_quarter("俺庄大名不会写 都叫它簸箩王") == "簸箩王"
    assert find_quarter("银杏小区7号楼402") == "银杏小区7号楼402"
    assert find_quarter("他叫我别说") is None


@pytest.mark.parametrize("words", ["154", "八万块", "一百平的房子", "三千块钱", "两个人"])
def test_a_number_a_sum_a_size_is_no_place(words: str) -> None:
    assert not can_be_spot(words)


@pytest.mark.parametrize("words", ["后郭庄", "三楼", "7号楼402", "粮库后头"])
def test_a_place_may_be_one(words: str) -> None:
    assert can_be_spot(words)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("就在供销社对过", "供销社对过"),
        ("老车站旁边那个院", "老车站旁边"),
        ("村委会后头", "村委会后头"),
        ("县医院斜对面", "县医院斜对面"),
        ("就在桥头", "桥头"),
        ("张家庄", "张家庄"),
        ("在食堂里头", "食堂里头"),
        ("关在地下室", "地下室"),
        ("西边那排平房第三间", "西边那排平房第三间"),
        ("楼梯拐角", "楼梯拐角"),
        ("食堂的饭是馊的", None),
        ("交了八千块押金", None),
        ("去年冬天的事", None),
    ],
)
def test_a_spot_is_heard_as_people_of_the_country_say_it(said: str, place: str | None) -> None:
    assert find_facts(None, said).place == place


def test_what_only_lies_beside_it_is_no_home_and_no_place() -> None:
    told = "俺庄大名记不清咋写 都叫它簸箕王\n挨着南荇镇粮所"
    assert find_facts(assess(told, build_context()), told).place == "簸箕王"
    beside = "卫生院隔壁"
    assert find_facts(assess(beside, build_context()), beside).institution is None
