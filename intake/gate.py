"""The gate before the dear check of a receipt code: few at once, the others in a line whose length can be told.

Who guesses pays with time, and nobody is shut out for good: locators take turns, so that many guesses at one of them
hold up nobody who asks for another.
"""

import heapq
import random
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

AT_ONCE = 1
"""Checks at one time; the vault's second Argon2 slot stays free for officers."""
MISS_SECONDS = 2.0
"""How much longer than a right code every wrong one takes, whether its locator is known or not."""
WAITING_PER_LOCATOR = 50
USUAL_SECONDS = 1.0
"""What a check is taken to cost before the first one was measured."""
PROVEN_BEFORE_PLAIN = 3


@dataclass(slots=True)
class Ticket(Generic[T]):
    """One look-up in the line."""

    locator: str
    check: Callable[[], T | None]
    answer: "Future[T | None]" = field(default_factory=Future)


class GateClosedError(Exception):
    """The process is stopping."""


class Line(Generic[T]):
    """Tickets by locator; the locators take turns, and within one a ticket is drawn by lot.

    A flood of guesses at one locator thus never keeps its owner out for good, and costs the others one turn a round.
    """

    def __init__(self, lot: random.Random) -> None:
        self._lot = lot
        self._by_locator: OrderedDict[str, list[Ticket[T]]] = OrderedDict()
        self.length = 0

    @property
    def turns(self) -> int:
        """How many turns pass before that of a locator which joins now."""
        return len(self._by_locator)

    def put(self, ticket: Ticket[T]) -> Ticket[T] | None:
        """Join the line; where a locator's own line is full, the one of it that has to leave (to ask again)."""
        waiting = self._by_locator.setdefault(ticket.locator, [])
        waiting.append(ticket)
        if len(waiting) <= WAITING_PER_LOCATOR:
            self.length += 1
            return None
        return waiting.pop(self._lot.randrange(len(waiting)))

    def take(self) -> Ticket[T]:
        """The next ticket, of the locator that has waited longest for a turn."""
        locator, waiting = self._by_locator.popitem(last=False)
        ticket = waiting.pop(self._lot.randrange(len(waiting)))
        if waiting:
            self._by_locator[locator] = waiting
        self.length -= 1
        return ticket


class ReceiptGate(Generic[T]):
    """The line of look-ups and the threads that work on it.

    Answers come as futures: a page waits a moment for one and then tells how many are waiting. An evicted ticket's
    future is cancelled: ask again. Tickets with a proof of work go first, three to one; they never exclude the others.
    """

    def __init__(
        self, *, at_once: int = AT_ONCE, miss_seconds: float = MISS_SECONDS, usual_seconds: float = USUAL_SECONDS
    ) -> None:
        self._miss_seconds = miss_seconds
        self._usual = usual_seconds
        self._changed = threading.Condition()
        lot = random.SystemRandom()
        self._proven: Line[T] = Line(lot)
        self._plain: Line[T] = Line(lot)
        self._turns: deque[bool] = deque([True] * PROVEN_BEFORE_PLAIN + [False])
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
            return self._proven.length + self._plain.length

    @property
    def expected_seconds(self) -> float:
        """How long the whole line takes at the pace of late."""
        return self.waiting * self._usual

    def ask(self, locator: str, check: Callable[[], T | None] | None, *, proven: bool = False) -> "Future[T | None]":
        """Join the line. The future gives what `check` finds, None for a miss. Raises GateClosedError when stopping.

        Where no row has the locator `check` is None: nothing is worked out and no place in the line is taken, but the
        answer comes when a wrong code's would.
        """
        if check is None:
            return self._ask_in_vain(proven=proven)
        ticket = Ticket(locator, check)
        with self._changed:
            if self._closed:
                raise GateClosedError
            evicted = (self._proven if proven else self._plain).put(ticket)
            self._changed.notify_all()
        if evicted is not None:
            evicted.answer.cancel()
        return ticket.answer

    def _ask_in_vain(self, *, proven: bool) -> "Future[T | None]":
        answer: Future[T | None] = Future()
        with self._changed:
            if self._closed:
                raise GateClosedError
            turns = self._proven.turns if proven else self._proven.turns + self._plain.turns
        self._miss(answer, after=(turns + 1) * self._usual)
        return answer

    def close(self) -> None:
        """Stop the threads; whoever still waits is cancelled."""
        with self._changed:
            self._closed = True
            left = [line.take().answer for line in (self._proven, self._plain) for _ in range(line.length)]
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
            while not (self._closed or self._proven.length or self._plain.length):
                self._changed.wait()
            if self._closed:
                return None
            self._turns.rotate(-1)
            first, second = (self._proven, self._plain) if self._turns[0] else (self._plain, self._proven)
            return (first if first.length else second).take()

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
