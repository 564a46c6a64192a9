"""One way to write into the ledger what happened to a referral, for all who do something to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from casework.ledger import Actor, Verb, record
from casework.models.referrals import Referral

SUBJECT = "referral"


def record_on_referral(
    session: Session,
    referral: Referral,
    verb: Verb,
    *,
    by: Actor,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write down who did what to a referral, with its case, in the caller's transaction."""
    record(
        session,
        actor=by,
        verb=verb,
        subject=SUBJECT,
        subject_id=referral.id,
        case_id=referral.case_id,
        details=details,
        now=now,
    )
    session.flush()
