"""What somebody in danger, in anger or in fear says beside his matter, and what we say: the number, one thing to do,
the truth about who comes.

Pure. Talk of death in anger is asked about once; a talk in which somebody spoke of it in earnest goes on, and what he
complains of is filed; whoever only greets is greeted.
"""

import re
from dataclasses import replace

from bot.asking import BUREAU, PAST_BUREAU, ask, ask_detail, go_on, repeat_question
from bot.channels import MessageKind
from bot.facts import take_facts
from bot.moves import ENOUGH, face_self_harm, is_danger, stay_with
from bot.perils import Call
from bot.phrasing import compose, join, render
from bot.script import Script
from bot.telling import Turn, take_in
from bot.types import Act, ContactWay, Effect, Stage, Step, Talk
from bot.words import Intent
from casework.types import Danger

MOOD = "mood"
"""The one careful question after talk of death in anger."""

_BESIDE = re.compile("护工|院长|院里|养老|敬老|护理院|镇上|村里|民政|会计|骗|克扣|骂|捆|绑")
_ABOUT_TO = re.compile(
    "(?:今天|今晚|今夜|现在|这就|马上|一会儿?|等会儿?).{0,8}(?:吃|喝|跳|吊|割|走|死)|(?:吃|喝|跳)了算了"
)
"""Words of one who is about to do it."""


def speaks_in_anger(turn: Turn) -> bool:
    """气得我想死, 死的心都有了: said in anger, not yet asked about."""
    return turn.said.calls_for(Call.ANGER) and MOOD not in turn.talk.asked and not turn.talk.is_held


def ask_if_meant(turn: Turn) -> Step:
    """One careful question with two big choices; what is told beside it is kept, and nobody is handed over for it."""
    script, talk = turn.script, turn.talk
    if turn.said.calls_for(Call.EARNEST):
        return hear_of_death(turn)
    if talk.is_filed:
        asked = ask(talk, MOOD, script, script.say("anger_heard"))
        effects = (Effect(Act.AMEND, turn.said.text),) if turn.said.tells else ()
        return replace(asked, talk=replace(asked.talk, stage=Stage.FILED), effects=effects)
    return ask(take_in(turn).talk, MOOD, script, script.say("anger_heard"))


def answers_mood(turn: Turn) -> bool:
    """Whether this answers that question; whoever goes on with his matter instead is listened to."""
    if turn.talk.question != MOOD:
        return False
    return turn.tapped in ("mood_anger", "mood_real") or turn.said.calls_for(Call.ONLY_ANGER, Call.EARNEST)


def answer_mood(turn: Turn) -> Step:
    """In earnest: a person, now. In anger: on with the matter."""
    earnest = turn.tapped == "mood_real" or (turn.tapped is None and turn.said.calls_for(Call.EARNEST))
    if earnest and not _denies(turn):
        return hear_of_death(turn)
    calm = turn.script.say("mood_calm")
    return repeat_question(turn.talk, turn.script, calm) if turn.talk.is_filed else go_on(turn.talk, turn.script, calm)


def _denies(turn: Turn) -> bool:
    return turn.tapped is None and turn.said.calls_for(Call.ONLY_ANGER) and "不是气话" not in turn.said.text


def hear_of_death(turn: Turn) -> Step:
    """Somebody to talk to first; what was complained of before or beside it is kept and goes its way by itself."""
    step = face_self_harm(turn)
    if turn.talk.is_held and _ABOUT_TO.search(turn.said.text):
        step = _hold_back(turn, step)
    told = turn.talk.is_complaint and _blames(turn.talk)
    if turn.talk.is_filed or not (told or _complains_beside(turn)):
        return step
    kept = replace(step.talk, is_held=False, is_complaint=True)
    return replace(step, talk=kept, reply=join(step.reply, compose(turn.script.say("death_kept"))))


def _hold_back(turn: Turn, step: Step) -> Step:
    """The worst sentence gets the plainest answer: wait, put it away, call somebody."""
    return replace(step, reply=compose(turn.script.say("death_now"), numbers=turn.script.numbers["self_harm"]))


def _blames(talk: Talk) -> bool:
    """Whether somebody is complained of; pain and despair alone are no report."""
    return bool(talk.institution or _BESIDE.search(talk.text))


def _complains_beside(turn: Turn) -> bool:
    """Whether the very message that speaks of death complains of somebody, too."""
    told = turn.reading.complains and len(turn.said.rest) >= ENOUGH
    return told and bool(_BESIDE.search(turn.said.text))


def stay_or_go_on(turn: Turn) -> Step:
    """A talk that waits for a person because of what he said of death: one warm sentence to each message, the numbers
    now and then, never a question of the form. He is let out when he says that it wasn't meant so.
    """
    talk, script, said = turn.talk, turn.script, turn.said
    if not talk.is_urgent:
        return stay_with(turn)
    if _ABOUT_TO.search(said.text):
        return _hold_back(turn, stay_with(turn))
    freed = replace(talk, stage=Stage.LISTENING, is_held=False)
    if said.calls_for(Call.ONLY_ANGER) and not said.calls_for(Call.EARNEST):
        calm = replace(freed, is_urgent=talk.danger is not None)
        return _back(calm, script, script.say("mood_calm"), script.say("mood_called"))
    step = stay_with(turn)
    if not talk.is_filed and _tells_matter(turn, step.talk):
        kept = replace(step.talk, is_held=False, is_complaint=True)
        return replace(step, talk=kept, reply=join(step.reply, compose(script.say("death_kept"))))
    if talk.is_filed and said.tells:
        return replace(step, effects=(Effect(Act.AMEND, said.text),))
    return step


