"""Rows on their way between databases: one line of text a row, the same line whichever kind of database it came from.

Backups are made of these lines, and a move between kinds compares them, so that nothing can change unseen on the way.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, Connection, ForeignKeyConstraint, LargeBinary, Table, func, insert, select, update

from casework.store import Base, UtcDateTime

LEFT_OUT = frozenset(
    {
        *(
            "conversation",
            "handover",
            "loose_medium",
            "late_message",
            "seen_message",
            "day_key",
            "talk_key",
            "outbound",
            "held_part",
        ),
        *("officer_session", "ended_sign_in", "vendor_token", "idempotency_key", "job_slot", "job_lease"),
    }
)
"""What lives for minutes or days and must not outlive it in a copy: talks and their keys, sign-ins, stored answers."""
BATCH = 500
MODULUS = 1 << 256


class BadRow(ValueError):
    """A line that is no row of its table."""


@dataclass
class Digest:
    """How many rows there were, and a sum of their hashes that does not depend on their order."""

    rows: int = 0
    total: int = 0

    def add(self, line: bytes) -> None:
        """Count one row in."""
        self.rows += 1
        self.total = (self.total + int.from_bytes(hashlib.sha256(line).digest(), "big")) % MODULUS

    @property
    def hex(self) -> str:
        """The sum as text."""
        return f"{self.total:064x}"


def list_tables() -> tuple[Table, ...]:
    """Our tables that are worth keeping, those referred to before those that refer; the models must be imported."""
    return tuple(table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT)


def read_lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """Every row of a table as a line, without holding them all in memory."""
    for row in connection.execute(select(*table.columns).execution_options(yield_per=BATCH)):
        yield pack_line(table, row)


def pack_line(table: Table, row: Any) -> bytes:
    """A row as canonical JSON: an array in the order of the table's columns."""
    values = [_pack(value) for value in row]
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def unpack_line(table: Table, line: bytes) -> dict[str, Any]:
    """The row of a line, by column. Raises BadRow."""
    try:
        values = json.loads(line)
        if not isinstance(values, list) or len(values) != len(table.columns):
            raise BadRow(table.name)
        return {column.name: _unpack(column, value) for column, value in zip(table.columns, values, strict=True)}
    except (ValueError, TypeError, AttributeError) as error:
        raise BadRow(table.name) from error


class RowWriter:
    """Puts lines into an empty table, in batches; `close` writes the rest and sets what refers to its own table."""

    def __init__(self, connection: Connection, table: Table) -> None:
        self._connection = connection
        self._table = table
        self._own = [column.name for column in table.columns if _refers_to_own(column)]
        self._waiting: list[dict[str, Any]] = []
        self._later: list[dict[str, Any]] = []

    def write(self, line: bytes) -> None:
        """Take one line. Raises BadRow."""
        row = unpack_line(self._table, line)
        if any(row[name] is not None for name in self._own):
            self._later.append({**_key_of(self._table, row), **{name: row[name] for name in self._own}})
            row |= dict.fromkeys(self._own)
        self._waiting.append(row)
        if len(self._waiting) >= BATCH:
            self._flush()

    def close(self) -> None:
        """Write what is left; on PostgreSQL let the next number follow the last."""
        self._flush()
        for row in self._later:
            key = {column.name: row.pop(column.name) for column in self._table.primary_key}
            known = [self._table.c[name] == value for name, value in key.items()]
            self._connection.execute(update(self._table).where(*known).values(row))
        if self._connection.dialect.name == "postgresql":
            self._set_sequence()

    def _flush(self) -> None:
        if self._waiting:
            self._connection.execute(insert(self._table), self._waiting)
            self._waiting = []

    def _set_sequence(self) -> None:
        column = self._table.autoincrement_column
        if column is None:
            return
        last = self._connection.scalar(select(func.max(column)))
        name = self._connection.scalar(select(func.pg_get_serial_sequence(self._table.name, column.name)))
        if last is not None and name is not None:
            self._connection.execute(select(func.setval(name, last)))


def count_rows(connection: Connection, table: Table) -> int:
    """How many rows a table has."""
    return connection.scalar(select(func.count()).select_from(table)) or 0


def digest_table(connection: Connection, table: Table) -> Digest:
    """The digest of what stands in a table now."""
    found = Digest()
    for line in read_lines(connection, table):
        found.add(line)
    return found


def _key_of(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {column.name: row[column.name] for column in table.primary_key}


def _refers_to_own(column: Column[Any]) -> bool:
    constraints = (key.constraint for key in column.foreign_keys)
    return any(isinstance(rule, ForeignKeyConstraint) and rule.referred_table is column.table for rule in constraints)


def _pack(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    return value


def _unpack(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(value, validate=True)
    if column.type.python_type is date:
        return date.fromisoformat(value)
    return value
