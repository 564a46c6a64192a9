"""The dialogue: from where a talk stands and what was said, to the next step. Pure; a table of rules and of stages.

What may come at any step is tried first, in order; what is left is handled by the stage. `advance` does nothing itself:
the effects of a step are carried out by the front desk.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.afterwards import go_on_afterwards, tell_receipt
from bot.answering import answer_question, is_question
from bot.asking import ask, go_on, repeat_question, say
from bot.callingback import answer_callback, is_callback_answer
from bot.channels import Inbound, MessageKind
from bot.company import asks_if_wiped, file_now, keep_company, keeps_company, orders_filing, say_wiped, says_all
from bot.conversations import ALARM
from bot.digits import gather_digits
from bot.distress import (
    answer_cry,
    answer_mood,
    answer_whose,
    answers_mood,
    ask_if_meant,
    ask_nothing,
    asks_whose,
    cries,
    hear_of_death,
    is_manners,
    is_new_danger,
    mark_bureau,
    names_bureau,
    show_road,
    speaks_in_anger,
    stay_or_go_on,
)
from bot.listening import hasten, listen, take
from bot.moves import (
    ENOUGH,
    answer_withdrawal,
    ask_withdrawal,
    begins_again,
    call_person,
    face_danger,
    fear_for_life,
    goes_on_of_head,
    greet,
    leave_to_officer,
    look_up,
    lose_code,
    put_number_first,
    refuse_head_again,
    refuse_leading_discipline,
    refuse_to_tell,
    say_what_is_noted,
    start_anew,
    take_event,
    take_media,
    wait,
    withdraw,
)
from bot.phrasing import compose, join, vary
from bot.reading import Reading
from bot.script import Script
from bot.telling import Heard, Turn, take_contact, take_in
from bot.types import Act, ContactWay, Effect, Stage, Step, Talk
from bot.words import Intent

__all__ = ["advance", "tell_receipt"]

Move = Callable[[Turn], Step]
MEDIA = frozenset(
    {
        MessageKind.IMAGE,
        MessageKind.VOICE,
        MessageKind.VIDEO,
        MessageKind.LOCATION,
        MessageKind.LINK,
        MessageKind.FILE,
        MessageKind.UNKNOWN,
    }
)
_OURS = re.compile(
    "人工|真人|活人|你们的?(?:领导|负责人|主任|局长|工作人员|人|头)|机器|不会打字|跟我说|跟我讲|客服|接线"
)
_TO_WAIT = re.compile("报|说|登记|记上|交|反映|举报|投诉|商量|问|合计|考虑|决定|单子|证据|等|几天|回头|主意")
"""Beside a long rest, one of these says that it is the report that he wants to think over."""
_STOPS = re.compile("算了|撤回|撤销|撤了|没说|不说了|不举报了|不反映了|不投诉了|不告了|别报")


@dataclass(frozen=True, slots=True)
class Rule:
    """A move that goes before the stages, and when."""

    name: str
    applies: Callable[[Turn], bool]
    move: Move


def advance(talk: Talk, event: Inbound, *, reading: Reading, script: Script, now: datetime) -> Step:
    """The next step of a talk. Always answers, whatever was sent; asks at most one question."""
    plain = Turn(_stand_at(talk, event, reading), event, reading, script, now)
    turn, asks_on = gather_digits(fear_for_life(plain))
    if asks_on is not None:
        return asks_on
    move = next((rule.move for rule in RULES if rule.applies(turn)), STAGES[talk.stage])
    step = ask_nothing(turn, _keep_contact(turn, _break_silence(turn, move(turn))))
    step = replace(step, reply=vary(step.reply, turn.script, len(step.talk.lines)))
    return put_number_first(turn, step) if ALARM in turn.talk.asked and ALARM not in talk.asked else step


def _keep_contact(turn: Turn, step: Step) -> Step:
    """Name, number and the wish to stay unnamed are never lost, whatever move the message led to."""
    heard = take_contact(turn)
    ended = any(effect.act in (Act.ERASE, Act.WITHDRAW) for effect in step.effects)
    if ended or _contact_of(heard.talk) == _contact_of(turn.talk) or _contact_of(step.talk) != _contact_of(turn.talk):
        return step
    name, phone, anonymous = _contact_of(heard.talk)
    told, way = heard.talk.safe_time, heard.talk.contact
    kept = replace(step.talk, name=name, phone=phone, anonymous=anonymous, safe_time=told, contact=way)
    adds = turn.talk.is_filed and not any(effect.act is Act.AMEND for effect in step.effects)
    effects = (*step.effects, Effect(Act.AMEND, turn.said.text)) if adds else step.effects
    return Step(kept, join(compose(heard.lines), step.reply), effects)


def _contact_of(talk: Talk) -> tuple[str, str, bool | None]:
    return talk.name, talk.phone, talk.anonymous


def _break_silence(turn: Turn, step: Step) -> Step:
    """No words of a person stay without an answer, but where an officer is in the chat."""
    silent = (
        not (step.reply.text or step.effects) and turn.event.kind is MessageKind.TEXT and not turn.talk.with_officer
    )
    return replace(step, reply=compose(turn.script.say("still_here"))) if silent else step


def _stand_at(talk: Talk, event: Inbound, reading: Reading) -> Talk:
    """The talk of somebody who came by the code of a poster: that home is meant until he says another."""
    known = talk.scene or talk.lines or talk.is_filed or event.kind is MessageKind.EVENT
    return talk if known or reading.scene_name is None else replace(talk, scene=reading.scene_name)


def _wants(*intents: Intent) -> Callable[[Turn], bool]:
    return lambda turn: turn.said.wants(*intents)


def _progress(turn: Turn) -> bool:
    asks = turn.said.code is not None or turn.said.wants(Intent.PROGRESS)
    message = turn.reading.message
    tells = turn.reading.complains and (len(turn.said.rest) >= ENOUGH or (message and message.institution))
    return asks and (turn.said.code is not None or not tells)


def _withdraws(turn: Turn) -> bool:
    if turn.talk.stage is Stage.ASKING_WITHDRAWAL or not turn.said.wants(Intent.WITHDRAW):
        return False
    return not _is_story(turn) or bool(_STOPS.search(turn.said.text))


def _waits(turn: Turn) -> bool:
    stays = turn.talk.is_filed or _is_story(turn) or begins_again(turn)
    agrees = len(turn.said.rest) < ENOUGH or bool(_TO_WAIT.search(turn.said.text))
    return turn.said.wants(Intent.WAIT) and agrees and not stays


def _is_story(turn: Turn) -> bool:
    """Whether a message tells so much that a wish found in it may be somebody else's (他们说过两天再退)."""
    return turn.reading.complains and len(turn.said.rest) >= ENOUGH


