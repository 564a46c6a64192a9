"""Answering a repeated request with the answer it had the first time (Idempotency-Key), and nothing twice.

The row is claimed before the work, in the same transaction, so that two equal requests at once do the work once; the
answer may hold a receipt code, so it rests under the sender's own bearer key inside the server's: a stolen disk has
only the hash of that.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import CursorResult, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casework.errors import BrokenSeal, InvalidField
from casework.models.columns import new_id
from casework.secrets import NONCE_BYTES, ServerSecrets, derive_key
from casework.store import Store
from intake.models import IdempotencyKey

PURPOSE = "idempotency"
LIFE = timedelta(days=3)
MOST_KEY = 128


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A status and a JSON body; `replayed` where they were given before."""

    status: int
    body: dict[str, Any]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Once:
    """One request as far as repeating goes: whose, under which key, what it says.

    `asker_id` is an API key's id with its bearer key as `token`, or an officer's sign-in with the token of its cookie.
    """

    asker_id: str
    key: str
    request: bytes = field(repr=False)
    token: str = field(repr=False)

    @property
    def key_hash(self) -> bytes:
        """What the table knows the key by."""
        return hashlib.sha256(self.key.encode()).digest()

    @property
    def request_hash(self) -> bytes:
        """What tells another request under the same key; keyed, so that nobody can try out texts on it."""
        return hmac.new(self.token.encode(), self.request, hashlib.sha256).digest()


def answer_once(
    store: Store,
    once: Once,
    act: Callable[[Session], KeptAnswer],
    *,
    secrets: ServerSecrets,
    now: datetime,
) -> KeptAnswer:
    """Do the work and keep its answer, or give the kept one. Opens its own unit of work, the only one of the request.

    Raises InvalidField (`idempotency_key`: required, too_long, or reused where the same key came with another
    request); whatever `act` raises rolls the claim back, so that the key may be used again.
    """
    if not once.key or len(once.key) > MOST_KEY:
        raise InvalidField("idempotency_key", "too_long" if once.key else "required")
    try:
        with store.write() as session:
            kept = _find(session, once, secrets)
            if kept is not None:
                return kept
            row = _claim(session, once, now)
            answer = act(session)
            row.status_code = answer.status
            row.answer = _lock(once, _pack(answer.body), row.id, secrets)
            return answer
    except IntegrityError:
        with store.read() as session:
            kept = _find(session, once, secrets)
        if kept is None:
            raise
        return kept


def purge_idempotency_keys(session: Session, *, now: datetime) -> int:
    """Forget answers older than three days; how many went."""
    gone = session.execute(delete(IdempotencyKey).where(IdempotencyKey.made_at < now - LIFE))
    return gone.rowcount if isinstance(gone, CursorResult) else 0


def _find(session: Session, once: Once, secrets: ServerSecrets) -> KeptAnswer | None:
    row = session.scalar(
        select(IdempotencyKey).where(
            IdempotencyKey.asker_id == once.asker_id, IdempotencyKey.key_sha256 == once.key_hash
        )
    )
    if row is None:
        return None
    if not hmac.compare_digest(row.request_sha256, once.request_hash):
        raise InvalidField("idempotency_key", "reused")
    body = json.loads(_unlock(once, row.answer, row.id, secrets))
    return KeptAnswer(row.status_code, body, replayed=True)


def _lock(once: Once, plain: bytes, row_id: str, secrets: ServerSecrets) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    own = nonce + _own_cipher(once).encrypt(nonce, plain, row_id.encode())
    return secrets.encrypt(PURPOSE, own, row_id.encode())


def _unlock(once: Once, stored: bytes, row_id: str, secrets: ServerSecrets) -> bytes:
    own = secrets.decrypt(PURPOSE, stored, row_id.encode())
    try:
        return _own_cipher(once).decrypt(own[:NONCE_BYTES], own[NONCE_BYTES:], row_id.encode())
    except InvalidTag as error:
        raise BrokenSeal(PURPOSE) from error


def _own_cipher(once: Once) -> AESGCM:
    return AESGCM(derive_key(once.token.encode(), "hotline/idempotency/answer"))


def _claim(session: Session, once: Once, now: datetime) -> IdempotencyKey:
    row = IdempotencyKey(
        id=new_id(),
        asker_id=once.asker_id,
        key_sha256=once.key_hash,
        request_sha256=once.request_hash,
        status_code=0,
        answer=b"",
        made_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _pack(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
