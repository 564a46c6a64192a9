"""Keeping a colleague out of a sealed case takes two (公务员法 art. 77): one clue officer asks, a third person agrees.

The third is another clue officer inside, or a leader whom nothing inside names; the leader reads a mark, a day and one
of the law's three reasons, never which case, which home, or who. What else waits for a third is asked in
`thirdpersons`, and decided here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.clues import is_kept_out, list_kept_out
from casework.conflicts import Conflict, is_hit
from casework.errors import InvalidField, NotAllowed, NotFound
from casework.foureyes import HOLDS
from casework.ledger import Verb, by_officer, record
from casework.models.cases import Case
from casework.models.consents import KeepingOutRequest
from casework.models.ledger import LedgerEntry
from casework.models.people import Officer
from casework.roster import Roster, build_roster
from casework.sealed_exclusions import put_out_of_sealed
from casework.sealing import SealedContent, SealingReason, list_allowed
from casework.types import ConsentKind, ReceiverLevel, RecusalReason, Role
from casework.visibility import has_role, require_role

SUBJECT = "keeping_out"
MARK_LETTERS = 4
REASONS = {
    RecusalReason.OWN_INTEREST: "和本人有利害关系",
    RecusalReason.RELATIVE: "和他的近亲属有利害关系",
    RecusalReason.OTHER: "别的可能影响公正的情形",
}
OWN_CHANGES = frozenset({"password", "second_factor"})
"""What may change about a leader while he is asked without touching whom words can mean."""
DOUBTED = "话里的一个词可能说的是这位同事，也可能不是"
LEVELS = {
    ReceiverLevel.DISCIPLINE: "移送县里的纪检监察机关",
    ReceiverLevel.DISCIPLINE_ABOVE: "移送上一级纪检监察机关",
    ReceiverLevel.POLICE: "移送公安机关",
    ReceiverLevel.ABOVE: "移送上一级单位",
}
_CONSENT = (Verb.CONSENT_ASKED, Verb.CONSENT_AGREED, Verb.CONSENT_REFUSED)
_VERBS = {
    ConsentKind.KEEPING_OUT: (Verb.KEEPING_OUT_ASKED, Verb.KEEPING_OUT_AGREED, Verb.KEEPING_OUT_REFUSED),
    ConsentKind.LETTING_IN: _CONSENT,
    ConsentKind.HANDING_ON: _CONSENT,
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What of a request may be shown to whoever decides: its kind, a mark to speak of it by, the day, the reason; of
    handing on the kind of receiver instead.
    """

    id: str
    mark: str
    asked_at: datetime
    until: datetime
    reason: str
    kind: ConsentKind


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
    inside = {officer.id for officer in list_allowed(session, opened.case.id)}
    if officer_id == by.id:
        raise NotAllowed("exclude")
    if officer_id not in inside or by.id not in inside:
        raise InvalidField("holder", "not_inside")
    request = KeepingOutRequest(
        kind=ConsentKind.KEEPING_OUT, case_id=opened.case.id, officer_id=officer_id, reason=reason
    )
    return ask_third(session, opened, request, by=by, now=now)


def ask_third(
    session: Session, opened: SealedContent, request: KeepingOutRequest, *, by: Officer, now: datetime
) -> KeepingOutRequest:
    """Put a request before whoever may decide as a third: clue officers inside, and the leaders whom nothing names.

    Raises InvalidField("holder"): `asked_already` while somebody may still decide the same, `nobody_to_agree`.
    """
    others = {officer.id for officer in list_allowed(session, opened.case.id)} - {request.officer_id, by.id}
    for each in _list_waiting(session, opened.case.id, now):
        same = (each.kind, each.officer_id, each.level) == (request.kind, request.officer_id, request.level)
        if same and (each.asked or others):
            raise InvalidField("holder", "asked_already")
    leaders = [each.id for each in list_free_leaders(session, opened) if each.id not in (request.officer_id, by.id)]
    if not leaders and not others:
        raise InvalidField("holder", "nobody_to_agree")
    request.asked_by, request.asked, request.asked_at = by.id, leaders, now
    session.add(request)
    session.flush()
    _record(session, request, _VERBS[request.kind][0], by=by, now=now)
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
            _show(each), _name(session, each.officer_id), names.get(each.asked_by, ""), each.asked_by == officer.id
        )
        for each in _list_waiting(session, opened.case.id, now)
        if each.officer_id != officer.id and officer.id in names
    ]


def was_refused(session: Session, opened: SealedContent, officer: Officer, *, now: datetime) -> bool:
    """Whether a proposal of this officer's about an opened case was refused in the last seven days."""
    query = select(KeepingOutRequest.id).where(
        KeepingOutRequest.case_id == opened.case.id,
        KeepingOutRequest.kind == ConsentKind.KEEPING_OUT,
        KeepingOutRequest.asked_by == officer.id,
        KeepingOutRequest.agreed.is_(False),
        KeepingOutRequest.decided_at > now - HOLDS,
    )
    return session.scalar(query.limit(1)) is not None


