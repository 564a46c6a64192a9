"""Ten thousand guesses a minute while honest people look up theirs, played in no time on a simulated clock."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles

import pytest

from intake.lanes import Lane, Lanes
from intake.sieve import BITS

GUESSES_A_MINUTE = 10_000
MINUTES = 10
CHECK_SECONDS = 0.65
"""What one Argon2id of 256 MiB took where it was measured."""
PROMISE = 30.0
PASSES = 1 / (1 << BITS)


@dataclass(frozen=True)
class Asker:
    """Somebody who joins the line at a moment of the simulated clock."""

    at: float
    locator: str
    lane: Lane
    honest: bool


def flood(lot: random.Random, locators: list[str], *, sieved: bool, lane: Lane = Lane.PLAIN) -> Iterator[Asker]:
    """Guesses with right check digits at locators that exist; the sieve throws out all but one in a thousand."""
    count = GUESSES_A_MINUTE * MINUTES
    for number in range(count):
        if sieved and lot.random() >= PASSES:
            continue
        at = number * 60 * MINUTES / count
        yield Asker(at, lot.choice(locators), Lane.LIKELY if sieved else lane, honest=False)


def honest(lot: random.Random, locators: list[str], lane: Lane, *, every: float = 5.0) -> Iterator[Asker]:
    """People who look up their own codes, one every few seconds."""
    for number in range(int(60 * MINUTES / every)):
        yield Asker(number * every + lot.random(), lot.choice(locators), lane, honest=True)


def play(askers: list[Asker], lot: random.Random) -> list[float]:
    """How long the honest ones waited for their answers; one check at a time, nobody sleeps."""
    lanes: Lanes[Asker] = Lanes.open(lot)
    coming = sorted(askers, key=lambda asker: asker.at)
    clock, waits, next_one = 0.0, [], 0
    while next_one < len(coming) or lanes.length:
        if not lanes.length:
            clock = max(clock, coming[next_one].at)
        while next_one < len(coming) and coming[next_one].at <= clock:
            lanes.put(coming[next_one], coming[next_one].lane)
            next_one += 1
        served = lanes.take()
        assert served is not None
        clock += CHECK_SECONDS
        if served.honest:
            waits.append(clock - served.at)
    return waits


def some_locators(count: int) -> list[str]:
    return [f"{number:04d}" for number in range(count)]


@pytest.mark.parametrize("receipts", [80, 1_000, 10_000])
def test_behind_the_sieve_an_honest_look_up_is_answered_within_half_a_minute(receipts: int):
    lot = random.Random(receipts)
    locators = some_locators(receipts)
    waits = play([*flood(lot, locators, sieved=True), *honest(lot, locators, Lane.LIKELY)], lot)
    assert len(waits) == 120
    assert max(waits) <= PROMISE
    assert quantiles(waits, n=2)[0] <= 2.0


def test_without_the_sieve_a_thousand_receipts_would_break_the_promise():
    lot = random.Random(1)
    locators = some_locators(1_000)
    waits = play([*flood(lot, locators, sieved=False), *honest(lot, locators, Lane.PLAIN)], lot)
    assert max(waits) > 10 * PROMISE


def test_a_flood_at_ones_own_locator_is_answered_too():
    lot = random.Random(2)
    waits = play([*flood(lot, ["0042"], sieved=True), *honest(lot, ["0042"], Lane.LIKELY)], lot)
    assert max(waits) <= PROMISE


@pytest.mark.parametrize("lane", [Lane.LIKELY, Lane.PROVEN])
def test_the_sieve_unknown_flood_of_a_machine_just_started_keeps_out_neither_marked_nor_working_people(lane: Lane):
    """After a start the old marks say nothing: guesses at those codes stand in the plain lane."""
    lot = random.Random(3)
    locators = some_locators(1_000)
    waits = play([*flood(lot, locators, sieved=False), *honest(lot, locators, lane)], lot)
    assert max(waits) <= PROMISE


def test_who_stands_in_the_plain_lane_has_his_turn_in_the_end():
    lot = random.Random(4)
    locators = some_locators(1_000)
    asker = Asker(60.0, "0007", Lane.PLAIN, honest=True)
    working = flood(lot, locators, sieved=False, lane=Lane.PROVEN)
    assert len(play([*working, asker], lot)) == 1


def test_an_empty_lane_gives_its_turns_away():
    lanes: Lanes[Asker] = Lanes.open(random.Random(5))
    for number in range(8):
        lanes.put(Asker(0, f"p{number}", Lane.PROVEN, honest=False), Lane.PROVEN)
        lanes.put(Asker(0, f"n{number}", Lane.PLAIN, honest=False), Lane.PLAIN)
    first = [served.lane for _ in range(8) if (served := lanes.take())]
    assert first.count(Lane.PROVEN) == 6
    assert [lanes.take() is None for _ in range(9)] == [False] * 8 + [True]
