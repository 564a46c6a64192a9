"""What a reporter writes later with his code: looked at like a report before a word of it is kept (rules 5.3).

A later word can name the officer who reads it, give a phone number away, or tell of danger; the talk of an open case
lies in plain, so it keeps the masked words alone and the original is sealed as a further report.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from casework.models.cases import Case
from casework.openings import judge_report
from casework.types import Channel
from intake.reports import amend_report
from intake.screening import screen_draft
from intake.types import IntakeDesk, Refused, ReportDraft
from triage.types import Urgency


def hear_later_words(
    session: Session, case: Case, text: str, *, channel: Channel = Channel.WEB, desk: IntakeDesk, now: datetime
) -> str | None:
    """The words as the talk of the case may keep them; None where they may not be taken (then only a count remains).

    1. Assessed, masked, tested for conflicts. 2. Where they name somebody, meet both keys, tell of danger, or hold what
    had to be masked, they become a further report: whoever they hit is kept out, the case is sealed if they say so, a
    slip is opened, the original lies sealed. 3. The talk gets the masked words; a sealed case, or one that these words
    have sealed, all of them, for there the talk is sealed too.
    """
    draft = ReportDraft(text=text, channel=channel, received_at=now)
    screened = screen_draft(draft, desk)
    judged = judge_report(session, screened.assessment, screened.working_text, office=desk.office)
    grave = screened.assessment.urgency is Urgency.CRITICAL
    hides = bool(screened.masked) and not case.sealed
    turns = (judged.sealing.sealed and not case.sealed) or judged.sealing.refused
    if (hides or grave or turns or judged.conflicts) and isinstance(
        amend_report(session, case.id, draft, desk=desk, now=now), Refused
    ):
        return None
    return text if case.sealed else screened.working_text
