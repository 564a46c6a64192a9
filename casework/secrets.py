"""The server's own secret: what it may open by itself, told apart from what only people can open.

The file holds one line a version, newest first, so that the secret can be replaced while old rows are still read.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casework.errors import BrokenSeal, WrongSecretFile

KEY_BYTES = 32
NONCE_BYTES = 12
AES_GCM = 1
"""The first byte of a blob: which cipher made it. Another number may one day mean SM4."""
HEADER_BYTES = 2
MAX_VERSION = 255


@dataclass(frozen=True, slots=True)
class ServerSecrets:
    """The versions of the secret by number; `newest` is used for whatever is written now.

    Each purpose has keys of its own, derived by HKDF, so that a blob of one purpose never opens as another. Secrets out
    of a file know by `latest` what stands in it now: a rotation reaches every process without a restart.
    """

    versions: Mapping[int, bytes] = field(repr=False)
    newest: int
    latest: "Callable[[], ServerSecrets] | None" = field(default=None, repr=False, compare=False)

    def current(self) -> "ServerSecrets":
        """The versions as they are at this moment."""
        return self if self.latest is None else self.latest()

    def encrypt(self, purpose: str, plaintext: bytes, aad: bytes) -> bytes:
        """Encrypt for a purpose, bound to `aad`, the id of the row it stands in."""
        held = self.current()
        header = bytes((AES_GCM, held.newest))
        nonce = os.urandom(NONCE_BYTES)
        return header + nonce + held._cipher(held.newest, purpose).encrypt(nonce, plaintext, header + aad)

    def decrypt(self, purpose: str, blob: bytes, aad: bytes) -> bytes:
        """Read what `encrypt` wrote for the same purpose and row.

        Raises BrokenSeal if it was changed, belongs to another row, or its version is no longer in the file.
        """
        header, nonce, body = blob[:HEADER_BYTES], blob[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES], blob[14:]
        held = self.current()
        if len(header) < HEADER_BYTES or header[0] != AES_GCM or header[1] not in held.versions:
            raise BrokenSeal(purpose)
        try:
            return held._cipher(header[1], purpose).decrypt(nonce, body, header + aad)
        except (InvalidTag, ValueError) as error:
            raise BrokenSeal(purpose) from error

    def is_newest(self, blob: bytes) -> bool:
        """Whether the blob was made under the newest version; if not, `encrypt` it again while rotating."""
        return len(blob) > HEADER_BYTES and blob[1] == self.current().newest

    def mac(self, purpose: str, data: bytes) -> bytes:
        """A keyed hash of `data` under the newest version, for what lives for minutes.

        What is stored for longer has a key of its own (`casework.server_keys`): this one ends with its version.
        """
        held = self.current()
        return held._mac(held.newest, purpose, data)

    def macs(self, purpose: str, data: bytes) -> tuple[bytes, ...]:
        """The keyed hashes under every version, newest first, to know again what was handed out before a rotation."""
        held = self.current()
        return tuple(held._mac(version, purpose, data) for version in sorted(held.versions, reverse=True))

    def _cipher(self, version: int, purpose: str) -> AESGCM:
        return AESGCM(derive_key(self.versions[version], f"hotline/encrypt/{purpose}"))

    def _mac(self, version: int, purpose: str, data: bytes) -> bytes:
        key = derive_key(self.versions[version], f"hotline/mac/{purpose}")
        return hmac.new(key, data, hashlib.sha256).digest()


def load_secrets(content: bytes) -> ServerSecrets:
    """Read the secret file: lines of `version hex`, newest first; empty lines and lines that begin with # are skipped.

    Raises WrongSecretFile with the line's number: no version, twice the same, or fewer than 32 bytes.
    """
    versions: dict[int, bytes] = {}
    for number, line in enumerate(content.decode("ascii", "replace").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        version, key = _read_line(line, number)
        if version in versions or (versions and version > min(versions)):
            raise WrongSecretFile(number)
        versions[version] = key
    if not versions:
        raise WrongSecretFile(0)
    return ServerSecrets(versions, max(versions))


def _read_line(line: str, number: int) -> tuple[int, bytes]:
    try:
        version, key = line.split()
        parsed = int(version), bytes.fromhex(key)
    except ValueError as error:
        raise WrongSecretFile(number) from error
    if not 1 <= parsed[0] <= MAX_VERSION or len(parsed[1]) != KEY_BYTES:
        raise WrongSecretFile(number)
    return parsed


def generate_secret_file(previous: bytes = b"") -> bytes:
    """The content of a new secret file, or of `previous` with a newer version put before it (rotation)."""
    version = load_secrets(previous).newest + 1 if previous else 1
    if version > MAX_VERSION:
        raise WrongSecretFile(0)
    return f"{version} {secrets.token_hex(KEY_BYTES)}\n".encode("ascii") + previous


def derive_key(secret: bytes, info: str, *, salt: bytes | None = None) -> bytes:
    """32 bytes by HKDF-SHA256 out of a secret that is already random (never out of a passphrase)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info.encode()).derive(secret)
