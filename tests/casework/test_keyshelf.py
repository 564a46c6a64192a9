"""Short-lived keys: durable before they are used, gone when destroyed, never given twice."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from casework.keyshelf import BATCH_KEYS, FileShelf, KeyShelf, MemoryShelf, TableShelf, destroy_after_commit
from casework.store import Store

NOW = datetime(2026, 10, 8, 2, 52, tzinfo=UTC)
LATER = NOW + timedelta(hours=72)


@pytest.fixture(params=["file", "table", "memory"])
def shelf(request, tmp_path) -> Iterator[KeyShelf]:
    if request.param == "file":
        yield FileShelf(tmp_path / "short")
    elif request.param == "memory":
        yield MemoryShelf()
    else:
        opened = Store(request.getfixturevalue("postgres_database_url"))
        yield TableShelf(opened.engine)
        opened.close()


def test_a_key_is_found_until_it_is_destroyed(shelf):
    made = shelf.create(LATER)
    other = shelf.create(LATER)
    assert shelf.get(made.key_id) == made.key
    shelf.destroy(made.key_id)
    shelf.destroy(made.key_id)
    assert shelf.get(made.key_id) is None
    assert shelf.get(other.key_id) == other.key


def test_the_sweep_destroys_what_has_expired_and_nothing_else(shelf):
    old, young = shelf.create(NOW), shelf.create(LATER)
    assert shelf.sweep(NOW + timedelta(minutes=1)) == 1
    assert shelf.get(old.key_id) is None
    assert shelf.get(young.key_id) == young.key


@pytest.mark.parametrize("key_id", ["", "nothing", "abc-1", "../../etc-1", "abc-x"])
def test_an_unknown_key_is_none(shelf, key_id):
    assert shelf.get(key_id) is None
    shelf.destroy(key_id)


def test_keys_are_never_given_twice_to_many_threads(shelf):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: shelf.create(LATER), range(200)))
    assert len({each.key_id for each in made}) == len({each.key for each in made}) == 200


def test_a_file_shelf_goes_on_after_its_batch(tmp_path):
    shelf = FileShelf(tmp_path)
    made = [shelf.create(LATER) for _ in range(BATCH_KEYS + 1)]
    assert len({each.key for each in made}) == BATCH_KEYS + 1
    assert len(list(tmp_path.glob("*.slots"))) == 2
    assert all(shelf.get(each.key_id) == each.key for each in made)


def test_taking_a_key_from_a_file_syncs_once_a_batch(tmp_path, monkeypatch):
    synced: list[int] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(descriptor)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    shelf = FileShelf(tmp_path)
    for _ in range(100):
        shelf.create(LATER)
    assert len(synced) == 2  # the file and its folder


def test_another_process_reads_and_destroys_a_key(tmp_path):
    shelf = FileShelf(tmp_path)
    made = shelf.create(LATER)
    code = (
        "import sys; from pathlib import Path; from casework.keyshelf import FileShelf;"
        "shelf = FileShelf(Path(sys.argv[1])); key = shelf.get(sys.argv[2]);"
        "print(key.hex()); shelf.destroy(sys.argv[2])"
    )
    root = Path(__file__).parents[2]
    seen = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), made.key_id], cwd=root, capture_output=True, text=True, check=True
    )
    assert seen.stdout.strip() == made.key.hex()
    assert shelf.get(made.key_id) is None


def test_a_restarted_process_never_hands_out_an_old_slot(tmp_path):
    before = {FileShelf(tmp_path).create(LATER).key for _ in range(5)}
    after = {FileShelf(tmp_path).create(LATER).key for _ in range(5)}
    assert not before & after


def test_a_destroyed_key_stands_nowhere_in_the_folder(tmp_path):
    shelf = FileShelf(tmp_path)
    made = shelf.create(LATER)
    assert any(made.key in path.read_bytes() for path in tmp_path.iterdir())
    shelf.destroy(made.key_id)
    assert not any(made.key in path.read_bytes() for path in tmp_path.iterdir())


def test_key_files_are_for_the_owner_alone(tmp_path):
    FileShelf(tmp_path / "short").create(LATER)
    assert (tmp_path / "short").stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "short").iterdir())


def test_a_forgotten_file_is_thrown_away_and_its_owner_goes_on(tmp_path):
    shelf = FileShelf(tmp_path)
    made = shelf.create(NOW)
    path = next(tmp_path.glob("*.slots"))
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    shelf.sweep(NOW + timedelta(days=3))
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    shelf.sweep(NOW + timedelta(days=20))
    assert not path.exists()
    assert shelf.get(made.key_id) is None
    assert shelf.get((fresh := shelf.create(LATER)).key_id) == fresh.key


def test_a_key_is_destroyed_by_the_commit_alone(store: Store):
    shelf = MemoryShelf()
    kept, gone = shelf.create(LATER), shelf.create(LATER)
    with store.write() as session:
        destroy_after_commit(session, shelf, kept.key_id)
        session.rollback()
    with store.write() as session:
        destroy_after_commit(session, shelf, gone.key_id)
        with session.begin_nested():
            session.execute(text("SELECT 1"))
        assert shelf.get(gone.key_id) is not None
    assert shelf.get(kept.key_id) is not None
    assert shelf.get(gone.key_id) is None
