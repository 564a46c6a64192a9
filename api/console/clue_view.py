"""What the clue desk shows beside a case, open or sealed: keys, who is kept out and why, receiver, questions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.pages import say_time
from casework.clock import local_date
from casework.clues import (
    KeptOut,
    Level,
    find_confirmation,
    is_bare,
    is_meant,
    list_doubtful_colleagues,
    list_gaps,
    list_kept_out,
    load_questions,
    propose_receiver,
    read_words,
    screen_words,
)
from casework.ledger import Verb
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.models.people import Body, Officer
from casework.resealing import find_unsealing_consent
from casework.roster import build_roster
from casework.sealing import SealedContent, list_allowed
from casework.types import ExclusionReason, SealedKind
from triage.types import Assessment

REASONS = {
    ExclusionReason.NAMED: "话里点了名",
    ExclusionReason.UNIT_NAMED: "话里点了单位",
    ExclusionReason.UNIT_MENTIONED: "话里提到这个单位",
    ExclusionReason.POST_NAMED: "话里说到这个职务",
    ExclusionReason.OPERATES_INSTITUTION: "开办或者管这家机构",
    ExclusionReason.DECLARED_TIE: "本人申报过关系",
    ExclusionReason.OWN_PLACE: "事情在他们辖区",
    ExclusionReason.SUBORDINATE: "归被说的人管",
    ExclusionReason.BY_HAND: "人定的",
}
LEVELS = {
    Level.DISCIPLINE: "说到纪检监察机关的人，送上一级。",
    Level.LEADERSHIP: "说到局领导，直接送县纪委监委，不经本局和派驻组。",
    Level.OWN_HOUSE: "说的是本局的人，送派驻组。",
    Level.OTHERS: "说的是局外的公职人员，送县纪委监委。",
}


def view_clue(session: Session, case: Case, now: datetime, opened: SealedContent | None = None) -> dict[str, Any]:
    """Everything of the clue desk's own; the case came through the door, a sealed one is open."""
    said, _ = read_words(session, case, opened)
    kept = list_kept_out(session, case, opened)
    allowed = list_allowed(session, case.id) if opened else []
    proposal = propose_receiver(screen_words(session, case, opened), build_roster(session))
    gaps = list_gaps(said)
    ready = load_questions()
    return {
        "here": f"/console/sealed/{case.id}" if opened else f"/console/cases/{case.id}",
        "sealed": opened is not None,
        "who": said.keys.who,
        "what": said.keys.what,
        "bare": is_bare(said),
        "persons": [person.text for person in said.persons] or ["没有听出是哪一个人"],
        "deeds": [f"{evidence.phrase}：{evidence.why}" for evidence in said.keys.evidence] or [said.explanation],
        "points": _list_points(said),
        "confirmed": _say_confirmed(session, case, now),
        "kept_out": [_say_kept_out(session, each) for each in kept],
        "allowed": [officer.name for officer in allowed],
        "doubtful": [
            {"id": officer.id, "name": officer.name, "meant": is_meant(officer, kept)}
            for officer in (list_doubtful_colleagues(session, kept, allowed) if opened else ())
        ],
        "asked_in": [],
        "agreed_in": [],
        "proposed": proposal.body_code if proposal else "",
        "why_proposed": LEVELS[proposal.level] if proposal else "",
        "intro": ready.intro,
        "outro": ready.outro,
        "questions": [
            {"code": each.code, "label": each.label, "text": each.text, "open": each.code in gaps}
            for each in ready.questions
        ],
    }


def view_unsealing(session: Session, opened: SealedContent, officer: Officer, now: datetime) -> dict[str, Any]:
    """Where the opening by two stands: nobody asked, I asked, or another has asked and I may agree."""
    case_id = opened.case.id
    allowed = list_allowed(session, case_id)
    first = find_unsealing_consent(session, case_id, officer, now=now)
    mine = any(
        find_unsealing_consent(session, case_id, other, now=now) == officer.id
        for other in allowed
        if other.id != officer.id
    )
    query = select(LedgerEntry).where(
        LedgerEntry.case_id == case_id, LedgerEntry.verb == Verb.UNSEAL_ASKED, LedgerEntry.actor_id == first
    )
    asked = session.scalars(query.order_by(LedgerEntry.id.desc()).limit(1)).first()
    notes = {item.id: item.payload for item in opened.items if item.kind is SealedKind.NOTE}
    said = notes.get(str(asked.details.get("note"))) if asked else None
    name = next((other.name for other in allowed if other.id == first), "")
    return {
        "asked_by": name,
        "reason": str(said["text"]) if said else "",
        "mine": mine,
        "alone": len(allowed) < 2,
    }


def _list_points(said: Assessment) -> Sequence[tuple[str, str, bool]]:
    """What is told beside the keys: its name, what was heard, whether it is there."""
    place = said.institution or said.place
    return (
        ("什么时候", said.when.text if said.when else "没有说", said.when is not None),
        ("在哪里", place.text if place else "没有说", place is not None),
        ("多少", "、".join(span.text for span in said.amounts) or "没有说", bool(said.amounts)),
    )


def _say_confirmed(session: Session, case: Case, now: datetime) -> str:
    entry = find_confirmation(session, case.id)
    if entry is None:
        return ""
    officer = session.get(Officer, entry.actor_id) if entry.actor_id else None
    return f"{officer.name if officer else ''} {say_time(entry.at, local_date(now))}"


def _say_kept_out(session: Session, each: KeptOut) -> dict[str, Any]:
    officer = session.get(Officer, each.officer_id) if each.officer_id else None
    body = session.get(Body, each.body_code) if each.body_code else None
    clearer = session.get(Officer, each.cleared_by) if each.cleared_by else None
    who = f"{officer.name}（{officer.post}）" if officer and officer.post else officer.name if officer else ""
    return {
        "phrase": each.phrase,
        "who": f"{body.name}（{_count_staff(session, body)}人）" if body else who,
        "reason": REASONS[each.reason],
        "certain": each.certain,
        "cleared_by": clearer.name if clearer else "",
        "id": each.exclusion_id if each.exclusion_id and not each.certain and not clearer else "",
    }


def _count_staff(session: Session, body: Body) -> int:
    query = select(func.count()).where(Officer.body_code == body.code, Officer.removed_at.is_(None))
    return session.scalar(query) or 0
