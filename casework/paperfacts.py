"""What the papers of a case are filled in with: days, names, limits and the house's own sentences, never his words.

Everything is read from the rows of an open case that its officer has got through the one door.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.assignments import list_assignments
from casework.clock import local_date
from casework.deadlines import ClockState, list_deadlines
from casework.models.cases import Case, Deadline, Disposition, Extension
from casework.models.people import Body, Institution, Officer, Town
from casework.notices import write_date
from casework.outcomes import FINDING_LABELS, OUTCOME_LABELS, Outcome
from casework.referral_desk import ReferralDesk, gather_facts
from casework.types import Channel
from triage.types import Urgency

WAYS: Mapping[Channel, str] = {
    Channel.WECHAT: "微信",
    Channel.WEB: "网页",
    Channel.TELEGRAM: "网络",
    Channel.PHONE: "电话",
    Channel.LETTER: "来信",
    Channel.VISIT: "来访",
    Channel.MEDIA: "媒体",
    Channel.TRANSFERRED: "其他机关转来",
}
URGENCIES: Mapping[Urgency, str] = {Urgency.CRITICAL: "特急", Urgency.HIGH: "急件", Urgency.NORMAL: "平件"}
CLOSING_DAYS = timedelta(days=60)
CLOSE_RULES = ("petition_close",)
HANDLE_RULES = ("handle", "handle_again", "answer_inquiry", "answer_report")


def gather_paper_facts(
    session: Session, case: Case, desk: ReferralDesk, *, by: Officer, now: datetime
) -> dict[str, str]:
    """The facts of `paperwording.FACTS` as far as the house knows them; what it doesn't know is missing."""
    known = gather_facts(session, case)
    codes = tuple(score.code for score in known.assessment.categories) if known.assessment else ()
    codes = codes or ((case.category,) if case.category else ())
    body = session.get(Body, case.body_code) if case.body_code else None
    given = [each.instruction for each in list_assignments(session, case.id) if each.instruction]
    return {
        "reference": case.number,
        "received_on": write_date(known.received_on),
        "way": WAYS[known.channel] if known.channel else "其他方式",
        "categories": "、".join(desk.category_names.get(code, code) for code in codes),
        "problems": "\n".join(desk.wording.problems[code] for code in codes if code in desk.wording.problems),
        "urgency": URGENCIES[case.urgency] if case.urgency else "",
        "body": body.name if body else "",
        "above": _find_above(session),
        "contact_name": by.name,
        "instruction": given[-1] if given else "按职责办理，在期限内反馈结果。",
        **_read_place(session, case),
        **_read_clocks(session, case, desk, now),
        **_read_ending(session, case),
        **_read_extension(session, case),
    }


def _find_above(session: Session) -> str:
    """The organ above our house, which a complaint about our answer goes to."""
    house = session.scalars(select(Body).where(Body.internal, Body.part_of_code.is_(None)).order_by(Body.code)).first()
    above = session.get(Body, house.superior_code) if house and house.superior_code else None
    return above.name if above else ""


def _read_place(session: Session, case: Case) -> dict[str, str]:
    home = session.get(Institution, case.institution_code) if case.institution_code else None
    town_code = case.town_code or (home.town_code if home else None)
    town = session.get(Town, town_code) if town_code else None
    return {"institution": home.name if home else "", "place": town.name if town else ""}


def _read_clocks(session: Session, case: Case, desk: ReferralDesk, now: datetime) -> dict[str, str]:
    """The day to close by, the day to handle by, and what is late already, each limit with its article."""
    views = list_deadlines(session, case.id, office=desk.office, now=now)
    running = [view for view in views if view.state not in {ClockState.MET, ClockState.WAIVED}]
    close = next((view.due_on for view in running if view.rule in CLOSE_RULES), local_date(now) + CLOSING_DAYS)
    handle = [view.due_on for view in running if view.rule in HANDLE_RULES]
    late = [view for view in running if view.state is ClockState.OVERDUE]
    return {
        "close_by": write_date(close),
        "handle_by": write_date(min(handle)) if handle else "",
        "overdue": "\n".join(
            f"{view.label}的期限是{write_date(view.due_on)}（{view.article.split('：')[0]}），至今没有完成。"
            for view in late
        ),
    }


def _read_ending(session: Session, case: Case) -> dict[str, str]:
    query = select(Disposition).where(Disposition.case_id == case.id).order_by(Disposition.made_at.desc())
    ending = session.scalars(query).first()
    if ending is None:
        return {}
    came = "、".join(OUTCOME_LABELS[Outcome(code)] for code in ending.outcomes)
    verdict = f"经核实，反映的问题{FINDING_LABELS[ending.finding]}。" + (f"\n处理情况：{came}。" if came else "")
    return {"reply": ending.public_reply, "verdict": verdict}


def _read_extension(session: Session, case: Case) -> dict[str, str]:
    """The newest extension that was granted: why, to which day, by whom."""
    query = (
        select(Extension, Deadline, Officer)
        .join(Deadline, Deadline.id == Extension.deadline_id)
        .join(Officer, Officer.id == Extension.approved_by)
        .where(Deadline.case_id == case.id, Extension.approved_at.is_not(None))
        .order_by(Extension.approved_at.desc())
    )
    found = session.execute(query).first()
    if found is None:
        return {}
    extension, deadline, officer = found
    return {
        "extension_reason": extension.reason.rstrip("。"),
        "extended_to": write_date(deadline.due_on),
        "approved_by": f"我局{officer.post or '负责人'}",
    }
