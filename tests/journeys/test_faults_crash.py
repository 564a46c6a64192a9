"""What stays true when `hotline serve` is killed or its disk is full: nothing was acknowledged that is not there."""

import resource
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from bot.channels import Request
from bot.models import Conversation
from casework.models.cases import Case
from casework.store import Store
from tests.journeys.served import Served, a_message, a_served_house, post, words_of
from tests.journeys.town import find_code

pytestmark = pytest.mark.slow

FIRE = "麦陇镇敬老院着火了，烟往楼上窜，老人下不来。"
BURST, ANSWERED, AT_ONCE = 20, 6, 4


@pytest.fixture
def served(database_url: str, tmp_path: Path) -> Iterator[Served]:
    with a_served_house(database_url, tmp_path) as running:
        yield running


@pytest.fixture
def working(database_url: str, tmp_path: Path) -> Iterator[Served]:
    with a_served_house(database_url, tmp_path, jobs=True) as running:
        yield running


@pytest.fixture
def embedded(sqlite_database_url: str, tmp_path: Path) -> Iterator[Served]:
    with a_served_house(sqlite_database_url, tmp_path) as running:
        yield running


def count(served: Served, model: type[Case | Conversation]) -> int:
    """How many rows stand in the database, asked from outside."""
    with closing(Store(served.database_url)) as store, store.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def post_until_killed(served: Served, messages: list[Request]) -> dict[int, str]:
    """Post a burst, and kill the server by the hand that got its so-manieth answer; gives what was answered."""
    answered: dict[int, str] = {}
    lock = threading.Lock()

    def post_one(number: int) -> None:
        try:
            words = words_of(post(served.url, messages[number]))
        except httpx.TransportError:
            return
        with lock:
            answered[number] = words
            if len(answered) == ANSWERED:
                served.kill()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(post_one, range(len(messages))))
    return answered


def test_a_server_killed_after_its_answer_has_kept_what_it_answered(working: Served) -> None:
    message = a_message(FIRE)
    told = words_of(post(working.url, message))
    working.kill()
    assert (count(working, Case), count(working, Conversation)) == (1, 1)
    working.start()
    assert words_of(post(working.url, message)) == told
    code = find_code(told)
    page = httpx.post(f"{working.url}/track", data={"code": code}, follow_redirects=True, timeout=30)
    assert "收到您的话" in page.text
    assert count(working, Case) == 1


def test_a_server_killed_in_a_burst_lost_nothing_it_answered_and_doubles_nothing(served: Served) -> None:
    messages = [a_message(FIRE, number) for number in range(BURST)]
    answered = post_until_killed(served, messages)
    assert ANSWERED <= len(answered) < BURST
    assert len(answered) <= count(served, Case) == count(served, Conversation) < BURST
    served.start()
    again = {number: words_of(post(served.url, message)) for number, message in enumerate(messages)}
    assert {number: again[number] for number in answered} == answered
    assert len({find_code(words) for words in again.values()}) == BURST
    assert (count(served, Case), count(served, Conversation)) == (BURST, BURST)


def test_a_full_disk_is_told_to_the_vendor_and_kept_words_come_in_afterwards(embedded: Served) -> None:
    message, words = a_message(FIRE), "食堂的肉馊了，老人吃坏了肚子。"
    assert embedded.process is not None
    limits = resource.prlimit(embedded.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(embedded.process.pid, resource.RLIMIT_FSIZE, (0, limits[1]))
    refused = post(embedded.url, message)
    assert (refused.status_code, refused.text) == (503, "")
    page = httpx.post(f"{embedded.url}/say", data={"text": words, "turn": "full"}, timeout=30)
    assert page.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert words in page.text
    assert (count(embedded, Case), count(embedded, Conversation)) == (0, 0)
    resource.prlimit(embedded.process.pid, resource.RLIMIT_FSIZE, limits)
    assert find_code(words_of(post(embedded.url, message)))
    page = httpx.post(f"{embedded.url}/say", data={"text": words, "turn": "full"}, timeout=30)
    assert page.status_code == httpx.codes.SEE_OTHER
    assert (count(embedded, Case), count(embedded, Conversation)) == (1, 2)
