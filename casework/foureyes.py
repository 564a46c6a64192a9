"""Four eyes over a sealed case: while one clue officer alone can open it, nothing that ends or hands it on is done.

Whatever made him the only one (the conflict test, an addition, a colleague), nobody could look over his shoulder.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.errors import NeedsColleague
from casework.models.cases import Case
from casework.models.people import Officer
from casework.models.secrecy import Allowance, CaseKey

HOLDING_ANSWER = "您的话我们收到了，正在按规定办。有了进展，就在这里告诉您。"
"""What one alone may still write to the reporter: that it was heard, and nothing of the matter."""


def count_eyes(session: Session, case: Case) -> int:
    """How many officers can open a sealed case now: on its allow-list, with its key, still here."""
    query = (
        select(func.count(func.distinct(Officer.id)))
        .join(Allowance, Allowance.officer_id == Officer.id)
        .join(CaseKey, (CaseKey.officer_id == Officer.id) & (CaseKey.case_id == Allowance.case_id))
        .where(Allowance.case_id == case.id, Officer.removed_at.is_(None))
    )
    return session.scalar(query) or 0


def is_alone(session: Session, case: Case) -> bool:
    """Whether a sealed case lies with fewer than two; an open one has the desk beside it."""
    return case.sealed and count_eyes(session, case) < 2


def require_colleague(session: Session, case: Case) -> None:
    """Raise NeedsColleague where a sealed case lies with fewer than two."""
    if is_alone(session, case):
        raise NeedsColleague(case.id)
