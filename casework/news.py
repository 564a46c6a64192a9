"""Telling the reporter that something happened, without knowing who he is or how he is reached.

Casework queues the fact; the courier, who knows the reply addresses and the words, does the rest.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from casework.jobs import JobName, enqueue
from casework.models.cases import Case

SEPARATOR = "/"


class NewsPhrase(StrEnum):
    """What may be told, by name; the words are the bot's. Of a sealed case only that there is something new."""

    SOMETHING_NEW = "something_new"
    DISPATCHED = "dispatched"
    REFERRED = "referred"
    TAKEN = "taken"
    MESSAGE = "message"
    EXTENDED = "extended"
    REPLIED = "replied"
    CLOSED = "closed"


def tell_reporter(session: Session, case: Case, phrase: NewsPhrase, *, now: datetime) -> str:
    """Queue the news in the caller's transaction, one job for each act; returns the job's id.

    The job's subject is `pack_news`: the case and the phrase by name. A sealed case says only that there is news.
    """
    said = NewsPhrase.SOMETHING_NEW if case.sealed else phrase
    key = SEPARATOR.join((case.id, said, str(int(now.timestamp() * 1_000_000))))
    return enqueue(session, JobName.TELL_REPORTER, pack_news(case.id, said), key=key)


def pack_news(case_id: str, phrase: NewsPhrase) -> str:
    """The subject of the job: case and phrase in one word."""
    return f"{case_id}{SEPARATOR}{phrase}"


def unpack_news(subject: str) -> tuple[str, NewsPhrase]:
    """Case id and phrase of the job's subject, for its handler."""
    case_id, _, phrase = subject.partition(SEPARATOR)
    return case_id, NewsPhrase(phrase)
