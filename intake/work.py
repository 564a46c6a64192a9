"""Proof of work for a look-up: it moves a browser forward in the line and shuts nobody out who has no script.

The work is done over the very code that is looked up, so each guess needs its own; nothing is remembered here.
"""

import hashlib
from datetime import UTC, datetime, timedelta

from casework.secrets import ServerSecrets
from intake.codes import read_digits

PURPOSE = "receipt_work"
LIFE = timedelta(minutes=30)
BITS = 18
"""A quarter of a million hashes: a few seconds of a telephone, a hundred cores for ten thousand guesses a minute."""


def issue_challenge(secrets: ServerSecrets, *, now: datetime) -> str:
    """What the page hands to its script: the moment, and our mark on it."""
    moment = f"{int(now.timestamp()):x}"
    return f"{moment}-{secrets.mac(PURPOSE, moment.encode()).hex()[:32]}"


def is_work_done(
    secrets: ServerSecrets, challenge: str, nonce: str, code: str, *, now: datetime, bits: int = BITS
) -> bool:
    """Whether SHA-256 of `challenge:digits:nonce` begins with enough zero bits.

    The challenge must be ours and not older than half an hour; `digits` are those of the code.
    """
    moment, _, mark = challenge.partition("-")
    if not any(mac.hex()[:32] == mark for mac in secrets.macs(PURPOSE, moment.encode())):
        return False
    issued = datetime.fromtimestamp(int(moment, 16), UTC)
    if not timedelta(0) <= now.replace(microsecond=0) - issued <= LIFE:
        return False
    return count_zero_bits(f"{challenge}:{read_digits(code)}:{nonce}") >= bits


def count_zero_bits(text: str) -> int:
    """How many zero bits the SHA-256 of a text begins with."""
    digest = hashlib.sha256(text.encode()).digest()
    return len(digest) * 8 - int.from_bytes(digest, "big").bit_length()
