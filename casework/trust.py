"""What an officer trusts: the keys as he last confirmed them, in a record that only his own private half opens.

Whoever writes the database and the ledger's tail can put a key in another's place; he can't write this record.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.ledger import Verb, by_officer, record
from casework.models.ledger import LedgerEntry
from casework.models.people import Body, Officer
from casework.models.secrecy import RingMember
from casework.pins import (
    RECOVERY,
    Pin,
    PinKind,
    find_body_pins,
    find_faults,
    find_first_pin,
    find_officer_pins,
    find_recovery_pin,
    find_ring_pin,
    group_print,
    name_body,
    short_print,
)
from casework.rings import IDENTITY_RING, current_ring
from casework.secrets import NONCE_BYTES, derive_key
from casework.types import Role
from casework.vault import public_half
from casework.visibility import has_role

VERSION = b"\x01"
RING = "ring"


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """One key that things are sealed to: whose, its fingerprint to be read out, since when by the ledger."""

    ident: str
    kind: PinKind
    name: str
    digits: str
    since: datetime | None
    whole: str


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A key that is not as he confirmed it; `is_new` where he never saw one there, `own` where it is his own."""

    key: TrustedKey
    is_new: bool = False
    own: bool = False


def list_keys(session: Session, officer: Officer) -> list[TrustedKey]:
    """Every key that is sealed to now, by the ledger: recovery, ring, his colleagues' of the vault, the receivers'."""
    keys = []
    for ident, kind, pin in (
        (RECOVERY, PinKind.RECOVERY, find_recovery_pin(session)),
        (RING, PinKind.RING, find_ring_pin(session, IDENTITY_RING)),
    ):
        if pin is not None:
            keys.append(_to_key(ident, kind, "", pin))
    others = [each for each in _list_colleagues(session) if each.id != officer.id]
    pins = find_officer_pins(session, [each.id for each in others])
    keys += [_to_key(each.id, PinKind.OFFICER, each.name, pins[each.id]) for each in others if each.id in pins]
    bodies = session.scalars(select(Body).where(Body.active).order_by(Body.code)).all()
    told = find_body_pins(session, [each.code for each in bodies])
    keys += [
        _to_key(name_body(each.code), PinKind.BODY, each.name, told[each.code]) for each in bodies if each.code in told
    ]
    return keys


def compare_keys(session: Session, officer: Officer, private_key: bytes) -> tuple[KeyChange, ...]:
    """What is not as he last confirmed it; nothing where he confirms for the first time.

    His own key in row and ledger has to be the one that his words opened. A row that is not as the ledger says is a
    change too, whoever confirmed what.
    """
    own = find_officer_pins(session, [officer.id]).get(officer.id)
    mine = public_half(private_key)
    changes = []
    if own is None or own.public != mine or officer.public_key != mine:
        changes.append(KeyChange(_own_key(officer, own), own=True))
    keys = list_keys(session, officer)
    is_first = officer.trust_note is None and not _has_confirmed(session, officer, mine)
    known = {key.ident: key.whole for key in keys} if is_first else _read(officer, private_key)
    broken = {(fault.kind, fault.name) for fault in find_faults(session)}
    changes += [
        KeyChange(key, is_new=key.ident not in known)
        for key in keys
        if known.get(key.ident) != key.whole or (key.kind, key.name) in broken
    ]
    return tuple(changes)


def digest_changes(changes: Sequence[KeyChange]) -> str:
    """What the page showed, so that nothing else is confirmed than what he saw (pure)."""
    said = "|".join(f"{each.key.ident}={each.key.whole}" for each in changes)
    return hashlib.sha256(said.encode()).hexdigest()


def keep_trust(session: Session, officer: Officer, private_key: bytes, *, now: datetime) -> None:
    """From now on the keys as the ledger has them are those he has confirmed; the ledger remembers that he did."""
    known = {key.ident: key.whole for key in list_keys(session, officer)}
    if officer.trust_note is not None and _read(officer, private_key) == known:
        return
    _write(session, officer, private_key, known, now)


def trust_key(session: Session, officer: Officer, private_key: bytes, ident: str, *, now: datetime) -> None:
    """He has just heard or made this one key himself; the others stay as he confirmed them."""
    now_known = {key.ident: key.whole for key in list_keys(session, officer)}
    if officer.trust_note is not None and ident in now_known:
        _write(session, officer, private_key, _read(officer, private_key) | {ident: now_known[ident]}, now)


def _write(session: Session, officer: Officer, private_key: bytes, known: Mapping[str, str], now: datetime) -> None:
    nonce = os.urandom(NONCE_BYTES)
    body = json.dumps(known, sort_keys=True).encode()
    officer.trust_note = VERSION + nonce + _cipher(officer, private_key).encrypt(nonce, body, VERSION)
    record(
        session,
        actor=by_officer(officer),
        verb=Verb.KEYS_CONFIRMED,
        subject="key",
        subject_id=_subject(officer),
        details={"keys": len(known)},
        now=now,
    )
    session.flush()


def _read(officer: Officer, private_key: bytes) -> dict[str, str]:
    blob = officer.trust_note or b""
    nonce, body = blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :]
    try:
        known = json.loads(_cipher(officer, private_key).decrypt(nonce, body, blob[:1]))
    except (InvalidTag, ValueError):
        return {}
    return dict(known)


def _cipher(officer: Officer, private_key: bytes) -> AESGCM:
    return AESGCM(derive_key(private_key, "hotline/trust", salt=officer.id.encode()))


def _has_confirmed(session: Session, officer: Officer, mine: bytes) -> bool:
    """Whether his record should be there: he confirmed since the key that his words opened first came."""
    first = find_first_pin(session, officer.id, mine)
    query = select(LedgerEntry.id).where(
        LedgerEntry.subject_id == _subject(officer), LedgerEntry.verb == Verb.KEYS_CONFIRMED.value
    )
    newest = session.scalars(query.order_by(LedgerEntry.id.desc()).limit(1)).first()
    return newest is not None and (first is None or newest > first.entry)


def _list_colleagues(session: Session) -> list[Officer]:
    """Those in the ring, and the clue officers with a key: cases are sealed to them."""
    inside = select(RingMember.officer_id).where(
        RingMember.ring_id == current_ring(session).id, RingMember.officer_id.is_not(None)
    )
    query = select(Officer).where(Officer.public_key.is_not(None), Officer.removed_at.is_(None))
    holders = set(session.scalars(select(Officer.id).where(Officer.id.in_(inside))))
    people = session.scalars(query.order_by(Officer.username)).all()
    return [each for each in people if each.id in holders or has_role(each, Role.CLUE_OFFICER)]


def _own_key(officer: Officer, pin: Pin | None) -> TrustedKey:
    if pin is not None:
        return _to_key(officer.id, PinKind.OFFICER, officer.name, pin)
    return TrustedKey(officer.id, PinKind.OFFICER, officer.name, "", None, "")


def _to_key(ident: str, kind: PinKind, name: str, pin: Pin) -> TrustedKey:
    whole = hashlib.sha256(pin.public).hexdigest()
    digits = group_print(pin.public) if kind is PinKind.BODY else short_print(pin.public)
    return TrustedKey(ident, kind, name, digits, pin.at, whole)


def _subject(officer: Officer) -> str:
    return f"trust-{officer.id}"
