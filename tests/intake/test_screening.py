"""The working text: equal in length, with nothing left that gives its writer away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.roster import Roster
from casework.verdicts import MASK
from intake.screening import list_masked, mask_pieces, mask_text, screen_draft
from intake.types import Contact
from tests.intake.desk import a_contact, a_desk, a_draft
from triage.types import Identifier, IdentifierKind

identifier_kinds = st.sampled_from(IdentifierKind)


def found(text: str, words: str, kind: IdentifierKind = IdentifierKind.PHONE) -> Identifier:
    start = text.index(words)
    return Identifier(words, start, start + len(words), kind)


@st.composite
def texts_with_spans(draw):
    text = draw(st.text(max_size=60))
    spans = draw(st.lists(st.tuples(st.integers(-2, 70), st.integers(-2, 70), identifier_kinds), max_size=4))
    return text, [Identifier(text[max(a, 0) : max(b, 0)], a, b, kind) for a, b, kind in spans if a <= b]


@given(texts_with_spans(), st.builds(Contact, name=st.text(max_size=4), phone=st.text(max_size=12)))
def test_it_keeps_length_and_every_letter_it_does_not_mask(drawn, contact):
    text, identifiers = drawn
    working = mask_text(text, identifiers, contact=contact)
    assert len(working) == len(text)
    assert all(new in (old, MASK) for old, new in zip(text, working, strict=True))
    for each in identifiers:
        assert set(working[max(each.start, 0) : max(each.end, 0)]) <= {MASK}


def test_it_masks_every_code_point_of_what_was_found():
    text = "卡号622202，电话154 1234 5678，院长姓崔"
    working = mask_text(text, [found(text, "154 1234 5678")])
    assert working == "卡号622202，电话▇▇▇▇▇▇▇▇▇▇▇▇▇，院长姓崔"


@pytest.mark.parametrize(
    "again",
    ["15412345678", "154-1234-5678", "１５４１２３４５６７８", "一五四一二三四五六七八", "幺五四 一二三四 五六七八"],
)
def test_a_number_is_masked_wherever_and_however_it_stands_again(again):
    text = f"电话15412345678。请打{again}找我。"
    working = mask_text(text, [found(text, "15412345678")])
    assert working == f"电话{MASK * 11}。请打{MASK * len(again)}找我。"


def test_the_writers_name_is_masked_before_and_after_it_was_told():
    text = "芮秋禾求助。我叫芮秋禾，大家喊我秋禾，写作芮 秋禾也行。"
    working = mask_text(text, [found(text, "芮秋禾", IdentifierKind.REPORTER_NAME)])
    assert working == "▇▇▇求助。我叫▇▇▇，大家喊我▇▇，写作▇▇▇▇也行。"


def test_what_was_given_as_contact_is_masked_in_the_story():
    text = "我妈住芦渚镇柳行巷7号，我是芮秋禾，打15412345678。"
    assert mask_text(text, (), contact=a_contact()) == "我妈住▇▇▇▇▇▇▇▇，我是▇▇▇，打▇▇▇▇▇▇▇▇▇▇▇。"


def test_a_name_of_one_letter_masks_nothing():
    assert mask_text("我姓崔，崔院长不管", (), contact=Contact(name="崔")) == "我姓崔，崔院长不管"


def test_nobody_elses_name_is_masked():
    text = "我叫芮秋禾，院长崔广田打人"
    assert "崔广田" in mask_text(text, [found(text, "芮秋禾", IdentifierKind.REPORTER_NAME)])


@pytest.mark.parametrize(
    ("text", "working"),
    [
        ("固话7654321打不通", "固话▇▇▇▇▇▇▇打不通"),
        ("账号6222 0200 1234 5678 901", "账号" + MASK * 23),
        ("收了1500000元", "收了1500000元"),
        ("收了1500000 块钱", "收了1500000 块钱"),
        ("建了3000000平米", "建了3000000平米"),
        ("2026年10月8日8点", "2026年10月8日8点"),
    ],
)
def test_long_numbers_that_are_no_sum_are_masked_even_if_triage_missed_them(text, working):
    assert mask_text(text, ()) == working


@pytest.mark.parametrize(
    ("text", "working"),
    [
        ("我叫芮秋禾，敬老院打人", "我叫▇▇▇，敬老院打人"),
        ("俺名字叫冉二柱", "俺名字叫▇▇▇"),
        ("本人芮守田，身份证丢了", "本人▇▇▇，身份证丢了"),
        ("联系人：冉大勇 电话见后", "联系人：▇▇▇ 电话见后"),
        ("我叫不醒，护工也不管", "我叫不醒，护工也不管"),
        ("我叫他别打，他不听", "我叫他别打，他不听"),
        ("我姓冉，住芦渚镇柳行巷7号，敬老院排污", "我姓冉，住芦渚镇柳行巷▇▇，敬老院排污"),
        ("我住幸福小区3号楼2单元501室，楼下吵", "我住幸福小区▇▇▇▇▇▇▇▇▇▇，楼下吵"),
        ("老人住3号楼，没人管", "老人住3号楼，没人管"),
    ],
)
def test_own_name_and_door_are_masked_even_if_triage_missed_them(text, working):
    assert mask_text(text, ()) == working


def test_contact_accounts_without_digits_recur_masked():
    text = "微信ruiqiuhe，加ruiqiuhe"
    account = found(text, "ruiqiuhe", IdentifierKind.CONTACT_ACCOUNT)
    assert mask_text(text, [account]) == f"微信{MASK * 8}，加{MASK * 8}"


def test_the_sentence_that_explains_quotes_nothing_masked():
    text, working = "电话15412345678打", "电话▇▇▇▇▇▇▇▇▇▇▇打"
    assert list_masked(text, working) == ("15412345678",)
    assert mask_pieces("文中“15412345678”是电话", ["15412345678"]) == f"文中“{MASK * 11}”是电话"


def test_a_screened_draft_holds_verdict_and_working_text():
    draft = a_draft("电话15412345678，饭是馊的", contact=a_contact())
    screened = screen_draft(draft, a_desk(home=None), Roster())
    assert screened.working_text == "电话▇▇▇▇▇▇▇▇▇▇▇，饭是馊的"
    assert screened.assessment.category == "food_safety"
    assert screened.masked == ("15412345678",)


@pytest.mark.parametrize("signed", ["芮秋禾2026年10月7日", "芮秋禾  2026.10.7", "  芮秋禾 2026-10-07"])
def test_a_letters_last_line_with_name_and_day_hides_the_name(signed: str):
    working = mask_text(f"饭是馊的，吃了拉肚子。\n{signed}", ())
    assert "芮秋禾" not in working
    assert mask_text("麦陇镇2026年10月的饭", ()) == "麦陇镇2026年10月的饭"
