"""What a reporter added to the sealed part and two people let over to the open one: his words, to the talk there.

Whatever is added lies in the sealed part unless he said himself that it is of the open one, so words that are of the
open one alone (今天的粥又馊了) must be able to follow; they come at a later moment, as if he had written them there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from casework.errors import InvalidField
from casework.keepingout import keep_out
from casework.ledger import SYSTEM
from casework.messages import add_message_from_reporter
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.office import Office
from casework.openings import judge_report
from casework.roster import build_roster
from casework.sealing import SealedContent, SealingOutcome
from casework.talks import Standing, read_talk
from casework.types import Channel, MessageDirection, SealedKind
from casework.verdicts import MASK, pack_assessment, unpack_assessment
from intake.held import hold
from intake.partjudging import HITS, judge_held, pack_hits
from intake.reporters import add_packed_report, pack_report
from intake.screening import screen_draft
from intake.types import IntakeDesk, ReportDraft

ADDED = "add_to"
"""Marks held words that go to a case which stands already."""
FILES_ALONE = "（发来"


@dataclass(frozen=True, slots=True)
class Added:
    """Words that came after the report: as they stand in the talk, or (`report_id`) as a further report, masked."""

    id: str
    text: str = field(repr=False)
    report_id: str | None = None
    channel: Channel = Channel.WEB


def list_added(session: Session, opened: SealedContent) -> list[Added]:
    """What he added, oldest first: his words of the talk that can be trusted, and reports that are not in it."""
    talk = read_talk(session, opened.case, case_key=opened.case_key).messages
    said = [
        Added(word.id, word.text)
        for word in talk
        if word.direction is MessageDirection.FROM_REPORTER
        and word.text
        and word.standing is Standing.SIGNED
        and not word.text.startswith(FILES_ALONE)
    ]
    reports = [
        Added(item.id, str(item.payload["text"]), str(item.payload["report_id"]), Channel(item.payload["channel"]))
        for item in opened.items
        if item.kind is SealedKind.ADDITION and item.payload.get("channel") and item.payload.get("text")
    ]
    return said + [each for each in reports if not any(is_same(word.text, each.text) for word in said)]


def is_same(words: str, masked: str) -> bool:
    """Whether a text is these words with some of them masked. Pure."""
    return len(words) == len(masked) and all(b in (a, MASK) for a, b in zip(words, masked, strict=True))


def find_standing_part(session: Session, case_ids: list[str]) -> Case | None:
    """The open case that such words may go to: the last part that stands and was not sealed since."""
    found = [session.get(Case, each) for each in case_ids]
    return next((case for case in reversed(found) if case is not None and not case.sealed), None)


def hold_words(
    session: Session, part_id: str, words: str, channel: Channel, *, desk: IntakeDesk, now: datetime
) -> None:
    """Keep the words until their moment; `words` are the original ones, and what rests of them is masked.

    Raises InvalidField where they would be sealed themselves.
    """
    draft = ReportDraft(text=words, channel=channel, received_at=now)
    roster = build_roster(session)
    screened = screen_draft(draft, desk, roster)
    said = screened.assessment
    judged = judge_report(roster, said, words, own=screened.masked, office=desk.office)
    if judged.sealing.outcome is not SealingOutcome.OPEN or said.discipline:
        raise InvalidField("picks", "still_sealing")
    content = {
        ADDED: part_id,
        "text": screened.working_text,
        "assessment": pack_assessment(said, screened.working_text),
        HITS: pack_hits(judged.conflicts),
        "channel": channel.value,
        "report": pack_report(session, draft, report_id=new_id()) if screened.masked else None,
    }
    hold(session, content, secrets=desk.secrets, now=now)


def add_held_words(session: Session, said: Mapping[str, Any], *, office: Office, now: datetime) -> bool:
    """The moment has come: whom they hit is kept out, the talk gets the words, what was masked in them lies sealed.

    False where the open case is gone or sealed by now, or they would be sealed: then they stay where they were.
    """
    case = session.get(Case, said[ADDED], with_for_update=True)
    assessment, text = unpack_assessment(said["assessment"]), said["text"]
    if case is None or case.sealed:
        return False
    judged = judge_held(session, said, assessment, text, office=office)
    if judged.sealing.outcome is not SealingOutcome.OPEN:
        return False
    keep_out(session, case, judged.conflicts, by=SYSTEM, now=now)
    if said["report"]:
        plain = {"working_text": text, "channel": Channel(said["channel"]), "named": False}
        add_packed_report(session, case, said["report"], plain, now=now)
    add_message_from_reporter(session, case, text, now=now)
    return True
