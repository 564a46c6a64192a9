"""Small shared details speak for one incident; a name, or the length of a letter, does not speak through them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.similarity import Fingerprint
from triage.similarity.details import (
    DetailWeights,
    find_shared_run,
    list_details,
    overlap_pairs,
    rarest_pair,
    weigh_details,
    weigh_pairs,
)
from triage.similarity.scoring import measure

WEIGHTS = DetailWeights(both={"拐棍": 1.0, "棍": 0.5}, alone={"押金": -1.0})


def test_details_are_signs_and_pairs_outside_the_names():
    found = list_details("银杏树收走拐棍,8点", ["银杏树"])
    assert {"收", "走", "拐", "棍", "收走", "走拐", "拐棍"} <= found
    assert not any("银" in one or "杏" in one for one in found)
    assert not any(sign in one for one in found for sign in ",8 ")


def test_a_shared_detail_speaks_for_one_incident_and_a_lone_one_against():
    ours, theirs = list_details("收走拐棍", []), list_details("没有拐棍", [])
    assert weigh_details(ours, theirs, WEIGHTS) > 1
    assert weigh_details(ours, list_details("不退押金", []), WEIGHTS) < 0


def test_a_long_letter_is_no_other_incident_because_it_says_more():
    call = list_details("押金", [])
    letter = frozenset(chr(0x4E00 + at) for at in range(600))
    short = weigh_details(call, frozenset("老"), WEIGHTS)
    assert short < weigh_details(call, letter, WEIGHTS) < 0


@given(st.text(max_size=60), st.text(max_size=60))
def test_details_weigh_the_same_both_ways_and_within_bounds(one, other):
    ours, theirs = list_details(one, []), list_details(other, [])
    assert weigh_details(ours, theirs) == weigh_details(theirs, ours)
    assert -5 <= weigh_details(ours, theirs) <= 5
    said = [weigh_pairs(some) for some in (ours & theirs, ours, theirs)]
    assert all(0 <= share <= 1.0001 for share in overlap_pairs(*said))
    assert 0 <= rarest_pair(ours & theirs) <= 1


def test_a_strange_pair_of_signs_is_the_rarest():
    assert rarest_pair(frozenset({"魃魈"})) == pytest.approx(1.0)
    assert rarest_pair(frozenset({"老人"})) < 0.5


@pytest.mark.parametrize(
    ("other", "run"),
    [("魃魈苑的饭凉", "魃魈苑"), ("饭凉了，魃魈苑", "魃魈苑"), ("魃魈的饭凉", ""), ("老人说没人管", "")],
)
def test_three_strange_signs_in_a_row_are_taken_for_a_name(other, run):
    text = "老人说魃魈苑没人管"
    assert find_shared_run(text, other, list_details(text, []) & list_details(other, [])) == run


@pytest.mark.parametrize(
    ("one", "other", "same", "apart"),
    [
        ("福缘", "福缘", 1.0, 0.0),
        ("福缘", "福源", 0.0, 0.0),
        ("福缘", "福安", 0.0, 1.0),
        ("福缘居", "福缘家", 0.0, 1.0),
    ],
)
def test_names_that_only_sound_alike_count_neither_way(one, other, same, apart):
    found = measure(*(Fingerprint(tokens=(), words=(), names=(name,), text=name) for name in (one, other)))
    assert (found.same_name, found.other_name) == (same, apart)
