"""The call-back in a chat: two facts, satisfaction, whether to go on; one question a turn, by a tap or in words.

Pure; it begins when somebody looks up a matter that was answered, and ends with one effect.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.asking import ask, say
from bot.script import Script
from bot.telling import Turn
from bot.types import Act, Effect, Stage, Step, Talk
from casework.callbacks import CHOICES, Answers, Asked, Said, next_asked

QUESTION = "callback_"
SIGN = "="
_WORDS: Mapping[Said, re.Pattern[str]] = {
    Said.UNKNOWN: re.compile("不知道|不清楚|不晓得|说不准"),
    Said.PARTLY: re.compile("一点|一些|好些|稍微|还行|一般|凑合|马马虎虎|有的"),
    Said.NO: re.compile("^(?:没|不|还是|照样|老样子|哪有|谁来)|没人|没来|没办|没变|没好|不满意|不用|算了"),
    Said.YES: re.compile("^(?:来|办|好|满意|是|对|有|行|中|要|嗯|恩|可以|接着|继续)"),
}
"""How it is said in words; the first that fits, for 没好 is no 好."""


def begin_callback(talk: Talk, case_id: str, script: Script) -> Step:
    """The first question about a matter that was answered."""
    return _ask(replace(talk, callback=(case_id,)), Asked.DONE, script)


def is_callback_answer(turn: Turn) -> bool:
    """Whether a question of the call-back is open and this message answers it."""
    return _hear(turn) is not None


def answer_callback(turn: Turn) -> Step:
    """The answer kept, the next question; after the last one the whole is handed on."""
    asked, said = _asked(turn.talk), _hear(turn)
    if asked is None or said is None:
        return say(turn.talk)
    talk = replace(turn.talk, callback=(*turn.talk.callback, f"{asked}{SIGN}{said}"))
    answers = read_answers(talk)
    following = next_asked(answers)
    if following is not None:
        return _ask(talk, following, turn.script)
    line = "callback_again" if answers.get(Asked.AGAIN) is Said.YES else "callback_kept"
    step = say(talk, turn.script.say(line))
    return replace(step, effects=(Effect(Act.CALL_BACK),))


def read_answers(talk: Talk) -> Answers:
    """What was answered so far."""
    pairs = (each.split(SIGN) for each in talk.callback[1:])
    return {Asked(asked): Said(said) for asked, said in pairs}


def _ask(talk: Talk, asked: Asked, script: Script) -> Step:
    step = ask(talk, f"{QUESTION}{asked}", script)
    stage = Stage.FILED if talk.is_filed else talk.stage
    return replace(step, talk=replace(step.talk, stage=stage, asked=talk.asked))


def _asked(talk: Talk) -> Asked | None:
    name = talk.question.removeprefix(QUESTION)
    return Asked(name) if talk.callback and name != talk.question else None


def _hear(turn: Turn) -> Said | None:
    asked = _asked(turn.talk)
    if asked is None:
        return None
    tapped = (turn.tapped or "").removeprefix(QUESTION)
    if tapped in CHOICES[asked]:
        return Said(tapped)
    words = turn.said.text.strip()
    return next((said for said, pattern in _WORDS.items() if said in CHOICES[asked] and pattern.search(words)), None)
