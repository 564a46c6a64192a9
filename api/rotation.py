"""Everything that lies under the server's own secret, and one walk that puts all of it under the newest version.

The list is whole: `tests/secrecy/test_rotation.py` holds it against every use of the secret in the code.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.models import VendorToken
from bot.tokens import PURPOSE as VENDOR_TOKEN
from casework.models.attachments import Attachment
from casework.models.people import Body, Officer
from casework.models.server_keys import ServerKey
from casework.secrets import ServerSecrets
from casework.server_keys import PURPOSE as SERVER_KEY
from casework.store import Store
from casework.webhooks import PURPOSE as BODY_WEBHOOK
from casework.wraps import Wrapped, bind_key, bind_nothing, count_under, rewrap_batch
from intake.addresses import PURPOSE as REPLY_ADDRESS
from intake.contents import PURPOSE as ATTACHMENT_COPY
from intake.held import PURPOSE as HELD_PART
from intake.idempotency import PURPOSE as API_ANSWER
from intake.models import HeldPart, IdempotencyKey, Receipt, ReplyAddress
from intake.receipts import PURPOSE as RECEIPT

SECOND_FACTOR = "totp"


def bind_part(part: str) -> Callable[[str], bytes]:
    """Bound to the row and to which of its columns it is."""
    return lambda key: f"{key}/{part}".encode()


RECEIPT_PARTS = {"verifier": bind_part("verifier"), "wrapped_private_key": bind_part("key")}
WRAPPED: tuple[Wrapped, ...] = (
    Wrapped("receipts", RECEIPT, Receipt, Receipt.id, RECEIPT_PARTS),
    Wrapped("reply_addresses", REPLY_ADDRESS, ReplyAddress, ReplyAddress.id, {"ciphertext": bind_key}),
    Wrapped("attachments", ATTACHMENT_COPY, Attachment, Attachment.id, {"copy_wrap": bind_key}, ~Attachment.sealed),
    Wrapped("officers", SECOND_FACTOR, Officer, Officer.id, {"totp_secret": bind_nothing}),
    Wrapped("bodies", BODY_WEBHOOK, Body, Body.code, {"webhook_secret": bind_key}),
    Wrapped("server_keys", SERVER_KEY, ServerKey, ServerKey.id, {"ciphertext": bind_key}),
    Wrapped("vendor_tokens", VENDOR_TOKEN, VendorToken, VendorToken.account, {"ciphertext": bind_key}),
    Wrapped("held_parts", HELD_PART, HeldPart, HeldPart.id, {"content": bind_key}),
    Wrapped("api_answers", API_ANSWER, IdempotencyKey, IdempotencyKey.id, {"answer": bind_key}),
)
"""A receipt's Argon2id verifier lies inside such a wrap, so it moves without the code that only its owner has."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What one walk came to, by name: rows put under the newest version, rows that no version opens."""

    done: Mapping[str, int]
    unreadable: Mapping[str, int]

    @property
    def moved(self) -> int:
        """How many rows were put under the newest version."""
        return sum(self.done.values())


def count_left(store: Store, secrets: ServerSecrets) -> dict[str, int]:
    """How many rows of which kind lie under an older version that is still in the file; kinds without any left out."""
    held = secrets.current()
    old = [version for version in held.versions if version != held.newest]
    with store.read() as session:
        counts = {wrapped.name: count_under(session, wrapped, old) for wrapped in WRAPPED} if old else {}
    return {name: count for name, count in counts.items() if count}


def rewrap_all(store: Store, secrets: ServerSecrets, *, tell: Callable[[int], object] = lambda _rows: None) -> Walk:
    """Put every row under the newest version, in small units of work; each may be the last, the next run goes on."""
    done, unreadable = {}, {}
    for wrapped in WRAPPED:
        done[wrapped.name], unreadable[wrapped.name] = _rewrap(store, wrapped, secrets, tell)
    return Walk({k: v for k, v in done.items() if v}, {k: v for k, v in unreadable.items() if v})


def _rewrap(store: Store, wrapped: Wrapped, secrets: ServerSecrets, tell: Callable[[int], object]) -> tuple[int, int]:
    done, unreadable, after = 0, 0, ""
    while True:
        with store.write() as session:
            batch = rewrap_batch(session, wrapped, secrets, after=after)
        done, unreadable, after = done + batch.done, unreadable + batch.unreadable, batch.last
        tell(batch.done)
        if not batch.last:
            return done, unreadable
