"""WeChat Official Account: what it posts becomes an `Inbound`, what we say becomes its encrypted passive reply.

The library knows the message types; signature over the body, age, account, keys and the shape of the XML are checked
here, because it compares with `==`, takes stale and plain bodies, and raises six kinds of error on bad input.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import xmltodict
from wechatpy import parse_message
from wechatpy.replies import TextReply

from bot.channels import (
    BODY_LIMIT,
    ChannelError,
    EventKind,
    Inbound,
    MediaRef,
    MessageKind,
    OutboundMessage,
    Outcome,
    Problem,
    Request,
    Verified,
)
from bot.channels.wechat_api import NewsTemplate, WeChatApi
from bot.channels.wechat_envelope import check_xml, is_signed, open_envelope, read_aes_key, refusal, seal_envelope
from casework.clock import local_date
from casework.types import Channel

FRESH = timedelta(minutes=5)
TEXT_LIMIT = 2000
"""Bytes of a passive reply's text; WeChat cuts at 2048."""

ACKNOWLEDGED = b"success"

KINDS: Mapping[str, MessageKind] = {
    "text": MessageKind.TEXT,
    "image": MessageKind.IMAGE,
    "voice": MessageKind.VOICE,
    "video": MessageKind.VIDEO,
    "shortvideo": MessageKind.VIDEO,
    "location": MessageKind.LOCATION,
    "link": MessageKind.LINK,
    "event": MessageKind.EVENT,
}
"""The vendor's message types; any other is `unknown`."""

EVENTS: Mapping[str, EventKind] = {
    "subscribe": EventKind.FOLLOWED,
    "subscribe_scan": EventKind.FOLLOWED,
    "unsubscribe": EventKind.UNFOLLOWED,
    "scan": EventKind.SCANNED,
    "click": EventKind.MENU,
    "templatesendjobfinish": EventKind.DELIVERED,
}
"""The vendor's events that mean something to us; any other is `other`: a menu's page that was opened (view), where his
phone is (location), what he ticked of subscription messages. We keep none of it.
"""

SHOWN, BLOCKED = "success", "user block"

_VENDOR_ID = re.compile(r"[\w.@-]{1,128}\Z")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class WeChatAccount:
    """What the office's account is; `aes_keys` newest first, the previous one stays during a rotation."""

    app_id: str
    token: str
    aes_keys: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, app_id: str, token: str, *encoding_keys: str | None) -> "WeChatAccount":
        """From the settings' texts. Raises ValueError for a key of the wrong length."""
        return cls(app_id, token, tuple(read_aes_key(key) for key in encoding_keys if key))


class WeChatChannel:
    """The adapter of one account. Without `api` it can answer but not write first.

    The vendor waits five seconds: after `patience` a message is kept instead of answered, for which there is `spare`.
    """

    channel = Channel.WECHAT
    patience = 3.5
    spare = 1.0

    def __init__(
        self, account: WeChatAccount, api: WeChatApi | None = None, template: NewsTemplate | None = None
    ) -> None:
        self.account = account
        self.api = api
        self.template = template

    def verify(self, request: Request, *, now: datetime) -> Verified:
        """Check size, age and signature; open the envelope where keys are set.

        A GET is the vendor's question whether we are there; its signature doesn't cover a body. Raises ChannelError.
        """
        if len(request.body) > BODY_LIMIT:
            raise refusal(Problem.TOO_LARGE)
        timestamp, nonce = request.query.get("timestamp", ""), request.query.get("nonce", "")
        if request.method == "GET":
            self._check(request.query.get("signature", ""), timestamp, nonce)
            _check_age(timestamp, now)
            return Verified(b"", echo=request.query.get("echostr", "")[:256])
        if self.account.aes_keys:
            return self._open(request, timestamp, nonce, now)
        self._check(request.query.get("signature", ""), timestamp, nonce)
        _check_age(timestamp, now)
        check_xml(request.body)
        return Verified(request.body, nonce=nonce)

    def _check(self, signature: str, *parts: str) -> None:
        if not is_signed(self.account.token, signature, *parts):
            raise refusal(Problem.BAD_SIGNATURE)

    def _open(self, request: Request, timestamp: str, nonce: str, now: datetime) -> Verified:
        encrypted = _read_encrypted(request.body)
        self._check(request.query.get("msg_signature", ""), timestamp, nonce, encrypted)
        _check_age(timestamp, now)
        body, index = open_envelope(encrypted, self.account.aes_keys, self.account.app_id)
        check_xml(body)
        return Verified(body, nonce=nonce, key_index=index)

    def parse(self, verified: Verified, *, now: datetime) -> Inbound | None:
        """One message or event; None for an empty body. Raises ChannelError (malformed)."""
        if not verified.body.strip():
            return None
        try:
            message = parse_message(verified.body.decode())
            return _to_inbound(message, verified, now)
        except ChannelError:
            raise
        except Exception as problem:
            raise refusal(Problem.MALFORMED) from problem

    def render_reply(self, verified: Verified, inbound: Inbound, text: str, *, now: datetime) -> bytes:
        """The passive reply, encrypted under the key that opened the request; nothing to say is `success`."""
        if not text:
            return ACKNOWLEDGED
        timestamp = str(int(now.timestamp()))
        reply = TextReply(source=inbound.account, target=inbound.sender, content=_as_cdata(text), time=int(timestamp))
        body: str = reply.render()
        if verified.key_index is None:
            return body.encode()
        return seal_envelope(
            body,
            key=self.account.aes_keys[verified.key_index],
            app_id=self.account.app_id,
            token=self.account.token,
            timestamp=timestamp,
            nonce=verified.nonce or timestamp,
        ).encode()

    def send(self, message: OutboundMessage) -> None:
        """Write by a customer-service message, within 48 hours of his last word. Raises SendError."""
        if self.api is None:
            raise RuntimeError("the account has no API client")
        self.api.send_text(message.recipient, message.text)

    def notify(self, recipient: str, *, now: datetime) -> str | None:
        """Say by the office's template that there is news; None where it has none. Raises SendError."""
        if self.api is None or self.template is None:
            return None
        day = local_date(now)
        fields = {
            name: value.replace("{day}", f"{day.year}年{day.month}月{day.day}日")
            for name, value in self.template.fields.items()
        }
        return self.api.send_template(recipient, self.template, fields)


