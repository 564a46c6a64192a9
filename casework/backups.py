"""Backups: a consistent copy of our tables in one file, and its way back into an empty database of either kind.

The file holds no key that opens anything: neither the server's secret nor the short-lived keys of talks. Its manifest
carries a keyed hash under the server's secret, so that nobody without it can make or change a backup.
"""

import hashlib
import hmac
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from casework.chain import LedgerReport, verify_ledger
from casework.errors import BackupProblem, BackupRefused
from casework.keyshelf import sync_folder
from casework.models.columns import new_id
from casework.rowcopies import BadRow, Digest, RowWriter, count_rows, digest_table, list_tables, read_lines
from casework.secrets import ServerSecrets
from casework.store import Store

FORMAT = 1
PURPOSE = "backup"
MANIFEST, MAC = "manifest.json", "manifest.mac"
MOST_MANIFEST = 1 << 20
PRIVATE = 0o600

Progress = Callable[[str, int, int], None]
"""Told after each row: the table, how many of its rows are done, how many it has."""


def ignore_progress(_table: str, _done: int, _total: int) -> None:
    """For callers that show nothing."""


@dataclass(frozen=True)
class TablePart:
    """One table in a backup. `sha256` is of its lines as they lie in the file, `digest` of its rows in any order."""

    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str
    digest: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    id: str
    made_at: str
    kind: str
    revision: str
    tables: tuple[TablePart, ...]
    ledger: Mapping[str, Any]
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(part.rows for part in self.tables)

    def pack(self) -> bytes:
        """As it lies in the file."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=1).encode()


def write_backup(
    store: Store,
    target: Path,
    *,
    revision: str,
    secrets: ServerSecrets,
    now: datetime,
    progress: Progress = ignore_progress,
) -> Manifest:
    """Copy our tables, as they stand at one moment, into a new file; others may go on writing meanwhile.

    The file appears under its name only when it is whole and on the disk. Raises BackupRefused (`exists`).
    """
    if target.exists():
        raise BackupRefused(BackupProblem.EXISTS, target.name)
    draft = target.with_name(f"{target.name}.part")
    try:
        with _create(draft) as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
            with snapshot(store) as connection:
                parts = tuple(_write_table(archive, connection, table, progress) for table in list_tables())
                ledger = _describe(check_ledger(connection))
            kind = store.engine.dialect.name
            manifest = Manifest(new_id(), now.isoformat(), kind, revision, parts, ledger)
            archive.writestr(MANIFEST, manifest.pack())
            archive.writestr(MAC, secrets.mac(PURPOSE, manifest.pack()).hex())
        draft.rename(target)
        sync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def read_manifest(archive: zipfile.ZipFile, secrets: ServerSecrets) -> Manifest:
    """The manifest, once its keyed hash fits. Raises BackupRefused (`cut`, `changed`)."""
    try:
        packed, mac = _read_small(archive, MANIFEST), _read_small(archive, MAC)
        told = bytes.fromhex(mac.decode("ascii"))
    except (KeyError, ValueError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise BackupRefused(BackupProblem.CUT, MANIFEST) from error
    if not any(hmac.compare_digest(known, told) for known in secrets.macs(PURPOSE, packed)):
        raise BackupRefused(BackupProblem.CHANGED, MANIFEST)
    said = json.loads(packed)
    if said["format"] != FORMAT:
        raise BackupRefused(BackupProblem.OTHER_VERSION, str(said["format"]))
    parts = tuple(TablePart(**{**part, "columns": tuple(part["columns"])}) for part in said.pop("tables"))
    return Manifest(**said, tables=parts)


def restore_backup(
    store: Store,
    source: Path,
    *,
    revision: str,
    secrets: ServerSecrets,
    settle: Callable[[Session, Manifest], None] = lambda _session, _manifest: None,
    progress: Progress = ignore_progress,
) -> Manifest:
    """Put a backup into a database that was migrated and is empty; all of it, or nothing.

    1. The manifest's keyed hash, then version and columns. 2. Each part's hash while it is read. 3. The rows that
    stand in the database afterwards, counted and hashed. 4. The ledger's chain, up to the same head.
    5. `settle` in the same transaction. Raises BackupRefused with what does not fit.
    """
    with _open_archive(source) as archive:
        manifest = read_manifest(archive, secrets)
        tables = {table.name: table for table in list_tables()}
        check_fit(manifest, tables, revision)
        with store.write() as session:
            connection = session.connection()
            require_empty(connection)
            for part in manifest.tables:
                _read_table(archive, connection, tables[part.name], part, progress)
            check_loaded(connection, manifest, tables)
            settle(session, manifest)
    return manifest


def copy_database(
    source: Store,
    target: Store,
    *,
    settle: Callable[[Session], None] = lambda _session: None,
    progress: Progress = ignore_progress,
) -> int:
    """Copy our tables from one database straight into another, empty one, of either kind; how many rows there are.

    Nothing may write to the source meanwhile, or it is left behind. Raises BackupRefused (`not_empty`, `unequal`).
    """
    with snapshot(source) as reading, target.write() as session:
        writing = session.connection()
        require_empty(writing)
        rows = 0
        for table in list_tables():
            sent = _copy_table(reading, writing, table, progress)
            check_digest(table.name, digest_table(writing, table), sent.rows, sent.hex)
            rows += sent.rows
        if _describe(check_ledger(writing)) != _describe(check_ledger(reading)):
            raise BackupRefused(BackupProblem.UNEQUAL, "ledger")
        settle(session)
    return rows


@contextmanager
def snapshot(store: Store) -> Iterator[Connection]:
    """A connection that sees the database as it stands at one moment, whatever others commit meanwhile."""
    with store.engine.connect() as connection:
        if not store.is_sqlite:
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def check_ledger(connection: Connection) -> LedgerReport:
    """The state of the chain as this connection sees it."""
    with Session(bind=connection, join_transaction_mode="create_savepoint") as session:
        return verify_ledger(session)


def check_fit(manifest: Manifest, tables: Mapping[str, Table], revision: str) -> None:
    """Refuse a backup of another schema: the same release restores it, then migrates."""
    if manifest.revision != revision:
        raise BackupRefused(BackupProblem.OTHER_VERSION, manifest.revision)
    for part in manifest.tables:
        if part.name not in tables or part.columns != tuple(column.name for column in tables[part.name].columns):
            raise BackupRefused(BackupProblem.OTHER_VERSION, part.name)
    if {part.name for part in manifest.tables} != set(tables):
        raise BackupRefused(BackupProblem.OTHER_VERSION, manifest.revision)


def require_empty(connection: Connection) -> None:
    """Refuse to write where anything stands already."""
    for table in list_tables():
        if count_rows(connection, table):
            raise BackupRefused(BackupProblem.NOT_EMPTY, table.name)


def check_loaded(connection: Connection, manifest: Manifest, tables: Mapping[str, Table]) -> None:
    """Read back what was written: the same rows, and the same ledger as when the backup was made."""
    for part in manifest.tables:
        check_digest(part.name, digest_table(connection, tables[part.name]), part.rows, part.digest)
    if _describe(check_ledger(connection)) != dict(manifest.ledger):
        raise BackupRefused(BackupProblem.UNEQUAL, "ledger")


def check_digest(name: str, found: Digest, rows: int, digest: str) -> None:
    """Refuse a table that does not hold what it should."""
    if (found.rows, found.hex) != (rows, digest):
        raise BackupRefused(BackupProblem.UNEQUAL, name)


def _describe(report: LedgerReport) -> dict[str, Any]:
    head, broken = report.head, report.first_broken
    return {
        "entries": report.entries,
        "blocks": report.blocks,
        "unlinked": report.unlinked,
        "head": head.hash.hex() if head else None,
        "broken": f"{broken.block_id}/{broken.entry_id}/{broken.problem}" if broken else None,
    }


def _write_table(archive: zipfile.ZipFile, connection: Connection, table: Table, progress: Progress) -> TablePart:
    digest, whole, total = Digest(), hashlib.sha256(), count_rows(connection, table)
    with archive.open(_member(table.name), "w", force_zip64=True) as part:
        for line in read_lines(connection, table):
            digest.add(line)
            whole.update(line + b"\n")
            part.write(line + b"\n")
            progress(table.name, digest.rows, total)
    columns = tuple(column.name for column in table.columns)
    return TablePart(table.name, columns, digest.rows, whole.hexdigest(), digest.hex)


def _read_table(
    archive: zipfile.ZipFile, connection: Connection, table: Table, part: TablePart, progress: Progress
) -> None:
    whole, done, writer = hashlib.sha256(), 0, RowWriter(connection, table)
    try:
        with archive.open(_member(part.name)) as lines:
            for line in lines:
                whole.update(line)
                done += 1
                if done > part.rows:
                    raise BackupRefused(BackupProblem.CHANGED, part.name)
                writer.write(line.rstrip(b"\n"))
                progress(part.name, done, part.rows)
        writer.close()
    except (KeyError, BadRow, DBAPIError) as error:
        raise BackupRefused(BackupProblem.CHANGED, part.name) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise BackupRefused(BackupProblem.CUT, part.name) from error
    if whole.hexdigest() != part.sha256:
        raise BackupRefused(BackupProblem.CHANGED, part.name)


def _copy_table(reading: Connection, writing: Connection, table: Table, progress: Progress) -> Digest:
    sent, total, writer = Digest(), count_rows(reading, table), RowWriter(writing, table)
    for line in read_lines(reading, table):
        sent.add(line)
        writer.write(line)
        progress(table.name, sent.rows, total)
    writer.close()
    return sent


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def _read_small(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(MOST_MANIFEST)


@contextmanager
def _open_archive(source: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise BackupRefused(BackupProblem.CUT, source.name) from error
    with archive:
        yield archive


@contextmanager
def _create(draft: Path) -> Iterator[IO[bytes]]:
    """A file that only its owner may read, on the disk when the block has ended."""
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(descriptor, "w+b") as raw:
        yield raw
        raw.flush()
        os.fsync(raw.fileno())
