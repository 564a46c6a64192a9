"""What else over a sealed case takes a third person: letting in one who may be meant, and handing on when one is alone.

The leader who agrees to handing on is a blind second pair of eyes: a mark, the kind, the kind of receiver, no content.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from casework.clues import is_meant, list_doubtful_colleagues, list_kept_out, tell_level
from casework.consents import ask_third, list_free_leaders
from casework.errors import ConflictOfInterest, InvalidField, NeedsColleague, NotFound
from casework.foureyes import find_consent, is_alone
from casework.models.cases import Case
from casework.models.consents import KeepingOutRequest
from casework.models.people import Body, Officer
from casework.roster import build_roster
from casework.sealing import SealedContent, list_allowed
from casework.types import ConsentKind, Role
from casework.visibility import require_role


def ask_letting_in(
    session: Session, opened: SealedContent, other_id: str, *, by: Officer, now: datetime
) -> KeepingOutRequest:
    """Ask a third person to agree that a colleague whom an uncertain hit means in person is let in (`clues.let_in`).

    Raises NotFound for one who is not to be let in at all, InvalidField ("officer", no_third_needed) for one whom
    nothing means in person, and what `ask_third` raises.
    """
    require_role(by, Role.CLUE_OFFICER, act="let_in")
    kept = list_kept_out(session, opened.case, opened)
    doubtful = list_doubtful_colleagues(session, kept, list_allowed(session, opened.case.id))
    other = next((each for each in doubtful if each.id == other_id), None)
    if other is None:
        raise NotFound("officer", other_id)
    if not is_meant(other, kept):
        raise InvalidField("officer", "no_third_needed")
    request = KeepingOutRequest(kind=ConsentKind.LETTING_IN, case_id=opened.case.id, officer_id=other.id)
    return ask_third(session, opened, request, by=by, now=now)


def ask_handing_on(
    session: Session, opened: SealedContent, body: Body, *, by: Officer, now: datetime
) -> KeepingOutRequest:
    """One alone with a sealed case asks a leader to be the second pair of eyes for handing it on, and for nothing else.

    Raises ConflictOfInterest for a receiver that is kept out, InvalidField ("body", unknown_choice) for one to which
    no clue is handed on, ("holder", not_alone) where two see the case, and what `ask_third` raises.
    """
    require_role(by, Role.CLUE_OFFICER, act="draft_referral")
    if not is_alone(session, opened.case):
        raise InvalidField("holder", "not_alone")
    roster = build_roster(session)
    level = tell_level(roster.bodies[body.code], roster)
    if level is None:
        raise InvalidField("body", "unknown_choice")
    for each in list_kept_out(session, opened.case, opened):
        if each.body_code in {body.code, *roster.bodies_above(body.code)}:
            raise ConflictOfInterest(body.code, each.reason)
    request = KeepingOutRequest(kind=ConsentKind.HANDING_ON, case_id=opened.case.id, level=level)
    return ask_third(session, opened, request, by=by, now=now)


def find_second(
    session: Session, case: Case, body: Body, *, by: Officer, opened: SealedContent | None, now: datetime
) -> KeepingOutRequest | None:
    """The consent by which one alone may hand the case on to such a body; None where there is none that still holds.

    Who agreed is tested again over the opened record: a word that came since, or a new name of his, may mean him.
    """
    if opened is None or not is_alone(session, case):
        return None
    roster = build_roster(session)
    level = tell_level(roster.bodies[body.code], roster)
    if level is None:
        return None
    consent = find_consent(session, case, ConsentKind.HANDING_ON, by=by, level=level, now=now)
    still = consent is not None and _still_third(session, opened, consent)
    return consent if still else None


def require_second(
    session: Session, case: Case, body: Body, *, by: Officer, opened: SealedContent | None, now: datetime
) -> KeepingOutRequest | None:
    """Whoever is alone with a sealed case hands it on only with a third person's consent, which is returned.

    None where two see the case. Raises NeedsColleague.
    """
    if not is_alone(session, case):
        return None
    consent = find_second(session, case, body, by=by, opened=opened, now=now)
    if consent is None:
        raise NeedsColleague(case.id)
    return consent


def list_consented(
    session: Session, opened: SealedContent, bodies: Sequence[Body], *, by: Officer, now: datetime
) -> list[Body]:
    """Of these receivers those to whom one alone may hand the case on now."""
    return [
        body for body in bodies if find_second(session, opened.case, body, by=by, opened=opened, now=now) is not None
    ]


def _still_third(session: Session, opened: SealedContent, consent: KeepingOutRequest) -> bool:
    third = {officer.id for officer in [*list_free_leaders(session, opened), *list_allowed(session, opened.case.id)]}
    return consent.decided_by in third
