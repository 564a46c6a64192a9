"""What WeChat posts: the envelope of the safe mode, the guard over its XML, the message that comes of it."""

import base64
import hashlib
import struct
from contextlib import suppress

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.channels import ChannelError, Inbound, Request
from bot.channels.wechat import WeChatAccount, WeChatChannel
from bot.channels.wechat_envelope import BLOCK, sign
from tests.casework.people import NOW

KEY, APP_ID, TOKEN = bytes(range(32)), "wx0123456789abcdef", "a-token-of-the-tests"
STAMP = str(int(NOW.timestamp()))
PLAIN, SAFE = WeChatChannel(WeChatAccount(APP_ID, TOKEN)), WeChatChannel(WeChatAccount(APP_ID, TOKEN, (KEY,)))
HEAD = "<xml><ToUserName>gh_a</ToUserName><FromUserName>o_b</FromUserName><CreateTime>1790000000</CreateTime>"
TEXT = f"{HEAD}<MsgType>text</MsgType><Content>饭菜凉</Content><MsgId>1</MsgId></xml>".encode()
EVENT = f"{HEAD}<MsgType>event</MsgType><Event>subscribe</Event><EventKey>qrscene_1</EventKey></xml>".encode()
PLACE = (
    f"{HEAD}<MsgType>location</MsgType><Location_X>1.5</Location_X><Label>望桐</Label><MsgId>2</MsgId></xml>".encode()
)
SEEDS = (b"\0" + TEXT, b"\0" + EVENT, b"\0" + PLACE, b"\1" + TEXT, b"\2AAAA", b"\3" + TEXT)


def feed(data: bytes) -> None:
    """The first byte says how it comes: in plain, well sealed, as any base64, or as any sealed bytes."""
    how, body = data[:1], data[1:]
    with suppress(ChannelError):
        if how in (b"", b"\0"):
            _post(PLAIN, body)
        elif how == b"\2":
            _post(SAFE, b"<xml><Encrypt>" + body + b"</Encrypt></xml>", body.decode("utf-8", "replace"))
        else:
            framed = bytes(16) + struct.pack(">I", len(body)) + body + APP_ID.encode() if how == b"\1" else body
            sealed = base64.b64encode(_encrypt(framed)).decode()
            _post(SAFE, f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode(), sealed)


def _post(channel: WeChatChannel, body: bytes, encrypted: str | None = None) -> None:
    parts = (STAMP, "n") if encrypted is None else (STAMP, "n", encrypted.strip())
    signed = {
        "timestamp": STAMP,
        "nonce": "n",
        "signature": sign(TOKEN, STAMP, "n"),
        "msg_signature": sign(TOKEN, *parts),
    }
    verified = channel.verify(Request("POST", signed, {}, body), now=NOW)
    inbound = channel.parse(verified, now=NOW)
    if inbound is not None:
        _check(inbound)
        assert channel.render_reply(verified, inbound, inbound.text, now=NOW)


def _check(inbound: Inbound) -> None:
    assert inbound.sender
    inbound.text.encode()
    hashlib.sha256(inbound.message_id.encode()).digest()


def _encrypt(plain: bytes) -> bytes:
    padding = BLOCK - len(plain) % BLOCK
    cipher = Cipher(algorithms.AES(KEY), modes.CBC(KEY[:16])).encryptor()
    return cipher.update(plain + bytes([padding]) * padding) + cipher.finalize()
