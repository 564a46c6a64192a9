"""What a reporter writes later with his code: looked at like a report before a word of it is kept (rules 5.3).

A later word can name the officer who reads it, give a phone number away, or tell of danger; the talk of an open case
lies in plain, so it keeps the masked words alone and the original is sealed as a further report.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from casework.keepingout import keep_out
from casework.ledger import SYSTEM
from casework.models.cases import Case
from casework.openings import Judgement, judge_report
from casework.roster import build_roster
from casework.types import Channel
from intake.additions import judge_with_earlier, weigh_words_again
from intake.reports import amend_report
from intake.screening import Screened, screen_draft
from intake.types import IntakeDesk, Refused, ReportDraft
from triage.types import Urgency


def hear_later_words(
    session: Session, case: Case, text: str, *, channel: Channel = Channel.WEB, desk: IntakeDesk, now: datetime
) -> str | None:
    """The words as the talk of the case may keep them; None where they may not be taken (then only a count remains).

    1. Assessed, masked, tested for conflicts; whoever they hit is kept out of an open case. 2. Where they meet both
    keys, tell of danger, hold what had to be masked, or hit anybody in a sealed case, they become a further report:
    the case is sealed if they say so, a slip is opened, a key withdrawn, the original lies sealed. 3. The talk gets the
    masked words; a sealed case, or one that these words have sealed, all of them, for its talk is sealed.
    """
    draft = ReportDraft(text=text, channel=channel, received_at=now)
    roster = build_roster(session)
    screened = screen_draft(draft, desk, roster)
    alone = judge_report(roster, screened.assessment, text, own=screened.masked, office=desk.office)
    judged = judge_with_earlier(session, case, draft, screened, alone, desk=desk)
    if _is_report(case, screened, judged):
        if isinstance(amend_report(session, case.id, draft, desk=desk, now=now), Refused):
            return None
    elif not case.sealed:
        keep_out(session, case, judged.conflicts, by=SYSTEM, now=now)
        weigh_words_again(session, case, draft, screened, desk=desk, now=now)
    return text if case.sealed else screened.working_text


def _is_report(case: Case, screened: Screened, judged: Judgement) -> bool:
    if screened.assessment.urgency is Urgency.CRITICAL or judged.sealing.refused:
        return True
    if not case.sealed:
        return bool(screened.masked) or judged.sealing.sealed
    return bool(judged.conflicts)
