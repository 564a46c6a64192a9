"""What may come at any step and goes first: danger, a wish to stop or wait, a person, a code, a demand to know who.

Pure; each move gives the next step of the talk.
"""

import re
from dataclasses import replace

from bot.asking import ask, go_on, repeat_question, say
from bot.channels import EventKind, MessageKind
from bot.conversations import ALARM
from bot.dangers import DANGER_OF
from bot.perils import Call
from bot.phrasing import compose, join, sum_up
from bot.telling import CHATS, Turn, take_contact, take_in, take_story
from bot.types import Act, Effect, Reply, Stage, Step, Talk
from bot.words import Intent
from casework.types import Danger
from triage.types import InstitutionKind

MONEY = frozenset({"elder_fraud", "illegal_fundraising"})
HUMAN, SELF_HARM, WHO_REPORTED, LOST_CODE = "asked", "self_harm", "who_reported", "lost_code"
"""Why a talk was handed to a person."""

BEGUN = "begun"
"""Of a talk that was wiped only this is known: something was told. Should he begin again, what he tells is kept."""

ORGAN_HEAD = "organ_head"
"""The discipline organ's leader was complained of: what goes on about him isn't taken either."""
_OF_HIM = re.compile("他|她|这个?(?:书记|领导|人)|那个?(?:书记|领导|人)")
_WHERE_TO = re.compile("找谁|找哪|哪里|哪儿|上哪|咋办|怎么办|管(?:吗|不|得了)")

_MEANS = re.compile("药|刀|绳|煤气|楼顶|天台|桥")
COMFORTS, NOW_AND_THEN = "abcde", 3
"""The sentences of company, and after how many messages the numbers come again."""

ENOUGH = 12
"""Beside the call for a person, so many characters are a story."""


def is_danger(turn: Turn) -> bool:
    """Danger to life that is there now: by the desk's own words, or because triage says so of this message."""
    if turn.said.danger is not None or cries_in_alarm(turn):
        return True
    message = turn.reading.message
    if message is None or turn.reading.danger is None or not turn.said.tells:
        return False
    return turn.reading.complains and message.category not in MONEY and not turn.said.wants(Intent.SENDING_MONEY)


def face_danger(turn: Turn) -> Step:
    """The number first, then file at once with whatever is known (or add it to what is filed)."""
    feared = DANGER_OF.get(turn.talk.category or "", Danger.OTHER) if cries_in_alarm(turn) else Danger.OTHER
    danger = turn.said.danger or turn.reading.danger or feared
    occasion = turn.said.occasion or danger
    heard = take_in(turn)
    talk = replace(heard.talk, danger=danger, is_urgent=True, is_complaint=True, stage=Stage.FILED, question="")
    lines = turn.script.say(f"danger.{occasion}") + turn.script.say("danger.recorded")
    act = Effect(Act.AMEND, turn.said.text) if talk.is_filed else Effect(Act.FILE)
    return Step(talk, compose(lines, numbers=turn.script.numbers[occasion]), (act,))


def cries_in_alarm(turn: Turn) -> bool:
    """Whether somebody calls for help after triage alone saw a life in danger: now it is danger by his own words."""
    feared = ALARM in turn.talk.asked and turn.talk.is_complaint and not turn.talk.is_filed
    return feared and turn.said.calls_for(Call.HELP)


def fear_for_life(turn: Turn) -> Turn:
    """The turn marked, once in a talk, where triage alone sees a life in danger: the number will stand first."""
    message = turn.reading.message
    alarmed = replace(turn, talk=replace(turn.talk, asked=(*turn.talk.asked, ALARM)))
    if turn.said.calls_for(Call.OTHERS) and ALARM not in turn.talk.asked:
        return alarmed
    if message is None or turn.reading.suspected is None or ALARM in turn.talk.asked or not turn.reading.complains:
        return turn
    money = turn.said.wants(Intent.SENDING_MONEY) or message.category in MONEY
    return turn if money else alarmed


def put_number_first(turn: Turn, step: Step) -> Step:
    """The number to dial before the answer; nothing is filed over his head on triage's word alone."""
    danger = turn.reading.suspected
    if step.reply.numbers or step.talk.stage is Stage.WITHDRAWN:
        return step
    if turn.said.calls_for(Call.OTHERS):
        lines = turn.script.say("others_harm")
        return replace(step, reply=join(compose(lines, numbers=turn.script.numbers["self_harm"]), step.reply))
    if danger is None:
        return step
    first = compose(turn.script.say("suspected"), numbers=turn.script.numbers[danger])
    return replace(step, reply=join(first, step.reply))


