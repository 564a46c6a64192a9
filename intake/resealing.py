"""Sealing an open case with its reports, in one click or because of what was added; and unsealing one, by two.

Casework moves its own rows (`casework.resealing`); here the reports and the reporter's keys follow.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.bonds import RECORD_KEY
from casework.cases import get_assessment, get_case_for
from casework.errors import NotAllowed
from casework.ledger import Actor, by_officer
from casework.models.cases import Case
from casework.models.people import Officer
from casework.office import Office
from casework.openings import judge_report, list_allowable
from casework.resealing import LateSealing, seal_case_rows, unseal_case_rows
from casework.rings import SignedIn
from casework.roster import build_roster
from casework.sealing import SealedContent, SealingReason
from casework.secrets import ServerSecrets
from casework.types import Channel, Role, SealedKind
from casework.verdicts import pack_assessment
from casework.visibility import require_role
from intake.attachments import seal_attachments, unseal_attachments
from intake.models import Report, Reporter
from intake.receipts import find_halves
from intake.reporters import add_case_layer, list_reports, take_case_layer
from intake.serials import put_serials, take_serials

MAY_SEAL = (Role.CLUE_OFFICER, Role.DISPATCHER, Role.OPERATOR, Role.SUPERVISOR)


def seal_by_hand(
    session: Session, officer: Officer, case_id: str, *, office: Office, secrets: ServerSecrets, now: datetime
) -> Case:
    """One click: an officer who may see an open case seals it. Who is let in, the conflict test decides, not he.

    Nothing about that is refused: leadership that is hit is kept out by the same test. Raises NotFound, NotAllowed
    (wrong role, or sealed already).
    """
    require_role(officer, *MAY_SEAL, act="seal_case")
    case = get_case_for(session, officer, case_id)
    if case.sealed:
        raise NotAllowed("seal_case")
    text = "\n".join(report.working_text or "" for report in list_reports(session, case_id))
    judged = judge_report(build_roster(session), get_assessment(session, case), text, by_hand=True, office=office)
    allowed = list_allowable(session, judged.conflicts, judged.roster)
    reasons = (SealingReason.BY_HAND,)
    seal_open_case(
        session, case, allowed, by=by_officer(officer), reasons=reasons, office=office, secrets=secrets, now=now
    )
    return case


def seal_open_case(
    session: Session,
    case: Case,
    allowed: Sequence[Officer],
    *,
    by: Actor,
    reasons: Sequence[SealingReason],
    office: Office,
    secrets: ServerSecrets,
    now: datetime,
) -> None:
    """Seal a case that stood open, with all its reports: words, notes, talk and files go inside, hints vanish.

    Exclusions turn into the allow-list: `allowed` less whoever was kept out. SQLite overwrites what is deleted
    (secure_delete); what older backups hold stays there.
    """
    reports = list_reports(session, case.id)
    assessment = get_assessment(session, case)
    first = reports[0]
    content = {
        **_pack(first),
        "assessment": pack_assessment(assessment, first.working_text or ""),
        "reports": [_pack(report) for report in reports],
        "transfers": take_serials(session, [report.id for report in reports]),
    }
    halves = find_halves(session, case.id)
    if halves is not None:
        content[RECORD_KEY] = halves.pack()
    for report in reports:
        report.sealed, report.working_text, report.channel, report.named = True, None, None, None
    session.flush()
    late = LateSealing(content, halves.box if halves else None)
    seal_case_rows(session, case, late, allowed, by=by, reasons=[*map(str, reasons)], office=office, now=now)
    for report in reports:
        add_case_layer(case, report, _find_reporter(session, report))
    seal_attachments(session, case, secrets=secrets)
    session.flush()


def unseal_case(
    session: Session,
    signed: SignedIn,
    token: str,
    case_id: str,
    *,
    office: Office,
    secrets: ServerSecrets,
    now: datetime,
) -> Case:
    """Open a sealed case again: the second clue officer, after another has asked (`casework.resealing.ask_unsealing`).

    Working texts are plain again; originals and identities stay sealed to the ring. Raises as `unseal_case_rows` does.
    """
    content = unseal_case_rows(session, signed, token, case_id, office=office, now=now)
    said = {each["report_id"]: each for each in _list_packed(content)}
    for report in list_reports(session, case_id):
        told = said[report.id]
        report.sealed, report.working_text = False, told["text"]
        report.channel, report.named = Channel(told["channel"]), told["named"]
        take_case_layer(report, _find_reporter(session, report), content.case_key)
    put_serials(session, content.record.get("transfers", ()))
    unseal_attachments(session, content.case, content.case_key, secrets=secrets)
    session.flush()
    return content.case


def _list_packed(content: SealedContent) -> Iterator[Mapping[str, Any]]:
    yield content.record
    yield from content.record.get("reports", ())
    yield from (item.payload for item in content.items if item.kind is SealedKind.ADDITION)


def _find_reporter(session: Session, report: Report) -> Reporter | None:
    return session.scalar(select(Reporter).where(Reporter.report_id == report.id))


def _pack(report: Report) -> dict[str, Any]:
    return {
        "report_id": report.id,
        "text": report.working_text,
        "channel": report.channel.value if report.channel else None,
        "received_at": report.received_on.isoformat(),
        "named": report.named,
    }
