"""How much of the forms that are coming in rests in memory at once, and who makes room when it is full.

No seats that a slow stranger could hold: what counts is what has come in. Only a full room sends anybody away, and then
whoever has taken most of it for longest, those below a fair pace first; nobody's address is asked.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

FAIR_PACE = 16 * 1024
"""Bytes a second; who sends less makes room before anybody who sends more."""
FAIR_AFTER = 5
"""Seconds before a pace says anything."""


@dataclass(eq=False)
class Guest:
    """One form on its way in: since when, what has come, what of that is counted as held here, and what it has cost so
    far, in bytes times seconds.
    """

    began: float
    came: int = 0
    held: int = 0
    cost: float = 0.0
    settled: float = 0.0

    def settle(self, now: float) -> None:
        """Bring the cost up to now."""
        self.cost += self.held * (now - self.settled)
        self.settled = now

    def is_slow(self, now: float) -> bool:
        """Whether it has come in below a fair pace."""
        age = now - self.began
        return age > FAIR_AFTER and self.came < FAIR_PACE * age


class FullError(Exception):
    """There is no room for more of this form."""


@dataclass
class Room:
    """The forms that are coming in, and how many bytes of them fit."""

    size: int
    guests: dict[Guest, Callable[[], None]] = field(default_factory=dict)

    @property
    def held(self) -> int:
        """How many bytes are here now."""
        return sum(guest.held for guest in self.guests)

    @contextmanager
    def host(self, guest: Guest, send_away: Callable[[], None]) -> Iterator[None]:
        """A form is here until it has come in, or is sent away."""
        self.guests[guest] = send_away
        try:
            yield
        finally:
            self.guests.pop(guest, None)

    def grow(self, guest: Guest, size: int, *, now: float) -> None:
        """So many bytes more of one form. Where they don't fit, others make room.

        Raises FullError where it is this one's turn to go, or it was sent away.
        """
        if guest not in self.guests:
            raise FullError
        while self.held + size > self.size:
            first = self._find_first(now)
            if first is guest:
                raise FullError
            self.guests.pop(first)()
        guest.settle(now)
        guest.held += size

    def _find_first(self, now: float) -> Guest:
        """Who goes first: of those below a fair pace, else of all, whoever has cost most."""
        for guest in self.guests:
            guest.settle(now)
        return max(self.guests, key=lambda guest: (guest.is_slow(now), guest.cost))
