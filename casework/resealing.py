"""Sealing a case that stood open, and opening a sealed one again by two people.

What stood in plain goes into sealed items and its columns are emptied, in one transaction; the way back puts the same
rows where they were. That older backups still hold what was open, no code can mend.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, null, select, update
from sqlalchemy.orm import Session

from casework.bodies import choose_body
from casework.bonds import tell_bond
from casework.cases import record_on_case
from casework.clues import list_kept_out
from casework.conflicts import Conflict, find_blamed, find_conflicts, read_mentions
from casework.deadlines import run_clocks
from casework.errors import NotAllowed, NotFound
from casework.keepingout import keep_out
from casework.ledger import SYSTEM, Actor, Verb, by_officer
from casework.limits import CaseEvent, ClockFacts
from casework.models.cases import Case, CaseAssessment, Deadline, Message, Note
from casework.models.consents import KeepingOutRequest
from casework.models.ledger import LedgerEntry
from casework.models.paging import PageCall
from casework.models.people import Institution, Officer, Town
from casework.models.referrals import Acknowledgement, Referral
from casework.models.secrecy import Allowance, CaseKey, SealedItem
from casework.models.talk import TalkBond
from casework.numbers import next_case_number
from casework.office import Office
from casework.rings import SignedIn, officer_private_key
from casework.roster import Roster, build_roster
from casework.rowpacks import drop_rows, pack_row, pack_rows, restore_rows
from casework.sealed_exclusions import restore_kept_out
from casework.sealing import SealedContent, add_sealed_item, read_sealed_case, seal_new_case
from casework.types import MessageDirection, ReferralStatus, Role, SealedKind
from casework.vault import seal_record, unseal_record
from casework.verdicts import pack_assessment, unpack_assessment
from casework.visibility import is_excluded, require_role
from triage.types import Urgency

PLAIN = ("category", "urgency", "discipline", "body_code", "officer_id", "institution_code", "town_code")
"""The columns of a case that a sealed one must not fill (its CHECK says the same)."""
CONSENT_HOLDS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LateSealing:
    """What intake hands over of an open case that is to be sealed: the record, and the reporter's public key."""

    content: Mapping[str, Any]
    reporter_key: bytes | None = field(default=None, repr=False)


def seal_case_rows(
    session: Session,
    case: Case,
    late: LateSealing,
    allowed: Sequence[Officer],
    *,
    by: Actor,
    reasons: Sequence[str],
    office: Office,
    now: datetime,
) -> None:
    """Move everything of an open case inside, give it its key and a number of the sealed series, start its clocks anew.

    Whoever was kept out of the open case is not let into the sealed one. For `intake.resealing.seal_open_case`, which
    moves the reports along. The ledger keeps what it said while the case was open: codes and ids, no content. Calls
    that somebody took go, for they say that it was critical; those that nobody took go on.
    """
    packed = pack_rows(session, case.id)
    plain = {name: getattr(case, name) for name in PLAIN}
    content = {
        **late.content,
        "reasons": list(reasons),
        "open": {"number": case.number, "plain": plain, "rows": packed, "referrals": _pack_referrals(session, case)},
    }
    inside = [officer for officer in allowed if not _is_kept_out(session, case, officer)]
    drop_rows(session, case.id)
    case.number = next_case_number(session, case.opened_on.year, sealed=True)
    with session.no_autoflush:
        for name in PLAIN:
            setattr(case, name, None)
        case.sealed = True
    session.flush()
    seal_new_case(session, case, content, inside)
    _blank_referrals(session, case)
    session.execute(delete(PageCall).where(PageCall.subject_id == case.id, PageCall.taken_at.is_not(None)))
    _seal_messages(session, case, late.reporter_key)
    run_clocks(session, case, CaseEvent.RECEIVED, ClockFacts(sealed=True, discipline=True), office=office, now=now)
    details = {"reasons": list(reasons), **tell_bond(session, case)}
    record_on_case(session, case, Verb.SEALED, by=by, now=now, details=details)
    session.flush()


def ask_unsealing(session: Session, signed: SignedIn, token: str, case_id: str, reason: str, *, now: datetime) -> None:
    """The first of two: a clue officer who can read the case proposes to unseal it, with a reason that lies inside.

    The proposal is a ledger entry, so nobody can make it up afterwards; it holds for seven days. Raises NotFound,
    NotAllowed, VaultLocked.
    """
    require_role(signed.officer, Role.CLUE_OFFICER, act="ask_unsealing")
    content = read_sealed_case(session, signed.officer, officer_private_key(signed, token), case_id, now=now)
    said = {"text": reason, "officer_id": signed.officer.id, "made_at": now.isoformat()}
    note = add_sealed_item(session, content.case, SealedKind.NOTE, said)
    record_on_case(
        session, content.case, Verb.UNSEAL_ASKED, by=by_officer(signed.officer), now=now, details={"note": note.id}
    )
    session.flush()


