"""Reports that another office sent on: each row once, whole or not at all, and nothing of it left lying about."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from casework.errors import IllegalMove, InvalidField, NotAllowed, NotFound
from casework.models import Case, Officer, Tally
from casework.rings import officer_private_key
from casework.sealing import read_sealed_case
from casework.store import Store
from casework.types import Channel, Role
from intake.imports import BadRow, Column, ImportRow, RowProblem, Sheet, read_rows
from intake.models import BatchStatus, ImportBatch, Report, TransferSerial
from intake.resealing import seal_by_hand
from intake.transfers import (
    LIFE,
    RowOutcome,
    drop_batch,
    get_batch,
    hold_batch,
    list_batches,
    list_problems,
    map_batch,
    open_batch,
    run_batch,
    start_batch,
    take_row,
    wake_batch,
)
from intake.types import IntakeDesk
from tests.casework.people import NOW, a_handler, an_office, an_officer
from tests.intake.desk import a_desk, a_house, sign_in_open
from tests.intake.test_reports import leader_story

HEAD = ("工单编号", "诉求内容", "诉求时间")
FOOD, NIGHT = "麦陇镇敬老院的饭是馊的。", "麦陇镇敬老院夜里没有人值班。"
SHEET = Sheet(HEAD, (("A1", FOOD, ""), ("A2", NIGHT, ""), ("A3", "", ""), ("A1", NIGHT, "")))
BOTH_KEYS: dict[str, Any] = {"who": True, "what": True, "discipline": True, "category": "corruption"}


def held(store: Store, clerk: Officer, desk: IntakeDesk, sheet: Sheet = SHEET) -> str:
    with store.write() as session:
        return hold_batch(session, sheet, "12345", by=clerk, keys=desk.keys, now=NOW).id


def started(store: Store, clerk: Officer, desk: IntakeDesk, sheet: Sheet = SHEET) -> str:
    batch_id = held(store, clerk, desk, sheet)
    with store.write() as session:
        start_batch(session, get_batch(session, clerk, batch_id), by=clerk, keys=desk.keys, now=NOW)
    return batch_id


def batch_of(store: Store, batch_id: str) -> ImportBatch:
    with store.read() as session:
        return session.get_one(ImportBatch, batch_id)


def reports(store: Store) -> list[str]:
    with store.read() as session:
        return [text or "" for text in session.scalars(select(Report.working_text).order_by(Report.working_text))]


def test_the_rows_that_may_are_taken_in_and_the_others_are_named(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    batch_id = started(store, clerk, desk)
    run_batch(store, batch_id, desk=desk, clock=lambda: NOW)
    batch = batch_of(store, batch_id)
    assert (batch.status, batch.taken, batch.known, batch.refused) == (BatchStatus.DONE, 2, 0, 0)
    assert list_problems(batch) == [BadRow(4, RowProblem.NO_TEXT), BadRow(5, RowProblem.TWICE)]
    assert reports(store) == sorted([FOOD, NIGHT])
    with store.read() as session:
        serials = {(row.source, row.serial) for row in session.scalars(select(TransferSerial))}
        channels = set(session.scalars(select(Report.channel)))
    assert serials == {("12345", "A1"), ("12345", "A2")}
    assert channels == {Channel.TRANSFERRED}


def test_the_sheet_is_gone_for_good_once_it_is_in(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    batch_id = started(store, clerk, desk)
    key_id = batch_of(store, batch_id).key_id
    assert desk.keys.get(key_id) is not None
    run_batch(store, batch_id, desk=desk, clock=lambda: NOW)
    assert desk.keys.get(key_id) is None
    assert batch_of(store, batch_id).content is None


def test_while_it_waits_not_a_word_of_it_is_readable(store: Store, clerk: Officer) -> None:
    batch = batch_of(store, held(store, clerk, a_desk()))
    assert batch.content is not None
    for word in ("敬老院", "工单编号", "没有人值班"):
        assert word.encode() not in batch.content


def test_the_same_sheet_again_adds_nothing(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    for _ in range(2):
        batch_id = started(store, clerk, desk)
        run_batch(store, batch_id, desk=desk, clock=lambda: NOW)
    batch = batch_of(store, batch_id)
    assert (batch.taken, batch.known) == (0, 2)
    assert len(reports(store)) == 2


def test_the_same_number_of_another_office_is_another_report(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    row = ImportRow(2, "A1", FOOD)
    with store.write() as session:
        assert take_row(session, row, "12345", desk=desk, now=NOW) is RowOutcome.TAKEN
        assert take_row(session, row, "xinfang", desk=desk, now=NOW) is RowOutcome.TAKEN
        assert take_row(session, row, "12345", desk=desk, now=NOW) is RowOutcome.KNOWN


class Dies(Exception):
    """The process ends in the middle."""


def test_a_process_that_dies_is_followed_at_the_same_row(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    batch_id = started(store, clerk, desk)
    moments: Iterator[bool] = iter([True, False])

    def clock() -> Any:
        if not next(moments):
            raise Dies
        return NOW

    with pytest.raises(Dies):
        run_batch(store, batch_id, desk=desk, clock=clock)
    assert (batch_of(store, batch_id).position, len(reports(store))) == (1, 1)
    with store.write() as session:
        wake_batch(session, get_batch(session, clerk, batch_id))
    run_batch(store, batch_id, desk=desk, clock=lambda: NOW)
    run_batch(store, batch_id, desk=desk, clock=lambda: NOW)
    assert batch_of(store, batch_id).taken == 2
    assert len(reports(store)) == 2


def test_a_sheet_whose_key_expired_says_that_it_is_lost(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    batch_id = started(store, clerk, desk)
    desk.keys.sweep(NOW + LIFE * 2)
    run_batch(store, batch_id, desk=desk, clock=lambda: NOW)
    assert batch_of(store, batch_id).status is BatchStatus.LOST
    assert reports(store) == []


def test_a_clue_is_sealed_with_its_number_inside_and_no_link_outside(store: Store) -> None:
    desk = a_desk(**BOTH_KEYS)
    with store.write() as session:
        members, sheet = a_house(session)
        take_row(session, ImportRow(2, "A1", "院长崔广田收了三万元红包。"), "12345", desk=desk, now=NOW)
        case = session.scalars(select(Case)).one()
        assert case.sealed
        assert session.scalar(select(func.count()).select_from(TransferSerial)) == 0
        signed = sign_in_open(session, members[0], sheet)
        key = officer_private_key(signed, "token")
        record = read_sealed_case(session, members[0], key, case.id, now=NOW).record
    assert [(each["source"], each["serial"]) for each in record["transfers"]] == [("12345", "A1")]


def test_sealing_it_later_takes_the_number_inside(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    with store.write() as session:
        take_row(session, ImportRow(2, "A1", FOOD), "12345", desk=desk, now=NOW)
        case_id = session.scalars(select(Case.id)).one()
        seal_by_hand(session, clerk, case_id, office=an_office(), secrets=desk.secrets, now=NOW)
        assert session.scalar(select(func.count()).select_from(TransferSerial)) == 0


def test_what_may_not_be_kept_is_counted_once_and_not_taken(store: Store, clerk: Officer) -> None:
    with store.write() as session:
        story, said = leader_story(session)
        desk = a_desk(office=an_office(bypass_authority=None), **said)
        row = ImportRow(2, "A1", story)
        first = take_row(session, row, "12345", desk=desk, now=NOW)
        again = take_row(session, row, "12345", desk=desk, now=NOW)
        assert session.scalars(select(Tally.value)).one() == 1
    assert (first, again) == (RowOutcome.REFUSED, RowOutcome.KNOWN)
    assert reports(store) == []


def test_columns_may_be_chosen_anew_until_it_runs(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    batch_id = held(store, clerk, desk, Sheet(("甲", "乙"), (("A1", FOOD),)))
    with store.write() as session:
        batch = get_batch(session, clerk, batch_id)
        with pytest.raises(InvalidField):
            start_batch(session, batch, by=clerk, keys=desk.keys, now=NOW)
        map_batch(batch, {Column.SERIAL: 0, Column.TEXT: 1}, keys=desk.keys)
        seen = open_batch(batch, desk.keys)
        assert seen is not None
        assert read_rows(seen.sheet, seen.mapped, now=NOW)[0][0].text == FOOD
        start_batch(session, batch, by=clerk, keys=desk.keys, now=NOW)
        with pytest.raises(IllegalMove):
            map_batch(batch, {}, keys=desk.keys)
        with pytest.raises(IllegalMove):
            drop_batch(session, batch)


def test_a_sheet_without_a_single_good_row_does_not_begin(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    batch_id = held(store, clerk, desk, Sheet(HEAD, (("", FOOD, ""),)))
    with store.write() as session, pytest.raises(InvalidField) as refused:
        start_batch(session, get_batch(session, clerk, batch_id), by=clerk, keys=desk.keys, now=NOW)
    assert refused.value.problem == "no_good_rows"


def test_a_sheet_is_its_officers_own_and_not_everybodys_to_bring(store: Store, clerk: Officer) -> None:
    desk = a_desk()
    batch_id = held(store, clerk, desk)
    with store.write() as session:
        other = an_officer(session, "op2", "安如山", "hotline", Role.OPERATOR)
        assert list_batches(session, other) == []
        assert [batch.id for batch in list_batches(session, clerk)] == [batch_id]
        with pytest.raises(NotFound):
            get_batch(session, other, batch_id)
        with pytest.raises(NotAllowed):
            hold_batch(session, SHEET, "12345", by=a_handler(session), keys=desk.keys, now=NOW)
        with pytest.raises(InvalidField):
            hold_batch(session, SHEET, "nobody", by=clerk, keys=desk.keys, now=NOW)
        drop_batch(session, get_batch(session, clerk, batch_id))
        session.flush()
        assert list_batches(session, clerk) == []
