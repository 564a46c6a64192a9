"""Telegram's door: the vendor's library on the other side, the secret checked, buttons that come back as choices."""

import json
from datetime import UTC, datetime

import pytest
import telegram

from bot.channels import ChannelError, EventKind, Inbound, MessageKind, Problem, Request
from bot.channels.telegram import LARGEST_FILE, TelegramAccount, TelegramChannel

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SECRET = "a-secret-of-the-house"
USER = {"id": 42, "is_bot": False, "first_name": "某"}
CHAT = {"id": 42, "type": "private"}


def a_channel() -> TelegramChannel:
    return TelegramChannel(TelegramAccount("77:token", SECRET, "http://127.0.0.1:1"))


def a_message(**fields: object) -> dict[str, object]:
    return {"message_id": 1, "date": int(NOW.timestamp()), "chat": CHAT, "from": USER, **fields}


def a_post(update: dict[str, object], secret: str = SECRET) -> Request:
    body = json.dumps({"update_id": 900, **update}).encode()
    return Request("POST", {}, {"x-telegram-bot-api-secret-token": secret}, body)


def take(update: dict[str, object]) -> Inbound | None:
    channel = a_channel()
    return channel.parse(channel.verify(a_post(update), now=NOW), now=NOW)


def test_a_text_becomes_an_inbound_in_our_words() -> None:
    inbound = take({"message": a_message(text="敬老院的饭是馊的")})
    assert inbound is not None
    assert (inbound.sender, inbound.message_id, inbound.text, inbound.kind) == (
        "42",
        "900",
        "敬老院的饭是馊的",
        MessageKind.TEXT,
    )


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x"])
def test_it_refuses_a_post_without_the_secret(secret: str) -> None:
    with pytest.raises(ChannelError) as refused:
        a_channel().verify(a_post({"message": a_message(text="x")}, secret), now=NOW)
    assert refused.value.problem is Problem.BAD_SIGNATURE


@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b"\xff\xfe"])
def test_what_is_no_update_is_refused_as_malformed(body: bytes) -> None:
    channel = a_channel()
    request = Request("POST", {}, {"x-telegram-bot-api-secret-token": SECRET}, body)
    with pytest.raises(ChannelError) as refused:
        channel.parse(channel.verify(request, now=NOW), now=NOW)
    assert refused.value.problem is Problem.MALFORMED


def test_a_pressed_button_is_a_choice() -> None:
    pressed = {"id": "5", "from": USER, "chat_instance": "x", "data": "confirm_yes", "message": a_message(text="对吗")}
    inbound = take({"callback_query": pressed})
    assert inbound is not None
    assert (inbound.choice, inbound.text) == ("confirm_yes", "")


def test_a_group_is_none_of_our_business() -> None:
    assert take({"message": a_message(text="大家好", chat={"id": -5, "type": "group"})}) is None


def test_a_photo_keeps_its_words_and_its_file() -> None:
    photo = [{"file_id": "f1", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 100}]
    inbound = take({"message": a_message(photo=photo, caption="这是厨房")})
    assert inbound is not None
    assert (inbound.kind, inbound.text, inbound.media[0].vendor_id) == (MessageKind.IMAGE, "这是厨房", "f1")


def test_a_file_too_large_to_fetch_is_left_out_but_the_message_is_taken() -> None:
    video = {
        "file_id": "v",
        "file_unique_id": "u",
        "width": 9,
        "height": 9,
        "duration": 60,
        "file_size": LARGEST_FILE + 1,
    }
    inbound = take({"message": a_message(video=video)})
    assert inbound is not None
    assert (inbound.kind, inbound.media) == (MessageKind.VIDEO, ())


def test_blocking_the_bot_retracts_the_contact() -> None:
    gone = {"user": {"id": 77, "is_bot": True, "first_name": "b"}, "status": "kicked", "until_date": 0}
    was = {"user": {"id": 77, "is_bot": True, "first_name": "b"}, "status": "member"}
    change = {"chat": CHAT, "from": USER, "date": 1, "old_chat_member": was, "new_chat_member": gone}
    inbound = take({"my_chat_member": change})
    assert inbound is not None
    assert inbound.event is EventKind.UNFOLLOWED


def test_the_answer_is_a_method_call_with_buttons_that_fit() -> None:
    inbound = take({"message": a_message(text="x")})
    assert inbound is not None
    call = json.loads(a_channel().render_choices(inbound, "您听，对不对？", [("confirm_yes", "对，就这样")]))
    assert (call["method"], call["chat_id"]) == ("sendMessage", 42)
    button = telegram.InlineKeyboardButton.de_json(call["reply_markup"]["inline_keyboard"][0][0], None)
    assert len(str(button.callback_data).encode()) <= telegram.constants.InlineKeyboardButtonLimit.MAX_CALLBACK_DATA


def test_a_weak_secret_stops_the_start() -> None:
    with pytest.raises(ValueError, match="16 to 256"):
        TelegramAccount("77:token", "short", "http://127.0.0.1:1")
