"""Telegram by its own library: an update becomes an `Inbound`, our words its answer, inline buttons the choices.

Off until configured, because messages leave the mainland. By webhook the answer goes back as the webhook's own method
call, so that no request of ours leaves while the vendor waits; everything else is called from jobs and schedules.
"""

import asyncio
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import telegram
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.channels import (
    BODY_LIMIT,
    ChannelError,
    Inbound,
    OutboundMessage,
    Problem,
    Request,
    SendError,
    SendProblem,
    Verified,
)
from bot.channels.telegram_reading import LARGEST_FILE, read_update
from bot.modes import TelegramMode
from casework.types import Channel

__all__ = ["LARGEST_FILE", "TelegramAccount", "TelegramChannel", "TelegramLine"]

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - a header's name
SECRET_FORM = re.compile(r"[A-Za-z0-9_-]{16,256}\Z")
LONGEST = 4096
SECONDS = 10.0
TAP_SECONDS = 3.0
NOTHING = b""
WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of updates that the cloud need send at all."""

AT_ONCE = 20
T = TypeVar("T")


@dataclass(frozen=True)
class TelegramAccount:
    """The bot's token and the secret that the cloud repeats in a header (needed by webhook only).

    `api_base` is the cloud's address, `proxy` the office's own way out of the mainland, where it has one.
    """

    token: str = field(repr=False)
    secret: str = field(repr=False)
    api_base: str
    mode: TelegramMode = TelegramMode.WEBHOOK
    proxy: str | None = None

    def __post_init__(self) -> None:
        if self.mode is TelegramMode.WEBHOOK and not SECRET_FORM.match(self.secret):
            raise ValueError("the secret takes 16 to 256 of A-Z a-z 0-9 _ -")


class TelegramChannel:
    """The adapter of one bot."""

    channel = Channel.TELEGRAM

    def __init__(self, account: TelegramAccount) -> None:
        self.account = account
        self.name = account.token.split(":", 1)[0]

    @property
    def polls(self) -> bool:
        """Whether we ask for updates, instead of being posted them."""
        return self.account.mode is TelegramMode.POLLING

    def verify(self, request: Request, *, now: datetime) -> Verified:
        """The secret header, in constant time, and the size. Raises ChannelError."""
        if len(request.body) > BODY_LIMIT:
            raise _refusal(Problem.TOO_LARGE)
        given = request.headers.get(SECRET_HEADER, "")
        if self.polls or not hmac.compare_digest(given.encode(), self.account.secret.encode()):
            raise _refusal(Problem.BAD_SIGNATURE)
        return Verified(request.body)

    def parse(self, verified: Verified, *, now: datetime) -> Inbound | None:
        """One update that was posted. Raises ChannelError (malformed) for what is no update at all."""
        try:
            raw = json.loads(verified.body)
        except (ValueError, RecursionError) as problem:
            raise _refusal(Problem.MALFORMED) from problem
        return self.parse_update(raw, now=now)

    def parse_update(self, raw: Any, *, now: datetime) -> Inbound | None:
        """One update of a private talk; None where there is nothing to answer. Raises ChannelError (malformed)."""
        try:
            update = telegram.Update.de_json(raw, None)
            return read_update(update, account=self.name, now=now)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError) as problem:
            raise _refusal(Problem.MALFORMED) from problem

    def render_reply(self, verified: Verified, inbound: Inbound, text: str, *, now: datetime) -> bytes:
        """The answer as the webhook's own method call; nothing to say is an empty body, which acknowledges."""
        return self.render_choices(inbound, text, ())

    def render_choices(self, inbound: Inbound, text: str, choices: Sequence[tuple[str, str]]) -> bytes:
        """The same with buttons: (id, label) pairs; an id of the script is far below the 64 bytes allowed."""
        if not text:
            return NOTHING
        call = {"method": "sendMessage", **_message(inbound.sender, text)}
        if choices:
            call["reply_markup"] = _buttons(choices).to_dict()
        return json.dumps(call, ensure_ascii=False).encode()

    def send(self, message: OutboundMessage) -> None:
        """Write to somebody later, from a job. Raises SendError."""
        with self.open_line() as line:
            line.say(message.recipient, message.text)

    def notify(self, recipient: str, *, now: datetime) -> str | None:
        """Nothing: the cloud knows no window after which only forms may be sent."""
        return None

    @contextmanager
    def open_line(self, *, seconds: float = SECONDS) -> Iterator["TelegramLine"]:
        """A connection to the cloud for a few calls, made and ended in this thread."""
        request = HTTPXRequest(
            connect_timeout=seconds, read_timeout=seconds, write_timeout=seconds, proxy=self.account.proxy
        )
        bot = _Bot(
            self.account.token,
            base_url=f"{self.account.api_base}/bot",
            base_file_url=f"{self.account.api_base}/file/bot",
            request=request,
        )
        with asyncio.Runner() as runner:
            try:
                yield TelegramLine(bot, runner)
            finally:
                runner.run(request.shutdown())


