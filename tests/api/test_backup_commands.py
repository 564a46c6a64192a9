"""Backup, restore and move by the command line: what is told, and what still works afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from api import backup_commands
from casework.ledger import Verb
from casework.models import Delivery, LedgerEntry
from casework.store import Store
from casework.types import DeliveryMethod, DeliveryStatus
from intake.receipts import find_receipt, harden_receipt
from intake.reports import receive_report
from intake.types import Filed
from tests.api.houses import LIGHT, NOW, TestHouse, a_house, open_house, some_settings
from tests.casework.handovers import an_issued_referral, equip_bodies
from tests.infrastructure.databases import Databases
from tests.intake.desk import a_draft


class Terminal:
    """A terminal whose environment names a database and the house's folder."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._patch, self._folder = monkeypatch, folder

    def run(self, url: str, *words: str) -> "tuple[int, str]":
        self._patch.setenv("HOTLINE_DATABASE_URL", url)
        self._patch.setenv("HOTLINE_DATA_DIR", str(self._folder))
        self._patch.setenv("HOTLINE_SECRET_FILE", str(self._folder / "secret.toml"))
        app = typer.Typer()
        backup_commands.register(app)
        done = CliRunner().invoke(app, list(words))
        return done.exit_code, done.output


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Terminal:
    return Terminal(monkeypatch, tmp_path)


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[TestHouse]:
    with a_house(database_url, tmp_path) as made:
        yield made


@pytest.fixture
def empty_url(database_kind: str, databases: Databases) -> Iterator[str]:
    """An empty database of the other kind."""
    with databases.empty("postgresql" if database_kind == "sqlite" else "sqlite") as url:
        yield url


def file_report(house: TestHouse, *, hardened: bool) -> str:
    desk = house.house.intake_desk
    with house.house.store.write() as session:
        filed = receive_report(session, a_draft(), desk=desk, now=NOW)
    assert isinstance(filed, Filed)
    if hardened:
        assert harden_receipt(house.house.store, filed.receipt_id, keys=desk.keys, secrets=desk.secrets, strength=LIGHT)
    return filed.code


@contextmanager
def opened(url: str, folder: Path) -> Iterator[TestHouse]:
    """A house on the restored database, with the same secret; its short-lived keys are gone with the old machine."""
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "secret.toml").write_bytes((folder / "secret.toml").read_bytes())
    with open_house(some_settings(url, elsewhere), lambda: NOW) as house:
        yield TestHouse(house, lambda: NOW, {})  # type: ignore[arg-type]


def test_after_a_restore_a_hardened_code_works_and_a_pending_one_is_told_lost(
    house: TestHouse, terminal: Terminal, empty_url: str, tmp_path: Path
) -> None:
    kept, lost = file_report(house, hardened=True), file_report(house, hardened=False)
    url, file = house.house.settings.database_url, tmp_path / "b.hotline"
    code, said = terminal.run(url, "backup", str(file))
    assert (code, "服务器密钥不在里面" in said) == (0, True)
    code, said = terminal.run(empty_url, "restore", str(file))
    assert code == 0, said
    assert "有1个查询码做备份时还没存稳" in said
    with opened(empty_url, tmp_path) as restored:
        assert find_receipt(restored.house.receipts, kept) is not None
        assert find_receipt(restored.house.receipts, lost) is None


def test_a_move_loses_no_code_and_goes_on_sending(
    house: TestHouse, terminal: Terminal, empty_url: str, tmp_path: Path
) -> None:
    code = file_report(house, hardened=False)
    with house.house.store.write() as session:
        equip_bodies(session)
        delivery = waiting(session, an_issued_referral(session, home="luzhu-zx").id)
    status, said = terminal.run(house.house.settings.database_url, "move", empty_url)
    assert status == 0, said
    assert "有1份移送件接着送" in said
    assert "查询码" not in said
    with opened(empty_url, tmp_path) as moved:
        assert find_receipt(moved.house.receipts, code) is not None
        with moved.house.store.read() as session:
            assert session.get_one(Delivery, delivery).status is DeliveryStatus.QUEUED


def test_after_a_restore_a_waiting_notice_is_a_persons_to_decide(
    house: TestHouse, terminal: Terminal, empty_url: str, tmp_path: Path
) -> None:
    with house.house.store.write() as session:
        equip_bodies(session)
        delivery = waiting(session, an_issued_referral(session, home="luzhu-zx").id)
    assert terminal.run(house.house.settings.database_url, "backup", str(tmp_path / "b"))[0] == 0
    status, said = terminal.run(empty_url, "restore", str(tmp_path / "b"))
    assert status == 0, said
    assert "有1份移送件可能已经送出" in said
    restored = Store(empty_url)
    with restored.read() as session:
        row = session.get_one(Delivery, delivery)
        last = session.scalars(select(LedgerEntry).order_by(LedgerEntry.id.desc()).limit(1)).one()
    restored.close()
    assert (row.status, row.error_code) == (DeliveryStatus.UNSURE, "restored")
    assert (last.verb, last.details["unsure"]) == (Verb.DATA_LOADED, 1)


def test_what_is_refused_is_told_in_one_sentence(
    house: TestHouse, terminal: Terminal, empty_url: str, tmp_path: Path
) -> None:
    url, file = house.house.settings.database_url, tmp_path / "b"
    terminal.run(url, "backup", str(file))
    status, said = terminal.run(url, "backup", str(file))
    assert (status, "已经有这个文件：b" in said) == (1, True)
    status, said = terminal.run(url, "restore", str(file))
    assert (status, "目标数据库不是空的" in said) == (1, True)
    file.write_bytes(file.read_bytes()[:-100])
    status, said = terminal.run(empty_url, "restore", str(file))
    assert (status, "备份文件不完整" in said) == (1, True)
    status, said = terminal.run(url, "move", url)
    assert (status, "是同一个" in said) == (1, True)


def waiting(session: Session, referral_id: str) -> str:
    query = select(Delivery.id).where(Delivery.referral_id == referral_id, Delivery.method == DeliveryMethod.MAIL)
    return session.scalars(query).one()
