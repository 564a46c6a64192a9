"""Who may draft and issue a referral, by which way it may leave, and to whom it may not go. Pure but for the look-ups.

A discipline matter never leaves by mail or over the open net, whatever a body says it accepts (rules for 移送函).
"""

import re
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.clues import PERSONAL, KeptOut, list_kept_out
from casework.conflicts import find_bodies
from casework.errors import ConflictOfInterest, IllegalMove, InvalidField
from casework.ledger import Verb
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.models.people import Body, Institution, Officer
from casework.models.referrals import Referral
from casework.models.secrecy import Exclusion
from casework.notices import NoticeFields
from casework.roster import Roster, build_roster
from casework.sealing import SealedContent
from casework.types import REFERRAL_TRANSITIONS, BodyKind, DeliveryMethod, ExclusionReason, ReferralStatus, Role
from casework.visibility import require_role
from casework.wording import NoticeWording

SECRET_WAYS = frozenset({DeliveryMethod.SEALED_PRINT, DeliveryMethod.PACKAGE, DeliveryMethod.PICKUP})
ELECTRONIC_WAYS = frozenset({DeliveryMethod.MAIL, DeliveryMethod.WEBHOOK})

CHANGED = "fields"
"""Under this the ledger's entry of a change names what was changed; the first draft's has nothing."""

DRAFTERS = (Role.DISPATCHER, Role.HANDLER, Role.SUPERVISOR, Role.LEADER, Role.CLUE_OFFICER)
SECRET_DRAFTERS = (Role.CLUE_OFFICER,)
INSIDE_ISSUERS = (Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER)
ISSUERS = (Role.LEADER,)
SECRET_ISSUERS = (Role.CLUE_OFFICER, Role.LEADER)

NUMBER = re.compile(r"^(?P<prefix>[一-鿿]{0,12})〔(?P<year>\d{4})〕(?P<serial>[1-9]\d{0,4})号$")
BRACKETS = str.maketrans("[［【(（]］】)）", "〔〔〔〔〔〕〕〕〕〕", " 　")


def is_secret(case: Case, body: Body) -> bool:
    """Whether the hand-over is a discipline matter: the case is sealed, or the receiver is the discipline organ."""
    return case.sealed or body.kind is BodyKind.DISCIPLINE


def needs_principal(referral: Referral, fields: NoticeFields, wording: NoticeWording) -> bool:
    """Whether the house's principal decides before this is issued (行政执法机关移送涉嫌犯罪案件的规定 art. 5).

    Not of a sealed case: who may not know of it can't decide about it, and its clue officers sign as two.
    """
    return not referral.sealed and wording.template_for(fields.kind, internal=fields.internal).principal


def require_drafter(officer: Officer, case: Case, body: Body) -> None:
    """Raise NotAllowed where the officer may not draft this referral."""
    require_role(officer, *(SECRET_DRAFTERS if is_secret(case, body) else DRAFTERS), act="draft_referral")


def find_last_writer(session: Session, referral: Referral) -> str:
    """Who wrote the text as it stands: the last to have drafted or changed it, as the ledger tells. Saving it as it
    was changes nothing, so it makes nobody its writer.
    """
    query = select(LedgerEntry).where(
        LedgerEntry.subject_id == referral.id, LedgerEntry.verb == Verb.DRAFTED, LedgerEntry.actor_id.is_not(None)
    )
    for entry in session.scalars(query.order_by(LedgerEntry.id.desc())):
        if entry.details.get(CHANGED, [CHANGED]):
            return str(entry.actor_id)
    return referral.drafted_by


def require_issuer(officer: Officer, case: Case, body: Body, *, written_by: str) -> None:
    """Raise NotAllowed where the officer may not sign it out; a leader issues, inside our house the dispatcher may.

    A discipline matter needs two people: InvalidField(number, same_person) for the one who wrote the text as it stands
    (`find_last_writer`), or the second would be the only one to have read what he wrote.
    """
    secret = is_secret(case, body)
    issuers = SECRET_ISSUERS if secret else INSIDE_ISSUERS if body.internal else ISSUERS
    require_role(officer, *issuers, act="issue_referral")
    if secret and officer.id == written_by:
        raise InvalidField("number", "same_person")


def parse_number(text: str, *, prefix: str, year: int) -> str:
    """A notice's number as the standard writes it, from what an officer typed: 望民函〔2026〕12号.

    Other brackets and blanks are mended, a missing mark is put before; no 第, no leading zero, this year's only.
    Raises InvalidField(number, not_a_notice_number).
    """
    found = NUMBER.match(text.translate(BRACKETS))
    if found is None or int(found["year"]) != year or found["prefix"] not in {"", prefix}:
        raise InvalidField("number", "not_a_notice_number")
    return f"{prefix}〔{year}〕{found['serial']}号"


def choose_series(prefix: str, *, secret: bool) -> str:
    """The 机关代字 of a letter: discipline matters have a series of their own (望民函, 望民线函), so that no gap in the
    ordinary one tells of them (pure).
    """
    return f"{prefix.removesuffix('函')}线函" if secret else prefix


