"""Extensions as data: under each clock of a case what was asked and granted, and the page of those who decide."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.pages import say_day, say_time
from api.wiring import House
from casework.caseletters import list_kinds_for
from casework.clock import local_date
from casework.deadlines import view_deadline
from casework.extensions import (
    MAY_ASK,
    Choice,
    Request,
    find_new_end,
    list_choices,
    list_decided_for,
    list_extensions,
    list_requests_for,
)
from casework.models.cases import Case, Deadline, Extension
from casework.models.people import Officer
from casework.office import Office
from casework.types import CaseKind, DeadlineUnit
from casework.visibility import has_role

UNITS: Mapping[DeadlineUnit, str] = {
    DeadlineUnit.WORKING_DAY: "个工作日",
    DeadlineUnit.DAY: "天",
    DeadlineUnit.HOUR: "小时",
    DeadlineUnit.MONTH: "个月",
}
PAPER = "extend"
"""The kind of the paper that tells the reporter (延期告知书)."""


def view_extensions(
    session: Session, officer: Officer, case: Case, *, office: Office, now: datetime
) -> dict[str, dict[str, Any]]:
    """By clock: what was asked and what became of it, and the later ends that this officer may ask for."""
    may_ask = has_role(officer, *MAY_ASK) and case.kind is CaseKind.ORDINARY and not case.sealed
    asked: dict[str, list[Extension]] = {}
    for row in list_extensions(session, case.id):
        asked.setdefault(row.deadline_id, []).append(row)
    found = {}
    for deadline in session.scalars(select(Deadline).where(Deadline.case_id == case.id)):
        choices = list_choices(session, deadline, office=office, now=now) if may_ask else ()
        rule = office.rules.get(deadline.rule_id)
        found[deadline.id] = {
            "lines": [_say(session, row, deadline, office, now) for row in asked.get(deadline.id, ())],
            "choices": [(choice.due_on.isoformat(), _say_choice(choice, deadline, now)) for choice in choices],
            "most": f"{rule.extendable_by}{UNITS[deadline.unit]}" if rule else "",
            "left": f"{choices[-1].length}{UNITS[deadline.unit]}" if choices else "",
        }
    return found


def view_requests(session: Session, officer: Officer, house: House, now: datetime) -> dict[str, Any]:
    """The page of a supervisor or leader: what waits for him, what was decided lately."""
    today = local_date(now)
    return {
        "waiting": [
            {
                **_describe(each, house, now),
                "own": each.extension.requested_by == officer.id,
                "words": draft_words(each, house.office),
            }
            for each in list_requests_for(session, officer)
        ],
        "decided": [
            {
                **_describe(each, house, now),
                "granted": each.extension.approved_at is not None,
                "at": say_time(each.extension.approved_at, today),
                "refused": each.extension.refused_reason or "",
                "paper": each.extension.approved_at is not None and can_draft(officer, each.case, house),
            }
            for each in list_decided_for(session, officer)
        ],
    }


def draft_words(request: Request, office: Office) -> str:
    """What the reporter will read, for the one who decides to change (信访工作条例 art. 34: 告知理由)."""
    until = say_day(find_new_end(request.extension, request.deadline, office))
    reason = request.extension.reason.rstrip("。")
    return f"您反映的事还没办完，要延到{until}。原因：{reason}。办好了，会在这里告诉您。"


def can_draft(officer: Officer, case: Case, house: House) -> bool:
    """Whether he may draft the 延期告知书 of this case."""
    return any(each.kind == PAPER for each in list_kinds_for(officer, case, house.paper_desk.wording))


def _describe(each: Request, house: House, now: datetime) -> dict[str, Any]:
    today = local_date(now)
    view = view_deadline(each.deadline, office=house.office, now=now)
    granted = each.extension.approved_at is not None
    until = each.deadline.due_on if granted else find_new_end(each.extension, each.deadline, house.office)
    return {
        "id": each.extension.id,
        "case_id": each.case.id,
        "number": each.case.number,
        "label": view.label,
        "article": view.article,
        "due": say_day(each.deadline.due_on, today),
        "until": say_day(until, today),
        "length": f"{each.extension.length}{UNITS[each.deadline.unit]}",
        "reason": each.extension.reason,
        "asker": each.asker,
        "asked_at": say_time(each.extension.requested_at, today),
    }


def _say_choice(choice: Choice, deadline: Deadline, now: datetime) -> str:
    return f"{say_day(choice.due_on, local_date(now))}，加{choice.length}{UNITS[deadline.unit]}"


def _say(session: Session, row: Extension, deadline: Deadline, office: Office, now: datetime) -> dict[str, str]:
    today = local_date(now)
    asker = session.get_one(Officer, row.requested_by).name
    asked = f"{asker} {say_time(row.requested_at, today)}申请加{row.length}{UNITS[deadline.unit]}：{row.reason}"
    if row.approved_at is not None and row.approved_by:
        by = session.get_one(Officer, row.approved_by).name
        told = "，告诉了反映人" if row.told_at else ""
        return {"state": "已延期", "tone": "bamboo", "text": asked, "end": f"{by}同意{told}。"}
    if row.refused_reason is not None:
        return {"state": "没同意", "tone": "line", "text": asked, "end": f"不同意：{row.refused_reason}"}
    until = say_day(find_new_end(row, deadline, office), today)
    return {"state": "等批", "tone": "ochre", "text": asked, "end": f"同意以后延到{until}。批下来以前，时限照走。"}
