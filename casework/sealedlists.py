"""The list in the sealed room: what an officer may know of and still has to see to, a page at a time.

What ends soonest stands first and, of those that end alike, the newest, so that no flood of reports buries a clue.
"""

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from casework.cases import PAGE_SIZE, Page
from casework.models.cases import Case, Deadline
from casework.models.people import Officer
from casework.queues import OVER
from casework.shrunk import has_shrunk
from casework.visibility import visible_cases


def list_sealed_for(session: Session, officer: Officer, *, page: int = 1, size: int = PAGE_SIZE) -> Page:
    """A page of the sealed cases under way that he may know of, by the end of their nearest clock, then newest first.

    A page beyond the last is the last one; a case without a clock comes after all that have one; what has shrunk
    (`casework.shrunk`) has a list of its own and takes nobody's place here.
    """
    found = and_(visible_cases(officer), Case.sealed, Case.status.not_in(OVER), ~has_shrunk())
    total = session.scalar(select(func.count()).select_from(Case).where(found)) or 0
    ends = (
        select(Deadline.case_id, func.min(Deadline.due_on).label("due_on"), func.min(Deadline.due_at).label("due_at"))
        .where(Deadline.met_at.is_(None), Deadline.waived_reason.is_(None))
        .group_by(Deadline.case_id)
        .subquery()
    )
    rows = session.scalars(
        select(Case)
        .outerjoin(ends, ends.c.case_id == Case.id)
        .where(found)
        .order_by(
            ends.c.due_on.asc().nulls_last(),
            ends.c.due_at.asc().nulls_last(),
            Case.opened_on.desc(),
            Case.number.desc(),
        )
        .limit(size)
        .offset((clamp_page(page, total, size) - 1) * size)
    )
    return Page(tuple(rows), total)


def clamp_page(page: int, total: int, size: int = PAGE_SIZE) -> int:
    """The page asked for, or the nearest one that there is (pure)."""
    return max(1, min(page, -(-total // size)))
