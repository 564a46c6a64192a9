"""What remains of a sealed case after it shrank (缩减留存): number, days, receiver, count; nothing else can be opened.

The discipline organ holds the file (rules 5.3); whoever was allowed to know of the case still finds that it was there.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.models.cases import Case
from casework.models.people import Officer
from casework.models.referrals import Acknowledgement, Referral
from casework.types import ReferralStatus
from casework.visibility import visible_cases


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One hand-over: our number, when it left, when and by whom it was received."""

    number: str
    issued_on: date | None
    received_on: date | None
    receiver: str


@dataclass(frozen=True, slots=True)
class ShrunkCase:
    """All that is kept."""

    case_id: str
    number: str
    opened_on: date
    shrunk_on: date
    handed_over: tuple[HandedOver, ...]

    @property
    def count(self) -> int:
        """How many clues were handed over."""
        return len(self.handed_over)


def has_shrunk() -> ColumnElement[bool]:
    """The condition on `Case`: its content was given up."""
    return exists().where(Referral.case_id == Case.id, Referral.shrunk_at.is_not(None))


def list_shrunk(session: Session, officer: Officer) -> list[ShrunkCase]:
    """The shrunk cases that he was allowed to know of, by number."""
    query = select(Case).where(visible_cases(officer), Case.sealed, has_shrunk())
    return [_read(session, case) for case in session.scalars(query.order_by(Case.number))]


def find_shrunk(session: Session, officer: Officer, case_id: str) -> ShrunkCase | None:
    """One of them; None for a case that is whole, is not there, or is none of his: the door of the whole says which."""
    query = select(Case).where(Case.id == case_id, visible_cases(officer), Case.sealed, has_shrunk())
    case = session.scalar(query)
    return _read(session, case) if case else None


def name_receiver(session: Session, referral: Referral) -> str:
    """Who received a hand-over, as the 回执 says it."""
    query = select(Acknowledgement.receiver).where(Acknowledgement.referral_id == referral.id)
    return session.scalar(query) or ""


def _read(session: Session, case: Case) -> ShrunkCase:
    query = (
        select(Referral, Acknowledgement)
        .outerjoin(Acknowledgement, Acknowledgement.referral_id == Referral.id)
        .where(Referral.case_id == case.id, Referral.status != ReferralStatus.CANCELLED, Referral.number.is_not(None))
        .order_by(Referral.issued_at, Referral.id)
    )
    rows = session.execute(query).all()
    return ShrunkCase(
        case_id=case.id,
        number=case.number,
        opened_on=case.opened_on,
        shrunk_on=max(local_date(referral.shrunk_at) for referral, _answer in rows if referral.shrunk_at),
        handed_over=tuple(
            HandedOver(
                number=referral.number or "",
                issued_on=local_date(referral.issued_at) if referral.issued_at else None,
                received_on=local_date(answer.acknowledged_at) if answer and answer.acknowledged_at else None,
                receiver=answer.receiver if answer else "",
            )
            for referral, answer in rows
        ),
    )
