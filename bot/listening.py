"""Listening before anything is open: a greeting, a question, a story, its beginning, or what is another's business.

Pure; nobody is sent away at the first breath, and whoever only begins is let go on.
"""

import re
from dataclasses import replace

from bot.answering import admit, answer_asides, answer_question, asks_us, is_question
from bot.asking import ask, go_on, say
from bot.flat import flatten
from bot.moves import BEGUN, begins_again, greet
from bot.telling import Heard, Turn, take_in
from bot.types import Stage, Step
from bot.words import Intent

LONG = 15
"""Shorter words that triage can't place may be the beginning of a story."""

SURE, SHORT = 0.6, 7
"""So sure a verdict, of so many characters, says that the matter is another's."""

UNSURE = 0.5
"""A long message of another's business, of which triage is less sure, is listened to."""

_CARE = re.compile("老人|老头|老太|老伴|护工|养老|敬老|院里|院长|尿|褥疮|翻身|喂饭|骂|饿|身体|[七八九]十.?岁?")
_APPEAL = re.compile(
    "管管|头诉|[要想来]?(?:反映|举报|投诉|告状|控告)|您好|你好|[早晚]上好|祝|1[3-9][0-9]{9}|哎[妈呀哟]"
)
"""Who calls for us or greets has named no matter yet that could be another's."""

_ITEM = re.compile("第[一二三四五六七八九十][ ,，、:：]?|[0-9一二三四五六七八九][、.．]|还有一|再一个|另外|首先|其次")
"""How somebody counts off several matters; he is not asked anything between two of them."""

PATIENCE = 4
"""So many messages that triage can't place, and he is asked whether to write them down."""

BEGINNING, FRAGMENT = 16, 8
"""So few characters are a beginning, told in so short a message."""

_PRAISE = re.compile("表扬|夸一?夸|夸奖|点个?赞|锦旗|建议|提个?意见|好人好事")


def hasten(turn: Turn) -> Turn:
    """The turn with his haste, or that he can hardly read, noted: less is asked and read to him."""
    brief = turn.talk.is_brief or turn.said.wants(Intent.IMPATIENT, Intent.CANNOT_SEE)
    return replace(turn, talk=replace(turn.talk, is_brief=brief))


def listen(turn: Turn) -> Step:
    """Nothing is open: a greeting, a question, a story or the beginning of one."""
    turn = hasten(turn)
    agrees = turn.said.wants(Intent.CONFIRM) and not (turn.said.tells or turn.said.wants(Intent.DONE, Intent.BYE))
    if turn.talk.question == "keep_suggestion" and (agrees or turn.tapped in ("keep_yes", "keep_no")):
        return _keep(turn)
    if _goes_on_praising(turn):
        heard = take(turn)
        return go_on(replace(heard.talk, is_kept=True), turn.script, heard.lines)
    if turn.said.wants(Intent.GREETING):
        return greet(turn)
    if is_question(turn):
        return answer_question(turn)
    heard = take(turn)
    if heard.talk.is_complaint or heard.talk.is_kept:
        return _let_begin(turn, heard) or go_on(heard.talk, turn.script, heard.lines)
    return _not_yet(turn, heard)


def _let_begin(turn: Turn, heard: Heard) -> Step | None:
    """Whoever begins with a few words (护工, 老是骂人) is let go on before anything is asked; silence files all the
    same."""
    words = flatten(heard.talk.text)
    if _ITEM.match(turn.said.text.strip()) and not heard.talk.is_brief:
        return say(heard.talk, heard.lines, turn.script.say("go_ahead"))
    begins = len(words) < BEGINNING and len(flatten(turn.said.text)) <= FRAGMENT and not heard.talk.is_brief
    return say(heard.talk, heard.lines, turn.script.say("go_ahead")) if begins and not turn.talk.asked else None


def take(turn: Turn) -> Heard:
    """Everything in the message, asides answered first."""
    asides = answer_asides(turn)
    heard = take_in(turn)
    if asides or heard.talk.topic != turn.talk.topic or not (asks_us(turn) and heard.talk.is_complaint):
        return Heard(heard.talk, asides + heard.lines)
    text = turn.said.text.strip()
    lines = heard.talk.lines if text in heard.talk.lines else (*heard.talk.lines, text)
    return Heard(replace(heard.talk, lines=lines), admit(turn, heard.talk))


