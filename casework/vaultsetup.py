"""Setting the vault up: the recovery key for the safe, a key pair for each member, the identity ring.

Before that nothing can be taken in, so the start of every process asks whether it is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import LastMember, NotAllowed
from casework.ledger import SYSTEM, Actor
from casework.models.people import Officer
from casework.models.secrecy import RecoveryKey
from casework.recovery import create_recovery_key, current_recovery_key
from casework.rings import IDENTITY_RING, create_ring, current_ring, give_key_pair
from casework.vault import KdfStrength


@dataclass(frozen=True, slots=True)
class VaultSheet:
    """What is printed once and stored nowhere: the recovery key, and each officer's passphrase by user name."""

    recovery_key: str = field(repr=False)
    passphrases: tuple[tuple[str, str], ...] = field(repr=False)


def set_up_vault(
    session: Session,
    members: Sequence[Officer],
    *,
    by: Actor = SYSTEM,
    strength: KdfStrength = KdfStrength.VAULT,
    starting: bool = False,
    now: datetime,
) -> VaultSheet:
    """Make the recovery key, a key pair for each member and the identity ring; nothing can be taken in before.

    Returns what has to be printed. With `starting` the words only open the page on which each makes his own
    (`startingkeys.start_own_key`), for whoever types the command sees them.

    Raises LastMember without a member, NotAllowed where a recovery key stands already.
    """
    if not members:
        raise LastMember
    if session.scalar(select(RecoveryKey.id).where(RecoveryKey.retired_at.is_(None))) is not None:
        raise NotAllowed("set_up_vault")
    recovery, printed = create_recovery_key(session, now=now)
    passphrases = tuple(
        (each.username, give_key_pair(session, each, strength=strength, starting=starting, by=by, now=now))
        for each in members
    )
    create_ring(session, IDENTITY_RING, members, recovery=recovery, by=by, now=now)
    return VaultSheet(printed, passphrases)


def require_vault(session: Session) -> None:
    """Refuse to work without a recovery key and an identity ring: the start of every process calls it.

    Raises VaultNotSetUp, which names what is missing.
    """
    current_recovery_key(session)
    current_ring(session)