def find_unsealing_consent(session: Session, case_id: str, second: Officer, *, now: datetime) -> str | None:
    """The id of another officer, still on the allow-list, whose proposal to unseal the case still holds."""
    turned = (Verb.SEALED, Verb.UNSEALED)
    since = select(func.coalesce(func.max(LedgerEntry.id), 0)).where(
        LedgerEntry.case_id == case_id, LedgerEntry.verb.in_(turned)
    )
    query = (
        select(LedgerEntry.actor_id)
        .join(Allowance, (Allowance.case_id == LedgerEntry.case_id) & (Allowance.officer_id == LedgerEntry.actor_id))
        .where(
            LedgerEntry.case_id == case_id,
            LedgerEntry.verb == Verb.UNSEAL_ASKED,
            LedgerEntry.actor_id != second.id,
            LedgerEntry.at >= now - CONSENT_HOLDS,
            LedgerEntry.id > since.scalar_subquery(),
        )
    )
    return session.scalar(query.limit(1))


def unseal_case_rows(
    session: Session, signed: SignedIn, token: str, case_id: str, *, office: Office, now: datetime
) -> SealedContent:
    """The second of two: open a sealed case again, with his own key and another's consent.

    1. What was packed when it was sealed late comes back as it was; a case that was sealed from its first day gets
    body and clocks as if it came in now. 2. The talk and the notes are plain again. 3. Keys, items and allow-list go.
    4. Whoever anything inside names is kept out. For `intake.resealing.unseal_case`, which moves the reports along with
    the content returned.
    Raises NotFound, VaultLocked; NotAllowed without consent (`second_person`) or once referred (`referred`).
    """
    require_role(signed.officer, Role.CLUE_OFFICER, act="unseal_case")
    content = read_sealed_case(session, signed.officer, officer_private_key(signed, token), case_id, now=now)
    consent = find_unsealing_consent(session, case_id, signed.officer, now=now)
    if consent is None:
        raise NotAllowed("second_person")
    if _is_referred_sealed(session, content):
        raise NotAllowed("referred")
    case = content.case
    session.execute(delete(Deadline).where(Deadline.case_id == case_id))
    _open_messages(session, case, content.case_key)
    roster = build_roster(session)
    hits = _list_hits(session, content, roster)
    _fill_plain(session, case, content, hits, roster)
    for model in (SealedItem, CaseKey, Allowance, TalkBond, KeepingOutRequest):
        session.execute(delete(model).where(model.case_id == case_id))
    _restore(session, case, content, office=office, now=now)
    keep_out(session, case, [*hits, *_list_blamed(session, case, content, roster)], by=SYSTEM, now=now)
    details = {"first": consent}
    record_on_case(session, case, Verb.UNSEALED, by=by_officer(signed.officer), now=now, details=details)
    session.flush()
    return content


def _is_kept_out(session: Session, case: Case, officer: Officer) -> bool:
    return session.scalar(select(Case.id).where(Case.id == case.id, is_excluded(officer))) is not None


def _list_referrals(session: Session, case: Case) -> list[Referral]:
    return list(session.scalars(select(Referral).where(Referral.case_id == case.id, ~Referral.sealed)))


def _pack_referrals(session: Session, case: Case) -> list[dict[str, Any]]:
    packed = []
    for referral in _list_referrals(session, case):
        answers = session.scalars(select(Acknowledgement).where(Acknowledgement.referral_id == referral.id))
        said = [pack_row(answer) for answer in answers]
        packed.append({"referral": referral.id, "body": referral.body_code, "fields": referral.fields, "answers": said})
    return packed


def _blank_referrals(session: Session, case: Case) -> None:
    for referral in _list_referrals(session, case):
        emptied = {"sealed": True, "body_code": None, "fields": null()}
        session.execute(update(Referral).where(Referral.id == referral.id).values(**emptied))
        for answer in session.scalars(select(Acknowledgement).where(Acknowledgement.referral_id == referral.id)):
            answer.receiver = answer.reason = answer.reference = answer.result = ""
    session.flush()


def _seal_messages(session: Session, case: Case, reporter_key: bytes | None) -> None:
    for message in session.scalars(select(Message).where(Message.case_id == case.id, Message.text.is_not(None))):
        said = {"text": message.text}
        if case.public_key is not None:
            message.case_ciphertext = seal_record(case.public_key, message.id, said)
        if reporter_key is not None:
            message.reporter_ciphertext = seal_record(reporter_key, message.id, said)
        message.text = None
    session.flush()


def _open_messages(session: Session, case: Case, case_key: bytes) -> None:
    for message in session.scalars(select(Message).where(Message.case_id == case.id)):
        if message.case_ciphertext is not None:
            message.text = unseal_record(case_key, message.id, message.case_ciphertext)["text"]
            message.case_ciphertext = message.reporter_ciphertext = message.signature = None
    session.flush()