def _check_age(timestamp: str, now: datetime) -> None:
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > len("9999999999"):
        raise refusal(Problem.STALE)
    if abs(now - datetime.fromtimestamp(int(timestamp), UTC)) > FRESH:
        raise refusal(Problem.STALE)


def _read_encrypted(body: bytes) -> str:
    """The text of Encrypt. A body that has a message type in plain was never encrypted: refused."""
    check_xml(body)
    envelope = xmltodict.parse(body.decode()).get("xml")
    if not isinstance(envelope, dict):
        raise refusal(Problem.MALFORMED)
    encrypted = envelope.get("Encrypt")
    if isinstance(encrypted, str):
        return encrypted
    raise refusal(Problem.PLAINTEXT if encrypted is None and "MsgType" in envelope else Problem.MALFORMED)


def _to_inbound(message: Any, verified: Verified, now: datetime) -> Inbound:
    """Our words for the library's message; whatever is not a plain string where one belongs raises."""
    raw = message._data  # the library forgets type and name of an event it doesn't know
    kind = KINDS.get(_text(raw["MsgType"]).lower(), MessageKind.UNKNOWN)
    is_event = kind is MessageKind.EVENT
    name = _text(raw.get("Event")).lower()
    event = EVENTS.get(name, EventKind.OTHER) if is_event else None
    key = _text(raw.get("EventKey"))
    seconds = int(message.time)
    return Inbound(
        channel=Channel.WECHAT,
        account=_vendor_id(message.target),
        sender=_vendor_id(message.source),
        message_id=f"{seconds}|{name}|{key}{_text(raw.get('MsgID'))}" if is_event else _message_id(message),
        kind=kind,
        received_at=now,
        text=_words(message, kind),
        choice=key if event is EventKind.MENU else None,
        media=_media(message, kind),
        event=event,
        scene=key or None if event in (EventKind.FOLLOWED, EventKind.SCANNED) else None,
        sent_at=datetime.fromtimestamp(seconds, UTC),
        nonce=verified.nonce,
        body=verified.body,
        outcome=_outcome(raw) if event is EventKind.DELIVERED else None,
    )


def _outcome(raw: Mapping[str, Any]) -> Outcome:
    """How a template message fared: `success`, or `failed:` with the reason."""
    status = _text(raw.get("Status")).lower()
    return Outcome(_text(raw.get("MsgID")), is_shown=status == SHOWN, is_blocked=BLOCKED in status)


def _message_id(message: Any) -> str:
    """MsgId, 64 bits; a message of a type we don't know may have none and is told apart by its second."""
    return str(int(message.id)) if message.id else f"{int(message.time)}|{message.type}"


def _coordinates(raw: Mapping[str, Any]) -> str:
    """The spot in figures (GCJ-02, as the vendor gives it), where it has no name."""
    north, east = _text(raw.get("Location_X")), _text(raw.get("Location_Y"))
    return f"北纬{north}，东经{east}" if north and east else ""


def _words(message: Any, kind: MessageKind) -> str:
    raw = message._data
    if kind is MessageKind.TEXT:
        return _text(message.content)
    if kind is MessageKind.LOCATION:
        return _text(message.label).strip() or _coordinates(raw)
    if kind is MessageKind.LINK:
        return "\n".join(part for part in (_text(message.title), _text(message.url)) if part)
    return ""


def _media(message: Any, kind: MessageKind) -> tuple[MediaRef, ...]:
    if kind not in (MessageKind.IMAGE, MessageKind.VOICE, MessageKind.VIDEO):
        return ()
    return (MediaRef(kind, _text(message.media_id), _text(getattr(message, "format", None))),)


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("a repeated or nested element")
    return value


def _vendor_id(value: object) -> str:
    text = _text(value)
    if not _VENDOR_ID.match(text):
        raise ValueError("no vendor id")
    return text


def _as_cdata(text: str) -> str:
    """Words that survive inside CDATA, cut to what WeChat takes."""
    clean = _NOT_XML.sub("", text)
    short = clean.encode()[:TEXT_LIMIT].decode(errors="ignore")
    return short.replace("]]>", "]]]]><![CDATA[>")
