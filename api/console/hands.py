"""Who did a thing and when, as one line of a page; for every desk that says it."""

from datetime import datetime

from sqlalchemy.orm import Session

from api.pages import say_time
from casework.clock import local_date
from casework.models.people import Officer


def say_who(session: Session, officer_id: str | None, at: datetime | None, now: datetime) -> str:
    """Who did it and when, for a line of a page."""
    officer = session.get(Officer, officer_id) if officer_id else None
    return f"{officer.name if officer else ''} {say_time(at, local_date(now))}"
