"""Telegram by its own library: an update becomes an `Inbound`, our words its answer, inline buttons the choices.

Off until configured, because messages leave the mainland. The answer goes back as the webhook's own
method call, so that no request of ours leaves while the vendor waits; only the courier calls the cloud, from a job.
"""

import asyncio
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import telegram
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.channels import (
    BODY_LIMIT,
    ChannelError,
    EventKind,
    Inbound,
    MediaRef,
    MessageKind,
    OutboundMessage,
    Problem,
    Request,
    SendError,
    SendProblem,
    Verified,
)
from casework.types import Channel

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - a header's name
SECRET_FORM = re.compile(r"[A-Za-z0-9_-]{16,256}\Z")
LONGEST = 4096
LARGEST_FILE = 20 * 1024 * 1024
"""Bytes; the cloud hands out no larger file, so its sender is asked for a smaller one."""
SECONDS = 10.0
EVERYTHING = b""


@dataclass(frozen=True)
class TelegramAccount:
    """The bot's token and the secret that the cloud repeats in a header; `api_base` is the cloud's address."""

    token: str
    secret: str
    api_base: str

    def __post_init__(self) -> None:
        if not SECRET_FORM.match(self.secret):
            raise ValueError("the secret takes 16 to 256 of A-Z a-z 0-9 _ -")


class TelegramChannel:
    """The adapter of one bot."""

    channel = Channel.TELEGRAM

    def __init__(self, account: TelegramAccount) -> None:
        self.account = account
        self.name = account.token.split(":", 1)[0]

    def verify(self, request: Request, *, now: datetime) -> Verified:
        """The secret header, in constant time, and the size. Raises ChannelError."""
        if len(request.body) > BODY_LIMIT:
            raise _refusal(Problem.TOO_LARGE)
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self.account.secret.encode()):
            raise _refusal(Problem.BAD_SIGNATURE)
        return Verified(request.body)

    def parse(self, verified: Verified, *, now: datetime) -> Inbound | None:
        """One update of a private talk; None for groups, channels and kinds that carry nothing for us.

        Raises ChannelError (malformed) for what is no update at all.
        """
        try:
            raw = json.loads(verified.body)
            update = telegram.Update.de_json(raw, None)
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            raise _refusal(Problem.MALFORMED) from problem
        user, chat = update.effective_user, update.effective_chat
        if user is None or chat is None or chat.type != telegram.constants.ChatType.PRIVATE:
            return None
        return self._to_inbound(update, chat.id, now)

    def _to_inbound(self, update: telegram.Update, chat_id: int, now: datetime) -> Inbound:
        message = update.effective_message
        pressed = update.callback_query
        kind = MessageKind.TEXT if pressed else _find_kind(message)
        text = "" if pressed or message is None else (message.text or message.caption or "")
        gone = update.my_chat_member is not None
        return Inbound(
            channel=Channel.TELEGRAM,
            account=self.name,
            sender=str(chat_id),
            message_id=str(update.update_id),
            kind=MessageKind.EVENT if gone else kind,
            received_at=now,
            text=_strip_command(text),
            choice=pressed.data if pressed and isinstance(pressed.data, str) else None,
            media=_find_media(message),
            event=_find_event(update) if gone else None,
            sent_at=message.date if isinstance(message, telegram.Message) else None,
        )

    def render_reply(self, verified: Verified, inbound: Inbound, text: str, *, now: datetime) -> bytes:
        """The answer as the webhook's own method call; nothing to say is an empty body, which acknowledges."""
        return self.render_choices(inbound, text, ())

    def render_choices(self, inbound: Inbound, text: str, choices: Sequence[tuple[str, str]]) -> bytes:
        """The same with buttons: (id, label) pairs; an id of the script is far below the 64 bytes allowed."""
        if not text:
            return EVERYTHING
        call: dict[str, object] = {
            "method": "sendMessage",
            "chat_id": int(inbound.sender),
            "text": text[:LONGEST],
            "protect_content": True,
        }
        if choices:
            rows = [[{"text": label, "callback_data": choice}] for choice, label in choices]
            call["reply_markup"] = {"inline_keyboard": rows}
        return json.dumps(call, ensure_ascii=False).encode()

    def send(self, message: OutboundMessage) -> None:
        """Write to somebody later, from a job. Raises SendError."""
        asyncio.run(self._send(message))

    async def _send(self, message: OutboundMessage) -> None:
        request = HTTPXRequest(connect_timeout=SECONDS, read_timeout=SECONDS, write_timeout=SECONDS)
        bot = telegram.Bot(self.account.token, base_url=f"{self.account.api_base}/bot", request=request)
        try:
            async with request:
                await bot.send_message(int(message.recipient), message.text[:LONGEST], protect_content=True)
        except Forbidden as problem:
            raise SendError(Channel.TELEGRAM, SendProblem.GONE, "403") from problem
        except BadRequest as problem:
            raise SendError(Channel.TELEGRAM, SendProblem.REFUSED, "400") from problem
        except RetryAfter as problem:
            raise SendError(Channel.TELEGRAM, SendProblem.LATER, "429") from problem
        except TelegramError as problem:
            raise SendError(Channel.TELEGRAM, SendProblem.LATER, type(problem).__name__) from problem


def _refusal(problem: Problem) -> ChannelError:
    return ChannelError(Channel.TELEGRAM, problem)


def _strip_command(text: str) -> str:
    """`/start` and its like are a greeting, not words."""
    return "" if text.startswith("/") and " " not in text else text


def _find_kind(message: telegram.MaybeInaccessibleMessage | None) -> MessageKind:
    if not isinstance(message, telegram.Message):
        return MessageKind.UNKNOWN
    kinds = (
        (message.text, MessageKind.TEXT),
        (message.photo, MessageKind.IMAGE),
        (message.voice or message.audio, MessageKind.VOICE),
        (message.video or message.video_note, MessageKind.VIDEO),
        (message.location, MessageKind.LOCATION),
        (message.sticker, MessageKind.STICKER),
    )
    return next((kind for value, kind in kinds if value), MessageKind.UNKNOWN)


def _find_media(message: telegram.MaybeInaccessibleMessage | None) -> tuple[MediaRef, ...]:
    """The file of a message as the cloud names it; one too large to be fetched is left out."""
    if not isinstance(message, telegram.Message):
        return ()
    file = (message.photo[-1] if message.photo else None) or message.voice or message.audio or message.video
    if file is None or (file.file_size or 0) > LARGEST_FILE:
        return ()
    return (MediaRef(_find_kind(message), file.file_id),)


def _find_event(update: telegram.Update) -> EventKind:
    """Blocking the bot retracts the contact, never the report."""
    change = update.my_chat_member
    left = (telegram.constants.ChatMemberStatus.BANNED, telegram.constants.ChatMemberStatus.LEFT)
    return EventKind.UNFOLLOWED if change and change.new_chat_member.status in left else EventKind.FOLLOWED
