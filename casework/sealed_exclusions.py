"""Keeping a clue officer out of a sealed case by hand (回避): his key to it goes, and what was decided lies inside.

A sealed case knows nobody but its allow-list, so there is no row to add, only one to take away; when it is opened again
the decision stands as an exclusion like any other.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from casework.errors import InvalidField
from casework.ledger import Verb, by_officer, record
from casework.models.cases import Case
from casework.models.people import Officer
from casework.models.secrecy import Exclusion
from casework.sealing import SealedContent, add_sealed_item, list_allowed, withdraw_access
from casework.types import ExclusionReason, Role, SealedKind
from casework.visibility import require_role


def stand_aside(session: Session, opened: SealedContent, *, why: str, by: Officer, now: datetime) -> None:
    """A clue officer takes himself off the allow-list of an opened case (自行回避); the reason is a note inside.

    One always stays. Raises InvalidField ("holder") for the last, ("why") without a reason.
    """
    require_role(by, Role.CLUE_OFFICER, act="exclude")
    if not why.strip():
        raise InvalidField("why", "required")
    put_out_of_sealed(session, opened.case, by.id, why=why.strip(), by=by, now=now)


def put_out_of_sealed(
    session: Session,
    case: Case,
    officer_id: str,
    *,
    why: str,
    by: Officer,
    second: Officer | None = None,
    now: datetime,
) -> None:
    """Take a clue officer off a sealed case's allow-list; nobody's key is needed to write the note about it inside.

    `by` decided it, about a colleague with the consent of `second` (`consents.decide_keeping_out`). Raises InvalidField
    ("holder") for one who is not inside, is the last, or is another without a second.
    """
    inside = {officer.id: officer for officer in list_allowed(session, case.id)}
    if officer_id not in inside:
        raise InvalidField("holder", "not_inside")
    if len(inside) == 1:
        raise InvalidField("holder", "nobody_left")
    if officer_id != by.id and (second is None or second.id in (officer_id, by.id)):
        raise InvalidField("holder", "needs_consent")
    said = {
        "text": f"{inside[officer_id].name}回避：{why}",
        "officer_id": by.id,
        "made_at": now.isoformat(),
        "kept_out": {"officer_id": officer_id, "by": by.id, "why": why},
    }
    note = add_sealed_item(session, case, SealedKind.NOTE, said)
    withdraw_access(session, case.id, [officer_id])
    record(
        session,
        actor=by_officer(second or by),
        verb=Verb.EXCLUDED,
        subject="officer",
        subject_id=officer_id,
        case_id=case.id,
        details={"note": note.id, "asked_by": by.id},
        now=now,
    )
    session.flush()


def restore_kept_out(session: Session, case: Case, said: Mapping[str, Any]) -> None:
    """Of a note that kept somebody out: the exclusion that stands for it once the case is open again."""
    kept_out = said.get("kept_out")
    if kept_out:
        session.add(
            Exclusion(
                case_id=case.id,
                officer_id=kept_out["officer_id"],
                reason=ExclusionReason.BY_HAND,
                certain=True,
                made_at=datetime.fromisoformat(said["made_at"]),
                made_by=kept_out["by"],
                why=kept_out["why"],
            )
        )
