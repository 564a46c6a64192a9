"""The lexicon's patterns: who does what to whom, near each other, in one sentence, and what is refused."""

from pathlib import Path

import pytest

from tests.triage.reading_room import a_context, said_of
from triage.errors import DataError
from triage.fields import read_tables
from triage.lexicon import Entry, Lexicon
from triage.matching import Hit, Matcher, word_boundaries
from triage.patterns import Pattern, WordSet, read_patterns, read_sets
from triage.text import normalise

ELDERS = Entry("people", "elder", ("老人", "我妈"))
SETS = (WordSet("strike", ("打", "扇")),)
GOOD = '[[pattern]]\nname = "a"\nparts = ["护工", "打"]\n\n'
BAD = {
    'name = "b"': "2 to 4 parts",
    'name = "b"\nparts = ["护工"]': "2 to 4 parts",
    'name = "b"\nparts = "护工"': "2 to 4 parts",
    'name = "b"\nparts = ["a", "b", "c", "d"]\nfree = true': "2 to 3 parts",
    'name = "b"\nparts = ["护工", []]': "part needs words",
    'name = "b"\nparts = ["护工", ["打", "打"]]': "twice",
    'name = "b"\nparts = ["护工", 3]': "list of words",
    'name = "b"\nparts = ["护工", "@nobody"]': "unknown set '@nobody'",
    'name = "b"\nparts = ["护工", "打"]\nwindow = 1.5': "window",
    'name = "b"\nparts = ["护工", "打"]\nwindow = 21': "window",
    'name = "b"\nparts = ["护工", "打"]\nfree = 1': "true or false",
    'name = "b"\nparts = ["护工", "打"]\nweight = 9': "weight",
    'name = "b"\nparts = ["护工", "打"]\nwords = ["打"]': "unknown key",
    'name = "a"\nparts = ["护工", "打"]': "second entry",
    'parts = ["护工", "打"]': "needs a name",
}


def a_pattern(*parts: str | tuple[str, ...], **more) -> Pattern:
    told = tuple((part,) if isinstance(part, str) else part for part in parts)
    return Pattern("elder_abuse", "~test", told or (("护工",), ("@strike",), ("@elder",)), **more)


def found_in(text: str, pattern: Pattern, traps: tuple[str, ...] = ()):
    matcher = Matcher(Lexicon((ELDERS,), traps, patterns=(pattern,), sets=SETS))
    plain = normalise(text).text
    return matcher.find_hits(plain, word_boundaries(a_context().segmenter.cut(plain)))


def spans_of(text: str, pattern: Pattern, traps: tuple[str, ...] = ()) -> list[str]:
    return [text[hit.start : hit.end] for hit in found_in(text, pattern, traps).hits if hit.entry is pattern]


@pytest.mark.parametrize(("fields", "reason"), BAD.items())
def test_a_wrong_pattern_is_refused_with_file_and_line(fields, reason):
    path = Path("elder_abuse.toml")
    rows = read_tables(path, f"{GOOD}[[pattern]]\n{fields}\n", ("entry", "pattern"))["pattern"]
    with pytest.raises(DataError, match=reason) as caught:
        read_patterns(path, rows, ["strike"])
    assert (caught.value.path, caught.value.line) == (path, 5)


@pytest.mark.parametrize("fields", ['name = "a"', 'name = "strike"\nwords = ["打"]', 'words = ["打"]'])
def test_a_wrong_set_is_refused_with_file_and_line(fields):
    path = Path("sets.toml")
    rows = read_tables(path, f"[[set]]\n{fields}\n", ("set",))["set"]
    with pytest.raises(DataError) as caught:
        read_sets(path, rows, ["strike"])
    assert caught.value.line == 1


def test_a_table_that_nobody_reads_is_refused():
    with pytest.raises(DataError, match="patern") as caught:
        read_tables(Path("fees.toml"), f"{GOOD}[[patern]]\n", ("entry", "pattern"))
    assert caught.value.line == 5


def test_its_evidence_reaches_from_the_first_part_to_the_last():
    assert spans_of("昨晚护工又打了我妈一顿", a_pattern()) == ["护工又打了我妈"]


def test_sets_and_people_are_shared_between_patterns():
    assert spans_of("护工扇老人", a_pattern()) == ["护工扇老人"]


