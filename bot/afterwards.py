"""After the receipt: the code given, what is still useful asked one by one, everything that comes later added.

Pure. The words are gone by now; what is said goes to the report and not into the talk.
"""

from collections.abc import Callable
from dataclasses import replace

from bot.asking import ask_detail, next_detail, repeat_question, say
from bot.facts import is_known_place, list_answered, take_facts
from bot.phrasing import compose, join
from bot.script import Script
from bot.telling import Turn, take_contact
from bot.types import Act, ContactWay, Effect, Reply, Stage, Step, Talk
from bot.words import Intent

NOTHING = frozenset({"detail_skip", "detail_unknown"})


def tell_receipt(talk: Talk, code: str, script: Script, front: Reply) -> Step:
    """The code, right after filing, and the first of the questions that may be skipped."""
    done = () if front.lines else script.say("filed")
    warning = () if talk.phone or talk.contact is ContactWay.HERE else script.say("filed_no_contact")
    first = compose(done, script.say("filed_next"), warning, script.say("filed_code"), code=code)
    step = ask_detail(talk, script)
    return replace(step, talk=replace(step.talk, code_waits=False), reply=join(join(front, first), step.reply))


def tell_waiting_code(talk: Talk, script: Script, reply: Reply) -> Step:
    """The code of a report that filed itself goes before everything else, once."""
    if talk.code is None:
        return Step(replace(talk, code_waits=False), reply)
    first = compose(script.say("filed_itself"), code=talk.code)
    return Step(replace(talk, code_waits=False), join(first, reply))


def shed_words(talk: Talk) -> Talk:
    """The talk after filing: who, which report, what was asked; not a word of what was told."""
    known = tuple(name for name, value in (("place", is_known_place(talk)), ("when", talk.when)) if value)
    known += list_answered(talk.text)
    return Talk(
        channel=talk.channel,
        account=talk.account,
        sender=talk.sender,
        stage=Stage.FILED,
        asked=(*talk.asked, *known),
        relation="told" if talk.relation else "",
        contact=talk.contact,
        phone="told" if talk.phone else "",
        category=talk.category,
        danger=talk.danger,
        is_complaint=talk.is_complaint,
        is_urgent=talk.is_urgent,
        is_brief=talk.is_brief,
        handed_over=talk.handed_over,
        with_officer=talk.with_officer,
        waits_until=talk.waits_until,
        outgoing=talk.outgoing,
        media=talk.media,
        said=talk.said if talk.handed_over else (),
        case_id=talk.case_id,
        receipt_id=talk.receipt_id,
        code=talk.code,
        code_waits=talk.code_waits,
        is_sealed=talk.is_sealed,
        greeted=True,
        filed_at=talk.filed_at,
        last_at=talk.last_at,
    )


def go_on_afterwards(turn: Turn, answer: Callable[[Turn], Step] | None) -> Step:
    """A tap, a skip, thanks, a correction, more of the story."""
    talk, script, said = turn.talk, turn.script, turn.said
    if turn.tapped == "code_noted":
        return repeat_question(talk, script, script.say("code_noted"))
    if turn.tapped is not None:
        return _tap(turn, turn.tapped)
    if answer is not None:
        return answer(turn)
    if said.wants(Intent.SKIP) and next_detail(talk, script):
        return ask_detail(talk, script)
    if said.wants(Intent.MORE, Intent.GREETING, Intent.RESUME) and not said.rest:
        return say(talk, script.say("greeting_again"))
    if said.wants(Intent.DONE, Intent.THANKS, Intent.BYE, Intent.CONFIRM, Intent.IMPATIENT) and not said.tells:
        line = "thanks" if said.wants(Intent.THANKS) else "nothing_to_add"
        return say(replace(talk, stage=Stage.FILED, is_brief=True), script.say(line))
    return _add(turn)


def _tap(turn: Turn, choice: str) -> Step:
    talk, script = turn.talk, turn.script
    if choice in script.notes:
        step = ask_detail(talk, script, script.say("added"))
        return replace(step, effects=(Effect(Act.AMEND, script.notes[choice]),))
    if choice in NOTHING:
        return ask_detail(talk, script)
    if choice == "more_yes":
        return say(talk, script.say("greeting_again"))
    return say(replace(talk, stage=Stage.FILED), script.say("nothing_to_add"))


def _asked_stage(talk: Talk) -> Stage:
    """After the receipt the question where may still be open; its answer counts as one."""
    return Stage.ASKING_PLACE if talk.question == "place" else talk.stage


def _add(turn: Turn) -> Step:
    """More words for the report, as they were said; the open question stands before its answer."""
    talk, script, said = turn.talk, turn.script, turn.said
    contact = take_contact(turn)
    corrects = said.wants(Intent.CORRECTION)
    facts = take_facts(replace(contact.talk, stage=_asked_stage(talk)), turn.reading, corrects=corrects)
    fear = script.say("fear") if said.wants(Intent.FEAR) else ()
    if not said.tells and not contact.lines:
        return say(talk, fear or script.say("again"))
    question = script.questions[talk.question].ask if talk.question in script.questions else ""
    text = f"{question}{said.text}" if question and not corrects else said.text
    line = script.say("corrected_filed" if corrects else "added")
    known = tuple(name for name in list_answered(said.text) if name not in facts.asked)
    step = ask_detail(replace(facts, asked=(*facts.asked, *known)), script, fear, contact.lines, line)
    return replace(step, effects=(Effect(Act.AMEND, text),))
