"""`hotline body set-key` and what `verify` says of a receiver's key: nobody has heard it yet, or it was swapped."""

import hashlib

import pyrage
import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from api.cli import app
from casework.models.ledger import LedgerEntry
from casework.models.people import Body, Officer
from casework.passwords import hash_password
from casework.store import Store
from casework.types import Role
from tests.casework.handovers import heard
from tests.casework.people import a_clue_officer, an_officer, the_county

KEY, OTHER_KEY = (str(pyrage.x25519.Identity.generate().to_public()) for _ in range(2))


def run(*words: str, typed: str = "") -> tuple[int, str]:
    told = CliRunner().invoke(app, list(words), input=typed)
    return told.exit_code, told.output


def enter(key: str, password: str = "mailong-2026-1") -> tuple[int, str]:
    """Enter a key of the fire brigade as somebody who says who he is."""
    return run("body", "set-key", "fire", key, typed=f"keeper\n{password}\n")


@pytest.fixture
def county(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A county with a clue officer; the commands find its database."""
    with store.write() as session:
        the_county(session)
        a_clue_officer(session)
        keeper = an_officer(session, "keeper", "管钥匙的", "clue_desk", Role.ADMINISTRATOR)
        keeper.password_hash = hash_password("mailong-2026-1")
    monkeypatch.setenv("HOTLINE_DATABASE_URL", store.engine.url.render_as_string(hide_password=False))
    return store


def test_a_key_that_was_entered_waits_to_be_heard_and_is_told_so(county: Store) -> None:
    digits = hashlib.sha256(KEY.encode()).hexdigest()
    code, told = enter(KEY)
    assert code == 0
    assert f"{digits[:4]} {digits[4:8]}" in told
    assert "还不能用" in told
    assert "还没核对" in run("body", "list")[1]
    code, told = run("verify")
    assert code == 0
    assert "新登记，指纹" in told
    with county.write() as session:
        heard(session, session.get_one(Body, "fire"))
    assert "核对过" in run("body", "list")[1]
    assert "还没有人听" not in run("verify")[1]
    enter(OTHER_KEY)
    assert "换过，指纹" in run("verify")[1]


def test_a_key_swapped_in_the_database_stops_verify(county: Store) -> None:
    enter(KEY)
    with county.write() as session:
        session.execute(update(Body).where(Body.code == "fire").values(age_public_key=OTHER_KEY))
    code, told = run("verify")
    assert code == 1
    assert "材料包公钥和台账里登记的不一样" in told
    assert "和台账对不上" in run("body", "list")[1]


def test_whoever_enters_a_key_says_who_he_is_and_stands_in_the_ledger(county: Store) -> None:
    code, told = enter(KEY, "somebody else's")
    assert code != 0
    assert "密码不对" in told
    assert run("body", "set-key", "fire", KEY, "--by", "nobody", typed="x\n")[0] != 0
    with county.read() as session:
        assert session.get_one(Body, "fire").age_public_key is None
    assert enter(KEY)[0] == 0
    with county.read() as session:
        keeper = session.scalars(select(Officer.id).where(Officer.username == "keeper")).one()
        pinned = session.scalars(select(LedgerEntry.actor_id).where(LedgerEntry.subject_id == "body-fire")).all()
    assert pinned == [keeper]
