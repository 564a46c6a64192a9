"""Handing a case to another organ (移送): drafted by the system, issued by people, followed until it is answered.

Everything that an issue causes (the paper, the deliveries, their jobs, the case's move, the clocks, the ledger) is in
the transaction of the issue; the status has one writer, `referral_rules.advance_referral`.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.cases import advance_case
from casework.clock import local_date
from casework.cluelooks import require_clue_look
from casework.deadlines import run_clocks
from casework.deliveries import cancel_deliveries, create_deliveries
from casework.documents import Typesetter, to_pdf
from casework.edits import edit_fields
from casework.errors import IllegalMove, InvalidField, NotFound
from casework.heads import stamp_head
from casework.ledger import Actor, Verb, by_officer
from casework.limits import CaseEvent
from casework.links import LINK_LIFE, hash_token, make_token
from casework.models.cases import Case
from casework.models.people import Body, Officer
from casework.models.referrals import Acknowledgement, NoticeFile, Referral
from casework.news import NewsPhrase, tell_reporter
from casework.notices import (
    Issue,
    Letterhead,
    NoticeFields,
    fields_from_json,
    fields_to_json,
    list_missing,
    render_notice,
    switch_template,
)
from casework.numbers import next_number
from casework.papers import FileFormat, Paper
from casework.referral_desk import ReferralDesk, gather_clock_facts, gather_fields
from casework.referral_ledger import SUBJECT, record_on_referral
from casework.referral_rules import (
    CHANGED,
    ELECTRONIC_WAYS,
    advance_referral,
    check_receiver,
    choose_methods,
    choose_series,
    find_last_writer,
    is_secret,
    needs_principal,
    parse_number,
    require_drafter,
    require_issuer,
)
from casework.sealing import SealedContent, add_sealed_item
from casework.secrets import ServerSecrets
from casework.thirdpersons import require_second
from casework.types import (
    CaseStatus,
    DeliveryMethod,
    ReferralStatus,
    Role,
    SealedKind,
)
from casework.visibility import has_role, visible_cases
from casework.wordfiles import to_docx

TAKERS = "letter-takers"
ENDED = frozenset({ReferralStatus.CANCELLED, ReferralStatus.RETURNED})


@dataclass(frozen=True, slots=True)
class ReferralContent:
    """What a referral says and to whom; of a sealed one it comes out of the opened case."""

    body: Body
    fields: NoticeFields


def get_referral_for(session: Session, officer: Officer, referral_id: str) -> tuple[Referral, Case]:
    """The referral with its case. Raises NotFound where there is none or he may not know of the case."""
    query = select(Referral, Case).join(Case, Case.id == Referral.case_id)
    found = session.execute(query.where(Referral.id == referral_id, visible_cases(officer))).first()
    if found is None:
        raise NotFound(SUBJECT, referral_id)
    return found[0], found[1]


def list_referrals(session: Session, case: Case) -> list[Referral]:
    """The referrals of a case that its officer has got through the one door, oldest first."""
    query = select(Referral).where(Referral.case_id == case.id)
    return list(session.scalars(query.order_by(Referral.drafted_at, Referral.id)))


def draft_referral(
    session: Session,
    case: Case,
    body: Body,
    *,
    by: Officer,
    desk: ReferralDesk,
    now: datetime,
    edits: Mapping[str, Any] | None = None,
    opened: SealedContent | None = None,
) -> Referral:
    """Draft a notice from what the house knows of the case: category, place, institution, days, never a word of his.

    1. The right to draft (a discipline matter: clue officers only). 2. The fields, from the assessment and the house's
    own sentences, then the officer's edits. 3. The receiver must not be the one complained of.
    A sealed case needs `opened`; its body and fields go into a sealed item and the row stays bare.
    """
    require_drafter(by, case, body)
    require_second(session, case, body, by=by, opened=opened, now=now)
    fields = edit_fields(gather_fields(session, case, body, desk, by=by, opened=opened), edits or {})
    check_receiver(session, case, body, fields, opened)
    if not has_role(by, Role.CLUE_OFFICER):
        require_clue_look(session, case)
    referral = Referral(case_id=case.id, sealed=case.sealed, drafted_by=by.id, drafted_at=now)
    if not case.sealed:
        referral.body_code, referral.fields = body.code, fields_to_json(fields)
    session.add(referral)
    session.flush()
    if case.sealed:
        _seal(session, case, referral, body, fields)
    record_on_referral(session, referral, Verb.DRAFTED, by=by_officer(by), now=now)
    return referral


def read_referral(session: Session, referral: Referral, opened: SealedContent | None = None) -> ReferralContent:
    """What the referral says: from its row, or for a sealed case from the newest item of the opened case.

    Raises NotFound where a sealed one is asked for without the opened case, or its copy was given up.
    """
    if not referral.sealed and referral.body_code and referral.fields is not None:
        return ReferralContent(session.get_one(Body, referral.body_code), fields_from_json(referral.fields))
    items = opened.items if opened and opened.case.id == referral.case_id else ()
    kept = [
        item.payload for item in items if item.kind is SealedKind.REFERRAL and item.payload["referral"] == referral.id
    ]
    if not kept:
        raise NotFound(SUBJECT, referral.id)
    return ReferralContent(session.get_one(Body, kept[-1]["body"]), fields_from_json(kept[-1]["fields"]))


def update_draft(
    session: Session,
    referral: Referral,
    edits: Mapping[str, Any],
    *,
    by: Officer,
    now: datetime,
    opened: SealedContent | None = None,
) -> NoticeFields:
    """Change a draft. Returns the fields as they are now.

    Raises IllegalMove for an issued one, and for one that lies before the principal or has his word: he decides about
    the very text that goes out.
    """
    _require_editable(referral)
    case = session.get_one(Case, referral.case_id)
    content = read_referral(session, referral, opened)
    require_drafter(by, case, content.body)
    fields = edit_fields(content.fields, edits)
    check_receiver(session, case, content.body, fields, opened)
    _keep_fields(session, case, referral, content.body, fields)
    changed = sorted(name for name in edits if getattr(fields, name) != getattr(content.fields, name))
    record_on_referral(session, referral, Verb.DRAFTED, by=by_officer(by), now=now, details={CHANGED: changed})
    session.flush()
    return fields


def switch_referral(
    session: Session,
    referral: Referral,
    kind: str,
    *,
    by: Officer,
    desk: ReferralDesk,
    now: datetime,
    opened: SealedContent | None = None,
) -> None:
    """Write a draft by another template for the same kind of body (an ordinary letter, or a suspected crime).

    Raises IllegalMove for an issued one, NotAllowed, InvalidField(kind, unknown_choice).
    """
    _require_editable(referral)
    case = session.get_one(Case, referral.case_id)
    content = read_referral(session, referral, opened)
    require_drafter(by, case, content.body)
    if content.fields.internal or kind not in desk.wording.kinds_for(content.body.kind.value):
        raise InvalidField("kind", "unknown_choice")
    _keep_fields(session, case, referral, content.body, switch_template(content.fields, kind, desk.wording))
    record_on_referral(session, referral, Verb.DRAFTED, by=by_officer(by), now=now, details={CHANGED: ["kind"]})


def preview_referral(
    session: Session,
    referral: Referral,
    *,
    desk: ReferralDesk,
    now: datetime,
    opened: SealedContent | None = None,
) -> tuple[Paper, ...]:
    """The papers as they stand: marked 代拟稿 until issued, with number and day afterwards; made in memory."""
    content = read_referral(session, referral, opened)
    year = local_date(referral.issued_at or now).year
    secret = is_secret(session.get_one(Case, referral.case_id), content.body)
    head = Letterhead(desk.office.name, choose_series(desk.office.number_prefix, secret=secret), year)
    issue = None
    if referral.number and referral.issued_at:
        issue = Issue(referral.number, local_date(referral.issued_at), referral.foot)
    return render_notice(content.fields, wording=desk.wording, head=head, issue=issue)


def issue_referral(
    session: Session,
    referral: Referral,
    *,
    number: str,
    by: Officer,
    desk: ReferralDesk,
    now: datetime,
    methods: Iterable[DeliveryMethod] | None = None,
    opened: SealedContent | None = None,
) -> Referral:
    """Sign a referral out (签发), and everything that follows from it, in this one transaction.

    1. The right to issue; in a discipline matter another person than who wrote the text as it stands, or for one alone
    with the case a third person's consent (`thirdpersons.require_second`), which is used up. 2. Receiver
    tested again, minimum of the template there, number well formed and new, ways allowed. 3. Number, paper (of an open
    case, kept as issued), deliveries with their jobs, link for the answer, case moved, clocks, ledger, news for the
    reporter.
    Raises NotAllowed, ConflictOfInterest, InvalidField (`number`, `methods` or the empty field), IllegalMove.
    A suspected crime waits for the principal: InvalidField(number, not_approved).
    """
    case = session.get_one(Case, referral.case_id)
    content = read_referral(session, referral, opened)
    consent = require_second(session, case, content.body, by=by, opened=opened, now=now)
    writer = find_last_writer(session, referral) if consent is None else ""
    require_issuer(by, case, content.body, written_by=writer)
    check_receiver(session, case, content.body, content.fields, opened)
    for name in list_missing(content.fields, desk.wording):
        raise InvalidField(name, "required")
    if needs_principal(referral, content.fields, desk.wording) and referral.approved_at is None:
        raise InvalidField("number", "not_approved")
    secret = is_secret(case, content.body)
    chosen = choose_methods(content.body, methods, secret=secret)
    foot = stamp_head(session, now=now)
    series = choose_series(desk.office.number_prefix, secret=secret)
    referral.number = _take_number(session, number, series, by=by, now=now)
    referral.issued_by, referral.issued_at, referral.foot = by.id, now, foot
    if consent is not None:
        consent.used_at = now
    advance_referral(session, referral, ReferralStatus.ISSUED)
    if not case.sealed:
        _keep_files(session, referral, preview_referral(session, referral, desk=desk, now=now), desk.typesetter)
    _open_acknowledgement(session, referral, chosen, desk.secrets, now)
    create_deliveries(session, referral, chosen, now=now)
    details = {"methods": [way.value for way in chosen]}
    record_on_referral(session, referral, Verb.ISSUED, by=by_officer(by), now=now, details=details)
    _move_case(session, case, content.body, by=by, desk=desk, now=now)
    return referral


def cancel_referral(
    session: Session,
    referral: Referral,
    *,
    by: Officer,
    reason: str,
    now: datetime,
    opened: SealedContent | None = None,
) -> None:
    """Withdraw a draft or an issued referral: what has not left will not leave, and the case comes back.

    What has left can't be called back; the officer tells the receiver. Raises IllegalMove once it was acknowledged.
    """
    case = session.get_one(Case, referral.case_id)
    require_drafter(by, case, read_referral(session, referral, opened).body)
    advance_referral(session, referral, ReferralStatus.CANCELLED)
    cancel_deliveries(session, referral)
    record_on_referral(session, referral, Verb.CANCELLED, by=by_officer(by), now=now)
    bring_back(session, case, by=by_officer(by), reason=reason, now=now)


def bring_back(session: Session, case: Case, *, by: Actor, reason: str, now: datetime) -> None:
    """Take the case up again where it stands as referred and no other referral of it is under way."""
    others = session.scalars(select(Referral.status).where(Referral.case_id == case.id))
    under_way = any(status not in ENDED | {ReferralStatus.DRAFTED} for status in others)
    if case.status is CaseStatus.REFERRED and not under_way:
        advance_case(session, case, CaseStatus.WORKING, by=by, now=now, reason=reason)


def is_editable(referral: Referral) -> bool:
    """Whether the text may still be changed (pure)."""
    return referral.status is ReferralStatus.DRAFTED and referral.put_at is None


def _require_editable(referral: Referral) -> None:
    if not is_editable(referral):
        raise IllegalMove(referral.status, ReferralStatus.DRAFTED)


def _take_number(session: Session, text: str, series: str, *, by: Officer, now: datetime) -> str:
    """The number, where it is new among the letters that he may know of; of the others he learns nothing by trying.

    Takers wait for each other, so that two at once don't get the same.
    """
    number = parse_number(text, prefix=series, year=local_date(now).year)
    next_number(session, TAKERS)
    taken = select(Referral.id).join(Case, Case.id == Referral.case_id)
    if session.scalar(taken.where(Referral.number == number, visible_cases(by)).limit(1)) is not None:
        raise InvalidField("number", "number_taken")
    return number


def make_files(papers: Iterable[Paper], typesetter: Typesetter) -> Iterator[tuple[Paper, FileFormat, bytes]]:
    """Every paper as PDF and as .docx."""
    for paper in papers:
        yield paper, FileFormat.PDF, to_pdf(paper, typesetter)
        yield paper, FileFormat.DOCX, to_docx(paper)


def _keep_files(session: Session, referral: Referral, papers: Iterable[Paper], typesetter: Typesetter) -> None:
    for paper, kind, content in make_files(papers, typesetter):
        digest = hashlib.sha256(content).hexdigest()
        session.add(
            NoticeFile(
                referral_id=referral.id, form=paper.form.value, format=kind.value, content=content, sha256=digest
            )
        )
    session.flush()


def _open_acknowledgement(
    session: Session, referral: Referral, methods: Iterable[DeliveryMethod], secrets: ServerSecrets, now: datetime
) -> None:
    """The place for the answer; a one-time link only where the letter leaves electronically."""
    by_link = any(method in ELECTRONIC_WAYS for method in methods)
    session.add(
        Acknowledgement(
            referral_id=referral.id,
            token_sha256=hash_token(make_token(session, secrets, referral.id)) if by_link else None,
            expires_at=now + LINK_LIFE if by_link else None,
        )
    )


def _move_case(session: Session, case: Case, body: Body, *, by: Officer, desk: ReferralDesk, now: datetime) -> None:
    if case.status is not CaseStatus.REFERRED:
        advance_case(session, case, CaseStatus.REFERRED, by=by_officer(by), now=now)
    run_clocks(session, case, CaseEvent.REFERRED, gather_clock_facts(session, case, body), office=desk.office, now=now)
    tell_reporter(session, case, NewsPhrase.REFERRED, now=now)


def _keep_fields(session: Session, case: Case, referral: Referral, body: Body, fields: NoticeFields) -> None:
    if case.sealed:
        _seal(session, case, referral, body, fields)
    else:
        referral.fields = fields_to_json(fields)


def _seal(session: Session, case: Case, referral: Referral, body: Body, fields: NoticeFields) -> None:
    kept = {"referral": referral.id, "body": body.code, "fields": fields_to_json(fields)}
    add_sealed_item(session, case, SealedKind.REFERRAL, kept)