def face_self_harm(turn: Turn) -> Step:
    """Somebody to talk to, first; a person takes over, and nothing is filed over his head."""
    first = not turn.talk.is_held
    heard = take_story(turn)
    talk = replace(heard.talk, is_held=True, is_urgent=True, handed_over=True, stage=Stage.WITH_PERSON, question="")
    lines = turn.script.say("self_harm" if first else "self_harm_on") + _put_away(turn)
    effects = (Effect(Act.HAND_OVER, SELF_HARM),) if first else ()
    return Step(talk, compose(lines, numbers=turn.script.numbers["self_harm"]), effects)


def _put_away(turn: Turn) -> tuple[str, ...]:
    """Where a means is named, one sentence about it."""
    return turn.script.say("self_harm_means") if _MEANS.search(turn.said.text) else ()


def stay_with(turn: Turn) -> Step:
    """A talk that waits for a person: listen, keep the words, keep the numbers in sight.

    Who says that it was anger alone is let out: what he complains of goes its way; the person comes all the same.
    """
    if turn.talk.is_urgent and turn.said.wants(Intent.CALM) and turn.said.danger is None:
        freed = replace(turn.talk, stage=Stage.LISTENING, is_held=False, is_urgent=False)
        return go_on(freed, turn.script, turn.script.say("calm"))
    talk = take_in(turn).talk
    lines = _console(turn) + _put_away(turn) if talk.is_urgent else turn.script.say("with_person")
    shows = talk.is_urgent and (_spoken(turn) % NOW_AND_THEN == 1 or turn.said.wants(Intent.SELF_HARM))
    numbers = turn.script.numbers["self_harm"] if shows else ()
    kept = replace(talk, stage=Stage.WITH_PERSON, question="")
    return Step(kept, compose(lines, numbers=numbers))


def _console(turn: Turn) -> tuple[str, ...]:
    """One warm sentence, another each time."""
    return turn.script.say(f"stay.{COMFORTS[_spoken(turn) % len(COMFORTS)]}")


def _spoken(turn: Turn) -> int:
    """How often he has spoken so far."""
    return sum(1 for own, _ in turn.talk.said if own)


def leave_to_officer(turn: Turn) -> Step:
    """An officer is in the chat: keep what is said, add it to what was filed, and stay quiet where nobody waits."""
    if turn.event.kind in MEDIA_LABELS:
        step = take_media(turn)
        return replace(step, talk=replace(step.talk, stage=turn.talk.stage, question=turn.talk.question))
    talk, text = take_in(turn).talk, turn.event.text.strip()
    kept = replace(talk, stage=turn.talk.stage, question=turn.talk.question)
    effects = (Effect(Act.AMEND, text),) if talk.is_filed and turn.said.tells and text else ()
    lines = () if talk.channel in CHATS else turn.script.say("human_hears")
    return Step(kept, compose(lines), effects)


def refuse_leading_discipline(turn: Turn) -> Step:
    """The discipline organ's own leader is the one complained of: not taken, erased, counted (规则 art. 15)."""
    fresh = _forget(turn.talk)
    lines = turn.script.say("leading_discipline", superior=turn.reading.superior)
    effects = (Effect(Act.ERASE), Effect(Act.TALLY, "leading_discipline"))
    return Step(fresh, compose(lines, numbers=turn.script.numbers["discipline"]), effects)


def goes_on_of_head(turn: Turn) -> bool:
    """Whether he goes on about the discipline organ's leader, or asks where to go: no other home is named."""
    talk, said, message = turn.talk, turn.said, turn.reading.message
    if ORGAN_HEAD not in talk.asked or talk.is_filed or talk.lines or turn.event.kind is not MessageKind.TEXT:
        return False
    unit = message is not None and message.institution is not None and message.institution.kind is InstitutionKind.HOME
    asks = said.wants(Intent.QUESTION) or bool(_WHERE_TO.search(said.text))
    return asks or (said.tells and not (unit and not _OF_HIM.match(said.text.strip())))


def refuse_head_again(turn: Turn) -> Step:
    """Not taken either; where to go, again."""
    lines = turn.script.say("leading_again", superior=turn.reading.superior)
    return Step(_forget(turn.talk), compose(lines, numbers=turn.script.numbers["discipline"]), (Effect(Act.ERASE),))


def _forget(talk: Talk) -> Talk:
    return replace(_erased(talk), asked=(ORGAN_HEAD,))


