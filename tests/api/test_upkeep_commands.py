"""`hotline verify`: the chain, and an old head that somebody noted outside."""

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli import app
from casework.chain import sequence_entries
from casework.heads import note_head, write_head
from casework.ledger import SYSTEM, Verb, record
from casework.models.ledger import remove_append_only_statements
from casework.store import Store
from tests.casework.people import NOW


@pytest.fixture
def ledger(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A chain of two blocks."""
    for number in range(2):
        with store.write() as session:
            record(session, actor=SYSTEM, verb=Verb.DATA_LOADED, subject="office", subject_id=str(number), now=NOW)
        sequence_entries(store, now=NOW)
    monkeypatch.setenv("HOTLINE_DATABASE_URL", store.engine.url.render_as_string(hide_password=False))
    return store


def run(*words: str):
    return CliRunner().invoke(app, ["verify", *words])


def head_of(store: Store) -> str:
    head = note_head(store, now=NOW)
    assert head is not None
    return write_head(head)


def test_an_old_head_is_still_in_the_chain(ledger: Store) -> None:
    old = head_of(ledger)
    with ledger.write() as session:
        record(session, actor=SYSTEM, verb=Verb.DATA_LOADED, subject="office", subject_id="3", now=NOW)
    sequence_entries(ledger, now=NOW)
    told = run("--head", old)
    assert told.exit_code == 0
    assert "记下的链头还在第2块" in told.stdout
    assert f"现在的链头：{head_of(ledger)}" in told.stdout


def test_a_chain_whose_end_was_cut_off_is_found_by_the_head_alone(ledger: Store) -> None:
    old = head_of(ledger)
    dialect = "sqlite" if ledger.is_sqlite else "postgresql"
    with ledger.write() as session:
        for table in ("ledger_link", "ledger_block", "ledger_entry"):
            for statement in remove_append_only_statements(table, dialect):
                session.execute(text(statement))
        session.execute(text("DELETE FROM ledger_link WHERE block_id = 2"))
        session.execute(text("DELETE FROM ledger_block WHERE id = 2"))
        session.execute(text("DELETE FROM ledger_entry WHERE subject_id = '1'"))
    assert run().exit_code == 0
    told = run("--head", old)
    assert told.exit_code == 1
    assert "断了" in told.stderr


def test_a_head_that_nobody_can_read_is_told(ledger: Store) -> None:
    assert run("--head", "12:abc").exit_code == 2
