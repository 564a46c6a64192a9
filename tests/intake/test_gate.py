"""The gate before the dear check: turns, lots, misses that cost time, a line that never shuts anybody out."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, wait

import pytest

from intake.gate import GateClosedError, ReceiptGate
from intake.lanes import WAITING_PER_LOCATOR, Lane

MISS = 0.05


@pytest.fixture
def gate() -> Iterator[ReceiptGate[str]]:
    opened: ReceiptGate[str] = ReceiptGate(miss_seconds=MISS, usual_seconds=0.01)
    yield opened
    opened.close()


class Stopper:
    """A check that holds the gate until it is let go."""

    def __init__(self, gate: ReceiptGate[str]) -> None:
        self.entered, self.go = threading.Event(), threading.Event()
        self.answer = gate.ask("stop", self)
        assert self.entered.wait(5)

    def __call__(self) -> str:
        self.entered.set()
        assert self.go.wait(5)
        return "stopped"


def noting(order: list[str], name: str) -> Callable[[], str]:
    def check() -> str:
        order.append(name)
        return name

    return check


def test_a_right_code_is_answered_and_a_wrong_one_is_a_miss(gate):
    assert gate.ask("1234", lambda: "case").result(5) == "case"
    assert gate.ask("1234", lambda: None).result(5) is None
    assert gate.ask("9999", None).result(5) is None


@pytest.mark.parametrize("check", [None, lambda: None])
def test_a_miss_costs_time_whether_the_locator_is_known_or_not(gate, check):
    started = time.monotonic()
    gate.ask("1234", check).result(5)
    assert time.monotonic() - started >= MISS


def test_an_unknown_locator_waits_as_long_as_a_known_one_and_takes_no_place(gate):
    stopper = Stopper(gate)
    for number in range(20):
        gate.ask(str(number), lambda: "x")
    started = time.monotonic()
    unknown = gate.ask("9999", None)
    assert gate.waiting == 20
    assert unknown.result(5) is None
    assert time.monotonic() - started >= 20 * 0.01 + MISS
    stopper.go.set()


def test_one_check_runs_at_a_time(gate):
    running, seen = [], []

    def check() -> str:
        running.append(1)
        seen.append(len(running))
        running.pop()
        return "x"

    wait([gate.ask(str(number), check) for number in range(30)], timeout=5)
    assert max(seen) == 1
    assert len(seen) == 30


def test_locators_take_turns_so_a_flood_at_one_holds_up_nobody(gate):
    order: list[str] = []
    stopper = Stopper(gate)
    flood = [gate.ask("1111", noting(order, "flood")) for _ in range(20)]
    honest = gate.ask("2222", noting(order, "honest"))
    stopper.go.set()
    assert honest.result(5) == "honest"
    wait(flood, timeout=5)
    assert order.index("honest") == 1


def test_the_owner_of_a_flooded_locator_is_not_shut_out(gate):
    stopper = Stopper(gate)
    tickets = [gate.ask("1111", lambda: None) for _ in range(WAITING_PER_LOCATOR + 40)]
    evicted = [ticket for ticket in tickets if ticket.cancelled()]
    assert len(evicted) == 40
    assert gate.waiting == WAITING_PER_LOCATOR
    stopper.go.set()
    with pytest.raises(CancelledError):
        evicted[0].result(0)


def test_the_line_tells_its_length_and_how_long_it_may_take(gate):
    stopper = Stopper(gate)
    for number in range(7):
        gate.ask(str(number), lambda: "x")
    assert gate.waiting == 7
    assert gate.expected_seconds == pytest.approx(0.07)
    stopper.go.set()


def test_proof_of_work_goes_first_three_to_one_and_excludes_nobody(gate):
    order: list[str] = []
    stopper = Stopper(gate)
    plain = [gate.ask(f"a{number}", noting(order, "plain")) for number in range(4)]
    proven = [gate.ask(f"b{number}", noting(order, "proven"), lane=Lane.PROVEN) for number in range(8)]
    stopper.go.set()
    wait([*plain, *proven], timeout=5)
    assert order[:8].count("proven") == 6
    assert order[:4].count("plain") == 1


def test_one_who_left_the_line_costs_no_check(gate):
    order: list[str] = []
    stopper = Stopper(gate)
    left = gate.ask("1111", noting(order, "left"))
    assert left.cancel()
    stopper.go.set()
    assert gate.ask("2222", noting(order, "next")).result(5) == "next"
    assert order == ["next"]


def test_what_goes_wrong_in_a_check_is_the_askers_to_hear(gate):
    def check() -> str:
        raise LookupError

    with pytest.raises(LookupError):
        gate.ask("1234", check).result(5)
    assert gate.ask("1234", lambda: "still working").result(5) == "still working"


def test_a_closed_gate_lets_everybody_go():
    gate: ReceiptGate[str] = ReceiptGate(miss_seconds=60)
    stopper = Stopper(gate)
    waiting: list[Future[str | None]] = [gate.ask(str(number), None) for number in range(3)]
    closing = threading.Thread(target=gate.close)
    closing.start()
    stopper.go.set()
    closing.join(5)
    assert all(ticket.cancelled() for ticket in waiting)
    with pytest.raises(GateClosedError):
        gate.ask("1234", None)