def _is_referred_sealed(session: Session, content: SealedContent) -> bool:
    before = {each["referral"] for each in content.record.get("open", {}).get("referrals", ())}
    query = select(Referral.id).where(Referral.case_id == content.case.id, Referral.status != ReferralStatus.CANCELLED)
    return any(referral not in before for referral in session.scalars(query))


def _list_hits(session: Session, content: SealedContent, roster: Roster) -> list[Conflict]:
    """Whom record, additions and decisions inside keep out, and whom the reporter names in the opened talk."""
    inside = list_kept_out(session, content.case, content)
    query = select(Message.text).where(Message.case_id == content.case.id, Message.text.is_not(None))
    told = session.scalars(query.where(Message.direction == MessageDirection.FROM_REPORTER))
    words = "\n".join(text for text in told if text)
    said = unpack_assessment(content.record["assessment"])
    return [
        *(Conflict(each.reason, each.certain, each.phrase, each.officer_id, each.body_code) for each in inside),
        *find_conflicts(read_mentions(said, words), roster),
    ]


def _list_blamed(session: Session, case: Case, content: SealedContent, roster: Roster) -> Iterator[Conflict]:
    """Whom a clue officer's own words blame, in the talk or in a note; never their writer."""
    query = select(Message).where(Message.case_id == case.id, Message.direction == MessageDirection.TO_REPORTER)
    told = [(message.text or "", message.officer_id) for message in session.scalars(query)]
    notes = [item.payload for item in content.items if item.kind is SealedKind.NOTE]
    for text, writer_id in (*told, *((note["text"], note["officer_id"]) for note in notes)):
        blamed = find_blamed(text, roster, town_code=case.town_code)
        yield from (hit for hit in blamed if hit.officer_id != writer_id)


def _fill_plain(session: Session, case: Case, content: SealedContent, hits: Iterable[Conflict], roster: Roster) -> None:
    said = content.record
    opened = said.get("open")
    if opened is not None:
        values = dict(opened["plain"])
        case.number = opened["number"]
    else:
        values = _judge_plain(session, said, hits, roster)
        case.number = next_case_number(session, case.opened_on.year, sealed=False)
    values["urgency"] = Urgency(values["urgency"])
    with session.no_autoflush:
        for name in PLAIN:
            setattr(case, name, values.get(name))
        case.sealed, case.public_key = False, None
    session.flush()


def _judge_plain(session: Session, said: Mapping[str, Any], hits: Iterable[Conflict], roster: Roster) -> dict[str, Any]:
    assessment = unpack_assessment(said["assessment"])
    unit, place = assessment.institution, assessment.place
    home = session.get(Institution, unit.code) if unit is not None and unit.code else None
    told = place.code if place is not None else None
    town = session.get(Town, told or (home.town_code if home else None) or "")
    return {
        "category": assessment.category,
        "urgency": assessment.urgency,
        "discipline": assessment.discipline,
        "body_code": choose_body(assessment.body, town.code if town else None, hits, roster),
        "institution_code": home.code if home else None,
        "town_code": town.code if town else None,
    }


def _restore(session: Session, case: Case, content: SealedContent, *, office: Office, now: datetime) -> None:
    opened = content.record.get("open")
    if opened is not None:
        restore_rows(session, opened["rows"])
        _restore_referrals(session, opened["referrals"])
    else:
        _assess_anew(session, case, content.record, office=office, now=now)
    for item in content.items:
        if item.kind is SealedKind.NOTE:
            _restore_note(session, case, item.payload)
            restore_kept_out(session, case, item.payload)
    session.flush()


def _assess_anew(session: Session, case: Case, said: Mapping[str, Any], *, office: Office, now: datetime) -> None:
    assessment = unpack_assessment(said["assessment"])
    session.add(
        CaseAssessment(
            case_id=case.id,
            revision=1,
            verdict=pack_assessment(assessment, said["text"]),
            lexicon_version=assessment.lexicon_version,
            made_at=now,
        )
    )
    facts = ClockFacts(
        urgency=case.urgency,
        categories=frozenset(score.code for score in assessment.categories),
        discipline=assessment.discipline,
    )
    run_clocks(session, case, CaseEvent.RECEIVED, facts, office=office, now=now)


def _restore_note(session: Session, case: Case, said: Mapping[str, Any]) -> None:
    made_at = datetime.fromisoformat(said["made_at"])
    session.add(Note(case_id=case.id, text=said["text"], officer_id=said["officer_id"], made_at=made_at))


def _restore_referrals(session: Session, packed: Iterable[Mapping[str, Any]]) -> None:
    for each in packed:
        referral = session.get(Referral, each["referral"])
        if referral is None:
            raise NotFound("referral", each["referral"])
        referral.sealed, referral.body_code, referral.fields = False, each["body"], each["fields"]
        for answer in each["answers"]:
            row = session.get_one(Acknowledgement, answer["id"])
            row.receiver, row.reason = answer["receiver"], answer["reason"]
            row.reference, row.result = answer["reference"], answer["result"]
    session.flush()
