"""Keyed hashes that are stored for years: their keys are random, lie in the database under the server's secret.

So a rotation wraps a few keys again instead of hashes whose words are gone, and a stolen old secret opens no new copy.
"""

import hashlib
import hmac
import secrets as random
from contextlib import suppress
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from casework.errors import BrokenSeal
from casework.models.columns import new_id
from casework.models.server_keys import ServerKey
from casework.secrets import KEY_BYTES, ServerSecrets

PURPOSE = "server_key"


class KeyUse(StrEnum):
    """What a key hashes."""

    DUPLICATES = "duplicates"
    LINKS = "links"
    REFERENCES = "references"
    SERIALS = "serials"
    WORDS = "words"


LASTING = frozenset({KeyUse.DUPLICATES})
"""Keeps one key for good: what it hashes stands open in the same database, and a look-up must stay one look-up."""


def need_key(session: Session, use: KeyUse, secrets: ServerSecrets) -> bytes:
    """The key to write with: made at the first use, and after a rotation anew, unless its use keeps one for good."""
    newest = _find_newest(session, use)
    if newest is None or (newest.version < secrets.current().newest and use not in LASTING):
        newest = _make(session, use, secrets)
    return _open(newest, secrets)


def list_keys(session: Session, use: KeyUse, secrets: ServerSecrets) -> tuple[bytes, ...]:
    """Every key of a use that opens, newest first, to look up what was stored; none where nothing ever was."""
    rows = session.scalars(select(ServerKey).where(ServerKey.use == use).order_by(ServerKey.version.desc()))
    found = []
    for row in rows:
        with suppress(BrokenSeal):  # a copy beside another secret finds nothing, as if the hash were strange
            found.append(_open(row, secrets))
    return tuple(found)


def hash_under(key: bytes, data: bytes) -> bytes:
    """The keyed hash: 32 bytes."""
    return hmac.new(key, data, hashlib.sha256).digest()


def _find_newest(session: Session, use: KeyUse) -> ServerKey | None:
    return session.scalar(select(ServerKey).where(ServerKey.use == use).order_by(ServerKey.version.desc()).limit(1))


def _make(session: Session, use: KeyUse, secrets: ServerSecrets) -> ServerKey:
    """Two processes that make it at once make one: the second waits for the first's row and takes it."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    version, row_id = secrets.current().newest, new_id()
    sealed = secrets.encrypt(PURPOSE, random.token_bytes(KEY_BYTES), row_id.encode())
    values = {"id": row_id, "use": use, "version": version, "ciphertext": sealed}
    session.execute(insert(ServerKey).values(values).on_conflict_do_nothing())
    return session.scalars(select(ServerKey).where(ServerKey.use == use, ServerKey.version == version)).one()


def _open(row: ServerKey, secrets: ServerSecrets) -> bytes:
    return secrets.decrypt(PURPOSE, row.ciphertext, row.id.encode())
