"""How we reach the database: one engine, one kind of session, one rule for writing, on SQLite and on PostgreSQL.

SQLite is the embedded default: WAL, durable commits, every writing transaction begun IMMEDIATE and one at a time in a
process, because readers that become writers fail at once and sixteen waiting writers make the slowest wait a second.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from casework.storable import make_storable

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

JsonValue = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
WRITES = "hotline_writes"
BUSY_SECONDS = 15
CHECKPOINT_PAGES = 4000
"""SQLite folds its log away at 16 MB instead of 4: a filed report writes thirty pages, and folding holds one up."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment; SQLite keeps no zone, so it is stored as UTC and given back as UTC.

    Raises ValueError for a naive moment, which would be a guess about the zone.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The one set of tables, so that a foreign key may name a table of another folder."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        str: String,
        dict[str, Any]: JsonValue,
        list[str]: JsonValue,
    }


class WriteLock:
    """One writer at a time in this process, for SQLite; where the database itself queues writers it does nothing."""

    def __init__(self, *, needed: bool) -> None:
        self._lock = threading.Lock() if needed else None

    def acquire(self) -> None:
        if self._lock is not None and not self._lock.acquire(timeout=BUSY_SECONDS):
            raise TimeoutError("the write lock was not free in time")

    def release(self) -> None:
        if self._lock is not None:
            self._lock.release()


class Store:
    """An engine with its write lock.

    `write()` opens the one unit of work of a route, a job step or a command: it commits when the block ends and rolls
    back when it raises. `read()` gives a session that takes no write lock and is rolled back at the end.
    """

    def __init__(self, url: str) -> None:
        self.url = normalise_url(url)
        self.engine = build_engine(self.url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._lock = WriteLock(needed=self.is_sqlite)

    @contextmanager
    def write(self) -> Iterator[Session]:
        self._lock.acquire()
        try:
            with (
                self.engine.connect().execution_options(**{WRITES: True}) as connection,
                Session(bind=connection, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session
        finally:
            self._lock.release()

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self.engine.connect() as connection, Session(bind=connection, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def normalise_url(url: str) -> str:
    """Give a PostgreSQL address its psycopg 3 driver; leave the others as they are."""
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


def build_engine(url: str) -> Engine:
    """An engine with our pragmas and our way of beginning; nothing is connected yet."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        postgres = create_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=20, json_serializer=_write_json)
        event.listen(postgres, "before_cursor_execute", _send_no_nul, retval=True)
        return postgres
    in_memory = parsed.database in (None, "", ":memory:")
    extra: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {"pool_size": 20, "max_overflow": 20}
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, **extra)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _send_no_nul(
    _connection: object, _cursor: object, statement: str, parameters: Any, _context: object, _several: object
) -> tuple[str, Any]:
    """PostgreSQL holds no NUL in a text. A reporter's words were cleaned on their way in; what staff type was not."""
    return statement, _clean(parameters)


def _write_json(value: object) -> str:
    return json.dumps(_clean(value))


def _clean(value: Any) -> Any:
    """The same value, each text in it as the database can hold it."""
    if isinstance(value, str):
        return make_storable(value)
    if isinstance(value, dict):
        return {name: _clean(each) for name, each in value.items()}
    return type(value)(_clean(each) for each in value) if isinstance(value, list | tuple) else value


def _set_up_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we write BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "temp_store=MEMORY",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
