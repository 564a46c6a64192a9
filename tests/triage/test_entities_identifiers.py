"""What gives a reporter away is found, and what the report is about is left alone."""

import random
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.entities.identifiers import find_identifiers
from triage.entities.numbers import is_valid_card_number, is_valid_id_number
from triage.types import IdentifierKind

CASES = tomllib.loads((Path(__file__).parent / "identifiers.toml").read_text("utf-8"))["cases"]
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
)
GIVEN = (
    "秀英",
    "桂兰",
    "建国",
    "德厚",
    "玉珍",
    "志强",
    "春梅",
    "永发",
    "小军",
    "丽华",
    "文才",
    "凤霞",
    "宝山",
    "淑芬",
    "明",
)


def covered(text: str) -> set[int]:
    return {place for one in find_identifiers(text) for place in range(one.start, one.end)}


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:24] for case in CASES])
def test_it_masks_every_secret_and_nothing_else_that_matters(case):
    masked, text = covered(case["text"]), case["text"]
    for secret in case["secret"]:
        start = text.index(secret)
        assert masked.issuperset(range(start, start + len(secret))), secret
    for plain in case.get("plain", ()):
        start = text.index(plain)
        assert masked.isdisjoint(range(start, start + len(plain))), plain


def a_phone(chance: random.Random) -> str:
    digits = "154" + "".join(chance.choices("0123456789", k=8))
    spelt = "".join("零幺二三四五六七八九"[int(digit)] for digit in digits)
    parts = digits[:3], digits[3:7], digits[7:]
    return chance.choice((digits, " ".join(parts), "-".join(parts), ".".join(parts), spelt))


TEMPLATES = (
    "我叫{name}，我妈在福康养老院，电话{phone}",
    "俺是{name} 俺娘在敬老院让人打了 给俺打{phone}",
    "{name}，女，71岁，住白马镇柳河村{door}，电话{phone}，反映五保评定不公。",
    "反映福康养老院乱收费。反映人：{name}，联系方式{phone}",
    "以上句句属实。此致敬礼！{name} 2024年5月6日",
    "望领导明察。\n\n退休职工：{name}\n电话：{phone}\n二〇二四年三月",
    "我家住阳光花园{flat}，楼下开了个黑养老院，号码{phone}",
    "本人{name}，系敬老院离职会计，实名举报院长贪污",
    "院长打人！我是护工{name}，可以作证，{phone}",
    "来电人{name}（{phone}）称其父在养老院摔伤无人管",
)


def test_it_finds_nearly_every_secret_in_three_hundred_generated_texts():
    chance = random.Random(20)
    found = wanted = 0
    for round_ in range(300):
        secrets = {
            "name": chance.choice(SURNAMES) + chance.choice(GIVEN),
            "phone": a_phone(chance),
            "door": f"{chance.randint(1, 200)}号",
            "flat": f"{chance.randint(1, 40)}号楼{chance.randint(1, 6)}单元{chance.randint(101, 904)}",
        }
        template = TEMPLATES[round_ % len(TEMPLATES)]
        text = template.format(**secrets)
        masked = covered(text)
        for key, secret in secrets.items():
            if "{" + key + "}" in template:
                wanted += 1
                start = text.index(secret)
                found += masked.issuperset(range(start, start + len(secret)))
    assert wanted > 500
    assert found / wanted >= 0.99


def test_it_gives_positions_in_the_original_text():
    text = "电\u200b话１５４\u200b００１２\u200b３４５６，我叫王秀英。"
    for one in find_identifiers(text):
        assert text[one.start : one.end] == one.text


def test_it_says_what_kind_each_is():
    text = (
        "我叫王秀英，住下洼子村15号，电话15400123456，微信wang_1949，身份证370000194905010011，卡号6228000000000000000"
    )
    kinds = {one.kind for one in find_identifiers(text)}
    assert kinds == set(IdentifierKind)


def test_overlapping_finds_become_one():
    found = find_identifiers("我叫王秀英15400123456，微信15400123456，户名王秀英")
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    ("number", "valid"), [("11010519491231002X", True), ("110105194912310021", False), ("12", False)]
)
def test_it_checks_the_last_sign_of_an_id_number(number, valid):
    assert is_valid_id_number(number) is valid


@pytest.mark.parametrize(("number", "valid"), [("4111111111111111", True), ("4111111111111112", False), ("", False)])
def test_it_checks_the_sum_of_a_card_number(number, valid):
    assert is_valid_card_number(number) is valid


@given(st.text(alphabet=st.characters(), max_size=300))
def test_it_answers_any_text_with_true_positions(text):
    for one in find_identifiers(text):
        assert text[one.start : one.end] == one.text