@pytest.mark.parametrize(
    "text", ["我妈打护工", "护工很好。打麻将的是老人", "护工 打 一壶水 给 楼上 住 的 老人", "护工和老人"]
)
def test_it_asks_for_the_order_the_window_and_the_sentence(text):
    assert not spans_of(text, a_pattern())


def test_a_free_one_takes_any_order():
    assert spans_of("老人被护工打", a_pattern(free=True)) == ["老人被护工打"]


def test_of_several_the_nearest_counts_and_none_twice():
    assert spans_of("护工护工打老人老人", a_pattern()) == ["护工打老人"]


def test_a_denied_part_is_shown_as_ruled_out():
    pattern = a_pattern(negatable=True)
    found = found_in("护工没打老人", pattern)
    assert Hit(pattern, 0, 6) in found.denied
    assert not [hit for hit in found.hits if hit.entry is pattern]


def test_unless_and_needs_look_around_the_whole_of_it():
    assert not spans_of("护工打老人的电话", a_pattern(unless=("电话",)))
    assert spans_of("护工打老人，他没有电话", a_pattern(unless=("电话",)))
    assert not spans_of("护工打老人", a_pattern(needs=("夜里",)))
    assert spans_of("护工打老人，都是夜里", a_pattern(needs=("夜里",)))


def test_no_part_of_it_cuts_a_longer_word():
    assert not spans_of("养护工作打老人", a_pattern(), ("养护工作",))


def test_a_single_sign_must_be_a_word_or_hang_on_one():
    assert not spans_of("护工打电话叫老人", a_pattern())
    assert spans_of("护工打得老人直哭", a_pattern())
    assert spans_of("收了三十万块", a_pattern("收", "块", window=4))


def test_an_office_word_for_people_is_a_part_at_once():
    pattern = a_pattern()
    more = Entry("people", "elder", ("俺达",))
    matcher = Matcher(Lexicon((ELDERS, more), patterns=(pattern,), sets=SETS))
    assert pattern in {hit.entry for hit in matcher.find_hits("护工打俺达", {0: 0, 2: 1, 3: 2, 5: 3}).hits}


def test_time_grows_with_the_length_alone():
    text = "护工打" * 20_000 + "老人"
    assert len(found_in(text, a_pattern()).hits) == 2


@pytest.mark.parametrize("pattern", a_context().lexicon.patterns, ids=lambda pattern: pattern.name)
def test_each_shipped_pattern_is_found_in_its_example(pattern):
    text = pattern.example
    words = a_context().segmenter.cut(text)
    assert pattern in {hit.entry for hit in a_context().matcher.find_hits(text, word_boundaries(words)).hits}


TOLD = [
    ("~carer_strikes_elder", "护工一巴掌扇在我奶奶脸上", "他儿子一巴掌扇在我奶奶脸上"),
    ("~family_strikes_elder", "他儿子一巴掌扇在我奶奶脸上", "护工一巴掌扇在我奶奶脸上"),
    ("~elder_struck_by", "我奶奶叫护工扇了一巴掌", "护工给我奶奶扇扇子"),
    ("~carer_scolds", "护工成天骂我奶奶", "我奶奶成天骂护工"),
    ("~elder_confined", "把我爹锁在小屋里", "我爹把小屋锁了"),
    ("~says_own_fall", "院里非说是她自己摔的", "她自己摔的"),
    ("~post_takes_money", "村主任收了我两千块", "村主任收了两箱茅台"),
    ("~post_takes_treat", "村主任收了两箱茅台", "村主任收了我两千块"),
    ("~treat_to_post", "给所长送了两箱酒", "所长给我送信"),
    ("~stale_served", "馊菜热热又给老人吃", "菜太淡，给老人吃不香"),
    ("~dead_still_paid", "人死了两年还在领钱", "人死了，钱没领"),
    ("~went_to_office", "我跟镇上说过两回", "我跟院长说过两回"),
]


@pytest.mark.parametrize(("name", "told", "other"), TOLD)
def test_it_tells_who_did_what_to_whom(name, told, other):
    assert name in names_in(told)
    assert name not in names_in(other)


def names_in(text: str) -> set[str]:
    words = a_context().segmenter.cut(text)
    return {hit.entry.name for hit in a_context().matcher.find_hits(text, word_boundaries(words)).hits}


def test_an_officer_reads_the_pattern_before_single_words():
    first = said_of("护工一巴掌扇在我奶奶脸上").categories[0].evidence[0]
    assert (first.phrase, first.why) == ("护工一巴掌扇在我奶奶", "护理或管事的人打老人")
