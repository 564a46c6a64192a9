"""Where and when it happened, and only that: no rest of a name, nothing compared with, no year of a thing."""

from dataclasses import replace

import pytest

from bot.facts import find_facts, take_facts
from bot.names import find_name
from bot.reading import Reading, read_utterance
from bot.spots import find_spot
from bot.types import Stage, Talk
from bot.words import load_words
from tests.casework.people import NOW
from triage.assessment import assess
from triage.context import build_context

WORDS = load_words()
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


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("六月退的房，两万押金到今天没给", "六月"),
        ("押金拖到今天", None),
        ("今天上午护工推了我爸", "今天上午"),
        ("走廊里的灭火器都是二〇一八年的", None),
        ("锅炉是2009年装的，一直没检修", None),
        ("2021年的合同，今年四月不认了", "今年四月"),
        ("东岗敬老院的饭钱比去年贵了三百", None),
        ("腊月里就有三回没人应", "腊月里"),
        ("十二月里摔了两回", "十二月里"),
        ("就是去年的事", "去年"),
    ],
)
def test_a_date_is_the_date_of_the_matter(said: str, when: str | None) -> None:
    assert find_facts(assess(said, CONTEXT), said).when == when


@pytest.mark.parametrize(
    ("said", "home"),
    [("快冻死人了\n向阳坡敬老院一冬没烧炕", "向阳坡敬老院"), ("饭是馊的\n东岗敬老院", "东岗敬老院")],
)
def test_a_home_keeps_the_first_sign_of_its_name_at_the_head_of_a_message(said: str, home: str) -> None:
    assert find_facts(assess(said, CONTEXT), said).institution == home


def test_a_length_of_time_told_when_asked_where_gives_way_to_a_date() -> None:
    talk = Talk(stage=Stage.ASKING_PLACE, is_complaint=True)
    first = take_facts(talk, a_reading("真困难的评了三年没评上"), corrects=False)
    assert (first.when, first.settled) == ("三年", ())
    then = take_facts(replace(first, stage=Stage.LISTENING), a_reading("今年端午节前的事"), corrects=False)
    assert then.when == "今年端午节前"


def a_reading(said: str) -> Reading:
    found = assess(said, CONTEXT)
    return Reading(read_utterance(said, WORDS), message=found, story=found)
