"""Correcting what the machine said (改研判): a new revision beside the old one, and all that follows from it.

The machine proposes, a person decides; every revision stays, so that one can see who changed what.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.bodies import choose_body
from casework.cases import get_assessment, record_on_case
from casework.cluelooks import require_clue_look
from casework.conflicts import find_conflicts, read_mentions
from casework.deadlines import start_deadline
from casework.errors import NotAllowed, NotFound
from casework.examples import keep_example
from casework.exclusions import screen_case
from casework.facts import note_event, read_facts
from casework.ledger import Verb, by_officer
from casework.limits import CaseEvent
from casework.models.cases import Case, CaseAssessment, Deadline
from casework.models.people import Institution, Officer, Town
from casework.office import Office
from casework.roster import build_roster
from casework.types import Role
from casework.visibility import NOT_SENT, has_role, require_role
from casework.words import list_words
from triage.types import Urgency

BODY = "body"
MAY_CORRECT = (Role.DISPATCHER, Role.SUPERVISOR, Role.CLUE_OFFICER, Role.OPERATOR)


@dataclass(frozen=True)
class Correction:
    """What an officer changes; None leaves a thing as it is. `body` is the kind of organ, in triage's words."""

    category: str | None = None
    urgency: Urgency | None = None
    discipline: bool | None = None
    institution_code: str | None = None
    town_code: str | None = None
    body: str | None = None


def correct_assessment(
    session: Session, case: Case, correction: Correction, *, by: Officer, office: Office, now: datetime
) -> CaseAssessment:
    """Put an officer's word over the machine's in an open case.

    1. A new revision of the verdict. 2. The case's own columns. 3. The clocks that now apply start, the others stay.
    4. The conflict test again, for a home or a discipline mark may have been added. 5. Where the officer differs from
    the machine, that is kept as an example to learn from. Raises NotAllowed for a sealed case, NotFound for a home or
    town that the directory does not have; where another than a clue officer takes the discipline mark off,
    AwaitsClueOfficer before one has looked and NotAllowed after.
    """
    require_role(by, *MAY_CORRECT, act="correct_assessment")
    if case.sealed:
        raise NotAllowed("correct_sealed")
    if correction.discipline is False and case.discipline and not has_role(by, Role.CLUE_OFFICER):
        require_clue_look(session, case)
        raise NotAllowed("unmark_discipline")
    for kind, model, code in (
        ("institution", Institution, correction.institution_code),
        ("town", Town, correction.town_code),
    ):
        if code is not None and session.get(model, code) is None:
            raise NotFound(kind, code)
    changed = {name: value for name, value in vars(correction).items() if value is not None}
    row = _add_revision(session, case, correction, by=by, now=now)
    for name, value in changed.items():
        if name != BODY:
            setattr(case, name, value)
    session.flush()
    if correction.body is not None and case.status in NOT_SENT:
        propose_body(session, case, correction.body)
    details = {"revision": row.revision, "fields": sorted(changed)}
    record_on_case(session, case, Verb.ASSESSED, by=by_officer(by), now=now, details=details)
    start_missing_clocks(session, case, office=office, now=now)
    screen_case(session, case, now=now)
    keep_example(session, case, now=now)
    return row


def confirm_clue(session: Session, case: Case, *, by: Officer, office: Office, now: datetime) -> None:
    """A clue officer has looked and says that it is one for the discipline organ; sending it is another act."""
    require_role(by, Role.CLUE_OFFICER, act="confirm_clue")
    record_on_case(session, case, Verb.CONFIRMED, by=by_officer(by), now=now)
    note_event(session, case, CaseEvent.CONFIRMED, office=office, now=now)


def list_revisions(session: Session, case_id: str) -> list[CaseAssessment]:
    """All that was said of an open case, the machine's word first."""
    query = select(CaseAssessment).where(CaseAssessment.case_id == case_id).order_by(CaseAssessment.revision)
    return list(session.scalars(query))


def _add_revision(
    session: Session, case: Case, correction: Correction, *, by: Officer, now: datetime
) -> CaseAssessment:
    newest = list_revisions(session, case.id)[-1]
    verdict = dict(newest.verdict)
    if correction.category is not None:
        others = [score for score in verdict["categories"] if score["code"] != correction.category]
        own = [score for score in verdict["categories"] if score["code"] == correction.category]
        verdict["categories"] = [
            own[0] if own else {"code": correction.category, "score": 1.0, "evidence": []},
            *others,
        ]
    if correction.urgency is not None:
        verdict["urgency"] = correction.urgency.value
    if correction.discipline is not None:
        verdict["discipline"] = correction.discipline
    if correction.body is not None:
        others = [code for code in verdict["co_bodies"] if code != correction.body]
        verdict |= {BODY: correction.body, "co_bodies": others}
    if correction.institution_code is not None and verdict.get("institution"):
        verdict["institution"] = {**verdict["institution"], "code": correction.institution_code}
    row = CaseAssessment(
        case_id=case.id,
        revision=newest.revision + 1,
        verdict=verdict,
        lexicon_version=newest.lexicon_version,
        officer_id=by.id,
        made_at=now,
    )
    session.add(row)
    return row


def propose_body(session: Session, case: Case, kind: str) -> None:
    """The body that a case not sent yet is proposed for, as at its opening: none that the case is about."""
    roster = build_roster(session)
    text = "\n".join(words.text for words in list_words(session, [case.id]))
    hits = find_conflicts(read_mentions(get_assessment(session, case), text), roster)
    case.body_code = choose_body(kind, case.town_code, hits, roster)


def start_missing_clocks(session: Session, case: Case, *, office: Office, now: datetime) -> None:
    """Start those that run from receipt and apply to the case as it stands now; the others stay as they are."""
    facts = read_facts(session, case)
    known = set(session.scalars(select(Deadline.rule_id).where(Deadline.case_id == case.id)))
    for rule in office.rules.values():
        if rule.starts_on is CaseEvent.RECEIVED and rule.id not in known and rule.applies_to.covers(facts):
            start_deadline(session, case, rule, office=office, now=now)
    session.flush()
