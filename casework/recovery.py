"""The recovery key: its public half here, its private half on one sheet of paper in a safe.

Whatever is wrapped for people is wrapped for it too, so that an office whose officers are gone still reads its cases.
"""

import base64
import hashlib
import unicodedata
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import VaultNotSetUp, WrongPassphrase
from casework.ledger import SYSTEM, Actor
from casework.models.columns import new_id
from casework.models.secrecy import RecoveryKey
from casework.pins import find_recovery_pin, pin_recovery, right_key
from casework.vault import generate_key_pair

GROUP = 4
CHECK_BYTES = 3
LOOK_ALIKE = str.maketrans("018", "OIB")


def create_recovery_key(
    session: Session, *, before: tuple[str, bytes] | None = None, by: Actor = SYSTEM, now: datetime
) -> tuple[RecoveryKey, str]:
    """Store the public half of a new recovery key and return its private half as it is to be printed.

    `before` is the id and the private half of the one that it replaces, which signs for it in the ledger.
    """
    pair = generate_key_pair()
    row = RecoveryKey(id=new_id(), public_key=pair.public, created_at=now)
    session.add(row)
    session.flush()
    pin_recovery(session, row, pair.private, before=before, by=by, now=now)
    return row, to_printable(pair.private)


def current_recovery_key(session: Session) -> RecoveryKey:
    """The recovery key in force, as the ledger has it. Raises VaultNotSetUp if there is none."""
    pin = find_recovery_pin(session)
    row = session.get(RecoveryKey, pin.key_id) if pin is not None else None
    if row is None or pin is None:
        raise VaultNotSetUp("recovery_key")
    right_key(row, pin)
    return row


def take_turns(session: Session) -> None:
    """Who changes who is in the vault does so one after the other, so that two never put out the last two at once."""
    session.execute(select(RecoveryKey.id).where(RecoveryKey.retired_at.is_(None)).with_for_update())


def to_printable(private_key: bytes) -> str:
    """A private key as it is printed: groups of four letters and digits, the last ones a check."""
    text = base64.b32encode(private_key + hashlib.sha256(private_key).digest()[:CHECK_BYTES]).decode()
    return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def from_printable(text: str) -> bytes:
    """The private key that was typed from the sheet, in whatever width, case and grouping.

    0, 1 and 8 stand on no sheet and are read as the letters they look like. Raises WrongPassphrase if it was mistyped.
    """
    typed = (letter for letter in unicodedata.normalize("NFKC", text).upper() if letter.isalnum())
    try:
        content = base64.b32decode("".join(typed).translate(LOOK_ALIKE))
    except ValueError as error:
        raise WrongPassphrase from error
    private, check = content[:-CHECK_BYTES], content[-CHECK_BYTES:]
    if hashlib.sha256(private).digest()[:CHECK_BYTES] != check:
        raise WrongPassphrase
    return private
