"""Signing in: password and second factor, a growing pause after failures, a session that only the cookie can name.

Which half was wrong is never said, an unknown name costs the same work as a known one, and nobody is shut out for good.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from casework.errors import InitialPasswordOver, WrongSignIn
from casework.models.accounts import EndedSignIn
from casework.models.people import Officer, OfficerSession, SignInThrottle
from casework.passwords import verify_password
from casework.securitylog import SecurityKind, SecurityNote, note_security
from casework.store import Store
from casework.types import SignInEnd

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)
FREE_FAILURES = 3
LONGEST_PAUSE = timedelta(minutes=2)
FORGET_AFTER = timedelta(days=1)
STEP_SECONDS = 30

Unlock = Callable[[bytes], str]
"""Opens a stored TOTP secret (`ServerSecrets.decrypt` with its purpose)."""


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


def sign_in(
    store: Store,
    *,
    username: str,
    password: str,
    code: str,
    unlock: Unlock,
    now: datetime,
    origin: SecurityNote,
    device: str = "",
) -> SignedIn:
    """Sign an officer in. It takes the store, because a failure must be kept and Argon2 must hold no write lock.

    1. A try is counted before it is looked at; one that comes before its time is refused unlooked. Tries from a browser
    that the user has signed in with before (`device`) are counted apart: a stranger's never use up his turn. 2. The
    password is checked outside any unit of work. 3. The code is checked and its step kept, the count forgotten, the
    session made. One whose password is still the initial one, and who has no second factor yet, needs no code: that
    sign-in opens only the page on which he sets both. Raises WrongSignIn with the moment from which the next try is
    looked at, InitialPasswordOver where everything was right and the initial password's days are over.
    """
    turn = f"{username}\n{device}" if device else username
    next_try_at = _claim_try(store, turn, now, origin)
    with store.read() as session:
        found = session.scalar(select(Officer).where(Officer.username == username, Officer.removed_at.is_(None)))
    fits = verify_password(found.password_hash if found else None, password)
    with store.write() as session:
        officer = session.get(Officer, found.id, with_for_update=True) if found and fits else None
        if officer is not None and (_is_new(officer) or _takes_code(officer, code, unlock, now)):
            _forget_tries(session, turn)
            if officer.initial_until is None or now < officer.initial_until:
                note_security(session, SecurityKind.SIGNED_IN, officer.id, origin, now=now)
                return _start_session(session, officer, now)
            too_old = True
        else:
            too_old = False
        note_security(session, SecurityKind.SIGN_IN_FAILED, found.id if found else None, origin, now=now)
    if too_old:
        raise InitialPasswordOver
    raise WrongSignIn(next_try_at)


def confirm_password(store: Store, officer: Officer, password: str, *, now: datetime, origin: SecurityNote) -> None:
    """Ask somebody who is signed in for his password again, with the same growing pause, counted apart.

    Raises WrongSignIn; a stolen sign-in neither guesses the password here nor keeps its owner from signing in.
    """
    name = f"{officer.username}\n"
    next_try_at = _claim_try(store, name, now, origin)
    fits = verify_password(officer.password_hash, password)
    with store.write() as session:
        if fits:
            _forget_tries(session, name)
        else:
            note_security(session, SecurityKind.CONFIRM_FAILED, officer.id, origin, now=now)
    if not fits:
        raise WrongSignIn(next_try_at)


def confirm_code(
    store: Store, officer_id: str, code: str, unlock: Unlock, *, now: datetime, origin: SecurityNote
) -> None:
    """Ask somebody who is signed in for a running code, which is then used up. Raises WrongSignIn."""
    with store.read() as session:
        name = f"{session.get_one(Officer, officer_id).username}\n"
    next_try_at = _claim_try(store, name, now, origin)
    with store.write() as session:
        officer = session.get_one(Officer, officer_id, with_for_update=True)
        fits = _takes_code(officer, code, unlock, now)
        if fits:
            _forget_tries(session, name)
        else:
            note_security(session, SecurityKind.CONFIRM_FAILED, officer_id, origin, now=now)
    if not fits:
        raise WrongSignIn(next_try_at)


def is_enrolled(officer: Officer) -> bool:
    """Whether he has a password of his own and a second factor; before, only the page of the first sign-in opens."""
    return officer.initial_until is None and officer.totp_secret is not None


def find_end(session: Session, token: str, now: datetime) -> SignInEnd | None:
    """Why a sign-in was ended by somebody or something else, None where nothing is known of it."""
    row = session.get(EndedSignIn, _digest(token))
    return row.why if row is not None and now < row.until else None


def get_officer_by_token(session: Session, token: str, now: datetime) -> Signed | None:
    """Who a cookie's token stands for: None if unknown, idle for 15 minutes, older than 12 hours, or he has left.

    A clock that was turned back ends it too: it would live on until the clock had caught up.

    It writes nothing; the caller keeps the sign-in alive with `touch_session`.
    """
    row = session.execute(
        select(OfficerSession, Officer)
        .join(Officer, Officer.id == OfficerSession.officer_id)
        .where(OfficerSession.token_sha256 == _digest(token), Officer.removed_at.is_(None))
    ).one_or_none()
    if row is None or now >= row[0].expires_at or abs(now - row[0].seen_at) >= IDLE:
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
    session.execute(delete(EndedSignIn).where(EndedSignIn.until <= now))
    return len(stale)


def count_live(session: Session, officer_id: str, *, now: datetime) -> int:
    """How many sign-ins of an officer are live."""
    query = select(func.count()).select_from(OfficerSession).where(OfficerSession.officer_id == officer_id)
    live = query.where(OfficerSession.expires_at > now, OfficerSession.seen_at > now - IDLE)
    return session.scalar(live) or 0


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
    step = find_step(unlock(officer.totp_secret), code, now)
    if step is None or step <= (officer.totp_last_step or 0):
        return False
    officer.totp_last_step = step
    return True


def find_step(secret: str, code: str, now: datetime) -> int | None:
    """The newest step around now whose code this is, None where it is none's. Pure."""
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    here = int(now.timestamp()) // STEP_SECONDS
    given = "".join(code.split()).encode()
    right = [s for s in (here - 1, here, here + 1) if hmac.compare_digest(totp.at(s * STEP_SECONDS).encode(), given)]
    return max(right, default=None)


def _is_new(officer: Officer) -> bool:
    return officer.initial_until is not None and officer.totp_secret is None


def _forget_tries(session: Session, name: str) -> None:
    session.execute(delete(SignInThrottle).where(SignInThrottle.username_sha256 == _digest(name)))


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
