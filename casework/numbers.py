"""Numbers in series, given inside the transaction that uses them, so that none is lost and none given twice.

Cases are numbered by drawing: no series shows a gap where the case is that somebody may not know of.
"""

import secrets

from sqlalchemy import text
from sqlalchemy.orm import Session

TAKE = text(
    "INSERT INTO counter (series, value) VALUES (:series, 1)"
    " ON CONFLICT (series) DO UPDATE SET value = counter.value + 1 RETURNING value"
)


IS_TAKEN = text("SELECT 1 FROM case_file WHERE number = :number")
ROOM = 3
"""There are at least so many numbers for each that is taken; beyond that they grow by a digit."""


def next_number(session: Session, series: str) -> int:
    """The next number of a series, 1 for a new one; other takers wait until this transaction ends."""
    value: int = session.connection().execute(TAKE, {"series": series}).scalar_one()
    return value


def next_case_number(session: Session, year: int, *, sealed: bool) -> str:
    """2026-48213 for open cases, 密2026-5061 for sealed ones: drawn, never counted.

    A dense series has a hole where the case is that somebody may not know of; numbers that are drawn have none. Takers
    of one series wait for each other, so that no number is drawn twice.
    """
    prefix, digits = ("密", 4) if sealed else ("", 5)
    taken = next_number(session, f"{'sealed' if sealed else 'case'}-{year}")
    while taken * ROOM > 9 * 10 ** (digits - 1):
        digits += 1
    least = 10 ** (digits - 1)
    while True:
        number = f"{prefix}{year}-{least + secrets.randbelow(9 * least)}"
        if session.connection().execute(IS_TAKEN, {"number": number}).first() is None:
            return number
