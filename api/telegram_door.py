"""Telegram's door: the cloud posts an update here and reads our answer out of the same response.

An update that nobody can read is acknowledged and counted, so that it never holds up the next; a database that is down
is an error, so that the cloud sends it again.
"""

import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from api.wiring import House
from bot.channels import BODY_LIMIT, ChannelError, Problem
from bot.channels import Request as Incoming
from bot.channels.telegram import TelegramChannel
from bot.frontdesk import answer_inbound
from casework.errors import HotlineError

router = APIRouter(include_in_schema=False)

NOT_FOUND, UNAUTHORISED, TRY_AGAIN = 404, 401, 503


@router.post("/telegram")
async def receive_telegram(request: Request) -> Response:
    """One update. Wrong or missing secret: 401, nothing stored."""
    house: House = request.app.state.house
    if house.telegram is None:
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
        reply = answer_inbound(house.store, inbound, desk=house.front_desk, now=now)
    except ChannelError as problem:
        return _refuse(problem.problem)
    except (SQLAlchemyError, TimeoutError, OSError, HotlineError) as problem:
        structlog.get_logger().error("channel_down", channel=adapter.channel.value, kind=type(problem).__name__)
        return PlainTextResponse("", TRY_AGAIN)
    choices = [(choice.id, choice.label) for choice in reply.choices]
    return Response(adapter.render_choices(inbound, reply.text, choices), media_type="application/json")


def _refuse(problem: Problem) -> Response:
    """A stranger's post is refused; what comes with the right secret but can't be read is acknowledged and counted."""
    structlog.get_logger().warning("channel_refused", channel="telegram", problem=problem.value)
    return PlainTextResponse("", UNAUTHORISED if problem is Problem.BAD_SIGNATURE else 200)
