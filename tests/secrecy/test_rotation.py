"""The server's secret is replaced: everything goes on, and whoever has the old one opens nothing of a new copy."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import select

from api.rotation import WRAPPED, count_left, rewrap_all
from api.schedules import list_schedules
from casework.ledger import SYSTEM, Verb, record
from casework.links import find_token
from casework.models import Attachment, Body, Officer
from casework.models.referrals import Acknowledgement
from casework.secretfile import add_version, drop_old_versions
from casework.secrets import ServerSecrets
from casework.webhooks import read_webhook_secret, set_webhook
from intake.addresses import read_reply_address
from intake.attachments import open_copy
from intake.imports import ImportRow
from intake.models import ReplyAddress
from intake.receipts import find_receipt
from intake.transfers import RowOutcome, take_row
from tests.api.houses import SEED
from tests.infrastructure.databases import Databases
from tests.secrecy.day import Day, a_day, live_through
from tests.secrecy.test_stolen_copy import prepare
from tests.secrecy.thief import Loot, open_with_secret, take_cluster, take_folder

ROOT = Path(__file__).parents[2]
STREET = ("api", "bot", "intake", "casework")
NOT_STORED = {
    "api/public.py": "the name of a talk in its first minutes",
    "api/console/call_desk.py": "the key of a half-typed form in the operator's own browser",
    "api/console/devices.py": "a browser's own cookie: after a rotation it is a stranger once more",
    "intake/work.py": "a task for a browser, good for half an hour",
    "intake/leading.py": "where a talk goes on, for 25 hours; it is looked for under the secret before as well",
    "casework/backups.py": "the mark of a backup, which is restored with the secret that it was made with",
}
RARE = {"vendor_tokens", "held_parts"}
"""What this day has no row of: the vendor is not asked, no part waits to be looked at."""
SERIAL = ImportRow(2, "A-2026-7", "芦渚颐年院的饭菜总是凉的")


@pytest.fixture
def day(database_kind: str, databases: Databases, tmp_path: Path) -> Iterator[Day]:
    """The day is over, and a body, an officer, another office's number and a link lie under the secret too."""
    with databases.fresh(database_kind) as url, a_day(url, prepare(url, tmp_path)) as lived:
        live_through(lived)
        house = lived.house
        with house.store.write() as session:
            body = session.get_one(Body, "fire")
            secret = bytes(range(32))
            set_webhook(
                session, body, "https://x.invalid", secrets=house.secrets, secret=secret, by=SYSTEM, now=lived.now
            )
            assert take_row(session, SERIAL, "12345", desk=house.intake_desk, now=lived.now) is RowOutcome.TAKEN
        yield lived


def list_blobs(day: Day) -> dict[str, bytes]:
    """Every ciphertext under the server's secret, by where it lies."""
    found: dict[str, bytes] = {}
    with day.house.store.read() as session:
        for wrapped in WRAPPED:
            for column in wrapped.columns:
                query = select(wrapped.key, getattr(wrapped.model, column)).where(wrapped.rows)
                found |= {f"{wrapped.name}/{column}/{key}": bytes(blob) for key, blob in session.execute(query) if blob}
    return found


def assert_everything_works(day: Day) -> None:
    house = day.house
    for name, code in day.codes.items():
        assert find_receipt(house.receipts, code, phrase=day.phrases.get(name, "")) is not None
    with house.store.write() as session:
        for address in session.scalars(select(ReplyAddress)):
            assert read_reply_address(address, secrets=house.secrets)
        for officer in session.scalars(select(Officer)):
            assert house.unlock_second_factor(officer.totp_secret or b"") == SEED
        copies = list(session.scalars(select(Attachment).where(~Attachment.sealed, Attachment.copy.is_not(None))))
        assert copies
        assert all(open_copy(row, secrets=house.secrets).data for row in copies)
        assert read_webhook_secret(session.get_one(Body, "fire"), house.secrets) == bytes(range(32))
        assert take_row(session, SERIAL, "12345", desk=house.intake_desk, now=day.now) is RowOutcome.KNOWN
        for row in session.scalars(select(Acknowledgement).where(Acknowledgement.token_sha256.is_not(None))):
            assert find_token(session, house.secrets, row.referral_id, row.token_sha256 or b"") is not None


def rotate(day: Day) -> ServerSecrets:
    """As `hotline secret rotate` and `retire` do it, beside a house that runs; what the thief has of the old days."""
    file, old = day.house.settings.resolved_secret_file, day.house.secrets.current()
    add_version(file)
    assert_everything_works(day)
    rewrap_all(day.house.store, day.house.secrets)
    assert count_left(day.house.store, day.house.secrets) == {}
    with day.house.store.write() as session:
        record(session, actor=SYSTEM, verb=Verb.KEYS_ROTATED, subject="secret", subject_id="2", now=day.now)
    drop_old_versions(file)
    assert list(day.house.secrets.current().versions) == [2]
    return ServerSecrets(old.versions, old.newest)


@pytest.mark.slow
def test_after_a_rotation_everything_works_and_a_stolen_old_secret_opens_nothing_new(day: Day) -> None:
    house, before = day.house, list_blobs(day)
    assert {place.split("/")[0] for place in before} >= {wrapped.name for wrapped in WRAPPED} - RARE
    stolen = rotate(day)
    assert_everything_works(day)
    for schedule in list_schedules(house).values():
        schedule.step(day.now)
    loot = Loot()
    assert open_with_secret(loot, house.store, stolen) == []
    assert open_with_secret(Loot(), house.store, house.secrets) != []
    take_folder(loot, house.settings.data_dir)
    if not house.store.is_sqlite:
        take_cluster(loot, house.settings.database_url)
    remains = {place for place, blob in before.items() if any(blob in piece for piece in loot.pieces.values())}
    assert remains == set()


@pytest.mark.slow
def test_whatever_opens_with_the_servers_secret_stands_in_the_list(day: Day) -> None:
    listed = {f"{wrapped.model.__tablename__}.{column}" for wrapped in WRAPPED for column in wrapped.columns}
    assert set(open_with_secret(Loot(), day.house.store, day.house.secrets)) <= listed


def list_uses(*verbs: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a verb on something that is called secrets, with its file."""
    for path in sorted(path for folder in STREET for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in verbs):
                continue
            if ast.unparse(node.func.value).endswith("secrets"):
                yield path.relative_to(ROOT).as_posix(), node


def test_every_purpose_that_is_encrypted_for_is_in_the_list() -> None:
    """A new one needs its line in `api.rotation.WRAPPED`, or a rotation would leave it behind for good."""
    listed, seen = {wrapped.purpose for wrapped in WRAPPED}, set()
    for name, call in list_uses("encrypt"):
        if ast.unparse(call.args[0]) == "wrapped.purpose":
            continue
        module = import_module(name.removesuffix(".py").replace("/", "."))
        seen.add(getattr(module, ast.unparse(call.args[0])))
    assert seen == listed


def test_hashes_under_the_secret_itself_are_never_stored() -> None:
    """What is stored for longer is hashed under a key of `casework.server_keys`."""
    assert {name for name, _ in list_uses("mac", "macs")} - set(NOT_STORED) == set()
