"""The receipt code as people read, type, mistype and say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.codes import (
    CODE_DIGITS,
    DAMM,
    add_phrase,
    check_digit,
    choose_phrase,
    format_code,
    make_code,
    read_code,
    read_digits,
    speak_code,
)
from intake.errors import MistypedCode, WeakPassphrase

locators = st.text("0123456789", min_size=4, max_size=4)
secrets = st.text("0123456789", min_size=11, max_size=11)


@given(locators, secrets)
def test_a_code_is_sixteen_digits_and_reads_back(locator, secret):
    code = make_code(locator, secret)
    assert len(code) == CODE_DIGITS
    assert read_code(code).locator == locator
    assert secret.encode() in read_code(code).secret


@given(locators, secrets, st.integers(0, 15), st.integers(1, 9))
def test_every_single_wrong_digit_is_caught(locator, secret, place, shift):
    code = make_code(locator, secret)
    wrong = code[:place] + str((int(code[place]) + shift) % 10) + code[place + 1 :]
    with pytest.raises(MistypedCode):
        read_code(wrong)


@given(locators, secrets, st.integers(0, 14))
def test_every_swap_of_neighbours_is_caught(locator, secret, place):
    code = make_code(locator, secret)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped == code:
        assert read_code(swapped)
        return
    with pytest.raises(MistypedCode):
        read_code(swapped)


def test_the_table_is_a_quasigroup_that_tells_neighbours_apart():
    digits = range(10)
    assert all(sorted(row) == list(digits) for row in DAMM)
    assert all(sorted(row[column] for row in DAMM) == list(digits) for column in digits)
    assert all(DAMM[digit][digit] == 0 for digit in digits)
    for carried in digits:
        for x in digits:
            for y in digits:
                if x != y:
                    assert DAMM[DAMM[carried][x]][y] != DAMM[DAMM[carried][y]][x]


def test_the_check_digit_of_the_thesis_example():
    assert check_digit("572") == "4"


@given(locators, secrets)
def test_it_is_read_in_every_dress(locator, secret):
    code = make_code(locator, secret)
    wide = code.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    for typed in (format_code(code), wide, f"我的查询码是：{code}。", "-".join(code), speak_code(code)):
        assert read_code(typed) == read_code(code)


@pytest.mark.parametrize(
    ("said", "digits"), [("幺两三洞拐勾", "123079"), ("〇一二○", "0120"), ("１２ ３-4", "1234"), ("没有", "")]
)
def test_spoken_digits_are_understood(said, digits):
    assert read_digits(said) == digits


@pytest.mark.parametrize("typed", ["", "1234", "12345678901234567", "没有码"])
def test_a_wrong_length_is_told_with_the_digits_seen(typed):
    with pytest.raises(MistypedCode) as refused:
        read_code(typed)
    assert refused.value.digits == len(read_digits(typed))


def test_it_is_shown_and_spoken_in_groups_of_four():
    assert format_code("1234567890123456") == "1234 5678 9012 3456"
    assert speak_code("1234567890123456") == "一二三四，五六七八，九零一二，三四五六"


CODE = read_code(make_code("1234", "1" * 11))


def test_a_sentence_is_found_again_however_it_is_written():
    chosen = choose_phrase(CODE, "秋天的芦苇，开在河边！Ok")
    assert add_phrase(CODE, "秋天的芦苇 开在河边 ＯＫ") == chosen
    assert add_phrase(CODE, "秋天的芦苇 开在河里 ok") != chosen


@pytest.mark.parametrize("typed", ["", "  ", "，。！"])
def test_no_sentence_leaves_the_code_as_it_is(typed):
    assert add_phrase(CODE, typed) == CODE


@pytest.mark.parametrize(
    ("phrase", "problem"),
    [("太短", "short"), ("一一一一一一一一一一一一", "uniform"), ("19551001195510", "digits"), ("", "short")],
)
def test_a_sentence_that_would_be_guessed_is_refused(phrase, problem):
    with pytest.raises(WeakPassphrase) as refused:
        choose_phrase(CODE, phrase)
    assert refused.value.problem == problem


def test_a_code_and_a_code_with_a_sentence_never_share_a_secret():
    assert CODE.secret == b"digits:11111111111"
    other = read_code(make_code("1234", "2" * 11))
    assert len({add_phrase(code, words).secret for code in (CODE, other) for words in ("", "甲乙", "甲丙")}) == 6


def test_the_secret_does_not_show_in_a_repr():
    assert "98765432109" not in repr(read_code(make_code("1234", "98765432109")))
