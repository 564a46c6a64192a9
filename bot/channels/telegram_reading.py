"""What one Telegram update says, in our own words: the table between the vendor's fields and ours.

Only private talks are read; groups, channels and kinds that carry nothing for us give nothing.
"""

import re
from dataclasses import replace
from datetime import datetime

import telegram
from telegram.constants import ChatMemberStatus, ChatType

from bot.channels import EventKind, Inbound, MediaRef, MessageKind
from casework.types import Channel

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes; the cloud hands out no larger file, so its sender is asked for a smaller one."""

_COMMAND = re.compile(r"/([a-z_]{1,32})(?:@\w+)?(?:\s+([A-Za-z0-9_-]{1,64}))?\s*\Z")
START = "start"


def read_update(update: telegram.Update, *, account: str, now: datetime) -> Inbound | None:
    """One update of a private talk, None where there is nothing to answer.

    1. A tap is a choice, its `ref` the tap's own id. 2. Blocking the bot is `unfollowed`. 3. A new version of a message
    is an edit of its `ref`; of a place that moves by itself only the first is read. 4. `/start` with a code is the
    scanned picture of a home; any other command is the menu's.
    """
    user, chat = update.effective_user, update.effective_chat
    if user is None or chat is None or chat.type != ChatType.PRIVATE:
        return None
    if not isinstance(chat.id, int):
        raise TypeError("a chat's id is a whole number")
    blank = Inbound(Channel.TELEGRAM, account, str(chat.id), str(update.update_id), MessageKind.EVENT, now)
    if update.my_chat_member is not None:
        return replace(blank, event=_read_membership(update.my_chat_member))
    if update.callback_query is not None:
        return _read_tap(update.callback_query, blank)
    message = update.message or update.edited_message
    if message is None:
        return None
    inbound = _read_message(message, blank)
    if update.edited_message is None:
        return inbound
    return None if inbound.kind is MessageKind.LOCATION else replace(inbound, is_edit=True)


def _read_membership(change: telegram.ChatMemberUpdated) -> EventKind:
    """Blocking the bot retracts the contact, never the report."""
    left = change.new_chat_member.status in (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)
    return EventKind.UNFOLLOWED if left else EventKind.OTHER


def _read_tap(pressed: telegram.CallbackQuery, blank: Inbound) -> Inbound:
    choice = pressed.data if isinstance(pressed.data, str) else None
    return replace(blank, kind=MessageKind.TEXT, choice=choice, ref=pressed.id)


def _read_message(message: telegram.Message, blank: Inbound) -> Inbound:
    said = replace(blank, sent_at=message.date, ref=str(message.message_id), album=message.media_group_id)
    text = message.text or message.caption or ""
    command = _COMMAND.match(text)
    if command is not None:
        return _read_command(command.group(1), command.group(2), said)
    kind, file = _find_file(message)
    too_large = file is not None and (file.file_size or 0) > LARGEST_FILE
    media = (MediaRef(kind, file.file_id),) if file is not None and not too_large else ()
    return replace(
        said,
        kind=kind,
        text=text or _spot(message) or _own_number(message),
        media=media,
        too_large=too_large,
    )


def _read_command(name: str, argument: str | None, said: Inbound) -> Inbound:
    if name == START:
        event = EventKind.SCANNED if argument else EventKind.FOLLOWED
        return replace(said, event=event, scene=argument)
    return replace(said, event=EventKind.MENU, choice=name)


_File = (
    telegram.PhotoSize
    | telegram.Voice
    | telegram.Audio
    | telegram.Video
    | telegram.VideoNote
    | telegram.Animation
    | telegram.Document
)


def _find_file(message: telegram.Message) -> tuple[MessageKind, _File | None]:
    """The kind of a message and its file, of a picture the largest size; a file sent as such goes by its content."""
    found: tuple[tuple[MessageKind, _File | None], ...] = (
        (MessageKind.IMAGE, message.photo[-1] if message.photo else None),
        (MessageKind.VOICE, message.voice or message.audio),
        (MessageKind.VIDEO, message.video or message.video_note or message.animation),
    )
    for kind, file in found:
        if file is not None:
            return kind, file
    if message.document is not None:
        return _kind_of(message.document.mime_type or ""), message.document
    plain = (
        (MessageKind.TEXT, message.text or message.contact),
        (MessageKind.LOCATION, message.location or message.venue),
        (MessageKind.STICKER, message.sticker),
    )
    return next((kind for kind, value in plain if value), MessageKind.UNKNOWN), None


def _kind_of(mime: str) -> MessageKind:
    kinds = {"image": MessageKind.IMAGE, "audio": MessageKind.VOICE, "video": MessageKind.VIDEO}
    return kinds.get(mime.partition("/")[0], MessageKind.FILE)


def _spot(message: telegram.Message) -> str:
    """A place by its name, else in figures (WGS-84, as the vendor gives it)."""
    if message.venue is not None:
        return " ".join(part for part in (message.venue.address, message.venue.title) if part)
    place = message.location
    return f"北纬{place.latitude:.5f}，东经{place.longitude:.5f}" if place is not None else ""


def _own_number(message: telegram.Message) -> str:
    """A contact card is a telephone number only where it is the writer's own."""
    card, user = message.contact, message.from_user
    own = card is not None and user is not None and card.user_id == user.id
    return f"我的电话是{card.phone_number}" if card is not None and own else ""
