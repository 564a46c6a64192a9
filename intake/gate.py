"""The gate before the dear check of a receipt code: few at once, the others in a line whose length can be told.

Who guesses pays with time, and nobody is shut out for good: locators take turns, so that many guesses at one of them
hold up nobody who asks for another.
"""

import heapq
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from intake.lanes import Lane, Lanes

T = TypeVar("T")

AT_ONCE = 1
"""Checks at one time; the vault's second Argon2 slot stays free for officers."""
MISS_SECONDS = 2.0
"""How much longer than a right code every wrong one takes, whether its locator is known or not."""
USUAL_SECONDS = 1.0
"""What a check is taken to cost before the first one was measured."""


@dataclass(slots=True)
class Ticket(Generic[T]):
    """One look-up in the line."""

    locator: str
    check: Callable[[], T | None]
    answer: "Future[T | None]" = field(default_factory=Future)


class GateClosedError(Exception):
    """The process is stopping."""


class ReceiptGate(Generic[T]):
    """The line of look-ups and the threads that work on it.

    Answers come as futures: a page waits a moment for one and then tells how many are waiting. An evicted ticket's
    future is cancelled: ask again. Whom the sieve let through goes first, then who has a proof of work; neither ever
    excludes the others.
    """

    def __init__(
        self, *, at_once: int = AT_ONCE, miss_seconds: float = MISS_SECONDS, usual_seconds: float = USUAL_SECONDS
    ) -> None:
        self._miss_seconds = miss_seconds
        self._usual = usual_seconds
        self._changed = threading.Condition()
        self._lanes: Lanes[Ticket[T]] = Lanes.open(random.SystemRandom())
        self._misses: list[tuple[float, int, Future[T | None]]] = []
        self._count = 0
        self._closed = False
        self._threads = [threading.Thread(target=self._work, daemon=True, name="receipt-gate") for _ in range(at_once)]
        self._threads.append(threading.Thread(target=self._let_go, daemon=True, name="receipt-misses"))
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """How many look-ups stand in the line."""
        with self._changed:
            return self._lanes.length

    @property
    def expected_seconds(self) -> float:
        """How long the whole line takes at the pace of late."""
        return self.waiting * self._usual

    def ask(self, locator: str, check: Callable[[], T | None] | None, *, lane: Lane = Lane.PLAIN) -> "Future[T | None]":
        """Join the line. The future gives what `check` finds, None for a miss. Raises GateClosedError when stopping.

        Where no row has the locator, or the sieve has thrown the code out, `check` is None: nothing is worked out and
        no place in the line is taken, but the answer comes when a wrong code's would.
        """
        if check is None:
            return self._ask_in_vain(lane)
        ticket = Ticket(locator, check)
        with self._changed:
            if self._closed:
                raise GateClosedError
            evicted = self._lanes.put(ticket, lane)
            self._changed.notify_all()
        if evicted is not None:
            evicted.answer.cancel()
        return ticket.answer

    def _ask_in_vain(self, lane: Lane) -> "Future[T | None]":
        answer: Future[T | None] = Future()
        with self._changed:
            if self._closed:
                raise GateClosedError
            turns = self._lanes.turns_before(lane)
        self._miss(answer, after=(turns + 1) * self._usual)
        return answer

    def close(self) -> None:
        """Stop the threads; whoever still waits is cancelled."""
        with self._changed:
            self._closed = True
            left = [ticket.answer for ticket in iter(self._lanes.take, None)]
            left += [answer for _, _, answer in self._misses]
            self._misses.clear()
            self._changed.notify_all()
        for answer in left:
            answer.cancel()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (ticket := self._next()) is not None:
            if not ticket.answer.cancelled():
                self._check(ticket)

    def _next(self) -> Ticket[T] | None:
        with self._changed:
            while not (self._closed or self._lanes.length):
                self._changed.wait()
            return None if self._closed else self._lanes.take()

    def _check(self, ticket: Ticket[T]) -> None:
        started = time.monotonic()
        try:
            found = ticket.check()
        except Exception as error:  # whatever it is, it is the asker's to handle
            _answer(ticket.answer, error=error)
            return
        self._usual = 0.8 * self._usual + 0.2 * (time.monotonic() - started)
        if found is None:
            self._miss(ticket.answer, after=0.0)
        else:
            _answer(ticket.answer, found)

    def _miss(self, answer: "Future[T | None]", *, after: float) -> None:
        with self._changed:
            if not self._closed:
                self._count += 1
                due = time.monotonic() + after + self._miss_seconds
                heapq.heappush(self._misses, (due, self._count, answer))
                self._changed.notify_all()
                return
        answer.cancel()

    def _let_go(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                left = self._misses[0][0] - time.monotonic() if self._misses else None
                if left is None or left > 0:
                    self._changed.wait(left)
                    continue
                answer = heapq.heappop(self._misses)[2]
            _answer(answer, None)


def _answer(future: "Future[T | None]", found: T | None = None, *, error: Exception | None = None) -> None:
    if not future.set_running_or_notify_cancel():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(found)
