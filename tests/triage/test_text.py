"""Normalisation that keeps positions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.text import normalise


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("護工打老人", "护工打老人"),
        ("ＡＢＣ１２３", "abc123"),
        ("老\u200b人", "老人"),
        ("啊啊啊啊啊啊", "啊啊啊"),
        ("10000000元", "10000000元"),
        ("\ud800好", "\ufffd好"),
    ],
)
def test_the_same_words_look_the_same(text, plain):
    assert normalise(text).text == plain


@given(st.text(max_size=80))
def test_every_place_leads_back_into_the_original(text):
    read = normalise(text)
    for at in range(len(read.text)):
        start, end = read.locate(at, at + 1)
        assert 0 <= start < end <= len(text)


def test_a_word_behind_invisible_signs_is_located():
    read = normalise("\u200b\u200b护\u200b工")
    start = read.text.index("护工")
    assert read.locate(start, start + 2) == (2, 5)
