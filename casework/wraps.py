"""What lies under the server's own secret, as values that one rotation can walk: which columns, bound to what.

Whoever keeps a new column under the secret describes it in `api/rotation.py`, where all of them stand.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, LargeBinary, func, or_, select, true, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from casework.errors import BrokenSeal
from casework.secrets import ServerSecrets
from casework.store import Base

BATCH = 200

Bind = Callable[[str], bytes]
"""From a row's key to what its ciphertext is bound to."""


def bind_key(key: str) -> bytes:
    """Bound to the row's key itself, as most are."""
    return key.encode()


def bind_nothing(_key: str) -> bytes:
    """Bound to no row."""
    return b""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """Rows of one table under the server's secret: `columns` of a row change together or not at all."""

    name: str
    purpose: str
    model: type[Base]
    key: InstrumentedAttribute[str]
    columns: Mapping[str, Bind]
    where: ColumnElement[bool] | None = None

    @property
    def rows(self) -> ColumnElement[bool]:
        """Which rows of the table are meant."""
        return true() if self.where is None else self.where


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch came to; `last` is the key to go on after, "" where nothing was left."""

    last: str
    done: int
    unreadable: int


def count_under(session: Session, wrapped: Wrapped, versions: Collection[int]) -> int:
    """How many rows have a column under one of these versions."""
    asked = or_(*(version.in_([bytes((one,)) for one in versions]) for version in _list_versions(wrapped)))
    return session.scalar(select(func.count()).select_from(wrapped.model).where(wrapped.rows, asked)) or 0


def rewrap_batch(session: Session, wrapped: Wrapped, secrets: ServerSecrets, *, after: str = "") -> Batch:
    """Put the next rows, in the order of their keys, under the newest version of the secret.

    Harmless when run twice or beside another. A row that no version opens is left as it is and counted.
    """
    newest, names = secrets.current().newest, tuple(wrapped.columns)
    columns = [getattr(wrapped.model, name) for name in names]
    query = select(wrapped.key, *columns).where(wrapped.key > after, _is_old(wrapped, newest))
    rows = session.execute(query.order_by(wrapped.key).limit(BATCH).with_for_update()).all()
    unreadable = 0
    for key, *blobs in rows:
        try:
            fresh = _rewrap(wrapped, key, dict(zip(names, blobs, strict=True)), secrets)
        except BrokenSeal:
            unreadable += 1
            continue
        session.execute(update(wrapped.model).where(wrapped.key == key).values(fresh))
    return Batch(rows[-1][0] if rows else "", len(rows) - unreadable, unreadable)


def _rewrap(wrapped: Wrapped, key: str, blobs: Mapping[str, bytes | None], secrets: ServerSecrets) -> dict[str, bytes]:
    fresh = {}
    for name, bind in wrapped.columns.items():
        blob = blobs[name]
        if blob is not None and not secrets.is_newest(blob):
            plain = secrets.decrypt(wrapped.purpose, blob, bind(key))
            fresh[name] = secrets.encrypt(wrapped.purpose, plain, bind(key))
    return fresh


def _is_old(wrapped: Wrapped, newest: int) -> ColumnElement[bool]:
    return wrapped.rows & or_(*(version != bytes((newest,)) for version in _list_versions(wrapped)))


def _list_versions(wrapped: Wrapped) -> Iterator[ColumnElement[bytes]]:
    """The second byte of a blob is the version that made it; NULL where there is nothing to wrap."""
    for name in wrapped.columns:
        yield func.substr(getattr(wrapped.model, name), 2, 1, type_=LargeBinary)
