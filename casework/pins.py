"""Pinned keys: every public key that anything is sealed to stands in the chained ledger too, and the ledger decides.

A key swapped in its table is found, logged and passed over: what comes is sealed to the key that was made here. A new
recovery key counts only with the old one's signature.
"""

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from casework.ledger import Actor, Verb, record
from casework.models.ledger import LedgerEntry, LedgerLink
from casework.models.people import Body, Officer
from casework.models.secrecy import RecoveryKey, Ring
from casework.secrets import derive_key

logger = logging.getLogger("hotline.keys")

SUBJECT = "key"
RECOVERY = "recovery"
PRINT_DIGITS = 16
PUBLIC = re.compile(r"[0-9a-f]{64}")
PINNED = (
    select(LedgerEntry.id, LedgerEntry.at, LedgerEntry.subject_id, LedgerEntry.details)
    .outerjoin(LedgerLink, LedgerLink.entry_id == LedgerEntry.id)
    .where(LedgerEntry.subject_id.in_(bindparam("of", expanding=True)), LedgerEntry.verb == Verb.KEY_PINNED.value)
    .order_by(LedgerLink.block_id.is_(None), LedgerLink.block_id, LedgerLink.position, LedgerEntry.id)
)
"""In the order of the chain, what is not linked yet at the end: nobody slips one in before the first."""


class PinKind(StrEnum):
    """Whose key it is."""

    RECOVERY = "recovery"
    RING = "ring"
    OFFICER = "officer"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Pin:
    """One key as the ledger tells it: which row's, its public half, since when, whether others may know its words."""

    of: str
    key_id: str
    public: bytes
    at: datetime
    entry: int
    starting: bool = False


@dataclass(frozen=True, slots=True)
class PinEntry:
    """A ledger entry about a key."""

    id: int
    at: datetime
    subject_id: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KeyFault:
    """A key that is not the one in the ledger; `name` is the officer's or body's, `since` when the ledger's came."""

    kind: PinKind
    name: str = ""
    since: datetime | None = None


def short_print(public: bytes) -> str:
    """Sixteen digits in four groups that stand for a public key, to be read out and printed (pure)."""
    number = int.from_bytes(hashlib.sha256(b"hotline/fingerprint" + public).digest()[:8])
    digits = str(number % 10**PRINT_DIGITS).zfill(PRINT_DIGITS)
    return " ".join(digits[start : start + 4] for start in range(0, PRINT_DIGITS, 4))


def print_age_key(key: str) -> str:
    """The first sixteen signs of an age key's SHA-256 in four groups, as `printf %s KEY | sha256sum` shows them (pure).

    So the body that gave us the key can tell its fingerprint without anything of ours.
    """
    return group_print(digest_age_key(key))


def group_print(digest: bytes) -> str:
    """The first sixteen hexadecimal signs in four groups (pure)."""
    signs = digest.hex()[:PRINT_DIGITS]
    return " ".join(signs[start : start + 4] for start in range(0, PRINT_DIGITS, 4))


def digest_age_key(key: str) -> bytes:
    """SHA-256 of an age key's text, under which it is pinned (pure)."""
    return hashlib.sha256(key.encode()).digest()


def pin_recovery(
    session: Session, row: RecoveryKey, private: bytes, *, before: tuple[str, bytes] | None, by: Actor, now: datetime
) -> None:
    """Write a recovery key into the ledger, with its own signing half; `before` is the old one's id and private half.

    Only the first may come without an older one that signs for it.
    """
    told = {"public_key": row.public_key.hex(), "signs": bytes(_signing(private).verify_key).hex()}
    if before is not None:
        old_id, old_private = before
        signature = _signing(old_private).sign(_said(row.id, told["public_key"], told["signs"])).signature
        told |= {"replaces": old_id, "signature": signature.hex()}
    _pin(session, RECOVERY, row.id, told, by, now)


def pin_ring(session: Session, ring: Ring, *, by: Actor, now: datetime) -> None:
    """Write a ring's new public half into the ledger."""
    _pin(session, _of_ring(ring.name), ring.id, {"public_key": ring.public_key.hex()}, by, now)