class _Bot(telegram.Bot):
    """The library's bot, that also gives updates as they came: one that the library can't read spoils no other."""

    async def get_raw_updates(self, *, offset: int | None, limit: int, wait: int) -> Sequence[Any]:
        data = {"offset": offset, "limit": limit, "timeout": wait, "allowed_updates": list(WANTED)}
        found = await self._post("getUpdates", data, read_timeout=SECONDS + wait)
        return found if isinstance(found, list) else ()


class TelegramLine:
    """What we ask of the cloud; every method raises SendError in our words, without the address (it has the token)."""

    def __init__(self, bot: _Bot, runner: asyncio.Runner) -> None:
        self._bot = bot
        self._runner = runner

    def say(self, chat: str, text: str, choices: Sequence[tuple[str, str]] = ()) -> None:
        """Write to a talk, with buttons if there are choices; what is said can't be passed on by a tap."""
        markup = _buttons(choices) if choices else None
        self._call(lambda bot: bot.send_message(int(chat), text[:LONGEST], protect_content=True, reply_markup=markup))

    def answer_tap(self, tap_id: str) -> None:
        """Let the button stop turning."""
        self._call(lambda bot: bot.answer_callback_query(tap_id))

    def list_updates(self, *, after: int | None, wait: timedelta) -> Sequence[Any]:
        """The oldest updates that wait, raw; those up to `after` are confirmed and gone for good."""
        offset = None if after is None else after + 1
        seconds = int(wait.total_seconds())
        return self._call(lambda bot: bot.get_raw_updates(offset=offset, limit=AT_ONCE, wait=seconds))

    def set_webhook(self, url: str, secret: str) -> None:
        """Ask the cloud to post updates to this address, with the secret in the header."""
        self._call(lambda bot: bot.set_webhook(url, secret_token=secret, allowed_updates=list(WANTED)))

    def drop_webhook(self) -> None:
        """Ask the cloud to keep updates until we come for them; those that wait stay."""
        self._call(lambda bot: bot.delete_webhook(drop_pending_updates=False))

    def read_file(self, file_id: str, *, most: int) -> bytes:
        """A file that somebody sent, read in one go; refused where the cloud says that it is larger."""

        async def read(bot: _Bot) -> bytes:
            file = await bot.get_file(file_id)
            if (file.file_size or 0) > most:
                raise SendError(Channel.TELEGRAM, SendProblem.TOO_LARGE, "size")
            return bytes(await file.download_as_bytearray())

        return self._call(read)

    def _call(self, ask: Callable[[_Bot], Awaitable[T]]) -> T:
        async def call() -> T:
            return await ask(self._bot)

        try:
            return self._runner.run(call())
        except TelegramError as problem:
            raise _in_our_words(problem) from None


def _in_our_words(problem: TelegramError) -> SendError:
    kinds: Mapping[type[TelegramError], tuple[SendProblem, str]] = {
        Forbidden: (SendProblem.GONE, "403"),
        InvalidToken: (SendProblem.NO_ACCESS, "401"),
        BadRequest: (SendProblem.REFUSED, "400"),
        RetryAfter: (SendProblem.LATER, "429"),
        Conflict: (SendProblem.LATER, CONFLICT),
    }
    kind, code = kinds.get(type(problem), (SendProblem.LATER, type(problem).__name__))
    return SendError(Channel.TELEGRAM, kind, code)


CONFLICT = "409"
"""Somebody else asks for updates, or they are posted to a webhook."""


def _message(chat: str, text: str) -> dict[str, object]:
    return {"chat_id": int(chat), "text": text[:LONGEST], "protect_content": True}


def _buttons(choices: Sequence[tuple[str, str]]) -> telegram.InlineKeyboardMarkup:
    """One button a row, so that a thumb finds it."""
    return telegram.InlineKeyboardMarkup(
        [[telegram.InlineKeyboardButton(label, callback_data=choice)] for choice, label in choices]
    )


def _refusal(problem: Problem) -> ChannelError:
    return ChannelError(Channel.TELEGRAM, problem)
