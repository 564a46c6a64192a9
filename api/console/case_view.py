"""The page of one open case as data: words, reasons, verdict, talk, clocks, timeline, and what this officer may do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.console.case_offers import DESK, HANDS, list_acts
from api.console.clocks import draw_clock
from api.console.clue_view import view_clue
from api.console.extension_view import view_extensions
from api.console.hold_facts import view_hold
from api.console.labels import CHANNEL, DELIVERY, OPERATOR, REFERRAL, STATUS
from api.console.marking import cut_pieces, list_reasons
from api.console.news_view import view_news
from api.console.paper_list import view_papers
from api.console.part_acts import list_marks
from api.console.queue_view import Chip, category_names, chips_of, excerpt_of, first_reports
from api.console.verdict_view import share_reasons, view_timeline, view_verdict
from api.console.waiting_acts import view_waiting
from api.pages import say_day, say_time
from api.wiring import House
from casework.agreedwords import LISTENERS
from casework.assignments import list_assignments
from casework.bodies import list_bodies
from casework.cases import get_assessment, list_earlier_cases
from casework.clock import local_date
from casework.cluelooks import awaits_before_assigning, awaits_clue_officer
from casework.deadlines import list_deadlines
from casework.dispositions import has_ending
from casework.duplicates import list_duplicates_for
from casework.messages import list_messages
from casework.models.cases import Assignment, Case, Disposition, Note
from casework.models.people import Body, Institution, Officer
from casework.models.referrals import Delivery
from casework.models.secrecy import EmergencySlip
from casework.outcomes import FINDING_LABELS, OUTCOME_LABELS, Outcome
from casework.referrals import list_referrals
from casework.returns import list_returns
from casework.types import CaseKind, CaseStatus, MessageDirection, Role
from casework.visibility import can_read_words, has_role
from intake.models import Report
from intake.reporters import MAY_REVEAL
from intake.types import RevealReason

REVEAL_REASONS: Mapping[RevealReason, str] = {
    RevealReason.CALL_BACK: "回访",
    RevealReason.ASK_DETAILS: "核实细节",
    RevealReason.DANGER: "有危险，要马上联系",
}
UNHEARD = "（他来过话，承办的人看得到）"
STEPS: Sequence[tuple[str, frozenset[CaseStatus]]] = (
    ("收到", frozenset({CaseStatus.RECEIVED})),
    ("派单", frozenset({CaseStatus.DISPATCHED, CaseStatus.RETURNED})),
    ("办理", frozenset({CaseStatus.WORKING, CaseStatus.WAITING, CaseStatus.REFERRED})),
    ("答复", frozenset({CaseStatus.REPLIED, CaseStatus.CALLBACK})),
    ("办结", frozenset({CaseStatus.CLOSED, CaseStatus.WITHDRAWN})),
)


@dataclass(frozen=True, slots=True)
class Failed:
    """What went wrong with a form: which act, the sentence above, sentences by field, what was typed."""

    act: str
    problem: str
    fields: Mapping[str, str]
    typed: Mapping[str, Any]


NOTHING_FAILED = Failed("", "", {}, {})


def view_case(session: Session, officer: Officer, case: Case, house: House, now: datetime) -> dict[str, Any]:
    """Everything the page shows of a case that was got through the door."""
    names = category_names(house)
    reads = can_read_words(officer)
    assessed = case.kind is CaseKind.ORDINARY
    assessment = get_assessment(session, case) if assessed else None
    reasons = list_reasons(assessment, names) if assessment else []
    reports = list(
        session.scalars(select(Report).where(Report.case_id == case.id).order_by(Report.received_on, Report.id))
    )
    slip = session.get(EmergencySlip, case.id)
    bodies = [{"code": body.code, "name": body.name} for body in list_bodies(session)]
    clocks = [draw_clock(view, now=now) for view in list_deadlines(session, case.id, office=house.office, now=now)]
    look = _first_look(session, case)
    return {
        "id": case.id,
        "number": case.number,
        "version": case.version,
        "urgency": case.urgency.value if case.urgency else "",
        "category": case.category,
        "discipline": case.discipline,
        "status_label": STATUS[case.status],
        "chips": _chips(case, reports[0] if reports else None, house),
        "acts": list_acts(case, officer, ended=has_ending(session, case.id), **look),
        **look,
        "steps": _steps(session, case, now),
        "reports": _reports(case, reports, reasons, slip, _say_task(session, case, house), reads=reads),
        "returns": _returns(session, case, now),
        "verdict": view_verdict(session, case, assessment, house, reads=reads) if assessment else None,
        "can_correct": assessed and has_role(officer, *DESK, Role.CLUE_OFFICER),
        "hints": _hints(session, officer, case, house),
        "referrals": _referrals(session, case),
        **view_papers(session, officer, case, house),
        "messages": _messages(session, officer, case),
        "news": view_news(session, case.id),
        "can_answer": assessed and has_role(officer, *DESK, *HANDS, Role.CLUE_OFFICER),
        "notes": _notes(session, case, now),
        "clocks": clocks,
        **view_waiting(session, case, clocks, office=house.office, now=now),
        "extensions": view_extensions(session, officer, case, office=house.office, now=now),
        "hold": view_hold(session, officer, case, now),
        "marks": list_marks(reports),
        "reporter": _reporter(reports, officer),
        "institution": _institution(session, officer, case, house),
        "timeline": view_timeline(session, officer, case, house, now),
        "bodies": [
            body for body in bodies if session.get_one(Body, body["code"]).internal or body["code"] == case.body_code
        ],
        "clue": view_clue(session, case, now) if assessed and has_role(officer, Role.CLUE_OFFICER) else None,
        "receivers": [body for body in bodies if not session.get_one(Body, body["code"]).internal],
        "proposed_body": case.body_code,
        "categories": list(names.items()),
        "organs": list(house.context.taxonomy.bodies.items()),
        "organ": assessment.body if assessment else "",
        "homes": [(home.code, home.name) for home in house.context.directory.institutions],
        "home": case.institution_code or "",
        "findings": [(finding.value, label) for finding, label in FINDING_LABELS.items()],
        "outcomes": [(outcome.value, label) for outcome, label in OUTCOME_LABELS.items()],
        "reveal_reasons": [(reason.value, label) for reason, label in REVEAL_REASONS.items()],
    }


def _first_look(session: Session, case: Case) -> dict[str, bool]:
    """Whether it waits for a clue officer's look, and whether a danger lets it be sent before."""
    awaits = awaits_clue_officer(session, case)
    return {"awaits": awaits, "danger": awaits and not awaits_before_assigning(session, case)}