def _not_yet(turn: Turn, heard: Heard) -> Step:
    """Nothing that is a complaint so far."""
    script, said = turn.script, turn.said
    if begins_again(turn):
        again = BEGUN in turn.talk.asked
        return say(replace(turn.talk, stage=Stage.LISTENING, is_kept=again), script.say("resume_empty"))
    if _gives_contact(turn, heard):
        return say(replace(heard.talk, stage=Stage.LISTENING), heard.lines, script.say("greeting_again"))
    if turn.talk.question == "else" and said.wants(Intent.QUESTION) and not said.tells:
        return ask(heard.talk, "else", script, script.say("off_topic"))
    if said.wants(Intent.THANKS, Intent.BYE, Intent.DONE, Intent.CONFIRM) and not said.tells:
        return say(heard.talk, heard.lines or script.say("bye"))
    if not said.tells:
        return ask(heard.talk, "story", script, heard.lines) if not heard.talk.lines else say(heard.talk, heard.lines)
    return _place_matter(turn, heard)


def _place_matter(turn: Turn, heard: Heard) -> Step:
    """Something is told that is no complaint so far: a question, another's business, or a story yet to come."""
    script, said, message = turn.script, turn.said, turn.reading.message
    long = len(said.text) >= LONG
    if message is not None and message.category == "inquiry" and long:
        return ask(heard.talk, "keep_suggestion", script, script.say("suggestion"))
    if _is_anothers(turn) and not long:
        return ask(replace(heard.talk, stage=Stage.LISTENING), "else", script, script.say("off_topic"))
    if long and not _may_be_ours(turn):
        without = replace(turn.talk, stage=Stage.LISTENING, category="out_of_scope")
        official = script.say("off_topic_official") if message and message.discipline else ()
        return ask(without, "else", script, script.say("off_topic"), official)
    return _let_talk(turn, heard)


def _goes_on_praising(turn: Turn) -> bool:
    """Whether he was asked if his praise or his proposal is to be kept, and answers by telling more of it."""
    asked = turn.talk.question == "keep_suggestion" and bool(_PRAISE.search(turn.talk.text))
    return asked and turn.said.tells and not turn.said.wants(Intent.QUESTION, Intent.DENY)


def _gives_contact(turn: Turn, heard: Heard) -> bool:
    """Whether a message without a matter says how to reach him, or who he is: nobody is sent away over that."""
    said = turn.said
    gives = said.phone or said.phone_tail or turn.reading.name or said.wants(Intent.ANONYMOUS, Intent.NO_CONTACT)
    return bool(gives) and bool(heard.lines)


def _let_talk(turn: Turn, heard: Heard) -> Step:
    """Whoever goes on without a matter that triage knows is listened to, and asked now and then whether to keep it."""
    script, told = turn.script, len(heard.talk.lines)
    if told and told % PATIENCE == 0 and told > len(turn.talk.lines):
        return ask(heard.talk, "keep_suggestion", script, script.say("listening"))
    own = tuple(line for line in heard.lines if line not in (*script.say("heard"), *script.say("heard_more")))
    return say(replace(heard.talk, stage=Stage.LISTENING), own, script.say("greeting_again"))


def _may_be_ours(turn: Turn) -> bool:
    """Whether nobody should be sent away over these words: they speak of age or care, or triage isn't sure."""
    message = turn.reading.message
    unsure = message is None or message.category != "out_of_scope" or message.categories[0].score < UNSURE
    return unsure or bool(_CARE.search(turn.said.text))


def _is_anothers(turn: Turn) -> bool:
    """Whether few words are enough to say that somebody else must be asked, or whom, when that was said already."""
    message, said = turn.reading.message, turn.said
    if message is None or message.category != "out_of_scope" or _may_be_ours(turn) or _APPEAL.search(said.text):
        return False
    if turn.talk.question == "else" and said.wants(Intent.QUESTION):
        return True
    return message.categories[0].score >= SURE and len(flatten(said.text)) >= SHORT


def _keep(turn: Turn) -> Step:
    if turn.tapped == "keep_no":
        return say(turn.talk, turn.script.say("bye"))
    return go_on(replace(turn.talk, is_kept=True), turn.script)
