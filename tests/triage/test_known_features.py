"""Looking a text's features up together finds just what looking each up alone would find."""

import pytest

from tests.triage.reading_room import a_context
from triage.features import list_features, plain
from triage.known_features import KnownFeatures
from triage.text import normalise

KEPT = (
    "老",
    "老人",
    "护工打",
    "护工打人",
    "0",
    "w:老人",
    "w:0",
    "p:护工 打人",
    "p:0 天",
    "p:  老人",
    "p:。  ",
    "a:老人",
    "a:。",
    "z:老人",
    "z:0",
    "e:hit",
    "m:hit+official",
    "m:carer+hit",
)
TEXTS = (
    "",
    "老",
    "护工打人",
    "老人被护工打了3天。 老人",
    "😀老人\ufffd护工打人" * 3,
    "x" * 50,
)


def rows_alone(names: tuple[str, ...], text: str, words: list[str], entries: list[str]) -> list[int]:
    return sorted(names.index(one) for one in list_features(text, words, entries) if one in names)


@pytest.mark.parametrize("text", TEXTS)
def test_it_finds_what_each_feature_alone_would(text: str):
    words = ["老人", "护工", "打人", "13", "天", "。", " ", "老人", *text]
    entries = ["official", "unknown", "hit", "hit"]
    found = KnownFeatures(KEPT).find(plain(text), words, entries)
    assert sorted(found) == rows_alone(KEPT, text, words, entries)
    assert KEPT.index("m:hit+official") in found


def test_it_finds_what_each_feature_alone_would_among_all_kept_features():
    names = tuple(a_context().model.names)
    text = normalise("护工打老人，胳膊青一块紫一块，反映3次没人管，电话１５４１２３４５６７８。").text
    words = a_context().segmenter.cut(text)
    rows = {name: row for row, name in enumerate(names)}
    entries = ["hypothesis", "hit", "office", "no_reply"]
    alone = [rows[one] for one in list_features(text, words, entries) if one in rows]
    assert sorted(a_context().model.known.find(plain(text), words, entries)) == sorted(alone)


def test_it_knows_nothing_where_nothing_was_kept():
    assert not KnownFeatures(()).find("老人", ["老人"], ["hit"]).size
