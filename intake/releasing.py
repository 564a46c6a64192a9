"""Opening a part of a sealed case, by two people.

The original is cut as well as the working text, which only happens in the sign-in of a clue officer whose vault is
open; what becomes an open case comes at a later moment, like what is parted at filing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.cases import record_on_case
from casework.errors import InvalidField, NotAllowed, NotFound
from casework.ledger import Verb, by_officer
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.models.people import Officer
from casework.openings import judge_report
from casework.parting import Parting, cut, split_sentences
from casework.resealing import CONSENT_HOLDS
from casework.rings import SignedIn, officer_private_key, ring_private_key
from casework.roster import build_roster
from casework.sealing import SealedContent, SealingOutcome, add_sealed_item, list_allowed, read_sealed_case
from casework.types import Channel, Role, SealedKind
from casework.visibility import require_role
from intake.addedfiles import hold_file, list_added_files
from intake.addedwords import Added, find_standing_part, hold_words, list_added
from intake.attachments import get_attachment
from intake.links import SLOTS, put_link
from intake.models import Report, Reporter
from intake.parts import RECORD_PARTING, Parted, assess_parts, cut_draft, hold_part, make_part, plan_part
from intake.reporters import open_report
from intake.screening import list_masked
from intake.types import IntakeDesk, ReportDraft, Revealed

PROPOSED, RELEASED = "release", "released"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A part that one clue officer wants to open: which sentences of the record, why, who, since when.

    `added` are words that came later, and files, which go to the part that stands open.
    """

    item_id: str
    picks: tuple[int, ...]
    reason: str
    officer_id: str
    made_at: datetime
    added: tuple[str, ...] = ()


def ask_release(
    session: Session,
    signed: SignedIn,
    token: str,
    case_id: str,
    picks: Sequence[int],
    reason: str,
    *,
    added: Sequence[str] = (),
    now: datetime,
) -> None:
    """The first of two: a clue officer proposes to open these sentences of the record, by their place in it, and these
    words and files that were `added`, by their id.

    Proposal and reason lie inside, as a note; that he wrote one is in the ledger, so that nobody can make it up later.
    It holds for seven days. Raises NotFound, NotAllowed, VaultLocked, InvalidField (none picked, or all).
    """
    require_role(signed.officer, Role.CLUE_OFFICER, act="ask_release")
    opened = read_sealed_case(session, signed.officer, officer_private_key(signed, token), case_id, now=now)
    later = _check_added(session, opened, added)
    chosen = () if later and not picks else _check_picks(picks, split_sentences(opened.record["text"]))
    said = {PROPOSED: list(chosen), "added": list(later), "reason": reason}
    _note(session, opened, signed.officer, f"提议公开一部分：{reason}", said, now)


def list_proposals(session: Session, opened: SealedContent, *, now: datetime) -> list[Proposal]:
    """What still waits for the second person: not older than seven days, not carried out, its officer still let in."""
    notes = {item.id: item.payload for item in opened.items if item.kind is SealedKind.NOTE}
    done = {payload[RELEASED] for payload in notes.values() if RELEASED in payload}
    inside = {officer.id for officer in list_allowed(session, opened.case.id)}
    proved = _list_proved(session, opened.case.id, now - CONSENT_HOLDS)
    return [
        Proposal(
            ident,
            tuple(said[PROPOSED]),
            said["reason"],
            said["officer_id"],
            datetime.fromisoformat(said["made_at"]),
            tuple(said.get("added", ())),
        )
        for ident, said in notes.items()
        if PROPOSED in said
        and ident not in done
        and (ident, said["officer_id"]) in proved
        and said["officer_id"] in inside
    ]


def release_part(
    session: Session, signed: SignedIn, token: str, case_id: str, item_id: str, *, desk: IntakeDesk, now: datetime
) -> None:
    """The second of two: the sentences that another proposed become an open case of their own, at a later moment, and
    the added words go to the talk of the one that stands.

    The conflict test and triage look at them alone: what would be sealed itself is not released. Raises NotFound,
    VaultLocked, InvalidField; NotAllowed (`second_person`).
    """
    require_role(signed.officer, Role.CLUE_OFFICER, act="release_part")
    private = officer_private_key(signed, token)
    opened = read_sealed_case(session, signed.officer, private, case_id, now=now)
    proposal = next((each for each in list_proposals(session, opened, now=now) if each.item_id == item_id), None)
    if proposal is None or proposal.officer_id == signed.officer.id:
        raise NotAllowed("second_person")
    done: dict[str, Any] = {RELEASED: item_id, "added": list(proposal.added), "picks": list(proposal.picks)}
    done["case_id"] = None
    for words in [each for each in list_added(session, opened) if each.id in proposal.added]:
        _release_added(session, signed.officer, private, opened, words, desk=desk, now=now)
    for file in [each for each in list_added_files(session, opened) if each.id in proposal.added]:
        _release_file(session, signed.officer, private, opened, file.id, desk=desk, now=now)
    if proposal.picks:
        done["case_id"] = _release_sentences(session, signed.officer, private, opened, proposal, desk=desk, now=now)
    _note(session, opened, signed.officer, "同意公开一部分。", done, now)


def _release_added(
    session: Session,
    officer: Officer,
    private: bytes,
    opened: SealedContent,
    words: Added,
    *,
    desk: IntakeDesk,
    now: datetime,
) -> None:
    part = _need_part(session, opened)
    original = words.text
    if words.report_id is not None:
        original = open_for_cutting(session, officer, private, words.report_id, opened.case_key).original
    hold_words(session, part.id, original, words.channel, desk=desk, now=now)


