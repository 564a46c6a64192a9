"""One-time links for the receiving body: what is in the letter, and what of it we keep.

The token is worked out from the referral under a key of the server, so that every try of a delivery carries the same
link and yet only its SHA-256 rests in the database.
"""

import base64
import hashlib
import hmac
from datetime import timedelta

from sqlalchemy.orm import Session

from casework.secrets import ServerSecrets
from casework.server_keys import KeyUse, hash_under, list_keys, need_key

LINK_LIFE = timedelta(days=30)


def make_token(session: Session, secrets: ServerSecrets, referral_id: str) -> str:
    """The token under the newest key: 43 letters that say nothing."""
    return _encode(hash_under(need_key(session, KeyUse.LINKS, secrets), referral_id.encode()))


def find_token(session: Session, secrets: ServerSecrets, referral_id: str, stored_hash: bytes) -> str | None:
    """The token whose hash was stored, also after the secret was replaced; None where its key is gone."""
    for key in list_keys(session, KeyUse.LINKS, secrets):
        token = _encode(hash_under(key, referral_id.encode()))
        if hmac.compare_digest(hash_token(token), stored_hash):
            return token
    return None


def hash_token(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


def _encode(mac: bytes) -> str:
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
