"""The page of one proposal as data: what it is, how far its trial has come, what would move, what may be done."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.console.lexicon_view import STATES, say_change, topic_names
from api.console.marking import Reason, cut_pieces
from api.pages import say_time
from api.wiring import House
from casework.clock import local_date
from casework.lexicon_proposals import may_set_live
from casework.lexicon_trials import Moved, Verdict, list_moved_for
from casework.lexicons import get_active, list_deciders
from casework.models.lexicon import LexiconProposal, ProposalStatus
from casework.models.people import Officer
from casework.types import Role
from casework.visibility import has_role
from triage.overlay_files import change_of

MOVES_SIZE = 20
URGENCY: Mapping[str, str] = {"critical": "危急", "high": "紧急", "normal": "一般"}


def view_proposal(
    session: Session, officer: Officer, proposal: LexiconProposal, house: House, page: int, now: datetime
) -> dict[str, Any]:
    """One proposal: what it is, how far its trial is, what would move and what this officer may do.

    How many cases were tried is told to the proposer alone: beside his own number it would tell another that there are
    cases he may not know of.
    """
    names = topic_names(house)
    first = (page - 1) * MOVES_SIZE
    moved, tally = list_moved_for(session, officer, proposal, first=first, most=MOVES_SIZE)
    tested = proposal.status is ProposalStatus.TESTED
    proposer = session.get_one(Officer, proposal.proposed_by)
    decider = session.get(Officer, proposal.decided_by) if proposal.decided_by else None
    today = local_date(now)
    return {
        "id": proposal.id,
        "href": f"/console/lexicon/proposals/{proposal.id}",
        **say_change(change_of(proposal.change), names),
        "status": STATES[proposal.status][0],
        "tone": STATES[proposal.status][1],
        "testing": proposal.status is ProposalStatus.TESTING,
        "tested": tested,
        "live": proposal.version if proposal.status is ProposalStatus.LIVE else None,
        "reason": proposal.reason,
        "proposed": f"{proposer.name} {say_time(proposal.proposed_at, today)}",
        "decided": f"{decider.name} {say_time(proposal.decided_at, today)}" if decider else "",
        "over": proposal.over,
        "stale": tested and get_active(session) != proposal.over,
        "own": proposal.proposed_by == officer.id,
        "done": proposal.done,
        "total": max(proposal.total, proposal.done),
        "tally": tally,
        "moves": [_move(each, house) for each in moved],
        "page": {
            "first": first + 1,
            "last": first + len(moved),
            "previous": f"?page={page - 1}" if page > 1 else "",
            "next": f"?page={page + 1}" if first + len(moved) < tally.moved else "",
        },
        "can_set_live": tested and may_set_live(proposal, officer, house.lexicon.base),
        "decider": say_decider(proposal, officer, house),
        "can_drop": proposal.status in (ProposalStatus.TESTING, ProposalStatus.TESTED),
    }


def say_decider(proposal: LexiconProposal, officer: Officer, house: House) -> str:
    """Whom it waits for, in words."""
    roles = list_deciders(change_of(proposal.change), house.lexicon.base)
    who = "值班长或者密件员" if Role.SUPERVISOR in roles else "密件员（这些词管着线索和险情怎么认）"
    other = "另一位" if officer.id == proposal.proposed_by and has_role(officer, *roles) else ""
    return f"等{other}{who}看过，由他启用。"


def _move(moved: Moved, house: House) -> dict[str, Any]:
    names = topic_names(house)
    reasons = [
        Reason(number, moved.text[start:end], why, "词库", start, end)
        for number, (start, end, why) in enumerate(moved.spans, 1)
    ]
    return {
        "id": moved.case.id,
        "number": moved.case.number,
        "pieces": [replace(piece, numbers=piece.numbers and (0,)) for piece in cut_pieces(moved.text, reasons)],
        "rows": list(_list_differences(moved.before, moved.after, names, house.context.taxonomy.bodies)),
        "settled": names.get(moved.case.category or "", ""),
        "gain": moved.gain,
    }


def _list_differences(
    before: Verdict, after: Verdict, names: Mapping[str, str], bodies: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """What differs, as name, from, to."""
    told = (
        ("类别", *("、".join(names.get(code, code) for code in each.categories) for each in (before, after))),
        ("紧急", URGENCY[before.urgency], URGENCY[after.urgency]),
        ("涉纪", *("涉纪" if each.discipline else "不涉纪" for each in (before, after))),
        ("承办", bodies.get(before.body, before.body), bodies.get(after.body, after.body)),
    )
    yield from ((name, old, new) for name, old, new in told if old != new)
