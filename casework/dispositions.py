"""How a case ends: answered, closed, withdrawn or taken up again (处置结果、办结、撤回、重新办理).

The finding is kept apart from the outcome, and what colleagues read apart from what the reporter reads.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from casework.assignments import end_assignment, list_assignments, require_in_charge
from casework.bonds import OfficerPen
from casework.cases import advance_case
from casework.cluelooks import require_clue_look
from casework.errors import IllegalMove, InvalidField
from casework.facts import note_event
from casework.foureyes import require_colleague
from casework.keepingout import screen_staff_words
from casework.ledger import SYSTEM, Actor, Verb, by_officer
from casework.limits import CaseEvent
from casework.messages import add_message
from casework.models.cases import Assignment, Case, Disposition
from casework.models.people import Officer
from casework.news import NewsPhrase, tell_reporter
from casework.office import Office
from casework.outcomes import Outcome
from casework.sealing import add_sealed_item
from casework.types import CaseStatus, Finding, MessageDirection, Role, SealedKind
from casework.visibility import require_role


@dataclass(frozen=True)
class Ending:
    """What the closing form says: is it true, what came of it, for colleagues, for the reporter."""

    finding: Finding
    public_reply: str
    outcomes: tuple[Outcome, ...] = ()
    internal: str = ""


def reply_case(
    session: Session,
    case: Case,
    ending: Ending,
    *,
    by: Officer,
    office: Office,
    now: datetime,
    pen: OfficerPen | None = None,
) -> None:
    """Answer the matter itself (答复): finding and outcome are kept, the reporter gets the public words.

    Those of a sealed case are signed with the officer's `pen`. Raises InvalidField without public words, NotAllowed for
    one whose body does not have the case, NeedsColleague for one alone with a sealed case, IllegalMove by the table,
    VaultLocked for a sealed case without a pen.
    """
    require_in_charge(session, by, case, act="reply")
    require_colleague(session, case)
    require_clue_look(session, case)
    _keep_ending(session, case, ending, by=by, now=now, pen=pen)
    advance_case(session, case, CaseStatus.REPLIED, by=by_officer(by), now=now, verb=Verb.REPLIED)
    note_event(session, case, CaseEvent.REPLIED, office=office, now=now)
    tell_reporter(session, case, NewsPhrase.REPLIED, now=now)


def close_case(
    session: Session,
    case: Case,
    ending: Ending | None = None,
    *,
    by: Officer,
    office: Office,
    now: datetime,
    pen: OfficerPen | None = None,
) -> None:
    """Close a case (办结): never by the body that handled it, but by the desk; of a sealed one by a clue officer.

    An ending is needed unless one was given with the reply. All clocks come to rest, the assignment ends. Raises
    NeedsColleague for one alone with a sealed case.
    """
    if case.sealed:
        require_role(by, Role.CLUE_OFFICER, act="close")
        require_colleague(session, case)
    else:
        require_role(by, Role.DISPATCHER, Role.SUPERVISOR, act="close")
    require_clue_look(session, case)
    if ending is not None:
        _keep_ending(session, case, ending, by=by, now=now, pen=pen)
    elif not case.sealed and not has_ending(session, case.id):
        raise InvalidField("public_reply", "empty")
    end_assignment(session, case, now=now)
    advance_case(session, case, CaseStatus.CLOSED, by=by_officer(by), now=now, verb=Verb.CLOSED)
    note_event(session, case, CaseEvent.CLOSED, office=office, now=now)
    tell_reporter(session, case, NewsPhrase.CLOSED, now=now)


def withdraw_case(session: Session, case: Case, *, by: Actor, office: Office, now: datetime) -> None:
    """The reporter wants it no more (撤回). What was told stays; a danger to others is followed up all the same."""
    end_assignment(session, case, now=now)
    advance_case(session, case, CaseStatus.WITHDRAWN, by=by, now=now, verb=Verb.WITHDRAWN)
    note_event(session, case, CaseEvent.WITHDRAWN, office=office, now=now)


def reopen_case(session: Session, case: Case, *, reason: str, by: Officer, office: Office, now: datetime) -> None:
    """Take a closed case up again (重新办理): with the body that had it, else at the dispatcher's.

    Raises InvalidField without a reason, IllegalMove for a case that is not closed.
    """
    require_role(by, Role.DISPATCHER, Role.SUPERVISOR, Role.CLUE_OFFICER, act="reopen")
    if case.status is not CaseStatus.CLOSED:
        raise IllegalMove(case.status, CaseStatus.WORKING)
    if not reason.strip():
        raise InvalidField("reason", "empty")
    take_up_again(session, case, by=by_officer(by), reason=reason.strip(), office=office, now=now)


def take_up_again(session: Session, case: Case, *, by: Actor, reason: str, office: Office, now: datetime) -> None:
    """Back to work, by an officer or because its reporter says in the call-back that it isn't done.

    Raises IllegalMove from where the table leads nowhere back.
    """
    was_closed = case.status is CaseStatus.CLOSED
    advance_case(session, case, CaseStatus.WORKING, by=by, now=now, reason=reason, verb=Verb.REOPENED)
    had_it = list_assignments(session, case.id)
    if had_it and was_closed:
        last = had_it[-1]
        again = Assignment(
            case_id=case.id,
            body_code=last.body_code,
            officer_id=last.officer_id,
            instruction=last.instruction,
            assigned_by=by.id,
            assigned_at=now,
        )
        session.add(again)
    elif not had_it and not case.sealed:
        advance_case(session, case, CaseStatus.RETURNED, by=SYSTEM, now=now, reason="no_body")
    note_event(session, case, CaseEvent.REOPENED, office=office, now=now)


def has_ending(session: Session, case_id: str) -> bool:
    """Whether somebody has said how an open case ended."""
    return bool(session.scalar(select(exists().where(Disposition.case_id == case_id))))


def list_dispositions(session: Session, case_ids: Iterable[str]) -> list[Disposition]:
    """The endings of open cases, oldest first."""
    query = select(Disposition).where(Disposition.case_id.in_(list(case_ids)))
    return list(session.scalars(query.order_by(Disposition.made_at)))


def _keep_ending(
    session: Session, case: Case, ending: Ending, *, by: Officer, now: datetime, pen: OfficerPen | None
) -> None:
    if not ending.public_reply.strip():
        raise InvalidField("public_reply", "empty")
    outcomes = [outcome.value for outcome in ending.outcomes]
    if case.sealed:
        said = {
            "finding": ending.finding.value,
            "outcomes": outcomes,
            "internal": ending.internal,
            "officer_id": by.id,
            "made_at": now.isoformat(),
        }
        add_sealed_item(session, case, SealedKind.NOTE, said)
    else:
        session.add(
            Disposition(
                case_id=case.id,
                finding=ending.finding,
                outcomes=outcomes,
                internal=ending.internal,
                public_reply=ending.public_reply.strip(),
                officer_id=by.id,
                made_at=now,
            )
        )
        screen_staff_words(session, case, ending.internal, writer_id=by.id, now=now)
    to = MessageDirection.TO_REPORTER
    add_message(session, case, ending.public_reply, to, officer_id=by.id, now=now, pen=pen)
