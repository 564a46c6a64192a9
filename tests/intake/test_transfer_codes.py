"""Sheets of other offices: what the law gives a reporter counts from their day, and who left a number gets a code."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework.clock import SHANGHAI
from casework.errors import IllegalMove
from casework.models import Case, Officer
from casework.models.cases import Deadline
from casework.store import Store
from casework.types import Role
from intake.codes import read_code
from intake.imports import Sheet
from intake.models import BatchStatus, ImportBatch
from intake.transfers import forget_codes, get_batch, hold_batch, list_codes, run_batch, start_batch
from intake.types import IntakeDesk
from tests.casework.people import NOW, a_dispatcher, an_officer
from tests.intake.desk import a_desk, a_house

HEAD = ("工单编号", "诉求内容", "诉求时间", "诉求人", "联系电话")
FOOD, NIGHT = "麦陇镇敬老院的饭是馊的。", "麦陇镇敬老院夜里没有人值班。"
SHEET = Sheet(HEAD, (("A1", FOOD, "2026-09-28", "芮秋禾", "15412345678"), ("A2", NIGHT, "", "", "")))


@pytest.fixture
def clerk(store: Store) -> Officer:
    with store.write() as session:
        a_house(session)
        officer = a_dispatcher(session)
        session.flush()
        return officer


def taken_in(store: Store, clerk: Officer, desk: IntakeDesk, sheet: Sheet = SHEET) -> str:
    with store.write() as session:
        batch = hold_batch(session, sheet, "12345", by=clerk, keys=desk.keys, now=NOW)
        start_batch(session, batch, by=clerk, keys=desk.keys, now=NOW)
        ident = batch.id
    run_batch(store, ident, desk=desk, clock=lambda: NOW)
    return ident


def batch_of(store: Store, ident: str) -> ImportBatch:
    with store.read() as session:
        return session.get_one(ImportBatch, ident)


def starts(store: Store, rule: str) -> dict[str, datetime]:
    with store.read() as session:
        rows = session.execute(
            select(Case.number, Deadline.started_at)
            .join(Deadline, Deadline.case_id == Case.id)
            .where(Deadline.rule_id == rule)
        )
        return {number: at.astimezone(SHANGHAI) for number, at in rows}


def test_a_limit_of_the_law_counts_from_the_day_the_other_office_received_it(store: Store, clerk: Officer) -> None:
    taken_in(store, clerk, a_desk())
    [started] = starts(store, "petition_notice").values()
    assert (started.month, started.day) == (9, 28)
    with store.read() as session:
        due = session.scalars(select(Deadline.due_on).where(Deadline.rule_id == "petition_notice")).one()
    assert due.isoformat() == "2026-10-13"


def test_what_this_house_set_itself_counts_from_today(store: Store, clerk: Officer) -> None:
    taken_in(store, clerk, a_desk())
    assert {(each.month, each.day) for each in starts(store, "dispatch").values()} == {(10, 8)}


def test_a_day_without_a_date_is_today(store: Store, clerk: Officer) -> None:
    taken_in(store, clerk, a_desk(), Sheet(HEAD, (("A2", NIGHT, "", "芮秋禾", "15412345678"),)))
    assert {(each.month, each.day) for each in starts(store, "petition_close").values()} == {(10, 8)}


def test_who_left_a_number_gets_a_code_that_somebody_tells_him(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    batch = batch_of(store, taken_in(store, clerk, desk))
    [(serial, code)] = list_codes(batch, desk.keys)
    assert serial == "A1"
    assert read_code(code)
    assert code.encode() not in (batch.codes or b"")


def test_told_codes_are_wiped_and_their_key_with_them(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    ident = taken_in(store, clerk, desk)
    with store.write() as session:
        desk.keys.destroy(forget_codes(get_batch(session, clerk, ident)))
    assert list_codes(batch_of(store, ident), desk.keys) == []


def test_a_lost_key_shows_no_code(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    batch = batch_of(store, taken_in(store, clerk, desk))
    desk.keys.destroy(batch.key_id)
    assert list_codes(batch, desk.keys) == []


def test_where_nobody_left_a_number_the_key_goes_at_once(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    batch = batch_of(store, taken_in(store, clerk, desk, Sheet(HEAD, (("A2", NIGHT, "", "", ""),))))
    assert (batch.status, batch.codes, desk.keys.get(batch.key_id)) == (BatchStatus.DONE, None, None)


def test_the_same_sheet_again_shows_the_same_code(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    first = list_codes(batch_of(store, taken_in(store, clerk, desk)), desk.keys)
    assert list_codes(batch_of(store, taken_in(store, clerk, desk)), desk.keys) == first


def test_a_colleagues_sheet_shows_no_code_of_what_was_brought_before(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    taken_in(store, clerk, desk)
    with store.write() as session:
        other = an_officer(session, "qi", "戚望舒", "hotline", Role.OPERATOR)
    assert list_codes(batch_of(store, taken_in(store, other, desk)), desk.keys) == []


def test_codes_are_not_wiped_while_rows_come_in(store: Store, clerk: Officer) -> None:
    desk: Any = a_desk()
    with store.write() as session:
        batch = hold_batch(session, SHEET, "12345", by=clerk, keys=desk.keys, now=NOW - timedelta(hours=1))
        start_batch(session, batch, by=clerk, keys=desk.keys, now=NOW)
        with pytest.raises(IllegalMove):
            forget_codes(batch)
