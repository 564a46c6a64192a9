"""Letters that no database holds, in what people send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.storable import make_storable


@pytest.mark.parametrize(
    ("said", "kept"),
    [("饭菜凉", "饭菜凉"), ("饭\0菜", "饭\ufffd菜"), ("饭\ud83d菜", "饭\ufffd菜"), ("\ud83d\ude00", "😀"), ("", "")],
)
def test_what_cannot_be_stored_becomes_one_sign(said: str, kept: str) -> None:
    assert make_storable(said) == kept


@given(st.text(st.characters(codec=None)))
def test_every_text_can_be_stored_afterwards_and_once_is_enough(text: str) -> None:
    kept = make_storable(text)
    assert "\0" not in kept
    assert kept.encode().decode() == kept == make_storable(kept)
