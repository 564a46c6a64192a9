"""The line before the dear check as data: who is next. Pure but for the lot, so that a flood can be played in no time.

Locators take turns within a lane, and lanes take turns with each other: whoever is likely to be right goes first, but
no lane is ever left out.
"""

import random
from collections import OrderedDict, deque
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Protocol, TypeVar

WAITING_PER_LOCATOR = 50


class Lane(Enum):
    """Where a look-up stands: the sieve let it through, its browser has worked, or neither."""

    LIKELY = "likely"
    PROVEN = "proven"
    PLAIN = "plain"


L, P, N = Lane.LIKELY, Lane.PROVEN, Lane.PLAIN
TURNS = (L, P, L, P, L, P, L, N)
"""Four in eight for the likely, three for the proven, one for the rest; an empty lane's turn goes to the next."""


class Waiting(Protocol):
    """Something that stands in the line for a locator."""

    @property
    def locator(self) -> str: ...


T = TypeVar("T", bound=Waiting)


class Line(Generic[T]):
    """Tickets by locator; the locators take turns, and within one a ticket is drawn by lot.

    A flood of guesses at one locator thus never keeps its owner out for good, and costs the others one turn a round.
    """

    def __init__(self, lot: random.Random) -> None:
        self._lot = lot
        self._by_locator: OrderedDict[str, list[T]] = OrderedDict()
        self.length = 0

    @property
    def turns(self) -> int:
        """How many turns pass before that of a locator which joins now."""
        return len(self._by_locator)

    def put(self, ticket: T) -> T | None:
        """Join the line; where a locator's own line is full, the one of it that has to leave (to ask again)."""
        waiting = self._by_locator.setdefault(ticket.locator, [])
        waiting.append(ticket)
        if len(waiting) <= WAITING_PER_LOCATOR:
            self.length += 1
            return None
        return waiting.pop(self._lot.randrange(len(waiting)))

    def take(self) -> T:
        """The next ticket, of the locator that has waited longest for a turn."""
        locator, waiting = self._by_locator.popitem(last=False)
        ticket = waiting.pop(self._lot.randrange(len(waiting)))
        if waiting:
            self._by_locator[locator] = waiting
        self.length -= 1
        return ticket


@dataclass(frozen=True)
class Lanes(Generic[T]):
    """The three lines and whose turn it is."""

    lines: dict[Lane, Line[T]]
    turns: deque[Lane]

    @classmethod
    def open(cls, lot: random.Random) -> "Lanes[T]":
        """Three empty lines."""
        return cls({lane: Line(lot) for lane in Lane}, deque(TURNS))

    @property
    def length(self) -> int:
        """How many stand in all of them."""
        return sum(line.length for line in self.lines.values())

    def put(self, ticket: T, lane: Lane) -> T | None:
        """Join a lane; the one that has to leave it, if any."""
        return self.lines[lane].put(ticket)

    def take(self) -> T | None:
        """The next ticket, None where nobody waits."""
        for _ in range(len(self.turns)):
            lane = self.turns[0]
            self.turns.rotate(-1)
            if self.lines[lane].length:
                return self.lines[lane].take()
        return None

    def turns_before(self, lane: Lane) -> int:
        """About how many checks come before that of a locator which joins this lane now."""
        ahead = list(Lane)[: list(Lane).index(lane) + 1]
        return sum(self.lines[each].turns for each in ahead)
