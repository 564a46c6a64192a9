"""A mail server that keeps what it gets, for the demo: real SMTP on loopback, read on a page."""

from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

MOST = 200


@dataclass
class Mailbox:
    """The letters that came, newest last.

    Without slots: aiosmtpd asks for every member, and Python 3.11.2 (Debian 12) fails on one of a slotted dataclass.
    """

    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a letter and say that we have it."""
        letter = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append(letter)
        del self.letters[:-MOST]
        return "250 kept"


def open_mailbox(port: int) -> tuple[Mailbox, Controller]:
    """Start the server on 127.0.0.1; `controller.stop()` ends it."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    return mailbox, controller
