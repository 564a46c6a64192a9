"""Keys of the integration API by the command line."""

import pytest
import typer
from sqlalchemy import select
from typer.testing import CliRunner

from api import key_commands
from casework.apikeys import Scope, find_caller
from casework.models.ledger import LedgerEntry
from casework.store import Store
from tests.casework.people import the_county


@pytest.fixture
def county(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    with store.write() as session:
        the_county(session)
    monkeypatch.setenv("HOTLINE_DATABASE_URL", store.engine.url.render_as_string(hide_password=False))
    return store


def run(*words: str):
    app = typer.Typer()
    key_commands.register(app)
    return CliRunner().invoke(app, ["key", *words])


def test_a_key_is_shown_once_works_and_ends(county: Store):
    made = run("add", "消防", "--scope", "referrals:read", "--body", "fire").stdout.strip()
    with county.read() as session:
        caller = find_caller(session, made)
    assert caller is not None
    assert (caller.body_code, caller.scopes) == ("fire", frozenset({Scope.REFERRALS_READ}))
    listed = run("list").stdout
    assert made not in listed
    assert "在用  消防" in listed
    assert run("revoke", caller.key_id).exit_code == 0
    with county.read() as session:
        assert find_caller(session, made) is None
    assert "停用" in run("list").stdout
    assert run("revoke", caller.key_id).exit_code == 0
    with county.read() as session:
        told = session.scalars(select(LedgerEntry).where(LedgerEntry.subject == "api_key")).all()
    assert [entry.verb for entry in told] == ["key_added", "key_revoked"]
    assert told[0].details == {"scopes": ["referrals:read"]}
    assert made not in str([entry.details for entry in told])


@pytest.mark.parametrize(
    "words",
    [
        ("add", "消防", "--scope", "referrals:read"),
        ("add", "消防", "--scope", "referrals:read", "--body", "nobody"),
        ("add", "消防", "--scope", "everything"),
        ("revoke", "nobody"),
    ],
)
def test_a_mistake_is_told_and_makes_no_key(county: Store, words: tuple[str, ...]):
    assert run(*words).exit_code != 0
    assert run("list").stdout == ""
