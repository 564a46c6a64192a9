"""After a restore or a move: what was on its way when the copy was made.

A backup may be older than what the house has done since, so nothing out of it is sent by itself; a move carries on.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.jobs import JobName, enqueue
from casework.keyshelf import KeyShelf
from casework.ledger import SYSTEM, Verb, record
from casework.models.referrals import Delivery
from casework.referral_rules import ELECTRONIC_WAYS
from casework.secrets import ServerSecrets
from casework.store import Store
from casework.types import DeliveryStatus
from casework.vault import KdfStrength
from intake.models import Receipt
from intake.receipts import harden_receipt

ON_THE_WAY = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING)
RESTORED = "restored"


@dataclass(frozen=True)
class Settled:
    """What became of it: codes that nobody can use any more, notices a person must decide about, notices queued."""

    lost_codes: int
    unsure: int = 0
    queued: int = 0


def harden_pending(
    store: Store, *, keys: KeyShelf, secrets: ServerSecrets, strength: KdfStrength = KdfStrength.VAULT
) -> int:
    """Before a copy, harden the codes that still wait for their job, for their keys are not copied; how many."""
    with store.read() as session:
        waiting = list(session.scalars(select(Receipt.id).where(Receipt.pending_key_id.is_not(None))))
    return sum(harden_receipt(store, ident, keys=keys, secrets=secrets, strength=strength) for ident in waiting)


def settle_restored(session: Session, *, backup_id: str, now: datetime) -> Settled:
    """After a restore: a notice that was waiting may have left since, so a person decides (`unsure`)."""
    rows = _list_on_the_way(session)
    for row in rows:
        row.status, row.error_code, row.next_try_at = DeliveryStatus.UNSURE, RESTORED, None
    settled = Settled(_count_lost(session), unsure=len(rows))
    _record(session, backup_id, settled, now)
    return settled


def settle_moved(session: Session, *, now: datetime) -> Settled:
    """After a move from a house at rest: what was waiting goes on waiting, with a job in the new database."""
    rows = _list_on_the_way(session)
    for row in rows:
        enqueue(session, JobName.SEND_DELIVERY, row.id)
    settled = Settled(_count_lost(session), queued=len(rows))
    _record(session, "move", settled, now)
    return settled


def _list_on_the_way(session: Session) -> list[Delivery]:
    query = select(Delivery).where(Delivery.status.in_(ON_THE_WAY), Delivery.method.in_(ELECTRONIC_WAYS))
    return list(session.scalars(query))


def _count_lost(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Receipt).where(Receipt.verifier.is_(None))) or 0


def _record(session: Session, subject_id: str, settled: Settled, now: datetime) -> None:
    details = {"lost_codes": settled.lost_codes, "unsure": settled.unsure, "queued": settled.queued}
    record(
        session,
        actor=SYSTEM,
        verb=Verb.DATA_LOADED,
        subject="backup",
        subject_id=subject_id,
        details=details,
        now=now,
    )
    session.flush()
