"""What people want of the desk, in the many ways they say it: to stay unnamed, a person, a number, a name."""

import tomllib
from pathlib import Path

import pytest

from bot.reading import read_utterance
from bot.words import Intent, Words, load_words

SAID = tomllib.loads((Path(__file__).parent / "wishes.toml").read_text(encoding="utf-8"))
NAMES = {name: said for name, said in SAID["names"].items() if name != "nobody"}


@pytest.fixture(scope="module")
def words() -> Words:
    return load_words()


@pytest.mark.parametrize("intent", [Intent.ANONYMOUS, Intent.HUMAN])
def test_a_wish_is_heard_however_it_is_said(words: Words, intent: Intent) -> None:
    assert [said for said in SAID[intent]["meant"] if not read_utterance(said, words).wants(intent)] == []


@pytest.mark.parametrize("intent", [Intent.ANONYMOUS, Intent.HUMAN])
def test_what_only_sounds_like_a_wish_is_none(words: Words, intent: Intent) -> None:
    assert [said for said in SAID[intent]["not_meant"] if read_utterance(said, words).wants(intent)] == []


@pytest.mark.parametrize("phone", SAID["phones"])
def test_a_number_is_heard_however_it_is_grouped_or_spoken(words: Words, phone: str) -> None:
    assert {read_utterance(said, words).phone for said in SAID["phones"][phone]} == {phone}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_heard_however_it_is_given(words: Words, name: str) -> None:
    assert {read_utterance(said, words).name for said in NAMES[name]} == {name}


def test_what_is_nobodys_name_is_not_taken_for_one(words: Words) -> None:
    assert [said for said in SAID["names"]["nobody"] if read_utterance(said, words).name] == []


@pytest.mark.parametrize("said", ["会不会让院长知道", "你们保密不", "名字会传出去吗", "你们会不会把我供出来"])
def test_a_question_of_fear_is_answered_and_is_no_wish(words: Words, said: str) -> None:
    heard = read_utterance(said, words)
    assert heard.wants(Intent.FEAR)
    assert not heard.wants(Intent.ANONYMOUS, Intent.HUMAN)


@pytest.mark.parametrize(
    ("said", "corrected"),
    [
        ("四楼不是三楼", "四楼"),
        ("灶房隔壁那间，不是灶房", "灶房隔壁那间"),
        ("说岔了，二楼", "二楼"),
        ("不对，是三楼", "三楼"),
    ],
)
def test_a_correction_is_heard_in_either_order(words: Words, said: str, corrected: str) -> None:
    utterance = read_utterance(said, words)
    assert (utterance.corrected, utterance.wants(Intent.CORRECTION)) == (corrected, True)


@pytest.mark.parametrize("said", ["护工不是人", "院长不是好东西"])
def test_anger_corrects_nothing(words: Words, said: str) -> None:
    assert not read_utterance(said, words).wants(Intent.CORRECTION)
