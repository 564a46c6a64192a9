"""Numbers in series, given inside the transaction that uses them, so that none is lost and none given twice.

Sealed cases count in a series of their own: the open one shows no gap.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

TAKE = text(
    "INSERT INTO counter (series, value) VALUES (:series, 1)"
    " ON CONFLICT (series) DO UPDATE SET value = counter.value + 1 RETURNING value"
)


def next_number(session: Session, series: str) -> int:
    """The next number of a series, 1 for a new one; other takers wait until this transaction ends."""
    value: int = session.connection().execute(TAKE, {"series": series}).scalar_one()
    return value


def next_case_number(session: Session, year: int, *, sealed: bool) -> str:
    """2026-00001 for open cases, 密2026-001 for sealed ones."""
    if sealed:
        return f"密{year}-{next_number(session, f'sealed-{year}'):03d}"
    return f"{year}-{next_number(session, f'case-{year}'):05d}"
