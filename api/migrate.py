"""Bringing a database to the present schema: our tables by Alembic, the job engine's by itself.

One chain serves both databases; the job engine's tables are left alone in comparisons.
"""

from importlib.resources import as_file, files
from typing import Any, Literal

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.sql.schema import SchemaItem

import bot.models
import casework.jobs.models
import casework.models
import intake.models
from casework.jobs import create_tables
from casework.store import Base, Store, UtcDateTime

TARGET = Base.metadata
OURS = (bot.models, casework.models, casework.jobs.models, intake.models)
"""The modules whose tables Alembic keeps; naming them makes their tables known."""


def is_ours(obj: SchemaItem, name: str | None, kind: str, reflected: bool, compare_to: SchemaItem | None) -> bool:  # noqa: FBT001
    """Whether Alembic should look at a thing: all but tables that only the database knows (the job engine's)."""
    return not (kind == "table" and reflected and compare_to is None and name not in TARGET.tables)


def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest schema; doing it twice changes nothing."""
    store = Store(url)
    try:
        upgrade_store(store)
    finally:
        store.close()


def upgrade_store(store: Store) -> None:
    """The same for a store that is open already, as one in memory must be."""
    with as_file(files("api") / "migrations") as folder, store.engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    create_tables(store)


def find_revision(store: Store) -> str:
    """The revision at which a database stands; "" where it was never migrated."""
    with store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def render_type(kind: str, obj: Any, _context: Any) -> str | Literal[False]:
    """How our own column types are written in a migration: as what they are in the database."""
    if kind == "type" and isinstance(obj, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def list_drift(connection: Connection) -> list[Any]:
    """What differs between the models and the database, as Alembic's operations; empty where they agree."""
    context = MigrationContext.configure(connection, opts={"include_object": is_ours, "compare_type": True})
    return list(compare_metadata(context, TARGET))
