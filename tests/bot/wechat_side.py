"""WeChat's own side for the tests: real messages, signed and encrypted by the library as the vendor does."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import xmltodict
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.utils import WeChatSigner

from bot.channels import Request
from bot.channels.wechat import WeChatAccount, WeChatChannel
from tests.casework.people import NOW

APP_ID = "wx0123456789abcdef"
TOKEN = "a-token-of-the-tests"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
OPEN_ID = "oWangtong_0001"
ACCOUNT = "gh_wangtong"


def a_channel(*keys: str, app_id: str = APP_ID) -> WeChatChannel:
    """Our side; without keys the account is in plain mode."""
    return WeChatChannel(WeChatAccount.of(app_id, TOKEN, *keys))


def signature(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(TOKEN, *parts)
    return str(signer.signature)


def an_xml(
    content: str = "你好",
    *,
    kind: str = "text",
    sender: str = OPEN_ID,
    message_id: str = "23000000000000001",
    created: datetime = NOW,
    extra: str = "",
) -> str:
    """The inner XML of one message."""
    safe = content.replace("]]>", "]]]]><![CDATA[>")
    words = f"<Content><![CDATA[{safe}]]></Content>" if kind == "text" else ""
    ident = f"<MsgId>{message_id}</MsgId>" if message_id else ""
    return (
        f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><FromUserName><![CDATA[{sender}]]></FromUserName>"
        f"<CreateTime>{int(created.timestamp())}</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>{words}{extra}{ident}</xml>"
    )


def an_event(event: str, key: str = "", *, sender: str = OPEN_ID, created: datetime = NOW) -> str:
    extra = f"<Event><![CDATA[{event}]]></Event><EventKey><![CDATA[{key}]]></EventKey>"
    return an_xml(kind="event", sender=sender, message_id="", created=created, extra=extra)


@dataclass
class Vendor:
    """Posts as WeChat does and opens what comes back."""

    key: str = KEY
    app_id: str = APP_ID
    now: datetime = NOW
    nonces: list[str] = field(default_factory=list)

    def post(self, xml: str, *, nonce: str | None = None, later: timedelta = timedelta()) -> Request:
        """A safe-mode request with this message."""
        timestamp = str(int((self.now + later).timestamp()))
        nonce = nonce or f"nonce{len(self.nonces)}"
        self.nonces.append(nonce)
        encrypted = PrpCrypto(WeChatCrypto(TOKEN, self.key, self.app_id).key).encrypt(xml, self.app_id).decode()
        body = f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        query = {
            "timestamp": timestamp,
            "nonce": nonce,
            "signature": signature(timestamp, nonce),
            "msg_signature": signature(timestamp, nonce, encrypted),
            "encrypt_type": "aes",
        }
        return Request("POST", query, {}, body.encode())

    def read(self, answer: bytes) -> dict[str, str]:
        """The passive reply as the vendor opens it: signature checked, decrypted, parsed."""
        envelope = xmltodict.parse(answer)["xml"]
        crypto = WeChatCrypto(TOKEN, self.key, self.app_id)
        opened = crypto.decrypt_message(answer, envelope["MsgSignature"], envelope["TimeStamp"], envelope["Nonce"])
        return dict(xmltodict.parse(opened)["xml"])


def a_plain_post(xml: str, *, nonce: str = "n", now: datetime = NOW) -> Request:
    """A request in plain mode."""
    timestamp = str(int(now.timestamp()))
    query = {"timestamp": timestamp, "nonce": nonce, "signature": signature(timestamp, nonce)}
    return Request("POST", query, {}, xml.encode())


def a_check(echo: str = "echo-1", *, now: datetime = NOW) -> Request:
    """The vendor's question whether we are there."""
    timestamp = str(int(now.timestamp()))
    query = {"timestamp": timestamp, "nonce": "n", "signature": signature(timestamp, "n"), "echostr": echo}
    return Request("GET", query, {}, b"")
