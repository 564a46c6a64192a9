"""Signing in: password and second factor, a growing pause after failures, a session that only the cookie can name.

Which half was wrong is never said, an unknown name costs the same work as a known one, and nobody is shut out for good.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.errors import WrongSignIn
from casework.models.people import Officer, OfficerSession, SecurityEvent, SignInThrottle
from casework.passwords import verify_password
from casework.store import Store

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)
FREE_FAILURES = 3
LONGEST_PAUSE = timedelta(minutes=2)
FORGET_AFTER = timedelta(days=1)
STEP_SECONDS = 30
DEVICE_LENGTH = 256
ADDRESS_LENGTH = 64

Unlock = Callable[[bytes], str]
"""Opens a stored TOTP secret (`ServerSecrets.decrypt` with its purpose)."""


class SecurityKind(StrEnum):
    """What the staff side's security log keeps."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_TOO_EARLY = "sign_in_too_early"
    SIGNED_OUT = "signed_out"
    NOT_ALLOWED = "not_allowed"
    EXPORTED = "exported"


@dataclass(frozen=True)
class SignedIn:
    """A fresh sign-in: the token for the cookie, which is kept nowhere else."""

    token: str
    officer: Officer
    session_row: OfficerSession


@dataclass(frozen=True)
class Signed:
    """The officer behind a live token."""

    officer: Officer
    session_row: OfficerSession


@dataclass(frozen=True)
class SecurityNote:
    """Where a staff request came from; it goes into the security log and nowhere else."""

    address: str = ""
    device: str = ""


def sign_in(
    store: Store, *, username: str, password: str, code: str, unlock: Unlock, now: datetime, origin: SecurityNote
) -> SignedIn:
    """Sign an officer in. It takes the store, because a failure must be kept and Argon2 must hold no write lock.

    1. A try is counted before it is looked at; one that comes before its time is refused unlooked. 2. The password is
    checked outside any unit of work. 3. The code is checked and its step kept, the count forgotten, the session made.
    Raises WrongSignIn with the moment from which the next try is looked at.
    """
    next_try_at = _claim_try(store, username, now, origin)
    with store.read() as session:
        found = session.scalar(select(Officer).where(Officer.username == username, Officer.removed_at.is_(None)))
    fits = verify_password(found.password_hash if found else None, password)
    with store.write() as session:
        officer = session.get(Officer, found.id, with_for_update=True) if found and fits else None
        if officer is not None and _takes_code(officer, code, unlock, now):
            session.execute(delete(SignInThrottle).where(SignInThrottle.username_sha256 == _digest(username)))
            note_security(session, SecurityKind.SIGNED_IN, officer.id, origin, now=now)
            return _start_session(session, officer, now)
        note_security(session, SecurityKind.SIGN_IN_FAILED, found.id if found else None, origin, now=now)
    raise WrongSignIn(next_try_at)


def get_officer_by_token(session: Session, token: str, now: datetime) -> Signed | None:
    """Who a cookie's token stands for: None if unknown, idle for 15 minutes, older than 12 hours, or he has left.

    It writes nothing; the caller keeps the sign-in alive with `touch_session`.
    """
    row = session.execute(
        select(OfficerSession, Officer)
        .join(Officer, Officer.id == OfficerSession.officer_id)
        .where(OfficerSession.token_sha256 == _digest(token), Officer.removed_at.is_(None))
    ).one_or_none()
    if row is None or now >= row[0].expires_at or now - row[0].seen_at >= IDLE:
        return None
    return Signed(officer=row[1], session_row=row[0])


def touch_session(store: Store, signed: Signed, *, now: datetime) -> bool:
    """Keep a sign-in alive, at most once a minute; True where it was written."""
    if now - signed.session_row.seen_at < TOUCH_EVERY:
        return False
    with store.write() as session:
        row = session.get(OfficerSession, signed.session_row.id)
        if row is not None:
            row.seen_at = now
    return row is not None


def sign_out(session: Session, signed: Signed, *, now: datetime, origin: SecurityNote) -> None:
    """End a sign-in; whatever ring was open in it can not be opened by its token any more."""
    session.execute(delete(OfficerSession).where(OfficerSession.id == signed.session_row.id))
    note_security(session, SecurityKind.SIGNED_OUT, signed.officer.id, origin, now=now)


def end_stale_sessions(session: Session, *, now: datetime) -> int:
    """Delete sign-ins that have run out, with the wrapped keys in them: a step; returns how many."""
    stale = session.scalars(
        select(OfficerSession.id).where((OfficerSession.expires_at <= now) | (OfficerSession.seen_at <= now - IDLE))
    ).all()
    session.execute(delete(OfficerSession).where(OfficerSession.id.in_(stale)))
    return len(stale)


def note_security(
    session: Session, kind: SecurityKind, officer_id: str | None, origin: SecurityNote, *, now: datetime
) -> None:
    """One line of the staff side's security log."""
    session.add(
        SecurityEvent(
            at=now,
            kind=kind.value,
            officer_id=officer_id,
            address=origin.address[:ADDRESS_LENGTH],
            device=origin.device[:DEVICE_LENGTH],
        )
    )
    session.flush()


def pause_after(failures: int) -> timedelta:
    """How long after this many failures the next try waits: nothing up to three, then 2, 4, 8... seconds, at most two
    minutes, so that a stranger who guesses can't keep the owner out for good.
    """
    if failures <= FREE_FAILURES:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures - FREE_FAILURES, 30)), LONGEST_PAUSE)


def _claim_try(store: Store, username: str, now: datetime, origin: SecurityNote) -> datetime:
    """Count the try as failed beforehand, so that tries side by side are not looked at for free."""
    with store.write() as session:
        throttle = session.get(SignInThrottle, _digest(username), with_for_update=True)
        if throttle is None:
            throttle = SignInThrottle(username_sha256=_digest(username), failures=0, next_try_at=now)
            session.add(throttle)
        if now < throttle.next_try_at:
            note_security(session, SecurityKind.SIGN_IN_TOO_EARLY, None, origin, now=now)
            too_early: datetime | None = throttle.next_try_at
        else:
            if now - throttle.next_try_at > FORGET_AFTER:
                throttle.failures = 0
            throttle.failures += 1
            throttle.next_try_at = now + pause_after(throttle.failures)
            too_early = None
        next_try_at = throttle.next_try_at
    if too_early is not None:
        raise WrongSignIn(too_early)
    return next_try_at


def _takes_code(officer: Officer, code: str, unlock: Unlock, now: datetime) -> bool:
    """Whether the code is that of the step now, before or after, and newer than the last one taken (no replay)."""
    if officer.totp_secret is None:
        return False
    totp = pyotp.TOTP(unlock(officer.totp_secret), interval=STEP_SECONDS)
    here = int(now.timestamp()) // STEP_SECONDS
    for step in (here - 1, here, here + 1):
        right = hmac.compare_digest(totp.at(step * STEP_SECONDS).encode(), code.strip().encode())
        if right and step > (officer.totp_last_step or 0):
            officer.totp_last_step = step
            return True
    return False


def _start_session(session: Session, officer: Officer, now: datetime) -> SignedIn:
    token = secrets.token_urlsafe(32)
    row = OfficerSession(
        officer_id=officer.id,
        token_sha256=_digest(token),
        csrf_token=secrets.token_urlsafe(32),
        created_at=now,
        seen_at=now,
        expires_at=now + LONGEST,
    )
    session.add(row)
    session.flush()
    return SignedIn(token, officer, row)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
