"""Reports on one incident are found beside each other, and their look-alikes are not."""

import json
from datetime import date
from importlib.resources import files
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.extraction import extract_entities
from triage.similarity import (
    INDEX_TOKENS,
    SAME_INCIDENT,
    Fingerprint,
    Match,
    cluster,
    core_of,
    evaluate_duplicates,
    fingerprint,
    score_pair,
    search_tokens,
)
from triage.similarity.fingerprints import weigh_words
from triage.similarity.senses import align_words, compare_senses, place_words
from triage.types import Directory

RECEIVED = date(2024, 1, 15)
BEATEN = "我妈住在松涛里养老院二楼，前天晚上被一个男护工扇了两巴掌，脸肿得老高，院里说是她自己碰的"
BEATEN_TOO = "来电人反映松涛里养老院护工殴打老人，致其母面部红肿，院方称自行碰撞，要求查看监控"
DEPOSIT = "我爸也住松涛里养老院，上个月交了五千押金说退，到现在不给退，找了会计三回"
ELSEWHERE = "来电人反映百福庭养老院护工殴打老人，致其母面部红肿，院方称自行碰撞，要求查看监控"


def print_of(text: str) -> Fingerprint:
    return fingerprint(text, extract_entities(text, directory=Directory(), received=RECEIVED))


def test_two_tellings_of_one_incident_match_with_reasons():
    match = score_pair(print_of(BEATEN), print_of(BEATEN_TOO))
    assert match.score >= 0.5
    assert any("松涛里" in why for why in match.why)


def test_another_matter_in_the_same_home_does_not_match():
    assert score_pair(print_of(BEATEN), print_of(DEPOSIT)).score < 0.5


def test_the_same_words_about_another_home_do_not_match():
    assert score_pair(print_of(BEATEN_TOO), print_of(ELSEWHERE)).score < 0.5


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_score_is_the_same_both_ways_and_between_0_and_1(one, other):
    a, b = fingerprint(one), fingerprint(other)
    assert score_pair(a, b).score == score_pair(b, a).score
    assert 0 <= score_pair(a, b).score <= 1


def test_the_index_gets_few_tokens_and_both_tellings_share_one():
    one, other = print_of(BEATEN), print_of(BEATEN_TOO)
    assert len(one.tokens) <= INDEX_TOKENS
    assert set(one.tokens) & set(other.tokens)


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("望桐县石碾子镇敬老院", "石碾子"),
        ("石碾子敬老院", "石碾子"),
        ("颐年福老年公寓", "颐年福"),
        ("颐年福公寓", "颐年福"),
        ("敬老院", ""),
        ("县福利院", ""),
    ],
)
def test_the_core_of_a_name_is_what_is_its_own(name, core):
    assert core_of(name) == core


def test_clusters_hold_the_tellings_and_leave_the_others_alone():
    rows = [("a", BEATEN), ("b", DEPOSIT), ("c", BEATEN_TOO), ("d", ELSEWHERE), ("e", "")]
    found = {one.id: one for one in cluster((id_, print_of(text)) for id_, text in rows)}
    assert found["a"].cluster == found["c"].cluster == 1
    assert [pair.id for pair in found["a"].matches] == ["c"]
    assert [found[id_].cluster for id_ in "bde"] == [None, None, None]


