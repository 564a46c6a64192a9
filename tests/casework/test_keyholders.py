"""Who holds the vault's keys: days, fingerprints, the sheet from the safe and the one that takes its place."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.ceremonies import count_rewrappable, renew_recovery_key
from casework.errors import LastMember, NotAllowed, WrongPassphrase
from casework.keyholders import ask_recovery, fingerprint, let_into_ring, list_holders, list_waiting, restore_holder
from casework.ledger import SYSTEM
from casework.models.people import Officer
from casework.models.secrecy import CaseKey, RecoveryKey, RingMember
from casework.recovery import create_recovery_key, from_printable
from casework.rings import current_ring, give_key_pair, list_members, officer_private_key, open_ring
from casework.sealing import read_sealed_case
from casework.staffing import dismiss_officer
from casework.store import Store
from casework.types import Role
from casework.vault import unseal_record
from tests.casework.people import NOW, a_clue_officer, a_leader, an_officer
from tests.casework.test_rings_restored import House
from tests.intake.desk import LIGHT, a_house, sign_in, sign_in_open

LATER = NOW + timedelta(days=3)


def test_the_day_of_a_holder_is_that_of_his_last_coming_in(store: Store):
    with store.write() as session:
        house = House(session)
        signed = sign_in_open(session, house.second, house.sheet, "t2")
        let_into_ring(session, house.first.id, fingerprint(house.first), signed=signed, token="t2", now=LATER)
        days = {each.officer.username: each.since for each in list_holders(session, reader=house.second)}
    assert days == {house.first.username: LATER, house.second.username: NOW}


def test_a_colleague_is_shown_only_cases_of_his_own_that_the_other_waits_for(store: Store):
    with store.write() as session:
        house = House(session)
        stranger = a_clue_officer(session, "容若水")
        assert count_rewrappable(session, house.first, by=house.second) == 1
        assert count_rewrappable(session, house.second, by=house.first) == 0
        assert count_rewrappable(session, house.first, by=stranger) == 0


def test_a_fingerprint_is_of_the_key_and_changes_with_it(store: Store):
    with store.write() as session:
        house = House(session)
        before = fingerprint(house.first)
        assert len(before.replace(" ", "")) == 16
        assert before != fingerprint(house.second)
        give_key_pair(session, house.first, strength=LIGHT, by=SYSTEM, now=NOW)
        assert fingerprint(house.first) != before
        assert fingerprint(an_officer(session, "x", "无钥", "clue_desk", Role.HANDLER)) == ""


def test_who_has_no_role_of_the_ring_neither_waits_nor_asks(store: Store):
    with store.write() as session:
        House(session)
        receiver = an_officer(session, "bai", "柏铁山", "fire", Role.RECEIVER, keys=True)
        assert receiver.id not in [each.officer.id for each in list_waiting(session, now=NOW)]
        with pytest.raises(NotAllowed):
            ask_recovery(session, receiver, now=NOW)


def test_an_administrator_never_types_the_sheet_whatever_else_he_is(store: Store):
    with store.write() as session:
        house = House(session)
        ask_recovery(session, house.first, now=NOW)
        both = an_officer(session, "both", "施远", "hotline", Role.ADMINISTRATOR, Role.SUPERVISOR)
        for by in (both, house.first):
            with pytest.raises(NotAllowed):
                restore_holder(session, house.first.id, house.sheet.recovery_key, renew=False, by=by, now=NOW)


def test_the_new_sheet_opens_what_the_old_one_did_and_the_old_one_nothing(store: Store):
    with store.write() as session:
        house = House(session)
        ask_recovery(session, house.first, now=NOW)
        leader = a_leader(session)
        _, new = restore_holder(session, house.first.id, house.sheet.recovery_key, renew=True, by=leader, now=NOW)
        with pytest.raises(WrongPassphrase):
            renew_recovery_key(session, house.sheet.recovery_key, by=SYSTEM, now=NOW)
        kept = session.scalars(select(RecoveryKey).where(RecoveryKey.retired_at.is_(None))).one()
        wraps = [
            *session.scalars(select(RingMember).where(RingMember.officer_id.is_(None))),
            *session.scalars(select(CaseKey).where(CaseKey.officer_id.is_(None))),
        ]
        assert len(wraps) == 3
        for row in wraps:
            assert row.recovery_key_id == kept.id
            assert len(unseal_record(from_printable(new), row.id, row.wrapped_key)["key"]) == 64
        signed = sign_in(session, house.first, "t9")
        open_ring(session, signed, "t9", house.phrase, now=NOW)
        opened = read_sealed_case(session, house.first, officer_private_key(signed, "t9"), house.shared.id, now=NOW)
        assert opened.record["text"] == "密2026-001"


def test_a_sheet_is_read_however_it_was_typed(store: Store):
    with store.write() as session:
        _, printed = create_recovery_key(session, now=NOW)
    private = from_printable(printed)
    wide = "".join(chr(ord(each) + 0xFEE0) if each.isalnum() else "－" for each in printed)
    like = printed.replace("O", "0").replace("I", "1").replace("B", "8")
    for typed in (printed.lower(), printed.replace("-", " "), wide, like, f" {printed}。\n"):
        assert from_printable(typed) == private
    with pytest.raises(WrongPassphrase):
        from_printable(printed[:-1])


def test_two_administrators_never_put_out_the_last_two_members_at_once(store: Store):
    with store.write() as session:
        (first, second), _ = a_house(session)
        ids = [first.id, second.id]
        admin = an_officer(session, "shi", "施远", "hotline", Role.ADMINISTRATOR)
        other = an_officer(session, "lu", "陆遥", "hotline", Role.ADMINISTRATOR)

    def put_out(ident: str, by: Officer) -> str:
        try:
            with store.write() as session:
                dismiss_officer(session, ident, by=by, now=NOW)
        except LastMember:
            return "refused"
        return "gone"

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(put_out, ids, (admin, other)))
    assert sorted(told) == ["gone", "refused"]
    with store.read() as session:
        assert len(list_members(session, current_ring(session))) == 1
