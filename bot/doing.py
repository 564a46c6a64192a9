"""Doing what a step of the dialogue asks for: filing, adding, withdrawing, erasing, counting, looking up, handing over.

Each effect runs in the caller's transaction and gives back the step with what there is to say about it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Semaphore

from sqlalchemy.orm import Session

from bot.afterwards import shed_words, tell_receipt
from bot.callingback import begin_callback, read_answers
from bot.daykeys import DayKeys
from bot.hours import end_of_next_office_day
from bot.models import Handover
from bot.moves import SELF_HARM
from bot.phones import blank_contact
from bot.phrasing import compose, join
from bot.reading import read_utterance
from bot.script import Script
from bot.spots import is_vague
from bot.types import Act, ContactWay, Effect, Reply, Stage, Step, Talk
from bot.weighing import raise_urgency, weigh_talk
from bot.words import Intent, Words
from casework.callbacks import keep_callback, wants_callback
from casework.clock import local_date
from casework.dispositions import withdraw_case
from casework.ledger import REPORTER
from casework.models.cases import Case, Tally
from casework.models.columns import new_id
from casework.paging import page_for_talk
from casework.progress import Progress, describe_progress
from casework.sealing import SealingOutcome, SealingReason
from casework.types import TRANSITIONS, CaseStatus, Channel
from intake.addresses import drop_addresses_of, drop_reply_addresses
from intake.parts import find_open_part, keep_address_of, withdraw_part
from intake.receipts import ReceiptDesk
from intake.reports import amend_report, receive_report
from intake.types import Contact, Filed, IntakeDesk, Refused, ReplyTo, ReportDraft, Told
from triage.types import Assessment

LOOKERS = 4
"""So many codes written into chats are looked up at once: each holds a worker of the web server."""
WEEKDAYS = "一二三四五六日"
UNHEARD = "[语音，还没有人听]"
"""Stands for the story of one who only spoke."""


@dataclass(frozen=True)
class Desk:
    """The hands of the desk. `superior` is the organ above the discipline organ, for matters about its own leaders;
    `quota` how often the vendor lets us write after each message of a person; `hears` whether an engine listens to
    recordings.
    """

    script: Script
    words: Words
    intake: IntakeDesk
    days: DayKeys
    receipts: ReceiptDesk | None = None
    discipline: str = ""
    superior: str = ""
    quota: int = 5
    hears: bool = False
    lookers: Semaphore = field(default_factory=lambda: Semaphore(LOOKERS), repr=False, compare=False)

    def assess(self, text: str, channel: Channel, now: datetime) -> Assessment:
        """What triage says of a text received now; his own telephone number beside it weighs nothing."""
        return self.intake.assess(
            blank_contact(text), self.intake.context.with_received(local_date(now), channel.value)
        )


@dataclass(frozen=True, slots=True)
class FoundCode:
    """What a look-up said of a code: its case, none, or that its digits don't fit together."""

    code: str
    case_id: str | None = None
    mistyped: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """Everything an effect may need."""

    session: Session
    desk: Desk
    row_id: str
    now: datetime
    found: FoundCode | None


def do_effects(
    session: Session, step: Step, row_id: str, *, desk: Desk, now: datetime, found: FoundCode | None = None
) -> Step:
    """Carry out a step's effects in order; the talk and the reply that come back are the ones to keep."""
    work = Work(session, desk, row_id, now, found)
    for effect in step.effects:
        step = HANDS[effect.act](work, step, effect)
    return step


def file_talk(work: Work, talk: Talk) -> Filed | Refused:
    """File what was told, with whatever is known; danger makes it critical whatever the words weigh."""
    talk = _with_hearing(_with_scene(talk, work.desk.script), work.desk.script)
    intake = weigh_talk(work.desk.intake, talk)
    return receive_report(work.session, draft_report(talk, work.now), desk=intake, now=work.now)


def _with_scene(talk: Talk, script: Script) -> Talk:
    """Whoever scanned the code of a home and named none means that one: the report says so in a line of its own."""
    if talk.scene is None or (talk.institution and not is_vague(talk.institution)):
        return talk
    return replace(talk, lines=(*talk.lines, script.notes["scene"].format(place=talk.scene)))


def _with_hearing(talk: Talk, script: Script) -> Talk:
    """Words that a machine wrote down say so, in a line of its own."""
    return replace(talk, lines=(*talk.lines, script.notes["heard"])) if talk.is_heard else talk


def draft_report(talk: Talk, now: datetime) -> ReportDraft:
    """The report that a talk amounts to: the words as told, the facts as last corrected, contact as wished."""
    named = talk.anonymous is not True
    contact = Contact(
        name=talk.name if named else "",
        phone=talk.phone,
        safe_time=talk.safe_time,
        relation=talk.relation,
    )
    wants_news = talk.contact is ContactWay.HERE
    return ReportDraft(
        text=talk.text or UNHEARD,
        channel=talk.channel,
        received_at=now,
        contact=contact,
        anonymous=talk.anonymous,
        reply_to=ReplyTo(talk.channel, talk.sender) if wants_news else None,
        told=Told(talk.institution or talk.scene, talk.place, talk.when),
    )