def test_clusters_of_the_written_incidents_are_mostly_right():
    lines = files("triage").joinpath("data", "training", "duplicates-dev.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    found = cluster((row["id"], print_of(row["text"])) for row in rows)
    figures = evaluate_duplicates([row["group"] for row in rows], [one.cluster for one in found])
    assert figures.pair_f1 >= 0.75
    assert figures.bcubed_f1 >= 0.9


def test_a_bridge_between_two_incidents_joins_nothing():
    """Of a and b, c and d each pair is alike; b and c are a little; the two incidents stay two."""
    alike = {("a", "b"): 0.9, ("c", "d"): 0.9, ("b", "c"): 0.6}
    prints = [Fingerprint(tokens=("all",), words=(), text=name) for name in "abcd"]

    def score(one: Fingerprint, other: Fingerprint) -> Match:
        return Match(alike.get((one.text, other.text), 0.05), ())

    found = cluster(((one.text, one) for one in prints), 0.35, score)
    assert [one.cluster for one in found] == [1, 1, 2, 2]


def test_other_words_for_the_same_thing_lie_nearer_than_another_matter_and_say_so():
    told = print_of("松涛里养老院的护工扇了老太太两巴掌，脸都肿了")
    same = print_of("来电人反映松涛里养老院护理员殴打老人致面部受伤")
    other = print_of("松涛里养老院的饭都是馊的")
    assert compare_senses(told.sense, same.sense)[0] > compare_senses(told.sense, other.sense)[0] + 0.2
    assert compare_senses(told.sense, None) == (0.0, 0.0)
    assert any("意思相近" in why for why in score_pair(told, print_of("松涛里护工打老人耳光，脸肿了")).why)


def test_words_find_what_lies_near_them_in_the_other_telling_both_ways():
    told, same, other = (
        place_words(words) for words in (["扇", "耳光", "脸肿"], ["殴打", "巴掌", "红肿"], ["押金", "不退", "会计"])
    )
    weights = weigh_words(["扇", "耳光", "脸肿"])
    near, far = align_words(told, weights, same, weights), align_words(told, weights, other, weights)
    assert all(one > two for one, two in zip(near, far, strict=True))
    assert align_words(same, weights, told, weights) == pytest.approx(near, abs=1e-5)
    assert align_words(told, weights, told[:0], weights[:0]) == (0.0, 0.0, 0.0)


def test_long_letters_on_different_homes_do_not_match():
    """The reports of one home in one letter; the home is in it unread, so only what is told can part them."""
    lines = files("triage").joinpath("data", "training", "duplicates-homes2.jsonl").read_text("utf-8").splitlines()
    homes: dict[str, list[str]] = {}
    for row in map(json.loads, lines):
        homes.setdefault((row["group"] or row["near"])[:4], []).append(row["text"])
    letters = [fingerprint("。".join(told)) for told in list(homes.values())[:8]]
    scores = [score_pair(one, other).score for one, other in combinations(letters, 2)]
    assert max(scores) < SAME_INCIDENT


def test_a_home_that_nobody_knows_joins_two_reports_and_is_named():
    match = score_pair(fingerprint("魃魈苑护工打老人耳光，脸肿了"), fingerprint("护工扇老人耳光，脸都肿了，魃魈苑"))
    assert match.score >= SAME_INCIDENT
    assert "都提到：魃魈苑" in match.why


def test_the_name_of_the_unit_is_no_part_of_the_sense():
    assert compare_senses(print_of(BEATEN_TOO).sense, print_of(ELSEWHERE).sense)[0] == pytest.approx(1.0)


def test_the_figures_of_a_clustering_are_known_by_hand():
    gold, said = ["g", "g", "g", None], [1, 1, None, None]
    figures = evaluate_duplicates(gold, said)
    assert figures.pair_precision == 1.0
    assert figures.pair_recall == pytest.approx(1 / 3)
    assert figures.pair_f1 == pytest.approx(0.5)
    assert figures.bcubed_precision == 1.0
    assert figures.bcubed_recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)


def test_nothing_to_compare_is_a_perfect_score():
    assert evaluate_duplicates([], []).pair_f1 == 1.0


def test_search_tokens_hold_words_and_the_pairs_inside_them():
    tokens = search_tokens("清河镇敬老院，護工打人！")
    assert {"敬老院", "敬老", "老院", "护工"} <= set(tokens)
    assert "，" not in tokens


@pytest.mark.parametrize("text", ["", "\ud800", "👵👵", "养" * 20_000, " " * 1000])
def test_any_text_has_a_fingerprint(text):
    assert len(fingerprint(text).tokens) <= INDEX_TOKENS
    assert isinstance(search_tokens(text), list)
