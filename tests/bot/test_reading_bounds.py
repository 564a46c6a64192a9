"""What is typed costs work in proportion to its length, whatever it is: a talk is open to everybody."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from importlib import import_module
from typing import Any

import pytest

import bot.facts
import bot.names
import bot.phones
import bot.reading
import bot.selves
import bot.spots
from bot.perils import Perils
from bot.reading import read_utterance
from bot.words import Words, load_words

WORDS = load_words()
sre: Any = import_module("re._constants")
parser: Any = import_module("re._parser")
"""The two say nothing of themselves to the type checker."""


def list_patterns(words: Words) -> Iterator[re.Pattern[str]]:
    """Every pattern that a message is held against."""
    for module in (bot.reading, bot.phones, bot.names, bot.selves, bot.spots, bot.facts):
        yield from (value for value in vars(module).values() if isinstance(value, re.Pattern))
    yield from bot.names.name_patterns()
    yield from (pattern for each in fields(words.selves) for pattern in getattr(words.selves, each.name))
    plain = words.perils.plain
    for kinds in (plain.now, plain.maybe):
        for patterns in kinds.values():
            yield from patterns
    for said in words.intents.values():
        yield from (*said.whole, *said.part, *said.unless)
    yield from (*plain.urgent, *plain.past, *words.relation, *words.safe_time)
    yield from list_perils(words.perils)


def list_perils(perils: Perils) -> Iterator[re.Pattern[str]]:
    """Those that say what danger is, what is none, and what is said beside it."""
    for kind in perils.kinds:
        yield from (*kind.now, *kind.bare, *kind.pressed, *kind.still, *kind.unless)
    quiet = perils.quiet
    yield from (*quiet.past, *quiet.supposed, *quiet.carries, *quiet.habit, *quiet.denied)
    for said in perils.calls.values():
        yield from said
    yield from (*perils.present, *perils.others_now, *perils.manners)


def find_endless(parsed: Iterable[Any]) -> Iterator[object]:
    """The repeats in a pattern that have no end of their own."""
    for code, said in parsed:
        if code in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            if said[1] is sre.MAXREPEAT:
                yield said
            yield from find_endless(said[2])
        elif code is sre.BRANCH:
            for each in said[1]:
                yield from find_endless(each)
        elif code is sre.SUBPATTERN:
            yield from find_endless(said[3])
        elif code in (sre.ASSERT, sre.ASSERT_NOT):
            yield from find_endless(said[1])


def test_no_pattern_of_the_desk_repeats_without_end() -> None:
    patterns = list(list_patterns(WORDS))
    assert len(patterns) > 100
    assert [each.pattern for each in patterns if any(find_endless(parser.parse(each.pattern)))] == []


def test_an_endless_repeat_would_be_found() -> None:
    assert any(find_endless(parser.parse("^(?:a|(?=b[一二]+))$")))


@pytest.mark.parametrize("unit", ["那就", "谢谢你们", "就这么", "一", "好的", "吧", "上", "对对"])
def test_the_same_words_over_and_over_are_read_to_the_end(unit: str) -> None:
    said = read_utterance(unit * (5000 // len(unit)) + "灶", WORDS)
    assert said.text.endswith("灶")
    assert not said.is_control
