"""Signatures under the words of a talk: what is signed, by which key, and how the next word hangs on the one before.

Pure: bytes in, bytes out. A signing key is derived from the private half that its owner has anyway, so that it is
wrapped, opened and lost together with it.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise

from nacl.bindings import crypto_scalarmult
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

from casework.errors import BrokenSeal
from casework.secrets import derive_key
from casework.types import MessageDirection

ED25519_HMAC = 1
"""The first byte of a signature blob. Another number may one day mean SM2 and SM3."""
HASH = 32
SIGNATURE = 64
BLOB = 1 + HASH + HASH + SIGNATURE + HASH
SALT_BYTES = 16


class Signer(StrEnum):
    """Whose private half a signing key comes from; the two never give the same key."""

    OFFICER = "hotline/sign/officer"
    REPORTER = "hotline/sign/reporter"


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything that is said by one word of the talk; `salt` lies sealed beside the text, so nobody can guess it."""

    case_id: str
    message_id: str
    position: int
    direction: MessageDirection
    officer_id: str | None
    made_on: date
    text: str = field(repr=False)
    salt: str = field(repr=False)

    def pack(self, key: bytes, previous: bytes) -> bytes:
        """The bytes that are signed by `key`, bound to the word before."""
        said = {
            "case": self.case_id,
            "id": self.message_id,
            "position": self.position,
            "direction": self.direction.value,
            "officer": self.officer_id,
            "day": self.made_on.isoformat(),
            "text": self.text,
            "salt": self.salt,
            "key": key.hex(),
            "previous": previous.hex(),
        }
        text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return b"hotline/talk/1\0" + text.encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature as it stands in its row: the signer's public half, the word before, Ed25519, and the vouching.

    The vouching is a keyed hash that only the two ends of the talk can make: it says that the signer's key is no
    stranger's.
    """

    key: bytes
    previous: bytes
    signature: bytes
    vouch: bytes

    def pack(self) -> bytes:
        """The blob of the row."""
        return bytes((ED25519_HMAC,)) + self.key + self.previous + self.signature + self.vouch

    @property
    def link(self) -> bytes:
        """What the next word names as the one before it."""
        return link_of(self.pack())


def link_of(blob: bytes) -> bytes:
    """The link that a signature blob makes, whatever it holds."""
    return hashlib.sha256(blob).digest()


def first_link(case_id: str) -> bytes:
    """What the first signed word of a talk names as the one before it."""
    return hashlib.sha256(b"hotline/talk/start\0" + case_id.encode()).digest()


def signing_public(private_key: bytes, signer: Signer) -> bytes:
    """The Ed25519 public half that belongs to somebody's private half."""
    return bytes(_derive(private_key, signer).verify_key)


def sign(statement: Statement, private_key: bytes, signer: Signer, *, previous: bytes, shared: bytes) -> Signature:
    """Sign a word, bound to the one before, and vouch for the signer under the key that both ends share."""
    key = _derive(private_key, signer)
    public = bytes(key.verify_key)
    said = statement.pack(public, previous)
    signature = key.sign(said).signature
    return Signature(public, previous, signature, _vouch(shared, said, signature))


def read_signature(blob: bytes) -> Signature:
    """Read `Signature.pack`. Raises BrokenSeal for what it did not make."""
    if len(blob) != BLOB or blob[0] != ED25519_HMAC:
        raise BrokenSeal("signature")
    ends = (1, 1 + HASH, 1 + 2 * HASH, 1 + 2 * HASH + SIGNATURE, BLOB)
    key, previous, signature, vouch = (blob[start:end] for start, end in pairwise(ends))
    return Signature(key, previous, signature, vouch)


def is_signed(statement: Statement, signature: Signature, *, shared: bytes) -> bool:
    """Whether the signature is of this very statement, by the key that it names, vouched for by an end of the talk."""
    said = statement.pack(signature.key, signature.previous)
    if not hmac.compare_digest(signature.vouch, _vouch(shared, said, signature.signature)):
        return False
    try:
        VerifyKey(signature.key).verify(said, signature.signature)
    except (CryptoError, ValueError):
        return False
    return True


def share_key(private_key: bytes, other_public: bytes, case_id: str) -> bytes:
    """What both ends of a talk can work out and nobody else: X25519 of one's private and the other's public half."""
    try:
        secret = crypto_scalarmult(private_key, other_public)
    except (CryptoError, ValueError, TypeError) as error:
        raise BrokenSeal("talk") from error
    return derive_key(secret, "hotline/talk/shared", salt=case_id.encode())


def print_of(*parts: bytes) -> str:
    """A fingerprint for the ledger."""
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()


def _derive(private_key: bytes, signer: Signer) -> SigningKey:
    return SigningKey(derive_key(private_key, signer.value))


def _vouch(shared: bytes, said: bytes, signature: bytes) -> bytes:
    return hmac.new(shared, said + signature, hashlib.sha256).digest()