def _chips(case: Case, report: Report | None, house: House) -> list[Chip]:
    chips = list(chips_of(case, report, house))
    if case.kind is CaseKind.SLIP:
        chips.append(Chip("应急单", "danger"))
    return chips


def _steps(session: Session, case: Case, now: datetime) -> list[dict[str, str]]:
    at = next(index for index, (_, statuses) in enumerate(STEPS) if case.status in statuses)
    return [
        {
            "label": STATUS[case.status] if index == at else label,
            "state": "now" if index == at else "done" if index < at else "next",
            "day": say_day(case.opened_on) if index == 0 else "",
        }
        for index, (label, _) in enumerate(STEPS)
    ]


def _reports(
    case: Case,
    reports: Sequence[Report],
    reasons: Sequence[Any],
    slip: EmergencySlip | None,
    task: str,
    *,
    reads: bool,
) -> list[dict[str, Any]]:
    if slip is not None:
        summary = f"{slip.place or '地点待核'}有人身危险。请先拨 {slip.number_to_call}，再按应急预案到场。"
        return [{"channel": "应急单", "day": say_day(case.opened_on), "pieces": (), "reasons": (), "summary": summary}]
    shown = []
    shares = share_reasons(reasons, [report.working_text for report in reports])
    for report, mine in zip(reports, shares, strict=True):
        text = report.working_text if reads else None
        shown.append(
            {
                "channel": CHANNEL[report.channel] if report.channel else "",
                "day": say_day(report.received_on),
                "pieces": cut_pieces(text, mine) if text else (),
                "reasons": mine if text else (),
                "summary": "" if text else task,
            }
        )
    return shown


def _say_task(session: Session, case: Case, house: House) -> str:
    """What a handling body is told instead of the words: the kind of matter, and the part rewritten for it."""
    matter = excerpt_of(case, None, None, house, reads=False)
    given = [each.instruction for each in list_assignments(session, case.id) if each.instruction]
    return f"{matter}。{given[-1]}" if given else f"{matter}。"


