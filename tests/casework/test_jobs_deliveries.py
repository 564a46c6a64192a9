"""Claim, send, record: nothing leaves twice on our own account, and what nobody knows is shown as such."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from casework.jobs import (
    DELIVERY_TRANSITIONS,
    POLICIES,
    DeliveryStep,
    JobFailure,
    JobName,
    NotHandedOver,
    Refused,
    decide_step,
    deliver_once,
)
from casework.jobs.deliveries import may_record
from casework.store import Store
from casework.types import DeliveryStatus
from tests.casework.job_desk import NOW, Letter, load_letter, open_desk, put_letter, read_letter

POLICY = POLICIES[JobName.SEND_DELIVERY]


@pytest.fixture
def desk(database_url: str) -> Iterator[Store]:
    store = open_desk(database_url)
    yield store
    store.close()


class Courier:
    """Takes a letter, or fails in the way it is told to."""

    def __init__(self, store: Store, failure: Exception | None = None) -> None:
        self.store = store
        self.failure = failure
        self.taken: list[str] = []
        self.seen: list[DeliveryStatus] = []
        self.noted: list[DeliveryStatus] = []

    def send(self, ident: str) -> None:
        self.seen.append(read_letter(self.store, ident).status)
        if self.failure is not None:
            raise self.failure
        self.taken.append(ident)

    def deliver(self) -> DeliveryStatus | None:
        return deliver_once(
            self.store,
            "letter-1",
            load=load_letter,
            send=self.send,
            note=lambda _session, letter: self.noted.append(letter.status),
            clock=lambda: NOW,
        )


@pytest.mark.parametrize(
    ("status", "step"),
    [
        (DeliveryStatus.QUEUED, DeliveryStep.SEND),
        (DeliveryStatus.SENDING, DeliveryStep.RECORD_UNSURE),
        (DeliveryStatus.SENT, DeliveryStep.LEAVE),
        (DeliveryStatus.FAILED, DeliveryStep.LEAVE),
        (DeliveryStatus.UNSURE, DeliveryStep.LEAVE),
        (DeliveryStatus.CANCELLED, DeliveryStep.LEAVE),
    ],
)
def test_only_what_waits_is_sent_and_a_foreign_claim_is_unsure(status: DeliveryStatus, step: DeliveryStep):
    assert decide_step(status) is step


def test_every_state_of_a_delivery_can_be_reached_and_all_but_two_left():
    reached = {DeliveryStatus.QUEUED}.union(*DELIVERY_TRANSITIONS.values())
    assert reached == set(DeliveryStatus)
    assert set(DELIVERY_TRANSITIONS) == set(DeliveryStatus)
    final = {status for status, onward in DELIVERY_TRANSITIONS.items() if not onward}
    assert final == {DeliveryStatus.SENT, DeliveryStatus.CANCELLED}


def test_a_letter_is_claimed_before_it_leaves_and_recorded_afterwards(desk: Store):
    put_letter(desk)
    courier = Courier(desk)
    assert courier.deliver() is DeliveryStatus.SENT
    letter = read_letter(desk)
    assert courier.seen == [DeliveryStatus.SENDING]
    assert courier.noted == [DeliveryStatus.SENDING, DeliveryStatus.SENT]
    assert (letter.sent_at, letter.claimed_at, letter.attempts) == (NOW, NOW, 1)


def test_a_letter_that_was_sent_is_not_sent_again(desk: Store):
    put_letter(desk)
    courier = Courier(desk)
    assert [courier.deliver(), courier.deliver()] == [DeliveryStatus.SENT] * 2
    assert courier.taken == ["letter-1"]


def test_a_letter_claimed_by_another_becomes_unsure_and_is_left_alone(desk: Store):
    put_letter(desk, status=DeliveryStatus.SENDING, attempt_id="dead", attempts=1)
    courier = Courier(desk)
    assert [courier.deliver(), courier.deliver()] == [DeliveryStatus.UNSURE] * 2
    assert courier.seen == []
    assert read_letter(desk).error_code == "claim_abandoned"


def test_a_failure_before_the_hand_over_is_tried_again_later(desk: Store):
    put_letter(desk)
    with pytest.raises(JobFailure) as failure:
        Courier(desk, NotHandedOver("connection_refused")).deliver()
    letter = read_letter(desk)
    assert failure.value.after == POLICY.base
    assert (letter.status, letter.next_try_at) == (DeliveryStatus.QUEUED, NOW + POLICY.base)
    assert letter.error_code == "connection_refused"
    assert Courier(desk).deliver() is DeliveryStatus.SENT


def test_a_letter_that_never_gets_through_fails_for_all_to_see(desk: Store):
    put_letter(desk, attempts=POLICY.attempts - 1)
    assert Courier(desk, NotHandedOver("connection_refused")).deliver() is DeliveryStatus.FAILED
    letter = read_letter(desk)
    assert (letter.error_code, letter.next_try_at) == ("connection_refused", None)


def test_a_refusal_for_good_is_not_tried_again(desk: Store):
    put_letter(desk)
    assert Courier(desk, Refused("no_such_mailbox")).deliver() is DeliveryStatus.FAILED


def test_a_failure_of_unknown_reach_is_unsure_and_keeps_no_text(desk: Store):
    put_letter(desk)
    assert Courier(desk, TimeoutError("关于王某的信")).deliver() is DeliveryStatus.UNSURE
    assert read_letter(desk).error_code == "TimeoutError"


def test_a_letter_that_is_gone_is_nobodys_error(desk: Store):
    assert Courier(desk).deliver() is None


def test_a_sender_taken_for_dead_who_comes_back_says_what_he_knows(desk: Store):
    put_letter(desk)
    second = Courier(desk)

    class Slow(Courier):
        def send(self, ident: str) -> None:
            assert second.deliver() is DeliveryStatus.UNSURE
            super().send(ident)

    assert Slow(desk).deliver() is DeliveryStatus.SENT
    assert second.taken == []


def test_what_a_person_decided_meanwhile_stands(desk: Store):
    put_letter(desk)

    class Overtaken(Courier):
        def send(self, ident: str) -> None:
            with self.store.write() as session:
                letter = session.get(Letter, ident)
                assert letter is not None
                letter.status, letter.attempt_id = DeliveryStatus.FAILED, None

    assert Overtaken(desk).deliver() is DeliveryStatus.FAILED


def test_a_result_counts_only_for_its_own_claim():
    mine = Letter(status=DeliveryStatus.SENDING, attempt_id="mine", claimed_at=NOW - timedelta(hours=1))
    assert may_record(mine, "mine")
    assert not may_record(mine, "other")
    assert not may_record(Letter(status=DeliveryStatus.CANCELLED, attempt_id="mine"), "mine")
