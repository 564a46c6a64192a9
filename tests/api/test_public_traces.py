"""A day's work leaves no trace of who came: neither address nor browser in any log line or table, nor the words of a
sealed story, nor a name or phone in clear.
"""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import inspect, text

from api.serving import set_up_logging
from casework.chain import sequence_entries
from casework.store import Store
from intake.receipts import harden_receipt
from tests.api.houses import CLUE, DISPATCHER, LIGHT
from tests.api.visitors import ADDRESS, DEVICE, Doors, find_code

OPEN_STORY = "麦陇镇敬老院的饭是馊的，老人吃了拉肚子。我叫芮秋禾，电话15412345678。"
SEALED_STORY = "副局长阮承岳收了麦陇镇敬老院院长三千元购物卡，就不去检查了。"
HIDDEN = ("芮秋禾", "15412345678", "购物卡", "三千元")


def dump(store: Store, *, but: frozenset[str] = frozenset()) -> str:
    """Every cell of every table, as text and as bytes."""
    cells: list[str] = []
    with store.read() as session:
        for table in inspect(store.engine).get_table_names():
            if table in but:
                continue
            for row in session.execute(text(f'SELECT * FROM "{table}"')):
                for cell in row:
                    raw = bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
                    cells.append(raw.decode("utf-8", "replace"))
    return "\n".join(cells)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that the server writes to its log, as it writes it."""
    heard = io.StringIO()
    monkeypatch.setattr("sys.stderr", heard)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_up_logging()
    root.setLevel(logging.DEBUG)
    yield heard
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("hotline").setLevel(logging.NOTSET)
    structlog.reset_defaults()


def a_days_work(doors: Doors) -> None:
    """Two stories told, one with name and phone and one that is sealed; looked up, added to, read by officers."""
    for story in (OPEN_STORY, SEALED_STORY):
        visitor = doors.visitor()
        code = find_code(visitor.tell(story))
        visitor.post("/track", {"code": code})
        visitor.post("/track/say", {"code": code, "text": "麻烦您快一点"})
        visitor.post("/track", {"code": "0000 0000 0000 0000"})
        visitor.get("/no/such/page")
    dispatcher = doors.sign_in(DISPATCHER)
    for link in [each for each in dispatcher.get("/console/").links if "/cases/" in each]:
        dispatcher.get(link)
    clue = doors.sign_in(CLUE)
    clue.unlock()
    for link in [each for each in clue.get("/console/sealed").links if "/sealed/" in each]:
        clue.get(link)
    house = doors.home.house
    with house.store.read() as session:
        pending = session.execute(text("SELECT id FROM receipt")).scalars().all()
    for receipt in pending:
        harden_receipt(house.store, receipt, keys=house.keys, secrets=house.secrets, strength=LIGHT)
    sequence_entries(house.store, now=doors.home.clock())


def test_a_days_work_leaves_no_trace_of_who_came(doors: Doors, lines: io.StringIO, tmp_path: Path) -> None:
    a_days_work(doors)
    logged = lines.getvalue()
    tables = dump(doors.home.house.store, but=frozenset({"security_event"}))
    assert '"event": "request"' in logged
    assert "麦陇镇敬老院" in tables
    for mark in (ADDRESS, DEVICE, "ZhuyeBrowser"):
        assert mark not in logged
        assert mark not in tables
    for words in HIDDEN:
        assert words not in tables
        assert words not in logged
    for file in (each for each in tmp_path.rglob("*") if each.is_file()):
        content = file.read_bytes()
        assert not [words for words in (ADDRESS, *HIDDEN) if words.encode() in content], file.name


def test_the_embedded_databases_own_files_hold_no_hidden_word(one_doors: Doors) -> None:
    a_days_work(one_doors)
    database = Path(one_doors.home.house.store.url.removeprefix("sqlite:///"))
    raw = b"".join(file.read_bytes() for file in database.parent.glob("hotline.db*"))
    assert "麦陇镇敬老院".encode() in raw
    assert not [words for words in HIDDEN if words.encode() in raw]


def test_the_security_log_of_the_staff_side_knows_its_officers(one_doors: Doors) -> None:
    one_doors.sign_in(DISPATCHER)
    with one_doors.home.house.store.read() as session:
        rows = session.execute(text("SELECT address, device FROM security_event")).all()
    assert [tuple(row) for row in rows] == [(ADDRESS, DEVICE)]
