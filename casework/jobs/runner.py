"""One attempt at a job, and what follows from its failure.

A failed attempt never sleeps in a worker's place: it is over, and the next one is queued for later. No exception's text
goes anywhere, neither into a table nor into a log; its class and the line that raised it do.
"""

import logging
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from casework.jobs.outbox import name_attempt, put_attempt
from casework.jobs.types import POLICIES, Exhausted, Handler, JobFailure, JobName, JobOutcome, Policy
from casework.store import Store

logger = logging.getLogger("hotline.jobs")
CRASHED = "crashed"


@dataclass(frozen=True)
class Attempt:
    """One try of one job: which job, about which row, and the how-manieth."""

    name: JobName
    subject_id: str
    job_id: str
    number: int


class InHand:
    """The attempts that this process is working on right now."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()  # counted, because a lost claim may be run again beside the first
        self._lock = Lock()

    @contextmanager
    def holding(self, ident: str) -> Iterator[None]:
        """Count `ident` as being worked on while the block runs."""
        with self._lock:
            self._held[ident] += 1
        try:
            yield
        finally:
            with self._lock:
                self._held[ident] -= 1

    def ids(self) -> frozenset[str]:
        """What is being worked on."""
        with self._lock:
            self._held += Counter()  # drops those that have come to nothing
            return frozenset(self._held)


@dataclass(frozen=True)
class Work:
    """What this process can do: a handler for each job, and whom to tell when one is given up."""

    store: Store
    handlers: Mapping[JobName, Handler]
    exhausted: Mapping[JobName, Exhausted]
    policies: Mapping[JobName, Policy] = field(default_factory=lambda: POLICIES)
    in_hand: InHand = field(default_factory=InHand)


def run_attempt(work: Work, attempt: Attempt) -> JobOutcome:
    """Try once; on failure queue the next try, or give up and say so. Raises only where the database fails us."""
    with work.in_hand.holding(name_attempt(attempt.job_id, attempt.number)):
        failure = _try_once(work.handlers[attempt.name], attempt)
        if failure is None:
            return JobOutcome.DONE
        return settle_failure(work, attempt, failure)


def settle_failure(work: Work, attempt: Attempt, failure: JobFailure) -> JobOutcome:
    """What follows from a failed attempt: a later one while the policy allows it, else the end.

    Harmless when repeated, because the later attempt has a name of its own.
    """
    policy = work.policies[attempt.name]
    if attempt.number >= policy.attempts:
        give_up(work, attempt, failure.code)
        return JobOutcome.GIVEN_UP
    pause = failure.after if failure.after is not None else policy.pause_after(attempt.number)
    with work.store.write() as session:
        put_attempt(session, attempt.name, attempt.subject_id, attempt.job_id, attempt.number + 1, pause)
    return JobOutcome.TRIED_AGAIN


def give_up(work: Work, attempt: Attempt, code: str) -> None:
    """Let the row say that its job failed; jobs without a row to say it end in the log alone."""
    logger.error("job_given_up", extra=_facts(attempt) | {"error_code": code})
    exhausted = work.exhausted.get(attempt.name)
    if exhausted is not None:
        exhausted(attempt.subject_id, code)


def _try_once(handler: Handler, attempt: Attempt) -> JobFailure | None:
    try:
        handler(attempt.subject_id)
    except JobFailure as failure:
        logger.warning("job_failed", extra=_facts(attempt) | {"error_code": failure.code})
        return failure
    except Exception as error:  # whatever it is, its text stays here
        code = type(error).__name__
        logger.warning("job_failed", extra=_facts(attempt) | {"error_code": code, "where": _where(error)})
        return JobFailure(code)
    return None


def _facts(attempt: Attempt) -> dict[str, object]:
    return {"job": attempt.name.value, "subject_id": attempt.subject_id, "attempt": attempt.number}


def _where(error: BaseException) -> str:
    """File and line of the raising frame: enough to find the defect, nothing of what was being handled."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
