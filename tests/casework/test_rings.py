"""Who can open what: set-up, the live sign-in, members who come and go, the recovery sheet."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.errors import LastMember, NotAllowed, VaultLocked, VaultNotSetUp, WrongPassphrase
from casework.ledger import SYSTEM, Verb
from casework.models import LedgerEntry, Officer, OfficerSession, RecoveryKey, Ring, RingMember
from casework.recovery import create_recovery_key, current_recovery_key, from_printable
from casework.rings import (
    add_member,
    change_passphrase,
    close_ring,
    current_ring,
    give_key_pair,
    is_ring_open,
    list_members,
    officer_private_key,
    open_ring,
    remove_member,
    ring_private_key,
)
from casework.store import Store
from casework.vault import public_half, unseal_record
from casework.vaultsetup import require_vault, set_up_vault
from tests.casework.people import NOW, a_clue_officer
from tests.intake.desk import LIGHT, a_house, sign_in, sign_in_open


def opens_ring(session: Session, officer: Officer, private: bytes, ring: Ring) -> bool:
    return public_half(ring_private_key(session, officer, private, ring.id)) == ring.public_key


def test_nothing_starts_before_the_vault_is_set_up(store: Store):
    with store.read() as session, pytest.raises(VaultNotSetUp) as refused:
        require_vault(session)
    assert refused.value.missing == "recovery_key"


def test_a_recovery_key_without_a_ring_is_not_enough(store: Store):
    with store.write() as session:
        create_recovery_key(session, now=NOW)
        with pytest.raises(VaultNotSetUp) as refused:
            require_vault(session)
    assert refused.value.missing == "ring"


def test_set_up_makes_ring_recovery_sheet_and_a_passphrase_for_each(store: Store):
    with store.write() as session:
        members, sheet = a_house(session)
        require_vault(session)
        assert [name for name, _ in sheet.passphrases] == [each.username for each in members]
        assert len({phrase for _, phrase in sheet.passphrases}) == 2
        assert {each.id for each in list_members(session, current_ring(session))} == {each.id for each in members}
        assert public_half(from_printable(sheet.recovery_key)) == current_recovery_key(session).public_key


def test_set_up_shows_no_secret_in_a_repr(store: Store):
    with store.write() as session:
        _, sheet = a_house(session)
    assert sheet.recovery_key not in repr(sheet)
    assert sheet.passphrases[0][1] not in repr(sheet)


def test_a_vault_is_set_up_once_and_never_without_a_member(store: Store):
    with store.write() as session:
        members, _ = a_house(session)
        with pytest.raises(NotAllowed):
            set_up_vault(session, members, strength=LIGHT, now=NOW)
        with pytest.raises(LastMember):
            set_up_vault(session, [], strength=LIGHT, now=NOW)


def test_a_member_opens_the_ring_in_his_sign_in_alone(store: Store):
    with store.write() as session:
        (first, second), sheet = a_house(session)
        signed = sign_in_open(session, first, sheet)
        private = officer_private_key(signed, "token")
        assert opens_ring(session, first, private, current_ring(session))
        with pytest.raises(VaultLocked):
            officer_private_key(signed, "another token")
        with pytest.raises(VaultLocked):
            officer_private_key(sign_in(session, second, "t2"), "t2")


def test_a_wrong_passphrase_opens_nothing(store: Store):
    with store.write() as session:
        (first, second), sheet = a_house(session)
        signed = sign_in(session, first)
        with pytest.raises(WrongPassphrase):
            open_ring(session, signed, "token", dict(sheet.passphrases)[second.username], now=NOW)
        assert not is_ring_open(signed)


def test_an_officer_without_a_key_pair_has_nothing_to_open(store: Store):
    with store.write() as session:
        a_house(session)
        plain = a_clue_officer(session, "无钥者", public_key=None, wrapped_private_key=None)
        with pytest.raises(NotAllowed):
            open_ring(session, sign_in(session, plain), "token", "天气", now=NOW)


def test_closing_locks_the_sign_in(store: Store):
    with store.write() as session:
        (first, _), sheet = a_house(session)
        signed = sign_in_open(session, first, sheet)
        assert is_ring_open(signed)
        close_ring(session, signed, now=NOW)
        with pytest.raises(VaultLocked):
            officer_private_key(signed, "token")


def test_opening_and_closing_stand_in_the_ledger(store: Store):
    with store.write() as session:
        (first, _), sheet = a_house(session)
        close_ring(session, sign_in_open(session, first, sheet), now=NOW)
        told = session.scalars(select(LedgerEntry.verb).where(LedgerEntry.actor_id == first.id)).all()
    assert told == [Verb.RING_OPENED, Verb.RING_CLOSED]


def test_a_wrap_copied_to_another_row_does_not_open(store: Store):
    with store.write() as session:
        (first, _), sheet = a_house(session)
        signed = sign_in_open(session, first, sheet)
        other = sign_in(session, first, "t2")
        other.session_row.wrapped_ring_key = signed.session_row.wrapped_ring_key
        with pytest.raises(VaultLocked):
            officer_private_key(other, "token")


def test_a_member_lets_another_in_by_wrapping_what_he_holds(store: Store):
    with store.write() as session:
        (first, _), sheet = a_house(session)
        newcomer = a_clue_officer(session, "容若水")
        phrase = give_key_pair(session, newcomer, strength=LIGHT, by=SYSTEM, now=NOW)
        signed = sign_in_open(session, first, sheet)
        assert add_member(session, newcomer, signed=signed, token="token", now=NOW) == 1
        theirs = sign_in(session, newcomer, "t2")
        open_ring(session, theirs, "t2", phrase, now=NOW)
        assert opens_ring(session, newcomer, officer_private_key(theirs, "t2"), current_ring(session))
        with pytest.raises(NotAllowed):
            add_member(session, newcomer, signed=signed, token="token", now=NOW)


def test_nobody_is_let_in_without_an_open_vault(store: Store):
    with store.write() as session:
        (first, _), _ = a_house(session)
        newcomer = a_clue_officer(session, "容若水")
        with pytest.raises(VaultLocked):
            add_member(session, newcomer, signed=sign_in(session, first), token="token", now=NOW)


def test_one_who_is_no_member_lets_nobody_in(store: Store):
    with store.write() as session:
        a_house(session)
        outsider, newcomer = a_clue_officer(session, "外人"), a_clue_officer(session, "容若水")
        phrase = give_key_pair(session, outsider, strength=LIGHT, by=SYSTEM, now=NOW)
        signed = sign_in(session, outsider)
        open_ring(session, signed, "token", phrase, now=NOW)
        with pytest.raises(NotAllowed):
            add_member(session, newcomer, signed=signed, token="token", now=NOW)
        with pytest.raises(NotAllowed):
            ring_private_key(session, outsider, officer_private_key(signed, "token"), current_ring(session).id)


def test_one_who_goes_loses_wraps_and_sign_ins_and_what_follows_has_a_new_key(store: Store):
    with store.write() as session:
        (first, second), sheet = a_house(session)
        signed = sign_in_open(session, second, sheet)
        private = officer_private_key(signed, "token")
        before = current_ring(session)
        after = remove_member(session, second, by=SYSTEM, now=NOW)
        assert (after.generation, before.retired_at) == (2, NOW)
        assert after.public_key != before.public_key
        assert session.scalar(select(func.count()).where(OfficerSession.officer_id == second.id)) == 0
        for ring in (before, after):
            with pytest.raises(NotAllowed):
                ring_private_key(session, second, private, ring.id)
        staying = officer_private_key(sign_in_open(session, first, sheet, "t3"), "t3")
        assert opens_ring(session, first, staying, before)
        assert opens_ring(session, first, staying, after)


def test_the_last_member_stays(store: Store):
    with store.write() as session:
        (first, second), _ = a_house(session)
        remove_member(session, second, by=SYSTEM, now=NOW)
        with pytest.raises(LastMember):
            remove_member(session, first, by=SYSTEM, now=NOW)
        assert list_members(session, current_ring(session)) == [first]


def test_the_recovery_sheet_opens_every_generation(store: Store):
    with store.write() as session:
        (_, second), sheet = a_house(session)
        remove_member(session, second, by=SYSTEM, now=NOW)
        recovery = from_printable(sheet.recovery_key)
        key = current_recovery_key(session)
        rows = session.execute(
            select(Ring, RingMember)
            .join(RingMember, RingMember.ring_id == Ring.id)
            .where(RingMember.recovery_key_id == key.id)
        ).all()
        assert len(rows) == 2
        for ring, held in rows:
            opened = bytes.fromhex(unseal_record(recovery, held.id, held.wrapped_key)["key"])
            assert public_half(opened) == ring.public_key


def test_a_new_passphrase_replaces_the_old_one_and_keeps_the_key(store: Store):
    with store.write() as session:
        (first, _), sheet = a_house(session)
        old = dict(sheet.passphrases)[first.username]
        with pytest.raises(WrongPassphrase):
            change_passphrase(session, first, "错的", "秋天芦苇河边", strength=LIGHT, now=NOW)
        public = first.public_key
        change_passphrase(session, first, old, "秋天芦苇河边", strength=LIGHT, now=NOW)
        signed = sign_in(session, first)
        with pytest.raises(WrongPassphrase):
            open_ring(session, signed, "token", old, now=NOW)
        open_ring(session, signed, "token", "秋天 芦苇 河边", now=NOW)
        assert public_half(officer_private_key(signed, "token")) == public


def test_a_new_key_pair_locks_every_sign_in_and_drops_old_wraps(store: Store):
    with store.write() as session:
        (first, _), sheet = a_house(session)
        signed = sign_in_open(session, first, sheet)
        give_key_pair(session, first, strength=LIGHT, by=SYSTEM, now=NOW)
        assert not is_ring_open(signed)
        assert first not in list_members(session, current_ring(session))


def test_the_server_holds_no_private_half(store: Store):
    with store.write() as session:
        (first, _), sheet = a_house(session)
        private = officer_private_key(sign_in_open(session, first, sheet), "token")
        rows = [*session.scalars(select(OfficerSession)), *session.scalars(select(Officer))]
        rows += [*session.scalars(select(RingMember)), *session.scalars(select(RecoveryKey))]
        kept = [getattr(row, column.key) for row in rows for column in type(row).__table__.columns]
    assert not any(private in value for value in kept if isinstance(value, bytes))
