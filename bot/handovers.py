"""Talks that a person should take (转人工): who may read them, and taking, answering, giving back.

The talk stays under its short-lived key; an officer reads it with whatever tells who the writer is covered, and whoever
the words hit never learns that it exists. What he does stands in the ledger, without a word of it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations import Kept, TalkRow, open_talk, save_talk
from bot.doing import Desk
from bot.models import Conversation, Handover
from bot.moves import SELF_HARM
from bot.phrasing import compose
from bot.telling import CHATS
from bot.types import OfficerWord, Stage, Talk
from bot.waiting import WORD_PREFIX
from casework.bodies import find_outside_superior
from casework.conflicts import Conflict, is_hit
from casework.errors import InvalidField, NotAllowed, NotFound
from casework.jobs import JobName, enqueue
from casework.ledger import Verb, by_officer, record
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.models.paging import PageSubject
from casework.models.people import Officer
from casework.openings import judge_report
from casework.paging import Reach, settle_calls
from casework.roster import Roster, build_roster
from casework.types import Channel, DeliveryStatus, Role
from casework.visibility import has_role, is_excluded, visible_cases
from intake.screening import mask_text
from intake.types import Contact
from triage.types import Assessment

SUBJECT = "handover"
READERS = (Role.OPERATOR, Role.DISPATCHER, Role.SUPERVISOR)
AT_ONCE = 50
"""So many open talks are shown at most, the oldest first."""

MOST_LOOKED_AT = 2000
"""So many are looked through for those that he may read; whoever may harm himself stands before all of them."""

LONGEST_ANSWER = 500

SPEAKS = "工作人员："
"""Before an officer's words, so that nobody takes him for the machine; his name is not told."""


