"""Taking in what somebody tells: the story, the facts as last corrected, whether and how he may be reached.

Pure; each function gives back a new Talk and the sentences that say what was heard.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from bot.channels import Inbound
from bot.facts import take_facts
from bot.flat import flatten
from bot.perils import Call
from bot.phrasing import number_choices
from bot.reading import Reading, Utterance, as_place
from bot.script import Script
from bot.types import ContactWay, Stage, Talk
from bot.words import Intent
from casework.types import Channel
from triage.types import Assessment

SHORT, BEGUN = 12, 7
"""Fewer characters beside a wish tell no story; so few complain of an office whose duty was just asked about."""

PRAISED = "praised"
"""Somebody is praised in this talk: only plain words of blame make a complaint of it."""

BLAMES = re.compile(
    "不给|不让|打人|打[我俺他她老]|骂|骗|克扣|偷|馊|发霉|生虫|乱收|多收|不退|没人管|(?<!管)不管|吃拿|贪|捆|绑|锁|褥疮|但是?|可是|不过|欠"
)
CHATS = frozenset({Channel.WECHAT, Channel.TELEGRAM})
_NOTHING_LEFT = re.compile(r"啥也不留|什么都不留|都不留|一概不留")


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything a move sees: the talk so far, the message, what was read in it, the words, the moment."""

    talk: Talk
    event: Inbound
    reading: Reading
    script: Script
    now: datetime

    @property
    def said(self) -> Utterance:
        """What was read in the message itself."""
        return self.reading.said

    @property
    def tapped(self) -> str | None:
        """The id of the answer that was tapped, or chosen by its number or its very words."""
        question = self.script.questions.get(self.talk.question)
        if self.event.choice is not None:
            return self.event.choice
        if question is None or not question.choices:
            return None
        if self.said.choice is not None:
            return number_choices(question.choices, self.said.choice)
        words = as_place(self.said.text)
        return next((choice.id for choice in question.choices if words and choice.label.strip("。，") == words), None)


@dataclass(frozen=True, slots=True)
class Heard:
    """A talk with something taken in, and the sentences that say so."""

    talk: Talk
    lines: tuple[str, ...] = ()


def take_in(turn: Turn) -> Heard:
    """Take in everything a message holds: contact, then facts, then the story."""
    reached = take_contact(turn)
    told = take_story(replace(turn, talk=reached.talk))
    return Heard(told.talk, reached.lines + told.lines)


def take_contact(turn: Turn) -> Heard:
    """Phone, name, time, anonymity: what is said last counts, and a wish not to be named is kept to the letter."""
    heard = _take_refusal(turn, Heard(turn.talk))
    for take in (_take_name, _take_phone, _take_here, _take_time):
        heard = take(turn, heard)
    relation = heard.talk.relation or turn.said.relation or ""
    return Heard(replace(heard.talk, relation=relation), heard.lines)


def _take_refusal(turn: Turn, heard: Heard) -> Heard:
    said, talk, script = turn.said, heard.talk, turn.script
    if said.wants(Intent.ANONYMOUS) and not _stands_named(turn):
        keeps_phone = said.phone is not None or said.wants(Intent.NAME_HIDDEN)
        phone = talk.phone if keeps_phone else ""
        contact = talk.contact if keeps_phone or talk.contact is not ContactWay.PHONE else ContactWay.NONE
        talk = replace(talk, anonymous=True, name="", phone=phone, contact=contact)
        heard = Heard(talk, heard.lines + script.say("contact_anonymous"))
    asks = said.wants(Intent.QUESTION) and bool(talk.phone)
    if said.wants(Intent.NO_CONTACT) and said.phone is None and not asks:
        anonymous = True if _NOTHING_LEFT.search(said.text) else talk.anonymous
        talk = replace(talk, contact=ContactWay.NONE, phone="", safe_time="", anonymous=anonymous)
        heard = Heard(talk, heard.lines + script.say("contact_quiet" if talk.is_urgent else "contact_none"))
    if said.wants(Intent.REAL_NAME):
        heard = Heard(replace(heard.talk, anonymous=False), heard.lines)
    return heard


def _stands_named(turn: Turn) -> bool:
    """Whether he gave his name and only wants nobody over there to learn of it: it stays, and it stays locked up."""
    named = turn.talk.name or turn.reading.name or turn.talk.anonymous is False
    return turn.said.wants(Intent.SECRECY) and bool(named)


def _take_name(turn: Turn, heard: Heard) -> Heard:
    name = turn.reading.name
    if not name or (turn.said.wants(Intent.ANONYMOUS) and not _stands_named(turn)):
        return heard
    if turn.talk.stage is Stage.ASKING_PLACE and flatten(turn.said.text) == name:
        return heard
    return Heard(replace(heard.talk, name=name, anonymous=False), heard.lines + turn.script.say("contact_name"))


def _take_phone(turn: Turn, heard: Heard) -> Heard:
    phone, tail = turn.said.phone, turn.said.phone_tail
    if phone is None and tail and heard.talk.phone.isdigit():
        phone = heard.talk.phone[: -len(tail)] + tail
    if phone is None:
        return heard
    talk = replace(heard.talk, phone=phone, contact=ContactWay.PHONE)
    return Heard(talk, heard.lines + turn.script.say("contact_phone", phone=phone))


