"""The office's changes over the shipped lexicon: what they do, what is refused, and that a file brings them back."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.triage.reading_room import a_context
from triage.assessment import assess
from triage.errors import DataError
from triage.lexicon import Entry, Lexicon
from triage.overlay import (
    BadChange,
    Change,
    ChangeAct,
    amend,
    lay_over,
    list_topics,
    mark_of,
    name_version,
    read_change,
)
from triage.overlay_files import change_of, fields_of, read_overlay, write_overlay

BASE = Lexicon(
    (
        Entry("elder_abuse", "tie", ("约束带", "布条", "打"), why="捆绑约束"),
        Entry("fees", "pay", ("押金", "打"), why="收钱"),
    )
)
TOPICS = list_topics(a_context())
FILE = Path("office.toml")
WORDING = {"phrase_there": "已经有了", "required": "要填"}
SHIPPED = "约束带"


def a_change(act: ChangeAct = ChangeAct.ADD, *words: str, **more) -> Change:
    known: dict[str, Any] = {"topic": "elder_abuse", "weight": 0.0 if act is ChangeAct.REMOVE else 2.0}
    return Change(act, words=words or ("拿擀面杖抡",), **(known | more))


def words_of(*changes: Change, topic: str = "elder_abuse") -> set[str]:
    return {word for entry in lay_over(BASE, changes, "x").entries if entry.topic == topic for word in entry.words}


def said(text: str, *changes: Change):
    context = a_context()
    return assess(text, context.with_lexicon(lay_over(context.lexicon, changes, "mark+3")))


def test_an_added_phrase_takes_effect_and_is_its_own_evidence():
    change = a_change(ChangeAct.ADD, "云端星光计划", topic="illegal_fundraising", weight=4.0, why="换了名头的集资")
    found = said("那边又在搞云端星光计划了", change)
    assert found.category == "illegal_fundraising"
    assert ("云端星光计划", "换了名头的集资") in {(e.phrase, e.why) for e in found.categories[0].evidence}
    assert found.lexicon_version == "mark+3"


def test_a_phrase_of_a_shipped_group_is_read_like_the_group():
    change = a_change(entry="tie", weight=0.0)
    (entry,) = [entry for entry in lay_over(BASE, [change], "x").entries if change.words[0] in entry.words]
    assert (entry.name, entry.why, entry.is_learned) == ("tie", "捆绑约束", True)


def test_a_removed_phrase_counts_no_longer_in_its_topic_alone():
    change = a_change(ChangeAct.REMOVE, "打", topic="elder_abuse")
    assert "打" not in words_of(change)
    assert words_of(change, topic="fees") == words_of(topic="fees")


def test_an_altered_phrase_stays_in_its_group_and_weighs_what_it_was_given():
    change = read_change(a_change(ChangeAct.ALTER, SHIPPED, weight=-1.0), BASE, TOPICS)
    entries = [entry for entry in lay_over(BASE, [change], "x").entries if SHIPPED in entry.words]
    assert [(entry.name, entry.weight) for entry in entries if entry.topic == "elder_abuse"] == [("tie", -1.0)]


def test_the_base_stays_as_it_came():
    before = BASE.entries
    lay_over(BASE, [a_change(), a_change(ChangeAct.REMOVE, SHIPPED)], "x")
    assert BASE.entries == before


def test_removing_an_own_phrase_takes_the_addition_back():
    assert amend((a_change(),), a_change(ChangeAct.REMOVE, *a_change().words), BASE) == ()


def test_each_phrase_is_told_of_once():
    first = amend((), a_change(weight=1.0), BASE)
    second = amend(first, a_change(ChangeAct.ALTER, weight=3.0), BASE)
    assert [(change.act, change.weight) for change in second] == [(ChangeAct.ADD, 3.0)]
    removed = amend((), a_change(ChangeAct.REMOVE, SHIPPED), BASE)
    back = amend(removed, a_change(ChangeAct.ADD, SHIPPED), BASE)
    assert [change.act for change in back] == [ChangeAct.ALTER]


def test_words_are_brought_into_the_form_that_is_searched():
    assert read_change(a_change(ChangeAct.ADD, " 收ＡＢＣ費 ", "收abc费"), BASE, TOPICS).words == ("收abc费",)


REFUSED = {
    "topic": (a_change(topic="nonsense"), "unknown_choice"),
    "none": (a_change(ChangeAct.ADD, "  "), "required"),
    "there": (a_change(ChangeAct.ADD, SHIPPED), "phrase_there"),
    "not there": (a_change(ChangeAct.REMOVE, "没有这个说法"), "phrase_not_there"),
    "long": (a_change(ChangeAct.ADD, "很长的说法" * 7), "too_long"),
    "many": (a_change(ChangeAct.ADD, *(f"说法{at}" for at in range(21))), "too_many"),
    "masked": (a_change(ChangeAct.ADD, "找▇▇▇"), "masked"),
    "heavy": (a_change(weight=5.1), "weight_range"),
    "no number": (a_change(weight=float("nan")), "weight_range"),
    "nothing": (a_change(weight=0.0), "no_effect"),
    "group": (a_change(entry="nonsense"), "unknown_choice"),
    "danger": (a_change(topic="danger"), "group_needed"),
    "why": (a_change(why="很长的理由" * 9), "too_long"),
}


@pytest.mark.parametrize(("change", "problem"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_change_is_refused_with_field_and_problem(change, problem):
    with pytest.raises(BadChange) as caught:
        read_change(change, BASE, TOPICS)
    assert caught.value.problem == problem


def some_changes() -> tuple[Change, ...]:
    wanted = (
        a_change(
            ChangeAct.ADD, '带"引号\\的', "又\t一个", needs=("老人",), unless=("打牌",), whole=True, negatable=True
        ),
        a_change(ChangeAct.ALTER, SHIPPED, weight=-0.5),
        a_change(ChangeAct.REMOVE, "布条"),
        a_change(entry="tie", weight=0.0),
    )
    changes: tuple[Change, ...] = ()
    for change in wanted:
        changes = amend(changes, read_change(change, lay_over(BASE, changes, ""), TOPICS), BASE)
    return changes


def test_a_file_brings_the_same_changes_back():
    changes = some_changes()
    text = write_overlay(changes, head=["望桐县\n民政局"])
    assert text.startswith("# 望桐县 民政局\n")
    assert read_overlay(FILE, text, BASE, TOPICS, WORDING) == changes
    assert tuple(change_of(fields_of(change)) for change in changes) == changes


def test_no_changes_are_a_file_too():
    assert read_overlay(FILE, write_overlay(()), BASE, TOPICS, WORDING) == ()


GOOD = '[[change]]\nact = "add"\ntopic = "fees"\nwords = ["收三遍钱"]\nweight = 1\n\n'
WRONG = {
    f'{GOOD}[[change]]\nact = "add"\ntopic = "fees"\nwords = ["收三遍钱"]\nweight = 1': (7, "words：已经有了"),
    f'{GOOD}[[change]]\nact = "add"\ntopic = "fees"\nwords = []\nweight = 1': (7, "words：要填"),
    f'{GOOD}[[change]]\nact = "burn"\ntopic = "fees"\nwords = ["x"]': (7, "act"),
    f'{GOOD}[[change]]\nact = "add"\ntopic = "fees"\nwords = "x"\nweight = 1': (7, "words"),
    f'{GOOD}[[change]]\nact = "add"\ntopic = "fees"\nwords = ["x"]\nweight = "1"': (7, "weight：要写数字"),
    f'{GOOD}[[change]]\nact = "add"\ntopic = "fees"\nwords = ["x"]\nwhole = 1': (7, "whole"),
    f'{GOOD}[[change]]\nact = "add"\ntopic = "fees"\nwords = ["x"]\nwieght = 1': (7, "wieght：没有这一项"),
    f"{GOOD}[other]\nx = 1": (7, "只写"),
    f"{GOOD}change": (7, "TOML"),
    "change = 1": (0, "只写"),
}


@pytest.mark.parametrize(("source", "told"), WRONG.items())
def test_a_wrong_file_is_refused_with_line_and_field(source, told):
    with pytest.raises(DataError) as caught:
        read_overlay(FILE, source, BASE, TOPICS, WORDING)
    line, reason = told
    assert caught.value.line == line
    assert reason in caught.value.reason


def test_the_mark_changes_with_the_words_and_with_the_weights():
    base = a_context()
    fewer = replace(base, lexicon=replace(base.lexicon, entries=base.lexicon.entries[1:]))
    retrained = replace(base, model=replace(base.model, version="another"))
    assert len({mark_of(each) for each in (base, fewer, retrained)}) == 3
    assert mark_of(base) == mark_of(base.with_lexicon(base.lexicon))
    assert name_version(mark_of(base), 7) == f"{mark_of(base)}+7"


def a_pattern_change(act: ChangeAct = ChangeAct.ADD, name: str = "~夜里没人", **more) -> Change:
    known: dict[str, Any] = {"topic": "staffing"}
    if act is not ChangeAct.REMOVE:
        known |= {"parts": (("夜里", "半夜"), ("@carer",), ("没", "不在")), "weight": 3.0, "why": "夜里没护工"}
    return Change(act, words=(name,), **(known | more))


def whys_of(text: str, *changes: Change) -> set[str]:
    return {each.why for score in said(text, *changes).categories for each in score.evidence}


def test_an_office_pattern_takes_effect_and_is_its_own_evidence():
    change = read_change(a_pattern_change(), a_context().lexicon, TOPICS)
    found = said("半夜那个护工根本就不在", change)
    assert found.category == "staffing"
    assert ("半夜那个护工根本就不在", "夜里没护工") in {(e.phrase, e.why) for e in found.categories[0].evidence}


def test_a_shipped_pattern_is_taken_out_and_comes_back():
    shipped = next(each for each in a_context().lexicon.patterns if each.name == "~carer_strikes_elder")
    removed = amend((), a_pattern_change(ChangeAct.REMOVE, shipped.name, topic=shipped.topic), a_context().lexicon)
    assert shipped.why in whys_of(shipped.example)
    assert shipped.why not in whys_of(shipped.example, *removed)
    back = a_pattern_change(ChangeAct.ADD, shipped.name, topic=shipped.topic, parts=shipped.parts, why="")
    assert [change.act for change in amend(removed, back, a_context().lexicon)] == [ChangeAct.ALTER]
    assert shipped.why in whys_of(shipped.example, *amend(removed, back, a_context().lexicon))


def test_an_altered_pattern_keeps_the_parts_that_nobody_changed():
    shipped = next(each for each in a_context().lexicon.patterns if each.name == "~carer_strikes_elder")
    change = a_pattern_change(ChangeAct.ALTER, shipped.name, topic=shipped.topic, parts=(), weight=-1.0)
    assert read_change(change, a_context().lexicon, TOPICS).parts == shipped.parts


REFUSED_PATTERNS = {
    "no parts": (a_pattern_change(parts=()), "pattern_parts"),
    "one part": (a_pattern_change(parts=(("夜里",),)), "pattern_parts"),
    "an empty part": (a_pattern_change(parts=(("夜里",), (" ",))), "pattern_parts"),
    "four in any order": (a_pattern_change(parts=(("夜里",),) * 4, free=True), "pattern_parts"),
    "a set that isn't": (a_pattern_change(parts=(("夜里",), ("@nobody",))), "unknown_choice"),
    "a wide window": (a_pattern_change(window=21), "window_range"),
    "no weight": (a_pattern_change(weight=0.0), "no_effect"),
    "there": (a_pattern_change(name="~one_for_many"), "phrase_there"),
    "not there": (a_pattern_change(ChangeAct.REMOVE), "phrase_not_there"),
    "no name": (a_pattern_change(name="夜里没人"), "pattern_name"),
}


@pytest.mark.parametrize(("change", "problem"), REFUSED_PATTERNS.values(), ids=REFUSED_PATTERNS)
def test_a_wrong_pattern_of_the_office_is_refused_with_its_problem(change, problem):
    with pytest.raises(BadChange) as caught:
        read_change(change, a_context().lexicon, TOPICS)
    assert caught.value.problem == problem


def test_a_file_brings_patterns_back():
    lexicon = a_context().lexicon
    wanted = (
        a_pattern_change(free=True, negatable=True, needs=("老人",), unless=("电话",), window=6),
        a_pattern_change(ChangeAct.REMOVE, "~one_for_many"),
    )
    changes: tuple[Change, ...] = ()
    for change in wanted:
        changes = amend(changes, read_change(change, lay_over(lexicon, changes, ""), TOPICS), lexicon)
    assert read_overlay(FILE, write_overlay(changes), lexicon, TOPICS, WORDING) == changes
    assert tuple(change_of(fields_of(change)) for change in changes) == changes


WRONG_PATTERNS = {
    'parts = "夜里"': "parts：要写成",
    "parts = [[1]]": "parts：要写成",
    "window = true": "window：要写整数",
    "free = 1": "free：要写 true 或 false",
    'parts = ["夜里", "@nobody"]\nweight = 1': "parts：unknown_choice",
}


@pytest.mark.parametrize(("fields", "told"), WRONG_PATTERNS.items())
def test_a_wrong_pattern_in_a_file_is_refused_with_its_line(fields, told):
    source = f'{GOOD}[[change]]\nact = "add"\ntopic = "staffing"\nwords = ["~x"]\n{fields}\n'
    with pytest.raises(DataError, match=told) as caught:
        read_overlay(FILE, source, a_context().lexicon, TOPICS, WORDING)
    assert caught.value.line == 7


def test_the_mark_changes_with_the_patterns_and_the_sets():
    base = a_context()
    fewer = [replace(base.lexicon, patterns=base.lexicon.patterns[1:]), replace(base.lexicon, sets=())]
    assert len({mark_of(base), *(mark_of(replace(base, lexicon=each)) for each in fewer)}) == 3
