"""The office's lexicon as versions: one is active, every process takes a new one into use, and undo goes back."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from casework.errors import NotAllowed, StaleVersion
from casework.ledger import SYSTEM
from casework.lexicons import LexiconShelf, add_version, get_active, list_versions, read_changes, undo_version
from casework.models import LedgerEntry
from casework.store import Store
from tests.casework.people import NOW, a_dispatcher, a_supervisor, the_county
from tests.triage.reading_room import a_context
from triage.assessment import assess
from triage.overlay import Change, ChangeAct

PHRASE = "云端星光计划"
TEXT = f"那边又在搞{PHRASE}了"
CHANGE = Change(ChangeAct.ADD, "illegal_fundraising", (PHRASE,), weight=4.0, why="换了名头的集资")


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def turn(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def a_shelf(store: Store, now: Callable[[], datetime] = lambda: NOW) -> LexiconShelf:
    return LexiconShelf(store, a_context(), now=now)


def put_live(store: Store, *changes: Change, reason: str = "试点") -> int:
    with store.write() as session:
        last = changes[-1] if changes else None
        return add_version(session, changes, change=last, reason=reason, base=a_context(), by=SYSTEM, now=NOW).number


def test_without_a_version_the_shipped_words_rule_and_say_so(store: Store):
    shelf = a_shelf(store)
    said = assess(TEXT, shelf.current())
    assert said.category != "illegal_fundraising"
    assert said.lexicon_version == f"{shelf.mark}+0"


def test_every_process_takes_a_new_version_into_use_within_seconds(store: Store):
    clock = Clock()
    here, there = a_shelf(store, clock), a_shelf(store, clock)
    for shelf in (here, there):
        shelf.current()
    put_live(store, CHANGE)
    assert assess(TEXT, here.current()).lexicon_version.endswith("+0")
    clock.turn(3)
    for shelf in (here, there):
        said = assess(TEXT, shelf.current())
        assert (said.category, said.lexicon_version) == ("illegal_fundraising", f"{shelf.mark}+1")


def test_a_shelf_that_has_nothing_new_gives_the_same_context(store: Store):
    clock = Clock()
    shelf = a_shelf(store, clock)
    first = shelf.current()
    clock.turn(60)
    assert shelf.current() is first


def test_while_the_database_is_away_the_words_at_hand_stay(store: Store):
    clock = Clock()
    gone = Store("sqlite:////nowhere/at/all.db")
    shelf = LexiconShelf(gone, a_context(), now=clock)
    assert shelf.current().lexicon.version.endswith("+0")
    gone.close()


def test_a_version_says_who_when_why_and_what_and_the_ledger_says_it_was_made(store: Store):
    put_live(store, CHANGE, reason="三家都来投诉")
    with store.read() as session:
        (version,) = list_versions(session)
        assert (version.number, version.parent, version.reason, version.made_at) == (1, 0, "三家都来投诉", NOW)
        assert version.change is not None
        assert version.change["words"] == [PHRASE]
        assert read_changes(session, 1) == (CHANGE,)
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == "lexicon_changed")).one()
        assert entry.details == {"version": 1, "before": 0}


def test_undo_goes_back_one_version_at_a_time_and_keeps_the_list(store: Store):
    other = Change(ChangeAct.ADD, "fees", ("收三遍钱",), weight=1.0)
    put_live(store, CHANGE)
    put_live(store, CHANGE, other)
    with store.write() as session:
        the_county(session)
        supervisor = a_supervisor(session)
        assert undo_version(session, seen=2, by=supervisor, base=a_context(), now=NOW) == 1
        assert read_changes(session, get_active(session)) == (CHANGE,)
        assert undo_version(session, seen=1, by=supervisor, base=a_context(), now=NOW) == 0
        assert [version.number for version in list_versions(session)] == [2, 1]
        with pytest.raises(NotAllowed):
            undo_version(session, seen=0, by=supervisor, base=a_context(), now=NOW)
    assert put_live(store, other) == 3
    with store.read() as session:
        assert list_versions(session)[0].parent == 0


def test_undo_needs_a_supervisor_who_saw_the_active_version(store: Store):
    put_live(store, CHANGE)
    with store.write() as session:
        the_county(session)
        with pytest.raises(NotAllowed):
            undo_version(session, seen=1, by=a_dispatcher(session), base=a_context(), now=NOW)
        with pytest.raises(StaleVersion):
            undo_version(session, seen=0, by=a_supervisor(session), base=a_context(), now=NOW)
        assert get_active(session) == 1
