"""The one desk at which every channel joins: a message goes in, an answer comes out, in the caller's transaction.

It loads the talk, lets the pure dialogue move it, does what the dialogue asks for, and stores the answer for retries.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.afterwards import tell_waiting_code
from bot.arrivals import (
    arrive,
    as_correction,
    find_told,
    is_flood,
    is_overlong,
    keep_order,
    may_be_kept_quietly,
    quieten,
    take_back,
    unfold,
)
from bot.asking import repeat_question
from bot.channels import Inbound, MessageKind
from bot.codes import look_up_code
from bot.conversations import Kept, files_itself, find_talk, load_talk, save_talk, silence_of
from bot.dangers import name_danger, suspect_danger
from bot.daykeys import DayKeys
from bot.dialogue import advance
from bot.doing import Desk, FoundCode, do_effects
from bot.flat import flatten
from bot.hours import is_open, tell_opening
from bot.media import hold_media, is_overfull, name_media, settle_media
from bot.names import is_no_name, own_name
from bot.phrasing import compose, join, list_facts, tell_heard
from bot.reading import Reading, Utterance, is_complaint, join_danger, place_in_time, read_utterance
from bot.script import load_script
from bot.seen import Claim, claim_message, find_reply, store_reply
from bot.silence import file_silent_talks
from bot.telling import CHATS
from bot.types import Act, Effect, Reply, Step, Talk, TalkView
from bot.waiting import release_waiting
from bot.words import Intent, load_words
from casework.store import Store
from casework.types import Channel
from intake.leading import find_led
from intake.receipts import ReceiptDesk
from intake.types import IntakeDesk
from triage.context import Context
from triage.types import Assessment, Urgency

__all__ = ["FrontDesk", "answer_inbound", "build_front_desk", "file_silent_talks", "handle_inbound", "view_talk"]

CODE_NOTED = "code_noted"
"""The button under the code: it is written down."""

SAID_KEPT = 60
"""So many lines of a talk are kept for the page and for the person who takes over."""


@dataclass(frozen=True)
class FrontDesk(Desk):
    """What the desk needs; built once by the wiring with `build_front_desk`."""


def build_front_desk(
    intake: IntakeDesk,
    receipts: ReceiptDesk | None = None,
    *,
    discipline: str = "县纪委监委",
    superior: str = "市纪委监委",
    quota: int = 5,
    hears: bool = False,
) -> FrontDesk:
    """Load script and words and keep the desk's hands together. Raises BadScript where a data file is wrong."""
    return FrontDesk(
        script=load_script(),
        words=load_words(),
        intake=intake,
        days=DayKeys(intake.keys),
        receipts=receipts,
        discipline=discipline,
        superior=superior,
        quota=quota,
        hears=hears,
    )


def answer_inbound(store: Store, inbound: Inbound, *, desk: FrontDesk, now: datetime) -> Reply:
    """The whole way of one message, in one unit of work.

    What needs no database (reading the words, assessing them) and what may last (looking up a code) comes first,
    outside any transaction, so that nobody waits for it at the write lock.
    """
    desk = remember_assessments(desk)
    said = hear(inbound, desk=desk)
    _assess_message(desk, said, inbound.channel, now)
    found = look_up_code(inbound, desk=desk, said=said)
    with store.write() as session:
        return handle_inbound(session, inbound, desk=desk, now=now, found=found, said=said)


def remember_assessments(desk: FrontDesk) -> FrontDesk:
    """The same desk for one message: a text that it has assessed is not assessed again, for the answer is the same."""
    known: dict[tuple[str, date | None, str | None], Assessment] = {}

    def assess(text: str, context: Context) -> Assessment:
        asked = (text, context.received, context.channel)
        if asked not in known:
            known[asked] = desk.intake.assess(text, context)
        return known[asked]

    return replace(desk, intake=replace(desk.intake, assess=assess))


def hear(inbound: Inbound, *, desk: FrontDesk) -> Utterance:
    """What a message says by the desk's own words; a tapped choice and what is not text say nothing."""
    return read_utterance(_text_of(inbound), desk.words)


def handle_inbound(
    session: Session,
    inbound: Inbound,
    *,
    desk: FrontDesk,
    now: datetime,
    found: FoundCode | None = None,
    said: Utterance | None = None,
) -> Reply:
    """Take one message: the stored answer if it was seen before, otherwise the next step of its talk.

    1. Claim the message. 2. Load the talk, locked. 3. Read and advance. 4. Do what the step asks for. 5. Store both.
    `found` is what a look-up before this unit of work said of the code in it, `said` the message if it was read then.
    Raises ChannelError (replayed) where a used nonce comes with another body, and whatever keeps a report from being
    stored.
    """
    claim = claim_message(session, inbound, days=desk.days, now=now)
    kept = load_talk(session, inbound.channel, inbound.sender, days=desk.days, shelf=desk.intake.keys, now=now)
    if not claim.is_first:
        return find_reply(session, claim, kept) or compose(desk.script.say("again"))
    said = said if said is not None else hear(inbound, desk=desk)
    return _answer(session, inbound, said, claim, kept, desk=desk, now=now, found=found)