def _take_here(turn: Turn, heard: Heard) -> Heard:
    if not turn.said.wants(Intent.REPLY_HERE) or turn.talk.channel not in CHATS:
        return heard
    return Heard(replace(heard.talk, contact=ContactWay.HERE), heard.lines + turn.script.say("contact_here"))


def _take_time(turn: Turn, heard: Heard) -> Heard:
    time = turn.said.safe_time
    if not time or not (heard.talk.phone or turn.talk.stage in (Stage.ASKING_CONTACT, Stage.ASKING_PHONE)):
        return heard
    talk = replace(heard.talk, safe_time=time)
    return Heard(talk, heard.lines + turn.script.say("safe_time", safe_time=time))


def take_story(turn: Turn) -> Heard:
    """Add the words to the story and what they say of place and time to the facts; a correction overrides."""
    said, talk = turn.said, turn.talk
    if not said.tells or not said.text.strip() or _is_haste(turn):
        return Heard(talk)
    if flatten(said.text) in {flatten(line) for line in talk.lines}:
        return Heard(talk, turn.script.say("heard_before"))
    corrects = said.wants(Intent.CORRECTION) and bool(said.corrected)
    facts = take_facts(turn.talk, turn.reading, corrects=corrects)
    story = turn.reading.story
    told = replace(
        facts,
        lines=(*talk.lines, said.text.strip()),
        category=_place_category(talk, story),
        is_complaint=talk.is_complaint or _complains(turn),
        matter=_find_matter(turn, corrects=corrects),
    )
    if corrects:
        return _tell_correction(turn, told)
    return Heard(told, turn.script.say("heard_more" if talk.lines else "heard"))


def _place_category(talk: Talk, story: Assessment | None) -> str | None:
    """What the story is about; where he asked something, a word beside it makes it no other's business."""
    asks = talk.category == "inquiry" and story is not None and story.category == "out_of_scope"
    return talk.category if story is None or asks else story.category


def _find_matter(turn: Turn, *, corrects: bool) -> str:
    """The clause that carries the evidence of triage's verdict, from there on; else what made it a complaint."""
    said, talk, story = turn.said, turn.talk, turn.reading.story
    known = talk.matter or (said.text.strip() if _complains(turn) else "")
    if corrects or talk.settled or story is None or not (talk.is_complaint or _complains(turn)) or not story.categories:
        return known
    whole = "\n".join((*talk.lines, said.text.strip()))
    hits = [each for each in story.categories[0].evidence if not each.excluded]
    hits = [each for each in hits if whole[each.start : each.end] == each.phrase]
    lines = Counter(whole.count("\n", 0, each.start) for each in hits)
    if not lines:
        return known
    best = lines.most_common(1)[0][0]
    start = min(each.start for each in hits if whole.count("\n", 0, each.start) == best)
    begin = max(whole.rfind(sign, 0, start) for sign in "\n，。！？,;； ") + 1
    end = whole.find("\n", start)
    return whole[begin : end if end >= 0 else len(whole)].strip("，。 ")


def _tell_correction(turn: Turn, told: Talk) -> Heard:
    """What stands now instead, said so that he can hear whether it is right; the old word isn't read back any more."""
    pairs = [(getattr(turn.talk, name) or "", getattr(told, name) or "") for name in ("place", "institution", "when")]
    changed = [(old, new) for old, new in pairs if new and new != old]
    for old, new in changed:
        told = replace(told, matter=told.matter.replace(old, new)) if old else told
    if not changed:
        return Heard(told, turn.script.say("heard_more"))
    return Heard(told, turn.script.say("corrected_to", value=changed[0][1]))


def _is_haste(turn: Turn) -> bool:
    """Impatience with us, and nothing beside it: no part of the story."""
    hasty = turn.said.wants(Intent.IMPATIENT) and len(turn.said.rest) < SHORT
    return hasty and bool(turn.talk.lines) and not turn.reading.complains


def _complains(turn: Turn) -> bool:
    """Whether a complaint is told by now. After a person was called, or what was told
    is another's business, anger at this desk alone is none."""
    kind = PRAISED in turn.talk.asked or turn.said.calls_for(Call.PRAISE, Call.LONELY, Call.CHAT)
    kind = kind or (turn.said.wants(Intent.FEAR) and turn.said.wants(Intent.QUESTION) and not turn.talk.lines)
    if kind and not BLAMES.search(turn.said.text):
        return False
    story = turn.reading.story
    waits = turn.talk.handed_over and turn.said.calls_for(Call.HOW_LONG) and not turn.talk.is_complaint
    if waits and not BLAMES.search(turn.said.text):
        return False
    elsewhere = turn.talk.handed_over or turn.talk.category == "out_of_scope"
    if elsewhere and story is not None and story.category == "inaction" and story.institution is None:
        return False
    message = turn.reading.message
    if turn.talk.topic and message is not None and message.category == "inaction" and len(turn.said.rest) >= BEGUN:
        return True
    return turn.reading.story_complains or turn.reading.complains
