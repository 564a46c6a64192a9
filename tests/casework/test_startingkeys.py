"""Starting words: they open nothing but the step in which each makes his own key, and are dead afterwards."""

import pytest
from sqlalchemy.orm import Session

from casework.accounts import Here
from casework.errors import NotAllowed, WrongPassphrase
from casework.models import Case, Officer
from casework.pins import find_faults, is_starting
from casework.rings import current_ring, list_members, officer_private_key, open_ring, ring_private_key, unlock_key
from casework.sealing import read_sealed_case, seal_new_case
from casework.securitylog import SecurityNote
from casework.startingkeys import list_starting, start_own_key
from casework.store import Store
from casework.vault import public_half
from casework.vaultsetup import VaultSheet, set_up_vault
from tests.casework.people import NOW, a_clue_officer, the_county
from tests.intake.desk import LIGHT, sign_in

RECORD = {"text": "院长崔广田收了三万元", "assessment": {"categories": []}}
OWN = "自己的五个新词"


def furnish(session: Session) -> tuple[list[Officer], VaultSheet, str]:
    """Two members with starting words, and a sealed case that both may read."""
    the_county(session, recovery=False)
    members = [a_clue_officer(session, name) for name in ("宁致远", "闻人静")]
    sheet = set_up_vault(session, members, strength=LIGHT, starting=True, now=NOW)
    case = Case(number="密2026-001", sealed=True, opened_on=NOW.date())
    session.add(case)
    session.flush()
    seal_new_case(session, case, RECORD, members)
    session.flush()
    return members, sheet, case.id


def start(store: Store, officer: Officer, old: str, new: str = OWN) -> None:
    start_own_key(store, Here(officer, "", SecurityNote("", ""), NOW), old, new, strength=LIGHT)


def test_starting_words_open_no_vault(store: Store) -> None:
    with store.write() as session:
        (first, _), sheet, _ = furnish(session)
        signed = sign_in(session, first)
        with pytest.raises(NotAllowed):
            open_ring(session, signed, "token", dict(sheet.passphrases)[first.username], now=NOW)
        assert signed.session_row.wrapped_ring_key is None


def test_his_own_key_opens_what_the_starting_one_did_and_that_one_is_dead(store: Store) -> None:
    with store.write() as session:
        (first, second), sheet, case_id = furnish(session)
        before = current_ring(session).id
    old = dict(sheet.passphrases)[first.username]
    start(store, first, old)
    with store.write() as session:
        officer = session.get_one(Officer, first.id)
        assert not is_starting(session, officer.id)
        assert [each.id for each in list_starting(session)] == [second.id]
        with pytest.raises(WrongPassphrase):
            unlock_key(officer, old)
        signed = sign_in(session, officer)
        open_ring(session, signed, "token", OWN, now=NOW)
        private = officer_private_key(signed, "token")
        assert read_sealed_case(session, officer, private, case_id, now=NOW).record == RECORD
        assert ring_private_key(session, officer, private, before)
        assert find_faults(session) == []


def test_when_the_last_has_made_his_own_the_ring_gets_another_key(store: Store) -> None:
    with store.write() as session:
        (first, second), sheet, _ = furnish(session)
        before = current_ring(session).id
    start(store, first, dict(sheet.passphrases)[first.username])
    with store.read() as session:
        assert current_ring(session).id == before
    start(store, second, dict(sheet.passphrases)[second.username])
    with store.write() as session:
        ring = current_ring(session)
        assert ring.id != before
        assert {each.id for each in list_members(session, ring)} == {first.id, second.id}
        private = unlock_key(session.get_one(Officer, first.id), OWN)
        assert public_half(ring_private_key(session, session.get_one(Officer, first.id), private, ring.id)) == (
            ring.public_key
        )


def test_it_is_done_once_and_only_with_the_right_words(store: Store) -> None:
    with store.write() as session:
        (first, _), sheet, _ = furnish(session)
    with pytest.raises(WrongPassphrase):
        start(store, first, "不是这五个词")
    start(store, first, dict(sheet.passphrases)[first.username])
    with pytest.raises(NotAllowed):
        start(store, first, OWN, "又一把")