def pin_officer(session: Session, officer: Officer, *, starting: bool = False, by: Actor, now: datetime) -> None:
    """Write an officer's new public half into the ledger; `starting` says that its words stood on another's screen."""
    if officer.public_key is not None:
        told: dict[str, str | bool] = {"public_key": officer.public_key.hex()}
        _pin(session, name_officer(officer.id), officer.id, told | ({"starting": True} if starting else {}), by, now)


def pin_body(session: Session, body: Body, *, by: Actor, now: datetime) -> None:
    """Write the age key that a receiving body gave us into the ledger, by its SHA-256."""
    if body.age_public_key is not None:
        told = {"public_key": digest_age_key(body.age_public_key).hex()}
        _pin(session, name_body(body.code), body.code, told, by, now)


def find_recovery_pin(session: Session) -> Pin | None:
    """The recovery key in force: from the first one on, each signed for by the one before."""
    line = _follow(_list_entries(session, [RECOVERY]))
    return _read(line[-1]) if line else None


def find_ring_pin(session: Session, name: str) -> Pin | None:
    """The newest generation of a ring. A row's key never changes, so a second entry about the same row counts for
    nothing.
    """
    first: dict[str, Pin] = {}
    for pin in map(_read, _list_entries(session, [_of_ring(name)])):
        first.setdefault(pin.key_id, pin)
    return list(first.values())[-1] if first else None


def find_officer_pins(session: Session, officer_ids: Iterable[str]) -> dict[str, Pin]:
    """Each officer's newest key, by his id."""
    entries = _list_entries(session, [name_officer(ident) for ident in officer_ids])
    return {pin.key_id: pin for pin in map(_read, entries)}


def find_body_pins(session: Session, codes: Iterable[str]) -> dict[str, Pin]:
    """Each receiving body's newest age key, by its code; `public` is the SHA-256 of the key."""
    entries = _list_entries(session, [name_body(code) for code in codes])
    return {pin.key_id: pin for pin in map(_read, entries)}


def find_first_pin(session: Session, officer_id: str, public: bytes) -> Pin | None:
    """The entry with which this very key of his came; one that says it once more moves nothing."""
    told = map(_read, _list_entries(session, [name_officer(officer_id)]))
    return next((pin for pin in told if pin.public == public), None)


def right_key(row: RecoveryKey | Ring, pin: Pin) -> None:
    """Put the ledger's key in the place of a swapped one, in this session alone; the log says so, the row stays as
    evidence.
    """
    if row.public_key != pin.public:
        logger.error("key_swapped", extra={"key": pin.of})
        set_committed_value(row, "public_key", pin.public)


def trusted_key(session: Session, officer: Officer) -> bytes | None:
    """The public half that something for this officer may be sealed to; None where he has none that the ledger knows.

    A swapped one in his row is passed over for the ledger's, and the log says so.
    """
    if officer.public_key is None:
        return None
    pin = find_officer_pins(session, [officer.id]).get(officer.id)
    if pin is None or pin.public != officer.public_key:
        logger.error("key_swapped", extra={"key": PinKind.OFFICER.value})
    return pin.public if pin is not None else None


def is_starting(session: Session, officer_id: str) -> bool:
    """Whether the words of his key stood on somebody else's screen, so that he has to make his own first."""
    pin = find_officer_pins(session, [officer_id]).get(officer_id)
    return pin is not None and pin.starting


def is_first_sheet(session: Session) -> bool:
    """Whether the recovery key in force is still the one that was shown to whoever set the vault up."""
    return len(_follow(_list_entries(session, [RECOVERY]))) == 1


def find_faults(session: Session) -> list[KeyFault]:
    """Every key in force that is not the one in the ledger: four short queries of rows, as many of the ledger."""
    faults = [*_check_recovery(session), *_check_rings(session)]
    query = select(Officer.id, Officer.name, Officer.public_key).where(
        Officer.public_key.is_not(None), Officer.removed_at.is_(None)
    )
    officers = session.execute(query.order_by(Officer.username)).all()
    pins = find_officer_pins(session, [ident for ident, _, _ in officers])
    for ident, name, public in officers:
        pin = pins.get(ident)
        if pin is None or pin.public != public:
            faults.append(KeyFault(PinKind.OFFICER, name, pin.at if pin else None))
    return [*faults, *_check_bodies(session)]


