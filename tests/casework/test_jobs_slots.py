"""Who is alive and who leads, told by rows on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from casework.jobs.slots import beat, drop_stale_slots, leave, list_live, take_lease
from casework.store import Store
from tests.casework.job_desk import NOW, open_desk

STALE = timedelta(seconds=12)


@pytest.fixture
def desk(database_url: str) -> Iterator[Store]:
    store = open_desk(database_url)
    yield store
    store.close()


def test_a_process_is_alive_while_it_beats(desk: Store):
    with desk.write() as session:
        beat(session, "serve-1", now=NOW)
        beat(session, "worker-1", now=NOW)
        beat(session, "worker-1", now=NOW + STALE)
        drop_stale_slots(session, now=NOW + STALE + timedelta(seconds=1), stale=STALE)
        assert list_live(session) == {"worker-1"}


def test_one_that_was_thought_dead_is_alive_again_when_it_beats(desk: Store):
    with desk.write() as session:
        beat(session, "serve-1", now=NOW)
        drop_stale_slots(session, now=NOW + 2 * STALE, stale=STALE)
        beat(session, "serve-1", now=NOW + 2 * STALE)
        assert list_live(session) == {"serve-1"}


def test_one_process_leads_until_it_stops_renewing(desk: Store):
    with desk.write() as session:
        assert take_lease(session, "a", now=NOW, length=STALE)
        assert not take_lease(session, "b", now=NOW, length=STALE)
        assert take_lease(session, "a", now=NOW + timedelta(seconds=5), length=STALE)
        assert not take_lease(session, "b", now=NOW + STALE, length=STALE)
        assert take_lease(session, "b", now=NOW + STALE + timedelta(seconds=5), length=STALE)
        assert not take_lease(session, "a", now=NOW + STALE + timedelta(seconds=6), length=STALE)


def test_who_leaves_in_good_order_hands_over_at_once(desk: Store):
    with desk.write() as session:
        beat(session, "a", now=NOW)
        take_lease(session, "a", now=NOW, length=STALE)
        leave(session, "a")
        assert list_live(session) == frozenset()
        assert take_lease(session, "b", now=NOW, length=STALE)