def refuse_to_tell(turn: Turn) -> Step:
    """Who reported is told to nobody; a person listens to what he has to say for himself, and nothing is filed."""
    lines = turn.script.say("who_reported")
    step = _hand_over(turn, WHO_REPORTED, lines)
    held = replace(step.talk, is_held=True, stage=Stage.WITH_PERSON, question="")
    return step if turn.talk.is_filed else replace(step, talk=held, reply=compose(lines))


def lose_code(turn: Turn) -> Step:
    """While the talk still knows its code it is given again; in a chat it stands further up; afterwards nobody can find
    it (that protects him), and a person is called.
    """
    talk = turn.talk
    if talk.code is not None:
        return Step(replace(talk, code_waits=False), compose(turn.script.say("have_code"), code=talk.code))
    if talk.is_filed and LOST_CODE not in talk.asked:
        return say(replace(talk, asked=(*talk.asked, LOST_CODE)), turn.script.say("code_above"))
    return _hand_over(replace(turn, talk=take_contact(turn).talk), LOST_CODE, turn.script.say("lost_code"))


def call_person(turn: Turn) -> Step:
    """A person, anywhere, honest about the hours; what was told goes on its way all the same."""
    script, reading = turn.script, turn.reading
    tells = len(turn.said.rest) >= ENOUGH or turn.reading.complains or turn.talk.is_complaint
    heard = take_in(turn) if tells else take_contact(turn)
    lines = script.say("human_open") if reading.office_open else script.say("human_closed", opening=reading.opening)
    lines = script.say("human_again") if turn.talk.handed_over and not reading.office_open else lines
    told = heard.talk.is_complaint or heard.talk.is_filed
    lines += () if told else script.say("human_keep")
    return _hand_over(replace(turn, talk=heard.talk), HUMAN, lines)


def _hand_over(turn: Turn, reason: str, lines: tuple[str, ...]) -> Step:
    first = not turn.talk.handed_over
    talk = replace(turn.talk, handed_over=True)
    step = repeat_question(talk, turn.script, lines) if talk.is_complaint and not talk.is_filed else say(talk, lines)
    return replace(step, effects=(Effect(Act.HAND_OVER, reason),) if first else ())


def withdraw(turn: Turn) -> Step:
    """An explicit wish to stop: words erased; what was filed is withdrawn after one question."""
    talk, script = turn.talk, turn.script
    if talk.is_filed:
        return ask(talk, "withdraw_filed", script)
    told = bool(talk.lines) or turn.said.tells
    lines = script.say("withdrawn" if told else "withdrawn_nothing")
    asked = (BEGUN,) if told or BEGUN in talk.asked else ()
    stopped = replace(_erased(talk), stage=Stage.WITHDRAWN, asked=asked)
    return Step(stopped, compose(lines), (Effect(Act.ERASE),))


def begins_again(turn: Turn) -> bool:
    """Whether he wants to go on with what he withdrew."""
    wiped = turn.talk.stage is Stage.WITHDRAWN or BEGUN in turn.talk.asked
    return wiped and turn.said.wants(Intent.RESUME) and not (turn.talk.is_complaint or turn.talk.is_kept)


def ask_withdrawal(turn: Turn) -> Step:
    """算了 alone may mean the question or the whole matter."""
    return ask(turn.talk, "withdraw", turn.script)


def answer_withdrawal(turn: Turn) -> Step:
    """What he meant by 算了; anything else he says counts as going on."""
    talk, said = turn.talk, turn.said
    stop = turn.tapped == "withdraw_yes" or said.wants(Intent.CONFIRM, Intent.WITHDRAW)
    if talk.is_filed:
        if not stop:
            return say(replace(talk, stage=Stage.FILED), turn.script.say("not_withdrawn"))
        lines = turn.script.say("withdrawn_slip" if talk.is_urgent else "withdrawn_filed")
        return replace(say(replace(talk, stage=Stage.WITHDRAWN), lines), effects=(Effect(Act.WITHDRAW),))
    if stop:
        return withdraw(turn)
    skipped = replace(talk, stage=Stage.LISTENING, question="")
    heard = take_in(replace(turn, talk=skipped))
    return go_on(heard.talk, turn.script, heard.lines)


def wait(turn: Turn) -> Step:
    """A wish to wait: a draft for 72 hours, which silence doesn't file."""
    heard = take_in(turn)
    if not (heard.talk.is_complaint or heard.talk.is_kept):
        return say(heard.talk, turn.script.say("slow_down" if heard.talk.lines else "no_rush"))
    return say(replace(heard.talk, stage=Stage.DRAFT), turn.script.say("draft"))


