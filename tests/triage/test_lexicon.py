"""The office's words: what is refused, with file and line, and what an overlay does."""

from pathlib import Path

import pytest

from tests.triage.reading_room import a_context
from triage.assessment import assess
from triage.errors import DataError
from triage.lexicon import Entry, load_lexicon, read_entries
from triage.matching import Matcher, word_boundaries
from triage.segmenter import Engine, load_segmenter
from triage.taxonomy import DATA_DIR

GOOD = '[[entry]]\nname = "a"\nwords = ["护工"]\n\n'
BAD = {
    'name = "b"\nwords = []': "needs words",
    'name = "b"\nwords = [""]': "list of words",
    'name = "b"\nwords = ["x", "x"]': "twice",
    'words = ["x"]': "needs a name",
    'name = "b"\nwords = ["x"]\nwieght = 1': "unknown key",
    'name = "b"\nwords = ["x"]\nweight = "2"': "weight",
    'name = "b"\nwords = ["x"]\nweight = 99': "weight",
    'name = "a"\nwords = ["x"]': "second entry",
    'name = "b"\nwords = ["x"]\nwhole = 1': "true or false",
}


@pytest.mark.parametrize(("fields", "reason"), BAD.items())
def test_a_wrong_entry_is_refused_with_file_and_line(fields, reason):
    with pytest.raises(DataError, match=reason) as caught:
        read_entries(Path("fees.toml"), f"{GOOD}[[entry]]\n{fields}\n", ["fees"])
    assert caught.value.path.name == "fees.toml"
    assert caught.value.line == 5


def test_an_unknown_topic_is_refused():
    with pytest.raises(DataError, match="unknown topic"):
        read_entries(Path("nonsense.toml"), GOOD, ["fees"])


def hits_of(text: str, *entries: Entry):
    lexicon = load_lexicon(DATA_DIR, (*a_context().taxonomy.codes, "people", "danger"), entries)
    words = a_context().segmenter.cut(text)
    return [hit for hit in Matcher(lexicon).find_hits(text, word_boundaries(words)).hits if hit.entry in entries]


def test_unless_silences_an_entry_in_its_clause_only():
    entry = Entry("fees", "test", ("吃饭",), unless=("打牌",))
    assert not hits_of("一边打牌一边吃饭", entry)
    assert hits_of("他们打牌，老人吃饭", entry)


def test_needs_asks_for_company_in_the_sentence():
    entry = Entry("fees", "test", ("电梯",), needs=("老人",))
    assert hits_of("电梯坏了，老人下不来", entry)
    assert not hits_of("电梯坏了。老人很好", entry)


def test_an_office_phrase_with_weight_takes_effect():
    context = a_context()
    text = "那边又在搞云端星光计划了"
    entry = Entry("illegal_fundraising", "office", ("云端星光计划",), weight=4)
    overlaid = context.with_lexicon(load_lexicon(DATA_DIR, (*context.taxonomy.codes, "people", "danger"), [entry]))
    assert assess(text, context).category != "illegal_fundraising"
    assert assess(text, overlaid).category == "illegal_fundraising"


def test_an_overlay_entry_without_words_removes_the_shipped_one():
    topics = (*a_context().taxonomy.codes, "people", "danger")
    names = {entry.name for entry in load_lexicon(DATA_DIR, topics, [Entry("fees", "deposit", ())]).entries}
    assert "deposit" not in names


def test_both_engines_cut_the_same():
    fast, plain = load_segmenter(["护工"]), load_segmenter(["护工"], Engine.JIEBA)
    for text in ("护工把老人绑在床上，养护工作没人管", "敬老院院长把供养金打进个人卡"):
        assert fast.cut(text) == plain.cut(text)
