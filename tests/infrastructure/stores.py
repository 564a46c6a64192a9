"""A Store on a fresh, migrated database: what most tests of casework, intake and bot want."""

from collections.abc import Iterator

import pytest

from casework.store import Store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store; the test runs once on SQLite and once on PostgreSQL."""
    opened = Store(database_url)
    yield opened
    opened.close()
