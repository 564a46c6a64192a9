"""The papers on the page of a case: those there are, and those that this officer may draft."""

from typing import Any

from sqlalchemy.orm import Session

from api.console.labels import REFERRAL
from api.wiring import House
from casework.caseletters import has_part, list_case_papers, list_kinds_for, stage_of
from casework.models.cases import Case
from casework.models.people import Officer


def view_papers(session: Session, officer: Officer, case: Case, house: House) -> dict[str, Any]:
    """`papers` of the kinds in which he has a part, and the `paper_kinds` that he may draft."""
    wording = house.paper_desk.wording
    shown = [
        {
            "id": paper.id,
            "label": wording.template_for(paper.kind).label,
            "number": paper.number,
            "stage": REFERRAL[stage_of(paper)],
        }
        for paper in list_case_papers(session, case)
        if has_part(officer, wording.template_for(paper.kind))
    ]
    return {
        "papers": shown,
        "paper_kinds": [(each.kind, each.label) for each in list_kinds_for(officer, case, wording)],
    }