def keep_filed(talk: Talk, filed: Filed, now: datetime) -> Talk:
    """The talk after filing: its words shed, its report and its code remembered for a while."""
    known = replace(
        talk,
        case_id=filed.case_id,
        receipt_id=filed.part.receipt_id if filed.part is not None else filed.receipt_id,
        code=filed.code,
        is_sealed=filed.sealed,
        category=filed.assessment.category,
        filed_at=now,
    )
    return shed_words(replace(known, said=()))


def _file(work: Work, step: Step, _effect: Effect) -> Step:
    filed = file_talk(work, step.talk)
    if isinstance(filed, Refused):
        return _say_refused(work, step)
    talk = keep_filed(step.talk, filed, work.now)
    told = tell_receipt(talk, filed.code, work.desk.script, step.reply)
    if filed.left_out:
        told = _say_left_out(work, told, filed.left_out)
    if filed.outcome is SealingOutcome.SEAL_AND_BYPASS:
        told = _say_past_bureau(work, told)
    return replace(told, effects=step.effects)


def _say_left_out(work: Work, step: Step, reasons: tuple[SealingReason, ...]) -> Step:
    """A part of it may not be taken: the right address for that, then the code for the rest."""
    script, desk = work.desk.script, work.desk
    named = "leading_discipline" if SealingReason.DISCIPLINE_LEADER in reasons else "leadership"
    lines = script.say(named, discipline=desk.discipline, superior=desk.superior)
    return replace(step, reply=join(compose(lines, numbers=script.numbers["discipline"]), step.reply))


def _say_past_bureau(work: Work, step: Step) -> Step:
    """It is about the bureau's own leaders: it goes past them, and 12388 is the lawful road that needs no bureau."""
    script = work.desk.script
    lines = script.say("past_bureau", discipline=work.desk.discipline)
    front = compose(lines, numbers=() if step.reply.numbers else script.numbers["discipline"])
    return replace(step, reply=join(front, step.reply))


def _say_refused(work: Work, step: Step) -> Step:
    """Bureau leadership without an authority to bypass it: nothing kept, the right address given."""
    script, talk = work.desk.script, step.talk
    numbers = step.reply.numbers or script.numbers["discipline"]
    lines = script.say("leadership", discipline=work.desk.discipline)
    erased = Talk(channel=talk.channel, account=talk.account, sender=talk.sender, greeted=True)
    front = step.reply if step.reply.numbers else Reply()
    return replace(step, talk=erased, reply=join(front, compose(lines, numbers=numbers)))


def _amend(work: Work, step: Step, effect: Effect) -> Step:
    case_id = step.talk.case_id
    if case_id is None or not effect.text.strip():
        return step
    text = f"{effect.text}\n{work.desk.script.notes['heard']}" if step.talk.is_heard else effect.text
    corrects = read_utterance(effect.text, work.desk.words).wants(Intent.CORRECTION)
    draft = replace(draft_report(step.talk, work.now), text=text, contact=_new_contact(step.talk), corrects=corrects)
    intake = raise_urgency(work.desk.intake) if step.reply.numbers else work.desk.intake
    amended = amend_report(work.session, case_id, draft, desk=intake, now=work.now)
    if isinstance(amended, Refused):
        lines = work.desk.script.say("leadership", discipline=work.desk.discipline)
        return replace(step, reply=compose(lines, numbers=work.desk.script.numbers["discipline"]))
    _keep_address(work, step.talk)
    shed = replace(shed_words(step.talk), stage=step.talk.stage, question=step.talk.question, asked=step.talk.asked)
    return replace(step, talk=shed)


def _new_contact(talk: Talk) -> Contact | None:
    """What of name and phone is new in this message; what was told before is on the report already."""
    phone = talk.phone if talk.phone != TOLD else ""
    if not (phone or talk.name or talk.safe_time):
        return None
    return Contact(name="" if talk.anonymous else talk.name, phone=phone, safe_time=talk.safe_time)


def _keep_address(work: Work, talk: Talk) -> None:
    if talk.contact is ContactWay.HERE and talk.receipt_id is not None:
        to = ReplyTo(talk.channel, talk.sender)
        keep_address_of(work.session, talk.receipt_id, to, secrets=work.desk.intake.secrets, now=work.now)


