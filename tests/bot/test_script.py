"""The sentences of the desk: short, in plain words, without promises the house can't keep; bad data stops the start."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from bot.script import DATA_DIR, SENTENCE_LIMIT, BadScript, Script, load_script
from bot.words import load_words
from casework.types import Danger
from triage.taxonomy import load_taxonomy

FORBIDDEN = ("受理", "承办", "研判", "诉求", "提交", "系统", "用户", "是否")
PROMISES = ("保证", "一定", "绝对", "肯定", "放心", "马上解决", "百分之百")


@pytest.fixture(scope="module")
def script() -> Script:
    return load_script()


def sentences(script: Script) -> list[str]:
    asked = [question.ask for question in script.questions.values()]
    labels = [choice.label for question in script.questions.values() for choice in question.choices]
    answers = [line for answer in script.answers for line in answer.lines]
    return [line for lines in script.lines.values() for line in lines] + asked + labels + answers


def test_no_office_word_is_said(script: Script) -> None:
    assert [line for line in sentences(script) if any(word in line for word in FORBIDDEN)] == []


def test_nothing_is_promised_that_cannot_be_kept(script: Script) -> None:
    assert [line for line in sentences(script) if any(word in line for word in PROMISES)] == []


def test_every_sentence_is_short_and_without_foreign_words(script: Script) -> None:
    for line in sentences(script):
        bare = re.sub(r"\{[a-z_]+\}", "", line)
        assert len(bare) <= SENTENCE_LIMIT, line
        assert not re.search(r"[A-Za-z]", bare), line


def test_a_question_has_no_choice_or_two_to_four(script: Script) -> None:
    assert {len(question.choices) for question in script.questions.values()} <= {0, 2, 3, 4}


def test_every_danger_has_its_number_and_its_words(script: Script) -> None:
    words = load_words()
    for danger in Danger:
        assert script.numbers[danger]
        assert script.say(f"danger.{danger}")
    assert set(words.perils.plain.now) == set(Danger) - {Danger.OTHER}


def test_self_harm_gives_somebody_to_talk_to_first(script: Script) -> None:
    assert [number.number for number in script.numbers["self_harm"]] == ["12356", "120"]


def test_every_number_was_verified_on_a_day(script: Script) -> None:
    for numbers in script.numbers.values():
        assert all(date.fromisoformat(number.verified_on) for number in numbers)


def test_every_category_can_be_read_back(script: Script) -> None:
    assert set(script.matters) == set(load_taxonomy(DATA_DIR.parents[1] / "triage" / "data").codes)


def test_every_question_after_the_receipt_is_in_the_script(script: Script) -> None:
    asked = {name for names in script.details.values() for name in names}
    assert asked <= set(script.questions)
    for name in asked:
        assert len(script.questions[name].choices) >= 2, "it can be skipped by a tap"


def test_every_answer_says_where_it_stands(script: Script) -> None:
    assert all(answer.source and answer.lines for answer in script.answers)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("请问八十岁的高龄津贴怎么领", "old_age_allowance"),
        ("五保户咋申请", "destitute"),
        ("反映了多久能有结果", "how_long"),
        ("怎么看养老院正规不正规", "choose_home"),
    ],
)
def test_the_desk_knows(script: Script, question: str, answer: str) -> None:
    found = script.answer(question)
    assert found is not None
    assert found.id == answer


def test_the_desk_does_not_know_everything(script: Script) -> None:
    assert script.answer("今天星期几") is None


@pytest.mark.parametrize(
    ("file", "old", "new", "entry"),
    [
        ("script.toml", "您好，这里是清风热线。", "您" * 31, "lines.greeting"),
        ("script.toml", "您的电话是多少？", "请说电话。", "questions.phone"),
        ("script.toml", '["confirm_yes", "对，就这样"], ', "", "questions.confirm"),
        ("numbers.toml", "2026-11-21", "昨天", "119"),
        ("knowledge.toml", "老年人权益保障法第33条", "", "old_age_allowance"),
        ("script.toml", "[lines]", "[lines", ""),
    ],
)
def test_a_wrong_file_stops_the_start_and_says_where(tmp_path: Path, file: str, old: str, new: str, entry: str) -> None:
    shutil.copytree(DATA_DIR, tmp_path / "data")
    path = tmp_path / "data" / file
    told = path.read_text(encoding="utf-8")
    assert old in told
    path.write_text(told.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadScript) as caught:
        load_script(tmp_path / "data")
    assert (caught.value.file, caught.value.entry) == (file, entry)


def test_a_wrong_pattern_stops_the_start(tmp_path: Path) -> None:
    shutil.copytree(DATA_DIR, tmp_path / "data")
    path = tmp_path / "data" / "words.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("'转?人工", "'(转?人工", 1), encoding="utf-8")
    with pytest.raises(BadScript) as caught:
        load_words(tmp_path / "data")
    assert caught.value.entry == "human"
