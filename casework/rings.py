"""Who can open what: the officers' key pairs, the identity ring, and the recovery key that lies printed in a safe.

The server holds public halves. A private half is open only in the live sign-in of a member, under the token that only
his cookie has.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from casework.errors import BrokenSeal, LastMember, NotAllowed, VaultLocked, VaultNotSetUp
from casework.ledger import SYSTEM, Actor, Verb, by_officer, record
from casework.models.columns import new_id
from casework.models.people import Officer, OfficerSession
from casework.models.secrecy import Allowance, CaseKey, RecoveryKey, Ring, RingMember
from casework.passphrases import generate_passphrase
from casework.pins import find_ring_pin, is_starting, pin_officer, pin_ring, right_key, trusted_key
from casework.recovery import current_recovery_key
from casework.signatures import Signer, signing_public
from casework.signingkeys import ensure_signing_key, give_signing_key
from casework.vault import (
    KdfStrength,
    generate_key_pair,
    seal_record,
    unseal_record,
    unwrap_for_token,
    unwrap_private_key,
    wrap_for_token,
    wrap_private_key,
)

IDENTITY_RING = "identity"


class SignedIn(Protocol):
    """A live sign-in: the officer and his session row (`casework.officers.Signed`)."""

    @property
    def officer(self) -> Officer: ...

    @property
    def session_row(self) -> OfficerSession: ...


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key pair just made: its words, told once and stored nowhere, its public half, its wrapped private half."""

    passphrase: str = field(repr=False)
    public: bytes
    signing: bytes
    wrapped: bytes = field(repr=False)


def current_ring(session: Session, name: str = IDENTITY_RING) -> Ring:
    """The newest generation of a ring, to which whatever comes now is sealed. Raises VaultNotSetUp if there is none."""
    pin = find_ring_pin(session, name)
    with session.no_autoflush:  # a ring is flushed when it is pinned; what else waits can be written together later
        row = session.get(Ring, pin.key_id) if pin is not None else None
    if row is None or pin is None:
        raise VaultNotSetUp("ring")
    right_key(row, pin)
    return row


def give_key_pair(
    session: Session,
    officer: Officer,
    *,
    strength: KdfStrength = KdfStrength.VAULT,
    starting: bool = False,
    by: Actor,
    now: datetime,
) -> str:
    """Give an officer a new key pair under a generated passphrase of five words, which is returned and not stored.

    Whatever was wrapped to an older pair of his is dropped; colleagues wrap it anew (`add_member`, `share_case`).
    """
    key = make_key(strength=strength)
    keep_key(session, officer, key, starting=starting, by=by, now=now)
    return key.passphrase


def make_key(*, strength: KdfStrength = KdfStrength.VAULT) -> NewKey:
    """A new key pair under five generated words. Takes about a second, so never inside a writing unit of work."""
    passphrase, pair = generate_passphrase(), generate_key_pair()
    wrapped = wrap_private_key(pair.private, passphrase, strength=strength)
    return NewKey(passphrase, pair.public, signing_public(pair.private, Signer.OFFICER), wrapped)


def keep_key(
    session: Session, officer: Officer, key: NewKey, *, starting: bool = False, by: Actor, now: datetime
) -> None:
    """From now on this is the officer's key pair; what was wrapped to an older one of his is dropped.

    `starting`: somebody else has seen its words, so he has to make his own before he opens anything.
    """
    officer.public_key, officer.wrapped_private_key, officer.trust_note = key.public, key.wrapped, None
    _drop_wraps(session, officer)
    _lock_everywhere(session, officer)
    give_signing_key(session, officer, key.signing, by=by, now=now)
    pin_officer(session, officer, starting=starting, by=by, now=now)
    record(
        session,
        actor=by,
        verb=Verb.OFFICER_CHANGED,
        subject="officer",
        subject_id=officer.id,
        details={"key": "new"},
        now=now,
    )
    session.flush()


def change_passphrase(
    session: Session, officer: Officer, old: str, new: str, *, strength: KdfStrength = KdfStrength.VAULT, now: datetime
) -> None:
    """Wrap the officer's own private half under another passphrase. Raises WrongPassphrase if `old` is wrong."""
    keep_wrap(session, officer, rewrap_key(officer, old, new, strength=strength), now=now)


def rewrap_key(officer: Officer, old: str, new: str, *, strength: KdfStrength = KdfStrength.VAULT) -> bytes:
    """The officer's private half under another passphrase; takes two seconds, so never inside a writing unit of work.

    Raises WrongPassphrase if `old` is wrong, NotAllowed for an officer without a key pair.
    """
    return wrap_private_key(unlock_key(officer, old), new, strength=strength)


