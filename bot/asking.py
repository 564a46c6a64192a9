"""Which question comes next: at most one a turn, never one that was answered or asked twice.

Before the receipt only where, and how to get in touch; then the read-back. What else is useful comes after the receipt.
"""

from dataclasses import replace

from bot.conversations import ALARM
from bot.facts import is_known_place
from bot.phrasing import compose, read_back, sum_up
from bot.script import Script
from bot.telling import CHATS
from bot.types import ContactWay, Stage, Step, Talk

BUREAU, PAST_BUREAU = "bureau", "past_bureau"
"""The road past the bureau was shown; a written authority lets such a matter go past it."""

TWICE = 2
STAGE_OF = {
    "place": Stage.ASKING_PLACE,
    "contact": Stage.ASKING_CONTACT,
    "contact_chat": Stage.ASKING_CONTACT,
    "phone": Stage.ASKING_PHONE,
    "confirm": Stage.CONFIRMING,
    "confirm_more": Stage.CONFIRMING,
    "correct": Stage.CORRECTING,
    "withdraw": Stage.ASKING_WITHDRAWAL,
    "withdraw_filed": Stage.ASKING_WITHDRAWAL,
    "draft": Stage.DRAFT,
    "code": Stage.ASKING_CODE,
    "story": Stage.LISTENING,
    "else": Stage.LISTENING,
    "keep_suggestion": Stage.LISTENING,
    "mood": Stage.LISTENING,
}
"""Where a talk stands when this question is open; the questions after the receipt leave it at `asking_detail`."""

NEVER_TIRED = frozenset({"confirm", "confirm_more", "draft", "story", "else"})


def ask(talk: Talk, name: str, script: Script, *lines: tuple[str, ...]) -> Step:
    """Say these sentences and ask this question."""
    asked = replace(
        talk,
        stage=STAGE_OF.get(name, Stage.ASKING_DETAIL),
        question=name,
        asked=talk.asked if name in NEVER_TIRED else (*talk.asked, name),
    )
    fields = {"place": talk.scene or ""}
    return Step(asked, compose(*lines, question=script.questions[name], fields=fields))


def say(talk: Talk, *lines: tuple[str, ...]) -> Step:
    """Say these sentences and ask nothing."""
    return Step(replace(talk, question=""), compose(*lines))


def go_on(talk: Talk, script: Script, *lines: tuple[str, ...]) -> Step:
    """Say these sentences, then whatever is to be asked next before filing; with nothing missing, read it all back."""
    if not (talk.is_complaint or talk.is_kept):
        return ask(talk, "story", script, *lines) if not talk.lines else say(talk, *lines)
    name = _missing(talk)
    told = tuple(group for group in lines if group != script.say("heard_more"))
    if name is not None:
        return ask(talk, name, script, *told)
    return _recite(talk, script, *told)


def _recite(talk: Talk, script: Script, *lines: tuple[str, ...]) -> Step:
    """Read it all back the first time; later only what has changed, and where nothing has, ask whether that is all.

    The story itself isn't read again, for he has just told the rest of it; and whoever goes on telling is asked at
    every other message only.
    """
    card = read_back(talk, script)
    matter = script.facts["matter"]
    changed = tuple(line for line in card if line not in talk.recited and not line.startswith(matter))
    told = replace(talk, recited=card)
    if not talk.recited:
        silence = script.say(_name_silence(talk))
        short = (f"{script.facts['noted']}：{sum_up(talk, script)}",) if talk.is_brief else card
        return ask(told, "confirm", script, *lines, short, silence)
    if talk.question in ("confirm", "confirm_more"):
        quiet = say(told, *lines, changed or script.say("heard_more"))
        return replace(quiet, talk=replace(quiet.talk, stage=Stage.CONFIRMING))
    return ask(told, "confirm", script, *lines, changed) if changed else ask(told, "confirm_more", script, *lines)


def _name_silence(talk: Talk) -> str:
    """What is said of silence: of the bureau's own leaders nothing is promised that nobody may keep."""
    if BUREAU in talk.asked:
        return "silence_past" if PAST_BUREAU in talk.asked else "silence_bureau"
    return "silence_alarm" if ALARM in talk.asked else "silence"


def _missing(talk: Talk) -> str | None:
    """The one thing still to be asked before the read-back."""
    if not is_known_place(talk) and talk.asked.count("place") < (1 if talk.is_brief else TWICE):
        return "place"
    contact = "contact_chat" if talk.channel in CHATS else "contact"
    settled = talk.contact is not None or talk.anonymous is True or bool(talk.phone) or talk.is_brief
    if settled:
        unnumbered = talk.contact is ContactWay.PHONE and not talk.phone
        return "phone" if unnumbered and "phone" not in talk.asked else None
    return contact if contact not in talk.asked else None


def next_detail(talk: Talk, script: Script) -> str | None:
    """The next skippable question after the receipt; none for one in a hurry."""
    if talk.is_brief:
        return None
    if talk.is_urgent:
        return "place" if "place" not in talk.asked else None
    wanted = script.details.get(talk.category or "", script.details["default"])
    return next((name for name in wanted if name not in talk.asked and not _is_pointless(talk, name)), None)


def ask_detail(talk: Talk, script: Script, *lines: tuple[str, ...]) -> Step:
    """The next question after the receipt, or just the sentences."""
    name = next_detail(talk, script)
    if name is None:
        return say(replace(talk, stage=Stage.FILED), *lines)
    step = ask(talk, name, script, *lines)
    return replace(step, talk=replace(step.talk, stage=Stage.ASKING_DETAIL))


def _is_pointless(talk: Talk, name: str) -> bool:
    return name == "wish" and not talk.relation


def repeat_question(talk: Talk, script: Script, *lines: tuple[str, ...]) -> Step:
    """Say these sentences and ask the open question again, unless it was asked often enough."""
    if talk.is_filed:
        name = talk.question
        return ask(talk, name, script, *lines) if name and talk.asked.count(name) < TWICE else say(talk, *lines)
    if talk.stage is Stage.DRAFT or not talk.question or talk.question in STAGE_OF_ENDING:
        return say(talk, *lines) if talk.stage is Stage.DRAFT else go_on(talk, script, *lines)
    if talk.question in NEVER_TIRED or talk.asked.count(talk.question) < TWICE:
        return ask(talk, talk.question, script, *lines)
    return go_on(talk, script, *lines)


STAGE_OF_ENDING = frozenset({"withdraw", "withdraw_filed"})
