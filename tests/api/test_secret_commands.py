"""`hotline secret`: rotating by the command line, broken off at any moment, and the end of the old version."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from api import secret_commands
from api.cli import app
from api.rotation import WRAPPED, Walk, count_left
from casework.ledger import SYSTEM, Verb
from casework.models import Body
from casework.models.ledger import LedgerEntry
from casework.secretfile import SecretFile, add_version
from casework.secrets import generate_secret_file
from casework.server_keys import KeyUse, list_keys, need_key
from casework.store import Store
from casework.webhooks import read_webhook_secret, set_webhook
from tests.api.houses import EVERYBODY, a_house
from tests.casework.people import NOW, the_county

ROOT = Path(__file__).parents[2]
BODIES = ("fire", "police", "market")
ELEVEN_MINUTES = 11 * 60


@dataclass
class Home:
    """A database with a few rows under the secret of a file."""

    store: Store
    file: Path
    told: dict[str, bytes]

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, ["secret", *words])

    def read(self) -> dict[str, bytes]:
        """What the rows hold, by the file as it lies on the disk."""
        secrets = SecretFile(self.file).open()
        with self.store.read() as session:
            found = {code: read_webhook_secret(session.get_one(Body, code), secrets) for code in BODIES}
            return found | {"links": list_keys(session, KeyUse.LINKS, secrets)[0]}

    def versions(self) -> list[int]:
        return sorted(SecretFile(self.file).read().versions)

    def left(self) -> dict[str, int]:
        return count_left(self.store, SecretFile(self.file).read())

    def wait(self) -> None:
        """The file's last change is a while ago."""
        before = self.file.stat().st_mtime - ELEVEN_MINUTES
        os.utime(self.file, (before, before))

    def verbs(self) -> list[Verb]:
        with self.store.read() as session:
            return list(session.scalars(select(LedgerEntry.verb).where(LedgerEntry.subject == "secret")))


@pytest.fixture
def home(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    file = tmp_path / "secret.toml"
    file.write_bytes(generate_secret_file())
    file.chmod(0o600)
    secrets = SecretFile(file).open()
    with store.write() as session:
        the_county(session)
        for code in BODIES:
            set_webhook(session, session.get_one(Body, code), "https://x.invalid", secrets=secrets, by=SYSTEM, now=NOW)
        need_key(session, KeyUse.LINKS, secrets)
    monkeypatch.setenv("HOTLINE_DATABASE_URL", store.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("HOTLINE_SECRET_FILE", str(file))
    made = Home(store, file, {})
    made.told = made.read()
    return made


def test_every_kind_of_row_has_a_name_for_the_screen() -> None:
    assert set(secret_commands.KIND) == {wrapped.name for wrapped in WRAPPED}


def test_rotating_adds_a_version_and_puts_everything_under_it(home: Home) -> None:
    told = home.run("rotate")
    assert told.exit_code == 0, told.output
    assert "加了第2版" in told.stdout
    assert "单位回调的签名密钥：3行" in told.stdout
    assert home.versions() == [1, 2]
    assert (home.left(), home.read()) == ({}, home.told)
    assert home.file.stat().st_mode & 0o777 == 0o600
    assert home.verbs() == [Verb.KEYS_ROTATED, Verb.KEYS_ROTATED]


def test_rotating_again_goes_on_and_adds_nothing(home: Home) -> None:
    home.run("rotate")
    assert "全部数据都在第2版下了" in home.run("rotate").stdout
    assert home.versions() == [1, 2]
    assert home.run("rotate", "--new").exit_code == 0
    assert home.versions() == [1, 2, 3]
    assert (home.left(), home.read()) == ({}, home.told)


def test_a_version_can_be_added_before_the_other_machines_have_the_file(home: Home) -> None:
    assert home.run("rotate", "--only-add").exit_code == 0
    assert home.left() == {"bodies": 3, "server_keys": 1}
    assert "旧版本下还有4行" in home.run("status").stdout
    home.run("rotate")
    assert (home.versions(), home.left()) == ([1, 2], {})


def test_the_old_version_goes_when_nobody_can_write_under_it_any_more(home: Home) -> None:
    home.run("rotate")
    early = home.run("retire")
    assert early.exit_code == 1
    assert "十分钟" in early.stderr
    assert home.versions() == [1, 2]
    home.wait()
    told = home.run("retire")
    assert told.exit_code == 0, told.output
    assert "去掉了第1版" in told.stdout
    assert (home.versions(), home.read()) == ([2], home.told)
    assert home.verbs()[-1] == Verb.KEYS_RETIRED
    assert "没有旧版本" in home.run("retire").stdout


def test_the_old_version_stays_while_a_row_needs_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.run("rotate", "--only-add")
    home.wait()
    monkeypatch.setattr(secret_commands, "rewrap_all", lambda *_args, **_more: Walk({}, {}))
    told = home.run("retire")
    assert told.exit_code == 1
    assert "还有4行" in told.stderr
    assert home.versions() == [1, 2]


def test_a_row_that_nothing_opens_is_told_and_holds_nothing_up(home: Home) -> None:
    with home.store.write() as session:
        body = session.get_one(Body, "fire")
        assert body.webhook_secret is not None
        body.webhook_secret = body.webhook_secret[:-1] + bytes([body.webhook_secret[-1] ^ 1])
    told = home.run("rotate")
    assert "单位回调的签名密钥：有1行哪个版本都打不开" in told.stderr
    assert home.left() == {"bodies": 1}
    home.wait()
    assert home.run("retire").exit_code == 0
    assert home.versions() == [2]


def test_a_running_house_reads_and_writes_under_the_new_version_at_once(home: Home) -> None:
    running = SecretFile(home.file).open()
    home.run("rotate")
    with home.store.write() as session:
        assert {
            code: read_webhook_secret(session.get_one(Body, code), running) for code in BODIES
        }.items() <= home.told.items()
    assert running.is_newest(running.encrypt("totp", b"x", b""))
    assert running.current().newest == 2


@pytest.mark.parametrize("moment", ["in_the_file", "before_commit", "between_batches"])
def test_a_rotation_killed_in_the_middle_leaves_everything_readable_and_goes_on(home: Home, moment: str) -> None:
    killed = subprocess.run([sys.executable, "-m", "tests.api.rotation_victim", moment], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert home.read() == home.told
    assert home.versions() == ([1] if moment == "in_the_file" else [1, 2])
    assert home.run("rotate").exit_code == 0
    assert (home.versions(), home.left(), home.read()) == ([1, 2], {}, home.told)
    assert [path.name for path in home.file.parent.iterdir() if path.name.endswith(".part")] == []


def test_a_house_whose_file_is_away_for_a_moment_goes_on(home: Home) -> None:
    running = SecretFile(home.file).open()
    kept = home.file.read_bytes()
    home.file.write_bytes(b"half a li")
    assert running.current().newest == 1
    home.file.unlink()
    assert running.current().newest == 1
    home.file.write_bytes(generate_secret_file(kept))
    assert running.current().newest == 2


def test_the_check_of_the_settings_says_how_many_rows_lie_under_an_old_version(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_house(database_url, tmp_path) as test:
        file = test.house.settings.resolved_secret_file
    for name, value in {"DATABASE_URL": database_url, "SECRET_FILE": str(file), "DATA_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(f"HOTLINE_{name}", value)
    add_version(file)
    told = CliRunner().invoke(app, ["check-config"])
    assert told.exit_code == 0, told.output
    assert f"旧版本下还有{len(EVERYBODY)}行：人员的动态码{len(EVERYBODY)}行" in told.stdout
