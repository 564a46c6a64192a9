"""The schema that the migrations make is the schema that the models describe, to the last constraint."""

from typing import Any

from sqlalchemy import Inspector, inspect

from api.migrate import list_drift, upgrade
from casework.jobs import ENGINE_TABLES
from casework.store import Base, Store
from tests.infrastructure.databases import Databases


def describe(inspector: Inspector) -> dict[str, Any]:
    """Everything a database knows of our tables, in an order of its own making."""
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            },
            "key": inspector.get_pk_constraint(table)["constrained_columns"],
            "checks": sorted(
                (str(check["name"]), check["sqltext"]) for check in inspector.get_check_constraints(table)
            ),
            "uniques": sorted(str(unique["column_names"]) for unique in inspector.get_unique_constraints(table)),
            "indexes": sorted((str(index["name"]), index["unique"]) for index in inspector.get_indexes(table)),
            "foreign": sorted(
                f"{key['constrained_columns']} {key['referred_table']}" for key in inspector.get_foreign_keys(table)
            ),
        }
        for table in inspector.get_table_names()
        if table not in ENGINE_TABLES and table != "alembic_version"
    }


def test_the_migrations_leave_nothing_that_the_models_would_change(store: Store) -> None:
    with store.engine.connect() as connection:
        assert list_drift(connection) == []


def test_the_migrated_schema_equals_the_one_made_from_the_models(
    store: Store, databases: Databases, database_kind: str
) -> None:
    with databases.empty(database_kind) as url:
        modelled = Store(url)
        Base.metadata.create_all(modelled.engine)
        wanted = describe(inspect(modelled.engine))
        modelled.close()
    assert describe(inspect(store.engine)) == wanted


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    upgrade(database_url)
    opened = Store(database_url)
    try:
        with opened.engine.connect() as connection:
            assert list_drift(connection) == []
    finally:
        opened.close()
