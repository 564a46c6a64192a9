"""Whoever steals disk, database, backup, configuration and logs finds none of what was promised to be hidden."""

import logging
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import func, select

from api.migrate import find_revision
from api.schedules import list_schedules
from bot.models import Conversation, LooseMedium
from casework.backups import write_backup
from casework.models import Attachment, Case
from intake.models import ReplyAddress
from tests.infrastructure.databases import Databases, plain
from tests.secrecy.day import (
    GONE_SENDER,
    LATE_SENDER,
    OPEN_SENDER,
    OPEN_WORDS,
    SEALED_SENDER,
    Day,
    a_day,
    live_through,
)
from tests.secrecy.thief import Loot, list_forms, open_with_secret, take_cluster, take_folder

pytestmark = pytest.mark.slow
LEFT_ADDRESSES = (OPEN_SENDER, SEALED_SENDER, LATE_SENDER)
"""Those who asked to be told of news in the chat; the others' ids must be nowhere."""


@pytest.fixture
def day(database_kind: str, databases: Databases, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Day]:
    """The day is over; every library's log was kept to the last word."""
    caplog.set_level(logging.DEBUG)
    with databases.fresh(database_kind) as url, a_day(url, prepare(url, tmp_path)) as lived:
        live_through(lived)
        yield lived


def prepare(url: str, folder: Path) -> Path:
    """The data folder: SQLite lies in it; PostgreSQL is told to compress nothing, so that a search finds all."""
    if url.startswith("sqlite"):
        return Path(url.removeprefix("sqlite:///")).parent
    store_uncompressed(url)
    return folder


def store_uncompressed(url: str) -> None:
    with psycopg.connect(plain(url), autocommit=True) as connection:
        columns = connection.execute(
            "SELECT attrelid::regclass::text, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE relkind = 'r' AND attnum > 0 AND attstorage = 'x' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        for table, column in columns:
            query = SQL("ALTER TABLE {} ALTER COLUMN {} SET STORAGE EXTERNAL")
            connection.execute(query.format(Identifier(table), Identifier(column)))


def steal(day: Day, log: str) -> Loot:
    """Everything: disk, database, a backup made now, configuration with the secret, the logs."""
    loot = Loot()
    store, folder = day.house.store, day.house.settings.data_dir
    target = folder / f"backup-{day.now:%H%M%S}.hotline"
    write_backup(store, target, revision=find_revision(store), secrets=day.house.secrets, now=day.now)
    take_folder(loot, folder)
    if not store.is_sqlite:
        take_cluster(loot, day.house.settings.database_url)
    loot.add("log", log.encode())
    loot.add("settings", repr(day.house.settings).encode())
    open_with_secret(loot, store, day.house.secrets)
    return loot


def log_of(caplog: pytest.LogCaptureFixture) -> str:
    """Every line that was logged, with whatever was attached to it."""
    return "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)


def run_schedules(day: Day) -> None:
    """What the house does by itself again and again."""
    for schedule in list_schedules(day.house).values():
        schedule.step(day.now)


def test_a_thief_in_the_evening_finds_no_name_and_no_sealed_word(day: Day, caplog: pytest.LogCaptureFixture) -> None:
    run_schedules(day)
    loot = steal(day, log_of(caplog))
    hidden = {name: word for name, word in day.hidden.items() if word not in LEFT_ADDRESSES}
    codes = {f"code_{name}": code for name, code in day.codes.items()}
    assert loot.find(hidden | codes) == set()


def test_reply_addresses_of_open_reports_lie_only_under_the_servers_secret(
    day: Day, caplog: pytest.LogCaptureFixture
) -> None:
    run_schedules(day)
    words = {"open": OPEN_SENDER, "sealed": SEALED_SENDER, "late": LATE_SENDER, "gone": GONE_SENDER}
    found = steal(day, log_of(caplog)).find(words)
    assert {name for name, _ in found} == {"open", "sealed", "late"}
    assert {place.split("/")[1] for _, place in found} == {"reply_address.ciphertext"}


def test_the_day_after_a_closed_report_its_reply_address_is_gone(day: Day, caplog: pytest.LogCaptureFixture) -> None:
    day.test.clock.turn(days=1)
    run_schedules(day)
    assert {name for name, _ in steal(day, log_of(caplog)).find({"open": OPEN_SENDER})} == set()


def test_after_the_talks_have_ended_not_even_the_keys_on_the_disk_join_writer_and_report(
    day: Day, caplog: pytest.LogCaptureFixture
) -> None:
    with day.house.store.read() as session:
        keys = {row.id: day.house.keys.get(row.key_id) for row in session.scalars(select(Conversation))}
    assert len(keys) == 8
    day.test.clock.turn(days=4)
    run_schedules(day)
    with day.house.store.read() as session:
        assert session.scalars(select(Conversation)).all() == []
    loot = steal(day, log_of(caplog))
    assert {name for name, _ in loot.find(day.hidden)} == {"sealed_sender", "late_sender"}
    assert [place for place, piece in loot.pieces.items() for key in keys.values() if key and key in piece] == []


def test_of_files_the_servers_secret_opens_the_clean_pictures_of_open_cases_alone(
    day: Day, caplog: pytest.LogCaptureFixture
) -> None:
    run_schedules(day)
    loot = steal(day, log_of(caplog))
    with day.house.store.read() as session:
        open_rows = {row.id for row in session.scalars(select(Attachment)) if not row.sealed and row.copy_wrap}
        rows = session.scalars(select(Attachment)).all()
        assert len(rows) == 3 * 4
        assert session.scalar(select(func.count()).select_from(LooseMedium)) == 1
    seen = {
        place.split("/")[2]
        for place in loot.pieces
        if place.startswith("opened/attachment.copy/") and place.count("/") == 2
    }
    assert seen == open_rows
    assert len(open_rows) == 2 * 2
    assert not any(place.startswith("opened/attachment.original/") for place in loot.pieces)


def test_the_thief_would_have_found_what_lies_open(day: Day, caplog: pytest.LogCaptureFixture) -> None:
    loot = steal(day, log_of(caplog))
    places = {place for _, place in loot.find({"open": OPEN_WORDS})}
    assert any("backup" in place for place in places)
    assert any("hotline.db" in place or place == "file/report" for place in places)
    with day.house.store.read() as session:
        assert session.scalars(select(ReplyAddress)).first() is not None
        sealed = [case.number for case in session.scalars(select(Case)) if case.sealed]
    assert len(sealed) == 5


@pytest.mark.parametrize("text", ["{}", '"{}"', "x{}", "xy{}z", "xyz{}é"])
def test_the_search_knows_every_way_of_writing_a_word_down(text: str) -> None:
    raw = text.format("鄢知微").encode()
    forms = list(list_forms("鄢知微"))
    pieces = [raw, raw.hex().encode(), repr(raw.decode()).encode(), *map(b64encode, (raw, b"a" + raw, b"ab" + raw))]
    assert [piece for piece in pieces if not any(form in piece for form in forms)] == []
