"""The two-way talk with the reporter, who is known here only as the other end of a case.

In an open case the words stand in plain; in a sealed one they are sealed twice, to the case and to the reporter's own
key, so that the server itself can read neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import LargeBinary, String, column, func, select, table
from sqlalchemy.orm import Session

from casework.cases import record_on_case
from casework.clock import local_date
from casework.errors import InvalidField, VaultNotSetUp
from casework.facts import note_event
from casework.ledger import REPORTER, Verb, by_officer
from casework.limits import CaseEvent
from casework.models.cases import Case, Message
from casework.models.columns import new_id
from casework.models.people import Officer
from casework.news import NewsPhrase, tell_reporter
from casework.office import Office
from casework.types import MessageDirection, Role
from casework.vault import seal_record, unseal_record
from casework.visibility import require_role

LONGEST = 4000
RECEIPT = table("receipt", column("case_id", String), column("public_key", LargeBinary))
"""Intake's table, read by name for the one thing that casework needs of it: the reporter's public key."""


@dataclass(frozen=True)
class MessageView:
    """One word of the talk as the asker may read it; `text` is None where he holds no key to it."""

    id: str
    position: int
    direction: MessageDirection
    text: str | None
    made_on: date
    officer_id: str | None


def answer_reporter(session: Session, case: Case, text: str, *, by: Officer, office: Office, now: datetime) -> Message:
    """Write to the reporter, who is told that there is something new. It counts as contact for the clocks.

    Raises InvalidField where it is empty or too long, NotAllowed for a role that does not speak for the house.
    """
    require_role(
        by, Role.DISPATCHER, Role.SUPERVISOR, Role.HANDLER, Role.TOWNSHIP, Role.CLUE_OFFICER, act="answer_reporter"
    )
    message = add_message(session, case, text, MessageDirection.TO_REPORTER, officer_id=by.id, now=now)
    record_on_case(session, case, Verb.ANSWERED, by=by_officer(by), now=now, details={"message": message.id})
    note_event(session, case, CaseEvent.CONTACTED, office=office, now=now)
    tell_reporter(session, case, NewsPhrase.MESSAGE, now=now)
    return message


def add_message_from_reporter(session: Session, case: Case, text: str, *, now: datetime) -> Message:
    """Keep what the reporter wrote, dated to the day; the case is in the queue of news until it is answered."""
    message = add_message(session, case, text, MessageDirection.FROM_REPORTER, officer_id=None, now=now)
    record_on_case(session, case, Verb.WROTE, by=REPORTER, now=now, details={"message": message.id})
    return message


def add_message(
    session: Session, case: Case, text: str, direction: MessageDirection, *, officer_id: str | None, now: datetime
) -> Message:
    """One more row of the talk, in plain or sealed as the case is; no ledger, no news."""
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
        _seal(session, case, message, text)
    else:
        message.text = text
    session.add(message)
    session.flush()
    return message


def list_messages(
    session: Session, case: Case, *, case_key: bytes | None = None, reporter_key: bytes | None = None
) -> list[MessageView]:
    """The talk, oldest first. A sealed case's opens with the case's key (staff) or the reporter's own (`/track`)."""
    rows = session.scalars(select(Message).where(Message.case_id == case.id).order_by(Message.position))
    return [
        MessageView(
            id=row.id,
            position=row.position,
            direction=row.direction,
            text=_read(row, case_key, reporter_key),
            made_on=row.made_on,
            officer_id=row.officer_id,
        )
        for row in rows
    ]


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


def _seal(session: Session, case: Case, message: Message, text: str) -> None:
    if case.public_key is None:
        raise VaultNotSetUp("case_key")
    said = {"text": text}
    message.case_ciphertext = seal_record(case.public_key, message.id, said)
    theirs = session.scalar(
        select(RECEIPT.c.public_key).where(RECEIPT.c.case_id == case.id, RECEIPT.c.public_key.is_not(None)).limit(1)
    )
    if theirs is not None:
        message.reporter_ciphertext = seal_record(bytes(theirs), message.id, said)


def _read(row: Message, case_key: bytes | None, reporter_key: bytes | None) -> str | None:
    for key, blob in ((case_key, row.case_ciphertext), (reporter_key, row.reporter_ciphertext)):
        if key is not None and blob is not None:
            text: str = unseal_record(key, row.id, blob)["text"]
            return text
    return row.text
