"""What the page of a case shows of the machine's word and of people's: verdict, what it proposes since, timeline.

A story in several reports is judged as one; its reasons are shown with the words they stand in.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.console.marking import Reason
from api.console.queue_view import category_names
from api.pages import say_day, say_time
from api.wiring import House
from casework.assessments import list_revisions
from casework.clock import local_date
from casework.ledger import TimelineRow, Verb, list_timeline
from casework.models.cases import Case, CaseAssessment
from casework.models.people import Officer
from casework.rejudging import PROPOSED, find_proposal
from casework.types import Role
from casework.visibility import has_role
from triage.types import Assessment

KEPT_QUIET = frozenset({Verb.EXCLUDED, Verb.CLEARED})
"""That somebody is kept out is shown to clue officers alone."""


def view_verdict(session: Session, case: Case, assessment: Assessment, house: House, *, reads: bool) -> dict[str, Any]:
    """What triage made of it; the sentence that quotes the words is for those who may read them."""
    names = category_names(house)
    rows = list_revisions(session, case.id)
    corrected = [row.officer_id for row in rows if row.officer_id]
    corrector = session.get(Officer, corrected[-1]) if corrected else None
    proposed = find_proposal(rows)
    bodies = house.context.taxonomy.bodies
    return {
        "explanation": assessment.explanation if reads else "",
        "scores": [
            {
                "label": names.get(score.code, score.code),
                "percent": round(max(0.0, min(1.0, score.score)) * 100),
                "value": f"{score.score:.2f}",
            }
            for score in assessment.categories
        ],
        "body": bodies.get(assessment.body, assessment.body),
        "co_bodies": "、".join(bodies.get(code, code) for code in assessment.co_bodies),
        "discipline": "涉及，按线索办" if assessment.discipline else "没有点名，不属线索",
        "lexicon_version": assessment.lexicon_version,
        "corrected_by": corrector.name if corrector else "",
        "proposed": names.get(proposed, proposed) if proposed else "",
        "standing": names.get(case.category or "", case.category or ""),
    }


def share_reasons(reasons: Sequence[Reason], texts: Sequence[str | None]) -> list[list[Reason]]:
    """The reasons of each text of a story, counted from its own beginning; the verdict counts from the first's, with a
    line break between two. A reason whose words don't stand there (an older verdict's) is shown nowhere. Pure.
    """
    shared: list[list[Reason]] = []
    start = 0
    for each in texts:
        text = each or ""
        moved = [replace(reason, start=reason.start - start, end=reason.end - start) for reason in reasons]
        shared.append([reason for reason in moved if reason.start >= 0 and _stands(reason, text)])
        start += len(text) + 1
    return shared


def _stands(reason: Reason, text: str) -> bool:
    return text[reason.start : reason.end] == reason.words


def view_timeline(session: Session, officer: Officer, case: Case, house: House, now: datetime) -> list[dict[str, str]]:
    """What happened to the case, newest first."""
    today, names = local_date(now), category_names(house)
    rows = {row.revision: row for row in list_revisions(session, case.id)}
    return [
        {
            "label": _say_event(row, rows, names),
            "at": say_time(row.at, today) if row.at else say_day(row.on),
            "who": row.actor_name,
        }
        for row in reversed(list_timeline(session, case.id))
        if row.verb not in KEPT_QUIET or has_role(officer, Role.CLUE_OFFICER)
    ]


def _say_event(row: TimelineRow, revisions: dict[int, CaseAssessment], names: dict[str, str]) -> str:
    """The ledger keeps no category; what was proposed stands in the revision."""
    revision = revisions.get(int(row.details.get("revision") or 0))
    if revision is None or row.verb not in (Verb.WEIGHED_AGAIN, Verb.PROPOSED_ANEW):
        return row.label
    kept = revision.verdict
    code = kept.get(PROPOSED) if row.verb is Verb.PROPOSED_ANEW else kept["categories"][0]["code"]
    return f"{row.label}：{names.get(code or '', code or '')}"
