"""Signing in: what is checked, what is never said, how long a guesser waits, how a sign-in ends."""

from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import func, select

from casework.errors import InvalidField, WrongSignIn
from casework.ledger import SYSTEM, Verb
from casework.models import LedgerEntry, Officer, OfficerSession, SecurityEvent, SignInThrottle
from casework.officers import (
    add_officer,
    change_officer,
    get_officer,
    get_officer_by_username,
    list_officers,
    remove_officer,
    set_password,
    set_second_factor,
)
from casework.passwords import check_strength, hash_password, verify_password
from casework.securitylog import SecurityKind, SecurityNote
from casework.signins import (
    LONGEST_PAUSE,
    SignedIn,
    end_stale_sessions,
    get_officer_by_token,
    pause_after,
    sign_in,
    sign_out,
    touch_session,
)
from casework.store import Store
from casework.types import Role
from tests.casework.people import NOW, the_county

SECRET = "JBSWY3DPEHPK3PXP" * 2
PASSWORD = "梧桐更兼细雨-到黄昏点滴"
ORIGIN = SecurityNote("10.1.2.3", "Firefox")


def unlock(blob: bytes) -> str:
    return blob.decode()


def an_account(store: Store, username: str = "zhoujianhe") -> str:
    with store.write() as session:
        the_county(session)
        officer = add_officer(
            session,
            username=username,
            name="周建禾",
            body_code="hotline",
            roles=[Role.DISPATCHER],
            password=PASSWORD,
            totp_secret=SECRET.encode(),
            by=SYSTEM,
            now=NOW,
        )
        return officer.id


def a_code(moment: datetime = NOW) -> str:
    return pyotp.TOTP(SECRET).at(int(moment.timestamp()))


def enter(store: Store, now: datetime = NOW, **said: Any) -> SignedIn:
    known = {"username": "zhoujianhe", "password": PASSWORD, "code": a_code(now)} | said
    return sign_in(store, **known, unlock=unlock, now=now, origin=ORIGIN)


def refused(store: Store, now: datetime = NOW, **said: Any) -> datetime:
    with pytest.raises(WrongSignIn) as raised:
        enter(store, now, **said)
    return raised.value.next_try_at


def events(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.scalars(select(SecurityEvent.kind).order_by(SecurityEvent.id)))


def test_password_and_code_together_let_in(store: Store):
    an_account(store)
    signed = enter(store)
    with store.read() as session:
        found = get_officer_by_token(session, signed.token, NOW)
        assert found is not None
        assert found.officer.username == "zhoujianhe"
        assert found.session_row.csrf_token
        event = session.scalar(select(SecurityEvent))
        assert event is not None
        assert (event.kind, event.address, event.device) == (SecurityKind.SIGNED_IN, "10.1.2.3", "Firefox")


def test_the_database_never_has_the_token(store: Store):
    an_account(store)
    signed = enter(store)
    with store.read() as session:
        row = session.scalar(select(OfficerSession))
        assert row is not None
        assert signed.token.encode() not in row.token_sha256
        assert signed.token not in (row.csrf_token, row.id)


@pytest.mark.parametrize(
    "said",
    [{"password": "wrong-password"}, {"code": "000000"}, {"username": "nobody"}, {"password": ""}, {"code": ""}],
)
def test_which_part_was_wrong_is_not_said(store: Store, said: dict[str, Any]):
    an_account(store)
    assert refused(store, **said) == NOW
    assert events(store) == [SecurityKind.SIGN_IN_FAILED]


def test_a_code_is_taken_once(store: Store):
    an_account(store)
    enter(store)
    refused(store)
    refused(store, NOW + timedelta(seconds=20), code=a_code())
    enter(store, NOW + timedelta(seconds=30))


def test_a_code_of_the_step_before_is_taken_and_an_older_one_is_not(store: Store):
    an_account(store)
    enter(store, code=a_code(NOW - timedelta(seconds=30)))
    refused(store, NOW + timedelta(minutes=5), code=a_code(NOW + timedelta(minutes=4)))


