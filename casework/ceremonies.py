"""Letting an officer back in whose passphrase is lost: by a colleague's open vault, or by the printed recovery key.

He has a new key pair by then (`rings.give_key_pair`); what he may open has not changed, so his allow-lists stand.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from casework.errors import NotAllowed, WrongPassphrase
from casework.ledger import SYSTEM, Actor, Verb, by_officer, record
from casework.models.columns import new_id
from casework.models.people import Officer
from casework.models.secrecy import Allowance, CaseKey, RecoveryKey, RingMember
from casework.pins import trusted_key
from casework.recovery import create_recovery_key, current_recovery_key, from_printable
from casework.rings import SignedIn, officer_private_key
from casework.vault import public_half, seal_record, unseal_record


def rewrap_cases(session: Session, officer: Officer, *, signed: SignedIn, token: str, now: datetime) -> int:
    """A colleague wraps to an officer the keys of those sealed cases on whose allow-lists both stand; how many.

    Nobody gets into a case by this whom the conflict test has kept out. Raises VaultLocked, NotAllowed (no key pair).
    """
    private = officer_private_key(signed, token)
    mine = select(CaseKey).where(CaseKey.officer_id == signed.officer.id, CaseKey.case_id.in_(_waiting(officer)))
    done = 0
    for held in session.scalars(mine).all():
        _wrap(session, officer, CaseKey, unseal_record(private, held.id, held.wrapped_key), case_id=held.case_id)
        done += 1
    _record(session, officer, by=by_officer(signed.officer), now=now, change="rewrapped", cases=done)
    return done


def restore_by_recovery(session: Session, officer: Officer, printed: str, *, by: Actor = SYSTEM, now: datetime) -> int:
    """The ceremony: the sheet from the safe is typed in, and the officer gets every ring and the cases he is allowed.

    The ledger keeps that it happened; the sheet's key is kept nowhere. Returns how many keys were wrapped. Raises
    WrongPassphrase for a wrong sheet, NotAllowed for an officer without a key pair or who has left.
    """
    if officer.public_key is None or officer.removed_at is not None:
        raise NotAllowed("restore_by_recovery")
    key, private = open_recovery_key(session, printed)
    done = 0
    has = select(RingMember.ring_id).where(RingMember.officer_id == officer.id)
    rings = select(RingMember).where(RingMember.recovery_key_id == key.id, RingMember.ring_id.not_in(has))
    for ring in session.scalars(rings).all():
        _wrap(session, officer, RingMember, unseal_record(private, ring.id, ring.wrapped_key), ring_id=ring.ring_id)
        done += 1
    cases = select(CaseKey).where(CaseKey.recovery_key_id == key.id, CaseKey.case_id.in_(_waiting(officer)))
    for held in session.scalars(cases).all():
        _wrap(session, officer, CaseKey, unseal_record(private, held.id, held.wrapped_key), case_id=held.case_id)
        done += 1
    _record(session, officer, by=by, now=now, change="recovered", keys=done)
    return done


def count_rewrappable(session: Session, officer: Officer, *, by: Officer) -> int:
    """How many sealed cases of `by`'s own he could open to this officer again; he learns of no other case."""
    mine = select(func.count()).select_from(CaseKey).where(CaseKey.officer_id == by.id)
    return session.scalar(mine.where(CaseKey.case_id.in_(_waiting(officer)))) or 0


def open_recovery_key(session: Session, printed: str) -> tuple[RecoveryKey, bytes]:
    """The recovery key in force with its private half as typed. Raises WrongPassphrase for a wrong or older sheet."""
    key, private = current_recovery_key(session), from_printable(printed)
    if public_half(private) != key.public_key:
        raise WrongPassphrase
    return key, private


def renew_recovery_key(session: Session, printed: str, *, by: Actor, now: datetime) -> str:
    """Another sheet for the safe: whatever the old one opens is wrapped to the new one, and the old one opens nothing.

    Returns the new one as it is to be printed; it is kept nowhere. Raises WrongPassphrase for a wrong sheet.
    """
    old, private = open_recovery_key(session, printed)
    old.retired_at = now
    new, sheet = create_recovery_key(session, before=(old.id, private), by=by, now=now)
    held: list[RingMember | CaseKey] = [
        *session.scalars(select(RingMember).where(RingMember.recovery_key_id == old.id)),
        *session.scalars(select(CaseKey).where(CaseKey.recovery_key_id == old.id)),
    ]
    for row in held:
        row.wrapped_key = seal_record(new.public_key, row.id, unseal_record(private, row.id, row.wrapped_key))
        row.recovery_key_id = new.id
    record(
        session,
        actor=by,
        verb=Verb.RING_CHANGED,
        subject="recovery_key",
        subject_id=new.id,
        details={"change": "renewed"},
        now=now,
    )
    session.flush()
    return sheet


def _waiting(officer: Officer) -> Select[str]:
    has = select(CaseKey.case_id).where(CaseKey.officer_id == officer.id)
    return select(Allowance.case_id).where(Allowance.officer_id == officer.id, Allowance.case_id.not_in(has))


def _wrap(
    session: Session,
    officer: Officer,
    model: type[CaseKey] | type[RingMember],
    payload: Mapping[str, str],
    **whose: str,
) -> None:
    """The key that `payload` holds, wrapped to the officer as a row of this table."""
    public_key = trusted_key(session, officer)
    if public_key is None:
        raise NotAllowed("rewrap_cases")
    row_id = new_id()
    wrapped = seal_record(public_key, row_id, {"key": payload["key"]})
    session.add(model(id=row_id, officer_id=officer.id, wrapped_key=wrapped, **whose))


def _record(session: Session, officer: Officer, *, by: Actor, now: datetime, **details: str | int) -> None:
    record(
        session,
        actor=by,
        verb=Verb.RING_CHANGED,
        subject="officer",
        subject_id=officer.id,
        details=details,
        now=now,
    )
    session.flush()
