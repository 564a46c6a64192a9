"""Keeping a colleague out of a sealed case takes two (公务员法 art. 77): one clue officer asks, a third person agrees.

The third is another clue officer inside, or a leader whom nothing inside names; the leader reads a mark, a day and one
of the law's three reasons, never which case, which home, or who.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.clues import is_kept_out, list_kept_out
from casework.errors import InvalidField, NotAllowed, NotFound
from casework.ledger import Verb, by_officer, record
from casework.models.cases import Case
from casework.models.consents import KeepingOutRequest
from casework.models.ledger import LedgerEntry
from casework.models.people import Officer
from casework.roster import build_roster
from casework.sealed_exclusions import put_out_of_sealed
from casework.sealing import SealedContent, SealingReason, list_allowed
from casework.types import RecusalReason, Role
from casework.visibility import has_role, require_role

SUBJECT = "keeping_out"
HOLDS = timedelta(days=7)
MARK_LETTERS = 4
REASONS = {
    RecusalReason.OWN_INTEREST: "和本人有利害关系",
    RecusalReason.RELATIVE: "和他的近亲属有利害关系",
    RecusalReason.OTHER: "别的可能影响公正的情形",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What of a request may be shown to whoever decides: a mark to speak of it by, the day, the reason."""

    id: str
    mark: str
    asked_at: datetime
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class InsideProposal:
    """The same for the clue officers inside, who know the case and each other; `mine` for the one who asked."""

    proposal: Proposal
    who: str
    asked_by: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How often, over all sealed cases, clue officers were kept out by a colleague, asked for it, or stood aside."""

    asked: int
    agreed: int
    refused: int
    stood_aside: int


def ask_keeping_out(
    session: Session, opened: SealedContent, officer_id: str, reason: RecusalReason, *, by: Officer, now: datetime
) -> KeepingOutRequest:
    """Propose to keep a colleague out of an opened case; he goes on seeing it until a third person has agreed.

    Nothing of it is written inside or in the case's own part of the ledger, for he reads both. Raises InvalidField
    ("holder"): `not_inside`, `asked_already`, `nobody_to_agree`; NotAllowed for another role or for himself.
    """
    require_role(by, Role.CLUE_OFFICER, act="exclude")
    case = opened.case
    inside = {officer.id for officer in list_allowed(session, case.id)}
    if officer_id == by.id:
        raise NotAllowed("exclude")
    if officer_id not in inside or by.id not in inside:
        raise InvalidField("holder", "not_inside")
    if any(each.officer_id == officer_id for each in _list_waiting(session, case.id, now)):
        raise InvalidField("holder", "asked_already")
    leaders = [each.id for each in _list_free_leaders(session, opened) if each.id not in (officer_id, by.id)]
    if not leaders and not inside - {officer_id, by.id}:
        raise InvalidField("holder", "nobody_to_agree")
    request = KeepingOutRequest(
        case_id=case.id, officer_id=officer_id, asked_by=by.id, asked=leaders, reason=reason, asked_at=now
    )
    session.add(request)
    session.flush()
    _record(session, request, Verb.KEEPING_OUT_ASKED, by=by, now=now)
    return request


def list_for_leader(session: Session, leader: Officer, *, now: datetime) -> list[Proposal]:
    """What this leader was asked and nobody has decided; one who was not asked sees that there is nothing."""
    require_role(leader, Role.LEADER, act="consent")
    waiting = _list_waiting(session, None, now)
    return [_show(each) for each in waiting if leader.id in each.asked]


def list_inside(session: Session, opened: SealedContent, officer: Officer, *, now: datetime) -> list[InsideProposal]:
    """The proposals of an opened case for its clue officers, but for the one who is to be kept out."""
    names = {each.id: each.name for each in list_allowed(session, opened.case.id)}
    return [
        InsideProposal(
            _show(each), names.get(each.officer_id, ""), names.get(each.asked_by, ""), each.asked_by == officer.id
        )
        for each in _list_waiting(session, opened.case.id, now)
        if each.officer_id != officer.id and officer.id in names
    ]


def was_refused(session: Session, opened: SealedContent, officer: Officer, *, now: datetime) -> bool:
    """Whether a proposal of this officer's about an opened case was refused in the last seven days."""
    query = select(KeepingOutRequest.id).where(
        KeepingOutRequest.case_id == opened.case.id,
        KeepingOutRequest.asked_by == officer.id,
        KeepingOutRequest.agreed.is_(False),
        KeepingOutRequest.decided_at > now - HOLDS,
    )
    return session.scalar(query.limit(1)) is not None


