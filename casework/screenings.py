"""Holding the cases that are over against somebody who is new here, has moved, or has another name or tie (回避).

Open cases are screened in the unit of work that changes him; those that are over may be many, so they are looked at
batch by batch, and until the last one was he sees none of them.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from casework.exclusions import screen_case, screen_open_cases
from casework.models.cases import Case
from casework.models.memberships import Screening
from casework.models.people import Officer
from casework.roster import build_roster
from casework.store import Store
from casework.visibility import ENDED

AT_ONCE = 50
"""So few are looked at in the very unit of work that changes him."""
BATCH = 100
BATCHES_A_RUN = 5


def screen_for(session: Session, officer: Officer, *, now: datetime) -> None:
    """Hold every open case against an officer who has changed, at once, and have those that are over looked at too.

    A run that is under way begins anew: it does not know what has changed since.
    """
    screen_open_cases(session, now=now)
    total = session.scalar(select(func.count()).select_from(Case).where(_is_over())) or 0
    if total > AT_ONCE:
        asked = Screening(officer_id=officer.id, asked_at=now, total=total, looked=0, reached="", finished_at=None)
        session.merge(asked)
        session.flush()
        return
    roster = build_roster(session)
    for case in session.scalars(select(Case).where(_is_over())).all():
        screen_case(session, case, roster=roster, now=now)
    under_way = session.get(Screening, officer.id)
    if under_way is not None:
        under_way.finished_at = now


def screen_waiting(store: Store, *, now: datetime) -> int:
    """Some batches for those who wait longest, a unit of work each; how many cases were looked at."""
    looked = 0
    for _ in range(BATCHES_A_RUN):
        with store.write() as session:
            batch = _screen_batch(session, now=now)
        looked += batch
        if not batch:
            break
    return looked


def find_progress(session: Session, officer_id: str) -> tuple[int, int] | None:
    """How many of how many cases were looked at for an officer who still waits; None for one who doesn't."""
    row = session.get(Screening, officer_id)
    return (row.looked, row.total) if row is not None and row.finished_at is None else None


def _screen_batch(session: Session, *, now: datetime) -> int:
    waits = select(Screening).where(Screening.finished_at.is_(None)).order_by(Screening.asked_at, Screening.officer_id)
    row = session.scalar(waits.limit(1).with_for_update())
    if row is None:
        return 0
    query = select(Case).where(_is_over(), Case.id > row.reached).order_by(Case.id).limit(BATCH)
    cases = session.scalars(query).all()
    roster = build_roster(session)
    for case in cases:
        screen_case(session, case, roster=roster, now=now)
    row.looked += len(cases)
    if len(cases) < BATCH:
        row.finished_at = now
    else:
        row.reached = cases[-1].id
    return len(cases)


def _is_over() -> ColumnElement[bool]:
    """The condition on `Case`: open to see, over, and assessed, so that it may name somebody."""
    return and_(~Case.sealed, Case.status.in_(ENDED), Case.category.is_not(None))
