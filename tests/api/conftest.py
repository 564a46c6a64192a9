"""The doors of a whole house, for every test here that asks for `home`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.houses import TestHouse, a_house
from tests.api.visitors import Doors


@pytest.fixture
def home(database_url: str, tmp_path: Path) -> Iterator[TestHouse]:
    """A furnished house; the test runs once on SQLite and once on PostgreSQL."""
    with a_house(database_url, tmp_path) as made:
        yield made


@pytest.fixture
def doors(home: TestHouse) -> Doors:
    """The house's doors: visitors, officers, vendors come in by them."""
    return Doors(home)


@pytest.fixture
def one_home(sqlite_database_url: str, tmp_path: Path) -> Iterator[TestHouse]:
    """A furnished house on SQLite alone, for what is the same on both databases."""
    with a_house(sqlite_database_url, tmp_path) as made:
        yield made


@pytest.fixture
def one_doors(one_home: TestHouse) -> Doors:
    """The doors of that house."""
    return Doors(one_home)
