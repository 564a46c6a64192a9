"""How much of the forms that are coming in rests in memory at once, and who makes room when it is full.

No seats that a slow stranger could hold: what counts is what has come in. Only a full room sends anybody away, and then
whoever has taken most of it for longest, those first who only hold, then the slow ones; nobody's address is asked.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum

FAIR_PACE = 16 * 1024
"""Bytes a second; who sends less makes room before anybody who sends more."""
STANDING_PACE = FAIR_PACE // 4
"""Who sends less than this only holds what he has, and goes before the slow ones, however fast he came."""
FAIR_AFTER = 5
"""The last seconds, over which a pace is judged."""
GRACE = 10
"""Seconds before a pace says anything."""


class Pace(IntEnum):
    """In which order room is made."""

    STANDING = 0
    SLOW = 1
    FAIR = 2


@dataclass(eq=False)
class Guest:
    """One form on its way in: since when, what has come, what of that is counted as held here, and what it has cost so
    far, in bytes times seconds; `paces` is how much was here at the end of each of the last seconds in which some came.
    """

    began: float
    came: int = 0
    held: int = 0
    cost: float = 0.0
    settled: float = 0.0
    paces: list[tuple[int, int]] = field(default_factory=list)

    def note(self, now: float) -> None:
        """Some of it has come: remember how much there is now, a second at a time."""
        second = int(now)
        if self.paces and self.paces[-1][0] == second:
            self.paces.pop()
        self.paces.append((second, self.came))
        while len(self.paces) > 1 and self.paces[1][0] < second - FAIR_AFTER:
            self.paces.pop(0)

    def settle(self, now: float) -> None:
        """Bring the cost up to now."""
        self.cost += self.held * (now - self.settled)
        self.settled = now

    def judge_pace(self, now: float) -> Pace:
        """How fast it has come in during the last seconds; of a newcomer nothing is said."""
        if now - self.began <= GRACE:
            return Pace.FAIR
        before = [came for second, came in self.paces if second < int(now) - FAIR_AFTER]
        lately = (self.came - (before[-1] if before else 0)) / FAIR_AFTER
        if lately >= FAIR_PACE:
            return Pace.FAIR
        return Pace.SLOW if lately >= STANDING_PACE else Pace.STANDING


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
        guest.note(now)
        while self.held + size > self.size:
            first = self._find_first(now)
            if first is guest:
                raise FullError
            self.guests.pop(first)()
        guest.settle(now)
        guest.held += size

    def _find_first(self, now: float) -> Guest:
        """Who goes first: of those who stand still, else of the slow, else of all, whoever has cost most."""
        for guest in self.guests:
            guest.note(now)
            guest.settle(now)
        return max(self.guests, key=lambda guest: (-guest.judge_pace(now), guest.cost))