def test_without_a_second_factor_nobody_gets_in(store: Store):
    ident = an_account(store)
    with store.write() as session:
        session.get_one(Officer, ident).totp_secret = None
    refused(store)


def test_failures_make_the_next_try_wait_longer_and_longer_but_never_for_good():
    pauses = [pause_after(count).total_seconds() for count in range(1, 12)]
    assert pauses == [0, 0, 0, 2, 4, 8, 16, 32, 64, 120, 120]
    assert pause_after(10_000) == LONGEST_PAUSE


def test_a_try_before_its_time_is_not_looked_at_even_with_the_right_words(store: Store):
    an_account(store)
    for _ in range(4):
        wait = refused(store, password="wrong-password")
    assert wait == NOW + timedelta(seconds=2)
    assert refused(store, NOW + timedelta(seconds=1)) == wait
    assert events(store)[-1] == SecurityKind.SIGN_IN_TOO_EARLY
    enter(store, wait)


def test_a_good_sign_in_forgets_the_failures(store: Store):
    an_account(store)
    for _ in range(3):
        refused(store, password="wrong-password")
    enter(store)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(SignInThrottle)) == 0


def test_failures_are_forgotten_after_a_day(store: Store):
    an_account(store)
    for _ in range(4):
        refused(store, password="wrong-password")
    later = NOW + timedelta(days=2)
    assert refused(store, later, password="wrong-password") == later


def test_a_name_that_does_not_exist_is_slowed_down_like_one_that_does(store: Store):
    an_account(store)
    waits = [
        [refused(store, username=name, password="wrong-password") for _ in range(4)][-1]
        for name in ("zhoujianhe", "nobody")
    ]
    assert waits[0] == waits[1]


def test_a_name_that_does_not_exist_costs_the_same_work(monkeypatch: pytest.MonkeyPatch):
    looked_at: list[str] = []

    class Hasher:
        def verify(self, verifier: str, password: str) -> bool:
            looked_at.append(verifier)
            return True

        def hash(self, password: str) -> str:
            return "dummy"

    monkeypatch.setattr("casework.passwords._hasher", Hasher)
    monkeypatch.setattr("casework.passwords._nobodys_verifier", lambda: "dummy")
    assert verify_password("real", PASSWORD)
    assert not verify_password(None, PASSWORD)
    assert looked_at == ["real", "dummy"]


def test_passwords_are_argon2id_at_the_chosen_strength():
    verifier = hash_password(PASSWORD)
    assert verifier.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password(verifier, PASSWORD)
    assert not verify_password(verifier, PASSWORD + "。")
    assert not verify_password("not a verifier", PASSWORD)


@pytest.mark.parametrize(
    ("password", "problem"),
    [("短", "too_short"), ("x" * 300, "too_long"), ("zhoujianhe-2026", "too_simple"), ("aaaaaaaaaaaa", "too_simple")],
)
def test_weak_passwords_are_refused(password: str, problem: str):
    with pytest.raises(InvalidField) as raised:
        check_strength(password, "zhoujianhe")
    assert (raised.value.field, raised.value.problem) == ("password", problem)


def test_a_sign_in_ends_when_idle_and_lives_on_when_used(store: Store):
    an_account(store)
    signed = enter(store)
    with store.read() as session:
        assert get_officer_by_token(session, signed.token, NOW + timedelta(minutes=14)) is not None
        assert get_officer_by_token(session, signed.token, NOW + timedelta(minutes=15)) is None
        found = get_officer_by_token(session, signed.token, NOW + timedelta(minutes=10))
    assert found is not None
    assert touch_session(store, found, now=NOW + timedelta(minutes=10))
    with store.read() as session:
        again = get_officer_by_token(session, signed.token, NOW + timedelta(minutes=24))
    assert again is not None
    assert not touch_session(store, again, now=NOW + timedelta(minutes=10, seconds=30))


