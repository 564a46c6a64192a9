"""The vendor's side of WeChat, for the demo: signs and encrypts a person's message exactly as the platform does.

It is a client of our own `/wechat` over HTTP and knows nothing of what happens behind it.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

import httpx
import xmltodict
from wechatpy.crypto import WeChatCrypto

from casework import clock

SECONDS = 10
NONCE_BYTES = 6
BODY = (
    "<xml><ToUserName>{account}</ToUserName><FromUserName>{sender}</FromUserName><CreateTime>{at}</CreateTime>"
    "<MsgType>text</MsgType><Content>{text}</Content><MsgId>{message_id}</MsgId></xml>"
)


@dataclass(frozen=True, slots=True)
class Vendor:
    """An account's credentials and where it posts."""

    app_id: str
    token: str
    aes_key: str
    url: str

    def say(self, sender: str, text: str, *, now: datetime | None = None) -> str:
        """Post one text message and give back the words of the passive reply ("" where there is none).

        Raises httpx.HTTPError where the house does not answer as the platform wants.
        """
        stamp = str(int((now or clock.now()).timestamp()))
        nonce = secrets.token_hex(NONCE_BYTES)
        crypto = WeChatCrypto(self.token, self.aes_key, self.app_id)
        plain = BODY.format(
            account="gh_demo",
            sender=escape(sender),
            at=stamp,
            text=escape(text),
            message_id=secrets.randbits(62),
        )
        sealed = xmltodict.parse(crypto.encrypt_message(plain, nonce, stamp))["xml"]
        query = {
            "timestamp": stamp,
            "nonce": nonce,
            "encrypt_type": "aes",
            "msg_signature": sealed["MsgSignature"],
        }
        post = f"<xml><ToUserName>gh_demo</ToUserName><Encrypt>{sealed['Encrypt']}</Encrypt></xml>"
        answer = httpx.post(self.url, params=query, content=post.encode(), timeout=SECONDS)
        answer.raise_for_status()
        return self._open(crypto, answer.content)

    def _open(self, crypto: WeChatCrypto, body: bytes) -> str:
        if not body.lstrip().startswith(b"<xml"):
            return ""
        outer = xmltodict.parse(body)["xml"]
        plain = crypto.decrypt_message(body, outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"])
        return str(xmltodict.parse(plain)["xml"].get("Content") or "")