def _answer(
    session: Session,
    inbound: Inbound,
    said: Utterance,
    claim: Claim,
    kept: Kept,
    *,
    desk: FrontDesk,
    now: datetime,
    found: FoundCode | None,
) -> Reply:
    before = follow_sealing(session, kept.talk, desk)
    before = replace(before, account=inbound.account, sender=inbound.sender, channel=inbound.channel)
    heard = inbound.is_heard or (before.is_heard and not before.is_filed)
    before = hold_media(session, replace(before, is_heard=heard), inbound, now=now)
    arrival = arrive(before.arrival, inbound, quota=desk.quota, now=now)
    coming = Coming(session, kept.row.id, desk, now, found, is_flood(arrival))
    done = _move(coming, before, inbound, said)
    sheds = any(effect.act in (Act.FILE, Act.ERASE) for effect in done.effects)
    if before.code_waits and done.talk.is_filed and inbound.kind is not MessageKind.EVENT:
        done = tell_waiting_code(done.talk, desk.script, done.reply)
    if inbound.is_heard:
        done = replace(done, reply=tell_heard(done.reply, inbound.text, desk.script))
    reply = quieten(done.reply, inbound, before=before.arrival, after=arrival, script=desk.script)
    ordered = release_waiting(
        session,
        keep_order(before, done.talk, inbound, arrival),
        kept.row.id,
        secrets=desk.intake.secrets,
        is_new=kept.is_new,
    )
    if is_overfull(kept.talk, before, inbound):
        reply = join(compose(desk.script.say("media_full")), reply)
    settled = settle_media(
        session, before, ordered, kept.row.id, known=kept.talk, files=inbound.files, desk=desk, now=now
    )
    talk = forget_code(_remember(settled, inbound, reply), inbound)
    save_talk(session, kept, talk, shelf=desk.intake.keys, now=now, sheds=sheds)
    store_reply(session, claim, kept, reply)
    return reply


@dataclass(frozen=True, slots=True)
class Coming:
    """A message on its way through the desk: everything that a step of its talk may need."""

    session: Session
    row_id: str
    desk: FrontDesk
    now: datetime
    found: FoundCode | None
    floods: bool


def _move(coming: Coming, talk: Talk, inbound: Inbound, said: Utterance) -> Step:
    """Where the talk goes with this message: an edit replaces its line, words under a picture are heard after it."""
    script = coming.desk.script
    old = find_told(talk, inbound)
    if inbound.is_edit:
        if (old is not None and old.text == inbound.text.strip()) or (old is None and not said.tells):
            return Step(talk)
        talk, said = take_back(talk, old) if old is not None else talk, as_correction(said)
    if coming.floods and may_be_kept_quietly(talk, inbound, said):
        return _file_overlong(coming, _keep_quietly(coming, talk, inbound, said))
    parts = unfold(inbound)
    step = Step(talk, compose(script.say("too_large")) if inbound.too_large else Reply())
    if not parts:
        asked = repeat_question(talk, script, script.say("too_large"))
        return asked if not talk.is_filed else step
    for part in parts:
        heard = said if part.kind is inbound.kind else hear(part, desk=coming.desk)
        step = _take_step(coming, step, part, heard)
    return _file_overlong(coming, step)


def _take_step(coming: Coming, before: Step, part: Inbound, said: Utterance) -> Step:
    """One more move of the talk, after what was answered already."""
    desk, now = coming.desk, coming.now
    reading = read(desk, before.talk, part, said, now)
    step = advance(before.talk, part, reading=reading, script=desk.script, now=now)
    done = do_effects(coming.session, step, coming.row_id, desk=desk, now=now, found=coming.found)
    spoken = replace(before.reply, question="", choices=())
    reply = join(spoken, done.reply) if before.reply.lines else done.reply
    return Step(done.talk, reply, before.effects + step.effects)


def _keep_quietly(coming: Coming, talk: Talk, inbound: Inbound, said: Utterance) -> Step:
    """One of too many messages: it joins the story as it is; danger in it is told as always."""
    text = inbound.text.strip()
    message = _assess_message(coming.desk, said, talk.channel, coming.now)
    if message is not None and message.urgency is Urgency.CRITICAL:
        return _take_step(coming, Step(talk), inbound, said)
    complains = talk.is_complaint or is_complaint(message, text)
    return Step(replace(talk, lines=(*talk.lines, text), is_complaint=complains), talk.reply)


def _file_overlong(coming: Coming, step: Step) -> Step:
    """A story without an end is filed as it stands; what follows is added to it."""
    if not (is_overlong(step.talk) and files_itself(step.talk)):
        return step
    filing = replace(step, effects=(Effect(Act.FILE),))
    done = do_effects(coming.session, filing, coming.row_id, desk=coming.desk, now=coming.now)
    return replace(done, effects=step.effects + filing.effects)


def follow_sealing(session: Session, talk: Talk, desk: Desk) -> Talk:
    """The talk of a report of which a part was sealed by hand: what is said and sent from now on goes there."""
    led = find_led(session, talk.receipt_id, secrets=desk.intake.secrets)
    if led is None or led == talk.case_id:
        return talk
    media = tuple(replace(each, case_id=led) for each in talk.media)
    return replace(talk, case_id=led, is_sealed=True, media=media)