def _withdraw(work: Work, step: Step, _effect: Effect) -> Step:
    """Close the case as the reporter wishes; danger to life that somebody was called to, and a case that is too far for
    that, stays and has his wish added to it.
    """
    case_id = step.talk.case_id
    case = work.session.get(Case, case_id, with_for_update=True) if case_id else None
    if case is None:
        return step
    drop_reply_addresses(work.session, case.id)
    if (step.talk.is_urgent and not case.sealed) or CaseStatus.WITHDRAWN not in TRANSITIONS[case.status]:
        return _amend(work, step, Effect(Act.AMEND, work.desk.script.notes["withdrawn"]))
    office = work.desk.intake.office
    withdraw_case(work.session, case, by=REPORTER, office=office, now=work.now)
    withdraw_part(work.session, case.id, step.talk.receipt_id, office=office, now=work.now)
    return step


def _erase(_work: Work, step: Step, _effect: Effect) -> Step:
    return step


def _hand_over(work: Work, step: Step, effect: Effect) -> Step:
    """A row for the desk, and the talk kept until an office day has passed; talk of self-harm calls somebody now."""
    row = Handover(id=new_id(), conversation_id=work.row_id, reason=effect.text, asked_at=work.now)
    work.session.add(row)
    if effect.text == SELF_HARM:
        page_for_talk(work.session, row.id)
    calendar = work.desk.intake.office.calendar
    until = end_of_next_office_day(work.desk.script.hours, calendar, work.now)
    return replace(step, talk=replace(step.talk, waits_until=until))


def _tally(work: Work, step: Step, effect: Effect) -> Step:
    month = local_date(work.now).replace(day=1)
    tally = work.session.get(Tally, (effect.text, month), with_for_update=True)
    if tally is None:
        work.session.add(Tally(name=effect.text, month=month, value=1))
    else:
        tally.value += 1
    return step


def _drop_address(work: Work, step: Step, _effect: Effect) -> Step:
    to = ReplyTo(step.talk.channel, step.talk.sender)
    drop_addresses_of(work.session, to, secrets=work.desk.intake.secrets)
    contact = None if step.talk.contact is ContactWay.HERE else step.talk.contact
    return replace(step, talk=replace(step.talk, contact=contact))


def _look_up(work: Work, step: Step, effect: Effect) -> Step:
    """The state of a case in plain words; of a sealed one nothing but where to look."""
    script, talk, code = work.desk.script, step.talk, effect.text
    own = talk.case_id if code in ("", talk.code) else None
    found = work.found if work.found is not None and work.found.code == code else None
    if found is not None and found.mistyped:
        return replace(step, reply=compose(script.say("progress_wrong_code")))
    case_id = own or (found.case_id if found else None)
    case = work.session.get(Case, case_id) if case_id else None
    if own and case is not None:
        case = find_open_part(work.session, case.id, talk.receipt_id) or case
    if case is None:
        missing = found is not None or work.desk.receipts is None
        return replace(step, reply=compose(script.say("progress_none" if missing else "progress_elsewhere")))
    progress = describe_progress(work.session, case, office=work.desk.intake.office, now=work.now)
    step = replace(step, talk=replace(talk, stage=_back(talk)), reply=tell_progress(progress, script))
    if not wants_callback(work.session, case):
        return step
    asked = begin_callback(step.talk, case.id, script)
    return replace(asked, reply=join(step.reply, asked.reply), effects=step.effects)


def _call_back(work: Work, step: Step, _effect: Effect) -> Step:
    """Keep what he said of the matter that was answered; where it has moved on meanwhile, there is nothing to keep."""
    case_id, answers = step.talk.callback[0], read_answers(step.talk)
    case = work.session.get(Case, case_id, with_for_update=True)
    done = replace(step, talk=replace(step.talk, callback=()))
    if case is None or not wants_callback(work.session, case):
        return done
    keep_callback(work.session, case, answers, office=work.desk.intake.office, now=work.now)
    return done


def _back(talk: Talk) -> Stage:
    if talk.is_filed:
        return Stage.FILED
    return Stage.LISTENING if talk.stage is Stage.ASKING_CODE else talk.stage


def tell_progress(progress: Progress, script: Script) -> Reply:
    """Where it is, who has it, by when, what was answered; a sealed case says only where to look."""
    if progress.sealed:
        return compose(script.say("progress_sealed"))
    lines: tuple[str, ...] = (progress.headline,)
    if progress.body:
        lines += script.say("progress_body", body=progress.body)
    if progress.due is not None:
        day = f"{progress.due.month}月{progress.due.day}日(星期{WEEKDAYS[progress.due.weekday()]})"
        lines += script.say("progress_by", due=day)
    if progress.reply:
        lines += (progress.reply,)
    return compose(lines)


TOLD = "told"
HANDS: Mapping[Act, Callable[[Work, Step, Effect], Step]] = {
    Act.FILE: _file,
    Act.AMEND: _amend,
    Act.WITHDRAW: _withdraw,
    Act.ERASE: _erase,
    Act.HAND_OVER: _hand_over,
    Act.TALLY: _tally,
    Act.LOOK_UP: _look_up,
    Act.DROP_ADDRESS: _drop_address,
    Act.CALL_BACK: _call_back,
}
