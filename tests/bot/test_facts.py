"""Where and when it happened, and only that: no rest of a name, nothing compared with, no year of a thing."""

import pytest

from bot.facts import find_facts
from bot.names import find_name
from bot.spots import find_spot
from tests.casework.people import NOW
from triage.assessment import assess
from triage.context import build_context

CONTEXT = build_context().with_received(NOW.date(), "web")


@pytest.mark.parametrize(
    ("said", "home", "place"),
    [
        ("向阳屯敬老院的炕冰凉", "向阳屯敬老院", None),
        ("我爹搁向阳坡敬老院住，饭是馊的", "向阳坡敬老院", None),
        ("东岗敬老院失能区四楼夜里没人", "东岗敬老院", "失能区四楼"),
        ("东岗敬老院四楼失智区夜里没人", "东岗敬老院", "四楼失智区"),
        ("东岗敬老院院长家盖了三层小楼，克扣老人伙食", "东岗敬老院", None),
        ("东岗敬老院的鸡蛋，价钱比超市贵一倍", "东岗敬老院", None),
    ],
)
def test_a_place_is_where_it_happened(said: str, home: str, place: str | None) -> None:
    found = find_facts(assess(said, CONTEXT), said)
    assert (found.institution, found.place) == (home, place)


@pytest.mark.parametrize(
    ("said", "spot"),
    [
        ("就在这家三楼", "三楼"),
        ("老赵家三层楼，还吃低保", None),
        ("他家二楼都租出去了", None),
        ("一共五层", None),
        ("厨房后头的平房", "厨房后头的平房"),
        ("三〇二房", "三〇二房"),
    ],
)
def test_a_spot_is_no_private_house_and_no_count_of_floors(said: str, spot: str | None) -> None:
    assert find_spot(said) == spot


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("我姓上官，上官青禾", "上官青禾"),
        ("我姓司徒，叫司徒满", "司徒满"),
        ("我姓冀，叫冀小麦", "冀小麦"),
        ("我姓司徒", "司徒"),
    ],
)
def test_a_surname_of_two_signs_does_not_end_the_name(said: str, name: str) -> None:
    assert find_name(said.replace("，", ",")) == name
