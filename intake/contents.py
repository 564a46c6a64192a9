"""Contents of files: typed, drawn anew, and encrypted under keys of their own, before they belong anywhere.

Whoever holds the few bytes of `AttachmentKeys` opens the file: a talk, the identity ring, a case; the content itself
never moves and is never encrypted twice.
"""

import hashlib
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casework.errors import BrokenSeal
from casework.models.columns import new_id
from casework.secrets import KEY_BYTES, NONCE_BYTES
from casework.types import AttachmentKind
from intake.filetypes import recognise
from intake.pictures import READABLE, clean_picture

PURPOSE = "attachment"
SALT_BYTES = 16
LENGTH_BYTES = 8
BLOCK = 32 * 1024
"""Contents are filled up to multiples of this, so that their length proves nothing against a known file."""
CIPHER = b"\x01"
ORIGINAL, COPY, THUMBNAIL = "original", "copy", "thumbnail"


@dataclass(frozen=True, slots=True)
class AttachmentKeys:
    """What opens a prepared file, and what it is; plain words, so that a talk can hold them under its own key."""

    id: str
    kind: AttachmentKind
    media_type: str
    size: int
    sha256: str
    salt: str = field(repr=False)
    commitment: str
    original_key: str = field(repr=False)
    copy_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that is typed, cleaned and encrypted, and belongs nowhere yet."""

    keys: AttachmentKeys
    original: bytes = field(repr=False)
    copy: bytes | None = field(default=None, repr=False)
    thumbnail: bytes | None = field(default=None, repr=False)


def prepare_attachment(data: bytes, *, private: bool = False, ident: str | None = None) -> Prepared:
    """Type a file by its content, draw a picture anew, encrypt everything under keys nobody has yet.

    It may take a second: call it outside the unit of work. `private` makes no copy: a scanned letter shows a name.
    `ident` is the id it will have, where the caller must know it again.
    Raises InvalidField("file") with the problem `empty_file`, `too_large_file`, `wrong_kind_file` or `broken_file`.
    """
    found = recognise(data)
    shows = found.kind is AttachmentKind.PICTURE and found.media_type in READABLE
    clean = clean_picture(data) if shows else None
    ident, original_key, copy_key = ident or new_id(), os.urandom(KEY_BYTES), os.urandom(KEY_BYTES)
    salt = os.urandom(SALT_BYTES)
    keys = AttachmentKeys(
        id=ident,
        kind=found.kind,
        media_type=found.media_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        salt=salt.hex(),
        commitment=hashlib.sha256(salt + data).hexdigest(),
        original_key=original_key.hex(),
        copy_key=copy_key.hex() if clean is not None and not private else "",
    )
    sealed = encrypt_content(original_key, ident, ORIGINAL, data)
    if clean is None or private:
        return Prepared(keys, sealed)
    copy = encrypt_content(copy_key, ident, COPY, clean.copy)
    return Prepared(keys, sealed, copy, encrypt_content(copy_key, ident, THUMBNAIL, clean.thumbnail))


def encrypt_content(key: bytes, row_id: str, part: str, data: bytes) -> bytes:
    """Encrypt a content under a key of its own, bound to its row and part, filled up to whole blocks."""
    nonce = os.urandom(NONCE_BYTES)
    body = len(data).to_bytes(LENGTH_BYTES, "big") + data
    padded = body + bytes(-len(body) % BLOCK)
    return CIPHER + nonce + AESGCM(key).encrypt(nonce, padded, f"{row_id}/{part}".encode())


def decrypt_content(key: bytes, row_id: str, part: str, blob: bytes) -> bytes:
    """Read what `encrypt_content` wrote. Raises BrokenSeal."""
    nonce, body = blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :]
    if blob[:1] != CIPHER:
        raise BrokenSeal(PURPOSE)
    try:
        padded = AESGCM(key).decrypt(nonce, body, f"{row_id}/{part}".encode())
    except (InvalidTag, ValueError) as error:
        raise BrokenSeal(PURPOSE) from error
    return padded[LENGTH_BYTES : LENGTH_BYTES + int.from_bytes(padded[:LENGTH_BYTES], "big")]