@dataclass
class HandoverDesk:
    """The front desk with what triage said of the open talks, by talk and version; built once by the wiring."""

    front: Desk
    known: dict[str, tuple[int, Assessment]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class HandedTalk:
    """A talk as an officer sees it: no name, no number, no vendor's id; `case_id` only where he may know of it."""

    id: str
    reason: str
    channel: Channel
    asked_at: datetime
    taken_by: str | None
    taken_by_id: str | None
    said: tuple[tuple[bool, str], ...]
    institution: str
    when: str
    category: str | None
    is_filed: bool
    case_id: str | None
    case_number: str | None
    undelivered: int

    @property
    def is_urgent(self) -> bool:
        """Whether somebody must come now."""
        return self.reason == SELF_HARM


@dataclass(frozen=True, slots=True)
class _Opened:
    row: Handover
    conversation: Conversation
    kept: Kept

    @property
    def talk(self) -> Talk:
        return self.kept.talk


def can_answer(officer: Officer) -> bool:
    """Whether his roles open this desk; a clue officer sees the talks about sealed matters alone."""
    return has_role(officer, *READERS, Role.CLUE_OFFICER)


def list_handovers_for(session: Session, officer: Officer, *, desk: HandoverDesk, now: datetime) -> list[HandedTalk]:
    """The open talks that he may read, the oldest first, those that can't wait before all others."""
    if not can_answer(officer):
        return []
    first = (Handover.reason == SELF_HARM).desc()
    waiting = select(Handover.id).where(Handover.closed_at.is_(None)).order_by(first, Handover.asked_at)
    idents = list(session.scalars(waiting.limit(MOST_LOOKED_AT)))
    desk.known = {ident: said for ident, said in desk.known.items() if ident in idents}
    opened = (_open(session, ident, desk) for ident in idents)
    seen = (view for each in opened if each and (view := _view_for(session, officer, each, desk, now)) is not None)
    return sorted(islice(seen, AT_ONCE), key=lambda view: (not view.is_urgent, view.asked_at))


def read_handover(
    session: Session, officer: Officer, handover_id: str, *, desk: HandoverDesk, now: datetime
) -> HandedTalk:
    """One talk, whole; the reading is in the ledger. Raises NotFound for whoever may not know of it."""
    _, view = _get_for(session, officer, handover_id, desk, now)
    _record(session, Verb.READ, handover_id, officer, now)
    return view


def take_handover(session: Session, officer: Officer, handover_id: str, *, desk: HandoverDesk, now: datetime) -> None:
    """He goes into the chat, and the bot falls silent there; a supervisor may step in for another.

    Raises NotFound, NotAllowed where somebody else has it.
    """
    opened, _ = _get_for(session, officer, handover_id, desk, now)
    row = opened.row
    if row.taken_by == officer.id:
        return
    if row.taken_by is not None and not has_role(officer, Role.SUPERVISOR):
        raise NotAllowed("take_handover")
    row.taken_by, row.taken_at = officer.id, now
    _record(session, Verb.TALK_TAKEN, handover_id, officer, now)
    if row.reason == SELF_HARM:
        settle_calls(session, PageSubject.TALK, row.id, by=officer, now=now)
    talk = replace(opened.talk, with_officer=True, handed_over=True)
    _speak(session, opened, talk, "\n".join(desk.front.script.say("human_here")), desk=desk, now=now)


def answer_handover(
    session: Session, officer: Officer, handover_id: str, text: str, *, desk: HandoverDesk, now: datetime
) -> None:
    """He writes into the chat. Raises NotFound, NotAllowed where it isn't his, InvalidField."""
    text = text.strip()
    if not text or len(text) > LONGEST_ANSWER:
        raise InvalidField("text", "too_long" if text else "required")
    opened = _get_own(session, officer, handover_id, desk, now)
    _record(session, Verb.ANSWERED, handover_id, officer, now)
    _speak(session, opened, opened.talk, SPEAKS + text, desk=desk, now=now)


def give_back(session: Session, officer: Officer, handover_id: str, *, desk: HandoverDesk, now: datetime) -> None:
    """The bot goes on where it was; of a talk already filed the words of this chat are shed.

    Raises NotFound, NotAllowed where it isn't his.
    """
    opened = _get_own(session, officer, handover_id, desk, now)
    opened.row.closed_at = now
    _record(session, Verb.TALK_GIVEN_BACK, handover_id, officer, now)
    talk = opened.talk
    stage = Stage.LISTENING if talk.stage is Stage.WITH_PERSON else talk.stage
    said = () if talk.is_filed else talk.said
    freed = replace(talk, with_officer=False, handed_over=False, waits_until=None, stage=stage, said=said)
    _speak(session, opened, freed, "\n".join(desk.front.script.say("human_back")), desk=desk, now=now)


def load_conversation(session: Session, row_id: str, desk: Desk) -> Kept | None:
    """A talk by its row, locked; None where it is over or can't be read any more."""
    row = session.get(Conversation, row_id, with_for_update=True)
    key = desk.intake.keys.get(row.key_id) if row is not None else None
    talk = open_talk(row, key) if row is not None and key is not None and row.state else None
    if row is None or key is None or talk is None:
        return None
    return Kept(TalkRow(row.id, row.version, row.sender_mac, row.key_id), talk, key)


def _open(session: Session, handover_id: str, desk: HandoverDesk) -> _Opened | None:
    row = session.get(Handover, handover_id)
    conversation = session.get(Conversation, row.conversation_id) if row is not None else None
    if row is None or conversation is None or row.closed_at is not None:
        return None
    key = desk.front.intake.keys.get(conversation.key_id)
    talk = open_talk(conversation, key) if key is not None and conversation.state else None
    if key is None or talk is None:
        return None
    place = TalkRow(conversation.id, conversation.version, conversation.sender_mac, conversation.key_id)
    return _Opened(row, conversation, Kept(place, talk, key))


def _get_for(
    session: Session, officer: Officer, handover_id: str, desk: HandoverDesk, now: datetime
) -> tuple[_Opened, HandedTalk]:
    row = session.get(Handover, handover_id)
    if row is not None:
        session.get(Conversation, row.conversation_id, with_for_update=True)
    opened = _open(session, handover_id, desk) if can_answer(officer) else None
    view = _view_for(session, officer, opened, desk, now) if opened is not None else None
    if opened is None or view is None:
        raise NotFound(SUBJECT, handover_id)
    return opened, view


def _get_own(session: Session, officer: Officer, handover_id: str, desk: HandoverDesk, now: datetime) -> _Opened:
    opened, _ = _get_for(session, officer, handover_id, desk, now)
    if opened.row.taken_by != officer.id:
        raise NotAllowed("answer_handover")
    return opened


def _view_for(
    session: Session, officer: Officer, opened: _Opened, desk: HandoverDesk, now: datetime
) -> HandedTalk | None:
    """The talk as he may see it; None where he must not know of it (信访工作条例 art. 28, 30)."""
    talk, text = opened.talk, _told(opened.talk)
    said = _assess(opened, text, desk, now)
    if not _may_read(session, officer, talk, said, text, desk):
        return None
    case = _find_case(session, officer, talk)
    taker = session.get(Officer, opened.row.taken_by) if opened.row.taken_by else None
    return HandedTalk(
        id=opened.row.id,
        reason=opened.row.reason,
        channel=talk.channel,
        asked_at=opened.row.asked_at,
        taken_by=taker.name if taker else None,
        taken_by_id=opened.row.taken_by,
        said=_cover(talk, text, said),
        institution="，".join(part for part in (talk.institution or talk.scene, talk.place) if part),
        when=talk.when or "",
        category=talk.category,
        is_filed=talk.is_filed,
        case_id=case.id if case else None,
        case_number=case.number if case else None,
        undelivered=sum(word.status is DeliveryStatus.FAILED for word in talk.outgoing),
    )


def _told(talk: Talk) -> str:
    """Everything the person said, as it stands in the talk; where that was cut, the story before it."""
    spoken = [text for is_person, text in talk.said if is_person]
    missing = [line for line in talk.lines if line not in spoken]
    return "\n".join((*spoken, *missing))


def _assess(opened: _Opened, text: str, desk: HandoverDesk, now: datetime) -> Assessment | None:
    """What triage says of it, remembered until the talk moves on."""
    if not text.strip():
        return None
    version, known = desk.known.get(opened.row.id, (0, None))
    if known is None or version != opened.kept.row.version:
        known = desk.front.assess(text, opened.talk.channel, now)
        desk.known[opened.row.id] = opened.kept.row.version, known
    return known


def _may_read(
    session: Session, officer: Officer, talk: Talk, said: Assessment | None, text: str, desk: HandoverDesk
) -> bool:
    """Whether he may know of the talk.

    1. One about a sealed case: those on its allow-list. 2. Nobody whom its words hit, in person or with his body, or
    who is kept out of the case. 3. One that would be sealed: clue officers, unless somebody may harm himself; one
    that may not be taken at all: nobody here. 4. Otherwise the desk.
    """
    case = session.get(Case, talk.case_id) if talk.case_id else None
    if case is not None and case.sealed:
        return session.scalar(select(Case.id).where(Case.id == case.id, visible_cases(officer))) is not None
    if case is not None and session.scalar(select(Case.id).where(Case.id == case.id, is_excluded(officer))):
        return False
    at_desk = has_role(officer, *READERS)
    if said is None:
        return at_desk
    judged = judge_report(build_roster(session), said, text, office=desk.front.intake.office)
    if _is_hit(officer, judged.conflicts, judged.roster) or judged.sealing.refused:
        return False
    if judged.sealing.sealed and not talk.is_urgent:
        return has_role(officer, Role.CLUE_OFFICER)
    return at_desk


def reach_of_talk(session: Session, handover_id: str, *, desk: HandoverDesk, now: datetime) -> Reach:
    """Whom a call for a talk may go to: who may read it; the same test over the same words. Where its words hit
    everybody of the desk, the body above the house; of one that is over or can't be read any more, nobody.
    """
    opened = _open(session, handover_id, desk)
    if opened is None:
        return Reach(frozenset())
    text = _told(opened.talk)
    said = _assess(opened, text, desk, now)
    staff = session.scalars(select(Officer).where(Officer.removed_at.is_(None))).all()
    desks = [each for each in staff if has_role(each, *READERS)]
    free = frozenset(each.id for each in desks if _may_read(session, each, opened.talk, said, text, desk))
    if free or said is None:
        return Reach(free)
    judged = judge_report(build_roster(session), said, text, office=desk.front.intake.office)
    return Reach(free, find_outside_superior(judged.conflicts, judged.roster))


def _is_hit(officer: Officer, conflicts: tuple[Conflict, ...], roster: Roster) -> bool:
    found = next((each for each in roster.officers if each.id == officer.id), None)
    return found is None or is_hit(found, conflicts, roster)


def _find_case(session: Session, officer: Officer, talk: Talk) -> Case | None:
    if talk.case_id is None:
        return None
    return session.scalar(select(Case).where(Case.id == talk.case_id, visible_cases(officer)))


def _cover(talk: Talk, text: str, said: Assessment | None) -> tuple[tuple[bool, str], ...]:
    """What both said, with ▇ over whatever tells who the writer is; positions in `text` agree."""
    phone = talk.phone if talk.phone.isdigit() else ""
    contact = Contact(name=talk.name, phone=phone)
    masked = mask_text(text, said.identifiers if said is not None else (), contact=contact)
    shown: list[tuple[bool, str]] = []
    at = 0
    for is_person, words in talk.said:
        if is_person:
            shown.append((True, masked[at : at + len(words)]))
            at += len(words) + 1
        else:
            shown.append((False, mask_text(words, (), contact=contact)))
    return tuple(shown)


def _speak(session: Session, opened: _Opened, talk: Talk, text: str, *, desk: HandoverDesk, now: datetime) -> None:
    """Put words of ours into the talk: on its page at once, into a chat by the courier."""
    spoken = replace(talk, said=(*talk.said, (False, text)))
    if talk.channel in CHATS:
        word = OfficerWord(new_id(), text)
        spoken = replace(spoken, outgoing=(*talk.outgoing, word))
        subject = f"{WORD_PREFIX}{opened.conversation.id}/{word.id}"
        enqueue(session, JobName.SEND_MESSAGE, subject, key=word.id)
    open_question = desk.front.script.questions.get(talk.question) if not talk.with_officer else None
    reply = compose(_unanswered(spoken), question=open_question, numbers=talk.reply.numbers)
    sheds = talk.is_filed and not talk.handed_over
    keys = desk.front.intake.keys
    save_talk(session, opened.kept, replace(spoken, reply=reply), shelf=keys, now=now, sheds=sheds)


def _unanswered(talk: Talk) -> tuple[str, ...]:
    """What stands since the person spoke last: all of it is on his page, however often the officer wrote."""
    lines: list[str] = []
    for is_person, text in reversed(talk.said):
        if is_person:
            break
        lines[:0] = text.split("\n")
    return tuple(lines)


def _record(session: Session, verb: Verb, handover_id: str, officer: Officer, now: datetime) -> None:
    record(session, actor=by_officer(officer), verb=verb, subject=SUBJECT, subject_id=handover_id, now=now)
