"""Sealing the marked sentences of an open case: they go into a sealed one, and the open one is told without them.

The original lies under the identity ring, so it can only be cut in the sign-in of a clue officer whose vault is open;
whoever has none open seals the whole case with one click, as before.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session

from casework.bonds import RECORD_KEY, Halves, mark_as_reporter
from casework.cases import get_case_for, record_on_case
from casework.duplicate_index import drop_from_index
from casework.errors import InvalidField, NotFound
from casework.jobs import JobName, enqueue
from casework.ledger import Verb, by_officer
from casework.models.cases import Assignment, Case, CaseAssessment, Disposition, DuplicateHint, Message, Note, Return
from casework.models.columns import new_id
from casework.models.lexicon import LabelledExample, LexiconMove
from casework.models.papers import CasePaper
from casework.models.people import Officer
from casework.models.referrals import Referral
from casework.openings import CaseOpening, judge_report, open_sealed_case
from casework.parting import Why, cut, split_sentences
from casework.rings import SignedIn, current_ring, officer_private_key
from casework.roster import build_roster
from casework.sealing import Sealing, SealingOutcome, SealingReason, list_allowed, withdraw_access
from casework.types import CaseKind, Role
from casework.vault import generate_key_pair, seal_record
from casework.verdicts import pack_assessment
from casework.visibility import is_excluded, require_role
from intake.leading import lead_over
from intake.links import SLOTS, Link, put_link
from intake.models import Report
from intake.parts import RECORD_PARTING, assess_parts
from intake.receipts import add_linked_receipt
from intake.releasing import open_for_cutting
from intake.reporters import SALT_BYTES, seal_report
from intake.screening import list_masked, mask_pieces
from intake.types import IntakeDesk, ReportDraft, Revealed, Told

QUOTED = 6
"""So many letters in a row that stand elsewhere in the case are a quotation of what is to be sealed."""
Spans = Sequence[tuple[int, int]]


def seal_sentences(
    session: Session,
    signed: SignedIn,
    token: str,
    report_id: str,
    picks: Sequence[int],
    *,
    desk: IntakeDesk,
    now: datetime,
) -> Case:
    """Seal these sentences of an open report, by their place in it; returns the sealed case, which has the whole.

    1. Refused where the case has left the house or quotes the sentences elsewhere: then it is sealed whole. 2. A sealed
    case of the report as it was, for the clue officers whom neither the test nor an exclusion keeps out. 3. The open
    one's words, original, verdict, index and examples are made anew from the rest; its exclusions stay. 4. The code of
    its reporter opens both, and a chat that still goes on does so in the sealed one. Raises NotFound, VaultLocked,
    InvalidField (`picks`), NotAllowed.
    """
    require_role(signed.officer, Role.CLUE_OFFICER, act="seal_case")
    private = officer_private_key(signed, token)
    report = session.get(Report, report_id, with_for_update=True)
    case = get_case_for(session, signed.officer, report.case_id if report is not None else "")
    if report is None or report.working_text is None or case.sealed or case.kind is not CaseKind.ORDINARY:
        raise NotFound("report", report_id)
    marked, rest = _divide(report.working_text, picks)
    _refuse_if_out(session, case, report, cut(report.working_text, marked))
    revealed = open_for_cutting(session, signed.officer, private, report_id)
    draft = _draft(report, revealed, now)
    sealed, halves, link = _seal_whole(session, signed.officer, case, report, draft, marked, desk=desk, now=now)
    _tell_without(session, case, report, draft, rest, desk=desk, by=signed.officer, now=now)
    revision = session.scalar(select(func.max(CaseAssessment.revision)).where(CaseAssessment.case_id == case.id)) or 1
    put_link(session, case.id, revision % SLOTS, link)
    add_linked_receipt(session, sealed.id, new_id(), halves, secrets=desk.secrets, now=now)
    mark_as_reporter(session, sealed, link.key, ())
    lead_over(session, case.id, sealed.id, secrets=desk.secrets, now=now)
    record_on_case(
        session, sealed, Verb.SEALED, by=by_officer(signed.officer), now=now, details={"reasons": ["by_hand"]}
    )
    session.flush()
    return sealed


def _divide(text: str, picks: Sequence[int]) -> tuple[Spans, Spans]:
    sentences = split_sentences(text)
    chosen = {pick for pick in picks if 0 <= pick < len(sentences)}
    if not chosen:
        raise InvalidField("picks", "required")
    rest = [span for number, span in enumerate(sentences) if number not in chosen]
    if not rest:
        raise InvalidField("picks", "all_picked")
    return [sentences[number] for number in sorted(chosen)], rest


def _refuse_if_out(session: Session, case: Case, report: Report, words: str) -> None:
    """Where papers have gone out, or others have quoted the words, cutting the report would leave them standing."""
    gone = or_(exists().where(Referral.case_id == case.id), exists().where(CasePaper.case_id == case.id))
    if session.scalar(select(gone)):
        raise InvalidField("picks", "has_left")
    mine = select(Assignment.id).where(Assignment.case_id == case.id)
    queries = (
        select(Message.text).where(Message.case_id == case.id),
        select(Note.text).where(Note.case_id == case.id),
        select(Assignment.instruction).where(Assignment.case_id == case.id),
        select(Return.reason).where(Return.assignment_id.in_(mine)),
        select(Disposition.internal + Disposition.public_reply).where(Disposition.case_id == case.id),
        select(Report.working_text).where(Report.case_id == case.id, Report.id != report.id),
    )
    said = "\n".join(text for query in queries for text in session.scalars(query) if text)
    if any(words[at : at + QUOTED] in said for at in range(max(len(words) - QUOTED + 1, 1))):
        raise InvalidField("picks", "quoted")


def _draft(report: Report, revealed: Revealed, now: datetime) -> ReportDraft:
    if report.channel is None:
        raise NotFound("report", report.id)
    return ReportDraft(
        text=revealed.original,
        channel=report.channel,
        received_at=now,
        contact=revealed.contact,
        anonymous=revealed.anonymous,
        told=revealed.told,
    )


def _seal_whole(
    session: Session,
    officer: Officer,
    case: Case,
    report: Report,
    draft: ReportDraft,
    marked: Spans,
    *,
    desk: IntakeDesk,
    now: datetime,
) -> tuple[Case, Halves, Link]:
    said, working = assess_parts(draft, desk)(draft.text), report.working_text or ""
    own = list_masked(draft.text, working)
    said = replace(said, explanation=mask_pieces(said.explanation, own))
    judged = judge_report(build_roster(session), said, draft.text, own=own, by_hand=True, office=desk.office)
    judged = replace(judged, sealing=Sealing(SealingOutcome.SEAL, (SealingReason.BY_HAND,)))
    report_id, pair = new_id(), generate_key_pair()
    halves = Halves.of(pair.private)
    sentences = [
        [start, end, (start, end) not in marked, (Why.PERSON if (start, end) in marked else Why.OWN_MATTER).value]
        for start, end in split_sentences(working)
    ]
    record = {
        "report_id": report_id,
        RECORD_KEY: halves.pack(),
        RECORD_PARTING: {"sentences": sentences, "unclean": None, "case_id": case.id, "by": officer.id},
    }
    opening = CaseOpening(said, working, draft.channel, now, named=bool(report.named), record=record)
    sealed = open_sealed_case(session, opening, judged, by=by_officer(officer), office=desk.office, now=now)
    kept_out = [
        other.id
        for other in list_allowed(session, sealed.id)
        if session.scalar(select(Case.id).where(Case.id == case.id, is_excluded(other))) is not None
    ]
    withdraw_access(session, sealed.id, kept_out)
    seal_report(session, sealed, draft, working, report_id=report_id)
    return sealed, halves, Link(sealed.id, pair.private)


def _tell_without(
    session: Session,
    case: Case,
    report: Report,
    draft: ReportDraft,
    rest: Spans,
    *,
    desk: IntakeDesk,
    by: Officer,
    now: datetime,
) -> None:
    """The open report as if the sealed sentences had never been told."""
    ring, salt, text = current_ring(session), os.urandom(SALT_BYTES), cut(draft.text, rest)
    told = Told(**{name: words if words and words in text else None for name, words in asdict(draft.told).items()})
    original = {"text": text, "salt": salt.hex(), "told": asdict(told)}
    report.original_ciphertext, report.ring_id = seal_record(ring.public_key, report.id, original), ring.id
    report.commitment = hashlib.sha256(salt + text.encode()).digest()
    report.working_text = working = cut(report.working_text or "", rest)
    said = assess_parts(draft, desk)(text)
    said = replace(said, explanation=mask_pieces(said.explanation, list_masked(text, working)))
    last = session.scalar(select(func.max(CaseAssessment.revision)).where(CaseAssessment.case_id == case.id)) or 0
    session.execute(delete(CaseAssessment).where(CaseAssessment.case_id == case.id))
    row = CaseAssessment(
        case_id=case.id,
        revision=last + 1,
        verdict=pack_assessment(said, working),
        lexicon_version=said.lexicon_version,
        officer_id=by.id,
        made_at=now,
    )
    session.add(row)
    case.category, case.urgency, case.discipline = said.category, said.urgency, said.discipline
    for learnt in (LabelledExample, LexiconMove):
        session.execute(delete(learnt).where(learnt.case_id == case.id))
    hints = (DuplicateHint.case_id == case.id) | (DuplicateHint.other_case_id == case.id)
    session.execute(delete(DuplicateHint).where(hints))
    drop_from_index(session, case.id)
    enqueue(session, JobName.FIND_DUPLICATES, case.id)
    record_on_case(session, case, Verb.ASSESSED, by=by_officer(by), now=now, details={"revision": last + 1})
    session.flush()
