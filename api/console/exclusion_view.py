"""Who is kept out of a case and why, as a picture for clue officers: from the word, by the rule, to the person.

Beside it the whole office, each in his section: who sees the case, who is kept from it, whose post sees none anyway.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.console.clue_view import REASONS
from api.pages import say_day
from casework.clock import local_date
from casework.clues import KeptOut, list_kept_out
from casework.consents import REASONS as REASONS_TO_STAND_ASIDE
from casework.consents import list_inside, was_refused
from casework.exclusions import may_clear
from casework.models.cases import Case
from casework.models.people import Body, Officer
from casework.roster import Roster, build_roster
from casework.sealing import SealedContent, list_allowed
from casework.types import ExclusionReason
from casework.visibility import visible_cases

HANDED_ON = "信访工作条例第三十条：检举揭发材料不转给被检举的人和单位"
OWN_INTEREST = "公务员法第七十六条：本人或者近亲属有利害关系的要回避"
ARTICLES: Mapping[ExclusionReason, str] = {
    ExclusionReason.NAMED: HANDED_ON,
    ExclusionReason.UNIT_NAMED: HANDED_ON,
    ExclusionReason.UNIT_MENTIONED: HANDED_ON,
    ExclusionReason.POST_NAMED: HANDED_ON,
    ExclusionReason.OPERATES_INSTITUTION: OWN_INTEREST,
    ExclusionReason.DECLARED_TIE: OWN_INTEREST,
    ExclusionReason.OWN_PLACE: "信访工作条例第二十八条第三款：办理的人与事情有利害关系的要回避",
    ExclusionReason.SUBORDINATE: "公务员法第七十六条：其他可能影响公正办理的情形",
    ExclusionReason.BY_HAND: "公务员法第七十七条：本人申请、他人提出或者机关决定",
}
OUT, DOUBT, IN, ELSE = "out", "doubt", "in", "else"
STATES: Mapping[str, str] = {OUT: "看不到", DOUBT: "看不到，待定", IN: "看得到", ELSE: "岗位不看这件"}
NO_WORDS = "没有哪一个词"


def view_picture(session: Session, officer: Officer, case: Case, opened: SealedContent | None = None) -> dict[str, Any]:
    """Everything the page draws; the caller has got the case through the door, a sealed one is open."""
    kept = list_kept_out(session, case, opened)
    roster = build_roster(session)
    seeing = _list_seeing(session, case, opened)
    offices = _draw_offices(session, kept, roster, seeing)
    inside = list_allowed(session, case.id) if opened is not None else None
    return {
        "here": f"/console/sealed/{case.id}" if opened else f"/console/cases/{case.id}",
        "number": case.number,
        "sealed": opened is not None,
        "branches": _draw_branches(session, officer, kept),
        "offices": offices,
        "counts": {
            state: sum(each["state"] == state for office in offices for each in office["people"]) for state in STATES
        },
        "officers": [(f"officer:{each.id}", _say_name(each, officer)) for each in inside or _list_staff(session)],
        "bodies": []
        if opened
        else [(f"body:{body.code}", body.name) for body in session.scalars(select(Body).order_by(Body.code))],
    }


def view_proposals(session: Session, officer: Officer, opened: SealedContent, *, now: datetime) -> dict[str, Any]:
    """The proposals of a sealed case that he may read, and whether one of his own was refused."""
    today = local_date(now)
    return {
        "reasons": [(reason.value, words) for reason, words in REASONS_TO_STAND_ASIDE.items()],
        "proposals": [
            {
                "id": each.proposal.id,
                "mark": each.proposal.mark,
                "who": each.who,
                "by": each.asked_by,
                "mine": each.mine,
                "kind": each.proposal.kind.value,
                "reason": each.proposal.reason,
                "until": say_day(local_date(each.proposal.until), today),
            }
            for each in list_inside(session, opened, officer, now=now)
        ],
        "was_refused": was_refused(session, opened, officer, now=now),
    }


def _draw_branches(session: Session, officer: Officer, kept: Sequence[KeptOut]) -> list[dict[str, Any]]:
    """Grouped by the words that hit, in the order in which they were found; those by hand stand last."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in sorted(kept, key=lambda row: (row.reason is ExclusionReason.BY_HAND, not row.phrase)):
        words = "人定的" if each.reason is ExclusionReason.BY_HAND else each.phrase or NO_WORDS
        found.setdefault(words, []).append(_draw_leaf(session, officer, each))
    return [
        {"words": words, "quoted": words not in ("人定的", NO_WORDS), "leaves": leaves}
        for words, leaves in found.items()
    ]


def _draw_leaf(session: Session, officer: Officer, each: KeptOut) -> dict[str, Any]:
    person = session.get(Officer, each.officer_id) if each.officer_id else None
    body = session.get(Body, each.body_code) if each.body_code else None
    clearer = session.get(Officer, each.cleared_by) if each.cleared_by else None
    maker = session.get(Officer, each.made_by) if each.made_by else None
    free = each.exclusion_id and not clearer
    clearable = free and may_clear(each.reason, certain=each.certain, made_by=each.made_by, by=officer)
    return {
        "rule": REASONS[each.reason],
        "article": ARTICLES[each.reason],
        "who": body.name if body else person.name if person else "",
        "post": "全单位的人，后来的、调走的也算" if body else (person.post if person else ""),
        "state": "" if clearer else OUT if each.certain else DOUBT,
        "label": f"{clearer.name} 已解除" if clearer else STATES[OUT if each.certain else DOUBT],
        "by": maker.name if maker else "",
        "why": each.why,
        "id": each.exclusion_id if clearable else "",
    }


def _draw_offices(session: Session, kept: Sequence[KeptOut], roster: Roster, seeing: set[str]) -> list[dict[str, Any]]:
    names = {body.code: body.name for body in session.scalars(select(Body))}
    offices: dict[str, list[dict[str, str]]] = {}
    for person in _list_staff(session):
        state = _find_state(person, kept, roster, seeing)
        offices.setdefault(person.body_code, []).append(
            {"name": person.name, "post": person.post, "state": state, "label": STATES[state]}
        )
    return [{"name": names.get(code, code), "people": people} for code, people in offices.items()]


def _find_state(person: Officer, kept: Sequence[KeptOut], roster: Roster, seeing: set[str]) -> str:
    bodies = roster.bodies_of_id(person.id)
    hits = [row for row in kept if not row.cleared_by and (row.officer_id == person.id or row.body_code in bodies)]
    if person.id in seeing:
        return IN
    if not hits:
        return ELSE
    return OUT if any(row.certain for row in hits) else DOUBT


def _list_seeing(session: Session, case: Case, opened: SealedContent | None) -> set[str]:
    """Who may know of the case now, by the one condition and for each officer; the picture shows what really is."""
    if opened is not None:
        return {officer.id for officer in list_allowed(session, case.id)}
    return {
        person.id
        for person in _list_staff(session)
        if session.scalar(select(Case.id).where(Case.id == case.id, visible_cases(person)))
    }


def _list_staff(session: Session) -> list[Officer]:
    query = select(Officer).where(Officer.removed_at.is_(None)).order_by(Officer.body_code, Officer.username)
    return list(session.scalars(query))


def _say_name(person: Officer, me: Officer) -> str:
    name = f"{person.name}（{person.post}）" if person.post else person.name
    return f"{name}，就是我" if person.id == me.id else name
