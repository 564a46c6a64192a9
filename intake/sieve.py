"""A sieve before the dear check of a code: ten bits of a keyed hash throw out wrong codes without any Argon2.

Its key lies in memory alone (a file of the machine's memory disk), so that whoever steals disk, database, backups and
the server's secret finds only random bits here, and guessing a code costs him as much as before.
"""

import hashlib
import hmac
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from intake.codes import Code

KEY_BYTES = 32
ID_BYTES = 6
BITS = 10
"""One wrong code in a thousand passes. More would help who reads the memory, and nobody needs more."""


class Verdict(StrEnum):
    """What the sieve says of a code and a row: it may fit, it does not, or its mark was made under another key."""

    FITS = "fits"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sieve:
    """The sieve of one machine since it was started."""

    key: bytes = field(default_factory=lambda: os.urandom(KEY_BYTES), repr=False)

    def mark(self, code: Code, receipt_id: str) -> bytes:
        """What a receipt's row keeps: which key made it, and ten bits of the code."""
        said = f"{receipt_id}/{code.locator}/".encode() + code.secret
        digest = hmac.new(self.key, said, hashlib.sha256).digest()
        return self._ident() + (int.from_bytes(digest[:2], "big") & ((1 << BITS) - 1)).to_bytes(2, "big")

    def judge(self, mark: bytes | None, code: Code, receipt_id: str) -> Verdict:
        """Whether a code may be the one that the row was marked with."""
        if mark is None or mark[:ID_BYTES] != self._ident():
            return Verdict.UNKNOWN
        return Verdict.FITS if hmac.compare_digest(mark, self.mark(code, receipt_id)) else Verdict.WRONG

    def knows(self, mark: bytes | None) -> bool:
        """Whether the mark was made under this key."""
        return mark is not None and mark[:ID_BYTES] == self._ident()

    def _ident(self) -> bytes:
        return hashlib.sha256(b"hotline/sieve\0" + self.key).digest()[:ID_BYTES]


def open_sieve(folder: Path, name: str, *, draw: Callable[[int], bytes] = os.urandom) -> Sieve:
    """The machine's sieve, the same for all its processes until it is started anew; made if there is none.

    `folder` is on a memory disk. Where it is missing, or the file is not ours alone, the key stays in this process.
    """
    path = folder / f"hotline-{hashlib.sha256(name.encode()).hexdigest()[:16]}.sieve"
    try:
        _put_once(path, draw(KEY_BYTES))
        return Sieve(_read_own(path))
    except OSError:
        return Sieve(draw(KEY_BYTES))


def _put_once(path: Path, key: bytes) -> None:
    """Write the key under its name whole, unless another process was first."""
    draft = path.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        os.write(descriptor, key)
        os.link(draft, path, follow_symlinks=False)
    except FileExistsError:
        return
    finally:
        os.close(descriptor)
        draft.unlink()


def _read_own(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        found = os.fstat(descriptor)
        if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IRWXG | stat.S_IRWXO) or found.st_size != KEY_BYTES:
            raise PermissionError(path.name)
        return os.read(descriptor, KEY_BYTES)
    finally:
        os.close(descriptor)
