"""One-time links for the receiving body: what is in the letter, and what of it we keep.

The token is worked out from the referral under the server's secret, so that every try of a delivery carries the same
link and yet only its SHA-256 rests in the database.
"""

import base64
import hashlib
import hmac
from datetime import timedelta

from casework.secrets import ServerSecrets

PURPOSE = "acknowledge"
LINK_LIFE = timedelta(days=30)


def make_token(secrets: ServerSecrets, referral_id: str) -> str:
    """The token under the newest secret: 43 letters that say nothing."""
    return _encode(secrets.mac(PURPOSE, referral_id.encode()))


def find_token(secrets: ServerSecrets, referral_id: str, stored_hash: bytes) -> str | None:
    """The token whose hash was stored, also after the secret was replaced; None where its version is gone."""
    for mac in secrets.macs(PURPOSE, referral_id.encode()):
        token = _encode(mac)
        if hmac.compare_digest(hash_token(token), stored_hash):
            return token
    return None


def hash_token(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


def _encode(mac: bytes) -> str:
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
