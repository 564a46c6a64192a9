"""The doors of the vendors: WeChat asks and posts here, and gets its answer within the same request.

Nothing is acknowledged that is not stored: the unit of work is committed before the answer leaves, and a database that
is down is an error, so that the vendor sends it again. A refused request leaves one line in the log, without content.
"""

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from bot.channels import BODY_LIMIT, ChannelError, EventKind, Inbound, Problem, Verified
from bot.channels import Request as Incoming
from bot.channels.wechat import ACKNOWLEDGED, WeChatChannel
from bot.courier import note_outcome
from bot.frontdesk import answer_inbound
from bot.late import keep_late
from casework.errors import HotlineError
from casework.types import Channel

router = APIRouter(include_in_schema=False)

NOT_FOUND, TRY_AGAIN = 404, 503
RUNNING: set[asyncio.Future[Response]] = set()
"""Work that goes on although its request was answered; held here so that nothing collects it."""


@router.get("/wechat")
def check_wechat(request: Request) -> Response:
    """WeChat asks whether we are there."""
    house = request.app.state.house
    if house.wechat is None:
        return PlainTextResponse("", NOT_FOUND)
    try:
        verified = house.wechat.verify(_incoming(request, b""), now=house.now())
    except ChannelError as problem:
        return _refuse(problem)
    return PlainTextResponse(verified.echo or "")


@router.post("/wechat")
async def receive_wechat(request: Request) -> Response:
    """One message or event of a person; the answer is the passive reply."""
    house = request.app.state.house
    if house.wechat is None:
        return PlainTextResponse("", NOT_FOUND)
    try:
        body = await _read_body(request)
    except ChannelError as problem:
        return _refuse(problem)
    incoming = _incoming(request, body)
    adapter: WeChatChannel = house.wechat
    answer = await _wait(run_in_threadpool(_answer_wechat, house, incoming), adapter.patience)
    if answer is None and adapter.api is not None:
        answer = await _wait(run_in_threadpool(_keep_wechat, house, incoming), adapter.spare)
    return answer or PlainTextResponse("", TRY_AGAIN)


async def _wait(work: Awaitable[Response], seconds: float) -> Response | None:
    """The answer, if it is there in time; otherwise the work goes on by itself, and the vendor gets no silence."""
    task = asyncio.ensure_future(work)
    RUNNING.add(task)
    task.add_done_callback(_let_go)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    return task.result() if done else None


def _let_go(task: asyncio.Future[Response]) -> None:
    """Work that ended after its request: its failure is looked at here, so that nobody logs the text of it."""
    RUNNING.discard(task)
    if not task.cancelled():
        task.exception()


def _keep_wechat(house: Any, incoming: Incoming) -> Response:
    """Too slow: the message is stored, so `success` is true, and a job sends the answer.

    A house that can't write first lets the vendor come again instead, up to three times, for the stored answer.
    """
    now: datetime = house.now()
    try:
        inbound = house.wechat.parse(house.wechat.verify(incoming, now=now), now=now)
        if inbound is not None:
            keep_late(house.store, inbound, desk=house.front_desk, now=now)
    except ChannelError as problem:
        return _refuse(problem)
    except (SQLAlchemyError, TimeoutError, OSError) as problem:
        structlog.get_logger().error("channel_down", channel="wechat", kind=type(problem).__name__)
        return PlainTextResponse("", TRY_AGAIN)
    return PlainTextResponse(ACKNOWLEDGED)


def _answer_wechat(house: Any, incoming: Incoming) -> Response:
    adapter: WeChatChannel = house.wechat
    now: datetime = house.now()
    try:
        verified = adapter.verify(incoming, now=now)
        inbound = adapter.parse(verified, now=now)
        if inbound is None or inbound.event is EventKind.OTHER:
            return PlainTextResponse(ACKNOWLEDGED)
        return _reply(house, adapter, verified, inbound, now)
    except ChannelError as problem:
        return _refuse(problem)


def _reply(house: Any, adapter: WeChatChannel, verified: Verified, inbound: Inbound, now: datetime) -> Response:
    try:
        if inbound.outcome is not None:
            note_outcome(house.store, inbound, desk=house.front_desk)
            return PlainTextResponse(ACKNOWLEDGED)
        reply = answer_inbound(house.store, inbound, desk=house.front_desk, now=now)
    except ChannelError:
        raise
    except (SQLAlchemyError, TimeoutError, OSError, HotlineError) as problem:
        structlog.get_logger().error("channel_down", channel=adapter.channel.value, kind=type(problem).__name__)
        return PlainTextResponse("", TRY_AGAIN)
    body = adapter.render_reply(verified, inbound, reply.text, now=now)
    kind = "text/plain" if body == ACKNOWLEDGED else "application/xml"
    return Response(body, media_type=kind)


async def _read_body(request: Request) -> bytes:
    """The body up to the limit; more is refused before it is held in memory. Raises ChannelError (too_large)."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise ChannelError(Channel.WECHAT, Problem.TOO_LARGE)
    return bytes(body)


def _incoming(request: Request, body: bytes) -> Incoming:
    return Incoming(request.method, dict(request.query_params), dict(request.headers), body)


def _refuse(problem: ChannelError) -> Response:
    structlog.get_logger().warning(
        "channel_refused", channel=problem.channel.value, problem=problem.problem.value, status=problem.status_code
    )
    return PlainTextResponse("", problem.status_code)