def choose_methods(body: Body, wanted: Iterable[DeliveryMethod] | None, *, secret: bool) -> tuple[DeliveryMethod, ...]:
    """By which ways the notice leaves: those wanted, else the best that the body accepts, else the sealed print-out.

    Raises InvalidField(methods, unknown_choice) for one that the body doesn't accept, and for mail and webhook in a
    discipline matter, whatever the body accepts.
    """
    accepted = list_ways(body, secret=secret)
    chosen = tuple(dict.fromkeys(wanted)) if wanted is not None else tuple(accepted[:1])
    if not chosen or not set(chosen) <= set(accepted):
        raise InvalidField("methods", "unknown_choice")
    return chosen


def list_ways(body: Body, *, secret: bool) -> tuple[DeliveryMethod, ...]:
    """The ways that the body accepts and can be reached by, best first; the sealed print-out where there is none."""
    allowed = SECRET_WAYS if secret else frozenset(DeliveryMethod)
    accepted = tuple(
        DeliveryMethod(way) for way in body.accepts if way in allowed and _has_address(body, DeliveryMethod(way))
    )
    return accepted or (DeliveryMethod.SEALED_PRINT,)


def check_receiver(
    session: Session, case: Case, body: Body, fields: NoticeFields, opened: SealedContent | None = None
) -> None:
    """Refuse to hand a matter to the one complained of (信访工作条例 art. 30 (3)).

    Hit are: a body kept out of the case or part of one, of a sealed case by what lies `opened`; the body of an officer
    who is; who runs the home; a body whose name stands among the units complained of. Raises ConflictOfInterest with
    the body's code and the reason.
    """
    units = tuple(person.unit for person in fields.accused if person.unit)
    refuse_the_accused(session, case, body, institution=fields.institution, units=units, opened=opened)


def refuse_the_accused(
    session: Session,
    case: Case,
    body: Body,
    *,
    institution: str = "",
    units: Iterable[str] = (),
    opened: SealedContent | None = None,
) -> None:
    """The same test for any paper about a case that goes to a body; `institution` and `units` as the paper names them.

    Raises ConflictOfInterest.
    """
    roster = build_roster(session)
    above = set(roster.bodies_above(body.code)) | {body.code}
    for kept_out in _list_kept_out(session, case, opened):
        if kept_out.body_code in above or _is_his(kept_out, body, case, roster):
            raise ConflictOfInterest(body.code, kept_out.reason)
    for code, reason in _list_hit(session, case, institution, units, roster):
        if code in above:
            raise ConflictOfInterest(body.code, reason)


def _list_kept_out(session: Session, case: Case, opened: SealedContent | None) -> list[KeptOut]:
    """Who is kept out now: by the standing rows of an open case, by record and test of a sealed one."""
    if case.sealed:
        return list_kept_out(session, case, opened) if opened is not None else []
    standing = select(Exclusion).where(Exclusion.case_id == case.id, Exclusion.cleared_at.is_(None))
    return [
        KeptOut(row.reason, row.certain, officer_id=row.officer_id, body_code=row.body_code)
        for row in session.scalars(standing)
    ]


def _is_his(kept_out: KeptOut, body: Body, case: Case, roster: Roster) -> bool:
    """Whether it is the body of an officer complained of. A section of ours has others who may handle an open case, as
    has the discipline organ: of it the one named gets no key, and what is said of its leaders is never taken in.
    """
    has_others = (body.internal and not case.sealed) or body.kind is BodyKind.DISCIPLINE
    if kept_out.officer_id is None or kept_out.reason not in PERSONAL or has_others:
        return False
    return any(each.id == kept_out.officer_id and each.body_code == body.code for each in roster.officers)


def _list_hit(
    session: Session, case: Case, institution: str, units: Iterable[str], roster: Roster
) -> Iterable[tuple[str | None, ExclusionReason]]:
    runner = session.scalar(
        select(Institution.run_by_code).where(
            (Institution.code == case.institution_code) | (Institution.name == institution)
        )
    )
    yield runner, ExclusionReason.OPERATES_INSTITUTION
    for unit in units:
        for named in find_bodies(unit, case.town_code, roster)[0]:
            yield named.code, ExclusionReason.UNIT_NAMED


def _has_address(body: Body, method: DeliveryMethod) -> bool:
    if method is DeliveryMethod.MAIL:
        return bool(body.mail)
    if method is DeliveryMethod.WEBHOOK:
        return bool(body.webhook_url and body.webhook_secret)
    if method is DeliveryMethod.PACKAGE:
        return bool(body.age_public_key)
    return True


def advance_referral(session: Session, referral: Referral, to: ReferralStatus) -> None:
    """Move a referral along its table of moves: the only writer of its status. Raises IllegalMove."""
    if to not in REFERRAL_TRANSITIONS[referral.status]:
        raise IllegalMove(referral.status, to)
    referral.status = to
    session.flush()
