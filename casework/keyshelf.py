"""Keys that live a few days at most, kept where backups do not reach: those of talks and of receipts not yet hardened.

What was encrypted under one is gone for good once the key is destroyed, wherever older copies of the database lie.
"""

import fcntl
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from sqlalchemy import Column, DateTime, Engine, LargeBinary, String, delete, event, insert, select, table
from sqlalchemy.orm import Session

from casework.secrets import KEY_BYTES

SLOT_BYTES = 64
"""Key, expiry in whole seconds, filling; a slot never crosses a sector."""
FORGOTTEN_AFTER = timedelta(days=14)
"""A file without a live key that nobody has touched so long is thrown away; no key lives as long as that."""
BATCH_KEYS = 1024
TALK_KEYS = table(
    "talk_key",
    Column("id", String(64)),
    Column("key", LargeBinary),
    Column("expires_at", DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class ShortKey:
    """A fresh key and the name under which its shelf finds it again."""

    key_id: str
    key: bytes


class KeyShelf(Protocol):
    """Where short-lived keys lie.

    A key that `create` returned is durable: the row that depends on it may be committed at once. `destroy` may be
    repeated and takes effect at once for every process; call it after the commit that makes the key needless.
    """

    def create(self, expires_at: datetime) -> ShortKey:
        """A key nobody had before, to be destroyed by the sweep after `expires_at` at the latest."""
        ...

    def get(self, key_id: str) -> bytes | None:
        """The key, or None if it was destroyed or never existed."""
        ...

    def destroy(self, key_id: str) -> None:
        """Forget the key for good."""
        ...

    def sweep(self, now: datetime) -> int:
        """Destroy what has expired; how many. A schedule calls it every few minutes."""
        ...


class FileShelf:
    """Keys in slots of files in a folder beside the database, for a single machine with any number of processes.

    Each process writes files of its own, `BATCH_KEYS` random keys at a time with one fsync, and hands the slots out
    from memory: taking a key costs no fsync, and no slot is ever handed out twice, also after a crash. A key is
    destroyed by overwriting its slot; the next sweep makes that durable. Leave the folder out of backups.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._free: list[tuple[str, bytes]] = []
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def create(self, expires_at: datetime) -> ShortKey:
        with self._lock:
            while True:
                if not self._free:
                    self._free = self._write_batch()
                key_id, key = self._free.pop()
                if self._take(key_id, expires_at):
                    return ShortKey(key_id, key)
                self._free.clear()

    def get(self, key_id: str) -> bytes | None:
        try:
            with self._open(key_id) as (descriptor, place):
                key = os.pread(descriptor, KEY_BYTES, place)
        except FileNotFoundError:
            return None
        return key if len(key) == KEY_BYTES and any(key) else None

    def destroy(self, key_id: str) -> None:
        try:
            with self._open(key_id) as (descriptor, place):
                os.pwrite(descriptor, bytes(SLOT_BYTES), place)
        except FileNotFoundError:
            return

    def sweep(self, now: datetime) -> int:
        return sum(self._sweep_file(path, now) for path in sorted(self._folder.glob("*.slots")))

    def _write_batch(self) -> list[tuple[str, bytes]]:
        name = secrets.token_hex(8)
        keys = [os.urandom(KEY_BYTES) for _ in range(BATCH_KEYS)]
        draft = self._folder / f"{name}.draft"
        with draft.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(b"".join(key.ljust(SLOT_BYTES, b"\0") for key in keys))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._folder / f"{name}.slots")
        sync_folder(self._folder)
        return [(f"{name}-{slot}", key) for slot, key in enumerate(keys)]

    @contextmanager
    def _open(self, key_id: str) -> Iterator[tuple[int, int]]:
        name, _, slot = key_id.partition("-")
        if not (name.isalnum() and slot.isdigit()):
            raise FileNotFoundError(key_id)
        descriptor = os.open(self._folder / f"{name}.slots", os.O_RDWR)
        try:
            yield descriptor, int(slot) * SLOT_BYTES
        finally:
            os.close(descriptor)

    def _take(self, key_id: str, expires_at: datetime) -> bool:
        """Write the expiry into the slot; False where a sweep has meanwhile thrown the whole file away."""
        try:
            with self._open(key_id) as (descriptor, place):
                fcntl.flock(descriptor, fcntl.LOCK_SH)
                os.pwrite(descriptor, _pack_moment(expires_at), place + KEY_BYTES)
                return os.fstat(descriptor).st_nlink > 0
        except FileNotFoundError:
            return False

    def _sweep_file(self, path: Path, now: datetime) -> int:
        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            slots = [_unpack_moment(slot[KEY_BYTES:]) for slot in iter(partial(file.read, SLOT_BYTES), b"")]
            expired = [number for number, until in enumerate(slots) if until is not None and until < now]
            for number in expired:
                os.pwrite(file.fileno(), bytes(SLOT_BYTES), number * SLOT_BYTES)
            os.fdatasync(file.fileno())
            lives = len(expired) < sum(until is not None for until in slots)
            if not lives and path.stat().st_mtime < (now - FORGOTTEN_AFTER).timestamp():
                os.pwrite(file.fileno(), bytes(len(slots) * SLOT_BYTES), 0)
                os.fdatasync(file.fileno())
                path.unlink()
        return len(expired)


class TableShelf:
    """Keys in the unlogged table `talk_key` of PostgreSQL, which neither base backups nor archived logs hold.

    It uses connections of its own, so that a key stands whatever becomes of the caller's transaction. A crash of the
    database server empties the table: talks not yet filed are lost then, filed reports are not.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(self, expires_at: datetime) -> ShortKey:
        made = ShortKey(secrets.token_hex(16), os.urandom(KEY_BYTES))
        with self._engine.begin() as connection:
            connection.execute(insert(TALK_KEYS).values(id=made.key_id, key=made.key, expires_at=expires_at))
        return made

    def get(self, key_id: str) -> bytes | None:
        with self._engine.begin() as connection:
            return connection.scalar(select(TALK_KEYS.c.key).where(TALK_KEYS.c.id == key_id))

    def destroy(self, key_id: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(TALK_KEYS).where(TALK_KEYS.c.id == key_id))

    def sweep(self, now: datetime) -> int:
        with self._engine.begin() as connection:
            return connection.execute(delete(TALK_KEYS).where(TALK_KEYS.c.expires_at < now)).rowcount


class MemoryShelf:
    """Keys in this process alone, for private databases in memory."""

    def __init__(self) -> None:
        self._keys: dict[str, tuple[bytes, datetime]] = {}

    def create(self, expires_at: datetime) -> ShortKey:
        made = ShortKey(secrets.token_hex(16), os.urandom(KEY_BYTES))
        self._keys[made.key_id] = made.key, expires_at
        return made

    def get(self, key_id: str) -> bytes | None:
        return self._keys.get(key_id, (None,))[0]

    def destroy(self, key_id: str) -> None:
        self._keys.pop(key_id, None)

    def sweep(self, now: datetime) -> int:
        expired = [key_id for key_id, (_, until) in self._keys.items() if until < now]
        for key_id in expired:
            self.destroy(key_id)
        return len(expired)


def destroy_after_commit(session: Session, shelf: KeyShelf, key_id: str) -> None:
    """Destroy a key when, and only when, the session's transaction has been committed."""

    def destroy(committed: Session) -> None:
        if not committed.in_nested_transaction():
            shelf.destroy(key_id)

    event.listen(session, "after_commit", destroy)


def _pack_moment(moment: datetime) -> bytes:
    return int(moment.timestamp()).to_bytes(8, "big")


def _unpack_moment(packed: bytes) -> datetime | None:
    seconds = int.from_bytes(packed[:8], "big")
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, as fsync does for the contents of a file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