def decide_keeping_out(session: Session, request_id: str, *, agreed: bool, by: Officer, now: datetime) -> None:
    """The third person decides; with his consent the colleague's key to the case goes at once.

    Raises NotFound for whoever was not asked, the one who asked, the one it is about, or once it was decided or lapsed;
    InvalidField ("holder") where meanwhile he is not inside or would be the last.
    """
    request = session.get(KeepingOutRequest, request_id, with_for_update=True)
    if request is None or request.decided_at is not None or request.asked_at <= now - HOLDS:
        raise NotFound(SUBJECT, request_id)
    case = session.get_one(Case, request.case_id)
    inside = {officer.id for officer in list_allowed(session, case.id)}
    if not _may_decide(request, by, inside) or request.asked_by not in inside:
        raise NotFound(SUBJECT, request_id)
    reason = request.reason
    request.decided_by, request.decided_at, request.agreed, request.reason = by.id, now, agreed, None
    _record(session, request, Verb.KEEPING_OUT_AGREED if agreed else Verb.KEEPING_OUT_REFUSED, by=by, now=now)
    if agreed and reason is not None:
        asker = session.get_one(Officer, request.asked_by)
        why = f"{REASONS[reason]}（{asker.name}提议，第二人同意）"
        put_out_of_sealed(session, case, request.officer_id, why=why, by=asker, second=by, now=now)
    session.flush()


def count_keepings_out(session: Session, *, since: datetime) -> Counts:
    """For the log auditor, and for every clue officer, who may have been one of them: numbers, no case and no name."""
    query = select(LedgerEntry.verb, func.count()).where(LedgerEntry.at >= since, LedgerEntry.subject == SUBJECT)
    done: dict[str, int] = {row[0]: row[1] for row in session.execute(query.group_by(LedgerEntry.verb))}
    out = select(func.count()).where(
        LedgerEntry.at >= since,
        LedgerEntry.subject == "officer",
        LedgerEntry.verb == Verb.EXCLUDED.value,
        LedgerEntry.actor_id == LedgerEntry.subject_id,
    )
    return Counts(
        done.get(Verb.KEEPING_OUT_ASKED.value, 0),
        done.get(Verb.KEEPING_OUT_AGREED.value, 0),
        done.get(Verb.KEEPING_OUT_REFUSED.value, 0),
        session.scalar(out) or 0,
    )


def _list_waiting(session: Session, case_id: str | None, now: datetime) -> Sequence[KeepingOutRequest]:
    """Those of one case, or (None) all, that nobody has decided and that have not lapsed."""
    query = select(KeepingOutRequest).where(
        KeepingOutRequest.decided_at.is_(None), KeepingOutRequest.asked_at > now - HOLDS
    )
    if case_id is not None:
        query = query.where(KeepingOutRequest.case_id == case_id)
    return session.scalars(query.order_by(KeepingOutRequest.asked_at, KeepingOutRequest.id)).all()


def _list_free_leaders(session: Session, opened: SealedContent) -> list[Officer]:
    """The leaders who may be asked: none where leadership is complained of, and nobody whom anything inside hits."""
    if SealingReason.LEADERSHIP.value in opened.record.get("reasons", ()):
        return []
    kept = list_kept_out(session, opened.case, opened)
    roster = build_roster(session)
    staff = session.scalars(select(Officer).where(Officer.removed_at.is_(None)).order_by(Officer.username))
    return [each for each in staff if has_role(each, Role.LEADER) and not is_kept_out(each, kept, roster)]


def _may_decide(request: KeepingOutRequest, by: Officer, inside: set[str]) -> bool:
    if by.removed_at is not None or by.id in (request.asked_by, request.officer_id):
        return False
    return by.id in inside or (by.id in request.asked and has_role(by, Role.LEADER))


def _show(request: KeepingOutRequest) -> Proposal:
    reason = REASONS[request.reason] if request.reason is not None else ""
    return Proposal(request.id, request.id[:MARK_LETTERS].upper(), request.asked_at, request.asked_at + HOLDS, reason)


def _record(session: Session, request: KeepingOutRequest, verb: Verb, *, by: Officer, now: datetime) -> None:
    record(session, actor=by_officer(by), verb=verb, subject=SUBJECT, subject_id=request.id, now=now)
    session.flush()
