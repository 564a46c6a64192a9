"""Putting a letter on the wire: mail by SMTP, signed webhook by HTTPS; and telling honestly how far it came.

Before the other side can have taken it a failure is `NotHandedOver`, a final no is `Refused`; whatever happens after
the text was sent is left to propagate, for then nobody knows.
"""

import hashlib
import hmac
import ipaddress
import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from enum import StrEnum
from urllib.parse import unquote, urlsplit

import httpx

from casework.jobs import NotHandedOver, Refused

SIGNATURE_HEADER = "X-Hotline-Signature"
TIMESTAMP_HEADER = "X-Hotline-Timestamp"
IDEMPOTENCY_HEADER = "Idempotency-Key"
SECONDS = 30.0
GO_AHEAD, TAKEN = 354, 250
PERMANENT = range(500, 600)
OK = range(200, 300)
NOT_SURE_IT_CAME = frozenset({502, 504})
"""A gateway that says so doesn't know whether the server behind it took the letter."""
LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
LATER = frozenset({408, 425, 429})


class MailTls(StrEnum):
    """How the connection to the mail server is made secret; plain only to this machine."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail leaves. `context` verifies the server; the tests bring their own authority."""

    host: str
    port: int
    sender: str
    username: str = ""
    password: str = field(default="", repr=False)
    tls: MailTls = MailTls.STARTTLS
    context: ssl.SSLContext | None = field(default=None, repr=False)
    seconds: float = SECONDS


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a letter, under a name that says nothing of the matter."""

    name: str
    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MailLetter:
    """One mail, complete; `message_id` is the same for all tries, so that a doubling can be seen."""

    recipient: str
    subject: str
    text: str = field(repr=False)
    message_id: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class WebhookLetter:
    """One call of a body's webhook; the body of the request is signed as it is sent."""

    url: str
    secret: bytes = field(repr=False)
    message_id: str
    content: bytes = field(repr=False)


def parse_mail_server(url: str, sender: str, *, seconds: float = SECONDS) -> MailServer:
    """Read `smtp://user:password@host:port` (STARTTLS) or `smtps://...` (TLS from the start). Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("HOTLINE_SMTP_URL must begin with smtp:// or smtps:// and name a host")
    tls = MailTls.IMPLICIT if parts.scheme == "smtps" else MailTls.STARTTLS
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if tls is MailTls.IMPLICIT else 587),
        sender=sender,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
        seconds=seconds,
    )


def is_loopback(host: str) -> bool:
    """Whether the host is this very machine, the only one to which plain text may go."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def send_mail(letter: MailLetter, server: MailServer, *, now: datetime) -> None:
    """Send one mail over TLS (to this machine also without). Returns when the server has taken it.

    1. Connect, secure, sign in, sender, recipient, DATA: whatever fails here never left the house. A 5xx to the
    recipient or the text is `Refused`, anything else `NotHandedOver`. 2. The text: a lost connection or silence from
    here on propagates (nobody knows); an answer is believed.
    """
    content = _build_mail(letter, server, now).as_bytes(policy=SMTP_POLICY)
    connection = _connect(server)
    try:
        _hand_in(connection, server.sender, letter.recipient)
        connection.send(LEADING_DOT.sub(b"..", content) + b".\r\n")
        code, _words = connection.getreply()
    finally:
        connection.close()
    if code in PERMANENT:
        raise Refused(f"smtp_{code}")
    if code != TAKEN:
        raise NotHandedOver(f"smtp_{code}")


def _connect(server: MailServer) -> smtplib.SMTP:
    context = server.context or ssl.create_default_context()
    connection: smtplib.SMTP
    try:
        if server.tls is MailTls.IMPLICIT:
            connection = smtplib.SMTP_SSL(server.host, server.port, timeout=server.seconds, context=context)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=server.seconds)
    except (OSError, smtplib.SMTPException) as error:
        raise NotHandedOver(_code(error, "smtp_connect")) from None
    try:
        _secure(connection, server, context)
    except (OSError, smtplib.SMTPException) as error:
        connection.close()
        raise NotHandedOver(_code(error, "smtp_secure")) from None
    except NotHandedOver:
        connection.close()
        raise
    return connection


def _secure(connection: smtplib.SMTP, server: MailServer, context: ssl.SSLContext) -> None:
    connection.ehlo_or_helo_if_needed()
    if server.tls is MailTls.STARTTLS:
        if connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo()
        elif not is_loopback(server.host):
            raise NotHandedOver("smtp_no_tls")
    if server.username:
        connection.login(server.username, server.password)


def _hand_in(connection: smtplib.SMTP, sender: str, recipient: str) -> None:
    """Everything before the text."""
    steps: tuple[tuple[str, Callable[[], tuple[int, bytes]], range], ...] = (
        ("mail", lambda: connection.mail(sender), OK),
        ("rcpt", lambda: connection.rcpt(recipient), OK),
        ("data", lambda: connection.docmd("DATA"), range(GO_AHEAD, GO_AHEAD + 1)),
    )
    for step, act, wanted in steps:
        try:
            code, _words = act()
        except (OSError, smtplib.SMTPException) as error:
            raise NotHandedOver(_code(error, f"smtp_{step}")) from None
        if code in PERMANENT and step == "rcpt":
            raise Refused(f"smtp_{step}_{code}")
        if code not in wanted:
            raise NotHandedOver(f"smtp_{step}_{code}")


def _code(error: Exception, step: str) -> str:
    answered = getattr(error, "smtp_code", None)
    return f"{step}_{answered}" if answered else step


def _build_mail(letter: MailLetter, server: MailServer, now: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = server.sender, letter.recipient, letter.subject
    mail["Message-ID"], mail["Date"] = letter.message_id, format_datetime(now)
    mail.set_content(letter.text)
    for attachment in letter.attachments:
        main, _, sub = attachment.kind.partition("/")
        mail.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.name)
    return mail


def sign(secret: bytes, timestamp: str, content: bytes) -> str:
    """The signature a receiver checks: HMAC-SHA256 over timestamp, a full stop and the body, as hex."""
    return hmac.new(secret, timestamp.encode() + b"." + content, hashlib.sha256).hexdigest()


def post_webhook(letter: WebhookLetter, client: httpx.Client, *, now: datetime) -> None:
    """Post one signed letter; https only, but to this machine. Returns when the server answered 2xx.

    A connection that never stood is `NotHandedOver`; an answer is believed (4xx `Refused`, later ones and 5xx
    `NotHandedOver`), but for a gateway's 502 and 504; a lost connection or silence after sending propagates.
    """
    check_webhook_url(letter.url)
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: f"v1={sign(letter.secret, timestamp, letter.content)}",
        IDEMPOTENCY_HEADER: letter.message_id.strip("<>"),
    }
    try:
        answer = client.post(letter.url, content=letter.content, headers=headers, follow_redirects=False)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol):
        raise NotHandedOver("webhook_connect") from None
    status = answer.status_code
    if status in OK:
        return
    if status in NOT_SURE_IT_CAME:
        answer.raise_for_status()
    if status in LATER or status in PERMANENT:
        raise NotHandedOver(f"webhook_{status}")
    raise Refused(f"webhook_{status}")


def check_webhook_url(url: str) -> None:
    """Raise Refused for an address that is neither https nor this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise Refused("webhook_not_https")
