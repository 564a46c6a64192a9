"""What Telegram's cloud posts: an update that becomes an `Inbound` or is acknowledged and dropped."""

import json
from contextlib import suppress

from bot.channels import ChannelError, Request
from bot.channels.telegram import SECRET_HEADER, TelegramAccount, TelegramChannel
from tests.casework.people import NOW

SECRET = "a-secret-of-the-tests-16"
CHANNEL = TelegramChannel(TelegramAccount("42:abc", SECRET, "http://127.0.0.1:9"))
CHAT = {"id": 7, "type": "private"}
MESSAGE = {"message_id": 3, "date": 1790000000, "chat": CHAT, "from": {"id": 7, "is_bot": False, "first_name": "x"}}
NESTED = b'{"update_id":1,"message":' + b"[" * 20_000
SEEDS = (
    NESTED,
    *(
        json.dumps({"update_id": 1, **update}).encode()
        for update in (
            {"message": {**MESSAGE, "text": "饭菜凉"}},
            {
                "message": {
                    **MESSAGE,
                    "text": "/start abc",
                    "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
                }
            },
            {"message": {**MESSAGE, "location": {"latitude": 1.5, "longitude": 2}}},
            {"message": {**MESSAGE, "contact": {"phone_number": "15400001111", "first_name": "x", "user_id": 7}}},
            {"message": {**MESSAGE, "photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]}},
            {
                "callback_query": {
                    "id": "1",
                    "from": MESSAGE["from"],
                    "chat_instance": "c",
                    "data": "yes",
                    "message": MESSAGE,
                }
            },
        )
    ),
)


def feed(data: bytes) -> None:
    """The body of a post with the right secret."""
    with suppress(ChannelError):
        verified = CHANNEL.verify(Request("POST", {}, {SECRET_HEADER: SECRET}, data), now=NOW)
        inbound = CHANNEL.parse(verified, now=NOW)
        if inbound is not None:
            assert inbound.sender
            f"{inbound.text}{inbound.choice}{inbound.ref}{inbound.album}{inbound.media}".encode()
            CHANNEL.render_reply(verified, inbound, "好", now=NOW)
