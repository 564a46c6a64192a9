"""The two-way talk with the reporter, who is known here only as the other end of a case.

In an open case the words stand in plain; in a sealed one they are sealed twice, to the case and to the reporter's own
key, so that the server itself can read neither, and signed, so that nobody else can write them.
"""

import os
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.assignments import require_in_charge
from casework.bonds import OfficerPen, Pen, ReporterPen, open_bond
from casework.cases import record_on_case
from casework.clock import local_date
from casework.errors import BrokenSeal, InvalidField, VaultLocked
from casework.facts import note_event
from casework.foureyes import HOLDING_ANSWER, require_colleague
from casework.keepingout import screen_staff_words
from casework.ledger import REPORTER, Verb, by_officer
from casework.limits import CaseEvent
from casework.models.cases import Case, Message
from casework.models.columns import new_id
from casework.models.people import Officer
from casework.news import NewsPhrase, tell_reporter
from casework.office import Office
from casework.signatures import SALT_BYTES, Signer, first_link, link_of, sign
from casework.signingkeys import ensure_signing_key
from casework.talks import MessageView, read_talk, state
from casework.types import MessageDirection
from casework.vault import seal_record

LONGEST = 4000


def answer_reporter(
    session: Session,
    case: Case,
    text: str,
    *,
    by: Officer,
    office: Office,
    now: datetime,
    pen: OfficerPen | None = None,
) -> Message:
    """Write to the reporter, who is told that there is something new. It counts as contact for the clocks.

    In a sealed case the officer signs with his `pen`. Raises InvalidField where it is empty or too long, NotAllowed for
    one who has no part in the case, NeedsColleague for one alone with a sealed case (but for the holding answer),
    VaultLocked for a sealed case without a pen, BrokenSeal where the keys of the talk were changed.
    """
    require_in_charge(session, by, case, act="answer_reporter")
    if text.strip() != HOLDING_ANSWER:
        require_colleague(session, case)
    message = add_message(session, case, text, MessageDirection.TO_REPORTER, officer_id=by.id, now=now, pen=pen)
    record_on_case(session, case, Verb.ANSWERED, by=by_officer(by), now=now, details={"message": message.id})
    note_event(session, case, CaseEvent.CONTACTED, office=office, now=now)
    tell_reporter(session, case, NewsPhrase.MESSAGE, now=now)
    return message


def add_message_from_reporter(
    session: Session, case: Case, text: str, *, now: datetime, pen: ReporterPen | None = None
) -> Message:
    """Keep what the reporter wrote, dated to the day; the case is in the queue of news until it is answered.

    In a sealed case he signs with the `pen` that his code opens. Raises InvalidField, VaultLocked, BrokenSeal.
    """
    message = add_message(session, case, text, MessageDirection.FROM_REPORTER, officer_id=None, now=now, pen=pen)
    record_on_case(session, case, Verb.WROTE, by=REPORTER, now=now, details={"message": message.id})
    return message


def add_message(
    session: Session,
    case: Case,
    text: str,
    direction: MessageDirection,
    *,
    officer_id: str | None,
    now: datetime,
    pen: Pen | None = None,
) -> Message:
    """One more row of the talk, in plain, or sealed and signed as the case is; no ledger, no news."""
    text = text.strip()
    if not text:
        raise InvalidField("message", "empty")
    if len(text) > LONGEST:
        raise InvalidField("message", "too_long")
    session.execute(select(Case.id).where(Case.id == case.id).with_for_update())
    last = session.scalar(select(func.max(Message.position)).where(Message.case_id == case.id)) or 0
    message = Message(
        id=new_id(),
        case_id=case.id,
        position=last + 1,
        direction=direction,
        officer_id=officer_id,
        made_on=local_date(now),
    )
    if case.sealed:
        _seal(session, case, message, text, pen, now)
    else:
        message.text = text
        if officer_id is not None:
            screen_staff_words(session, case, text, writer_id=officer_id, now=now)
    session.add(message)
    session.flush()
    return message


def list_messages(
    session: Session, case: Case, *, case_key: bytes | None = None, reporter_key: bytes | None = None
) -> list[MessageView]:
    """The words alone of `talks.read_talk`, oldest first, each with what its signature says."""
    return list(read_talk(session, case, case_key=case_key, reporter_key=reporter_key).messages)


def list_unanswered(session: Session, case_ids: Sequence[str]) -> set[str]:
    """Which of these cases end with a word of the reporter's."""
    newest = (
        select(Message.case_id, func.max(Message.position).label("position"))
        .where(Message.case_id.in_(case_ids))
        .group_by(Message.case_id)
        .subquery()
    )
    return set(
        session.scalars(
            select(Message.case_id)
            .join(newest, (newest.c.case_id == Message.case_id) & (newest.c.position == Message.position))
            .where(Message.direction == MessageDirection.FROM_REPORTER)
        )
    )


def _seal(session: Session, case: Case, message: Message, text: str, pen: Pen | None, now: datetime) -> None:
    """Seal the words to both ends, by the keys that the writer's own end has pinned, and sign them."""
    if pen is None:
        raise VaultLocked
    mine = pen.reporter_key if isinstance(pen, ReporterPen) else pen.case_key
    ends = open_bond(session, case, pen_key=mine, is_reporter=isinstance(pen, ReporterPen))
    if ends is None:
        raise BrokenSeal("talk")
    said = {"text": text, "salt": os.urandom(SALT_BYTES).hex()}
    message.case_ciphertext = seal_record(ends.case_box, message.id, said)
    if ends.reporter is not None:
        message.reporter_ciphertext = seal_record(ends.reporter.box, message.id, said)
    previous, statement = _last_link(session, case), state(message, text, said["salt"])
    if isinstance(pen, ReporterPen):
        signed = sign(statement, pen.reporter_key, Signer.REPORTER, previous=previous, shared=ends.shared)
    else:
        ensure_signing_key(session, session.get_one(Officer, message.officer_id), pen.private_key, now=now)
        signed = sign(statement, pen.private_key, Signer.OFFICER, previous=previous, shared=ends.shared)
    message.signature = signed.pack()


def _last_link(session: Session, case: Case) -> bytes:
    query = select(Message.signature).where(Message.case_id == case.id, Message.signature.is_not(None))
    last = session.scalar(query.order_by(Message.position.desc(), Message.id.desc()).limit(1))
    return link_of(last) if last is not None else first_link(case.id)
