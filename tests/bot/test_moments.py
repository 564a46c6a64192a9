"""When it was: lengths, seasons, feasts; what is paid by the month tells no time."""

import pytest

from bot.moments import find_moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("食堂锁了半年门了", "半年"),
        ("打立秋那阵子开始的", "立秋那阵子"),
        ("从春上就这样", "春上"),
        ("材料递了一年零三个月", "一年零三个月"),
        ("五年没查过账", "五年"),
        ("下午三点多出去的 到现在没回来", "下午三点多"),
        ("一月收一千五 说好管药", None),
        ("他说年底给", None),
        ("今天上午俺爹才跟我说 事是礼拜六的", "礼拜六"),
        ("没人管", None),
    ],
)
def test_it_is_found_without_triage(text: str, moment: str | None) -> None:
    assert find_moment(text, None) == moment


@pytest.mark.parametrize(
    ("text", "known", "moment"),
    [
        ("前年到现在", "前年", "前年到现在"),
        ("国庆那几天就开始了", "国庆", "国庆那几天"),
        ("那是去年腊月二十三的事", "去年腊月", "去年腊月二十三"),
        ("上个月初三", "上个月", "上个月初三"),
        ("每礼拜六上午都来", "礼拜六上午", "每礼拜六上午"),
        ("昨天晚上八点多打的", "昨天晚上", "昨天晚上八点多"),
        ("现在还这样 立冬前后开始的", "现在", "立冬前后"),
        ("上个月三千块", "上个月", "上个月"),
    ],
)
def test_what_triage_found_is_taken_as_far_as_it_was_said(text: str, known: str, moment: str) -> None:
    start = text.index(known)
    assert find_moment(text, (start, start + len(known))) == moment
