"""Of a report that was parted, a thief finds no word of the sealed part, and nothing that joins it to the open one."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text

from api.schedules import list_schedules
from casework.messages import answer_reporter
from casework.models import Case, LedgerEntry
from intake.links import list_linked
from intake.models import HeldPart, Receipt, ReplyAddress, Report
from intake.receipts import find_receipt
from tests.api.houses import CLUE, DISPATCHER
from tests.infrastructure.databases import Databases
from tests.secrecy.day import MARK, Day, a_day
from tests.secrecy.test_stolen_copy import log_of, prepare, steal

pytestmark = pytest.mark.slow
SENDER = "oQf_parted_7Yh6tGbN4"
OPEN_WORDS = "麦陇镇敬老院食堂的稀饭是馊的，老人吃了拉肚子。"
SEALED_WORDS = f"还有副镇长卜庆林收了院长两万块{MARK}，藏在石磨底下。"
HIDDEN = {
    "accused": "副镇长卜庆林",
    "amount": "院长两万块",
    "place": "藏在石磨底下",
    "name": "鄢知微",
    "phone": "15498760001",
    "later": "礼单烧在灶膛里",
}
STORY = f"{OPEN_WORDS}{SEALED_WORDS}我叫鄢知微，电话15498760001"


@pytest.fixture
def day(database_kind: str, databases: Databases, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Day]:
    """Somebody told two matters in the chat, and an officer took the like down at the telephone."""
    caplog.set_level(logging.DEBUG)
    with databases.fresh(database_kind) as url, a_day(url, prepare(url, tmp_path)) as lived:
        lived.tell("parted", SENDER, STORY, "没有了", "是的", "就在微信告诉我")
        lived.say(SENDER, "他们把礼单烧在灶膛里")
        lived.file("called", f"{OPEN_WORDS}{SEALED_WORDS}")
        lived.run_jobs()
        yield lived


def run_schedules(day: Day) -> None:
    for schedule in list_schedules(day.house).values():
        schedule.step(day.now)


def open_parts(day: Day) -> dict[str, str]:
    """Let the time pass; the open case's id by the name of the report."""
    day.test.clock.turn(hours=2, minutes=5)
    run_schedules(day)
    found = {}
    for name, code in day.codes.items():
        hit = find_receipt(day.house.receipts, code)
        assert hit is not None
        with day.house.store.read() as session:
            links = list_linked(session, hit.case_id, hit.reporter_key, hit.links)
        found[name] = links[1].case_id
    return found


def test_no_word_of_the_sealed_part_is_found_before_and_after_the_open_one_stands(
    day: Day, caplog: pytest.LogCaptureFixture
) -> None:
    run_schedules(day)
    codes = {f"code_{name}": code for name, code in day.codes.items()}
    before = steal(day, log_of(caplog))
    assert before.find(HIDDEN | codes) == set()
    parts = open_parts(day)
    work_on_both(day, parts["parted"])
    run_schedules(day)
    after = steal(day, log_of(caplog))
    assert after.find(HIDDEN | codes) == set()
    assert {name for name, _ in after.find({"open": OPEN_WORDS})} == {"open"}


def work_on_both(day: Day, part_id: str) -> None:
    """A handler's desk answers in the open case; a clue officer reads the sealed one."""
    day.cases["part"] = part_id
    for person in (DISPATCHER, CLUE):
        day.sign_in(person)
    office = day.house.office
    day.work(
        DISPATCHER,
        "part",
        lambda s, c, me: answer_reporter(s, c, "您好，今天有人去看厨房。", by=me, office=office, now=day.now),
    )
    with day.house.store.write() as session:
        assert day.read(session, CLUE, "parted").record["parting"]["case_id"] == part_id
    day.run_jobs()


def test_no_row_of_any_table_holds_an_id_of_both(day: Day) -> None:
    parts = open_parts(day)
    day.run_jobs()
    sealed = list_ids(day, [day.cases["parted"], day.cases["called"]])
    opened = list_ids(day, parts.values())
    rows = list_rows(day)
    assert any(ident in row for row in rows for ident in sealed)
    assert any(ident in row for row in rows for ident in opened)
    both = [row for row in rows if any(each in row for each in sealed) and any(each in row for each in opened)]
    assert both == []


def list_ids(day: Day, case_ids: object) -> set[str]:
    """The ids of cases with their reports and receipts."""
    found = set()
    with day.house.store.read() as session:
        for case_id in case_ids:  # type: ignore[attr-defined]
            found |= {case_id}
            for model in (Report, Receipt):
                found |= set(session.scalars(select(model.id).where(model.case_id == case_id)))
    return found


def list_rows(day: Day) -> list[str]:
    """Every row of every table, those of the job engine too, as text."""
    store = day.house.store
    with store.read() as session:
        connection, rows = session.connection(), []
        for schema in ("main",) if store.is_sqlite else ("public", "dbos"):
            for table in inspect(connection).get_table_names(schema=schema):
                rows += [repr(tuple(row)) for row in session.execute(text(f'SELECT * FROM "{schema}"."{table}"'))]
    return rows


def test_the_two_have_no_moment_in_common(day: Day) -> None:
    parts = open_parts(day)
    with day.house.store.read() as session:
        moments = {
            case_id: set(session.scalars(select(LedgerEntry.at).where(LedgerEntry.case_id == case_id)))
            for case_id in (day.cases["called"], parts["called"])
        }
        apart = min(moments[parts["called"]]) - max(moments[day.cases["called"]])
        numbers = [session.get_one(Case, case_id).number for case_id in moments]
    assert apart.total_seconds() >= 20 * 60
    assert [number.startswith("密") for number in numbers] == [True, False]


def test_they_were_not_written_in_one_transaction(day: Day) -> None:
    """PostgreSQL tells of each row which transaction wrote it."""
    if day.house.store.is_sqlite:
        pytest.skip("SQLite keeps no such mark")
    parts = open_parts(day)
    with day.house.store.read() as session:
        marks = [
            {
                session.execute(text("SELECT xmin::text FROM case_file WHERE id = :id"), {"id": case_id}).scalar(),
                *session.execute(text("SELECT xmin::text FROM report WHERE case_id = :id"), {"id": case_id}).scalars(),
                *session.execute(text("SELECT xmin::text FROM receipt WHERE case_id = :id"), {"id": case_id}).scalars(),
            }
            for case_id in (day.cases["called"], parts["called"])
        ]
    assert marks[0] & marks[1] == set()


def test_the_vendor_id_stands_at_the_open_part_alone(day: Day, caplog: pytest.LogCaptureFixture) -> None:
    parts = open_parts(day)
    with day.house.store.read() as session:
        query = select(Receipt.case_id).join(ReplyAddress, ReplyAddress.receipt_id == Receipt.id)
        assert session.scalars(query).all() == [parts["parted"]]
        assert session.scalars(select(HeldPart)).all() == []
    places = {place.split("/")[1] for _, place in steal(day, log_of(caplog)).find({"sender": SENDER})}
    assert places == {"reply_address.ciphertext"}


def test_a_backup_of_the_waiting_time_holds_nothing_of_the_open_part(
    day: Day, caplog: pytest.LogCaptureFixture
) -> None:
    loot = steal(day, log_of(caplog))
    assert not [place for _, place in loot.find({"open": OPEN_WORDS}) if "backup" in place]
