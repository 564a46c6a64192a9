"""`hotline verify` and `verify-export`: the chain, and an old head that somebody noted outside."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text, update
from typer.testing import CliRunner

from api.cli import app
from api.migrate import upgrade
from casework.chain import sequence_entries
from casework.heads import note_head, write_head
from casework.ledger import SYSTEM, Verb, record
from casework.ledgerexports import export_lines
from casework.models.ledger import remove_append_only_statements
from casework.models.secrecy import RecoveryKey
from casework.store import Store
from casework.types import Role
from tests.casework.people import NOW, an_officer, the_county


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


def exported(store: Store, folder: Path) -> Path:
    """The ledger as its auditor takes it, in a file outside the house."""
    with store.write() as session:
        the_county(session)
        auditor = an_officer(session, "ye", "叶守白", "hotline", Role.LOG_AUDITOR)
        content = export_lines(session, auditor, now=NOW)
    file = folder / "ledger.jsonl"
    file.write_bytes(content)
    return file


def check(*words: str, cut_off: pytest.MonkeyPatch):
    """`hotline verify-export`, with no database to ask."""
    cut_off.setenv("HOTLINE_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    return CliRunner().invoke(app, ["verify-export", *words])


def test_an_export_is_checked_without_the_house(ledger: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head, file = head_of(ledger), exported(ledger, tmp_path)
    told = check(str(file), "--head", head, cut_off=monkeypatch)
    assert told.exit_code == 0, told.output
    assert "这份台账完好：一直到第2块" in told.stdout
    assert "一条不少" in told.stdout
    assert "请给出另外记下的链头" in check(str(file), cut_off=monkeypatch).stdout
    other = check(str(file), "--head", "7:" + "ab" * 32, cut_off=monkeypatch)
    assert other.exit_code == 1
    assert "不在这份里" in other.stderr
    assert check(str(file), "--head", "x", cut_off=monkeypatch).exit_code == 2


@pytest.mark.parametrize("harm", [lambda _text: "", str.upper])
def test_a_changed_export_is_told_with_its_line(
    ledger: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: Callable[[str], str]
) -> None:
    file = exported(ledger, tmp_path)
    file.write_text(harm(file.read_text(encoding="utf-8")), encoding="utf-8")
    told = check(str(file), cut_off=monkeypatch)
    assert told.exit_code == 1
    assert "从第1行起对不上" in told.stderr


def test_a_changed_fingerprint_is_told(ledger: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = exported(ledger, tmp_path)
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[1] = re.sub(r'"sha256": "[0-9a-f]{4}', '"sha256": "0000', lines[1])
    file.write_text("\n".join(lines), encoding="utf-8")
    told = check(str(file), cut_off=monkeypatch)
    assert told.exit_code == 1
    assert "对不上" in told.stderr


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


def test_a_database_file_that_was_tampered_with_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "hotline.db"
    monkeypatch.setenv("HOTLINE_DATABASE_URL", f"sqlite:///{file}")
    upgrade(f"sqlite:///{file}")
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + bytes(range(256)) * ((len(whole) - 100) // 256))
    told = run()
    assert told.exit_code == 1
    assert "数据库读不出来" in told.stderr


def test_a_head_that_nobody_can_read_is_told(ledger: Store) -> None:
    assert run("--head", "12:abc").exit_code == 2


def test_a_swapped_key_is_named_though_the_chain_is_whole(ledger: Store) -> None:
    with ledger.write() as session:
        the_county(session)
    assert run().exit_code == 0
    with ledger.write() as session:
        session.execute(update(RecoveryKey).values(public_key=b"k" * 32))
    told = run()
    assert told.exit_code == 1
    assert "恢复钥匙和台账里登记的不一样" in told.output
    assert "台账完好" not in told.output
