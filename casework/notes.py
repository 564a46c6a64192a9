"""Internal notes: what officers write for each other and the reporter never sees.

Of a sealed case they are sealed items, written by anyone who may know of it and read by those who hold its key.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.cases import keep_note, record_on_case
from casework.errors import InvalidField
from casework.ledger import Verb, by_officer
from casework.models.cases import Case, Note
from casework.models.people import Officer

LONGEST = 4000


def add_note(session: Session, case: Case, text: str, *, by: Officer, now: datetime) -> str:
    """Write an internal note; returns the id of its row. Raises InvalidField where it is empty or too long."""
    text = text.strip()
    if not text:
        raise InvalidField("note", "empty")
    if len(text) > LONGEST:
        raise InvalidField("note", "too_long")
    note_id = keep_note(session, case, text, officer_id=by.id, now=now)
    record_on_case(session, case, Verb.NOTED, by=by_officer(by), now=now, details={"note": note_id})
    return note_id


def list_notes(session: Session, case_id: str) -> list[tuple[Note, str]]:
    """The notes of an open case with their writers' names, oldest first."""
    query = select(Note, Officer.name).join(Officer, Officer.id == Note.officer_id).where(Note.case_id == case_id)
    return [(note, name) for note, name in session.execute(query.order_by(Note.made_at, Note.id))]
