"""What is asked beside the story: fear, machines, haste, and what the desk knows from its knowledge base. Pure."""

import re
from dataclasses import replace

from bot.asking import ask, repeat_question
from bot.moves import warn_of_transfer
from bot.perils import Call
from bot.phrasing import compose
from bot.script import Answer
from bot.telling import Turn, take_contact
from bot.types import Act, ContactWay, Effect, Step, Talk
from bot.words import Intent

_ASKS_ON = re.compile(
    "去哪|在哪办|上哪|哪儿|哪里|怎么|咋|要啥|要什么|带啥|带什么|材料|手续|多少|几天|什么时候|啥时候|找谁"
)
_TO_US = re.compile(
    "(?:你们?|您们?|恁们?)[^,。]{0,12}(?:吗|么|不|没|呢)[?]?$|(?:我|俺)(?:该|得|要|能|还)?(?:找谁|咋办|怎么办)|找谁|(?:有用|管用|行|能行|可以)(?:吗|么|不)|[?]$"
)
_NOT_THEM = re.compile(
    "(?:别|不要|甭)(?:给|把|往|将)?(?:人家|他们?家?)?(?:那)?([一-龥]{2,8}?)(?:给)?(?:也)?(?:记|写|登|报|算)(?:上|成|进|到)"
)
ASKED_SHORT = 24
SHORT = 15
"""A question no longer than this may go on about what was just answered."""


ASIDES = ((Intent.DEMAND, "demand"), (Intent.PROOF_QUESTION, "proof"), (Intent.CANNOT_SEE, "cannot_see"))
"""What is asked of us beside the story, and the sentences that answer it."""


def answer_asides(turn: Turn) -> tuple[str, ...]:
    """Answers to what was asked beside the story: fear, names, machines, haste."""
    script, said = turn.script, turn.said
    found: tuple[str, ...] = warn_of_transfer(turn)
    if said.wants(Intent.FEAR) or said.calls_for(Call.THREAT):
        found += script.say("fear_again" if _was_said(turn, "fear") else "fear")
    for call in (Call.WORRY, Call.THREAT, Call.OFFERS):
        found += script.say(call.value) if said.calls_for(call) else ()
    found += _tell_not_noted(turn)
    if said.wants(Intent.REAL_NAME_QUESTION):
        found += script.say("real_name")
    for wish, line in ASIDES:
        found += script.say(line) if said.wants(wish) else ()
    if said.wants(Intent.MACHINE):
        found += script.say("machine")
    if said.wants(Intent.IMPATIENT):
        found += script.say("impatient")
    if said.wants(Intent.THANKS, Intent.BYE):
        found += script.say("thanks" if said.wants(Intent.THANKS) else "bye")
    return found


def _tell_not_noted(turn: Turn) -> tuple[str, ...]:
    """可别给人家康乐记上: that it isn't, and which home is."""
    hit, home = _NOT_THEM.search(turn.said.text), turn.talk.institution
    if hit is None or home is None or hit.group(1) in home:
        return ()
    return turn.script.say("not_noted", other=hit.group(1), value=home)


def _was_said(turn: Turn, name: str) -> bool:
    first = turn.script.say(name)[0]
    return any(first in words for own, words in turn.talk.said if not own)


def asks_us(turn: Turn) -> bool:
    """Whether a message, or its last words, is a question to us that nothing here answers."""
    brief = len(turn.reading.asked) <= SHORT
    asks = turn.said.wants(Intent.QUESTION) and (brief or not turn.reading.complains)
    return asks and len(turn.reading.asked) <= ASKED_SHORT and bool(_TO_US.search(turn.reading.asked))


def admit(turn: Turn, talk: Talk) -> tuple[str, ...]:
    """What the desk knows; else that we can't say and it is noted, and that he is answered, where he can be reached."""
    known = _find_answer(turn)
    if known is not None:
        return known.lines
    reached = talk.phone or talk.contact is ContactWay.HERE
    return turn.script.say("cannot_answer_back" if reached else "cannot_answer")


def is_question(turn: Turn) -> bool:
    """A question that isn't a complaint: triage says so, or the desk knows the answer."""
    said, message = turn.said, turn.reading.message
    if not said.wants(Intent.QUESTION) or turn.reading.complains or not turn.reading.asked:
        return False
    bare = not said.tells and said.intents <= {Intent.QUESTION} and not turn.talk.is_complaint
    inquiry = bare or (message is not None and message.category == "inquiry")
    return inquiry or _find_answer(turn) is not None


def answer_question(turn: Turn) -> Step:
    """From the small cited knowledge base; then whatever was open goes on. A number in it isn't lost."""
    script = turn.script
    answer = _find_answer(turn)
    reached = take_contact(turn)
    known = answer.lines + script.say("source", source=answer.source) if answer is not None else ()
    lines = answer_asides(turn) + reached.lines + known
    if not lines:
        return _admit_ignorance(turn)
    talk = replace(reached.talk, topic=answer.id if answer is not None else reached.talk.topic)
    if talk.is_filed:
        step = repeat_question(talk, script, lines)
        return replace(step, effects=(Effect(Act.AMEND, turn.said.text),)) if reached.lines else step
    if talk.is_complaint:
        return repeat_question(talk, script, lines)
    return ask(replace(talk, category="inquiry"), "else", script, lines)


def _admit_ignorance(turn: Turn) -> Step:
    """Nothing is known about it: in danger the number again, of a matter that is told that it is kept, else 12345."""
    talk, script = turn.talk, turn.script
    if talk.danger is not None:
        return replace(
            repeat_question(talk, script, script.say(f"danger.{talk.danger}")),
            reply=compose(script.say(f"danger.{talk.danger}"), numbers=script.numbers[talk.danger]),
        )
    if talk.is_filed or talk.is_complaint:
        return repeat_question(talk, script, script.say("no_answer_told"))
    return ask(replace(talk, category="inquiry"), "else", script, script.say("no_answer"))


def _find_answer(turn: Turn) -> Answer | None:
    """The entry that answers; a short question after an answer (那去哪办) is about the same matter."""
    found = turn.script.answer(turn.reading.asked)
    if found is not None or len(turn.reading.asked) > SHORT or not _ASKS_ON.search(turn.reading.asked):
        return found
    return next((entry for entry in turn.script.answers if entry.id == turn.talk.topic), None)
