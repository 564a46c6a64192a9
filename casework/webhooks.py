"""Where a body takes its letters by wire, and the secret that signs them: kept under the server's own, never in plain.

Whoever steals the database alone can't sign a letter in our name.
"""

import secrets as random
from datetime import datetime

from sqlalchemy.orm import Session

from casework.errors import BrokenSeal
from casework.ledger import Actor, Verb, record
from casework.models.people import Body
from casework.secrets import ServerSecrets
from casework.transports import check_webhook_url

PURPOSE = "body_webhook"
SECRET_BYTES = 32


def set_webhook(
    session: Session, body: Body, url: str, *, secrets: ServerSecrets, by: Actor, now: datetime, secret: bytes = b""
) -> str:
    """Keep a body's address and a new secret, which is returned in hexadecimal and shown this once.

    Raises Refused (`webhook_not_https`) for an address that is neither HTTPS nor this machine.
    """
    check_webhook_url(url)
    made = secret or random.token_bytes(SECRET_BYTES)
    body.webhook_url = url
    body.webhook_secret = secrets.encrypt(PURPOSE, made, body.code.encode())
    details = {"field": "webhook"}
    record(session, actor=by, verb=Verb.BODY_CHANGED, subject="body", subject_id=body.code, details=details, now=now)
    session.flush()
    return made.hex()


def read_webhook_secret(body: Body, secrets: ServerSecrets) -> bytes:
    """The secret that signs letters to this body. Raises BrokenSeal where it has none or it was changed."""
    if body.webhook_secret is None:
        raise BrokenSeal(PURPOSE)
    return secrets.decrypt(PURPOSE, body.webhook_secret, body.code.encode())
