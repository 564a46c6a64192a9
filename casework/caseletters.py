"""Drafting, changing, issuing and dropping the papers of a case (文书): the system drafts, people issue.

A number is given by the signing out alone; what was issued is kept as it left and never changed.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.casepapers import (
    PaperIssue,
    draft_texts,
    edit_texts,
    is_for_reporter,
    list_lacking,
    render_case_paper,
    write_message,
    write_number,
)
from casework.cases import record_on_case
from casework.clock import local_date
from casework.errors import IllegalMove, InvalidField, NotAllowed, NotFound
from casework.facts import note_event
from casework.heads import stamp_head
from casework.institutions import list_institutions
from casework.ledger import Verb, by_officer, record
from casework.limits import CaseEvent
from casework.messages import LONGEST, add_message
from casework.models.cases import Case, Message
from casework.models.papers import CasePaper, CasePaperFile
from casework.models.people import Body, Officer
from casework.news import NewsPhrase, tell_reporter
from casework.numbers import next_number
from casework.office import Office
from casework.paperfacts import gather_paper_facts
from casework.papers import FileFormat, Paper
from casework.paperwording import PaperTemplate, PaperWording, Recipient
from casework.referral_desk import ReferralDesk
from casework.referral_rules import refuse_the_accused
from casework.referrals import make_files
from casework.routinewords import ROUND, Told, refuse_too_soon, refuse_traces
from casework.types import CaseKind, MessageDirection, ReferralStatus
from casework.visibility import has_role, require_role, visible_cases
from casework.words import list_words
from triage.types import Urgency

SUBJECT = "case_paper"
SUPERVISION = "supervise"
"""The paper that is a 督办: its issue stands in the ledger as one."""


@dataclass(frozen=True)
class PaperDesk:
    """What drafting and issuing need beside the session; built by the wiring."""

    referrals: ReferralDesk
    wording: PaperWording

    @property
    def office(self) -> Office:
        """The house."""
        return self.referrals.office


def list_kinds_for(officer: Officer, case: Case, wording: PaperWording) -> tuple[PaperTemplate, ...]:
    """The papers that he may draft for this case: none for a sealed one or an emergency slip (pure)."""
    if case.sealed or case.kind is CaseKind.SLIP:
        return ()
    return tuple(template for template in wording.papers.values() if has_role(officer, *template.drafters))


def list_case_papers(session: Session, case: Case) -> list[CasePaper]:
    """The papers of a case that its officer has got through the one door, oldest first."""
    query = select(CasePaper).where(CasePaper.case_id == case.id)
    return list(session.scalars(query.order_by(CasePaper.drafted_at, CasePaper.id)))


def get_paper_for(session: Session, officer: Officer, paper_id: str, wording: PaperWording) -> tuple[CasePaper, Case]:
    """The paper with its case. Raises NotFound where he may not know of the case, or has no part in such papers."""
    query = select(CasePaper, Case).join(Case, Case.id == CasePaper.case_id)
    found = session.execute(query.where(CasePaper.id == paper_id, visible_cases(officer))).first()
    if found is None or not has_part(officer, wording.template_for(found[0].kind)):
        raise NotFound(SUBJECT, paper_id)
    return found[0], found[1]


def draft_paper(session: Session, case: Case, kind: str, *, by: Officer, desk: PaperDesk, now: datetime) -> CasePaper:
    """Draft a paper from what the house knows of the case.

    Raises NotFound for an unknown kind, NotAllowed for another role, a sealed case or a slip, InvalidField(kind) for
    a paper to the handling body or the unit where the case has none, ConflictOfInterest where that body is complained
    of.
    """
    template = desk.wording.template_for(kind)
    require_role(by, *template.drafters, act="draft_paper")
    if case.sealed or case.kind is CaseKind.SLIP:
        raise NotAllowed("draft_paper")
    body_code = _find_receiver(session, case, template)
    facts = gather_paper_facts(session, case, desk.referrals, by=by, now=now)
    paper = CasePaper(
        case_id=case.id,
        kind=kind,
        body_code=body_code,
        fields=draft_texts(template, facts),
        drafted_by=by.id,
        drafted_at=now,
    )
    session.add(paper)
    session.flush()
    _record(session, paper, Verb.PAPER_DRAFTED, by=by, now=now)
    return paper


def update_paper(
    session: Session, paper: CasePaper, edits: Mapping[str, str], *, by: Officer, desk: PaperDesk, now: datetime
) -> None:
    """Change a draft. Raises NotAllowed, IllegalMove for one that was issued or dropped, InvalidField, also for what
    would tell the unit complained of that there is a report.
    """
    template = desk.wording.template_for(paper.kind)
    require_role(by, *template.drafters, *template.issuers, act="draft_paper")
    _require_draft(paper)
    before = paper.fields
    changed_texts = edit_texts(template, before, edits)
    _refuse_traces(session, paper, template, changed_texts, desk)
    paper.fields = changed_texts
    changed = sorted(name for name in edits if paper.fields[name] != before.get(name))
    _record(session, paper, Verb.PAPER_DRAFTED, by=by, now=now, details={"fields": changed})
    session.flush()


def issue_paper(session: Session, paper: CasePaper, *, by: Officer, desk: PaperDesk, now: datetime) -> CasePaper:
    """Sign a paper out (签发): the number is given, the files are kept as they leave, the clock it meets is met.

    The reporter is told of his own papers in his talk, in plain words, and how he gets the paper.
    Every text is read once more, also what came in as a default. Raises NotAllowed, IllegalMove, InvalidField with
    the field that is empty or holds what may not leave, ConflictOfInterest.
    """
    template = desk.wording.template_for(paper.kind)
    require_role(by, *template.issuers, act="issue_paper")
    _require_draft(paper)
    case = session.get_one(Case, paper.case_id)
    _find_receiver(session, case, template)
    for name in list_lacking(template, paper.fields):
        raise InvalidField(name, "required")
    edit_texts(template, paper.fields, {field.name: paper.fields.get(field.name, "") for field in template.fields})
    _refuse_traces(session, paper, template, paper.fields, desk)
    if template.to is Recipient.UNIT:
        _refuse_too_soon(session, case, paper.fields.get(ROUND, ""), today=local_date(now))
    year = local_date(now).year
    foot = stamp_head(session, now=now)
    serial = next_number(session, f"paper-{paper.kind}-{year}")
    paper.number = write_number(desk.office.number_prefix, template, year, serial)
    paper.issued_by, paper.issued_at, paper.foot = by.id, now, foot
    for position, (_sheet, form, content) in enumerate(
        make_files(preview_paper(paper, desk=desk, now=now), desk.referrals.typesetter)
    ):
        _keep(session, paper, position // len(FileFormat), form, content)
    verb = Verb.REMINDED if template.kind == SUPERVISION else Verb.PAPER_ISSUED
    _record(session, paper, verb, by=by, now=now)
    if template.meets is not None:
        note_event(session, case, template.meets, office=desk.office, now=now)
    if is_for_reporter(template):
        _tell_reporter(session, case, paper, by=by, desk=desk, now=now)
    session.flush()
    return paper


def drop_paper(session: Session, paper: CasePaper, *, by: Officer, desk: PaperDesk, now: datetime) -> None:
    """Drop a draft; an issued paper can't be called back. Raises NotAllowed, IllegalMove."""
    template = desk.wording.template_for(paper.kind)
    require_role(by, *template.drafters, *template.issuers, act="draft_paper")
    _require_draft(paper)
    paper.cancelled_at = now
    _record(session, paper, Verb.PAPER_DROPPED, by=by, now=now)


