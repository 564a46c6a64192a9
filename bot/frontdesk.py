"""The one desk at which every channel joins: a message goes in, an answer comes out, in the caller's transaction.

It loads the talk, lets the pure dialogue move it, does what the dialogue asks for, and stores the answer for retries.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.afterwards import tell_waiting_code
from bot.channels import Inbound, MessageKind
from bot.conversations import Kept, files_itself, find_talk, load_talk, save_talk, silence_of
from bot.daykeys import DayKeys
from bot.dialogue import advance
from bot.doing import Desk, FoundCode, do_effects
from bot.hours import is_open, tell_opening
from bot.phrasing import compose, list_facts
from bot.reading import Reading, Utterance, flatten, is_complaint, name_danger, read_utterance
from bot.script import load_script
from bot.seen import Claim, claim_message, find_reply, store_reply
from bot.silence import file_silent_talks
from bot.types import Act, Reply, Talk, TalkView
from bot.words import Intent, load_words
from casework.store import Store
from casework.types import Channel
from intake.errors import MistypedCode
from intake.receipts import ReceiptDesk, find_receipt
from intake.types import IntakeDesk
from triage.context import Context
from triage.types import Assessment, Urgency

__all__ = ["FrontDesk", "answer_inbound", "build_front_desk", "file_silent_talks", "handle_inbound", "view_talk"]

SAID_KEPT = 60
"""So many lines of a talk are kept for the page and for the person who takes over."""

PATIENCE_SECONDS = 3.0
"""A chat's answer is due within five seconds; a look-up that lasts longer is answered by the page."""


@dataclass(frozen=True)
class FrontDesk(Desk):
    """What the desk needs; built once by the wiring with `build_front_desk`."""


def build_front_desk(
    intake: IntakeDesk,
    receipts: ReceiptDesk | None = None,
    *,
    discipline: str = "县纪委监委",
    superior: str = "市纪委监委",
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


def look_up_code(inbound: Inbound, *, desk: FrontDesk, said: Utterance | None = None) -> FoundCode | None:
    """Whom the code in a message belongs to; never call it inside a unit of work, it may last (Argon2id)."""
    if inbound.kind is not MessageKind.TEXT or desk.receipts is None:
        return None
    heard = said if said is not None and inbound.choice is None else read_utterance(inbound.text, desk.words)
    code = heard.code
    if code is None:
        return None
    try:
        hit = find_receipt(desk.receipts, code, timeout=PATIENCE_SECONDS)
    except MistypedCode:
        return FoundCode(code, mistyped=True)
    except TimeoutError:
        return None
    return FoundCode(code, case_id=hit.case_id if hit else None)


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
    talk = replace(kept.talk, account=inbound.account, sender=inbound.sender, channel=inbound.channel)
    step = advance(talk, inbound, reading=read(desk, talk, inbound, said, now), script=desk.script, now=now)
    done = do_effects(session, step, kept.row.id, desk=desk, now=now, found=found)
    if talk.code_waits and done.talk.is_filed and inbound.kind is not MessageKind.EVENT:
        done = replace(tell_waiting_code(done.talk, desk.script, done.reply), effects=done.effects)
    sheds = any(effect.act in (Act.FILE, Act.ERASE) for effect in step.effects)
    talk = _remember(done.talk, inbound, done.reply)
    save_talk(session, kept, talk, shelf=desk.intake.keys, now=now, sheds=sheds)
    store_reply(session, claim, kept, done.reply)
    return done.reply


def _remember(talk: Talk, inbound: Inbound, reply: Reply) -> Talk:
    """What both said, for the page and for the person who takes over; after filing only while a person is wanted."""
    if talk.is_filed and not talk.handed_over:
        return replace(talk, said=(), reply=reply)
    heard = inbound.text.strip()
    said: tuple[tuple[bool, str], ...] = ((True, heard),) if heard else ()
    spoken = "\n".join((*reply.lines, *((reply.question,) if reply.question else ())))
    said += ((False, spoken),) if spoken else ()
    return replace(talk, said=(*talk.said, *said)[-SAID_KEPT:], reply=reply)


def read(desk: Desk, talk: Talk, inbound: Inbound, said: Utterance, now: datetime) -> Reading:
    """Read a message: by the desk's words, and by triage where something is told."""
    text = _text_of(inbound)
    message, story = _assess(desk, talk, said, now)
    critical = message is not None and message.urgency is Urgency.CRITICAL
    calendar, hours = desk.intake.office.calendar, desk.script.hours
    asks = said.wants(Intent.HUMAN)
    return Reading(
        said=said,
        message=message,
        story=story,
        danger=name_danger(text, desk.words) if critical else None,
        asked=flatten(text),
        office_open=is_open(hours, calendar, now) if asks else True,
        opening=tell_opening(hours, calendar, now) if asks else "",
        superior=desk.superior,
        scene_name=_name_scene(desk, inbound.scene),
        complains=is_complaint(message, text),
        story_complains=is_complaint(story, "\n".join((*talk.lines, text))),
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


def _name_scene(desk: Desk, scene: str | None) -> str | None:
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
    )
