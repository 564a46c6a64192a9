"""The principal's decision on a suspected crime (正职负责人决定): within three days, written down also where it is no.

行政执法机关移送涉嫌犯罪案件的规定 art. 5: the principal decides within 3 days of the report; what he agrees to goes to
the police within 24 hours; of what he refuses the reasons are kept.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from casework.cases import keep_note
from casework.deadlines import run_clocks
from casework.errors import IllegalMove, InvalidField
from casework.ledger import Verb, by_officer
from casework.limits import CaseEvent
from casework.models.cases import Case
from casework.models.people import Officer
from casework.models.referrals import Referral
from casework.notices import fields_from_json
from casework.referral_desk import ReferralDesk, gather_clock_facts
from casework.referral_ledger import record_on_referral
from casework.referral_rules import needs_principal, require_drafter
from casework.referrals import read_referral
from casework.types import ReferralStatus, Role
from casework.visibility import require_role

RULE = "police_principal"
LONGEST_REASON = 500


def put_to_principal(session: Session, referral: Referral, *, by: Officer, desk: ReferralDesk, now: datetime) -> None:
    """Put a draft before the principal: his three days begin. After a refusal it may be put before him anew.

    Raises NotAllowed, IllegalMove for one that needs no such decision, was issued, or lies before him already.
    """
    case = session.get_one(Case, referral.case_id)
    content = read_referral(session, referral)
    require_drafter(by, case, content.body)
    _require_waiting(referral, desk, put=False)
    referral.put_by, referral.put_at = by.id, now
    referral.refused_by = referral.refused_at = None
    record_on_referral(session, referral, Verb.PUT_TO_PRINCIPAL, by=by_officer(by), now=now)
    _run_clocks(session, case, referral, CaseEvent.PUT_TO_PRINCIPAL, desk, now)


def decide_transfer(
    session: Session,
    referral: Referral,
    *,
    agreed: bool,
    reason: str = "",
    by: Officer,
    desk: ReferralDesk,
    now: datetime,
) -> None:
    """The principal decides. A refusal needs its reason, which is kept as a note of the case.

    Raises NotAllowed, IllegalMove where nothing lies before him, InvalidField(reason) without one for a refusal.
    """
    require_role(by, Role.LEADER, act="decide_transfer")
    _require_waiting(referral, desk, put=True)
    if len(reason) > LONGEST_REASON:
        raise InvalidField("reason", "too_long")
    case = session.get_one(Case, referral.case_id)
    if agreed:
        referral.approved_by, referral.approved_at = by.id, now
        record_on_referral(session, referral, Verb.PRINCIPAL_AGREED, by=by_officer(by), now=now)
        _run_clocks(session, case, referral, CaseEvent.PRINCIPAL_AGREED, desk, now)
        return
    if not reason.strip():
        raise InvalidField("reason", "required")
    note = keep_note(session, case, f"不批准移送公安机关，理由：{reason.strip()}", officer_id=by.id, now=now)
    referral.refused_by, referral.refused_at, referral.put_at = by.id, now, None
    record_on_referral(session, referral, Verb.PRINCIPAL_REFUSED, by=by_officer(by), now=now, details={"note": note})
    _run_clocks(session, case, referral, CaseEvent.PRINCIPAL_REFUSED, desk, now)


def take_back_clocks(session: Session, referral: Referral, *, desk: ReferralDesk, now: datetime) -> None:
    """The draft that lay before him was dropped: nothing is left to decide or to send."""
    if not referral.sealed and (referral.put_at or referral.approved_at):
        _run_clocks(session, session.get_one(Case, referral.case_id), referral, CaseEvent.TAKEN_BACK, desk, now)


def _require_waiting(referral: Referral, desk: ReferralDesk, *, put: bool) -> None:
    """Only a draft that needs the decision and has none; `put`: whether it lies before him."""
    drafted = referral.status is ReferralStatus.DRAFTED and referral.approved_at is None and not referral.sealed
    if not drafted or (referral.put_at is not None) is not put or not _asks(referral, desk):
        raise IllegalMove(referral.status, referral.status)


def _asks(referral: Referral, desk: ReferralDesk) -> bool:
    return needs_principal(referral, fields_from_json(referral.fields or {}), desk.wording)


def _run_clocks(
    session: Session, case: Case, referral: Referral, event: CaseEvent, desk: ReferralDesk, now: datetime
) -> None:
    facts = gather_clock_facts(session, case, read_referral(session, referral).body)
    run_clocks(session, case, event, facts, office=desk.office, now=now)