def preview_paper(paper: CasePaper, *, desk: PaperDesk, now: datetime) -> tuple[Paper, ...]:
    """The sheets as they stand: marked 代拟稿 until issued, with number and day afterwards."""
    issue = (
        PaperIssue(paper.number, local_date(paper.issued_at), paper.foot) if paper.number and paper.issued_at else None
    )
    return render_case_paper(
        paper.fields,
        template=desk.wording.template_for(paper.kind),
        wording=desk.wording,
        office=desk.office.name,
        prefix=desk.office.number_prefix,
        year=local_date(paper.issued_at or now).year,
        issue=issue,
    )


def find_kept_file(session: Session, paper: CasePaper, position: int, form: FileFormat) -> bytes | None:
    """One file of a paper as it was issued; None for a draft."""
    return session.scalar(
        select(CasePaperFile.content).where(
            CasePaperFile.paper_id == paper.id, CasePaperFile.position == position, CasePaperFile.format == form.value
        )
    )


def record_taking(
    session: Session, paper: CasePaper, position: int, form: FileFormat, *, by: Officer, now: datetime
) -> None:
    """Write into the ledger that he took a file away, to print or to edit."""
    _record(session, paper, Verb.PRINTED, by=by, now=now, details={"paper": position, "format": form.value})


def stage_of(paper: CasePaper) -> ReferralStatus:
    """Draft, issued or dropped, by the same words as a referral."""
    if paper.issued_at is not None:
        return ReferralStatus.ISSUED
    return ReferralStatus.DRAFTED if paper.cancelled_at is None else ReferralStatus.CANCELLED


