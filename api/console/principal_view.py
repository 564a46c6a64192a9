"""What the page of a draft says of the principal's decision: whether it was asked, until when, how it came out."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.console.clocks import draw_clock
from api.console.hands import say_who
from api.wiring import House
from casework.deadlines import list_deadlines
from casework.models.cases import Case
from casework.models.people import Officer
from casework.models.referrals import Referral
from casework.notices import NoticeFields
from casework.principals import RULE
from casework.referral_rules import needs_principal
from casework.types import ReferralStatus, Role
from casework.visibility import has_role

DRAFTED = "还没有报。两人以上调查、写好报告以后，报正职负责人。"


def view_principal(
    session: Session,
    officer: Officer,
    case: Case,
    referral: Referral,
    fields: NoticeFields,
    house: House,
    now: datetime,
    *,
    drafts: bool,
) -> dict[str, Any] | None:
    """The panel of a suspected crime; None for every other paper. `drafts`: whether this officer may put it forward."""
    if not needs_principal(referral, fields, house.referral_desk.wording):
        return None
    draft = referral.status is ReferralStatus.DRAFTED
    waits = draft and referral.put_at is not None and referral.approved_at is None
    clocks = [view for view in list_deadlines(session, case.id, office=house.office, now=now) if view.rule == RULE]
    lines = []
    if referral.put_at:
        lines.append(f"{say_who(session, referral.put_by, referral.put_at, now)} 报的。")
    if referral.refused_at:
        lines.append(f"{say_who(session, referral.refused_by, referral.refused_at, now)} 不批准，理由在内部记录里。")
    if referral.approved_at:
        lines.append(f"{say_who(session, referral.approved_by, referral.approved_at, now)} 批准。")
    return {
        "lines": lines or [DRAFTED],
        "clock": draw_clock(clocks[-1], now=now) if clocks and waits else None,
        "can_put": draft and drafts and referral.put_at is None and referral.approved_at is None,
        "can_decide": waits and has_role(officer, Role.LEADER),
    }