def _check_recovery(session: Session) -> list[KeyFault]:
    told = _list_entries(session, [RECOVERY])
    line = _follow(told)
    rows = session.execute(select(RecoveryKey.id, RecoveryKey.public_key).where(RecoveryKey.retired_at.is_(None)))
    alive = {row.id: row.public_key for row in rows}
    if not line:
        return [KeyFault(PinKind.RECOVERY)] if alive else []
    pin = _read(line[-1])
    is_whole = alive == {pin.key_id: pin.public} and len(line) == len(told)
    return [] if is_whole else [KeyFault(PinKind.RECOVERY, since=pin.at)]


def _check_rings(session: Session) -> list[KeyFault]:
    faults = []
    alive = session.execute(select(Ring.id, Ring.name, Ring.public_key).where(Ring.retired_at.is_(None))).all()
    for ident, name, public in alive:
        pin = find_ring_pin(session, name)
        if pin is None or pin.key_id != ident or pin.public != public:
            faults.append(KeyFault(PinKind.RING, since=pin.at if pin else None))
    return faults


def _check_bodies(session: Session) -> list[KeyFault]:
    query = select(Body.code, Body.name, Body.age_public_key).where(Body.age_public_key.is_not(None), Body.active)
    bodies = session.execute(query.order_by(Body.code)).all()
    pins = find_body_pins(session, [code for code, _, _ in bodies])
    faults = []
    for code, name, key in bodies:
        pin = pins.get(code)
        if pin is None or pin.public != digest_age_key(key or ""):
            faults.append(KeyFault(PinKind.BODY, name, pin.at if pin else None))
    return faults


def _pin(
    session: Session, of: str, key_id: str, told: dict[str, str] | dict[str, str | bool], by: Actor, now: datetime
) -> None:
    details = {"key": key_id, **told}
    record(session, actor=by, verb=Verb.KEY_PINNED, subject=SUBJECT, subject_id=of, details=details, now=now)
    session.flush()


def _list_entries(session: Session, of: list[str]) -> list[PinEntry]:
    """Read past the session: whoever pins a key has flushed it; nothing else need be written for a look at one."""
    entries = (PinEntry(*row) for row in session.connection().execute(PINNED, {"of": of}))
    return [entry for entry in entries if _is_readable(entry)]


def _is_readable(entry: PinEntry) -> bool:
    """A slipped-in entry that says nothing sensible stops nobody's report."""
    key, public = entry.details.get("key"), entry.details.get("public_key")
    return isinstance(key, str) and isinstance(public, str) and PUBLIC.fullmatch(public) is not None


def _follow(entries: list[PinEntry]) -> list[PinEntry]:
    line = entries[:1]
    for entry in entries[1:]:
        if _is_vouched(line[-1], entry):
            line.append(entry)
    return line


def _read(entry: PinEntry) -> Pin:
    told = entry.details
    public, starting = bytes.fromhex(told["public_key"]), bool(told.get("starting"))
    return Pin(entry.subject_id, told["key"], public, entry.at, entry.id, starting)


def _is_vouched(old: PinEntry, new: PinEntry) -> bool:
    said, told = old.details, new.details
    if told.get("replaces") != said["key"]:
        return False
    try:
        signed = _said(told["key"], told["public_key"], told["signs"])
        VerifyKey(bytes.fromhex(said["signs"])).verify(signed, bytes.fromhex(told["signature"]))
    except (CryptoError, ValueError, KeyError, TypeError):
        return False
    return True


def _said(key_id: str, public: str, signs: str) -> bytes:
    return f"hotline/recovery/1|{key_id}|{public}|{signs}".encode()


def _signing(private: bytes) -> SigningKey:
    return SigningKey(derive_key(private, "hotline/sign/recovery"))


def _of_ring(name: str) -> str:
    return f"ring-{name}"


def name_officer(ident: str) -> str:
    """Under which subject an officer's key stands in the ledger (pure)."""
    return f"officer-{ident}"


def name_body(code: str) -> str:
    """Under which subject a receiving body's age key stands in the ledger (pure)."""
    return f"body-{code}"
