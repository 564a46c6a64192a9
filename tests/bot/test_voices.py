"""Forty talks in many voices: how well they end, and the rules that every answer keeps. Half were kept back while the
words were mended; their figures are the honest ones."""

import json
import re
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from api.chat_commands import build_fixture, chat_lines
from bot.script import SENTENCE_LIMIT, load_script
from casework.types import Channel
from tests.bot.scoring import score

VOICES = [
    json.loads(line) for line in (Path(__file__).parent / "voices.jsonl").read_text(encoding="utf-8").splitlines()
]
SEEN, HELD = "a", "h"
FLOORS = {"filed": 0.95, "emergency": 0.95, "anonymous": 0.9, "handoff": 0.95, "phone": 0.9, "institution": 0.8}
FLOORS |= {"place": 0.85, "when": 0.8, "categories": 0.75}
Said = list[tuple[dict[str, Any], dict[str, Any]]]

SCRIPT = load_script()
CARD = tuple(f"{SCRIPT.facts[name]}：" for name in ("place", "matter", "when", "contact"))
WHO = re.compile("您(?:叫什么|贵姓|是谁|的姓名|的名字|的身份)|姓名|身份证")
PROMISES = re.compile("保证|一定|绝对|肯定能|放心|马上解决|百分之百|会处分|会抓|会赔")
HOME = re.compile("通知(?:院|他们)|告诉(?:院|他们)|联系(?:院|他们)|跟(?:院|院长)(?:核实|说)|找(?:院长|他们)")
DENIES = re.compile("不会|不告诉|看不到|对谁都不说")
PROOF = re.compile("证据|证明|照片|单子|录音")
DEMANDS = re.compile("必须|请提供|要有证据|没有证据|拿出|不然不")
OFFICE = ("受理", "承办", "研判", "诉求", "提交", "系统", "用户")


@pytest.fixture(scope="module")
def talks() -> Said:
    """Every talk with what came of it."""
    fixture = build_fixture("wangtong")
    lines = (json.dumps({"id": talk["id"], "turns": talk["turns"]}, ensure_ascii=False) for talk in VOICES)
    return list(zip(VOICES, chat_lines(lines, Channel.WEB, fixture), strict=True))


def replies(answer: dict[str, Any]) -> list[list[str]]:
    """What the desk said of its own, without the card that reads the writer's words back."""
    return [[line for line in lines if not line.startswith(CARD)] for lines in answer["replies"]]


def find_receipt(answer: dict[str, Any]) -> int:
    """In which answer the code was given; past the end where it was not given in the talk."""
    turns = range(len(answer["replies"]))
    given = (n for n in turns if any(line.replace(" ", "") == answer["receipt"] for line in answer["replies"][n]))
    return next(given, len(answer["replies"]))


@pytest.mark.parametrize("half", [SEEN, HELD])
@pytest.mark.parametrize("field", FLOORS)
def test_the_talks_end_as_they_should(talks: Said, half: str, field: str) -> None:
    found = score(pair for pair in talks if pair[0]["id"].startswith(half))
    right, total, missed = found[field]
    assert right / total >= FLOORS[field], missed


def test_from_the_first_complaint_to_the_receipt_takes_few_turns(talks: Said) -> None:
    counts = []
    for _, answer in talks:
        said = ["\n".join(lines) for lines in answer["replies"]]
        first = next((n for n, lines in enumerate(said) if "记下了" in lines or "报上去了" in lines), 0)
        if find_receipt(answer) < len(said):
            counts.append(find_receipt(answer) - first + 1)
    assert len(counts) > len(talks) / 2
    assert median(counts) <= 4


def test_nobody_is_asked_who_he_is(talks: Said) -> None:
    asked = [line for _, answer in talks for lines in replies(answer) for line in lines if line.endswith("？")]
    assert [line for line in asked if WHO.search(line)] == []


def test_whoever_stays_unnamed_is_not_asked_again_how_to_be_reached(talks: Said) -> None:
    contact = {SCRIPT.questions[name].ask for name in ("contact", "contact_chat", "phone")}
    for talk, answer in talks:
        heard = [n for n, lines in enumerate(answer["replies"]) if SCRIPT.say("contact_anonymous")[0] in lines]
        later = [line for lines in answer["replies"][heard[0] :] for line in lines] if heard else []
        assert contact.isdisjoint(later), talk["id"]


def test_nothing_is_promised_and_the_home_is_never_told(talks: Said) -> None:
    for talk, answer in talks:
        for line in (line for lines in replies(answer) for line in lines):
            assert not PROMISES.search(line), (talk["id"], line)
            assert not HOME.search(line) or DENIES.search(line), (talk["id"], line)


def test_proof_is_never_demanded_and_not_asked_for_before_the_receipt(talks: Said) -> None:
    for talk, answer in talks:
        for number, lines in enumerate(replies(answer)):
            assert not DEMANDS.search("\n".join(lines)), talk["id"]
            asked = [line for line in lines if line.endswith("？") and PROOF.search(line)]
            assert number >= find_receipt(answer) or not asked, talk["id"]


def test_one_short_question_a_turn_and_none_three_times(talks: Said) -> None:
    tireless = {SCRIPT.questions[name].ask for name in ("confirm", "confirm_more", "story", "else", "draft")}
    for talk, answer in talks:
        asked: list[str] = []
        for lines in replies(answer):
            questions = [line for line in lines if line.endswith("？")]
            assert len(questions) <= 1, talk["id"]
            asked += questions
        assert all(len(line) <= SENTENCE_LIMIT for line in asked)
        assert all(asked.count(line) <= 2 for line in set(asked) - tireless), talk["id"]


def test_no_office_word_is_spoken(talks: Said) -> None:
    spoken = [line for _, answer in talks for lines in replies(answer) for line in lines]
    assert [line for line in spoken if any(word in line for word in OFFICE)] == []


def test_danger_gives_the_number_first(talks: Said) -> None:
    for talk, answer in talks:
        if talk["expect"]["emergency"]:
            first = [lines[0] for lines in answer["replies"] if re.search(r"1(?:10|19|20|2356)$", lines[0])]
            assert first, talk["id"]


def test_an_official_named_by_half_keeps_nobody_from_the_report() -> None:
    turns = ["我要举报南荇镇民政办主任褚某", "他收了王某某六千块，硬是不给办特困", "就这些"]
    [answer] = chat_lines([json.dumps({"id": "half", "turns": turns})], Channel.WEB, build_fixture("wangtong"))
    assert answer["filed"] is True
    assert "corruption" in answer["categories"]
    assert answer["place"]