def ask_nothing(turn: Turn, step: Step) -> Step:
    """The step without a question of the form, in a talk that waits for a person for its writer's life."""
    waits = turn.talk.stage is Stage.WITH_PERSON and turn.talk.is_urgent and step.talk.is_urgent
    if not (waits and step.reply.question):
        return step
    reply = replace(step.reply, question="", choices=())
    held = replace(step.talk, stage=Stage.WITH_PERSON, question="", is_held=turn.talk.is_held)
    return replace(step, talk=held, reply=replace(reply, text=render(reply)))


def _tells_matter(turn: Turn, heard: Talk) -> bool:
    """Whether this message complains of somebody: that is kept, and goes its way in silence without a question."""
    return turn.reading.complains and len(turn.said.rest) >= ENOUGH // 2 and _blames(heard)


def _back(talk: Talk, script: Script, *lines: tuple[str, ...]) -> Step:
    """The talk where it stood: after filing what is still useful, before it whatever is missing."""
    if talk.is_filed:
        return repeat_question(replace(talk, stage=Stage.FILED), script, *lines)
    return go_on(talk, script, *lines)


def cries(turn: Turn) -> bool:
    """A call for help, or for silence, of one who told of danger."""
    asks = turn.said.calls_for(Call.HELP, Call.SILENT) or turn.said.wants(Intent.NO_CONTACT)
    return turn.talk.danger is not None and turn.talk.is_filed and turn.event.kind is MessageKind.TEXT and asks


def is_new_danger(turn: Turn) -> bool:
    """Danger, and not merely a call for help in the one that was told."""
    known = turn.said.is_weak or turn.said.danger in (None, turn.talk.danger)
    return is_danger(turn) and not (known and cries(turn))


def answer_cry(turn: Turn) -> Step:
    """The number, one thing to do now, that somebody of ours was called and that nobody knows when he comes."""
    script, said, danger = turn.script, turn.said, turn.talk.danger or Danger.OTHER
    silent = said.calls_for(Call.SILENT) or said.wants(Intent.NO_CONTACT)
    numbers = (script.numbers["silent"] if silent else ()) + script.numbers[danger]
    lines = script.say("cry.silent") if silent else script.say(f"cry.{danger}") + script.say("cry.paged")
    talk = replace(turn.talk, contact=ContactWay.NONE) if silent else turn.talk
    facts = take_facts(talk, turn.reading, corrects=False)
    step = ask_detail(facts, script)
    effects = (Effect(Act.AMEND, said.text),) if said.text.strip() else ()
    return replace(step, reply=join(compose(lines, numbers=numbers), step.reply), effects=effects)


def asks_whose(turn: Turn) -> bool:
    """Whether he asks whose people we are (你们不就是他手下吗)."""
    return turn.said.calls_for(Call.WHOSE)


def answer_whose(turn: Turn) -> Step:
    """Honestly: the bureau's; and 12388 for whoever complains of its own leaders."""
    heard = take_in(turn) if turn.reading.complains and len(turn.said.rest) >= ENOUGH else None
    talk = heard.talk if heard is not None else turn.talk
    step = repeat_question(talk, turn.script)
    told = compose(turn.script.say("whose"), numbers=turn.script.numbers["discipline"])
    return replace(step, reply=join(told, step.reply))


def names_bureau(turn: Turn) -> bool:
    """Whether one of the bureau's own leaders is complained of, the first time."""
    return turn.said.calls_for(Call.BUREAU) and BUREAU not in turn.talk.asked and not turn.talk.is_filed


def mark_bureau(turn: Turn) -> Turn:
    """The turn with it on record that the road past the bureau was shown."""
    marks = (BUREAU, PAST_BUREAU) if turn.reading.bypasses else (BUREAU,)
    return replace(turn, talk=replace(turn.talk, asked=(*turn.talk.asked, *marks)))


def show_road(turn: Turn, step: Step) -> Step:
    """12388 first: the lawful road that needs no bureau; what he tells here is taken all the same."""
    told = compose(turn.script.say("bureau_leader"), numbers=turn.script.numbers["discipline"])
    return replace(step, reply=join(told, step.reply))


def is_manners(turn: Turn) -> bool:
    """A greeting, a blessing, a sigh, a slip of the voice before any matter was named: nobody is sent away over it."""
    said = turn.said
    plain = said.calls_for(Call.MANNERS) and turn.event.kind is MessageKind.TEXT and turn.tapped is None
    bare = not (turn.reading.complains or turn.talk.lines or turn.talk.is_filed or said.choice or said.is_sticker)
    settles = said.phone or said.name or said.code or (said.intents - {Intent.GREETING, Intent.QUESTION})
    return plain and bare and not settles and turn.talk.stage is Stage.LISTENING