def _returns(session: Session, case: Case, now: datetime) -> list[dict[str, str]]:
    """Why it came back and where it should go instead, the newest first."""
    today = local_date(now)
    shown = []
    for row in reversed(list_returns(session, case.id)):
        sent = session.get_one(Assignment, row.assignment_id)
        proposed = session.get(Body, row.proposed_body_code) if row.proposed_body_code else None
        shown.append(
            {
                "reason": row.reason,
                "clause": row.clause,
                "body": session.get_one(Body, sent.body_code).name,
                "proposed": proposed.name if proposed else "",
                "at": say_time(row.returned_at, today),
            }
        )
    return shown


def _hints(session: Session, officer: Officer, case: Case, house: House) -> list[dict[str, Any]]:
    found = list_duplicates_for(session, officer, case)
    reports = first_reports(session, [other.id for _, other in found])
    return [
        {
            "id": other.id,
            "number": other.number,
            "score": f"{hint.score:.2f}",
            "day": say_day(other.opened_on),
            "channel": CHANNEL[report.channel] if (report := reports.get(other.id)) and report.channel else "",
            "excerpt": excerpt_of(other, reports.get(other.id), None, house, reads=can_read_words(officer)),
            "why": "、".join(hint.why),
        }
        for hint, other in found
    ]


def _referrals(session: Session, case: Case) -> list[dict[str, Any]]:
    shown = []
    for referral in list_referrals(session, case):
        body = session.get(Body, referral.body_code) if referral.body_code else None
        deliveries = session.scalars(select(Delivery).where(Delivery.referral_id == referral.id))
        shown.append(
            {
                "id": referral.id,
                "body": body.name if body else "密件",
                "number": referral.number,
                "status": REFERRAL[referral.status],
                "deliveries": "、".join(DELIVERY[delivery.status][0] for delivery in deliveries),
            }
        )
    return shown


def _messages(session: Session, officer: Officer, case: Case) -> list[dict[str, Any]]:
    """The talk; the reporter's own words for those who read them or answer him, for the rest only that he wrote."""
    talks = has_role(officer, Role.HANDLER, Role.TOWNSHIP) and case.body_code == officer.body_code
    hears = talks or can_read_words(officer)
    return [
        {
            "ours": message.direction is MessageDirection.TO_REPORTER,
            "text": message.text if hears or message.direction is MessageDirection.TO_REPORTER else UNHEARD,
            "who": "我们" if message.direction is MessageDirection.TO_REPORTER else "反映人",
            "day": say_day(message.made_on),
        }
        for message in list_messages(session, case)
    ]


def _notes(session: Session, case: Case, now: datetime) -> list[dict[str, str]]:
    rows = session.execute(
        select(Note, Officer.name)
        .join(Officer, Officer.id == Note.officer_id)
        .where(Note.case_id == case.id)
        .order_by(Note.made_at)
    )
    dispositions = session.execute(
        select(Disposition, Officer.name)
        .join(Officer, Officer.id == Disposition.officer_id)
        .where(Disposition.case_id == case.id)
    )
    today = local_date(now)
    shown = [(note.made_at, note.text, name) for note, name in rows]
    shown += [
        (
            d.made_at,
            f"{FINDING_LABELS[d.finding]}；{_say_outcomes(d.outcomes)}。{d.internal}\n答复：{d.public_reply}",
            name,
        )
        for d, name in dispositions
    ]
    return [
        {"text": text, "who": name, "at": say_time(at, today)} for at, text, name in sorted(shown, key=lambda n: n[0])
    ]


def _say_outcomes(codes: Sequence[str]) -> str:
    return "、".join(OUTCOME_LABELS[Outcome(code)] for code in codes) or "没有另外处理"


def _reporter(reports: Sequence[Report], officer: Officer) -> dict[str, Any]:
    named = bool(reports and reports[0].named)
    return {
        "standing": "实名，锁着" if named else "没有留，不追问",
        "contact": "查询码对话",
        "phones": has_role(officer, *LISTENERS),
        "can_reveal": bool(reports) and officer.public_key is not None and has_role(officer, *MAY_REVEAL),
    }


def _institution(session: Session, officer: Officer, case: Case, house: House) -> dict[str, Any] | None:
    home = session.get(Institution, case.institution_code) if case.institution_code else None
    if home is None:
        return None
    names = category_names(house)
    earlier = list_earlier_cases(session, officer, home.code, but=case.id)
    return {
        "name": home.name,
        "operator": OPERATOR[home.operator_kind],
        "beds": home.beds,
        "earlier": [
            {
                "id": other.id,
                "number": other.number,
                "label": names.get(other.category or "", ""),
                "day": say_day(other.opened_on),
                "status": STATUS[other.status],
            }
            for other in earlier
        ],
    }
