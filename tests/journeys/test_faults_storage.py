"""A database that takes nothing: the vendor is told to come again, a person keeps the words, then all goes on."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import event, func, make_url, select

from api.migrate import upgrade
from bot.channels import Request
from bot.models import Conversation, SeenMessage
from casework.store import Store
from tests.api.houses import TestHouse, a_house
from tests.api.visitors import Doors, Visitor
from tests.infrastructure import postgres
from tests.infrastructure.databases import check_kind
from tests.journeys.served import WECHAT, a_message, words_of

STORY = "麦陇镇敬老院的饭菜老是馊的，老人吃了拉肚子。"
IMPATIENCE_MS = 200
HOLDER = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_by_another_process(path: str) -> Iterator[None]:
    """The write lock of an SQLite file in another process's hand."""
    command = [sys.executable, "-c", HOLDER, path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield
        holder.communicate()


def make_impatient(store: Store) -> None:
    """Connections of this store wait for a lock a fifth of a second instead of many."""

    @event.listens_for(store.engine, "connect")
    def set_timeout(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA busy_timeout={IMPATIENCE_MS}")

    store.engine.dispose()


@dataclass(frozen=True)
class OwnCluster:
    """A PostgreSQL server of this test alone, which may be stopped."""

    home: Path
    cluster: postgres.Cluster

    def stop(self) -> None:
        postgres.stop(self.home)

    def start(self) -> None:
        data = self.home / "postgres"
        postgres.run(
            *(postgres.find_programs() / "pg_ctl", "-D", data / "data", "-l", data / "log", "-w", "start"), home=data
        )


@pytest.fixture
def own_cluster(run_dir: Path) -> Iterator[OwnCluster]:
    check_kind("postgresql")
    home = run_dir / "stopped_and_started"
    home.mkdir(mode=0o711)
    yield OwnCluster(home, postgres.start(home))
    postgres.stop(home)
    shutil.rmtree(home)


def count_messages(home: TestHouse) -> tuple[int, int]:
    """Messages taken and talks kept."""
    with home.house.store.read() as session:
        counts = [session.scalar(select(func.count()).select_from(each)) or 0 for each in (SeenMessage, Conversation)]
    return counts[0], counts[1]


def post(doors: Doors, message: Request) -> httpx.Response:
    return doors.client().post("/wechat", params=dict(message.query), content=message.body)


def check_that_nothing_is_taken(doors: Doors, visitor: Visitor, form: dict[str, str]) -> Request:
    """WeChat and a person at the web page are told that it can't be stored; gives WeChat's message."""
    message = a_message(STORY, now=doors.home.clock.at)
    refused = post(doors, message)
    assert (refused.status_code, refused.text) == (503, "")
    page = visitor.post("/say", form)
    assert page.status == 503
    assert STORY in page.text
    assert "您写的还在下面" in page.text
    return message


def check_that_it_goes_on(doors: Doors, visitor: Visitor, form: dict[str, str], message: Request) -> None:
    """The vendor's retry and the person's second press are taken, each once."""
    assert count_messages(doors.home)[1] == 0
    assert "我记下了" in words_of(post(doors, message))
    assert STORY in visitor.post("/say", form).text
    assert count_messages(doors.home)[1] == 2


def test_while_another_process_holds_the_lock_nothing_is_acknowledged(sqlite_database_url: str, tmp_path: Path) -> None:
    with a_house(sqlite_database_url, tmp_path, **WECHAT) as home:
        doors = Doors(home)
        visitor = doors.visitor()
        form = visitor.get("/").form("/say") | {"text": STORY}
        make_impatient(home.house.store)
        with held_by_another_process(make_url(sqlite_database_url).database or ""):
            message = check_that_nothing_is_taken(doors, visitor, form)
        check_that_it_goes_on(doors, visitor, form, message)


def test_while_postgresql_is_stopped_nothing_is_acknowledged(own_cluster: OwnCluster, tmp_path: Path) -> None:
    url = own_cluster.cluster.url("postgres")
    upgrade(url)
    with a_house(url, tmp_path, **WECHAT) as home:
        doors = Doors(home)
        visitor = doors.visitor()
        form = visitor.get("/").form("/say") | {"text": STORY}
        own_cluster.stop()
        message = check_that_nothing_is_taken(doors, visitor, form)
        assert visitor.get("/readyz").status == 503
        own_cluster.start()
        check_that_it_goes_on(doors, visitor, form, message)
