"""Swapped keys: whoever writes the database puts his own key in place, and nothing that comes is sealed to it."""

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from casework.ceremonies import open_recovery_key, renew_recovery_key
from casework.errors import BrokenSeal, WrongPassphrase
from casework.ledger import SYSTEM, Verb, record
from casework.models import Case, Officer, RecoveryKey, Ring
from casework.models.columns import new_id
from casework.models.secrecy import CaseKey
from casework.pins import PinKind, find_faults, is_first_sheet
from casework.recovery import current_recovery_key, from_printable
from casework.rings import current_ring, open_ring, remove_member
from casework.sealing import seal_new_case
from casework.store import Store
from casework.vault import generate_key_pair, public_half, unseal_record
from tests.casework.people import NOW
from tests.intake.desk import a_house, sign_in

THIEF = generate_key_pair()
RECORD = {"text": "院长崔广田收了三万元", "assessment": {"categories": []}}


def seal_one(session: Session, *allowed: Officer) -> str:
    """A report that comes after the swap."""
    case = Case(number=f"密2026-{new_id()[:6]}", sealed=True, opened_on=NOW.date())
    session.add(case)
    session.flush()
    seal_new_case(session, case, RECORD, allowed)
    return case.id


def opens(session: Session, case_id: str, private: bytes) -> int:
    """How many of a case's wraps this private half opens."""
    done = 0
    for held in session.scalars(select(CaseKey).where(CaseKey.case_id == case_id)):
        try:
            done += bool(unseal_record(private, held.id, held.wrapped_key))
        except BrokenSeal:
            continue
    return done


def forge(session: Session, of: str, key_id: str, **more: str) -> None:
    """An entry as the house would write it, by whoever can write the table."""
    told = {"key": key_id, "public_key": THIEF.public.hex(), **more}
    record(session, actor=SYSTEM, verb=Verb.KEY_PINNED, subject="key", subject_id=of, details=told, now=NOW)
    session.flush()


def kinds(session: Session) -> set[PinKind]:
    return {fault.kind for fault in find_faults(session)}


def test_a_fresh_vault_has_every_key_in_the_ledger(store: Store) -> None:
    with store.write() as session:
        a_house(session)
        assert find_faults(session) == []
        assert is_first_sheet(session)


@pytest.mark.parametrize("forged", [False, True], ids=["row_alone", "with_an_entry"])
def test_nothing_new_opens_with_a_swapped_recovery_key(store: Store, forged: bool) -> None:
    with store.write() as session:
        members, sheet = a_house(session)
        ident = current_recovery_key(session).id
        session.execute(update(RecoveryKey).values(public_key=THIEF.public))
        if forged:
            forge(session, "recovery", ident)
    with store.write() as session:
        case_id = seal_one(session, *session.scalars(select(Officer).where(Officer.id.in_([m.id for m in members]))))
        assert opens(session, case_id, THIEF.private) == 0
        assert opens(session, case_id, from_printable(sheet.recovery_key)) == 1
    with store.read() as session:
        assert kinds(session) == {PinKind.RECOVERY}
        assert session.scalars(select(RecoveryKey.public_key)).one() == THIEF.public


def test_another_recovery_key_counts_only_with_the_old_ones_signature(store: Store) -> None:
    with store.write() as session:
        members, sheet = a_house(session)
        old = current_recovery_key(session).id
        session.execute(update(RecoveryKey).values(retired_at=NOW))
        session.execute(insert(RecoveryKey).values(id="theirs", public_key=THIEF.public, created_at=NOW))
        forge(session, "recovery", "theirs", signs=THIEF.public.hex(), replaces=old, signature="00" * 64)
        case_id = seal_one(session, *members)
        assert opens(session, case_id, THIEF.private) == 0
        assert opens(session, case_id, from_printable(sheet.recovery_key)) == 1
        assert kinds(session) == {PinKind.RECOVERY}


