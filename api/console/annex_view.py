"""What the pages say of the reporter annex: to our clue officer whether it is sealed, to the receiver that it waits."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.console.hands import say_who
from api.dependencies import Staff
from api.pages import say_day
from casework.annexes import can_annex, list_annexes, list_annexes_for
from casework.models.cases import Case
from casework.models.referrals import Referral
from casework.notices import IdentityAnnex, NoticeFields
from casework.rings import is_ring_open
from casework.types import DeliveryMethod
from intake.reporters import list_reports

STATES = {
    IdentityAnnex.APART: "本人同意提供，另封。",
    IdentityAnnex.WITHHELD: "本人没有同意提供，不随送。",
    IdentityAnnex.NONE: "来件人未署名，没有这一封。",
}
BY_KEY = frozenset({DeliveryMethod.PACKAGE, DeliveryMethod.PICKUP})
LATER = "签发以后才能封。"
MISSING = "还没有封，收件机关拿不到。"


def view_annex(
    session: Session,
    case: Case,
    referral: Referral,
    fields: NoticeFields,
    ways: frozenset[DeliveryMethod],
    now: datetime,
) -> dict[str, Any] | None:
    """The panel beside the letter; None where the letter is none for the discipline organ."""
    if not fields.identity:
        return None
    agreed = fields.identity == IdentityAnnex.APART
    ready = can_annex(referral, fields)
    made = [
        f"{say_who(session, each.made_by, each.made_at, now)}封好。"
        + (f"{say_who(session, each.taken_by, each.taken_at, now)}拆阅。" if each.taken_at else "还没有人拆。")
        for each in list_annexes(session, referral)
    ]
    return {
        "state": STATES[IdentityAnnex(fields.identity)],
        "made": made or ([MISSING if ready else LATER] if agreed and not (ready and not ways & BY_KEY) else []),
        "can_print": ready and DeliveryMethod.SEALED_PRINT in ways,
        "can_seal": ready and bool(ways & BY_KEY),
        "again": bool(made),
        "reports": [
            (report.id, f"第{position}件，{say_day(report.received_on)}收到")
            for position, report in enumerate(list_reports(session, case.id), 1)
        ]
        if ready
        else [],
    }


def view_received_annexes(session: Session, referral: Referral, staff: Staff, here: str) -> list[dict[str, Any]]:
    """The envelopes that wait for this officer of the receiving body."""
    return [
        {
            "href": f"{here}/annex/{each.id}",
            "label": f"第{position}封",
            "opens": opens and is_ring_open(staff),
            "locked": opens and not is_ring_open(staff),
            "locked_file": each.age_file is not None,
            "fingerprint": each.fingerprint,
            "taken": each.taken_at is not None,
        }
        for position, (each, opens) in enumerate(list_annexes_for(session, referral, staff.officer), 1)
    ]
