"""The primitives of the vault (密件库): key pairs, sealed boxes, keys wrapped under a passphrase or a sign-in's token.

Everything carries a version byte and stands behind these few functions, so that an office may put SM2/SM3/SM4 here.
"""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from casework.errors import BrokenSeal, WrongPassphrase
from casework.secrets import KEY_BYTES, NONCE_BYTES, derive_key

X25519_BOX = 1
ARGON2_AES_GCM = 1
HKDF_AES_GCM = 1
SALT_BYTES = 16
STRENGTH_BYTES = 6
PAD_TO = 512
"""Sealed records are padded to multiples of this many bytes, so that their length tells little."""
ARGON2_AT_ONCE = 2
MAX_MEMORY_KIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class KdfStrength:
    """How dear one guess is: Argon2id passes, memory in KiB, lanes. `VAULT` is the only one for real keys."""

    passes: int
    memory_kib: int
    lanes: int = 1

    VAULT: ClassVar["KdfStrength"]


KdfStrength.VAULT = KdfStrength(passes=2, memory_kib=256 * 1024)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An X25519 key pair, 32 bytes each; the private half never shows in a repr."""

    public: bytes
    private: bytes = field(repr=False)


def generate_key_pair() -> KeyPair:
    """A new random key pair."""
    private = PrivateKey.generate()
    return KeyPair(bytes(private.public_key), bytes(private))


def public_half(private_key: bytes) -> bytes:
    """The public half that belongs to a private one."""
    return bytes(PrivateKey(private_key).public_key)


def seal(public_key: bytes, plaintext: bytes) -> bytes:
    """Seal bytes so that only the private half opens them; the sealer himself cannot."""
    return bytes((X25519_BOX,)) + SealedBox(PublicKey(public_key)).encrypt(plaintext)


def unseal(private_key: bytes, blob: bytes) -> bytes:
    """Open what `seal` made. Raises BrokenSeal if it was changed or made for another key."""
    if blob[:1] != bytes((X25519_BOX,)):
        raise BrokenSeal("box")
    try:
        return SealedBox(PrivateKey(private_key)).decrypt(blob[1:])
    except (CryptoError, ValueError, TypeError) as error:
        raise BrokenSeal("box") from error


def seal_record(public_key: bytes, row_id: str, payload: Mapping[str, Any], *, pad_to: int = PAD_TO) -> bytes:
    """Seal a JSON object as the content of the row `row_id`, padded to a multiple of `pad_to` bytes."""
    body = json.dumps({"row": row_id, "payload": payload}, ensure_ascii=False, separators=(",", ":")).encode()
    return seal(public_key, body + b" " * (-len(body) % pad_to))


def unseal_record(private_key: bytes, row_id: str, blob: bytes) -> dict[str, Any]:
    """Open what `seal_record` made for this very row.

    Raises BrokenSeal if it was changed, made for another key, or put into a row it was not made for.
    """
    try:
        record = json.loads(unseal(private_key, blob))
        row, payload = record["row"], record["payload"]
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenSeal("record") from error
    if row != row_id or not isinstance(payload, dict):
        raise BrokenSeal("row")
    return payload


def wrap_private_key(private_key: bytes, passphrase: str, *, strength: KdfStrength = KdfStrength.VAULT) -> bytes:
    """Wrap a private half under a passphrase: version, strength, salt, nonce, ciphertext. Takes about a second."""
    header = bytes((ARGON2_AES_GCM,)) + pack_strength(strength) + os.urandom(SALT_BYTES)
    nonce = os.urandom(NONCE_BYTES)
    key = stretch(normalise_passphrase(passphrase), header[-SALT_BYTES:], strength)
    return header + nonce + AESGCM(key).encrypt(nonce, private_key, header)


def unwrap_private_key(blob: bytes, passphrase: str) -> bytes:
    """Open what `wrap_private_key` made. Raises WrongPassphrase, also where the blob was changed."""
    head = 1 + STRENGTH_BYTES + SALT_BYTES
    header, nonce, body = blob[:head], blob[head : head + NONCE_BYTES], blob[head + NONCE_BYTES :]
    if len(body) < KEY_BYTES or header[0] != ARGON2_AES_GCM:
        raise WrongPassphrase
    key = stretch(normalise_passphrase(passphrase), header[-SALT_BYTES:], unpack_strength(header[1:-SALT_BYTES]))
    try:
        return AESGCM(key).decrypt(nonce, body, header)
    except InvalidTag as error:
        raise WrongPassphrase from error


def wrap_for_token(private_key: bytes, token: str, session_id: str) -> bytes:
    """Wrap a private half for one live sign-in; only the cookie's token opens it again, in this session row alone."""
    header = bytes((HKDF_AES_GCM,))
    nonce = os.urandom(NONCE_BYTES)
    return header + nonce + _token_cipher(token, session_id).encrypt(nonce, private_key, header)


def unwrap_for_token(blob: bytes, token: str, session_id: str) -> bytes:
    """Open what `wrap_for_token` made. Raises BrokenSeal for another token or session."""
    try:
        if blob[0] != HKDF_AES_GCM:
            raise BrokenSeal("sign-in")
        nonce, body = blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :]
        return _token_cipher(token, session_id).decrypt(nonce, body, blob[:1])
    except (InvalidTag, ValueError, IndexError) as error:
        raise BrokenSeal("sign-in") from error


def stretch(secret: bytes, salt: bytes, strength: KdfStrength) -> bytes:
    """32 bytes by Argon2id (RFC 9106); at most two run at once in a process, the others wait."""
    with _argon2_slots():
        return hash_secret_raw(
            secret,
            salt,
            time_cost=strength.passes,
            memory_cost=strength.memory_kib,
            parallelism=strength.lanes,
            hash_len=KEY_BYTES,
            type=Type.ID,
        )


def normalise_passphrase(passphrase: str) -> bytes:
    """The words alone: spaces, hyphens and full stops between them do not count, nor does the case of letters."""
    kept = (letter for letter in passphrase.casefold() if letter.isalnum())
    return "".join(kept).encode()


def pack_strength(strength: KdfStrength) -> bytes:
    """A strength as the six bytes that stand before what was made with it."""
    return bytes((strength.passes, strength.lanes)) + strength.memory_kib.to_bytes(4, "big")


def unpack_strength(packed: bytes) -> KdfStrength:
    """Read `pack_strength`. Raises WrongPassphrase for one that nobody can have made, before any memory is taken."""
    strength = KdfStrength(packed[0], int.from_bytes(packed[2:STRENGTH_BYTES], "big"), packed[1])
    if strength.passes < 1 or strength.lanes < 1 or strength.memory_kib > MAX_MEMORY_KIB:
        raise WrongPassphrase
    return strength


@cache
def _argon2_slots() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(ARGON2_AT_ONCE)


def _token_cipher(token: str, session_id: str) -> AESGCM:
    return AESGCM(derive_key(token.encode(), "hotline/sign-in", salt=session_id.encode()))