def _release_file(
    session: Session,
    officer: Officer,
    private: bytes,
    opened: SealedContent,
    attachment_id: str,
    *,
    desk: IntakeDesk,
    now: datetime,
) -> None:
    part, row = _need_part(session, opened), get_attachment(session, opened.case, attachment_id)
    ring = ring_private_key(session, officer, private, row.ring_id)
    hold_file(session, part.id, opened, attachment_id, ring, secrets=desk.secrets, now=now)


def _need_part(session: Session, opened: SealedContent) -> Case:
    part = find_standing_part(session, list_part_ids(opened))
    if part is None:
        raise InvalidField("picks", "no_open_part")
    return part


def _release_sentences(
    session: Session,
    officer: Officer,
    private: bytes,
    opened: SealedContent,
    proposal: Proposal,
    *,
    desk: IntakeDesk,
    now: datetime,
) -> str:
    """The case that the sentences will become."""
    record = opened.record
    spans = [split_sentences(record["text"])[pick] for pick in proposal.picks]
    revealed = open_for_cutting(session, officer, private, record["report_id"], opened.case_key)
    draft = ReportDraft(
        text=revealed.original,
        channel=Channel(record["channel"]),
        received_at=datetime.fromisoformat(record["received_at"]),
        contact=revealed.contact,
        anonymous=revealed.anonymous,
        told=revealed.told,
    )
    text, working = cut(draft.text, spans), cut(record["text"], spans)
    said = assess_parts(draft, desk)(text)
    own = list_masked(text, working)
    judged = judge_report(build_roster(session), said, text, own=own, office=desk.office)
    if judged.sealing.outcome is not SealingOutcome.OPEN:
        raise InvalidField("picks", "still_sealing")
    parted = Parted(Parting((), None, said), text, make_part(record["text"], spans, said, own), judged.conflicts)
    plan = plan_part(parted)
    if plan is None:
        raise NotFound("part", opened.case.id)
    before = len(list_released(opened))
    put_link(session, opened.case.id, 1 + before % (SLOTS - 1), plan.link)
    hold_part(session, plan, cut_draft(draft, parted), parted, secrets=desk.secrets, now=now)
    return plan.ids.case_id


def list_released(opened: SealedContent) -> list[tuple[str, tuple[int, ...]]]:
    """What two people have released so far: the open case's id with the places of its sentences."""
    notes = (item.payload for item in opened.items if item.kind is SealedKind.NOTE)
    return [(said["case_id"], tuple(said["picks"])) for said in notes if RELEASED in said and said["case_id"]]


def list_part_ids(opened: SealedContent) -> list[str]:
    """The open cases that parts of this record became, in order: at filing, and by two people."""
    first = (opened.record.get(RECORD_PARTING) or {}).get("case_id")
    return [each for each in (first, *(case_id for case_id, _ in list_released(opened))) if each]


def list_let_over(opened: SealedContent) -> set[str]:
    """The ids of added words and files that two people have let over."""
    notes = (item.payload for item in opened.items if item.kind is SealedKind.NOTE)
    return {ident for said in notes if RELEASED in said for ident in said.get("added", ())}


def _check_added(session: Session, opened: SealedContent, added: Sequence[str]) -> tuple[str, ...]:
    """Only what he added and what is not over there yet, and only where an open part stands."""
    words, files = list_added(session, opened), list_added_files(session, opened)
    there = ({each.id for each in words} | {each.id for each in files}) - list_let_over(opened)
    chosen = tuple(dict.fromkeys(each for each in added if each in there))
    if chosen:
        _need_part(session, opened)
    return chosen


def _check_picks(picks: Sequence[int], sentences: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    chosen = tuple(sorted({pick for pick in picks if 0 <= pick < len(sentences)}))
    if not chosen:
        raise InvalidField("picks", "required")
    if len(chosen) == len(sentences):
        raise InvalidField("picks", "all_picked")
    return chosen


def _list_proved(session: Session, case_id: str, since: datetime) -> set[tuple[str, str]]:
    query = select(LedgerEntry.details, LedgerEntry.actor_id).where(
        LedgerEntry.case_id == case_id, LedgerEntry.verb == Verb.NOTED, LedgerEntry.at >= since
    )
    return {(str(details.get("note")), str(actor)) for details, actor in session.execute(query)}


def open_for_cutting(
    session: Session, officer: Officer, private: bytes, report_id: str, case_key: bytes | None = None
) -> Revealed:
    """Original and identity in memory, to be cut and sealed anew; nobody is shown them."""
    report = session.get(Report, report_id)
    reporter = session.scalar(select(Reporter).where(Reporter.report_id == report_id))
    if report is None or reporter is None:
        raise NotFound("report", report_id)
    rings = {
        ring_id: ring_private_key(session, officer, private, ring_id) for ring_id in {report.ring_id, reporter.ring_id}
    }
    return open_report(report, reporter, rings, case_key)


def _note(
    session: Session, opened: SealedContent, officer: Officer, text: str, more: Mapping[str, Any], now: datetime
) -> None:
    said = {"text": text, "officer_id": officer.id, "made_at": now.isoformat(), **more}
    item = add_sealed_item(session, opened.case, SealedKind.NOTE, said)
    record_on_case(session, opened.case, Verb.NOTED, by=by_officer(officer), now=now, details={"note": item.id})
    session.flush()