def _unsure(turn: Turn) -> bool:
    at = turn.talk.stage
    asking = at in (Stage.ASKING_PLACE, Stage.ASKING_CONTACT, Stage.ASKING_PHONE, Stage.CONFIRMING, Stage.LISTENING)
    return asking and turn.said.wants(Intent.UNSURE_WITHDRAWAL) and turn.talk.is_complaint


def _calls_person(turn: Turn) -> bool:
    """A call for one of us; in the middle of a complaint only where we are meant."""
    if not turn.said.wants(Intent.HUMAN):
        return False
    return not _is_story(turn) or bool(_OURS.search(turn.said.text))


def _checks(turn: Turn) -> bool:
    """Whether he only asks if somebody listens; where a person was called for his life the numbers stay in sight."""
    return turn.said.wants(Intent.CHECK) and turn.talk.stage is not Stage.WITH_PERSON


RULES: tuple[Rule, ...] = (
    Rule("event", lambda turn: turn.event.kind is MessageKind.EVENT, take_event),
    Rule("self_harm", _wants(Intent.SELF_HARM), hear_of_death),
    Rule("danger", is_new_danger, face_danger),
    Rule("with_officer", lambda turn: turn.talk.with_officer and not _withdraws(turn), leave_to_officer),
    Rule("mood", answers_mood, answer_mood),
    Rule("anger", speaks_in_anger, ask_if_meant),
    Rule("cry", cries, answer_cry),
    Rule("callback", is_callback_answer, answer_callback),
    Rule("whose", asks_whose, answer_whose),
    Rule("bureau", names_bureau, lambda turn: show_road(turn, STAGES[turn.talk.stage](mark_bureau(turn)))),
    Rule("leading_discipline", _wants(Intent.LEADING_DISCIPLINE), refuse_leading_discipline),
    Rule("organ_head", goes_on_of_head, refuse_head_again),
    Rule("who_reported", _wants(Intent.WHO_REPORTED), refuse_to_tell),
    Rule("lost_code", _wants(Intent.LOST_CODE), lose_code),
    Rule("progress", _progress, look_up),
    Rule("wiped", asks_if_wiped, say_wiped),
    Rule("withdraw", _withdraws, withdraw),
    Rule("unsure", _unsure, ask_withdrawal),
    Rule("wait", _waits, wait),
    Rule("company", keeps_company, keep_company),
    Rule("human", _calls_person, call_person),
    Rule("check", _checks, say_what_is_noted),
    Rule("new_matter", lambda turn: turn.talk.is_filed and turn.said.wants(Intent.NEW_MATTER), start_anew),
    Rule("all_said", says_all, file_now),
    Rule("manners", is_manners, greet),
    Rule("media", lambda turn: turn.event.kind in MEDIA, take_media),
    Rule(
        "sticker",
        lambda turn: turn.said.is_sticker or turn.event.kind is MessageKind.STICKER,
        lambda turn: repeat_question(turn.talk, turn.script, turn.script.say("sticker")),
    ),
)


def hear_place(turn: Turn) -> Step:
    """The answer to where, or something else that is told instead."""
    turn = hasten(turn)
    if is_question(turn):
        return answer_question(turn)
    if turn.said.wants(Intent.SKIP, Intent.DONE):
        return go_on(replace(turn.talk, asked=(*turn.talk.asked, "place")), turn.script)
    heard = take(turn)
    return go_on(heard.talk, turn.script, heard.lines)


