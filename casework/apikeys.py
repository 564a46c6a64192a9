"""Bearer keys of the integration API: made once, shown once, kept as a hash, with scopes and the body they speak for.

A key of a receiving body reaches its own referrals and no other; a key of another hotline reaches what it pushed.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import InvalidField, NotFound
from casework.ledger import SYSTEM, Actor, Verb, record
from casework.models.people import ApiKey

PREFIX = "hk_"
TOKEN_BYTES = 32


class Scope(StrEnum):
    """What a key may do."""

    REPORTS_WRITE = "reports:write"
    REPORTS_READ = "reports:read"
    REFERRALS_READ = "referrals:read"
    REFERRALS_WRITE = "referrals:write"


BODY_SCOPES = frozenset({Scope.REFERRALS_READ, Scope.REFERRALS_WRITE})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls with a valid key."""

    key_id: str
    scopes: frozenset[Scope]
    body_code: str | None
    token: str = field(repr=False)
    """The key itself, as he sent it; it lives no longer than the request."""


def create_api_key(
    session: Session,
    *,
    label: str,
    scopes: Iterable[Scope],
    body_code: str | None,
    by: Actor = SYSTEM,
    now: datetime,
) -> str:
    """Make a key and return it: it is shown this once and can't be read again.

    The ledger has its id and scopes. Raises InvalidField(body_code, required) where a scope over referrals has no
    body to speak for.
    """
    granted = sorted(set(scopes))
    if body_code is None and BODY_SCOPES & set(granted):
        raise InvalidField("body_code", "required")
    key = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    row = ApiKey(
        label=label,
        key_sha256=_digest(key),
        scopes=[scope.value for scope in granted],
        body_code=body_code,
        created_at=now,
    )
    session.add(row)
    session.flush()
    _record(session, row, Verb.KEY_ADDED, by=by, now=now, scopes=row.scopes)
    return key


def list_api_keys(session: Session) -> list[ApiKey]:
    """Every key that was ever made, oldest first."""
    return list(session.scalars(select(ApiKey).order_by(ApiKey.created_at, ApiKey.id)))


def revoke_api_key(session: Session, key_id: str, *, by: Actor = SYSTEM, now: datetime) -> None:
    """End a key for good; ending it twice changes nothing. Raises NotFound."""
    row = session.get(ApiKey, key_id)
    if row is None:
        raise NotFound("api_key", key_id)
    if row.revoked_at is None:
        row.revoked_at = now
        _record(session, row, Verb.KEY_REVOKED, by=by, now=now)


def find_caller(session: Session, key: str) -> Caller | None:
    """Who the key belongs to; None for an unknown or revoked one."""
    row = session.scalar(select(ApiKey).where(ApiKey.key_sha256 == _digest(key), ApiKey.revoked_at.is_(None)))
    if row is None:
        return None
    return Caller(row.id, frozenset(Scope(scope) for scope in row.scopes), row.body_code, key)


def _record(session: Session, row: ApiKey, verb: Verb, *, by: Actor, now: datetime, **details: list[str]) -> None:
    record(session, actor=by, verb=verb, subject="api_key", subject_id=row.id, details=details, now=now)
    session.flush()


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
