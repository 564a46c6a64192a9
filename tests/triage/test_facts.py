"""Two tellings are compared by what they count, and by whether they speak of a man or a woman."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.similarity import fingerprint, score_pair
from triage.similarity.facts import compare_facts, read_facts


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("缝了六针，住三楼", "缝了六针", (1.0, 0.0, 0.0)),
        ("住三楼", "住五楼", (0.0, 1.0, 0.0)),
        ("住三层", "住三楼", (1.0, 0.0, 0.0)),
        ("欠八千块", "欠八千元", (1.0, 0.0, 0.0)),
        ("我妈让人打了", "我爸让人打了", (0.0, 0.0, 1.0)),
        ("我妈让人打了", "我爸说我妈让人打了", (0.0, 0.0, 0.0)),
        ("", "我妈住三楼", (0.0, 0.0, 0.0)),
    ],
)
def test_what_is_counted_is_alike_or_other_and_one_speaks_of_a_man(one, other, said):
    assert compare_facts(read_facts(one), read_facts(other)) == said


@given(st.text(max_size=60), st.text(max_size=60))
def test_facts_compare_the_same_both_ways(one, other):
    ours, theirs = read_facts(one), read_facts(other)
    assert compare_facts(ours, theirs) == compare_facts(theirs, ours)


def test_another_floor_and_another_parent_speak_against_one_incident():
    told = fingerprint("松涛里养老院三楼的护工掐了我妈，胳膊都紫了")
    same = fingerprint("我妈在松涛里养老院三楼，胳膊让护工掐紫了")
    other = fingerprint("我爸在松涛里养老院五楼，胳膊让护工掐紫了")
    assert score_pair(told, same).score > score_pair(told, other).score
