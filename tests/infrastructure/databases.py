"""A fresh, migrated database for each test that asks, on SQLite and on PostgreSQL.

The migrations run once a test run, into a template of each kind; a test gets a copy of it, which costs milliseconds.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from api.migrate import upgrade
from casework.store import Store
from tests.infrastructure import postgres
from tests.infrastructure.rundir import only_one

KINDS = ("sqlite", "postgresql")
TEMPLATE = "hotline_template"
CHOICE = "HOTLINE_TEST_DATABASES"


class Databases:
    """The databases of one test process; templates and cluster are made when the first test needs them."""

    def __init__(self, run_dir: Path, worker: str) -> None:
        self.run_dir = run_dir
        self.worker = worker
        self.made = 0
        self.cluster: postgres.Cluster | None = None
        self.admin: psycopg.Connection | None = None

    @contextmanager
    def fresh(self, kind: str) -> Iterator[str]:
        """The address of a new database with the whole schema, removed at the end."""
        self.made += 1
        name = f"{self.worker}_{self.made}"
        with self._fresh_sqlite(name) if kind == "sqlite" else self._fresh_postgres(name) as url:
            yield url

    @contextmanager
    def empty(self, kind: str) -> Iterator[str]:
        """The address of a new database without any table, for the tests of the migrations themselves."""
        self.made += 1
        name = f"{self.worker}_{self.made}"
        if kind == "sqlite":
            folder = self.run_dir / name
            folder.mkdir()
            yield sqlite_url(folder / "hotline.db")
            shutil.rmtree(folder)
            return
        cluster, admin = self._connect()
        with created(admin, name, template="template1"):
            yield cluster.url(name)

    @contextmanager
    def _fresh_sqlite(self, name: str) -> Iterator[str]:
        template = self.run_dir / "template.db"
        with only_one(self.run_dir / "sqlite.lock"):
            if not template.exists():
                make_sqlite_template(template)
        folder = self.run_dir / name
        folder.mkdir()
        shutil.copyfile(template, folder / "hotline.db")
        yield sqlite_url(folder / "hotline.db")
        shutil.rmtree(folder)

    @contextmanager
    def _fresh_postgres(self, name: str) -> Iterator[str]:
        cluster, admin = self._connect()
        with only_one(self.run_dir / "postgres.lock"):
            if not exists(admin, TEMPLATE):
                make_postgres_template(cluster, admin)
        with created(admin, name, template=TEMPLATE):
            yield cluster.url(name)

    def _connect(self) -> tuple[postgres.Cluster, psycopg.Connection]:
        if self.cluster is None or self.admin is None:
            with only_one(self.run_dir / "postgres.lock"):
                self.cluster = postgres.start(self.run_dir)
            self.admin = psycopg.connect(plain(self.cluster.url("postgres")), autocommit=True)
        return self.cluster, self.admin

    def close(self) -> None:
        """Let go of the cluster; the run stops it when the last worker has ended."""
        if self.admin is not None:
            self.admin.close()


def sqlite_url(path: Path) -> str:
    """The address of an SQLite file."""
    return f"sqlite:///{path}"


def plain(url: str) -> str:
    """The address as libpq reads it."""
    return url.replace("+psycopg", "")


def make_sqlite_template(template: Path) -> None:
    """Migrate a file and fold its write-ahead log into it, so that the one file is the whole database."""
    draft = template.with_suffix(".draft")
    upgrade(sqlite_url(draft))
    with sqlite3.connect(draft) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    draft.rename(template)


def make_postgres_template(cluster: postgres.Cluster, admin: psycopg.Connection) -> None:
    """Migrate a database under another name first, so that a failure leaves no half template."""
    draft = f"{TEMPLATE}_draft"
    admin.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(draft)))
    admin.execute(SQL("CREATE DATABASE {}").format(Identifier(draft)))
    upgrade(cluster.url(draft))
    admin.execute(SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false").format(Identifier(draft)))
    admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [draft])
    admin.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(draft), Identifier(TEMPLATE)))


def exists(admin: psycopg.Connection, name: str) -> bool:
    """Whether the cluster has this database."""
    return admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


@contextmanager
def created(admin: psycopg.Connection, name: str, *, template: str) -> Iterator[None]:
    """A database copied from a template, dropped at the end whoever still holds it."""
    admin.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
    try:
        yield
    finally:
        admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def check_kind(kind: str) -> None:
    """Leave out what the developer left out; what is wanted but not installed is a failure, not a skip."""
    wanted = os.environ.get(CHOICE, ",".join(KINDS)).split(",")
    if kind not in wanted:
        pytest.skip(f"{CHOICE} leaves {kind} out")
    if kind == "postgresql":
        try:
            postgres.find_programs()
        except postgres.PostgresMissingError:
            pytest.fail(f"PostgreSQL is not installed: `make test` installs it; {CHOICE}=sqlite leaves it out")


@pytest.fixture(scope="session")
def databases(run_dir: Path) -> Iterator[Databases]:
    """Where fresh databases come from, for tests that need several or a certain kind."""
    found = Databases(run_dir, os.environ.get("PYTEST_XDIST_WORKER", "main"))
    yield found
    found.close()


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Runs the test once for each kind of database."""
    kind: str = request.param
    check_kind(kind)
    return kind


@pytest.fixture
def database_url(database_kind: str, databases: Databases) -> Iterator[str]:
    """A fresh database with the whole schema; the test runs once on SQLite and once on PostgreSQL."""
    with databases.fresh(database_kind) as url:
        yield url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store on a fresh database with the whole schema; the test runs once on SQLite and once on PostgreSQL."""
    opened = Store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def empty_database_url(database_kind: str, databases: Databases) -> Iterator[str]:
    """A fresh database without a table; the test runs once on SQLite and once on PostgreSQL."""
    with databases.empty(database_kind) as url:
        yield url


@pytest.fixture
def sqlite_database_url(databases: Databases) -> Iterator[str]:
    """A fresh SQLite database, for what only the embedded store does."""
    with databases.fresh("sqlite") as url:
        yield url


@pytest.fixture
def postgres_database_url(databases: Databases) -> Iterator[str]:
    """A fresh PostgreSQL database, for what only many processes on one server do."""
    check_kind("postgresql")
    with databases.fresh("postgresql") as url:
        yield url


@pytest.fixture
def postgres_empty_url(databases: Databases) -> Iterator[str]:
    """A fresh PostgreSQL database without a table."""
    check_kind("postgresql")
    with databases.empty("postgresql") as url:
        yield url
