"""Opening a case: from an assessed text to a case with its number, its body, its clocks and those kept out of it.

Open and sealed cases take one road up to the verdict on sealing and part there; of the sealed one nothing but its
existence goes into the tables in plain.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from casework.bodies import choose_body, find_outside_superior, is_desk_free
from casework.bonds import tell_bond
from casework.cases import advance_case, record_on_case
from casework.clock import local_date
from casework.conflicts import Conflict, find_conflicts, is_by_role, is_hit, read_mentions
from casework.deadlines import run_first_clocks
from casework.jobs import JobName, enqueue
from casework.keepingout import keep_out_of_new
from casework.ledger import REPORTER, SYSTEM, Actor, Verb
from casework.limits import CaseEvent, ClockFacts
from casework.models.cases import Assignment, Case, CaseAssessment
from casework.models.columns import new_id
from casework.models.people import Body, Institution, Officer, Town
from casework.models.secrecy import EmergencySlip
from casework.numbers import next_case_number
from casework.office import Office
from casework.roster import Roster, build_roster
from casework.sealing import Sealing, SealingReason, count_refusal, decide_sealing, seal_new_case
from casework.slips import SLIP_CATEGORY, find_danger
from casework.types import BodyKind, CaseKind, CaseStatus, Channel, Role
from casework.verdicts import list_phrases, pack_assessment
from triage.types import Assessment, Urgency

PLACE_LENGTH = 128
KNOWN_TOWN = select(Town.code).where(Town.code == bindparam("code"))


@dataclass(frozen=True)
class CaseOpening:
    """What a case is opened with. `record` is what intake wants inside a sealed case beside text and assessment.

    `case_id` is given where something else had to know it before.
    """

    assessment: Assessment
    working_text: str
    channel: Channel
    received_at: datetime
    named: bool = False
    seal_by_hand: bool = False
    record: Mapping[str, Any] = field(default_factory=dict)
    case_id: str | None = None


@dataclass(frozen=True)
class Judgement:
    """Who is hit by a report and what follows for its sealing; made before anything is stored."""

    conflicts: tuple[Conflict, ...]
    sealing: Sealing
    roster: Roster


@dataclass(frozen=True)
class Opened:
    """What came of it. `case` is None where nothing may be stored; then only a count and perhaps a slip remain."""

    case: Case | None
    sealing: Sealing
    conflicts: tuple[Conflict, ...]
    slip: Case | None = None

    @property
    def sealed(self) -> bool:
        """Whether the case is a sealed one."""
        return self.sealing.sealed


def judge_report(
    roster: Roster,
    assessment: Assessment,
    text: str,
    *,
    own: Iterable[str] = (),
    by_hand: bool = False,
    office: Office,
) -> Judgement:
    """Run the conflict test and decide on sealing (pure). Intake asks it before it stores a report.

    `text` is the original while it is in memory, for masking can take the name of the one complained of for the
    writer's; `own` are the pieces it masks.
    """
    conflicts = find_conflicts(read_mentions(assessment, text, own), roster)
    sealing = decide_sealing(
        assessment,
        leadership=any(hit.leadership for hit in conflicts),
        discipline_leader=any(hit.discipline_leader for hit in conflicts),
        by_hand=by_hand,
        may_bypass=office.bypass_authority is not None,
    )
    return Judgement(conflicts, sealing, roster)


def open_case(
    session: Session, opening: CaseOpening, *, judged: Judgement | None = None, office: Office, now: datetime
) -> Opened:
    """Open the case of a report, all in the caller's transaction; `judged` where he has asked `judge_report` already.

    1. Conflict test and sealing. 2. Where nothing may be taken: one count, and a slip if a life is in danger.
    3. Number, body, clocks; exclusions for an open case, a key and an allow-list for a sealed one. 4. A sealed case in
    danger shows the world a slip. 5. Ledger. 6. Jobs: the look for duplicates (open cases only) and the call to the
    officer on duty. If nobody in the house may handle it, it goes to the superior at once.
    """
    judged = judged or judge_report(
        build_roster(session),
        opening.assessment,
        opening.working_text,
        by_hand=opening.seal_by_hand,
        office=office,
    )
    case: Case | None = None
    slip: Case | None = None
    if judged.sealing.refused:
        count_refusal(session, SealingReason(judged.sealing.reasons[0]), now=now)
    elif judged.sealing.sealed:
        case = open_sealed_case(session, opening, judged, by=REPORTER, office=office, now=now)
    else:
        case = _open_plain(session, opening, judged, office=office, now=now)
    if opening.assessment.urgency is Urgency.CRITICAL and (case is None or case.sealed):
        slip = open_slip(session, opening, judged, office=office, now=now)
    return Opened(case, judged.sealing, judged.conflicts, slip)


def get_facts(session: Session, case: Case, opening: CaseOpening) -> ClockFacts:
    """What the rules may ask of a case at its opening; of a sealed one only that it is sealed."""
    if case.sealed:
        return ClockFacts(sealed=True, discipline=True)
    body = session.get(Body, case.body_code) if case.body_code else None
    return _tell_facts(case, opening, body.kind if body else None)


def _tell_facts(case: Case, opening: CaseOpening, body_kind: BodyKind | None) -> ClockFacts:
    return ClockFacts(
        urgency=case.urgency,
        categories=frozenset(score.code for score in opening.assessment.categories),
        body_kind=body_kind,
        channel=opening.channel,
        named=opening.named,
        discipline=opening.assessment.discipline,
        phrases=list_phrases(opening.assessment),
    )


def _open_plain(session: Session, opening: CaseOpening, judged: Judgement, *, office: Office, now: datetime) -> Case:
    said = opening.assessment
    institution, town = _find_place(session, said, judged.roster)
    case = _add_case(
        session,
        now,
        id=opening.case_id or new_id(),
        category=said.category,
        urgency=said.urgency,
        discipline=said.discipline,
        body_code=choose_body(said.body, town, judged.conflicts, judged.roster),
        institution_code=institution,
        town_code=town,
    )
    session.add(
        CaseAssessment(
            case_id=case.id,
            revision=1,
            verdict=pack_assessment(said, opening.working_text),
            lexicon_version=said.lexicon_version,
            made_at=now,
        )
    )
    record_on_case(session, case, Verb.OPENED, by=REPORTER, now=now)
    body = judged.roster.bodies.get(case.body_code or "")
    facts = _tell_facts(case, opening, body.kind if body else None)
    run_first_clocks(session, case, CaseEvent.RECEIVED, facts, office=office, now=now, told_at=opening.received_at)
    keep_out_of_new(session, case, judged.conflicts, by=SYSTEM, now=now)
    _hand_up_if_nobody_remains(session, case, judged, now=now)
    enqueue(session, JobName.FIND_DUPLICATES, case.id, key=case.id)
    _call_if_critical(session, case)
    return case


def open_sealed_case(
    session: Session, opening: CaseOpening, judged: Judgement, *, by: Actor, office: Office, now: datetime
) -> Case:
    """Nothing of it in plain; the clue officers whom the test does not hit are let in, and nobody else."""
    case = _add_case(session, now, sealed=True)
    content = {
        "text": opening.working_text,
        "channel": opening.channel.value,
        "received_at": opening.received_at.isoformat(),
        "named": opening.named,
        "assessment": pack_assessment(opening.assessment, opening.working_text),
        "reasons": [reason.value for reason in judged.sealing.reasons],
        "conflicts": pack_conflicts(judged.conflicts),
        **opening.record,
    }
    seal_new_case(session, case, content, list_allowable(session, judged.conflicts, judged.roster))
    record_on_case(session, case, Verb.OPENED, by=by, now=now, details=tell_bond(session, case))
    facts = get_facts(session, case, opening)
    run_first_clocks(session, case, CaseEvent.RECEIVED, facts, office=office, now=now)
    return case


def open_slip(session: Session, opening: CaseOpening, judged: Judgement, *, office: Office, now: datetime) -> Case:
    """An open case that says place, kind of danger and number to call: not the reporter's, no word of the story.

    For a report, or an addition to one, that is sealed or may not be taken while a life is in danger.
    """
    said = opening.assessment
    institution, town = _find_place(session, said, judged.roster)
    danger = find_danger(said)
    case = _add_case(
        session,
        now,
        kind=CaseKind.SLIP,
        category=SLIP_CATEGORY,
        urgency=Urgency.CRITICAL,
        discipline=False,
        body_code=choose_body(danger.body, town, judged.conflicts, judged.roster),
        institution_code=institution,
        town_code=town,
    )
    session.add(
        EmergencySlip(
            case_id=case.id,
            place=_name_place(session, opening, institution, town),
            danger=danger.kind,
            number_to_call=danger.number,
        )
    )
    record_on_case(session, case, Verb.OPENED_SLIP, by=SYSTEM, now=now, details={"danger": danger.kind})
    facts = ClockFacts(urgency=Urgency.CRITICAL, categories=frozenset({SLIP_CATEGORY}))
    run_first_clocks(session, case, CaseEvent.RECEIVED, facts, office=office, now=now)
    keep_out_of_new(session, case, judged.conflicts, by=SYSTEM, now=now)
    _hand_up_if_nobody_remains(session, case, judged, now=now)
    _call_if_critical(session, case)
    return case


def list_allowable(session: Session, conflicts: Iterable[Conflict], roster: Roster) -> list[Officer]:
    """The clue officers whom no hit touches, uncertain ones included: the allow-list of a sealed case.

    Nobody is on it only where each of them is meant in person or surely; leaders are then told how many such cases
    there are (`cluelooks.count_unseen`).
    """
    hits = tuple(conflicts)
    free = {
        officer.id
        for officer in roster.officers
        if Role.CLUE_OFFICER in officer.roles and not is_hit(officer, hits, roster)
    }
    return list(session.scalars(select(Officer).where(Officer.id.in_(free)).order_by(Officer.username)))


def list_hit_inside(inside: Iterable[str], conflicts: Iterable[Conflict], roster: Roster) -> list[str]:
    """Which of the officers inside a sealed case lose their keys by words that came later: all who are hit, but nobody
    by a word that means whoever bears the role where then nobody would be left.
    """
    hits = tuple(conflicts)
    officers = {officer.id: officer for officer in roster.officers}
    held = [ident for ident in inside if ident in officers]
    hit = [ident for ident in held if is_hit(officers[ident], hits, roster)]
    if len(hit) < len(held):
        return hit
    narrow = tuple(each for each in hits if not is_by_role(each))
    surely = [ident for ident in hit if is_hit(officers[ident], narrow, roster)]
    return surely if len(surely) < len(held) else hit


def _add_case(session: Session, now: datetime, *, sealed: bool = False, **plain: Any) -> Case:
    today = local_date(now)
    case = Case(number=next_case_number(session, today.year, sealed=sealed), sealed=sealed, opened_on=today, **plain)
    session.add(case)
    session.flush()
    return case


def _hand_up_if_nobody_remains(session: Session, case: Case, judged: Judgement, *, now: datetime) -> None:
    """To the superior body at once, where no dispatcher may know of it, or of a clue no clue officer who would look."""
    looked_after = not case.discipline or _is_clue_desk_free(judged)
    if is_desk_free(judged.conflicts, judged.roster) and looked_after:
        return
    case.body_code = find_outside_superior(judged.conflicts, judged.roster)
    if case.body_code is not None:
        assignment = Assignment(case_id=case.id, body_code=case.body_code, assigned_at=now)
        session.add(assignment)
        session.flush()
        details = {"assignment": assignment.id}
        advance_case(session, case, CaseStatus.DISPATCHED, by=SYSTEM, now=now, verb=Verb.HANDED_UP, details=details)


def _is_clue_desk_free(judged: Judgement) -> bool:
    """Whether a clue officer remains who may look; an office that has none keeps nobody out."""
    officers = [officer for officer in judged.roster.officers if Role.CLUE_OFFICER in officer.roles]
    return not officers or any(not is_hit(officer, judged.conflicts, judged.roster) for officer in officers)


def _call_if_critical(session: Session, case: Case) -> None:
    if case.urgency is Urgency.CRITICAL:
        enqueue(session, JobName.PAGE_OFFICER, case.id, key=case.id)


def _find_place(session: Session, said: Assessment, roster: Roster) -> tuple[str | None, str | None]:
    """The home and the town, where the directory in the database knows them."""
    home = roster.institutions.get(said.institution.code or "") if said.institution else None
    told = said.place.code if said.place else None
    code = told or (home.town_code if home else None)
    town = session.connection().scalar(KNOWN_TOWN, {"code": code}) if code else None
    return home.code if home else None, town


def _name_place(session: Session, opening: CaseOpening, institution: str | None, town: str | None) -> str:
    """Where help must go: the directory's name, else the place as told, cut from the working text."""
    home = session.get(Institution, institution) if institution else None
    if home is not None:
        return home.name
    told = opening.assessment.institution or opening.assessment.place
    known = session.get(Town, town) if town else None
    names = [known.name if known else "", opening.working_text[told.start : told.end] if told else ""]
    return "".join(dict.fromkeys(names))[:PLACE_LENGTH]


def pack_conflicts(conflicts: Iterable[Conflict]) -> list[dict[str, Any]]:
    """Whom the original hit, as a sealed item keeps it (pure): the words themselves may be masked there."""
    return [
        {
            "reason": hit.reason.value,
            "certain": hit.certain,
            "phrase": hit.phrase,
            "officer_id": hit.officer_id,
            "body_code": hit.body_code,
        }
        | ({"spared_id": hit.spared_id} if hit.spared_id else {})
        for hit in conflicts
    ]
