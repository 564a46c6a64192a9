"""A word for whoever bears a role hits in blame alone: not where he is asked, greeted, thanked or told something."""

import pytest

from casework.callings import list_called
from tests.casework.test_callings import ROSTER

CLUE = {"clue", "clue2"}
GAIN = "麦陇镇民政办副主任收了敬老院三千元购物卡，就不去检查了"


def called(text: str) -> set[str]:
    return {each.officer.id for each in list_called(text, ROSTER)}


@pytest.mark.parametrize(
    "polite",
    [
        "请密件员同志尽快办",
        "你们接举报以后一定要替我保密",
        "希望处理举报的同志早点来",
        "这封信请保密员收",
        "我怕报复，只跟你们管举报的人说",
        "县纪委负责举报的同志让我找你们",
        "密件员同志，谢谢您",
        "密件员您好",
        "上回是管举报的同志给我登记的",
        "上回跟你们密件员说过，没有回音",
        "你们热线的人要替我保密",
        "接线员说会让派单员转给值班长，请密件员也看看",
        "上次接线员登记了，派单员说派下去了，没人来",
        "热线工作人员态度很好，请负责派单的同志快点",
    ],
)
def test_a_role_that_is_asked_greeted_thanked_or_told_of_means_nobody(polite: str):
    for text in (
        f"{polite}。",
        f"{GAIN}。{polite}。",
        f"{polite}。{GAIN}。",
        f"{GAIN}，{polite}。",
        f"{polite}，{GAIN}。",
    ):
        assert called(text) == set(), text


@pytest.mark.parametrize(
    "plain",
    [
        "我去年到镇民政办举报过，没人理",
        "我去信访办举报鲁守田收了红包",
        "镇里没人管举报的事",
        "村里说不收举报，还骂人",
        "派出所不管保密的",
        "12345说你们会处理举报",
        "我给贵局管告状的写过信",
    ],
)
def test_words_for_reporting_as_such_mean_no_officer_who_takes_reports(plain: str):
    assert not called(f"{GAIN}。{plain}。") & CLUE


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("我要举报密件员。", CLUE),
        ("请查一查你们的密件员，院长什么都知道。", CLUE),
        ("密件员周三来过，把我的名字告诉院长了。", CLUE),
        ("有人收了院长的钱，就是那个密件员。", CLUE),
        ("我给密件员送了两千块红包。", CLUE),
        ("你们管举报的人和院长是一伙。", CLUE),
        ("负责派单的压着我的单子不办。", {"desk", "chief"}),
        ("我跟接线员说了，她骂人，挂了电话。", {"phone"}),
        ("请密件员收下。密件员收了红包。", CLUE),
    ],
)
def test_a_role_spoken_ill_of_means_whoever_bears_it(text: str, who: set[str]):
    assert called(text) == who


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("卫副收了敬老院两万块。", {"leader"}),
        ("廖副拿了卡。", {"head"}),
        ("明理这个人收了两万块。", {"leader"}),
        ("Wèi Mínglǐ收了两万块。", {"leader"}),
        ("wèi míng lǐ 收了两万块。", {"leader"}),
    ],
)
def test_a_half_name_with_a_rank_a_pronoun_or_tones_is_heard(text: str, who: set[str]):
    assert called(text) == who