def test_a_renewed_sheet_is_trusted_and_the_old_one_opens_nothing(store: Store) -> None:
    with store.write() as session:
        members, sheet = a_house(session)
        case_id = seal_one(session, *members)
        new = renew_recovery_key(session, sheet.recovery_key, by=SYSTEM, now=NOW)
        assert find_faults(session) == []
        assert not is_first_sheet(session)
        assert current_recovery_key(session).public_key == public_half(from_printable(new))
        assert opens(session, case_id, from_printable(sheet.recovery_key)) == 0
        assert opens(session, case_id, from_printable(new)) == 1
        with pytest.raises(WrongPassphrase):
            open_recovery_key(session, sheet.recovery_key)
        again = renew_recovery_key(session, new, by=SYSTEM, now=NOW)
        assert current_recovery_key(session).public_key == public_half(from_printable(again))
        assert find_faults(session) == []


@pytest.mark.parametrize("forged", [False, True], ids=["row_alone", "with_an_entry"])
def test_nothing_new_is_sealed_to_a_swapped_ring_key(store: Store, forged: bool) -> None:
    with store.write() as session:
        a_house(session)
        ring = current_ring(session)
        ident, public = ring.id, ring.public_key
        session.execute(update(Ring).values(public_key=THIEF.public))
        if forged:
            forge(session, "ring-identity", ident)
    with store.write() as session:
        assert current_ring(session).public_key == public
        assert kinds(session) == {PinKind.RING}
    with store.read() as session:
        assert session.scalars(select(Ring.public_key)).one() == THIEF.public


def test_nothing_new_opens_with_a_swapped_key_of_an_officer(store: Store) -> None:
    with store.write() as session:
        (first, second), _ = a_house(session)
        ident, others, mine = first.id, second.id, first.public_key
        session.execute(update(Officer).where(Officer.id == ident).values(public_key=THIEF.public))
    with store.write() as session:
        officers = [session.get_one(Officer, ident), session.get_one(Officer, others)]
        case_id = seal_one(session, *officers)
        assert opens(session, case_id, THIEF.private) == 0
        assert session.scalars(select(CaseKey.officer_id).where(CaseKey.case_id == case_id)).all().count(ident) == 1
        assert [fault.name for fault in find_faults(session)] == [officers[0].name]
        assert officers[0].public_key == THIEF.public != mine


def test_a_key_that_no_entry_knows_is_sealed_to_by_nobody(store: Store) -> None:
    with store.write() as session:
        (first, second), sheet = a_house(session)
        stranger = Officer(
            username="stranger",
            name="外人",
            body_code="clue_desk",
            roles=["clue_officer"],
            aliases=[],
            towns=[],
            password_hash="",
            public_key=THIEF.public,
            wrapped_private_key=b"x",
            created_at=NOW,
        )
        session.add(stranger)
        session.flush()
        case_id = seal_one(session, first, second, stranger)
        assert opens(session, case_id, THIEF.private) == 0
        assert opens(session, case_id, from_printable(sheet.recovery_key)) == 1
        assert [fault.name for fault in find_faults(session)] == ["外人"]


def test_an_entry_that_says_nothing_sensible_stops_no_report(store: Store) -> None:
    with store.write() as session:
        members, sheet = a_house(session)
        told = {"key": "x", "public_key": "no key"}
        record(session, actor=SYSTEM, verb=Verb.KEY_PINNED, subject="key", subject_id="recovery", details=told, now=NOW)
        session.flush()
        case_id = seal_one(session, *members)
        assert opens(session, case_id, from_printable(sheet.recovery_key)) == 1


def test_the_ring_that_follows_a_removal_is_in_the_ledger_too(store: Store) -> None:
    with store.write() as session:
        (first, second), sheet = a_house(session)
        signed = sign_in(session, second)
        open_ring(session, signed, "token", dict(sheet.passphrases)[second.username], now=NOW)
        before = current_ring(session).id
        remove_member(session, first, by=SYSTEM, now=NOW)
        assert current_ring(session).id != before
        assert find_faults(session) == []