def hear_contact(turn: Turn) -> Step:
    """Whether and how to get in touch."""
    turn = hasten(turn)
    talk, script, said = turn.talk, turn.script, turn.said
    choice = turn.tapped
    if choice == "contact_none" or (said.wants(Intent.SKIP, Intent.DENY, Intent.DONE) and not said.rest):
        anonymous = True if choice else talk.anonymous
        settled = replace(talk, contact=ContactWay.NONE, anonymous=anonymous)
        return go_on(settled, script, script.say("contact_none"), script.say("contact_unreachable"))
    if choice == "contact_here":
        return go_on(replace(talk, contact=ContactWay.HERE), script, script.say("contact_here"))
    if choice == "contact_phone":
        return go_on(replace(talk, contact=ContactWay.PHONE), script)
    if is_question(turn):
        return answer_question(turn)
    heard = take(turn)
    unsettled = heard.talk.contact is None and not heard.talk.anonymous
    if unsettled and (said.corrected or said.wants(Intent.FEAR, Intent.REAL_NAME_QUESTION, Intent.MACHINE)):
        return repeat_question(heard.talk, script, heard.lines)
    yes = said.wants(Intent.AGREE_CONTACT, Intent.CONFIRM) and not orders_filing(turn)
    agreed = yes and heard.talk.contact is None
    told = replace(heard.talk, contact=ContactWay.PHONE) if agreed else heard.talk
    return go_on(told, script, heard.lines)


def hear_phone(turn: Turn) -> Step:
    """The number, or none after all."""
    heard = take(hasten(turn))
    talk = heard.talk
    if not talk.phone:
        talk = replace(talk, contact=None if turn.said.tells else ContactWay.NONE)
    return go_on(talk, turn.script, heard.lines)


def hear_confirmation(turn: Turn) -> Step:
    """Yes files; no asks what; anything told or corrected is taken in and read back again."""
    turn = hasten(turn)
    talk, script, said = turn.talk, turn.script, turn.said
    if turn.tapped == "confirm_yes" or (said.wants(Intent.CONFIRM, Intent.DONE, Intent.RESUME) and not said.tells):
        heard = take_contact(turn)
        return Step(replace(heard.talk, question=""), compose(), (Effect(Act.FILE),))
    if turn.tapped == "confirm_no" or (said.wants(Intent.DENY) and not said.tells):
        return ask(talk, "correct", script)
    if is_question(turn):
        return answer_question(turn)
    heard = take(turn)
    return go_on(heard.talk, script, heard.lines)


def hear_correction(turn: Turn) -> Step:
    """What he says now stands instead of what was read back."""
    if turn.said.wants(Intent.CONFIRM, Intent.DONE) and not turn.said.tells:
        return hear_confirmation(turn)
    said = turn.said
    marked = replace(said, intents=said.intents | {Intent.CORRECTION}, corrected=said.corrected or said.text)
    heard = take(replace(turn, reading=replace(turn.reading, said=marked)))
    return go_on(heard.talk, turn.script, heard.lines)


def hear_draft(turn: Turn) -> Step:
    """A draft waits until he says so; what he adds is kept with it."""
    script, said = turn.script, turn.said
    if turn.tapped == "draft_file" or said.wants(Intent.RESUME):
        heard = take_in(turn) if said.rest and turn.reading.complains else Heard(turn.talk)
        return _resume(turn, heard.talk)
    if turn.tapped == "draft_drop":
        return withdraw(turn)
    if turn.tapped == "draft_wait" or said.wants(Intent.THANKS, Intent.BYE, Intent.CONFIRM):
        return say(turn.talk, script.say("bye"))
    heard = take(turn)
    return ask(heard.talk, "draft", script, heard.lines or script.say("draft_back"))


def _resume(turn: Turn, talk: Talk) -> Step:
    if not (talk.is_complaint or talk.is_kept):
        return go_on(replace(talk, stage=Stage.LISTENING), turn.script, turn.script.say("resumed"))
    return Step(replace(talk, question="", stage=Stage.CONFIRMING), compose(), (Effect(Act.FILE),))


def hear_code(turn: Turn) -> Step:
    """No code came: what was said instead is heard as usual."""
    return listen(replace(turn, talk=replace(turn.talk, stage=Stage.LISTENING, question="")))


STAGES: Mapping[Stage, Move] = {
    Stage.LISTENING: listen,
    Stage.ASKING_PLACE: hear_place,
    Stage.ASKING_CONTACT: hear_contact,
    Stage.ASKING_PHONE: hear_phone,
    Stage.CONFIRMING: hear_confirmation,
    Stage.CORRECTING: hear_correction,
    Stage.ASKING_WITHDRAWAL: answer_withdrawal,
    Stage.ASKING_CODE: hear_code,
    Stage.FILED: lambda turn: go_on_afterwards(turn, answer_question if is_question(turn) else None),
    Stage.ASKING_DETAIL: lambda turn: go_on_afterwards(turn, answer_question if is_question(turn) else None),
    Stage.DRAFT: hear_draft,
    Stage.WITHDRAWN: listen,
    Stage.WITH_PERSON: stay_or_go_on,
}
