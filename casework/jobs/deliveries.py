"""Sending something out of the house at most once on our own account: claim, send, record.

The claim is committed before the first byte leaves. Whoever finds a claim that is not his own cannot know how far its
holder came, so he records `unsure` and a person decides; nobody sends again on a guess.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from casework.errors import HotlineError
from casework.jobs.types import POLICIES, JobFailure, JobName, Policy
from casework.models.columns import new_id
from casework.store import Store
from casework.types import DeliveryStatus

DELIVERY_TRANSITIONS: Mapping[DeliveryStatus, frozenset[DeliveryStatus]] = {
    DeliveryStatus.QUEUED: frozenset({DeliveryStatus.SENDING, DeliveryStatus.FAILED, DeliveryStatus.CANCELLED}),
    DeliveryStatus.SENDING: frozenset(
        {DeliveryStatus.SENT, DeliveryStatus.QUEUED, DeliveryStatus.FAILED, DeliveryStatus.UNSURE}
    ),
    DeliveryStatus.UNSURE: frozenset({DeliveryStatus.SENT, DeliveryStatus.QUEUED, DeliveryStatus.FAILED}),
    DeliveryStatus.FAILED: frozenset({DeliveryStatus.QUEUED, DeliveryStatus.CANCELLED}),
    DeliveryStatus.SENT: frozenset(),
    DeliveryStatus.CANCELLED: frozenset(),
}
"""The legal moves. Out of `unsure` and `failed` only a person moves a row, but for the sender who comes back late."""


class DeliveryStep(StrEnum):
    """What a run that has just begun has to do with a row."""

    SEND = "send"
    RECORD_UNSURE = "record_unsure"
    LEAVE = "leave"


class NotHandedOver(HotlineError):  # a fact, like its siblings
    """The send failed before the other side could have taken anything: it may be tried again."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Refused(HotlineError):
    """The other side refused it for good: trying again will not help."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class DeliveryRow(Protocol):
    """The columns that the pattern needs of a business row."""

    status: DeliveryStatus
    attempts: int
    attempt_id: str | None
    claimed_at: datetime | None
    sent_at: datetime | None
    next_try_at: datetime | None
    error_code: str | None


Row = TypeVar("Row", bound=DeliveryRow)


def decide_step(status: DeliveryStatus) -> DeliveryStep:
    """What to do with a row found at the start of a run: a claim found there is always somebody else's."""
    match status:
        case DeliveryStatus.QUEUED:
            return DeliveryStep.SEND
        case DeliveryStatus.SENDING:
            return DeliveryStep.RECORD_UNSURE
        case _:
            return DeliveryStep.LEAVE


def may_record(row: DeliveryRow, attempt_id: str) -> bool:
    """Whether this attempt's result still counts: the claim is its own and no person has decided meanwhile.

    A sender who was taken for dead and comes back turns `unsure` into what he knows.
    """
    return row.attempt_id == attempt_id and row.status in {DeliveryStatus.SENDING, DeliveryStatus.UNSURE}


def deliver_once(
    store: Store,
    delivery_id: str,
    *,
    load: Callable[[Session, str], Row | None],
    send: Callable[[str], None],
    note: Callable[[Session, Row], None],
    clock: Callable[[], datetime],
    policy: Policy = POLICIES[JobName.SEND_DELIVERY],
) -> DeliveryStatus | None:
    """Deliver one row, or find out that it must not be delivered. Opens its own units of work; None if it is gone.

    1. Claim: `queued` becomes `sending` under a fresh attempt id, and is committed; a foreign claim becomes `unsure`.
    2. `send(delivery_id)` outside any transaction. It returns when the other side took it, raises `NotHandedOver` when
       that is impossible, `Refused` when it never will; any other exception means that nobody knows.
    3. Record: `sent`, `failed`, `unsure`, or back to `queued` with `JobFailure`, so that the job is tried again.

    `load` gives the row locked for update; `note` runs in the same transaction after each change (ledger, referral).
    """
    attempt_id = new_id()
    status = _claim(store, delivery_id, attempt_id, load, note, clock)
    if status is not DeliveryStatus.SENDING:
        return status
    result, code = _send(send, delivery_id)
    with store.write() as session:
        row = load(session, delivery_id)
        if row is None or not may_record(row, attempt_id):
            return None if row is None else row.status
        _record(row, result, code, policy, clock())
        note(session, row)
        status, due = row.status, row.next_try_at
    if status is DeliveryStatus.QUEUED and due is not None:
        raise JobFailure(code, after=due - clock())
    return status


def _claim(
    store: Store,
    delivery_id: str,
    attempt_id: str,
    load: Callable[[Session, str], Row | None],
    note: Callable[[Session, Row], None],
    clock: Callable[[], datetime],
) -> DeliveryStatus | None:
    with store.write() as session:
        row = load(session, delivery_id)
        if row is None:
            return None
        step = decide_step(row.status)
        if step is DeliveryStep.LEAVE:
            return row.status
        if step is DeliveryStep.RECORD_UNSURE:
            row.status = DeliveryStatus.UNSURE
            row.error_code = "claim_abandoned"
        else:
            row.status = DeliveryStatus.SENDING
            row.attempt_id, row.claimed_at = attempt_id, clock()
            row.attempts += 1
            row.next_try_at, row.error_code = None, None
        note(session, row)
        return row.status


def _send(send: Callable[[str], None], delivery_id: str) -> tuple[DeliveryStatus, str]:
    try:
        send(delivery_id)
    except NotHandedOver as error:
        return DeliveryStatus.QUEUED, error.code
    except Refused as error:
        return DeliveryStatus.FAILED, error.code
    except Exception as error:  # it may have arrived, and its text may hold the letter
        return DeliveryStatus.UNSURE, type(error).__name__
    return DeliveryStatus.SENT, ""


def _record(row: DeliveryRow, result: DeliveryStatus, code: str, policy: Policy, now: datetime) -> None:
    row.error_code = code or None
    if result is DeliveryStatus.QUEUED and row.attempts >= policy.attempts:
        result = DeliveryStatus.FAILED
    row.status = result
    row.sent_at = now if result is DeliveryStatus.SENT else None
    row.next_try_at = now + policy.pause_after(row.attempts) if result is DeliveryStatus.QUEUED else None
