"""What waits a while before it may be seen: the open part of a report whose other part was sealed.

Two cases that come in the same second and the same transaction are a pair to whoever reads the tables; so the open one
comes later, by itself, at a time that nothing foretells. Its row holds no name, and nothing of the sealed part.
"""

import json
import secrets as random_source
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import BrokenSeal
from casework.models.columns import new_id
from casework.secrets import ServerSecrets
from intake.models import HeldPart

PURPOSE = "held_part"
LEAST_WAIT, MOST_WAIT = timedelta(minutes=20), timedelta(hours=2)
BLOCK = 2048
AT_ONCE = 50


def hold(
    session: Session,
    content: Mapping[str, Any],
    *,
    ident: str | None = None,
    lasts: timedelta | None = None,
    secrets: ServerSecrets,
    now: datetime,
) -> str:
    """Keep something until a random moment between twenty minutes and two hours from now (or as long as it `lasts`);
    returns its id.
    """
    row_id = ident or new_id()
    span = int((MOST_WAIT - LEAST_WAIT).total_seconds())
    due_at = now + (lasts or LEAST_WAIT + timedelta(seconds=random_source.randbelow(span)))
    session.add(HeldPart(id=row_id, due_at=due_at, content=_lock(row_id, content, secrets)))
    session.flush()
    return row_id


def read_held(session: Session, ident: str, *, secrets: ServerSecrets) -> dict[str, Any] | None:
    """What is held under that id; None where nothing is, or no more."""
    row = session.get(HeldPart, ident, with_for_update=True)
    return _unlock(row, secrets) if row is not None else None


def change_held(session: Session, ident: str, *, secrets: ServerSecrets, **changes: Any) -> bool:
    """Change what is held; False where nothing is, or no more."""
    row = session.get(HeldPart, ident, with_for_update=True)
    if row is None:
        return False
    row.content = _lock(ident, {**_unlock(row, secrets), **changes}, secrets)
    session.flush()
    return True


def drop_held(session: Session, ident: str) -> bool:
    """Forget it; False where nothing is, or no more."""
    row = session.get(HeldPart, ident, with_for_update=True)
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def take_due(session: Session, *, secrets: ServerSecrets, now: datetime) -> list[tuple[str, dict[str, Any]]]:
    """What is due by now, taken out: each with its id, the longest due first.

    What no secret opens any more is dropped: the sealed part has the whole report.
    """
    query = select(HeldPart).where(HeldPart.due_at <= now).order_by(HeldPart.due_at).limit(AT_ONCE).with_for_update()
    due = []
    for row in session.scalars(query).all():
        with suppress(BrokenSeal):
            due.append((row.id, _unlock(row, secrets)))
        session.delete(row)
    session.flush()
    return due


def _lock(row_id: str, content: Mapping[str, Any], secrets: ServerSecrets) -> bytes:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return secrets.encrypt(PURPOSE, body + b" " * (-len(body) % BLOCK), row_id.encode())


def _unlock(row: HeldPart, secrets: ServerSecrets) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(secrets.decrypt(PURPOSE, row.content, row.id.encode()))
    return content
