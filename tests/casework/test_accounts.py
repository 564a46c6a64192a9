"""An officer's own account below its page: what races, what is proved before it is kept, what nobody can do twice."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from casework.accounts import Here, NewPassword, enrol, make_own_key, renew_second_factor, renew_words
from casework.errors import InvalidField, NotAllowed, StaleVersion, WrongPassphrase, WrongSignIn
from casework.ledger import SYSTEM
from casework.models.accounts import EndedSignIn
from casework.models.people import Officer
from casework.officers import remove_officer, set_password, set_second_factor
from casework.rings import give_key_pair, keep_wrap, rewrap_key, unlock_key
from casework.securitylog import SecurityNote
from casework.signins import end_stale_sessions, find_end, find_step, sign_in
from casework.store import Store
from casework.types import Role, SignInEnd
from tests.casework.people import NOW, an_officer, the_county
from tests.intake.desk import LIGHT

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD, OWN = "mailong-tingzhu-2026", "shan-qian-shan-hou-88"
ORIGIN = SecurityNote("203.0.113.9", "a browser")


def unlock(blob: bytes) -> str:
    return blob.decode()


def an_account(store: Store, role: Role = Role.CLUE_OFFICER) -> str:
    with store.write() as session:
        the_county(session)
        officer = an_officer(session, "shen", "沈知棠", "clue_desk", role)
        set_password(session, officer, PASSWORD, by=SYSTEM, now=NOW)
        set_second_factor(session, officer, SEED.encode(), by=SYSTEM, now=NOW)
        return officer.id


def here(store: Store, ident: str) -> Here:
    with store.read() as session:
        officer = session.get_one(Officer, ident)
        session.expunge_all()
    return Here(officer, "", ORIGIN, NOW)


def code(secret: str = SEED) -> str:
    return pyotp.TOTP(secret).at(NOW)


def test_two_who_change_the_words_at_once_do_not_overwrite_each_other(store: Store, monkeypatch: pytest.MonkeyPatch):
    ident = an_account(store)
    with store.write() as session:
        old = give_key_pair(session, session.get_one(Officer, ident), strength=LIGHT, by=SYSTEM, now=NOW)

    def meanwhile(officer: Officer, before: str, new: str, **_more: object) -> bytes:
        with store.write() as session:
            row = session.get_one(Officer, ident)
            keep_wrap(session, row, rewrap_key(row, old, "别处换的", strength=LIGHT), now=NOW)
        return rewrap_key(officer, before, new, strength=LIGHT)

    monkeypatch.setattr("casework.accounts.rewrap_key", meanwhile)
    with pytest.raises(StaleVersion):
        renew_words(store, here(store, ident), old, "这里换的", strength=LIGHT)
    assert len(unlock_key(here(store, ident).officer, "别处换的")) == 32


def test_wrong_words_change_nothing(store: Store):
    ident = an_account(store)
    with store.write() as session:
        old = give_key_pair(session, session.get_one(Officer, ident), strength=LIGHT, by=SYSTEM, now=NOW)
    with pytest.raises(WrongPassphrase):
        renew_words(store, here(store, ident), "错的", "新的", strength=LIGHT)
    assert len(unlock_key(here(store, ident).officer, old)) == 32


def test_one_who_was_removed_meanwhile_changes_nothing_any_more(store: Store):
    ident = an_account(store)
    before = here(store, ident)
    with store.write() as session:
        remove_officer(session, session.get_one(Officer, ident), by=SYSTEM, now=NOW)
    with pytest.raises(NotAllowed):
        renew_second_factor(store, before, SEED, code(), lock=str.encode)
    with pytest.raises(NotAllowed):
        make_own_key(store, before, PASSWORD, code(), unlock=unlock, strength=LIGHT)
    assert here(store, ident).officer.public_key is None


def test_the_code_that_proves_a_new_phone_is_not_taken_again(store: Store):
    ident = an_account(store)
    new = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"
    renew_second_factor(store, here(store, ident), new, code(new), lock=str.encode)
    with pytest.raises(WrongSignIn):
        sign_in(store, username="shen", password=PASSWORD, code=code(new), unlock=unlock, now=NOW, origin=ORIGIN)


def test_nobody_enrols_twice_and_nothing_is_kept_of_a_wrong_try(store: Store):
    ident = an_account(store)
    with pytest.raises(NotAllowed):
        enrol(store, here(store, ident), NewPassword(OWN, OWN), SEED, code(), lock=str.encode)
    with store.write() as session:
        officer = session.get_one(Officer, ident)
        set_password(session, officer, PASSWORD, initial_until=NOW + timedelta(days=1), by=SYSTEM, now=NOW)
        set_second_factor(session, officer, None, by=SYSTEM, now=NOW)
    before = here(store, ident)
    with pytest.raises(InvalidField, match="wrong_code"):
        enrol(store, before, NewPassword(OWN, OWN), SEED, "000000", lock=str.encode)
    after = here(store, ident).officer
    assert (after.password_hash, after.totp_secret) == (before.officer.password_hash, None)
    enrol(store, before, NewPassword(OWN, OWN), SEED, code(), lock=str.encode)
    assert here(store, ident).officer.initial_until is None


def test_a_key_is_only_for_those_who_need_one(store: Store):
    ident = an_account(store, Role.HANDLER)
    with pytest.raises(NotAllowed):
        make_own_key(store, here(store, ident), PASSWORD, code(), unlock=unlock, strength=LIGHT)


def test_why_a_sign_in_ended_is_known_until_it_would_have_ended_itself(store: Store):
    ident = an_account(store)
    signed = sign_in(store, username="shen", password=PASSWORD, code=code(), unlock=unlock, now=NOW, origin=ORIGIN)
    with store.write() as session:
        remove_officer(session, session.get_one(Officer, ident), by=SYSTEM, now=NOW)
        assert find_end(session, signed.token, NOW) is SignInEnd.REMOVED
        assert find_end(session, "another", NOW) is None
        later = NOW + timedelta(hours=12)
        assert find_end(session, signed.token, later) is None
        end_stale_sessions(session, now=later)
        assert session.scalars(select(EndedSignIn)).all() == []


def test_a_code_is_found_by_its_step_however_it_is_grouped():
    step = int(NOW.timestamp()) // 30
    assert find_step(SEED, f"{code()[:3]} {code()[3:]}", NOW) == step
    assert find_step(SEED, code(), NOW + timedelta(seconds=30)) == step
    assert find_step(SEED, code(), NOW + timedelta(minutes=5)) is None
    assert find_step(SEED, "", NOW) is None
