"""Telegram's door: the cloud posts an update here and reads our answer out of the same response.

An update that nobody can read is acknowledged and counted, so that it never holds up the next; a database that is down
is an error, so that the cloud sends it again.
"""

import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, Response
from starlette.background import BackgroundTask

from api.wiring import House
from bot.channels import BODY_LIMIT, ChannelError, Inbound, Problem, SendError
from bot.channels import Request as Incoming
from bot.channels.telegram import TAP_SECONDS, TelegramChannel
from bot.polling import answer_tap
from bot.taking import PASSING, take_message

router = APIRouter(include_in_schema=False)

NOT_FOUND, UNAUTHORISED, TRY_AGAIN = 404, 401, 503


@router.post("/telegram")
async def receive_telegram(request: Request) -> Response:
    """One update. Wrong or missing secret: 401, nothing stored."""
    house: House = request.app.state.house
    if house.telegram is None or house.telegram.polls:
        return PlainTextResponse("", NOT_FOUND)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            return _refuse(Problem.TOO_LARGE)
    incoming = Incoming(request.method, {}, dict(request.headers), bytes(body))
    return await run_in_threadpool(_answer, house, house.telegram, incoming)


def _answer(house: House, adapter: TelegramChannel, incoming: Incoming) -> Response:
    now = house.now()
    try:
        verified = adapter.verify(incoming, now=now)
        inbound = adapter.parse(verified, now=now)
        if inbound is None:
            return PlainTextResponse("")
        reply = take_message(house.store, inbound, desk=house.front_desk, now=now)
    except ChannelError as problem:
        return _refuse(problem.problem)
    except PASSING as problem:
        structlog.get_logger().error("channel_down", channel=adapter.channel.value, kind=type(problem).__name__)
        return PlainTextResponse("", TRY_AGAIN)
    choices = [(choice.id, choice.label) for choice in reply.choices]
    body = adapter.render_choices(inbound, reply.text, choices)
    return Response(body, media_type="application/json", background=_end_tap(adapter, inbound))


def _end_tap(adapter: TelegramChannel, inbound: Inbound) -> BackgroundTask | None:
    """After the answer has left: the tapped button stops turning. Best effort, it turns for a while otherwise."""
    if inbound.choice is None:
        return None

    def end() -> None:
        try:
            with adapter.open_line(seconds=TAP_SECONDS) as line:
                answer_tap(line, inbound.ref)
        except SendError as problem:
            structlog.get_logger().warning("tap_not_answered", problem=problem.problem.value)

    return BackgroundTask(end)


def _refuse(problem: Problem) -> Response:
    """A stranger's post is refused; what comes with the right secret but can't be read is acknowledged and counted."""
    structlog.get_logger().warning("channel_refused", channel="telegram", problem=problem.value)
    return PlainTextResponse("", UNAUTHORISED if problem is Problem.BAD_SIGNATURE else 200)
