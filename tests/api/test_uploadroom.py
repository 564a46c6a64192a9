"""Large forms on their way in, with a clock that nobody waits for: slow strangers keep nobody's picture out."""

import asyncio
import selectors
from collections.abc import AsyncIterator, Coroutine
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import Request
from starlette.datastructures import Headers

from api import uploads
from api.uploadroom import FAIR_PACE, FullError, Guest, Pace, Room
from api.uploads import Upload, read_upload
from tests.api.test_uploads import STORY, a_form

KB, MB = 1024, 1024 * 1024
PIECE = 64 * KB


class NoWaiting(selectors.DefaultSelector):
    """Looks at once and turns the clock on instead of waiting."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        self.now += timeout or 0
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    """A loop whose seconds pass in no time."""

    def __init__(self) -> None:
        self.turned = NoWaiting()
        super().__init__(self.turned)

    def time(self) -> float:
        return self.turned.now


def play(coming: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(coming)


async def send(size: int, *, pace: float, at_once: int = 0, after: float = 0) -> Upload:
    """A form with a file, `at_once` of it in one go and the rest at a pace; what was read of it."""
    headers, body = a_form(text=STORY, size=size)

    async def stream() -> AsyncIterator[bytes]:
        yield body[:at_once]
        for at in range(at_once, len(body), PIECE):
            piece = body[at : at + PIECE]
            await asyncio.sleep(len(piece) / pace)
            yield piece

    await asyncio.sleep(after)
    return await read_upload(cast(Request, SimpleNamespace(headers=Headers(headers), stream=stream)))


async def send_among(strangers: list[Coroutine[Any, Any, Upload]], honest: Coroutine[Any, Any, Upload]) -> Upload:
    held = [asyncio.ensure_future(each) for each in strangers]
    try:
        return await honest
    finally:
        for each in held:
            each.cancel()
        await asyncio.gather(*held, return_exceptions=True)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    """A small room, so that a test can fill it."""
    small = Room(8 * MB)
    monkeypatch.setattr(uploads, "_room", lambda: small)
    return small


@pytest.mark.usefixtures("room")
def test_six_who_send_two_kilobytes_a_second_keep_no_picture_out() -> None:
    strangers = [send(2 * MB, pace=2.1 * KB, at_once=200 * KB) for _ in range(6)]
    found = play(send_among(strangers, send(3 * MB, pace=100 * KB, after=35)))
    assert (found.problem, [len(each) for each in found.files]) == (None, [3 * MB])


def test_strangers_who_fill_the_room_and_then_dawdle_make_room_for_a_picture(room: Room) -> None:
    strangers = [send(2 * MB, pace=2.1 * KB, at_once=600 * KB) for _ in range(60)]
    found = play(send_among(strangers, send(3 * MB, pace=20 * KB, after=20)))
    assert (found.problem, [len(each) for each in found.files]) == (None, [3 * MB])
    assert room.guests == {}


def test_what_is_sent_away_keeps_its_words_and_is_told_so(room: Room) -> None:
    async def press() -> list[Upload]:
        dawdling = asyncio.ensure_future(send(8 * MB, pace=2.1 * KB, at_once=7 * MB))
        await asyncio.sleep(10)
        return [await send(2 * MB, pace=500 * KB), await dawdling]

    honest, slow = play(press())
    assert honest.problem is None
    assert slow.text("text") == STORY
    assert (slow.problem and slow.problem.problem, slow.files) == ("slow_upload", ())
    assert room.held == 0


def test_a_form_that_breaks_off_leaves_the_room(room: Room) -> None:
    headers, body = a_form(text=STORY, size=MB)

    async def stream() -> AsyncIterator[bytes]:
        yield body[: 500 * KB]
        yield b"\r\n--b\r\nContent-Disposition: nonsense\r\n\r\n"

    coming = read_upload(cast(Request, SimpleNamespace(headers=Headers(headers), stream=stream)))
    assert play(coming).problem is not None
    assert room.guests == {}


def join(room: Room, gone: list[Guest], size: int, *, now: float) -> Guest:
    """A stranger with so much at once, if the room takes him."""
    guest = Guest(began=now, settled=now, came=size)
    room.guests[guest] = lambda: gone.append(guest)
    try:
        room.grow(guest, size, now=now)
    except FullError:
        room.guests.pop(guest)
    return guest


def come_in_among(strangers: int, each: int, *, pace: int, size: int) -> float:
    """The seconds one honest form takes among strangers who fill the room at once, only hold, and come again when sent
    away, or before their mean pace falls under the fair one. Raises FullError where it is sent away itself.
    """
    room, gone, honest = Room(uploads.ROOM), list[Guest](), Guest(began=0)
    for _ in range(strangers):
        join(room, gone, each, now=0)
    room.guests[honest] = lambda: None
    for second in range(1, size // pace + 2):
        stale = [guest for guest in room.guests if guest is not honest and second - guest.began > each / FAIR_PACE - 1]
        for guest in [*gone, *stale]:
            room.guests.pop(guest, None)
        coming = [*gone, *stale]
        gone.clear()
        for _ in coming:
            join(room, gone, each, now=second)
        honest.came += pace
        room.grow(honest, pace, now=second)
        if honest.came >= size:
            return second
    raise AssertionError


@pytest.mark.parametrize("pace", [6 * KB, 10 * KB, 15 * KB, 20 * KB])
def test_strangers_who_come_fast_and_then_only_hold_push_no_slow_picture_out(pace: int) -> None:
    assert come_in_among(64, 4 * MB, pace=pace, size=180 * pace) == 180


def a_guest(room: Room, gone: list[Guest], *, began: float, held: int, now: float) -> Guest:
    guest = Guest(began=began, came=held)
    room.guests[guest] = lambda: gone.append(guest)
    room.grow(guest, held, now=now)
    return guest


def test_who_goes_first_is_slow_or_else_has_cost_most() -> None:
    room, gone = Room(10 * MB), list[Guest]()
    small_slow = a_guest(room, gone, began=0, held=MB // 2, now=1)
    large_slow = a_guest(room, gone, began=0, held=MB, now=1)
    quick_long = a_guest(room, gone, began=60, held=4 * MB, now=61)
    quick_long.came += MB
    room.grow(quick_long, MB, now=99)
    quick_new = a_guest(room, gone, began=99, held=3 * MB, now=99)
    assert large_slow.held < FAIR_PACE * 100
    assert (large_slow.judge_pace(100), quick_long.judge_pace(100)) == (Pace.STANDING, Pace.FAIR)
    room.grow(quick_new, MB, now=100)
    room.grow(quick_new, MB, now=100)
    assert gone == [large_slow, small_slow]
    room.grow(quick_new, 3 * MB, now=101)
    assert gone == [large_slow, small_slow, quick_long]
    with pytest.raises(FullError):
        room.grow(quick_new, 5 * MB, now=102)


def test_nobody_is_sent_away_while_there_is_room() -> None:
    room, gone = Room(10 * MB), list[Guest]()
    for _ in range(100):
        a_guest(room, gone, began=0, held=100 * KB, now=1000)
    assert (gone, room.held) == ([], 100 * 100 * KB)
