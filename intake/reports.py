"""Taking a report in: the one road from a told story to a case with its receipt, all in the caller's transaction.

Recognition, conflict test and masking happen here, before anything is stored; no Argon2 and no vendor call does.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from casework.bonds import RECORD_KEY, Halves, mark_as_reporter
from casework.consents import strike_hit_leaders
from casework.errors import NotFound
from casework.keepingout import keep_out
from casework.ledger import REPORTER, SYSTEM, Verb, record
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.openings import (
    CaseOpening,
    Judgement,
    judge_report,
    list_allowable,
    list_hit_inside,
    open_case,
    open_slip,
    pack_conflicts,
)
from casework.rejudging import needs_slip, note_slip
from casework.roster import Roster, build_roster
from casework.sealing import SealingReason, add_sealed_item, count_refusal, list_allowed, withdraw_access
from casework.types import SealedKind
from casework.vault import generate_key_pair
from casework.verdicts import pack_assessment
from intake.additions import judge_with_earlier, later_id, weigh_words_again
from intake.addresses import keep_reply_address
from intake.errors import EmptyReport
from intake.models import Report
from intake.parts import cut_draft, hold_part, part_draft, plan_part, tell_parting
from intake.receipts import issue_receipt
from intake.reporters import list_reports, seal_report
from intake.resealing import seal_open_case
from intake.screening import Screened, screen_draft
from intake.serials import pack_transfer, put_serials
from intake.types import Amended, Filed, IntakeDesk, Refused, ReportDraft
from triage.types import Urgency


def receive_report(session: Session, draft: ReportDraft, *, desk: IntakeDesk, now: datetime) -> Filed | Refused:
    """Take a report in; every channel, phone desk, letter and import comes through here.

    1. Assess and mask. 2. Open the case (conflict test, sealing, body, clocks, exclusions or allow-list, ledger, jobs).
    3. Store the original and the reporter, sealed. 4. Issue the receipt. 5. Keep the reply address, if one was left.
    Of several matters the sealed case has the whole report, and what can stand open waits to become a case of its own
    (`intake.parts`). Where a part may not be stored, the rest is; where nothing may be (`Refused`), only a count
    remains, and a slip where life is in danger. Of the reporter's acts the day alone is kept outside the ledger. Raises
    EmptyReport; VaultNotSetUp before the vault is set up.
    """
    roster = build_roster(session)
    return _take_in(session, draft, _screen(draft, desk, roster), roster, desk=desk, now=now)


def _take_in(
    session: Session, draft: ReportDraft, screened: Screened, roster: Roster, *, desk: IntakeDesk, now: datetime
) -> Filed | Refused:
    """`receive_report` for a text that is screened already."""
    report_id, pair = new_id(), generate_key_pair()
    judged = _judge(draft, screened, roster, desk)
    parted = part_draft(draft, screened, judged, desk=desk)
    plan = plan_part(parted) if judged.sealing.sealed else None
    opening = CaseOpening(
        assessment=screened.assessment,
        working_text=screened.working_text,
        channel=draft.channel,
        received_at=draft.received_at,
        named=draft.named,
        seal_by_hand=draft.seal_by_hand,
        record={"report_id": report_id, RECORD_KEY: Halves.of(pair.private).pack()}
        | pack_transfer(report_id, draft.transfer)
        | tell_parting(parted, plan),
    )
    opened = open_case(session, opening, judged=judged, office=desk.office, now=now)
    slip_id = opened.slip.id if opened.slip is not None else None
    if opened.case is None and parted.screened is not None:
        rest = _take_in(session, cut_draft(draft, parted), parted.screened, roster, desk=desk, now=now)
        return replace(rest, left_out=opened.sealing.reasons) if isinstance(rest, Filed) else rest
    if opened.case is None:
        return Refused(opened.sealing.reasons, screened.assessment, slip_id)
    seal_report(session, opened.case, draft, screened.working_text, report_id=report_id)
    if draft.transfer is not None and not opened.case.sealed:
        put_serials(session, pack_transfer(report_id, draft.transfer)["transfers"])
    link = plan.link if plan is not None else None
    receipt = issue_receipt(session, opened.case.id, keys=desk.keys, now=now, pair=pair, link=link)
    if opened.case.sealed:
        mark_as_reporter(session, opened.case, pair.private, ())
    if plan is not None:
        hold_part(session, plan, cut_draft(draft, parted), parted, secrets=desk.secrets, now=now)
    elif draft.reply_to is not None:
        keep_reply_address(session, receipt.receipt_id, draft.reply_to, secrets=desk.secrets, now=now)
    return Filed(
        case_id=opened.case.id,
        report_id=report_id,
        receipt_id=receipt.receipt_id,
        number=opened.case.number,
        code=receipt.code,
        sealed=opened.case.sealed,
        outcome=opened.sealing.outcome,
        assessment=screened.assessment,
        slip_case_id=slip_id,
        part=plan.ids if plan is not None else None,
    )


def amend_report(
    session: Session, case_id: str, draft: ReportDraft, *, desk: IntakeDesk, now: datetime
) -> Amended | Refused:
    """Add what a reporter tells later as a further report of his case; the first one is never overwritten.

    The conflict test runs over the addition. In an open case new hits are kept out, and an addition that meets both
    keys, by itself or with what was told before, or hits leadership seals the whole case; else the case is weighed
    again. In a sealed one those who are hit lose their key first. What may not be taken is not stored, as in
    `receive_report`. Danger to life that would stay hidden, or that the open case calls nobody for any more, opens a
    slip. Raises NotFound, EmptyReport.
    """
    case = session.get(Case, case_id, with_for_update=True)
    if case is None:
        raise NotFound("case", case_id)
    roster = build_roster(session)
    screened = _screen(draft, desk, roster)
    judged = _judge(draft, screened, roster, desk)
    judged = judge_with_earlier(session, case, draft, screened, judged, desk=desk)
    danger = screened.assessment.urgency is Urgency.CRITICAL
    if judged.sealing.refused:
        count_refusal(session, SealingReason(judged.sealing.reasons[0]), now=now)
        slip = _open_slip(session, draft, screened, judged, desk=desk, now=now) if danger else None
        return Refused(judged.sealing.reasons, screened.assessment, slip.id if slip else None)
    if judged.sealing.sealed and not case.sealed:
        allowed = list_allowable(session, judged.conflicts, judged.roster)
        seal_open_case(
            session,
            case,
            allowed,
            by=SYSTEM,
            reasons=judged.sealing.reasons,
            office=desk.office,
            secrets=desk.secrets,
            now=now,
        )
    if danger and (case.sealed or needs_slip(session, case, now=now)):
        _open_slip(session, draft, screened, judged, desk=desk, now=now)
        note_slip(session, case, now=now)
    report = _store_addition(session, case, draft, screened, judged, now=now)
    details = {"report": report.id}
    record(
        session,
        actor=REPORTER,
        verb=Verb.AMENDED,
        subject="case",
        subject_id=case.id,
        case_id=case.id,
        details=details,
        now=now,
    )
    weigh_words_again(session, case, draft, screened, report_id=report.id, desk=desk, now=now)
    session.flush()
    return Amended(case.id, report.id, case.sealed, screened.assessment)


def _screen(draft: ReportDraft, desk: IntakeDesk, roster: Roster) -> Screened:
    if not draft.text.strip():
        raise EmptyReport
    return screen_draft(draft, desk, roster)


def _judge(draft: ReportDraft, screened: Screened, roster: Roster, desk: IntakeDesk) -> Judgement:
    """The verdict over the original words, before any of them is masked away."""
    said, own = screened.assessment, screened.masked
    return judge_report(roster, said, draft.text, own=own, by_hand=draft.seal_by_hand, office=desk.office)


def _open_slip(
    session: Session, draft: ReportDraft, screened: Screened, judged: Judgement, *, desk: IntakeDesk, now: datetime
) -> Case:
    opening = CaseOpening(
        assessment=screened.assessment,
        working_text=screened.working_text,
        channel=draft.channel,
        received_at=draft.received_at,
    )
    return open_slip(session, opening, judged, office=desk.office, now=now)


def _store_addition(
    session: Session, case: Case, draft: ReportDraft, screened: Screened, judged: Judgement, *, now: datetime
) -> Report:
    report_id = later_id(row.id for row in list_reports(session, case.id))
    if case.sealed:
        inside = [officer.id for officer in list_allowed(session, case.id)]
        withdraw_access(session, case.id, list_hit_inside(inside, judged.conflicts, judged.roster))
        strike_hit_leaders(session, case, judged.conflicts, judged.roster, now=now)
        add_sealed_item(session, case, SealedKind.ADDITION, pack_addition(report_id, draft, screened, judged))
    else:
        keep_out(session, case, judged.conflicts, by=SYSTEM, now=now)
    return seal_report(session, case, draft, screened.working_text, report_id=report_id)


def pack_addition(report_id: str, draft: ReportDraft, screened: Screened, judged: Judgement) -> dict[str, object]:
    """What a sealed case keeps inside of a further report."""
    return {
        "report_id": report_id,
        "text": screened.working_text,
        "channel": draft.channel.value,
        "received_at": draft.received_at.isoformat(),
        "named": draft.named,
        "assessment": pack_assessment(screened.assessment, screened.working_text),
        "conflicts": pack_conflicts(judged.conflicts),
    }
