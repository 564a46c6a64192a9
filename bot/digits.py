"""A telephone number that comes in pieces, a message each: gathered until it is whole, and heard as one.

Pure. Pieces are neither choices nor parts of the story, until something else is said before it is whole.
"""

import re
from dataclasses import replace

from bot.asking import say
from bot.channels import MessageKind
from bot.flat import flatten
from bot.phones import speak_digits
from bot.telling import Turn
from bot.types import Step, Talk

WHOLE = 11
_PIECE = re.compile("[0-9]{2,8}")
_BEGINS = re.compile("1[3-9][0-9](?:[0-9]{4})?")
"""Three figures or seven, as people part a number; four are a sum or a year."""


def gather_digits(turn: Turn) -> tuple[Turn, Step | None]:
    """The turn with a number that is whole now, or the step that asks for the rest; anything else goes on as it is."""
    talk = turn.talk
    piece = speak_digits(flatten(turn.said.text)).strip("。,.-")
    fits = turn.event.kind is MessageKind.TEXT and turn.event.choice is None and _PIECE.fullmatch(piece)
    begins = talk.question != "how_much" and _BEGINS.fullmatch(piece)
    if not fits or not (talk.digits or begins) or len(talk.digits + piece) > WHOLE:
        return (replace(turn, talk=_let_go(talk)) if talk.digits else turn), None
    digits = talk.digits + piece
    if len(digits) < WHOLE:
        step = say(replace(talk, digits=digits), turn.script.say("digits"))
        return turn, replace(step, talk=replace(step.talk, question=talk.question))
    said = replace(turn.said, text=digits, phone=digits, phone_tail=None, choice=None, rest="")
    reading = replace(turn.reading, said=said, message=None, story=None, danger=None, suspected=None, complains=False)
    return replace(turn, talk=replace(talk, digits=""), reading=reading), None


def _let_go(talk: Talk) -> Talk:
    """What was no telephone number after all belongs to the story."""
    told = (*talk.lines, talk.digits) if talk.lines and not talk.is_filed else talk.lines
    return replace(talk, digits="", lines=told)
