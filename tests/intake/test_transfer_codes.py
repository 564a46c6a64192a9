"""Sheets of other offices: what the law gives a reporter counts from their day, and who left a number gets a code."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework.clock import SHANGHAI
from casework.conflicts import Conflict
from casework.errors import IllegalMove
from casework.keepingout import keep_out
from casework.ledger import SYSTEM
from casework.models import Case, Officer
from casework.models.cases import Deadline
from casework.store import Store
from casework.types import ExclusionReason, Role
from intake.codes import read_code
from intake.imports import Sheet
from intake.models import BatchStatus, ImportBatch
from intake.transfers import CODES_LIFE, Code, forget_codes, get_batch, hold_batch, list_codes, run_batch, start_batch
from intake.types import IntakeDesk
from tests.casework.people import NOW, an_officer
from tests.intake.desk import SEALED_STORY, a_desk

HEAD = ("工单编号", "诉求内容", "诉求时间", "诉求人", "联系电话")
FOOD, NIGHT = "麦陇镇敬老院的饭是馊的。", "麦陇镇敬老院夜里没有人值班。"
SHEET = Sheet(HEAD, (("A1", FOOD, "2026-09-28", "芮秋禾", "15412345678"), ("A2", NIGHT, "", "", "")))


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


def codes_of(store: Store, ident: str, desk: IntakeDesk) -> list[Code]:
    with store.read() as session:
        return list_codes(session, session.get_one(ImportBatch, ident), desk.keys)


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
    [told] = codes_of(store, batch.id, desk)
    assert told.serial == "A1"
    assert read_code(told.code)
    assert told.code.encode() not in (batch.codes or b"")


def test_told_codes_are_wiped_and_their_key_with_them(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    ident = taken_in(store, clerk, desk)
    with store.write() as session:
        desk.keys.destroy(forget_codes(get_batch(session, clerk, ident)))
    assert codes_of(store, ident, desk) == []


def test_a_lost_key_shows_no_code(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    batch = batch_of(store, taken_in(store, clerk, desk))
    desk.keys.destroy(batch.key_id)
    assert codes_of(store, batch.id, desk) == []


def test_where_nobody_left_a_number_the_key_goes_at_once(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    batch = batch_of(store, taken_in(store, clerk, desk, Sheet(HEAD, (("A2", NIGHT, "", "", ""),))))
    assert (batch.status, batch.codes, desk.keys.get(batch.key_id)) == (BatchStatus.DONE, None, None)


def test_the_same_sheet_again_shows_the_same_code(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    first = codes_of(store, taken_in(store, clerk, desk), desk)
    assert codes_of(store, taken_in(store, clerk, desk), desk) == first


def test_a_colleagues_sheet_shows_no_code_of_what_was_brought_before(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    taken_in(store, clerk, desk)
    with store.write() as session:
        other = an_officer(session, "qi", "戚望舒", "hotline", Role.OPERATOR)
    assert codes_of(store, taken_in(store, other, desk), desk) == []


def test_codes_are_not_wiped_while_rows_come_in(store: Store, clerk: Officer) -> None:
    desk: Any = a_desk()
    with store.write() as session:
        batch = hold_batch(session, SHEET, "12345", by=clerk, keys=desk.keys, now=NOW - timedelta(hours=1))
        start_batch(session, batch, by=clerk, keys=desk.keys, now=NOW)
        with pytest.raises(IllegalMove):
            forget_codes(batch)


AVOIDS = "麦陇镇敬老院的饭是馊的，{}接了电话也不登记。"


def test_he_who_brings_a_row_against_himself_is_not_shown_its_code(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    against = ("A9", AVOIDS.format(clerk.name), "", "芮秋禾", "15412345678")
    ident = taken_in(store, clerk, desk, Sheet(HEAD, (against, *SHEET.rows)))
    assert [each.serial for each in codes_of(store, ident, desk)] == ["A1"]


def test_a_row_that_was_sealed_looks_as_one_that_left_no_number(store: Store, clerk: Officer) -> None:
    desk, batches = a_desk(who=True, what=True, discipline=True, category="corruption"), []
    for row in (("A9", SEALED_STORY, "", "芮秋禾", "15412345678"), ("A2", NIGHT, "", "", "")):
        batches.append(batch_of(store, taken_in(store, clerk, desk, Sheet(HEAD, (row,)))))
        with store.read() as session:
            assert session.scalars(select(Case.sealed)).all() == [True] * len(batches)
    told = {(each.status, each.codes, each.taken, each.known, each.refused) for each in batches}
    assert told == {(BatchStatus.DONE, None, 1, 0, 0)}
    assert [desk.keys.get(each.key_id) for each in batches] == [None, None]


def test_a_code_goes_from_his_page_once_its_case_is_kept_from_him(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    ident = taken_in(store, clerk, desk)
    [told] = codes_of(store, ident, desk)
    with store.write() as session:
        hit = Conflict(ExclusionReason.NAMED, True, clerk.name, clerk.id)
        keep_out(session, session.get_one(Case, told.case_id), [hit], by=SYSTEM, now=NOW)
    assert codes_of(store, ident, desk) == []
    assert codes_of(store, taken_in(store, clerk, desk), desk) == []


def test_codes_wait_no_longer_than_till_the_next_morning(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    ident = taken_in(store, clerk, desk)
    desk.keys.sweep(NOW + CODES_LIFE - timedelta(minutes=1))
    assert codes_of(store, ident, desk)
    desk.keys.sweep(NOW + timedelta(hours=18, minutes=1))
    assert codes_of(store, ident, desk) == []


def test_the_key_of_the_sheet_goes_though_codes_wait(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    with store.write() as session:
        batch = hold_batch(session, SHEET, "12345", by=clerk, keys=desk.keys, now=NOW)
        start_batch(session, batch, by=clerk, keys=desk.keys, now=NOW)
        ident, key_id = batch.id, batch.key_id
    run_batch(store, ident, desk=desk, clock=lambda: NOW)
    assert desk.keys.get(key_id) is None
    assert codes_of(store, ident, desk)
