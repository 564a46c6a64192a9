"""A report with several matters: the sealed case has the whole, what can stand open becomes a case of its own later.

The two have one code and nothing in plain in common: not an id, not a moment, not a transaction. The sealed case knows
of the open one inside; the open one knows nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from casework.bonds import Halves
from casework.clock import local_date
from casework.conflicts import Conflict
from casework.dispositions import withdraw_case
from casework.ledger import REPORTER, Actor, Verb, record
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.news import NewsPhrase, tell_reporter
from casework.office import Office
from casework.openings import CaseOpening, Judgement, open_case
from casework.parting import Assess, Parting, Spans, Unclean, cut, part_report
from casework.sealing import SealingOutcome
from casework.secrets import ServerSecrets
from casework.types import TRANSITIONS, ActorKind, CaseStatus, Channel
from casework.vault import generate_key_pair
from casework.verdicts import pack_assessment, unpack_assessment
from intake.addedfiles import ADDED_FILE, add_held_file
from intake.addedwords import ADDED, add_held_words
from intake.addresses import drop_reply_addresses, keep_reply_address
from intake.held import change_held, drop_held, hold, take_due
from intake.leading import LEADS
from intake.links import Link
from intake.models import Receipt
from intake.partjudging import HITS, find_hits, judge_held, pack_hits
from intake.receipts import add_linked_receipt
from intake.reporters import add_packed_report, pack_report
from intake.screening import Screened, mask_pieces
from intake.serials import pack_transfer, put_serials
from intake.types import IntakeDesk, OpenPartIds, ReplyTo, ReportDraft, Told
from triage.types import Assessment

RECORD_PARTING = "parting"
"""Under which name a sealed record holds what became of its parts."""


@dataclass(frozen=True, slots=True)
class Parted:
    """What the parting said of a draft; `screened` is the open part made ready, None where nothing is parted.

    `hits` are those whom the part hits by its original words.
    """

    parting: Parting
    text: str = field(default="", repr=False)
    screened: Screened | None = None
    hits: tuple[Conflict, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class PartPlan:
    """Under which ids and key the open part will stand, made before anything is stored."""

    ids: OpenPartIds
    report_id: str
    halves: Halves
    link: Link


def part_draft(draft: ReportDraft, screened: Screened, judged: Judgement, *, desk: IntakeDesk) -> Parted:
    """Part a draft that would be sealed or not taken; pure but for the context's warm segmenter.

    What an officer seals with a click is sealed whole. The working text of the open part is cut from the masked one, so
    that what was recognised in the whole stays masked in the part.
    """
    if judged.sealing.outcome is SealingOutcome.OPEN or draft.seal_by_hand:
        return Parted(Parting((), Unclean.NOTHING_OPEN))
    parting = part_report(
        draft.text, screened.assessment, judged.conflicts, assess=assess_parts(draft, desk), roster=judged.roster
    )
    if parting.assessment is None:
        return Parted(parting)
    text = cut(draft.text, parting.spans)
    return Parted(
        parting,
        text,
        make_part(screened.working_text, parting.spans, parting.assessment, screened.masked),
        find_hits(parting.assessment, text, screened.masked, judged.roster),
    )


def assess_parts(draft: ReportDraft, desk: IntakeDesk) -> Assess:
    """What triage says of a part alone, received when the whole was."""
    context = desk.context.with_received(local_date(draft.received_at), draft.channel.value)
    assess = desk.assess_part or desk.assess
    return lambda text: assess(text, context)


def make_part(working: str, spans: Spans, said: Assessment, masked: tuple[str, ...]) -> Screened:
    """The open part as a screened text: cut from the working text, the verdict's sentence masked as the whole's is."""
    return Screened(replace(said, explanation=mask_pieces(said.explanation, masked)), cut(working, spans), masked)


def cut_draft(draft: ReportDraft, parted: Parted) -> ReportDraft:
    """The draft of the open part: its words alone, and of the words told for the facts those that stand in them."""
    told = {
        name: words if words and words in parted.text else None
        for name, words in (
            ("institution", draft.told.institution),
            ("place", draft.told.place),
            ("when", draft.told.when),
        )
    }
    return replace(draft, text=parted.text, told=Told(**told), seal_by_hand=False)


def plan_part(parted: Parted) -> PartPlan | None:
    """The ids and the key of the open part of a sealed report; None where there is none."""
    if parted.screened is None:
        return None
    pair, ids = generate_key_pair(), OpenPartIds(new_id(), new_id())
    return PartPlan(ids, new_id(), Halves.of(pair.private), Link(ids.case_id, pair.private))


def tell_parting(parted: Parted, plan: PartPlan | None) -> dict[str, Any]:
    """What the sealed record keeps: each sentence with its reason, and the case that the open ones became."""
    parting = parted.parting
    if not parting.sentences and parting.unclean in (Unclean.NOTHING_OPEN, Unclean.ONE_SENTENCE, None):
        return {}
    said = {
        "sentences": [[each.start, each.end, each.open, each.why.value] for each in parting.sentences],
        "unclean": parting.unclean.value if parting.unclean else None,
        "case_id": plan.ids.case_id if plan is not None else None,
    }
    return {RECORD_PARTING: said}


def hold_part(
    session: Session, plan: PartPlan, draft: ReportDraft, parted: Parted, *, secrets: ServerSecrets, now: datetime
) -> None:
    """Keep the open part until its moment, named by its receipt: identity and original sealed, its words as they will
    stand. Nothing of the sealed part is in it.
    """
    if parted.screened is None:
        return
    content = {
        "case_id": plan.ids.case_id,
        "report": pack_report(session, draft, report_id=plan.report_id),
        "halves": plan.halves.pack(),
        "text": parted.screened.working_text,
        "assessment": pack_assessment(parted.screened.assessment, parted.screened.working_text),
        "channel": draft.channel.value,
        HITS: pack_hits(parted.hits),
        "named": draft.named,
        "taken_by": draft.taken_by,
        "reply_to": pack_reply(draft.reply_to),
        **pack_transfer(plan.report_id, draft.transfer),
    }
    hold(session, content, ident=plan.ids.receipt_id, secrets=secrets, now=now)


def open_held_parts(session: Session, *, office: Office, secrets: ServerSecrets, now: datetime) -> int:
    """A schedule's step: open the cases whose moment has come, each like any report that comes in now; how many.

    The conflict test runs over the part with the people of today, beside what it said of its original words at filing;
    where it would be sealed by now, it stays in the sealed case alone.
    """
    return sum(
        _settle(session, ident, content, office=office, secrets=secrets, now=now)
        for ident, content in take_due(session, secrets=secrets, now=now)
    )


def keep_address_of(
    session: Session, receipt_id: str, reply_to: ReplyTo, *, secrets: ServerSecrets, now: datetime
) -> None:
    """Keep where to tell of news, also of a part that is still held; one that is nowhere any more gets none."""
    if change_held(session, receipt_id, secrets=secrets, reply_to=pack_reply(reply_to)):
        return
    if session.get(Receipt, receipt_id) is not None:
        keep_reply_address(session, receipt_id, reply_to, secrets=secrets, now=now)


def find_open_part(session: Session, case_id: str, receipt_id: str | None) -> Case | None:
    """The open part that a talk's receipt belongs to, where its report (`case_id`) was parted; None else, or not yet.

    The talk alone, under its short-lived key, knows both ids.
    """
    row = session.get(Receipt, receipt_id) if receipt_id else None
    if row is None or row.case_id == case_id:
        return None
    return session.get(Case, row.case_id, with_for_update=True)


def withdraw_part(session: Session, case_id: str, receipt_id: str | None, *, office: Office, now: datetime) -> None:
    """The reporter takes his report back in the talk: its open part goes with it, held or opened."""
    if receipt_id and drop_held(session, receipt_id):
        return
    part = find_open_part(session, case_id, receipt_id)
    if part is None:
        return
    drop_reply_addresses(session, part.id)
    if CaseStatus.WITHDRAWN in TRANSITIONS[part.status]:
        withdraw_case(session, part, by=REPORTER, office=office, now=now)


def tell_through_part(session: Session, record: Mapping[str, Any], *, secrets: ServerSecrets, now: datetime) -> bool:
    """There is news in a sealed case: its reporter is told by the address of the open part, at some later moment.

    `record` is the sealed record, opened in an officer's sign-in; False where the report was not parted.
    """
    part = (record.get(RECORD_PARTING) or {}).get("case_id")
    if part:
        hold(session, {"tell": part}, secrets=secrets, now=now)
    return bool(part)


def pack_reply(reply_to: ReplyTo | None) -> list[str] | None:
    """A reply address as JSON values."""
    return [reply_to.channel.value, reply_to.vendor_id] if reply_to is not None else None


def _settle(
    session: Session, ident: str, said: Mapping[str, Any], *, office: Office, secrets: ServerSecrets, now: datetime
) -> bool:
    """Whatever was held, at its moment: news, words or a file for a case that stands, or a case of its own."""
    if LEADS in said:
        return False
    if "tell" in said:
        return _tell(session, said["tell"], now=now)
    if ADDED in said:
        return add_held_words(session, said, office=office, now=now)
    if ADDED_FILE in said:
        return add_held_file(session, said, secrets=secrets, now=now)
    return _open(session, ident, said, office=office, secrets=secrets, now=now)


def _open(
    session: Session, ident: str, said: Mapping[str, Any], *, office: Office, secrets: ServerSecrets, now: datetime
) -> bool:
    assessment, text, channel = unpack_assessment(said["assessment"]), said["text"], Channel(said["channel"])
    judged = judge_held(session, said, assessment, text, office=office)
    if judged.sealing.outcome is not SealingOutcome.OPEN:
        return False
    opening = CaseOpening(assessment, text, channel, now, named=said["named"], case_id=said["case_id"])
    case = open_case(session, opening, judged=judged, office=office, now=now).case
    if case is None:
        return False
    plain = {"working_text": text, "channel": channel, "named": said["named"]}
    report = add_packed_report(session, case, said["report"], plain, now=now)
    put_serials(session, said.get("transfers", ()))
    halves = Halves(bytes.fromhex(said["halves"]["box"]), bytes.fromhex(said["halves"]["sign"]))
    add_linked_receipt(session, case.id, ident, halves, secrets=secrets, now=now)
    if said["reply_to"]:
        address = ReplyTo(Channel(said["reply_to"][0]), said["reply_to"][1])
        keep_reply_address(session, ident, address, secrets=secrets, now=now)
    if said["taken_by"]:
        by = Actor(ActorKind.OFFICER, said["taken_by"])
        record(
            session,
            actor=by,
            verb=Verb.TAKEN_DOWN,
            subject="report",
            subject_id=report.id,
            case_id=case.id,
            now=now,
        )
    session.flush()
    return True


def _tell(session: Session, case_id: str, *, now: datetime) -> bool:
    case = session.get(Case, case_id)
    if case is not None:
        tell_reporter(session, case, NewsPhrase.MESSAGE, now=now)
    return case is not None