def test_a_sign_in_ends_after_twelve_hours_however_busy(store: Store):
    an_account(store)
    signed = enter(store)
    with store.write() as session:
        session.get_one(OfficerSession, signed.session_row.id).seen_at = NOW + timedelta(hours=11, minutes=59)
    with store.read() as session:
        assert get_officer_by_token(session, signed.token, NOW + timedelta(hours=11, minutes=59)) is not None
        assert get_officer_by_token(session, signed.token, NOW + timedelta(hours=12)) is None


def test_signing_out_ends_it_at_once(store: Store):
    an_account(store)
    signed = enter(store)
    with store.write() as session:
        found = get_officer_by_token(session, signed.token, NOW)
        assert found is not None
        sign_out(session, found, now=NOW, origin=ORIGIN)
    with store.read() as session:
        assert get_officer_by_token(session, signed.token, NOW) is None
    assert events(store) == [SecurityKind.SIGNED_IN, SecurityKind.SIGNED_OUT]


def test_a_token_that_was_never_given_is_nobodys(store: Store):
    with store.read() as session:
        assert get_officer_by_token(session, "", NOW) is None
        assert get_officer_by_token(session, "字" * 500, NOW) is None


def test_stale_sign_ins_are_swept_with_the_keys_in_them(store: Store):
    an_account(store)
    enter(store)
    with store.write() as session:
        assert end_stale_sessions(session, now=NOW) == 0
        assert end_stale_sessions(session, now=NOW + timedelta(minutes=15)) == 1
        assert session.scalar(select(func.count()).select_from(OfficerSession)) == 0


def test_an_officer_who_leaves_is_out_at_once(store: Store):
    ident = an_account(store)
    signed = enter(store)
    with store.write() as session:
        remove_officer(session, get_officer(session, ident), by=SYSTEM, now=NOW)
        assert list_officers(session) == []
    with store.read() as session:
        assert get_officer_by_token(session, signed.token, NOW) is None
    refused(store, NOW + timedelta(seconds=30))


def test_a_new_password_ends_every_sign_in(store: Store):
    ident = an_account(store)
    signed = enter(store)
    with store.write() as session:
        set_password(session, get_officer(session, ident), "江枫渔火对愁眠-夜半钟声", by=SYSTEM, now=NOW)
        set_second_factor(session, get_officer(session, ident), b"KRSXG5CTMVRXEZLU" * 2, by=SYSTEM, now=NOW)
        assert get_officer_by_token(session, signed.token, NOW) is None
        fields = [entry.details.get("fields") for entry in session.scalars(select(LedgerEntry))]
    assert ["password"] in fields
    assert ["second_factor"] in fields
    code = pyotp.TOTP("KRSXG5CTMVRXEZLU" * 2).at(int(NOW.timestamp()))
    enter(store, password="江枫渔火对愁眠-夜半钟声", code=code)


def test_a_user_name_is_given_once_and_changes_leave_their_fields_in_the_ledger(store: Store):
    an_account(store)
    with store.write() as session:
        with pytest.raises(InvalidField, match="taken"):
            add_officer(
                session,
                username="zhoujianhe",
                name="安如山",
                body_code="hotline",
                roles=[],
                password=PASSWORD,
                by=SYSTEM,
                now=NOW,
            )
        officer = get_officer_by_username(session, "zhoujianhe")
        assert officer is not None
        change_officer(session, officer, post="值班长", roles=[Role.SUPERVISOR], aliases=["老周"], by=SYSTEM, now=NOW)
        assert (officer.post, officer.roles, officer.aliases) == ("值班长", ["supervisor"], ["老周"])
        assert list_officers(session, body_code="fire") == []
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == Verb.OFFICER_CHANGED)).one()
    assert entry.details == {"fields": ["aliases", "post", "roles"]}
