"""The web chat: no vendor stands between, so a form post is the message and a random token in a cookie is the sender.

Two browsers are two talks; nothing joins them but the code that somebody holds.
"""

import secrets
from datetime import datetime

from bot.channels import Inbound, MessageKind
from casework.types import Channel

ACCOUNT = "web"
TOKEN_BYTES = 24


def to_inbound(sender: str, text: str, *, choice: str = "", turn: str = "", now: datetime) -> Inbound:
    """One form post. The same `turn` twice (a shaking hand, a reload) is one message."""
    return Inbound(
        channel=Channel.WEB,
        account=ACCOUNT,
        sender=sender,
        message_id=turn or secrets.token_urlsafe(TOKEN_BYTES),
        kind=MessageKind.TEXT,
        received_at=now,
        text=text,
        choice=choice or None,
    )