def start_anew(turn: Turn) -> Step:
    """Another matter after one was filed: a new story, the same person."""
    fresh = _erased(replace(turn.talk, greeted=True))
    heard = take_in(replace(turn, talk=fresh))
    return replace(go_on(heard.talk, turn.script, heard.lines), effects=(Effect(Act.ERASE),))


def take_event(turn: Turn) -> Step:
    """Followed, scanned, a menu tap, left: everything else is acknowledged without a word."""
    event, talk, script = turn.event.event, turn.talk, turn.script
    if event is EventKind.UNFOLLOWED:
        return Step(talk, Reply(), (Effect(Act.DROP_ADDRESS),))
    if event is EventKind.MENU:
        return MENU.get(script.menu.get(turn.event.choice or "", ""), greet)(turn)
    if event in (EventKind.FOLLOWED, EventKind.SCANNED):
        scene = turn.reading.scene_name
        return greet(replace(turn, talk=replace(talk, scene=scene or talk.scene)))
    return Step(talk)


def greet(turn: Turn) -> Step:
    """A greeting, once; later on it goes on where it was."""
    talk, script = turn.talk, turn.script
    if talk.lines or talk.is_filed or talk.stage is Stage.DRAFT:
        return repeat_question(talk, script, script.say("greeting_again"))
    if talk.greeted and turn.event.kind is MessageKind.TEXT:
        return ask(talk, "story", script, script.say("greeting_again"))
    scene = script.say("scene", place=talk.scene) if talk.scene else ()
    return ask(replace(talk, greeted=True), "story", script, script.say("greeting"), scene)


def say_what_is_noted(turn: Turn) -> Step:
    """你记了没有，在吗，然后呢: somebody is here; what is noted so far in one sentence, then what was open goes on."""
    talk, script = turn.talk, turn.script
    if talk.is_filed:
        return repeat_question(talk, script, script.say("noted_filed"))
    noted = sum_up(talk, script)
    if not noted:
        return say(talk, script.say("still_here")) if talk.handed_over else greet(turn)
    return repeat_question(talk, script, script.say("still_here"), script.say("noted", noted=noted))


def look_up(turn: Turn) -> Step:
    """Progress by code, or of what was filed in this talk; without either the code is asked for."""
    code = turn.said.code
    if code is None and not turn.talk.is_filed:
        return ask(turn.talk, "code", turn.script)
    return Step(replace(turn.talk, question=""), Reply(), (Effect(Act.LOOK_UP, code or ""),))


def take_media(turn: Turn) -> Step:
    """A picture, a voice, a film, a place: kept with what is told."""
    kind, talk, script = turn.event.kind, turn.talk, turn.script
    line = script.lines.get(kind.value, script.lines["unknown"])
    if kind is MessageKind.VOICE and turn.reading.hears:
        line = script.say("voice_listening")
    if kind is MessageKind.LOCATION and turn.event.text and not talk.place:
        talk = replace(talk, place=turn.event.text)
    if talk.is_filed:
        note = Effect(Act.AMEND, f"[{MEDIA_LABELS.get(kind, '附件')}]{turn.event.text}")
        return replace(say(talk, script.say("added_media")), effects=(note,))
    if not talk.lines:
        return ask(talk, "story", script, line)
    return repeat_question(talk, script, line)


MEDIA_LABELS = {
    MessageKind.IMAGE: "图片",
    MessageKind.VOICE: "语音",
    MessageKind.VIDEO: "视频",
    MessageKind.LOCATION: "位置",
    MessageKind.LINK: "链接",
    MessageKind.FILE: "文件",
}
MENU = {"greeting": greet, "progress": look_up, "human": call_person}


def warn_of_transfer(turn: Turn) -> tuple[str, ...]:
    """Money on its way: the numbers come with the answer, but no life is in danger."""
    wants = turn.said.wants(Intent.SENDING_MONEY)
    fits = turn.reading.story_complains or turn.talk.is_complaint
    return turn.script.say("sending_money") if wants and fits and not turn.talk.is_filed else ()


def _erased(talk: Talk) -> Talk:
    """The same person without a word of what he told."""
    return Talk(
        channel=talk.channel,
        account=talk.account,
        sender=talk.sender,
        scene=talk.scene,
        greeted=talk.greeted,
        handed_over=talk.handed_over,
        with_officer=talk.with_officer,
        waits_until=talk.waits_until,
        outgoing=talk.outgoing,
        media=tuple(each for each in talk.media if talk.is_filed or each.case_id),
        is_brief=talk.is_brief,
    )
