"""Lost passphrases: back in by a colleague or by the sheet from the safe, and into nothing more than before."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.ceremonies import restore_by_recovery, rewrap_cases
from casework.errors import LastMember, NotAllowed, NotFound, VaultLocked, WrongPassphrase
from casework.ledger import SYSTEM, Verb
from casework.models import Case, LedgerEntry
from casework.recovery import to_printable
from casework.rings import (
    add_member,
    current_ring,
    give_key_pair,
    officer_private_key,
    open_ring,
    remove_member,
    ring_private_key,
)
from casework.sealing import read_sealed_case, seal_new_case
from casework.store import Store
from casework.vault import generate_key_pair, public_half
from tests.casework.people import NOW, a_clue_officer
from tests.intake.desk import LIGHT, a_house, sign_in, sign_in_open


class House:
    """Two officers; the first lost his passphrase. One case both may open, one from which the first is kept out."""

    def __init__(self, session: Session) -> None:
        (self.first, self.second), self.sheet = a_house(session)
        self.shared = self.a_case(session, "密2026-001", [self.first, self.second])
        self.others = self.a_case(session, "密2026-002", [self.second])
        self.phrase = give_key_pair(session, self.first, strength=LIGHT, by=SYSTEM, now=NOW)

    def a_case(self, session: Session, number: str, allowed: list[Any]) -> Case:
        case = Case(number=number, sealed=True, opened_on=NOW.date())
        session.add(case)
        session.flush()
        seal_new_case(session, case, {"text": number}, allowed)
        return case

    def enter(self, session: Session) -> bytes:
        signed = sign_in(session, self.first, "t1")
        open_ring(session, signed, "t1", self.phrase, now=NOW)
        return officer_private_key(signed, "t1")


def test_after_a_lost_passphrase_he_opens_nothing(store: Store):
    with store.write() as session:
        house = House(session)
        private = house.enter(session)
        with pytest.raises(NotFound):
            read_sealed_case(session, house.first, private, house.shared.id, now=NOW)
        with pytest.raises(NotAllowed):
            ring_private_key(session, house.first, private, current_ring(session).id)


def test_a_colleague_lets_him_back_into_what_both_may_open(store: Store):
    with store.write() as session:
        house = House(session)
        signed = sign_in_open(session, house.second, house.sheet, "t2")
        assert add_member(session, house.first, signed=signed, token="t2", now=NOW) == 1
        assert rewrap_cases(session, house.first, signed=signed, token="t2", now=NOW) == 1
        assert rewrap_cases(session, house.first, signed=signed, token="t2", now=NOW) == 0
        private = house.enter(session)
        said = read_sealed_case(session, house.first, private, house.shared.id, now=NOW).record
        assert said == {"text": "密2026-001"}
        with pytest.raises(NotFound):
            read_sealed_case(session, house.first, private, house.others.id, now=NOW)


def test_a_colleague_with_a_locked_vault_lets_nobody_in(store: Store):
    with store.write() as session:
        house = House(session)
        with pytest.raises(VaultLocked):
            rewrap_cases(session, house.first, signed=sign_in(session, house.second, "t2"), token="t2", now=NOW)


def test_the_sheet_from_the_safe_lets_him_back_into_what_he_may_open(store: Store):
    with store.write() as session:
        house = House(session)
        assert restore_by_recovery(session, house.first, house.sheet.recovery_key, now=NOW) == 2
        assert restore_by_recovery(session, house.first, house.sheet.recovery_key, now=NOW) == 0
        private = house.enter(session)
        ring = current_ring(session)
        assert public_half(ring_private_key(session, house.first, private, ring.id)) == ring.public_key
        assert read_sealed_case(session, house.first, private, house.shared.id, now=NOW).record
        with pytest.raises(NotFound):
            read_sealed_case(session, house.first, private, house.others.id, now=NOW)
        told = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == Verb.RING_CHANGED)).all()
    assert told[0].details == {"change": "recovered", "keys": 2}


def test_a_sheet_of_another_office_opens_nothing(store: Store):
    with store.write() as session:
        house = House(session)
        with pytest.raises(WrongPassphrase):
            restore_by_recovery(session, house.first, to_printable(generate_key_pair().private), now=NOW)


def test_the_sheet_does_not_serve_one_without_a_key_or_who_has_left(store: Store):
    with store.write() as session:
        house = House(session)
        plain = a_clue_officer(session, "无钥者", public_key=None, wrapped_private_key=None)
        house.first.removed_at = NOW
        for officer in (plain, house.first):
            with pytest.raises(NotAllowed):
                restore_by_recovery(session, officer, house.sheet.recovery_key, now=NOW)


def test_one_who_lost_his_passphrase_does_not_count_as_the_member_who_stays(store: Store):
    with store.write() as session:
        house = House(session)
        with pytest.raises(LastMember):
            remove_member(session, house.second, by=SYSTEM, now=NOW)
