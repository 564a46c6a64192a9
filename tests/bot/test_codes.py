"""Codes written into a chat: a crowd of them holds up nobody's message."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Semaphore

import pytest

from bot.codes import look_up_code
from bot.frontdesk import FrontDesk
from casework.store import Store
from tests.bot.desk import a_front_desk, a_message, an_intake, set_up
from tests.intake.desk import a_receipt_desk

CODE = "1234 5678 9012 3452"


@pytest.fixture(name="desk")
def with_receipts(store: Store) -> Iterator[FrontDesk]:
    set_up(store)
    intake = an_intake()
    receipts = a_receipt_desk(store, intake)
    yield replace(a_front_desk(intake), receipts=receipts)
    receipts.gate.close()


def test_where_too_many_look_at_once_the_next_is_sent_to_the_page(desk: FrontDesk) -> None:
    crowded = replace(desk, lookers=Semaphore(0))
    assert look_up_code(a_message(CODE), desk=crowded) is None
    assert look_up_code(a_message(CODE), desk=desk) is not None


def test_a_place_is_given_back_whatever_the_code_was(desk: FrontDesk) -> None:
    for _ in range(9):
        assert look_up_code(a_message(CODE), desk=desk) is not None
