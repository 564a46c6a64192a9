"""Who is alive, and who leads: heartbeats and the lease, as plain rows.

Clocks of several hosts must agree to within a few seconds, as those of any office's servers do.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.jobs.models import JobLease, JobSlot

LEADER = "schedules"


def beat(session: Session, executor_id: str, *, now: datetime) -> None:
    """Say that this process is alive; a process that was thought dead and comes back is simply alive again."""
    slot = session.get(JobSlot, executor_id)
    if slot is None:
        session.add(JobSlot(executor_id=executor_id, started_at=now, beat_at=now))
    else:
        slot.beat_at = now
    session.flush()


def drop_stale_slots(session: Session, *, now: datetime, stale: timedelta) -> None:
    """Forget the processes whose heartbeat is older than `stale`; their work is then nobody's."""
    session.execute(delete(JobSlot).where(JobSlot.beat_at < now - stale))


def list_live(session: Session) -> frozenset[str]:
    """The ids of the processes that are alive."""
    return frozenset(session.scalars(select(JobSlot.executor_id)))


def take_lease(session: Session, executor_id: str, *, now: datetime, length: timedelta) -> bool:
    """Take or renew the right to run the schedules; false while another process holds it."""
    lease = session.get(JobLease, LEADER, with_for_update=True)
    if lease is None:
        session.add(JobLease(name=LEADER, holder=executor_id, expires_at=now + length))
    elif lease.holder == executor_id or lease.expires_at <= now:
        lease.holder = executor_id
        lease.expires_at = now + length
    else:
        return False
    session.flush()
    return True


def leave(session: Session, executor_id: str) -> None:
    """Go in good order: the slot and the lease are free at once."""
    session.execute(delete(JobSlot).where(JobSlot.executor_id == executor_id))
    session.execute(delete(JobLease).where(JobLease.holder == executor_id))