def keep_wrap(session: Session, officer: Officer, wrapped: bytes, *, now: datetime) -> None:
    """From now on the new passphrase opens the officer's key, which itself stays."""
    officer.wrapped_private_key = wrapped
    record(
        session,
        actor=by_officer(officer),
        verb=Verb.OFFICER_CHANGED,
        subject="officer",
        subject_id=officer.id,
        details={"key": "passphrase"},
        now=now,
    )
    session.flush()


def create_ring(
    session: Session, name: str, members: Sequence[Officer], *, recovery: RecoveryKey, by: Actor = SYSTEM, now: datetime
) -> Ring:
    """A ring's next generation, its private half wrapped to each member and to the recovery key; older ones retire.

    Raises LastMember without a member that has a key pair.
    """
    if not any(member.public_key for member in members):
        raise LastMember
    pair = generate_key_pair()
    latest = session.scalar(select(func.max(Ring.generation)).where(Ring.name == name)) or 0
    for old in session.scalars(select(Ring).where(Ring.name == name, Ring.retired_at.is_(None))):
        old.retired_at = now
    ring = Ring(id=new_id(), name=name, generation=latest + 1, public_key=pair.public, created_at=now)
    session.add(ring)
    session.flush()
    for member in members:
        _wrap_ring(session, ring, pair.private, officer=member)
    _wrap_ring(session, ring, pair.private, recovery=recovery)
    pin_ring(session, ring, by=by, now=now)
    record(
        session,
        actor=by,
        verb=Verb.RING_CREATED,
        subject="ring",
        subject_id=ring.id,
        details={"generation": latest + 1},
        now=now,
    )
    session.flush()
    return ring


def list_members(session: Session, ring: Ring) -> list[Officer]:
    """The officers that hold this generation's private half."""
    query = select(Officer).join(RingMember, RingMember.officer_id == Officer.id).where(RingMember.ring_id == ring.id)
    return list(session.scalars(query.order_by(Officer.username)))


def is_holder(session: Session, officer_id: str) -> bool:
    """Whether an officer stands in the present ring."""
    return any(member.id == officer_id for member in list_members(session, current_ring(session)))


def add_member(
    session: Session, officer: Officer, *, signed: SignedIn, token: str, name: str = IDENTITY_RING, now: datetime
) -> int:
    """Let an officer in: a member whose vault is open wraps to him every generation he holds himself; how many.

    Raises VaultLocked if the member's vault is closed, NotAllowed if he holds nothing or the officer has no key pair.
    """
    if officer.public_key is None or officer.removed_at is not None:
        raise NotAllowed("add_member")
    private = officer_private_key(signed, token)
    shared = 0
    for ring, held in _held_rings(session, signed.officer, name):
        if _find_member(session, ring, officer) is None:
            key = bytes.fromhex(unseal_record(private, held.id, held.wrapped_key)["key"])
            _wrap_ring(session, ring, key, officer=officer)
            shared += 1
    if not shared:
        raise NotAllowed("add_member")
    _record_change(session, officer, "added", by_officer(signed.officer), now)
    return shared


def remove_member(session: Session, officer: Officer, *, by: Actor, name: str = IDENTITY_RING, now: datetime) -> Ring:
    """Put an officer out: his wraps of rings and cases and his sign-ins go, and what follows gets a new ring key.

    Nobody's key is needed. Raises LastMember if he is the only member, or the only one who can open some sealed case.
    """
    ring = current_ring(session, name)
    staying = [member for member in list_members(session, ring) if member.id != officer.id]
    if not staying or _holds_alone(session, officer):
        raise LastMember
    _drop_wraps(session, officer)
    session.execute(delete(Allowance).where(Allowance.officer_id == officer.id))
    session.execute(delete(OfficerSession).where(OfficerSession.officer_id == officer.id))
    _record_change(session, officer, "removed", by, now)
    return create_ring(session, name, staying, recovery=current_recovery_key(session), by=by, now=now)


def open_ring(session: Session, signed: SignedIn, token: str, passphrase: str, *, now: datetime) -> None:
    """Unlock the officer's key and keep it open in one step, where nobody waits for the unit of work.

    Raises WrongPassphrase, or NotAllowed for an officer without a key pair.
    """
    keep_ring_open(session, signed, token, unlock_key(signed.officer, passphrase), now=now)


def unlock_key(officer: Officer, passphrase: str) -> bytes:
    """The officer's private half. Takes about a second and a turn at Argon2, so never inside a writing unit of work.

    Raises WrongPassphrase, or NotAllowed for an officer without a key pair.
    """
    if officer.wrapped_private_key is None:
        raise NotAllowed("open_ring")
    return unwrap_private_key(officer.wrapped_private_key, passphrase)


