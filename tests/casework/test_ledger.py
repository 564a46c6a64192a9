"""The ledger and its chain: what was written stays, and whoever changes it is found out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from casework.chain import Anchor, LinkProblem, sequence_entries, verify_ledger
from casework.ledger import REPORTER, SYSTEM, VERB_LABELS, Actor, Verb, by_officer, content_hash, list_timeline, record
from casework.models.ledger import LedgerEntry, append_only_statements, remove_append_only_statements
from casework.store import Store
from casework.types import ActorKind
from tests.casework.people import NOW, a_dispatcher, the_county


def write_entries(store: Store, count: int, case_id: str = "case") -> None:
    with store.write() as session:
        for number in range(count):
            record(
                session,
                actor=SYSTEM,
                verb=Verb.MOVED,
                subject="case",
                subject_id=case_id,
                case_id=case_id,
                details={"step": number, "to": "working", "known": True, "body": None, "fields": ["a", "b"]},
                now=NOW + timedelta(microseconds=number),
            )


def tamper(store: Store, table: str, statement: str) -> None:
    """What someone with the database's own rights could do: take the triggers away, change, put them back."""
    dialect = store.engine.dialect.name
    with store.engine.connect().execution_options(hotline_writes=True) as connection, connection.begin():
        if store.is_sqlite:
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        for drop in remove_append_only_statements(table, dialect):
            connection.execute(text(drop))
        connection.execute(text(statement))
        for put in append_only_statements(table, dialect):
            connection.execute(text(put))


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_block", "ledger_link"])
@pytest.mark.parametrize("act", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"])
def test_it_refuses_every_change_and_removal(store: Store, table: str, act: str):
    write_entries(store, 2)
    sequence_entries(store, now=NOW)
    column = "entry_id" if table == "ledger_link" else "id"
    with pytest.raises(DatabaseError, match="append-only"), store.write() as session:
        session.execute(text(act.format(table=table, column=column)))


def test_an_entry_vanishes_with_the_act_that_failed(store: Store):
    def fail() -> None:
        with store.write() as session:
            record(session, actor=SYSTEM, verb=Verb.MOVED, subject="case", subject_id="x", now=NOW)
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.read() as session:
        assert verify_ledger(session).entries == 0


def test_it_refuses_a_detail_that_would_not_read_back_the_same(store: Store):
    with store.write() as session, pytest.raises(TypeError, match="score"):
        record(session, actor=SYSTEM, verb=Verb.MOVED, subject="case", subject_id="x", details={"score": 0.5}, now=NOW)


def test_it_refuses_a_moment_without_a_zone(store: Store):
    with store.write() as session, pytest.raises(ValueError, match="zone"):
        record(
            session,
            actor=SYSTEM,
            verb=Verb.MOVED,
            subject="case",
            subject_id="x",
            now=NOW.replace(tzinfo=None),
        )


def test_entries_are_linked_in_blocks_and_the_chain_is_whole(store: Store):
    write_entries(store, 3)
    assert sequence_entries(store, now=NOW) == 3
    write_entries(store, 2)
    assert sequence_entries(store, now=NOW) == 2
    assert sequence_entries(store, now=NOW) == 0
    with store.read() as session:
        report = verify_ledger(session)
    assert (report.entries, report.blocks, report.unlinked, report.is_whole) == (5, 2, 0, True)


def test_more_than_one_block_is_written_where_there_is_much(store: Store):
    write_entries(store, 1003)
    assert sequence_entries(store, now=NOW) == 1003
    with store.read() as session:
        assert verify_ledger(session).blocks == 2


def test_the_tail_that_is_not_linked_yet_is_counted(store: Store):
    write_entries(store, 2)
    sequence_entries(store, now=NOW)
    write_entries(store, 4)
    with store.read() as session:
        report = verify_ledger(session)
    assert (report.unlinked, report.is_whole) == (4, True)


@pytest.mark.parametrize(
    ("table", "statement", "problem", "entry"),
    [
        ("ledger_entry", "UPDATE ledger_entry SET verb = 'closed' WHERE id = 2", LinkProblem.CHANGED_ENTRY, 2),
        ("ledger_entry", "UPDATE ledger_entry SET subject_id = 'other' WHERE id = 4", LinkProblem.CHANGED_ENTRY, 4),
        ("ledger_link", "DELETE FROM ledger_link WHERE entry_id = 2", LinkProblem.MISSING_ENTRY, None),
        ("ledger_block", "UPDATE ledger_block SET entries = 9 WHERE id = 1", LinkProblem.MISSING_ENTRY, None),
        (
            "ledger_block",
            "UPDATE ledger_block SET made_at = '2026-01-01 00:00:00' WHERE id = 1",
            LinkProblem.BLOCK_HASH,
            None,
        ),
    ],
)
def test_it_names_the_first_broken_link(
    store: Store, table: str, statement: str, problem: LinkProblem, entry: int | None
):
    write_entries(store, 3)
    sequence_entries(store, now=NOW)
    write_entries(store, 3)
    sequence_entries(store, now=NOW)
    tamper(store, table, statement)
    with store.read() as session:
        broken = verify_ledger(session).first_broken
    assert broken is not None
    assert (broken.problem, broken.entry_id) == (problem, entry)
    assert broken.block_id == (2 if entry == 4 else 1)


def test_an_entry_changed_with_its_own_hash_breaks_the_block(store: Store):
    write_entries(store, 3)
    sequence_entries(store, now=NOW)
    with store.read() as session:
        entry = session.get_one(LedgerEntry, 2)
        entry.verb = "closed"
        from_scratch = content_hash(entry).hex()
    hexed = f"X'{from_scratch}'" if store.is_sqlite else f"decode('{from_scratch}', 'hex')"
    tamper(store, "ledger_entry", f"UPDATE ledger_entry SET verb = 'closed', content_hash = {hexed} WHERE id = 2")
    with store.read() as session:
        broken = verify_ledger(session).first_broken
    assert broken is not None
    assert broken.problem is LinkProblem.BLOCK_HASH


def test_two_entries_that_changed_places_are_found(store: Store):
    write_entries(store, 3)
    sequence_entries(store, now=NOW)
    tamper(store, "ledger_link", "UPDATE ledger_link SET position = 7 WHERE entry_id = 1")
    with store.read() as session:
        broken = verify_ledger(session).first_broken
    assert broken is not None
    assert broken.problem is LinkProblem.BLOCK_HASH


def test_a_chain_cut_off_at_its_end_is_found_with_an_anchor_noted_outside(store: Store):
    write_entries(store, 2)
    sequence_entries(store, now=NOW)
    write_entries(store, 2)
    sequence_entries(store, now=NOW)
    with store.read() as session:
        noted = verify_ledger(session).head
    assert noted is not None
    tamper(store, "ledger_link", "DELETE FROM ledger_link WHERE block_id = 2")
    tamper(store, "ledger_block", "DELETE FROM ledger_block WHERE id = 2")
    with store.read() as session:
        assert verify_ledger(session).is_whole
        broken = verify_ledger(session, anchor=noted).first_broken
        forged = verify_ledger(session, anchor=Anchor(1, b"x" * 32)).first_broken
    assert broken is not None
    assert (broken.block_id, broken.problem) == (2, LinkProblem.ANCHOR)
    assert forged is not None


def test_many_writers_and_many_sequencers_make_one_chain(store: Store):
    def work(number: int) -> None:
        for _ in range(5):
            write_entries(store, 2, case_id=f"case-{number}")
            sequence_entries(store, now=NOW)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    sequence_entries(store, now=NOW, reach=None)
    with store.read() as session:
        report = verify_ledger(session)
    assert (report.entries, report.unlinked, report.is_whole) == (60, 0, True)


def test_two_processes_with_their_own_locks_make_one_chain(store: Store, database_url: str):
    other = Store(database_url)
    try:
        write_entries(store, 20)
        with ThreadPoolExecutor(2) as pool:
            linked = list(pool.map(lambda each: sequence_entries(each, now=NOW), (store, other)))
        sequence_entries(store, now=NOW)
        with store.read() as session:
            report = verify_ledger(session)
    finally:
        other.close()
    assert sum(linked) <= 20
    assert (report.unlinked, report.is_whole) == (0, True)


def test_an_entry_committed_late_is_linked_by_the_pass_over_everything(store: Store):
    write_entries(store, 3)
    sequence_entries(store, now=NOW)
    write_entries(store, 1)
    assert sequence_entries(store, now=NOW, reach=-1) == 0
    assert sequence_entries(store, now=NOW, reach=None) == 1


def test_the_timeline_tells_who_did_what_and_dates_the_reporter_to_the_day(store: Store):
    with store.write() as session:
        the_county(session)
        officer = a_dispatcher(session)
        midnight = datetime(2026, 10, 8, 16, 30, tzinfo=UTC)
        for actor, verb, at in (
            (REPORTER, Verb.OPENED, midnight),
            (by_officer(officer), Verb.READ, midnight + timedelta(minutes=1)),
            (by_officer(officer), Verb.DISPATCHED, midnight + timedelta(minutes=2)),
            (Actor(ActorKind.BODY, "fire"), Verb.ACKNOWLEDGED, midnight + timedelta(minutes=3)),
        ):
            record(session, actor=actor, verb=verb, subject="case", subject_id="c", case_id="c", now=at)
        session.flush()
        rows = list_timeline(session, "c")
        with_reads = list_timeline(session, "c", with_reads=True)
    assert [row.label for row in rows] == ["收到来件", "派单", "收到回执"]
    assert [row.actor_name for row in rows] == ["反映人", "周建禾", "望桐县消防救援大队"]
    assert rows[0].at is None
    assert rows[0].on.isoformat() == "2026-10-09"
    assert rows[1].at == midnight + timedelta(minutes=2)
    assert len(with_reads) == 4


def test_every_verb_has_its_words():
    assert set(VERB_LABELS) == set(Verb)
    assert len(set(VERB_LABELS.values())) == len(VERB_LABELS)
