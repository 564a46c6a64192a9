"""A mail server on loopback that really speaks SMTP and misbehaves on demand.

Every way a delivery can go wrong is a mode of it, so that no test has to patch smtplib.
"""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.infrastructure.postgres import find_free_port


class SinkMode(StrEnum):
    """How the server behaves from now on."""

    ACCEPT = "accept"
    REFUSE = "refuse"  # 550 to the recipient: for good
    DEFER = "defer"  # 451 to the recipient: later
    HANG = "hang"  # takes the text, then says nothing
    DROP_AFTER_DATA = "drop_after_data"  # takes the text, then is gone: did it arrive?


@dataclass(frozen=True)
class Mail:
    """One text the server took, whether or not it could say so."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage


@dataclass
class MailSink:
    """The server as a test sees it: set `mode`, read `mails`, count `attempts` (connections that named a recipient)."""

    port: int = 0
    mode: SinkMode = SinkMode.ACCEPT
    mails: list[Mail] = field(default_factory=list)
    attempts: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """What HOTLINE_SMTP_URL would say."""
        return f"smtp://127.0.0.1:{self.port}"

    def wait_for(self, count: int, seconds: float = 20) -> list[Mail]:
        """Wait until this many mails were taken; AssertionError when they don't come in time."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.mails) >= count, seconds)
        assert came, f"{len(self.mails)} of {count} mails came within {seconds} s"
        return self.mails

    async def handle_RCPT(  # noqa: N802 (the server's name for it)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer a recipient."""
        self.attempts += 1
        if self.mode is SinkMode.REFUSE:
            return "550 no such mailbox"
        if self.mode is SinkMode.DEFER:
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a text, then answer as the mode says."""
        self._take(envelope)
        if self.mode is SinkMode.HANG:
            await self._released.wait()
        if self.mode is SinkMode.DROP_AFTER_DATA and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 OK"

    def _take(self, envelope: Envelope) -> None:
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        message = message_from_bytes(raw, policy=policy.default)
        with self._changed:
            self.mails.append(Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), message))
            self._changed.notify_all()

    def release(self) -> None:
        """Let hanging conversations end."""
        self._released.set()


@pytest.fixture
def mail_sink() -> Iterator[MailSink]:
    """A running mail server; nobody listens at its port before and after the test."""
    sink = MailSink(port=find_free_port())
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port, ready_timeout=20)
    controller.start()
    yield sink
    controller.loop.call_soon_threadsafe(sink.release)
    controller.stop()