def keep_ring_open(session: Session, signed: SignedIn, token: str, private_key: bytes, *, now: datetime) -> None:
    """From now on the unlocked key lies in this sign-in's row under the cookie's token; the ledger remembers it.

    An officer without a signing key gets his. Raises BrokenSeal where his public key was changed behind his back,
    NotAllowed where others have seen his words and he has yet to make his own.
    """
    if is_starting(session, signed.officer.id):
        raise NotAllowed("own_key_first")
    ensure_signing_key(session, signed.officer, private_key, now=now)
    signed.session_row.wrapped_ring_key = wrap_for_token(private_key, token, signed.session_row.id)
    _record_opening(session, signed, Verb.RING_OPENED, now)


def close_ring(session: Session, signed: SignedIn, *, now: datetime) -> None:
    """Lock the officer's key again before the sign-in ends."""
    signed.session_row.wrapped_ring_key = None
    _record_opening(session, signed, Verb.RING_CLOSED, now)


def is_ring_open(signed: SignedIn) -> bool:
    """Whether the officer's key is open in this sign-in."""
    return signed.session_row.wrapped_ring_key is not None


def officer_private_key(signed: SignedIn, token: str) -> bytes:
    """The officer's own private half, in his live sign-in alone. Raises VaultLocked if this token does not open it."""
    wrapped = signed.session_row.wrapped_ring_key
    if wrapped is None or signed.officer.removed_at is not None:
        raise VaultLocked
    try:
        return unwrap_for_token(wrapped, token, signed.session_row.id)
    except BrokenSeal as error:
        raise VaultLocked from error


def ring_private_key(session: Session, officer: Officer, private_key: bytes, ring_id: str) -> bytes:
    """A ring's private half, opened by a member's own. Raises NotAllowed for an officer who is no member."""
    held = session.scalar(select(RingMember).where(RingMember.ring_id == ring_id, RingMember.officer_id == officer.id))
    if held is None:
        raise NotAllowed("open_ring")
    return bytes.fromhex(unseal_record(private_key, held.id, held.wrapped_key)["key"])


def _lock_everywhere(session: Session, officer: Officer) -> None:
    for row in session.scalars(select(OfficerSession).where(OfficerSession.officer_id == officer.id)):
        row.wrapped_ring_key = None


def _drop_wraps(session: Session, officer: Officer) -> None:
    session.execute(delete(RingMember).where(RingMember.officer_id == officer.id))
    session.execute(delete(CaseKey).where(CaseKey.officer_id == officer.id))


def _holds_alone(session: Session, officer: Officer) -> bool:
    others = select(CaseKey.case_id).where(CaseKey.officer_id.is_not(None), CaseKey.officer_id != officer.id)
    alone = select(CaseKey.id).where(CaseKey.officer_id == officer.id, CaseKey.case_id.not_in(others)).limit(1)
    return session.scalar(alone) is not None


def _held_rings(session: Session, officer: Officer, name: str) -> list[tuple[Ring, RingMember]]:
    query = select(Ring, RingMember).join(RingMember, RingMember.ring_id == Ring.id)
    rows = session.execute(query.where(Ring.name == name, RingMember.officer_id == officer.id)).all()
    return [(ring, member) for ring, member in rows]


def _find_member(session: Session, ring: Ring, officer: Officer) -> RingMember | None:
    query = select(RingMember).where(RingMember.ring_id == ring.id, RingMember.officer_id == officer.id)
    return session.scalar(query)


def _wrap_ring(
    session: Session,
    ring: Ring,
    private_key: bytes,
    *,
    officer: Officer | None = None,
    recovery: RecoveryKey | None = None,
) -> None:
    public_key = trusted_key(session, officer) if officer is not None else recovery.public_key if recovery else None
    if public_key is None:
        return
    row_id = new_id()
    session.add(
        RingMember(
            id=row_id,
            ring_id=ring.id,
            officer_id=officer.id if officer is not None else None,
            recovery_key_id=recovery.id if recovery is not None else None,
            wrapped_key=seal_record(public_key, row_id, {"key": private_key.hex()}),
        )
    )


def _record_change(session: Session, officer: Officer, change: str, by: Actor, now: datetime) -> None:
    details = {"change": change}
    record(
        session, actor=by, verb=Verb.RING_CHANGED, subject="officer", subject_id=officer.id, details=details, now=now
    )
    session.flush()


def _record_opening(session: Session, signed: SignedIn, verb: Verb, now: datetime) -> None:
    actor = by_officer(signed.officer)
    record(session, actor=actor, verb=verb, subject="officer", subject_id=signed.officer.id, now=now)
    session.flush()
