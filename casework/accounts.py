"""What an officer does to his own account: password, second factor, the words of his vault, a key of his own.

Each takes the store, because a failed try must be kept and Argon2 must hold no write lock; what is kept goes in one
unit of work, so nothing half happens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from casework.errors import InvalidField, NotAllowed, StaleVersion
from casework.ledger import by_officer
from casework.models.people import Officer
from casework.officers import end_sessions, keep_verifier, set_second_factor
from casework.passwords import check_strength, hash_password
from casework.rings import keep_key, keep_wrap, make_key, rewrap_key
from casework.securitylog import SecurityKind, SecurityNote, note_security
from casework.signins import Unlock, confirm_code, confirm_password, find_step
from casework.staffing import RING_ROLES
from casework.store import Store
from casework.types import Role, SignInEnd
from casework.vault import KdfStrength
from casework.visibility import has_role

KEY_ROLES = (*RING_ROLES, Role.RECEIVER)
"""Who may have a key pair: those of the ring, and those to whom packages are sealed."""
Lock = Callable[[str], bytes]
"""Encrypts a TOTP secret for storage."""


@dataclass(frozen=True)
class Here:
    """Who acts, in which sign-in, from where and when."""

    officer: Officer
    session_id: str
    origin: SecurityNote
    now: datetime


@dataclass(frozen=True)
class NewPassword:
    """A new password as typed, twice."""

    password: str
    again: str

    def check(self, username: str) -> None:
        """Raise InvalidField where it is too weak or the two differ."""
        check_strength(self.password, username)
        if self.password != self.again:
            raise InvalidField("again", "not_the_same")


def renew_password(store: Store, here: Here, old: str, new: NewPassword) -> None:
    """Another password, for one who knows the old one; every other sign-in of his ends.

    Raises InvalidField, WrongSignIn where the old one is wrong.
    """
    new.check(here.officer.username)
    if new.password == old:
        raise InvalidField("password", "same_as_before")
    confirm_password(store, here.officer, old, now=here.now, origin=here.origin)
    verifier = hash_password(new.password)
    with store.write() as session:
        officer = _reload(session, here)
        keep_verifier(session, officer, verifier, keep=here.session_id, by=by_officer(officer), now=here.now)
        note_security(session, SecurityKind.RENEWED, officer.id, here.origin, now=here.now)


def renew_second_factor(store: Store, here: Here, secret: str, new_code: str, *, lock: Lock) -> None:
    """Another second factor, once a code of it proves that the phone has it; one of the old was asked for before.

    Every other sign-in ends. Raises InvalidField where the new code is wrong.
    """
    step = find_step(secret, new_code, here.now)
    if step is None:
        raise InvalidField("new_code", "wrong_code")
    with store.write() as session:
        officer = _reload(session, here)
        set_second_factor(session, officer, lock(secret), step=step, by=by_officer(officer), now=here.now)
        end_sessions(session, officer, SignInEnd.RENEWED, keep=here.session_id)
        note_security(session, SecurityKind.RENEWED, officer.id, here.origin, now=here.now)


def enrol(store: Store, here: Here, new: NewPassword, secret: str, code: str, *, lock: Lock) -> None:
    """The first sign-in: a password of his own, and where he has none yet a second factor, both or neither.

    Raises InvalidField, NotAllowed for one who has enrolled already.
    """
    if here.officer.initial_until is None:
        raise NotAllowed("enrol")
    new.check(here.officer.username)
    step = None
    if here.officer.totp_secret is None:
        step = find_step(secret, code, here.now)
        if step is None:
            raise InvalidField("code", "wrong_code")
    verifier = hash_password(new.password)
    with store.write() as session:
        officer = _reload(session, here)
        keep_verifier(session, officer, verifier, keep=here.session_id, by=by_officer(officer), now=here.now)
        if step is not None:
            set_second_factor(session, officer, lock(secret), step=step, by=by_officer(officer), now=here.now)
        note_security(session, SecurityKind.ENROLLED, officer.id, here.origin, now=here.now)


def renew_words(store: Store, here: Here, old: str, new: str, *, strength: KdfStrength = KdfStrength.VAULT) -> None:
    """Other words for the same key. Raises WrongPassphrase where the old ones are wrong, StaleVersion where the key
    was changed meanwhile in another sign-in.
    """
    with store.read() as session:
        before = session.get_one(Officer, here.officer.id)
        session.expunge_all()
    wrapped = rewrap_key(before, old, new, strength=strength)
    with store.write() as session:
        officer = _reload(session, here)
        if officer.wrapped_private_key != before.wrapped_private_key:
            raise StaleVersion(officer.id)
        keep_wrap(session, officer, wrapped, now=here.now)


def make_own_key(
    store: Store,
    here: Here,
    password: str,
    code: str,
    *,
    unlock: Unlock,
    strength: KdfStrength = KdfStrength.VAULT,
) -> str:
    """A key pair of his own, in place of none or of one whose words are lost; the five words, told once.

    What was wrapped to an older key is dropped, so it asks for password and code. Raises NotAllowed for a role that
    needs no key, WrongSignIn.
    """
    if not has_role(here.officer, *KEY_ROLES):
        raise NotAllowed("make_key")
    confirm_password(store, here.officer, password, now=here.now, origin=here.origin)
    confirm_code(store, here.officer.id, code, unlock, now=here.now, origin=here.origin)
    key = make_key(strength=strength)
    with store.write() as session:
        officer = _reload(session, here)
        keep_key(session, officer, key, by=by_officer(officer), now=here.now)
    return key.passphrase


def sign_out_elsewhere(session: Session, here: Here) -> int:
    """End every other sign-in of his; how many."""
    ended = end_sessions(session, here.officer, SignInEnd.ELSEWHERE, keep=here.session_id)
    note_security(session, SecurityKind.SIGNED_OUT_ELSEWHERE, here.officer.id, here.origin, now=here.now)
    return ended


def _reload(session: Session, here: Here) -> Officer:
    """His row, locked. Raises NotAllowed where he was removed while his page stood open."""
    officer = session.get_one(Officer, here.officer.id, with_for_update=True)
    if officer.removed_at is not None:
        raise NotAllowed("account")
    return officer
