"""Whole dialogues in many voices through `hotline chat` with the real triage; the validation set by its figures."""

import json
import os
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.chat_commands import Fixture, build_fixture, chat_lines
from casework.types import Channel
from tests.bot.scoring import agrees, score

TALKS = tomllib.loads((Path(__file__).parent / "dialogues.toml").read_text(encoding="utf-8"))["dialogue"]
SHARED = Path(os.environ.get("HOTLINE_SHARED", Path(__file__).parents[3] / "shared"))
VALIDATION = SHARED / "samples" / "dialogues.jsonl"


@pytest.fixture(scope="module")
def fixture() -> Fixture:
    return build_fixture("wangtong")


def run(talk: dict[str, Any], fixture: Fixture, channel: Channel = Channel.WECHAT) -> dict[str, Any]:
    line = json.dumps({"id": talk["id"], "turns": talk["turns"]}, ensure_ascii=False)
    [answer] = chat_lines([line], channel, fixture)
    return answer


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk["id"])
def test_a_talk_ends_as_it_should(talk: dict[str, Any], fixture: Fixture) -> None:
    answer = run(talk, fixture)
    wanted = {field: None if value == "none" else value for field, value in talk["expect"].items()}
    assert {field: answer[field] for field, value in wanted.items() if not agrees(field, value, answer[field])} == {}
    spoken = "\n".join(line for lines in answer["replies"] for line in lines)
    assert [words for words in talk.get("says", []) if words not in spoken] == []
    assert [words for words in talk.get("never", []) if words in spoken] == []


def test_no_answer_says_an_office_word_or_asks_twice_in_a_turn(fixture: Fixture) -> None:
    for talk in TALKS[:12]:
        for lines in run(talk, fixture)["replies"]:
            assert sum(line.endswith("？") for line in lines) <= 1
            assert not any(word in line for line in lines for word in ("受理", "承办", "研判", "诉求", "系统", "用户"))


def test_a_bad_line_is_answered_in_its_place(fixture: Fixture) -> None:
    lines = ["nonsense", '{"id": 1}', '{"id": 2, "turns": [1]}', '{"id": 3, "turns": ["你好"], "mine": "kept"}', ""]
    answers = list(chat_lines(lines, Channel.WEB, fixture))
    assert [("error" in answer, answer["id"]) for answer in answers] == [(True, None), (True, 1), (True, 2), (False, 3)]
    assert answers[3]["mine"] == "kept"


@pytest.mark.skipif(not VALIDATION.exists(), reason="the validation set is not beside the repository")
def test_the_validation_set_is_not_worse_than_it_was(fixture: Fixture) -> None:
    rows = [json.loads(line) for line in VALIDATION.read_text(encoding="utf-8").splitlines()]
    found = score(zip(rows, (run(row, fixture) for row in rows), strict=True))
    assert found["emergency"][0] / found["emergency"][1] >= 0.95
    assert found["filed"][0] / found["filed"][1] >= 0.9


@pytest.mark.parametrize("story", ["县福利院院长王某某收红包三万块", "我要举报南荇镇民政办主任褚某 他贪污"])
def test_a_report_that_is_sealed_is_opened_whoever_it_complains_of(story: str, fixture: Fixture) -> None:
    line = json.dumps({"id": "sealed", "turns": [story, "不留名", "对"]})
    [answer] = chat_lines([line], Channel.WEB, fixture)
    assert answer["filed"]
    assert answer["categories"][0] == "corruption"


def test_a_dialogue_that_breaks_says_so_and_the_next_goes_on(fixture: Fixture) -> None:
    broken = replace(fixture, office_file=Path("no-such-office.toml"))
    lines = [json.dumps({"id": each, "turns": ["你好"]}) for each in ("a", "b")]
    assert all("error" in answer for answer in chat_lines(lines, Channel.WEB, broken))
