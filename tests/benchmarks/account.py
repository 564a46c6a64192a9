"""The WeChat account of the benchmarks, and posts signed and encrypted for it as the vendor does."""

import secrets
import time
from dataclasses import dataclass
from xml.sax.saxutils import escape

import xmltodict
from pydantic import SecretStr
from wechatpy.crypto import WeChatCrypto

from api.settings import Settings, load_settings

APP_ID = "wxbench000000000"
TOKEN = "benchtoken"
AES_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
PLAIN = (
    "<xml><ToUserName>gh_bench</ToUserName><FromUserName>{sender}</FromUserName><CreateTime>{at}</CreateTime>"
    "<MsgType>text</MsgType><Content>{text}</Content><MsgId>{message}</MsgId></xml>"
)


@dataclass(frozen=True, slots=True)
class Post:
    """One request of the vendor."""

    query: dict[str, str]
    body: bytes


def account_settings(**overrides: object) -> Settings:
    """Settings with the account."""
    return load_settings(
        wechat_app_id=APP_ID, wechat_token=SecretStr(TOKEN), wechat_aes_key=SecretStr(AES_KEY), **overrides
    )


def make_post(sender: str, text: str) -> Post:
    """A text message of `sender`, dated now."""
    stamp, nonce = str(int(time.time())), secrets.token_hex(6)
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    plain = PLAIN.format(sender=sender, at=stamp, text=escape(text), message=secrets.randbits(62))
    sealed = xmltodict.parse(crypto.encrypt_message(plain, nonce, stamp))["xml"]
    query = {"timestamp": stamp, "nonce": nonce, "encrypt_type": "aes", "msg_signature": sealed["MsgSignature"]}
    body = f"<xml><ToUserName>gh_bench</ToUserName><Encrypt>{sealed['Encrypt']}</Encrypt></xml>"
    return Post(query, body.encode())
