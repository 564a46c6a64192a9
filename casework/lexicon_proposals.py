"""Proposals to change the lexicon: made by one, tried on the open history, set live by another's second look.

Nothing takes effect before that, and it goes live only over the version that it was tried over.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.errors import IllegalMove, InvalidField, NotAllowed, NotFound, StaleVersion
from casework.jobs import JobName, enqueue
from casework.ledger import Verb, by_officer, record
from casework.lexicon_trials import count_history
from casework.lexicons import PROPOSERS, SUBJECT, add_version, get_active, list_deciders, read_changes
from casework.models.lexicon import PROPOSAL_TRANSITIONS, LexiconMove, LexiconProposal, ProposalStatus
from casework.models.people import Officer
from casework.visibility import has_role, require_role
from triage.context import Context
from triage.overlay import BadChange, Change, amend, lay_over, list_topics, read_change
from triage.overlay_files import change_of, fields_of

LONGEST_REASON = 200


def propose_change(
    session: Session, change: Change, reason: str, *, by: Officer, base: Context, now: datetime
) -> LexiconProposal:
    """Keep a proposal and queue its trial. Raises NotAllowed; InvalidField for what is wrong with the change."""
    require_role(by, *PROPOSERS, act="propose_lexicon")
    if not reason.strip():
        raise InvalidField("reason", "required")
    if len(reason) > LONGEST_REASON:
        raise InvalidField("reason", "too_long")
    active = get_active(session)
    read = _check(change, read_changes(session, active), base)
    proposal = LexiconProposal(
        status=ProposalStatus.TESTING,
        change=fields_of(read),
        reason=reason.strip(),
        proposed_by=by.id,
        proposed_at=now,
        over=active,
        total=count_history(session, by),
    )
    session.add(proposal)
    session.flush()
    enqueue(session, JobName.TRY_LEXICON, proposal.id)
    details = {"over": active}
    record(
        session,
        actor=by_officer(by),
        verb=Verb.LEXICON_PROPOSED,
        subject=SUBJECT,
        subject_id=proposal.id,
        details=details,
        now=now,
    )
    return proposal


def get_proposal(session: Session, officer: Officer, proposal_id: str) -> LexiconProposal:
    """One proposal, for those who may propose. Raises NotAllowed, NotFound."""
    require_role(officer, *PROPOSERS, act="read_lexicon")
    found = session.get(LexiconProposal, proposal_id)
    if found is None:
        raise NotFound("proposal", proposal_id)
    return found


def list_proposals(session: Session, *, limit: int = 20) -> list[LexiconProposal]:
    """Those on which nobody has decided yet, the newest first."""
    open_ones = LexiconProposal.status.in_((ProposalStatus.TESTING, ProposalStatus.TESTED))
    query = select(LexiconProposal).where(open_ones).order_by(LexiconProposal.proposed_at.desc())
    return list(session.scalars(query.limit(limit)))


def may_set_live(proposal: LexiconProposal, officer: Officer, base: Context) -> bool:
    """Whether this officer is the second person for it."""
    deciders = list_deciders(change_of(proposal.change), base)
    return officer.id != proposal.proposed_by and has_role(officer, *deciders)


def set_live(
    session: Session, proposal: LexiconProposal, *, seen: bool, by: Officer, base: Context, now: datetime
) -> int:
    """The second look: another than the proposer has seen what would move and sets it live; returns the version.

    Raises NotAllowed (the proposer himself, or one who may not decide about such words), IllegalMove, InvalidField
    where he has not looked, StaleVersion where another version has become active since the trial: it must run again.
    """
    if not may_set_live(proposal, by, base):
        raise NotAllowed("set_lexicon_live")
    _check_move(proposal, ProposalStatus.LIVE)
    if not seen:
        raise InvalidField("seen", "not_looked")
    if get_active(session) != proposal.over:
        raise StaleVersion(proposal.id)
    change = change_of(proposal.change)
    changes = amend(read_changes(session, proposal.over), change, base.lexicon)
    version = add_version(
        session, changes, change=change, reason=proposal.reason, base=base, by=by_officer(by), now=now
    )
    proposal.version = version.number
    _decide(proposal, ProposalStatus.LIVE, by, now)
    session.execute(delete(LexiconMove).where(LexiconMove.proposal_id == proposal.id))
    session.flush()
    return version.number


def drop_proposal(session: Session, proposal: LexiconProposal, *, by: Officer, now: datetime) -> None:
    """Give a proposal up; what its trial found goes. Raises NotAllowed, IllegalMove."""
    require_role(by, *PROPOSERS, act="drop_lexicon")
    _check_move(proposal, ProposalStatus.DROPPED)
    _decide(proposal, ProposalStatus.DROPPED, by, now)
    session.execute(delete(LexiconMove).where(LexiconMove.proposal_id == proposal.id))
    session.flush()


def try_again(session: Session, proposal: LexiconProposal, *, by: Officer, base: Context) -> None:
    """Run the trial anew over the version that is active now. Raises NotAllowed, IllegalMove, InvalidField."""
    require_role(by, *PROPOSERS, act="propose_lexicon")
    _check_move(proposal, ProposalStatus.TESTING)
    active = get_active(session)
    _check(change_of(proposal.change), read_changes(session, active), base)
    session.execute(delete(LexiconMove).where(LexiconMove.proposal_id == proposal.id))
    proposer = session.get_one(Officer, proposal.proposed_by)
    proposal.status, proposal.over = ProposalStatus.TESTING, active
    proposal.cursor, proposal.done, proposal.total = "", 0, count_history(session, proposer)
    session.flush()
    enqueue(session, JobName.TRY_LEXICON, proposal.id)


def _check(change: Change, changes: Sequence[Change], base: Context) -> Change:
    try:
        return read_change(change, lay_over(base.lexicon, changes, ""), list_topics(base))
    except BadChange as error:
        raise InvalidField(error.field, error.problem) from error


def _check_move(proposal: LexiconProposal, to: ProposalStatus) -> None:
    if to not in PROPOSAL_TRANSITIONS[proposal.status]:
        raise IllegalMove(proposal.status, to)


def _decide(proposal: LexiconProposal, to: ProposalStatus, by: Officer, now: datetime) -> None:
    proposal.status, proposal.decided_by, proposal.decided_at = to, by.id, now
