"""Numbers in series, given inside the transaction that uses them, so that none is lost and none given twice.

Sealed cases count in a series of their own: the open one shows no gap.
"""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from casework.models.cases import Counter


def next_number(session: Session, series: str) -> int:
    """The next number of a series, 1 for a new one; other takers wait until this transaction ends."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    taken = insert(Counter).values(series=series, value=1)
    statement = taken.on_conflict_do_update(
        index_elements=[Counter.series], set_={"value": Counter.value + 1}
    ).returning(Counter.value)
    value: int = session.execute(statement).scalar_one()
    return value


def next_case_number(session: Session, year: int, *, sealed: bool) -> str:
    """2026-00001 for open cases, 密2026-001 for sealed ones."""
    if sealed:
        return f"密{year}-{next_number(session, f'sealed-{year}'):03d}"
    return f"{year}-{next_number(session, f'case-{year}'):05d}"
