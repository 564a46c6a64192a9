"""Letting an officer back in whose passphrase is lost: by a colleague's open vault, or by the printed recovery key.

He has a new key pair by then (`rings.give_key_pair`); what he may open has not changed, so his allow-lists stand.
"""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from casework.errors import NotAllowed, WrongPassphrase
from casework.ledger import SYSTEM, Verb, by_officer, record
from casework.models.columns import new_id
from casework.models.people import Officer
from casework.models.secrecy import Allowance, CaseKey, RingMember
from casework.recovery import current_recovery_key, from_printable
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
        _wrap_case(session, officer, held.case_id, unseal_record(private, held.id, held.wrapped_key)["key"])
        done += 1
    actor = by_officer(signed.officer)
    details = {"change": "rewrapped", "cases": done}
    record(
        session,
        actor=actor,
        verb=Verb.RING_CHANGED,
        subject="officer",
        subject_id=officer.id,
        details=details,
        now=now,
    )
    session.flush()
    return done


def restore_by_recovery(session: Session, officer: Officer, printed: str, *, now: datetime) -> int:
    """The ceremony: the sheet from the safe is typed in, and the officer gets every ring and the cases he is allowed.

    The ledger keeps that it happened; the sheet's key is kept nowhere. Returns how many keys were wrapped. Raises
    WrongPassphrase for a wrong sheet, NotAllowed for an officer without a key pair or who has left.
    """
    if officer.public_key is None or officer.removed_at is not None:
        raise NotAllowed("restore_by_recovery")
    key, private = current_recovery_key(session), from_printable(printed)
    if public_half(private) != key.public_key:
        raise WrongPassphrase
    done = 0
    for ring in session.scalars(select(RingMember).where(RingMember.recovery_key_id == key.id)).all():
        done += _wrap_ring(session, officer, ring.ring_id, unseal_record(private, ring.id, ring.wrapped_key)["key"])
    cases = select(CaseKey).where(CaseKey.recovery_key_id == key.id, CaseKey.case_id.in_(_waiting(officer)))
    for held in session.scalars(cases).all():
        _wrap_case(session, officer, held.case_id, unseal_record(private, held.id, held.wrapped_key)["key"])
        done += 1
    details = {"change": "recovered", "keys": done}
    record(
        session,
        actor=SYSTEM,
        verb=Verb.RING_CHANGED,
        subject="officer",
        subject_id=officer.id,
        details=details,
        now=now,
    )
    session.flush()
    return done


def _waiting(officer: Officer) -> Select[str]:
    has = select(CaseKey.case_id).where(CaseKey.officer_id == officer.id)
    return select(Allowance.case_id).where(Allowance.officer_id == officer.id, Allowance.case_id.not_in(has))


def _wrap_case(session: Session, officer: Officer, case_id: str, key: str) -> None:
    if officer.public_key is None:
        raise NotAllowed("rewrap_cases")
    row_id = new_id()
    wrapped = seal_record(officer.public_key, row_id, {"key": key})
    session.add(CaseKey(id=row_id, case_id=case_id, officer_id=officer.id, wrapped_key=wrapped))


def _wrap_ring(session: Session, officer: Officer, ring_id: str, key: str) -> int:
    held = select(RingMember.id).where(RingMember.ring_id == ring_id, RingMember.officer_id == officer.id)
    if officer.public_key is None or session.scalar(held) is not None:
        return 0
    row_id = new_id()
    wrapped = seal_record(officer.public_key, row_id, {"key": key})
    session.add(RingMember(id=row_id, ring_id=ring_id, officer_id=officer.id, wrapped_key=wrapped))
    return 1
