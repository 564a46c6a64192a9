"""The envelope of WeChat's safe mode and the guard before any XML is read.

The library decrypts without looking at padding, lengths or how deep the XML nests; here they are looked at first.
"""

import base64
import hashlib
import hmac
import secrets
import struct
from collections.abc import Sequence
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType

from wechatpy.crypto import PrpCrypto

from bot.channels import ChannelError, Problem
from casework.types import Channel

MAX_DEPTH = 4
MAX_ELEMENTS = 64
BLOCK = 32
CIPHER_BLOCK = 16
RANDOM_PREFIX = 16
HEADER = RANDOM_PREFIX + 4
AES_KEY_LENGTH = 32


def sign(token: str, *parts: str) -> str:
    """WeChat's signature: SHA-1 over the sorted parts with the token among them."""
    return hashlib.sha1("".join(sorted((token, *parts))).encode(), usedforsecurity=False).hexdigest()


def is_signed(token: str, signature: str, *parts: str) -> bool:
    """Whether the signature is right, compared in constant time."""
    return hmac.compare_digest(sign(token, *parts).encode(), signature.encode())


def read_aes_key(encoded: str) -> bytes:
    """The 32 bytes of an EncodingAESKey (43 characters). Raises ValueError for anything else."""
    key = base64.b64decode(encoded + "=", validate=True)
    if len(key) != AES_KEY_LENGTH:
        raise ValueError("an EncodingAESKey has 43 characters")
    return key


def check_xml(body: bytes) -> None:
    """Refuse what is not small, flat, entity-free UTF-8 XML, before anything else parses it.

    Raises ChannelError (malformed).
    """
    guard = _Guard()
    try:
        body.decode("utf-8")
        guard.parser.Parse(body, True)
    except (UnicodeDecodeError, ExpatError, _TooMuchError) as problem:
        raise refusal(Problem.MALFORMED) from problem


class _TooMuchError(ValueError):
    """More than a message needs: a doctype, entities, depth, elements."""


class _Guard:
    def __init__(self) -> None:
        self.parser: XMLParserType = ParserCreate("utf-8")
        self.depth = 0
        self.elements = 0
        self.parser.StartElementHandler = self._enter
        self.parser.EndElementHandler = self._leave
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.XmlDeclHandler = self._declare

    def _enter(self, _name: str, _attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH or self.elements > MAX_ELEMENTS:
            raise _TooMuchError

    def _leave(self, _name: str) -> None:
        self.depth -= 1

    def _refuse(self, *_args: object) -> None:
        raise _TooMuchError

    def _declare(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "utf8"):
            raise _TooMuchError


def open_envelope(encrypted: str, keys: Sequence[bytes], app_id: str) -> tuple[bytes, int]:
    """The plain body and the index of the key that opened it; the newest key is tried first.

    Raises ChannelError: wrong_account where a key opens what is another account's, bad_signature where none does.
    """
    try:
        sealed = base64.b64decode(encrypted, validate=True)
    except ValueError as problem:
        raise refusal(Problem.MALFORMED) from problem
    if not sealed or len(sealed) % CIPHER_BLOCK:
        raise refusal(Problem.MALFORMED)
    strange = False
    for index, key in enumerate(keys):
        opened = _unpack(PrpCrypto(key).cipher.decrypt(sealed))
        if opened is None:
            continue
        body, account = opened
        if hmac.compare_digest(account, app_id.encode()):
            return body, index
        strange = True
    raise refusal(Problem.WRONG_ACCOUNT if strange else Problem.BAD_SIGNATURE)


def _unpack(plain: bytes) -> tuple[bytes, bytes] | None:
    """Body and account; None where padding or lengths are not those of a real envelope."""
    padding = plain[-1]
    if not 1 <= padding <= BLOCK or plain[-padding:] != bytes([padding]) * padding:
        return None
    content = plain[:-padding]
    if len(content) < HEADER:
        return None
    (length,) = struct.unpack(">I", content[RANDOM_PREFIX:HEADER])
    if HEADER + length > len(content):
        return None
    return content[HEADER : HEADER + length], content[HEADER + length :]


class _Crypto(PrpCrypto):  # type: ignore[misc]  # the library brings no types
    def get_random_string(self) -> str:
        return secrets.token_hex(RANDOM_PREFIX // 2)


def seal_envelope(body: str, *, key: bytes, app_id: str, token: str, timestamp: str, nonce: str) -> str:
    """An encrypted passive reply with its signature."""
    encrypted = _Crypto(key).encrypt(body, app_id).decode()
    signature = sign(token, timestamp, nonce, encrypted)
    return (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    )


def refusal(problem: Problem) -> ChannelError:
    """The error of this channel."""
    return ChannelError(Channel.WECHAT, problem)
