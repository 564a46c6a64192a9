"""What a whistleblowing platform is measured by: nothing lost of many senders at once, an inbox page among 100,000.

Each beside a floor of the same run: one row inserted under the same write lock by as many threads; fifty rows read by
their keys. On a calm machine:
`pytest tests/benchmarks/bench_secrecy.py -o python_files='bench_*.py' -o timeout=0 -s -q`.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select

from casework.models.cases import Case, CaseAssessment, Deadline, Tally
from casework.models.columns import ID_LENGTH
from casework.models.people import Officer
from casework.store import Base
from casework.types import Channel
from intake.models import Receipt, Report
from intake.reports import receive_report
from intake.types import Filed, ReportDraft
from tests.api.houses import DISPATCHER, NOW, TestHouse, a_house
from tests.api.visitors import Clerk, Doors
from tests.infrastructure.databases import Databases

STORY = (
    "我爸住鹭汀颐养中心，护工半夜睡大觉，按铃没人应，被褥一股霉味，"
    "上个月摔了一跤也没人告诉我们，问前台还说是总部的规定。" * 3
)
"""As long as five short answers."""
SENDERS, EACH_TIME = (1, 4, 16, 64), 500
INBOX, AT_ONCE, LOOKS = 100_000, 5_000, 40
COPIED = (Case, Report, CaseAssessment, Deadline)


@dataclass(frozen=True)
class Run:
    """Many acts by some threads: how many a second, how long each took."""

    rate: float
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"{self.rate:6.1f}/s  p50 {self.p50:6.1f} ms  p99 {self.p99:6.1f} ms"


def time_all(act: Callable[[int], object], threads: int, times: int) -> Run:
    """Do it `times` times by `threads` threads."""
    taken: list[float] = []

    def one(number: int) -> None:
        began = time.perf_counter()
        act(number)
        taken.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, range(times)))
    cuts = statistics.quantiles(taken, n=100)
    return Run(times / (time.perf_counter() - began), cuts[49], cuts[98])


@pytest.fixture
def home(databases: Databases, tmp_path: Path) -> Iterator[TestHouse]:
    """A furnished house on SQLite, the database of a small office."""
    with databases.fresh("sqlite") as url, a_house(url, tmp_path) as made:
        yield made


def test_nothing_is_lost_of_many_senders_at_once(home: TestHouse, capsys: pytest.CaptureFixture[str]) -> None:
    house, numbers = home.house, count()

    def send(_: int) -> None:
        draft = ReportDraft(text=STORY, channel=Channel.WEB, received_at=NOW)
        with house.store.write() as session:
            assert isinstance(receive_report(session, draft, desk=house.intake_desk, now=NOW), Filed)

    def touch(_: int) -> None:
        with house.store.write() as session:
            session.add(Tally(name=f"floor:{next(numbers)}", month=NOW.date(), value=1))

    send(0)
    lines, sent = [], 1
    for senders in SENDERS:
        floor, reports = time_all(touch, senders, EACH_TIME), time_all(send, senders, EACH_TIME)
        sent += EACH_TIME
        with house.store.read() as session:
            kept = [session.scalar(select(func.count()).select_from(model)) for model in (Case, Report, Receipt)]
        assert kept == [sent] * 3, "a report was lost, or is there by half"
        lines.append(
            f"{senders:3} senders  {reports}  {reports.rate / floor.rate:.2f} of the floor ({floor.rate:.0f}/s)"
        )
    with capsys.disabled():
        print(f"\n{sent} of {sent} kept", *lines, sep="\n")


def fill(home: TestHouse, doors: Doors) -> None:
    """One real case, copied with all that its row in a list needs."""
    filed = doors.report(STORY)
    store = home.house.store
    with store.read() as session:
        rows = {}
        for model in COPIED:
            owner = model.__table__.c["id" if model is Case else "case_id"]
            found = session.execute(select(model.__table__).where(owner == filed.case_id)).mappings()
            rows[model] = [dict(row) for row in found]
    for begin in range(0, INBOX - 1, AT_ONCE):
        ids = [uuid4().hex[:ID_LENGTH] for _ in range(min(AT_ONCE, INBOX - 1 - begin))]
        with store.write() as session:
            for model in COPIED:
                copies = [
                    _copy(model, row, ident, begin + place) for place, ident in enumerate(ids) for row in rows[model]
                ]
                session.execute(insert(model), copies)


def _copy(model: type[Base], row: dict[str, object], ident: str, place: int) -> dict[str, object]:
    if model is Case:
        return row | {"id": ident, "number": f"2026-C{place:06}"}
    return row | {"id": uuid4().hex[:ID_LENGTH], "case_id": ident}


def test_a_page_of_the_inbox_among_a_hundred_thousand(home: TestHouse, capsys: pytest.CaptureFixture[str]) -> None:
    doors = Doors(home)
    fill(home, doors)
    with home.house.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == INBOX
        keys = list(session.scalars(select(Case.id).limit(50)))
        assert session.scalar(select(Officer.id).where(Officer.username == DISPATCHER.username))
    clerk: Clerk = doors.sign_in(DISPATCHER)

    def read_keys(_: int) -> None:
        with home.house.store.read() as session:
            assert len(session.scalars(select(Case).where(Case.id.in_(keys))).all()) == len(keys)

    pages = {"the first page": "/console/", "the 40th": "/console/?page=40", "one queue": "/console/?queue=to_dispatch"}
    lines = []
    for label, path in pages.items():
        clerk.get(path)
        floor, run = time_all(read_keys, 1, LOOKS), time_all(lambda _, path=path: clerk.get(path), 1, LOOKS)  # type: ignore[misc]
        lines.append(f"{label:15} {run}  {run.p50 / floor.p50:.0f} times fifty rows by key ({floor.p50:.1f} ms)")
    with capsys.disabled():
        print(f"\n{INBOX:,} cases, the whole page by HTTP in one process", *lines, sep="\n")
