"""Which sentences of a report can stand open, and when nothing is parted: with the triage that the product uses."""

from functools import cache

import pytest

from casework.conflicts import find_conflicts, read_mentions
from casework.errors import DataError
from casework.parting import Parting, Unclean, Why, cut, load_words, part_report, split_sentences
from casework.roster import Roster, RosterBody, RosterOfficer
from casework.types import BodyKind, Role
from triage.assessment import assess
from triage.context import Context, build_context
from triage.types import Assessment

FOOD = "麦陇镇敬老院食堂的饭老是馊的，我妈吃了拉肚子。"
MONEY = "还有院长把护理补贴装自己口袋，去年冬天就开始了。"
SECTION = "养老服务科科长廖培元收了汀禾老年公寓的红包。"
LIFT = "另外汀禾老年公寓电梯停了二十天没人修。"


@cache
def context() -> Context:
    return build_context()


def say(text: str) -> Assessment:
    return assess(text, context())


def a_roster(*officers: RosterOfficer) -> Roster:
    bodies = {
        "bureau": RosterBody("bureau", BodyKind.CIVIL_AFFAIRS, "望桐县民政局", internal=True),
        "civil_affairs": RosterBody(
            "civil_affairs", BodyKind.CIVIL_AFFAIRS, "养老服务科", part_of_code="bureau", internal=True
        ),
        "hotline": RosterBody("hotline", BodyKind.CIVIL_AFFAIRS, "热线中心", part_of_code="bureau", internal=True),
        "market": RosterBody("market", BodyKind.MARKET, "望桐县市场监督管理局"),
        "housing": RosterBody("housing", BodyKind.HOUSING, "望桐县住房和城乡建设局"),
    }
    return Roster(officers, bodies)


def an_official(name: str, body: str, post: str, *roles: Role) -> RosterOfficer:
    return RosterOfficer(name, name, body, post, roles=frozenset(roles))


HEAD = an_official("廖培元", "civil_affairs", "养老服务科科长", Role.HANDLER)


def part(text: str, *officers: RosterOfficer) -> Parting:
    roster, whole = a_roster(*officers), say(text)
    hits = find_conflicts(read_mentions(whole, text), roster)
    return part_report(text, whole, hits, assess=say, roster=roster)


def open_words(text: str, *officers: RosterOfficer) -> str:
    return cut(text, part(text, *officers).spans)


def test_the_bad_food_stands_open_and_the_directors_money_is_sealed():
    parting = part(FOOD + MONEY)
    assert (parting.unclean, cut(FOOD + MONEY, parting.spans)) == (None, FOOD)
    assert [(each.open, each.why) for each in parting.sentences] == [(True, Why.OWN_MATTER), (False, Why.PERSON)]
    assert parting.assessment is not None
    assert (parting.assessment.category, parting.assessment.discipline) == ("food_safety", False)


def test_the_order_of_the_matters_does_not_matter_and_the_joining_words_go():
    assert open_words(f"{MONEY}再有一件事，{FOOD}") == FOOD
    assert open_words(f"{SECTION}{LIFT}", HEAD) == "汀禾老年公寓电梯停了二十天没人修。"


def test_what_goes_on_from_the_sealed_matter_is_sealed_with_it():
    text = f"{FOOD}副镇长卜庆林收了院长两万块购物卡。所以没有检查过。有一个多月了。车牌尾数是三个八。"
    assert open_words(text) == FOOD


def test_what_goes_on_from_the_open_matter_stays_with_it():
    text = f"{FOOD}有一个多月了。{MONEY}"
    assert open_words(text) == f"{FOOD}有一个多月了。"


def test_a_sentence_that_counts_the_matters_is_not_left_to_tell_of_the_other():
    assert open_words(f"我要反映两件事。{FOOD}{MONEY}") == FOOD


def test_numbers_before_the_matters_leave_no_gap():
    assert open_words(f"一、镇民政办副主任收了购物卡。二、{FOOD}") == FOOD


def test_a_line_that_only_names_the_home_belongs_to_both():
    text = "食堂的饭是馊的，吃了拉肚子\n院长把补贴装自己口袋\n麦陇镇敬老院\n去年冬天"
    assert open_words(text) == "食堂的饭是馊的，吃了拉肚子\n麦陇镇敬老院"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (FOOD.replace("。", "，") + MONEY, Unclean.ONE_SENTENCE),
        (f"麦陇镇敬老院食堂的饭是馊的，院长不管。{MONEY}", Unclean.NOTHING_OPEN),
        (f"饭是馊的。{MONEY}", Unclean.TOO_SHORT),
        (f"请问高龄补贴怎么领。麦陇镇敬老院{MONEY}", Unclean.NOTHING_OPEN),
        ("麦陇镇敬老院副院长收了购物卡。还有，食堂的饭是馊的，老人吃了拉肚子。", Unclean.NO_PLACE),
        (f"{FOOD}{MONEY}西屋着火了，老人困在里面出不来，快来人！", Unclean.DANGER),
        (FOOD * 41, Unclean.TOO_LONG),
    ],
)
def test_nothing_is_parted_where_the_split_is_not_clean(text: str, why: Unclean):
    parting = part(text)
    assert (parting.unclean, parting.spans, parting.assessment) == (why, (), None)


def test_nothing_is_parted_where_the_accused_would_handle_the_open_part():
    text = f"{SECTION}另外汀禾老年公寓一个护工管三十多人，夜里没人应铃，老人尿床没人换。"
    assert part(text, HEAD).unclean is Unclean.HANDLED_BY_ACCUSED
    assert part(f"{SECTION}还有，{FOOD}", HEAD).unclean is None


def test_nothing_is_parted_where_the_accused_sits_at_the_desk():
    clerk = an_official("卜庆林", "hotline", "派单员", Role.DISPATCHER)
    text = f"{FOOD}还有热线中心的卜庆林收了院长的购物卡。"
    assert part(text).unclean is None
    assert part(text, clerk).unclean is Unclean.HANDLED_BY_ACCUSED


def test_whoever_the_sealed_matter_names_is_named_nowhere_in_the_open_part():
    text = f"{FOOD}卜庆林也在院里吃饭。副镇长卜庆林收了院长两万块购物卡。"
    assert "卜庆林" not in open_words(text)


@pytest.mark.parametrize("text", ["", "。。。", "\n\n", "。" * 500, "a", "。\u3000\n；…！？"])
def test_it_takes_any_text(text: str):
    assert part(text).spans == ()


def test_the_sentences_cover_every_letter():
    text = "第一句。第二句！“第三句？”\n第四句；第五句……没有完"
    assert "".join(text[start:end] for start, end in split_sentences(text)) == text


def test_a_wrong_data_file_is_told(tmp_path):
    wrong = tmp_path / "parting.toml"
    wrong.write_text('[marks]\nperson = ["("]\n[links]\nwords = "a"\n[separators]\nwords = "b"\n', encoding="utf-8")
    with pytest.raises(DataError):
        load_words(wrong)
