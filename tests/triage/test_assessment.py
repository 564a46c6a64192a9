"""The one door of triage, on written cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triage.reading_room import a_context, said_of
from triage.types import Assessment, Keys, Urgency

CASES = {
    "我妈胳膊上青一块紫一块，问她她不敢说，护工一进屋她就往被窝里缩": "elder_abuse",
    "灭火器都过期三年了，楼梯口堆满旧床，安全出口还上着锁": "fire_hazard",
    "吃完中午饭一屋子老人拉肚子，那肉都有味儿了": "food_safety",
    "人都死了两年了，村里还拿他的名字领五保的钱": "subsidy_fraud",
    "高龄补贴半年没到账了，问就说再等等": "fund_delay",
    "押金八千不给退，住了五天扣了一个月的钱": "fees",
    "招标就是走过场，三家投标都是一个老板": "procurement",
    "请问八十岁老人的高龄津贴怎么申请，要带什么材料": "inquiry",
    "小区地下车库漏水，物业收了物业费不管，业主意见很大": "out_of_scope",
}


@pytest.mark.parametrize(("text", "code"), CASES.items())
def test_it_names_the_category_that_a_reader_would(text, code):
    assert said_of(text).category == code


def test_danger_now_is_critical_whatever_the_category():
    said = said_of("快来人，养老院二楼着火了，全是黑烟，好几个走不动的老人还在上头下不来")
    assert said.urgency is Urgency.CRITICAL
    assert said.urgency_evidence


@pytest.mark.parametrize(
    "text", ["要是着了火老人一个都跑不出去，门从外头锁着", "去年养老院厨房着过一次火，扑灭了，灭火器到现在没换"]
)
def test_danger_supposed_or_past_is_not_critical(text):
    assert said_of(text).urgency is Urgency.HIGH


def test_a_particular_official_who_takes_money_turns_both_keys():
    said = said_of("民政办的李科长收了我三千块钱才给我爹批低保，不给钱就卡着不签字")
    assert said.discipline
    assert said.keys.who
    assert said.keys.what
    assert said.keys.evidence


def test_both_keys_open_the_gate_to_discipline_that_a_category_alone_would_not():
    said = said_of("镇上的会计拿老人的补贴，签的是别人的名")
    assert said.discipline
    assert said.keys.who
    assert said.keys.what


@pytest.mark.parametrize(
    "text", ["说来话长", "手机快没电了", "我妈快八十了", "热死了", "快点回复", "我是老党员，说句公道话"]
)
def test_small_talk_is_neither_danger_nor_complaint(text):
    said = said_of(text)
    assert said.urgency is Urgency.NORMAL
    assert said.category in {"out_of_scope", "inquiry"}


def test_money_that_is_held_back_is_no_life_in_danger():
    text = "市里三月就把运营补助拨下来了，压在区里不给，我们小院子电费都交不上"
    assert said_of(text).urgency is not Urgency.CRITICAL


def test_a_private_home_with_poor_food_is_no_matter_for_discipline():
    said = said_of("养老院天天白菜馒头，老人吃不饱，被褥也不换")
    assert not said.discipline
    assert said.keys == Keys(who=False, what=False)


def test_lifts_go_to_market_supervision_and_are_told_to_civil_affairs():
    said = said_of("养老院的电梯没有检验标，上周把老人困在里面，门开了轿厢没到")
    assert said.category == "building_safety"
    assert said.body == "market"
    assert "civil_affairs" in said.co_bodies


def test_inquiry_and_out_of_scope_stand_alone():
    for text in ("请问敬老院收不收社会老人，一个月多少钱", "加微信办贷款秒批"):
        assert len(said_of(text).categories) == 1


def test_denied_words_are_shown_but_do_not_count():
    said = said_of("护工没打人，就是态度差，嫌老人吃得慢")
    assert said.category != "elder_abuse"
    assert any(evidence.excluded for evidence in said.excluded)


def test_the_explanation_is_one_sentence_with_category_and_body():
    said = said_of("敬老院的墙裂了大缝子，一下雨屋里漏水，顶棚往下掉")
    assert said.explanation.count("。") == 1
    assert "房屋建筑与设施安全" in said.explanation
    assert "住房城乡建设部门" in said.explanation


def test_the_same_text_gives_the_same_answer():
    text = "供养金压在镇上三个月没发"
    assert said_of(text) == said_of(text)


ODD = [
    "",
    " ",
    "\n\n",
    "1",
    "。",
    "\ud800",
    "😀😀😀",
    "\u202e\u200b\u2060",
    "a" * 5000,
    "<b>老人</b>",
    "９" * 400,
    "\x00老",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_input_is_answered(text):
    assert said_of(text).categories


def test_a_hundred_thousand_signs_are_answered():
    assert said_of("哈" * 100_000).category
    assert said_of("护工打老人。" * 3000).category


def spans_of(said: Assessment):
    evidence = [e for score in said.categories for e in score.evidence]
    return [*evidence, *said.urgency_evidence, *said.discipline_evidence, *said.keys.evidence, *said.excluded]


@given(st.text(max_size=60), st.sampled_from([*CASES, "護工把老人綁在床上，打得青一塊紫一塊"]), st.text(max_size=20))
def test_evidence_stands_where_it_says(before, middle, after):
    text = before + middle + after
    for evidence in spans_of(said_of(text)):
        assert text[evidence.start : evidence.end] == evidence.phrase


@pytest.mark.parametrize(("text", "inside"), [("道路养护工作没做好", "养护工作"), ("养老保险交了十五年", "养老保险")])
def test_no_evidence_cuts_a_longer_word(text, inside):
    left = text.index(inside)
    for evidence in spans_of(said_of(text)):
        assert not left < evidence.start < left + len(inside)
        assert not left < evidence.end < left + len(inside)


def test_the_context_stores_its_version():
    assert said_of("你好").lexicon_version == a_context().lexicon.version
