"""Four eyes over a sealed case: while one clue officer alone can open it, nothing that ends or hands it on is done.

Whatever made him the only one (the conflict test, an addition, a colleague), nobody could look over his shoulder. To
hand it on, and for nothing else, a leader whom nothing in it names may agree blindly (`consents.ask_handing_on`).
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import NeedsColleague
from casework.ledger import Verb
from casework.models.cases import Case
from casework.models.consents import KeepingOutRequest
from casework.models.ledger import LedgerEntry
from casework.models.people import Officer
from casework.models.secrecy import Allowance, CaseKey
from casework.pins import trusted_key
from casework.rings import is_holder
from casework.types import ConsentKind, ReceiverLevel, Role
from casework.vault import seal_record

HOLDING_ANSWER = "您的话我们收到了，正在按规定办。有了进展，就在这里告诉您。"
"""What one alone may still write to the reporter: that it was heard, and nothing of the matter."""
HOLDS = timedelta(days=7)
"""How long a proposal waits for its third person, and how long his consent is good for the act."""


def count_eyes(session: Session, case: Case) -> int:
    """How many officers can open a sealed case now: on its allow-list, with its key, still here.

    Rows alone prove nothing, for whoever writes the database writes rows: he is a clue officer in the ring, his key is
    the one in the ledger, what lies there for him has the shape of a key sealed to him, and the ledger's last word on
    him and this case is not that he was put out.
    """
    query = (
        select(Officer, CaseKey.wrapped_key)
        .join(Allowance, Allowance.officer_id == Officer.id)
        .join(CaseKey, (CaseKey.officer_id == Officer.id) & (CaseKey.case_id == Allowance.case_id))
        .where(Allowance.case_id == case.id, Officer.removed_at.is_(None))
    )
    found = session.execute(query).all()
    return len({him.id for him, wrapped in found if _is_eye(session, case, him) and _has_shape(him, wrapped)})


def is_alone(session: Session, case: Case) -> bool:
    """Whether a sealed case lies with fewer than two; an open one has the desk beside it."""
    return case.sealed and count_eyes(session, case) < 2


def require_colleague(session: Session, case: Case) -> None:
    """Raise NeedsColleague where a sealed case lies with fewer than two."""
    if is_alone(session, case):
        raise NeedsColleague(case.id)


def find_consent(
    session: Session,
    case: Case,
    kind: ConsentKind,
    *,
    by: Officer,
    officer_id: str | None = None,
    level: ReceiverLevel | None = None,
    now: datetime,
) -> KeepingOutRequest | None:
    """A third person's consent that this officer asked for and has not used, of the last seven days; the newest.

    To let in it is about `officer_id`; to hand on, about receivers of `level`, or of any where that is None.
    """
    query = select(KeepingOutRequest).where(
        KeepingOutRequest.case_id == case.id,
        KeepingOutRequest.kind == kind,
        KeepingOutRequest.asked_by == by.id,
        KeepingOutRequest.agreed.is_(True),
        KeepingOutRequest.used_at.is_(None),
        KeepingOutRequest.decided_at > now - HOLDS,
    )
    if officer_id is not None:
        query = query.where(KeepingOutRequest.officer_id == officer_id)
    if level is not None:
        query = query.where(KeepingOutRequest.level == level)
    return session.scalars(query.order_by(KeepingOutRequest.decided_at.desc()).limit(1)).first()


def _has_shape(officer: Officer, wrapped: bytes) -> bool:
    """Whether the bytes could be a case's key sealed to somebody: version and length; what is in them he alone sees."""
    if officer.public_key is None:
        return False
    like = seal_record(officer.public_key, "", {"key": "0" * 64})
    return len(wrapped) == len(like) and wrapped[:1] == like[:1]


def _is_eye(session: Session, case: Case, officer: Officer) -> bool:
    if Role.CLUE_OFFICER not in officer.roles or not is_holder(session, officer.id):
        return False
    return trusted_key(session, officer) == officer.public_key and not _was_put_out(session, case, officer)


def _was_put_out(session: Session, case: Case, officer: Officer) -> bool:
    query = select(LedgerEntry.verb).where(
        LedgerEntry.case_id == case.id,
        LedgerEntry.subject == "officer",
        LedgerEntry.subject_id == officer.id,
        LedgerEntry.verb.in_((Verb.EXCLUDED.value, Verb.CLEARED.value)),
    )
    return session.scalars(query.order_by(LedgerEntry.id.desc()).limit(1)).first() == Verb.EXCLUDED
