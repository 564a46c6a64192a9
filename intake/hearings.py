"""Hearing a recording is one act, however often its player asks for a part: one line in the ledger in half an hour."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.ledger import Verb
from casework.models.attachments import Attachment
from casework.models.ledger import LedgerEntry
from intake.attachments import SUBJECT

ONE_HEARING = timedelta(minutes=30)


def is_heard_lately(session: Session, row: Attachment, officer_id: str, *, now: datetime) -> bool:
    """Whether the ledger has it that this officer opened the recording within the half hour."""
    known = select(LedgerEntry.details).where(
        LedgerEntry.subject == SUBJECT,
        LedgerEntry.subject_id == row.id,
        LedgerEntry.verb == Verb.READ.value,
        LedgerEntry.actor_id == officer_id,
        LedgerEntry.at > now - ONE_HEARING,
    )
    return any(details.get("what") == "sound" for details in session.scalars(known))
