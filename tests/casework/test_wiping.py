"""What was deleted must also be gone from the files, whoever happened to be reading meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text

from casework.store import Store
from casework.wiping import wipe_freed
from tests.infrastructure.databases import Databases, plain
from tests.secrecy.thief import Loot, take_cluster

WORD = "a-word-that-was-taken-back"
AT_ONCE = timedelta(0)


@pytest.fixture
def postgres(databases: Databases) -> Iterator[Store]:
    with databases.fresh("postgresql") as url:
        store = Store(url)
        yield store
        store.close()


@contextmanager
def reading(store: Store) -> Iterator[None]:
    """Somebody else, in the middle of a long look: a dump, an analysis, a forgotten session."""
    with psycopg.connect(plain(store.url)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute("SELECT count(*) FROM vendor_token")
        yield


def write_and_delete(store: Store) -> Iterator[None]:
    """A row is written; between the two steps somebody may begin to read; then it is deleted."""
    with store.write() as session:
        session.execute(
            text("INSERT INTO vendor_token (account, ciphertext, expires_at) VALUES (:word, '', now())"), {"word": WORD}
        )
    yield
    with store.write() as session:
        session.execute(text("DELETE FROM vendor_token"))
    yield


def lies_in_files(store: Store) -> bool:
    loot = Loot()
    take_cluster(loot, store.url)
    return any(place.startswith("file/vendor_token") for _, place in loot.find({"word": WORD}))


def test_it_does_not_call_wiped_what_an_older_reader_still_keeps_alive(postgres: Store):
    steps = write_and_delete(postgres)
    next(steps)
    with reading(postgres):
        next(steps)
        assert not wipe_freed(postgres, patience=AT_ONCE)
    assert lies_in_files(postgres)
    assert wipe_freed(postgres)
    assert not lies_in_files(postgres)
