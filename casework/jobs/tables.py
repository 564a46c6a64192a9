"""The engine's own tables: made by its own migrations, left alone by ours.

They stand beside our tables because a job must be committed together with the change that causes it.
"""

import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from dbos import DBOS
from sqlalchemy import Connection, inspect

from casework.jobs.outbox import quiet_library
from casework.store import Store

ENGINE_TABLES = frozenset(
    {
        "application_versions",
        "dbos_migrations",
        "notifications",
        "operation_outputs",
        "queues",
        "streams",
        "workflow_events",
        "workflow_events_history",
        "workflow_input",
        "workflow_output",
        "workflow_schedules",
        "workflow_status",
    }
)
"""Their names on SQLite, where they have no schema of their own: our migrations must not touch these."""
MARK = "dbos_migrations"


def create_tables(store: Store) -> None:
    """Make or migrate the engine's tables; doing it again changes nothing. Our own two come with our migrations.

    An embedded database in memory has no second connection for the engine's migrations to come in by, so it gets
    a copy of their result; jobs can be queued there, but no engine can run on it.
    """
    quiet_library()
    if is_in_memory(store):
        with store.write() as session:
            _copy_tables(session.connection())
    else:
        DBOS.migrate(store.engine.url.render_as_string(hide_password=False))


def is_in_memory(store: Store) -> bool:
    """Whether the store vanishes with its process."""
    return store.is_sqlite and store.engine.url.database in (None, "", ":memory:")


def _copy_tables(connection: Connection) -> None:
    if inspect(connection).has_table(MARK):
        return
    for statement in _sqlite_statements():
        connection.exec_driver_sql(statement)


@cache
def _sqlite_statements() -> tuple[str, ...]:
    """What the engine's migrations amount to on SQLite, worked out once in a scratch file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.db"
        DBOS.migrate(f"sqlite:///{path}")
        with closing(sqlite3.connect(path)) as scratch:
            made = scratch.execute(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
                " ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, rowid"
            ).fetchall()
            version = scratch.execute("SELECT version FROM dbos_migrations").fetchone()[0]
    return (*(row[0] for row in made), f"INSERT INTO dbos_migrations VALUES ({int(version)})")  # noqa: S608
