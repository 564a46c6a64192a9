"""The machine's clock is set back, by a person or a bad time server: nothing opens by it, nothing breaks."""

from datetime import timedelta

import pytest

from casework.chain import sequence_entries, verify_ledger
from casework.errors import WrongSignIn
from casework.ledger import SYSTEM, Verb, record
from casework.signins import get_officer_by_token
from casework.store import Store
from tests.casework.people import NOW
from tests.casework.test_signins import a_code, an_account, enter

HOUR = timedelta(hours=1)


def test_a_sign_in_does_not_live_until_the_clock_has_caught_up(store: Store) -> None:
    an_account(store)
    token = enter(store).token
    with store.read() as session:
        assert get_officer_by_token(session, token, NOW - timedelta(minutes=1)) is not None
        assert get_officer_by_token(session, token, NOW - HOUR) is None


def test_a_code_from_before_the_last_one_used_is_not_good_any_more(store: Store) -> None:
    an_account(store)
    enter(store)
    with pytest.raises(WrongSignIn):
        enter(store, NOW - HOUR, code=a_code(NOW - HOUR))


def test_the_ledgers_chain_follows_the_order_of_writing_and_stays_whole(store: Store) -> None:
    for moment in (NOW, NOW - HOUR, NOW - timedelta(days=400), NOW + HOUR):
        with store.write() as session:
            record(session, actor=SYSTEM, verb=Verb.DATA_LOADED, subject="office", subject_id="x", now=moment)
        sequence_entries(store, now=moment)
    with store.read() as session:
        report = verify_ledger(session)
    assert (report.first_broken, report.unlinked, report.entries) == (None, 0, 4)
