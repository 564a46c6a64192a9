"""Where officers belonged before: a body that is complained of keeps out whoever was of it at the time, too.

Rows are written when an administrator moves somebody and never taken away; where he belongs now stands in his own row.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.models.memberships import Membership
from casework.models.people import Officer


def note_leaving(session: Session, officer: Officer, *, now: datetime) -> Membership:
    """Keep where an officer belongs and as what, before either changes: from his coming, or his last move, to today."""
    last = session.scalar(select(func.max(Membership.ended_on)).where(Membership.officer_id == officer.id))
    today = local_date(now)
    row = Membership(
        officer_id=officer.id,
        body_code=officer.body_code,
        post=officer.post,
        started_on=min(last or local_date(officer.created_at), today),
        ended_on=today,
    )
    session.add(row)
    session.flush()
    return row


def list_memberships(session: Session, officer_id: str) -> list[Membership]:
    """Where he was before, the oldest first."""
    query = select(Membership).where(Membership.officer_id == officer_id)
    return list(session.scalars(query.order_by(Membership.ended_on, Membership.id)))