def decide_keeping_out(session: Session, request_id: str, *, agreed: bool, by: Officer, now: datetime) -> ConsentKind:
    """The third person decides; with his consent the colleague's key to the case goes at once. Which kind it was.

    With a consent to let in or to hand on nothing happens yet: the one who asked does it, and then, with the case
    open, who agreed is tested again. Raises NotFound for whoever was not asked, was struck off or changed his place
    since, the one who asked, the one it is about, or once it was decided or lapsed; InvalidField ("holder") where
    meanwhile he is not inside or would be the last.
    """
    request = session.get(KeepingOutRequest, request_id, with_for_update=True)
    if request is None or request.decided_at is not None or request.asked_at <= now - HOLDS:
        raise NotFound(SUBJECT, request_id)
    case = session.get_one(Case, request.case_id)
    inside = {officer.id for officer in list_allowed(session, case.id)}
    if not case.sealed or not _may_decide(session, request, by, inside) or request.asked_by not in inside:
        raise NotFound(SUBJECT, request_id)
    reason, whom = request.reason, request.officer_id
    request.decided_by, request.decided_at, request.agreed, request.reason = by.id, now, agreed, None
    _record(session, request, _VERBS[request.kind][1 if agreed else 2], by=by, now=now)
    if agreed and reason is not None and whom is not None:
        asker = session.get_one(Officer, request.asked_by)
        why = f"{REASONS[reason]}（{asker.name}提议，第二人同意）"
        put_out_of_sealed(session, case, whom, why=why, by=asker, second=by, now=now)
    session.flush()
    return request.kind


def strike_hit_leaders(
    session: Session, case: Case, conflicts: Sequence[Conflict], roster: Roster, *, now: datetime
) -> None:
    """Later words have come into a sealed case: a leader whom they mean is asked about it no longer.

    Where they complain of leadership, no leader is. Only when words come in does the server know whom they mean.
    """
    if not conflicts:
        return
    hit = {each.id for each in roster.officers if is_hit(each, conflicts, roster)}
    for request in _list_waiting(session, case.id, now):
        if any(each.leadership for each in conflicts):
            request.asked = []
        elif hit & set(request.asked):
            request.asked = [each for each in request.asked if each not in hit]
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


def list_free_leaders(session: Session, opened: SealedContent) -> list[Officer]:
    """The leaders who may be asked: none where leadership is complained of, and nobody whom anything inside hits."""
    if SealingReason.LEADERSHIP.value in opened.record.get("reasons", ()):
        return []
    kept = list_kept_out(session, opened.case, opened)
    roster = build_roster(session)
    staff = session.scalars(select(Officer).where(Officer.removed_at.is_(None)).order_by(Officer.username))
    return [each for each in staff if has_role(each, Role.LEADER) and not is_kept_out(each, kept, roster)]


def _may_decide(session: Session, request: KeepingOutRequest, by: Officer, inside: set[str]) -> bool:
    if by.removed_at is not None or by.id in (request.asked_by, request.officer_id):
        return False
    if by.id in inside:
        return True
    return by.id in request.asked and has_role(by, Role.LEADER) and not _was_changed(session, request, by)


def _was_changed(session: Session, request: KeepingOutRequest, leader: Officer) -> bool:
    """Whether his name, post, body or roles were changed since he was asked: the test that spared him is stale then."""
    query = select(LedgerEntry.details).where(
        LedgerEntry.subject == "officer",
        LedgerEntry.subject_id == leader.id,
        LedgerEntry.verb == Verb.OFFICER_CHANGED,
        LedgerEntry.at > request.asked_at,
    )
    return any(set(details.get("fields", ())) - OWN_CHANGES for details in session.scalars(query))


def _name(session: Session, officer_id: str | None) -> str:
    officer = session.get(Officer, officer_id) if officer_id else None
    return officer.name if officer else ""


def _show(request: KeepingOutRequest) -> Proposal:
    said = (
        REASONS[request.reason] if request.reason is not None else LEVELS[request.level] if request.level else DOUBTED
    )
    mark, until = request.id[:MARK_LETTERS].upper(), request.asked_at + HOLDS
    return Proposal(request.id, mark, request.asked_at, until, said, request.kind)


def _record(session: Session, request: KeepingOutRequest, verb: Verb, *, by: Officer, now: datetime) -> None:
    record(session, actor=by_officer(by), verb=verb, subject=SUBJECT, subject_id=request.id, now=now)
    session.flush()
