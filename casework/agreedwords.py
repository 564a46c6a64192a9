"""A word agreed on the phone (暗号), so that a later call can be told from an impostor's (rules 5.3).

It opens nothing and is shown to nobody: whoever rings back asks for it and types what he hears. Few tries, then a
short wait, for a long one would keep the true caller out by an impostor's doing; the officer is told of the failures.
"""

import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.cases import get_case_for
from casework.clock import local_date
from casework.errors import InvalidField
from casework.ledger import Verb, by_officer, record
from casework.models.agreedwords import AgreedWord
from casework.models.ledger import LedgerEntry
from casework.models.people import Officer
from casework.passwords import hash_password, verify_password
from casework.secrets import ServerSecrets
from casework.server_keys import KeyUse, hash_under, list_keys, need_key
from casework.store import Store
from casework.types import Role
from casework.visibility import require_role
from triage.entities.sounds import sound_of

LISTENERS = (Role.OPERATOR, Role.DISPATCHER, Role.SUPERVISOR, Role.CLUE_OFFICER)
"""Who talks to reporters on the phone."""
LEAST, MOST = 2, 16
FREE_TRIES = 3
WAIT = timedelta(minutes=10)
HOUR = timedelta(hours=1)
ALARMING = 3
"""So many failures within the hour are told to whoever listens."""
BOUND = "."
DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")


class Heard(StrEnum):
    """What came of holding what was heard against the agreed word."""

    FITS = "fits"
    WRONG = "wrong"
    WAIT = "wait"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome, when the next try is taken where one has to wait, and how many failed within the hour."""

    heard: Heard
    next_try_at: datetime | None = None
    failed_this_hour: int = 0

    @property
    def alarming(self) -> bool:
        """Whether somebody may be trying words."""
        return self.failed_this_hour >= ALARMING


def make_verifier(store: Store, word: str, secrets: ServerSecrets) -> str:
    """What is kept of a word: 38 ms of Argon2id, so it is made before the unit of work that keeps it.

    Raises InvalidField("word", too_short | too_long), counted without blanks and punctuation.
    """
    plain = _fold(word)
    if len(plain) < LEAST:
        raise InvalidField("word", "too_short")
    if len(plain) > MOST:
        raise InvalidField("word", "too_long")
    with store.write() as session:
        key = need_key(session, KeyUse.WORDS, secrets)
    return hash_password(_under(key, plain))


def agree_on_word(session: Session, case_id: str, verifier: str, *, secrets: ServerSecrets, now: datetime) -> None:
    """Keep the word for a case that was just taken down on the phone, bound to this very case.

    The mark beside it is keyed: whoever writes the database can't put the verifier of a word that he knows here.
    """
    key = need_key(session, KeyUse.WORDS, secrets)
    bound = BOUND.join((verifier, _bind(key, case_id, verifier)))
    session.add(AgreedWord(case_id=case_id, verifier=bound, agreed_on=local_date(now)))
    session.flush()


def has_agreed_word(session: Session, case_id: str) -> bool:
    """Whether one was agreed; the caller has got the case through the door."""
    return session.get(AgreedWord, case_id) is not None


def compare_word(
    store: Store, case_id: str, said: str, *, by: Officer, secrets: ServerSecrets, now: datetime
) -> Comparison:
    """Hold what was heard against the word of a case that the officer sees; alike in sound is alike.

    1. Count the try before anything is compared, so that two at once are two. 2. Compare, outside the unit of work.
    3. Write down that he asked and what came of it. From the third failure on ten minutes pass before the next try,
    and after an hour without one it counts anew. A verifier of another case fits nothing. Raises NotAllowed, NotFound,
    InvalidField for nothing typed.
    """
    require_role(by, *LISTENERS, act="compare_word")
    plain = _fold(said)
    if not plain:
        raise InvalidField("word", "required")
    with store.write() as session:
        get_case_for(session, by, case_id)
        row = session.get(AgreedWord, case_id, with_for_update=True)
        if row is None:
            return Comparison(Heard.NONE)
        if row.next_try_at is not None and row.next_try_at > now:
            return Comparison(Heard.WAIT, row.next_try_at, _count_failed(session, case_id, now))
        faded = row.next_try_at is not None and row.next_try_at <= now - HOUR
        row.failures = 1 if faded else row.failures + 1
        row.next_try_at = None if row.failures < FREE_TRIES else now + WAIT
        verifier, wait = row.verifier, row.next_try_at
        keys = list_keys(session, KeyUse.WORDS, secrets)
    fits = any(_fits(verifier, key, case_id, plain[:MOST]) for key in keys)
    with store.write() as session:
        get_case_for(session, by, case_id)
        row = session.get(AgreedWord, case_id, with_for_update=True)
        if fits and row is not None:
            row.failures, row.next_try_at = 0, None
        record(
            session,
            actor=by_officer(by),
            verb=Verb.WORD_COMPARED,
            subject="case",
            subject_id=case_id,
            case_id=case_id,
            details={"fits": fits},
            now=now,
        )
        failed = _count_failed(session, case_id, now)
    return Comparison(Heard.FITS, None, failed) if fits else Comparison(Heard.WRONG, wait, failed)


def _count_failed(session: Session, case_id: str, now: datetime) -> int:
    """How many tries of the last hour did not fit, by the ledger, which nobody sets back."""
    query = select(LedgerEntry.details).where(
        LedgerEntry.case_id == case_id, LedgerEntry.verb == Verb.WORD_COMPARED, LedgerEntry.at > now - HOUR
    )
    return sum(not details["fits"] for details in session.scalars(query))


def _fits(kept: str, key: bytes, case_id: str, plain: str) -> bool:
    verifier, _, bound = kept.rpartition(BOUND)
    return hmac.compare_digest(bound, _bind(key, case_id, verifier)) and verify_password(verifier, _under(key, plain))


def _bind(key: bytes, case_id: str, verifier: str) -> str:
    return hash_under(key, f"bound to {case_id}: {verifier}".encode()).hex()


def _fold(word: str) -> str:
    """Letters, digits and signs only, digits as they are said, all in one width and case."""
    plain = unicodedata.normalize("NFKC", word).lower()
    return "".join(sign for sign in plain if sign.isalnum()).translate(DIGITS)


def _under(key: bytes, plain: str) -> str:
    """The sound of the word, keyed: who steals the database alone can't begin to guess."""
    return hash_under(key, sound_of(plain).encode()).hex()
