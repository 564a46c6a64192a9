"""The reporter's words as an open case may show them: the working text, in which whatever gives him away is masked.

They belong to intake; casework reads the one table by name and never writes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Boolean, ColumnElement, Date, String, Text, column, exists, select, table
from sqlalchemy.orm import Session

from casework.models.cases import Case
from casework.types import Channel

REPORT = table(
    "report",
    column("id", String),
    column("case_id", String),
    column("sealed", Boolean),
    column("received_on", Date),
    column("working_text", Text),
    column("channel", String),
    column("named", Boolean),
)


@dataclass(frozen=True)
class Words:
    """One report of an open case, as far as staff may read it."""

    report_id: str
    case_id: str
    received_on: date
    text: str
    channel: Channel
    named: bool


def list_words(session: Session, case_ids: Sequence[str]) -> list[Words]:
    """The reports of these open cases, oldest first. The caller has got the cases through the one door."""
    rows = session.execute(
        select(REPORT)
        .where(REPORT.c.case_id.in_(case_ids), REPORT.c.working_text.is_not(None))
        .order_by(REPORT.c.received_on, REPORT.c.id)
    )
    return [
        Words(
            report_id=row.id,
            case_id=row.case_id,
            received_on=row.received_on,
            text=row.working_text,
            channel=Channel(row.channel),
            named=bool(row.named),
        )
        for row in rows
    ]


def says(wanted: str) -> ColumnElement[bool]:
    """The condition that a report of the case contains these words, letter for letter."""
    return exists().where(REPORT.c.case_id == Case.id, REPORT.c.working_text.contains(wanted, autoescape=True))
