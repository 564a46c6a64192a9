"""What is said to us and is no complaint: praise, loneliness, a joke, the sigh of one who waits, whether it was wiped.

Pure. Nobody who praises a nurse or only wants to talk is written down as one who complains.
"""

import re
from dataclasses import replace

from bot.asking import say
from bot.channels import MessageKind
from bot.flat import flatten
from bot.moves import BEGUN
from bot.perils import Call
from bot.telling import BLAMES, PRAISED, Turn, take_contact, take_in
from bot.types import Act, Effect, Stage, Step
from bot.words import Intent

_NO_ANSWER_YET = (Call.LONELY, Call.CHAT, Call.WHAT_IS, Call.IN_CHARGE)
LONG = 15
"""Praise told in so long a message is asked about at once, whether to keep it."""
_FILE_IT = re.compile("登记|登上|报上|记上|报吧")
_ORDER = re.compile(
    "(?:嗯|好|行|中|成|对|可以|那|就|快|赶紧|你们?|您|恁|麻烦|请|,){0,6}(?:给|帮|替)?(?:我|俺|咱)?(?:们)?"
    "(?:登记|报|登|记|交|递)(?:上去|上|下来|下)?(?:吧|了|嘛|呗|哈|啊|就行|就中|,|。|!){0,3}"
)
"""An order to file and nothing else (帮我记上)."""


def keeps_company(turn: Turn) -> bool:
    """Whether somebody only praises, wants to talk, jokes, or waits, and complains of nothing so far."""
    talk, said = turn.talk, turn.said
    if turn.event.kind is not MessageKind.TEXT or turn.tapped is not None or talk.question == "keep_suggestion":
        return False
    if talk.is_filed or talk.is_complaint or talk.is_kept or talk.is_held or BLAMES.search(said.text):
        return False
    calls = said.wants(Intent.HUMAN) and not said.calls_for(Call.LONELY)
    if calls or (said.wants(Intent.WITHDRAW, Intent.PROGRESS, Intent.BYE, Intent.THANKS) and said.is_control):
        return False
    message = turn.reading.message
    tells_at_once = PRAISED not in talk.asked and message is not None and message.category == "inquiry"
    if tells_at_once and said.calls_for(Call.PRAISE) and len(said.text) >= LONG:
        return False
    praises = said.calls_for(Call.PRAISE) or (PRAISED in talk.asked and not said.is_sticker and said.tells)
    waits = talk.handed_over and said.calls_for(Call.HOW_LONG)
    chats = said.calls_for(*_NO_ANSWER_YET) and (said.calls_for(Call.LONELY) or len(said.text) < LONG)
    return praises or waits or chats


def keep_company(turn: Turn) -> Step:
    """A friendly word to each; no question of the form."""
    said, script, talk = turn.said, turn.script, turn.talk
    if talk.handed_over and said.calls_for(Call.HOW_LONG):
        return say(talk, script.say("wait_person"))
    if said.calls_for(Call.PRAISE) or PRAISED in talk.asked:
        first = PRAISED not in talk.asked
        praised = replace(talk, asked=(*talk.asked, PRAISED)) if first else talk
        heard = take_in(replace(turn, talk=praised)).talk
        return say(replace(heard, stage=Stage.LISTENING), script.say("praise" if first else "praise_more"))
    line = next(call for call in _NO_ANSWER_YET if said.calls_for(call))
    return say(replace(talk, greeted=True, stage=Stage.LISTENING), script.say(line.value))


def asks_if_wiped(turn: Turn) -> bool:
    """Whether somebody who withdrew asks if it is gone, or says it again."""
    withdrew = turn.talk.stage is Stage.WITHDRAWN or BEGUN in turn.talk.asked
    bare = withdrew and not (turn.talk.is_filed or turn.talk.lines)
    return bare and (turn.said.calls_for(Call.WIPED) or turn.said.wants(Intent.WITHDRAW))


def say_wiped(turn: Turn) -> Step:
    """It is gone, and nothing was reported."""
    return say(turn.talk, turn.script.say("wiped"))


def orders_filing(turn: Turn) -> bool:
    """Whether he says to file it and nothing else: that agrees to no number."""
    return turn.tapped is None and bool(_ORDER.fullmatch(flatten(turn.said.text)))


def says_all(turn: Turn) -> bool:
    """Whether he says that this is all, or to file it: read back already, or with a place and an order to file."""
    talk, said = turn.talk, turn.said
    open_stages = (Stage.LISTENING, Stage.ASKING_PLACE, Stage.ASKING_CONTACT, Stage.ASKING_PHONE, Stage.CORRECTING)
    told = talk.is_complaint and not talk.is_filed and talk.stage in open_stages
    ends = said.wants(Intent.DONE) and not said.tells and turn.tapped is None
    orders = orders_filing(turn) or (ends and bool(_FILE_IT.search(said.text)))
    return told and ((ends and bool(talk.recited)) or (orders and bool(talk.recited or talk.institution)))


def file_now(turn: Turn) -> Step:
    """Filed, with whatever is known; the code comes with it."""
    return Step(replace(take_contact(turn).talk, question=""), effects=(Effect(Act.FILE),))
