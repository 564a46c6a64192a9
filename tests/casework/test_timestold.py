"""Who left before it happened is let in only where the text tells of one time alone."""

import pytest

from casework.timestold import tells_one_time
from triage.types import TimeMention


def a_time(text: str, words: str) -> TimeMention:
    start = text.index(words)
    return TimeMention(words, start, start + len(words), None, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2021年养老服务科的人扣了我们五千块钱，昨天我去问，他们说没有这回事。", "昨天"),
        ("昨天我才知道，三年前养老服务科批的补贴根本没发。", "昨天"),
        ("养老服务科前几年一直扣我们的补贴，上个月又扣了。", "上个月"),
        ("养老服务科从2022年起每个月扣200元，10月5号我去查了账。", "10月5号"),
        ("2026年9月30日我去查，发现2022年的补贴被人领走了。", "2026年9月30日"),
        ("前年冬天养老服务科的人打了我，今年国庆我又去，还是不给办。", "今年国庆"),
        ("养老服务科大前年就把补贴扣了，上周我去问也不理。", "上周"),
        ("二〇二一年扣了补贴，昨天去问，不理。", "昨天"),
        ("以前就扣，昨天又扣。", "昨天"),
    ],
)
def test_an_old_time_beside_the_recent_one_is_no_single_time(text: str, words: str):
    assert not tells_one_time(text, a_time(text, words))


@pytest.mark.parametrize(
    ("text", "words"), [("昨天养老服务科的人骂了我。", "昨天"), ("他们2024年9月1日收了材料。", "2024年9月1日")]
)
def test_one_time_alone_is_one(text: str, words: str):
    assert tells_one_time(text, a_time(text, words))
