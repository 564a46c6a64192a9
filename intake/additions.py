"""Words that come after the report, weighed together with what was told before: for the case, and for its sealing.

The new words are read before masking; of the earlier ones the server has only what staff may read, for it holds no key.
"""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.cluelooks import has_been_looked_at
from casework.models.cases import Case
from casework.models.columns import ID_LENGTH, new_id
from casework.openings import Judgement, judge_report
from casework.rejudging import Later, read_whole, weigh_again
from intake.screening import Screened
from intake.types import IntakeDesk, ReportDraft
from triage.types import Assessment

ROOM = 2**32


def judge_with_earlier(
    session: Session, case: Case, draft: ReportDraft, screened: Screened, judged: Judgement, *, desk: IntakeDesk
) -> Judgement:
    """The verdict on later words, or on the whole where both keys turn only together (a name first, the gain later).

    Only of an open case, and not over the head of a clue officer who has looked at it.
    """
    if case.sealed or judged.sealing.sealed or judged.sealing.refused or has_been_looked_at(session, case):
        return judged
    later = _later(draft, screened, None)
    whole = read_whole(session, case, later, _assess(draft, desk))
    if whole.said is None or not (whole.said.keys.who and whole.said.keys.what):
        return judged
    together = judge_report(judged.roster, whole.said, whole.text, own=screened.masked, office=desk.office)
    return together if together.sealing.sealed else judged


def weigh_words_again(
    session: Session,
    case: Case,
    draft: ReportDraft,
    screened: Screened,
    *,
    report_id: str | None = None,
    desk: IntakeDesk,
    now: datetime,
) -> None:
    """Weigh an open case again with words that came later, stored as a report or not."""
    later = _later(draft, screened, report_id)
    weigh_again(session, case, later, assess=_assess(draft, desk), office=desk.office, now=now)


def later_id(known: Iterable[str]) -> str:
    """A drawn id that stands behind those of a case, so that its reports of one day are read in the order of telling.

    After very many additions there is no room left behind them; then any drawn id will do.
    """
    last = max((int(each, 16) for each in known), default=-1)
    room = 16**ID_LENGTH - 1 - last
    return f"{last + 1 + secrets.randbelow(room):0{ID_LENGTH}x}" if room > ROOM else new_id()


def _later(draft: ReportDraft, screened: Screened, report_id: str | None) -> Later:
    return Later(draft.text, screened.working_text, screened.assessment, report_id, draft.corrects)


def _assess(draft: ReportDraft, desk: IntakeDesk) -> Callable[[str], Assessment]:
    context = desk.context.with_received(local_date(draft.received_at), draft.channel.value)
    return lambda text: desk.assess(text, context)
