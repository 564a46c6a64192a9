"""The file that holds the server's secret: read anew when it changes, changed so that no crash leaves half of it.

Every process asks it at each use, so a new version is known everywhere the moment it stands in the file.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from casework.errors import WrongSecretFile
from casework.keyshelf import sync_folder
from casework.secrets import ServerSecrets, generate_secret_file, load_secrets

SETTLED = timedelta(minutes=10)
"""So long after a change somebody may still be writing under the version before it."""
OWNER_ONLY = 0o600


class SecretFile:
    """The secret as its file says it now; a file that is away or broken for a moment leaves what was known."""

    def __init__(self, path: Path) -> None:
        """Raises OSError, WrongSecretFile: a house doesn't start without its secret."""
        self._path = path
        self._held = (self._sign(), load_secrets(path.read_bytes()))

    def open(self) -> ServerSecrets:
        """Secrets that follow the file."""
        return replace(self.read(), latest=self.read)

    def read(self) -> ServerSecrets:
        """What the file says; one look at its time and place where nothing has changed."""
        signature, secrets = self._held
        try:
            found = self._sign()
            if found == signature:
                return secrets
            secrets = load_secrets(self._path.read_bytes())
        except (OSError, WrongSecretFile):
            return secrets
        self._held = (found, secrets)
        return secrets

    def _sign(self) -> tuple[int, int, int]:
        found = self._path.stat()
        return found.st_mtime_ns, found.st_ino, found.st_size


def add_version(path: Path) -> int:
    """Put a new version before the others; its number. Raises OSError, WrongSecretFile (0: the numbers are used up)."""
    with _holding(path):
        content = generate_secret_file(path.read_bytes())
        _replace(path, content)
    return load_secrets(content).newest


def drop_old_versions(path: Path) -> tuple[int, ...]:
    """Leave only the newest version in the file; the numbers that went. Raises OSError, WrongSecretFile."""
    with _holding(path):
        secrets = load_secrets(path.read_bytes())
        newest = secrets.newest
        _replace(path, f"{newest} {secrets.versions[newest].hex()}\n".encode("ascii"))
    return tuple(version for version in secrets.versions if version != newest)


def has_settled(path: Path, *, now: datetime) -> bool:
    """Whether nobody can still be writing under a version from before the file's last change."""
    return now - datetime.fromtimestamp(path.stat().st_mtime, UTC) >= SETTLED


@contextmanager
def _holding(path: Path) -> Iterator[None]:
    """One changer at a time: two new versions of one number would lose what was written under the first."""
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, content: bytes) -> None:
    """Write beside and put in place, owner and rights as they were: either file is whole at every moment."""
    before, draft = path.stat(), path.with_name(f"{path.name}.part")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        os.fchmod(descriptor, before.st_mode & 0o7777)
        if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(descriptor, before.st_uid, before.st_gid)
        file.flush()
        os.fsync(descriptor)
    draft.replace(path)
    sync_folder(path.parent)