def has_part(officer: Officer, template: PaperTemplate) -> bool:
    """Whether papers of this kind are his business."""
    return has_role(officer, *template.drafters, *template.issuers)


def _require_draft(paper: CasePaper) -> None:
    stage = stage_of(paper)
    if stage is not ReferralStatus.DRAFTED:
        raise IllegalMove(stage, ReferralStatus.DRAFTED)


def _find_receiver(session: Session, case: Case, template: PaperTemplate) -> str | None:
    """The body a paper goes to, tested once more; None for one to the reporter or to the unit complained of."""
    if template.to is Recipient.UNIT and case.institution_code is None:
        raise InvalidField("kind", "no_unit")
    if template.to is not Recipient.BODY:
        return None
    body = session.get(Body, case.body_code) if case.body_code else None
    if body is None:
        raise InvalidField("kind", "no_body")
    refuse_the_accused(session, case, body)
    return body.code


def _refuse_traces(
    session: Session, paper: CasePaper, template: PaperTemplate, texts: Mapping[str, str], desk: PaperDesk
) -> None:
    """Raise InvalidField where a paper to the unit complained of would tell it of the report."""
    if template.to is not Recipient.UNIT:
        return
    case = session.get_one(Case, paper.case_id)
    refuse_traces(
        {field.name: texts.get(field.name, "") for field in template.fields if field.name != ROUND},
        never=desk.wording.never,
        number=case.number,
        told=_gather_told(session, case),
        stock=[
            *desk.referrals.wording.stock,
            desk.office.name,
            texts.get("institution", ""),
            *(line for field in template.fields for line in field.default.splitlines() if "{" not in line),
        ],
    )


def _gather_told(session: Session, case: Case) -> Told:
    """All that the reporter said of the case and the days he said it: reports, additions, his words of the talk."""
    reports = list_words(session, [case.id])
    said = select(Message).where(Message.case_id == case.id, Message.direction == MessageDirection.FROM_REPORTER)
    messages = session.scalars(said.order_by(Message.position)).all()
    days = {case.opened_on, *(each.received_on for each in reports), *(each.made_on for each in messages)}
    return Told("\n".join([*(each.text for each in reports), *(each.text or "" for each in messages)]), days)


def _refuse_too_soon(session: Session, case: Case, others: str, *, today: date) -> None:
    """Raise InvalidField(round) where this unit alone would be inspected right after somebody has spoken of it."""
    homes = {name: home.code for home in list_institutions(session) for name in (home.name, *home.aliases)}
    in_danger = case.urgency is Urgency.CRITICAL
    told = _gather_told(session, case)
    refuse_too_soon(others, homes=homes, unit=case.institution_code, told=told, today=today, in_danger=in_danger)


def _tell_reporter(
    session: Session, case: Case, paper: CasePaper, *, by: Officer, desk: PaperDesk, now: datetime
) -> None:
    """A word in his talk, and the news that there is one; it counts as contact for the clocks."""
    template = desk.wording.template_for(paper.kind)
    words = write_message(paper.fields, paper.number or "", template, desk.wording)[:LONGEST]
    message = add_message(session, case, words, MessageDirection.TO_REPORTER, officer_id=by.id, now=now)
    paper.message_id = message.id
    record_on_case(session, case, Verb.ANSWERED, by=by_officer(by), now=now, details={"message": message.id})
    note_event(session, case, CaseEvent.CONTACTED, office=desk.office, now=now)
    tell_reporter(session, case, NewsPhrase.MESSAGE, now=now)


def _keep(session: Session, paper: CasePaper, position: int, form: FileFormat, content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    session.add(CasePaperFile(paper_id=paper.id, position=position, format=form.value, content=content, sha256=digest))


def _record(
    session: Session,
    paper: CasePaper,
    verb: Verb,
    *,
    by: Officer,
    now: datetime,
    details: Mapping[str, object] | None = None,
) -> None:
    record(
        session,
        actor=by_officer(by),
        verb=verb,
        subject=SUBJECT,
        subject_id=paper.id,
        case_id=paper.case_id,
        details=details,
        now=now,
    )
    session.flush()
