"""What an officer reads of the news to his reporter: whether they went, why not, what happens next; never where to."""

from datetime import timedelta

import pytest

from api.console.news_view import REASONS, view_news
from bot.channels import SendProblem
from casework.store import Store
from tests.bot.desk import STORY, a_front_desk, set_up
from tests.bot.test_waiting import Reader
from tests.casework.people import NOW


@pytest.fixture
def reader(store: Store) -> Reader:
    set_up(store)
    told = Reader(store, a_front_desk())
    told.tell(STORY, "3", "对")
    return told


def seen(reader: Reader) -> list[str]:
    with reader.store.read() as session:
        return view_news(session, reader.case_id)


def test_nothing_is_said_where_nothing_was_written(reader: Reader) -> None:
    assert seen(reader) == []


def test_what_waits_and_what_went_are_told_apart(reader: Reader) -> None:
    ident = reader.news()
    assert "等着发" in seen(reader)[0]
    reader.send(ident)
    assert "说过一声" in seen(reader)[0]


def test_what_could_not_go_says_why_and_that_the_code_shows_it(reader: Reader) -> None:
    later = NOW + timedelta(hours=49)
    reader.send(reader.news(now=later), now=later)
    [line] = seen(reader)
    assert REASONS["window_closed"] in line
    assert "查询码" in line
    assert reader.sender not in line


def test_a_reason_nobody_knows_has_a_sentence_too(reader: Reader) -> None:
    reader.chat.refusals = [SendProblem.REFUSED]
    reader.send(reader.news())
    assert "没发出去" in seen(reader)[0]


def test_only_the_last_few_are_shown(reader: Reader) -> None:
    for _ in range(5):
        reader.send(reader.news())
    assert len(seen(reader)) == 3
