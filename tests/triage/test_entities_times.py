"""When it happened, as people say it."""

from datetime import date

import pytest

from triage.entities.plain import read_plain
from triage.entities.times import find_time

RECEIVED = date(2024, 1, 15)  # a Monday


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("前儿晚上", "2024-01-13", "2024-01-13"),
        ("夜来", "2024-01-14", "2024-01-14"),
        ("上个月", "2023-12-01", "2023-12-31"),
        ("上上个月", "2023-11-01", "2023-11-30"),
        ("11月3号", "2023-11-03", "2023-11-03"),
        ("2023年5月3日下午三点", "2023-05-03", "2023-05-03"),
        ("二〇二三年八月", "2023-08-01", "2023-08-31"),
        ("十月底", "2023-10-21", "2023-10-31"),
        ("上周三", "2024-01-10", "2024-01-10"),
        ("去年国庆", "2023-10-01", "2023-10-08"),
        ("去年中秋", "2023-09-26", "2023-10-02"),
        ("去年年底", "2023-10-01", "2023-12-31"),
    ],
)
def test_it_turns_words_into_days(words, first, last):
    found = find_time(read_plain(f"我妈{words}，在院里摔了"), RECEIVED)
    assert found is not None
    assert found.text == words
    assert (str(found.from_), str(found.to)) == (first, last)


@pytest.mark.parametrize(
    ("words", "day"), [("有一个多月了", "2023-12-10"), ("七八天前", "2024-01-07"), ("去年冬天", "2023-12-25")]
)
def test_a_vague_time_covers_the_day_that_was_meant(words, day):
    found = find_time(read_plain(f"这事{words}，没人管"), RECEIVED)
    assert found is not None
    assert found.from_ is not None
    assert found.to is not None
    assert found.from_ <= date.fromisoformat(day) <= found.to


def test_the_most_exact_time_wins():
    found = find_time(read_plain("去年住进去的，最近瘦了，昨天摔的"), RECEIVED)
    assert found is not None
    assert found.text == "昨天"


def test_without_a_day_of_receipt_there_are_words_but_no_dates():
    found = find_time(read_plain("上个月的事"), None)
    assert found is not None
    assert (found.text, found.from_, found.to) == ("上个月", None, None)


def test_a_day_that_no_calendar_has_gets_no_dates():
    found = find_time(read_plain("2月30号的事"), RECEIVED)
    assert found is not None
    assert found.from_ is None


def test_a_text_without_a_time_has_none():
    assert find_time(read_plain("饭菜太差"), RECEIVED) is None