def forget_code(talk: Talk, inbound: Inbound) -> Talk:
    """The talk without the code once it was told: a chat shows it further up, a page until its reader has noted it."""
    told = talk.is_filed and not talk.code_waits
    noted = talk.channel in CHATS or inbound.choice == CODE_NOTED
    return replace(talk, code=None) if told and noted else talk


def _remember(talk: Talk, inbound: Inbound, reply: Reply) -> Talk:
    """What both said, for the page and for the person who takes over; after filing only while a person is wanted."""
    if talk.is_filed and not talk.handed_over:
        return replace(talk, said=(), reply=reply)
    heard = "\n".join(part for part in (inbound.text.strip(), name_media(inbound)) if part)
    said: tuple[tuple[bool, str], ...] = ((True, heard),) if heard else ()
    spoken = "\n".join((*reply.lines, *((reply.question,) if reply.question else ())))
    said += ((False, spoken),) if spoken else ()
    return replace(talk, said=(*talk.said, *said)[-SAID_KEPT:], reply=reply)


def read(desk: Desk, talk: Talk, inbound: Inbound, said: Utterance, now: datetime) -> Reading:
    """Read a message: by the desk's words, and by triage where something is told."""
    text = _text_of(inbound)
    message, story = _assess(desk, talk, said, now)
    critical = message is not None and message.urgency is Urgency.CRITICAL
    calendar, hours, perils = desk.intake.office.calendar, desk.script.hours, desk.words.perils
    asks = said.wants(Intent.HUMAN)
    return Reading(
        said=join_danger(place_in_time(said, talk.text, desk.words), talk.lines, desk.words),
        message=message,
        story=story,
        danger=name_danger(text, perils) if critical else None,
        suspected=suspect_danger(text, perils, message.category) if message is not None and critical else None,
        asked=flatten(text),
        office_open=is_open(hours, calendar, now) if asks else True,
        opening=tell_opening(hours, calendar, now) if asks else "",
        superior=desk.superior,
        scene_name=name_home(desk, inbound.scene),
        name=_find_name(desk, said, message),
        complains=is_complaint(message, text),
        story_complains=is_complaint(story, "\n".join((*talk.lines, text))),
        hears=desk.hears,
        bypasses=desk.intake.office.bypass_authority is not None,
    )


def _text_of(inbound: Inbound) -> str:
    return inbound.text if inbound.kind is MessageKind.TEXT and inbound.choice is None else ""


def _assess(desk: Desk, talk: Talk, said: Utterance, now: datetime) -> tuple[Assessment | None, Assessment | None]:
    """The message alone and the whole story with it."""
    message = _assess_message(desk, said, talk.channel, now)
    if message is None or not said.tells or talk.is_filed:
        return message, None
    if not talk.lines and not _correction(said):
        return message, message
    return message, desk.assess("\n".join((*talk.lines, said.text.strip())), talk.channel, now)


def _assess_message(desk: Desk, said: Utterance, channel: Channel, now: datetime) -> Assessment | None:
    """The message alone, of a correction what stands after its marker; None where nothing is told."""
    if not said.text.strip() or said.is_control or said.is_sticker:
        return None
    return desk.assess(_correction(said) or said.text, channel, now)


def _correction(said: Utterance) -> str:
    return said.corrected if said.wants(Intent.CORRECTION) else ""


def _find_name(desk: Desk, said: Utterance, message: Assessment | None) -> str | None:
    """The writer's own name; a place of the office's directory (俺是麦陇哩) is none."""
    name = said.name or own_name(message)
    directory = desk.intake.context.directory
    places = {word for town in directory.towns for word in (town.name, *town.aliases, *town.villages)}
    if name is None or is_no_name(name):
        return None
    return None if any(len(word) > 1 and name.startswith(word) for word in places) else name


def name_home(desk: Desk, scene: str | None) -> str | None:
    """The name of the home whose code was scanned; None where there is none by that code."""
    if scene is None:
        return None
    homes = desk.intake.context.directory.institutions
    return next((home.name for home in homes if home.code == scene), None)


def view_talk(session: Session, channel: Channel, sender: str, *, desk: FrontDesk, now: datetime) -> TalkView:
    """How the talk of this sender stands, for a page that is drawn again; reads only."""
    talk = find_talk(session, channel, sender, days=desk.days, shelf=desk.intake.keys, now=now) if sender else None
    if talk is None:
        question = desk.script.questions["story"]
        return TalkView(channel, Talk().stage, compose(desk.script.say("greeting"), question=question))
    return TalkView(
        channel=channel,
        stage=talk.stage,
        reply=talk.reply,
        said=talk.said,
        facts=() if talk.is_filed else list_facts(talk, desk.script),
        receipt_code=talk.code,
        danger=talk.danger,
        files_at=talk.last_at + silence_of(talk) if talk.last_at and files_itself(talk) else None,
        waits_for_person=talk.handed_over,
        is_bare=talk.is_bare,
        listens=any(each.waits_for_ear for each in talk.media),
    )
