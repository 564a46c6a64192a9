"""Call-backs (回访): after the answer the reporter is asked first what was done, then whether it contents him.

What he says is kept as his word in the talk of the case; where it wasn't done he may have it taken up again himself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.cases import record_on_case
from casework.dispositions import take_up_again
from casework.errors import IllegalMove
from casework.ledger import REPORTER, Verb
from casework.messages import add_message
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.office import Office
from casework.types import CaseStatus, MessageDirection

ASKED_IN = frozenset({CaseStatus.REPLIED, CaseStatus.CALLBACK, CaseStatus.CLOSED})
MARKS = (Verb.REPLIED, Verb.CLOSED, Verb.REOPENED, Verb.CALLED_BACK)


class Asked(StrEnum):
    """What is asked, in this order: two facts, then satisfaction, then whether to go on."""

    DONE = "done"
    BETTER = "better"
    SATISFIED = "satisfied"
    AGAIN = "again"


class Said(StrEnum):
    """What may be answered."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNKNOWN = "unknown"


CHOICES: Mapping[Asked, tuple[Said, ...]] = {
    Asked.DONE: (Said.YES, Said.NO, Said.UNKNOWN),
    Asked.BETTER: (Said.YES, Said.PARTLY, Said.NO),
    Asked.SATISFIED: (Said.YES, Said.PARTLY, Said.NO),
    Asked.AGAIN: (Said.YES, Said.NO),
}
WORDS: Mapping[tuple[Asked, Said], str] = {
    (Asked.DONE, Said.YES): "来办过了",
    (Asked.DONE, Said.NO): "没人来办",
    (Asked.DONE, Said.UNKNOWN): "办没办不知道",
    (Asked.BETTER, Said.YES): "现在好了",
    (Asked.BETTER, Said.PARTLY): "好了一点",
    (Asked.BETTER, Said.NO): "还是那样",
    (Asked.SATISFIED, Said.YES): "满意",
    (Asked.SATISFIED, Said.PARTLY): "还行",
    (Asked.SATISFIED, Said.NO): "不满意",
    (Asked.AGAIN, Said.YES): "要接着办",
    (Asked.AGAIN, Said.NO): "不用再办",
}
Answers = Mapping[Asked, Said]


@dataclass(frozen=True)
class CalledBack:
    """What became of an answer: whether the case was taken up again."""

    taken_up: bool


def wants_callback(session: Session, case: Case) -> bool:
    """Whether its reporter may be asked now: an open case that was answered, and he hasn't said since.

    Of a sealed case nothing is asked, for the questions alone would tell its stage.
    """
    if case.sealed or case.status not in ASKED_IN:
        return False
    newest = select(LedgerEntry.verb).where(LedgerEntry.case_id == case.id, LedgerEntry.verb.in_(MARKS))
    return session.scalar(newest.order_by(LedgerEntry.id.desc()).limit(1)) != Verb.CALLED_BACK


def may_go_on(answers: Answers) -> bool:
    """Whether to ask if the matter shall be taken up again: not where all is well. Pure."""
    return not (answers.get(Asked.BETTER) is Said.YES and answers.get(Asked.SATISFIED) is not Said.NO)


def next_asked(answers: Answers) -> Asked | None:
    """The next question, facts before satisfaction; None when all is said. Pure."""
    for asked in (Asked.DONE, Asked.BETTER, Asked.SATISFIED):
        if asked not in answers:
            return asked
    return Asked.AGAIN if may_go_on(answers) and Asked.AGAIN not in answers else None


def keep_callback(session: Session, case: Case, answers: Answers, *, office: Office, now: datetime) -> CalledBack:
    """Keep what he said as his word, dated to the day, and take the case up again where he wants it.

    Raises IllegalMove where the case isn't at that stage or he has answered already.
    """
    if not answers or not wants_callback(session, case):
        raise IllegalMove(case.status, CaseStatus.CALLBACK)
    said = "，".join(WORDS[asked, answers[asked]] for asked in Asked if asked in answers)
    message = add_message(session, case, f"回访：{said}。", MessageDirection.FROM_REPORTER, officer_id=None, now=now)
    record_on_case(session, case, Verb.CALLED_BACK, by=REPORTER, now=now, details={"message": message.id})
    again = answers.get(Asked.AGAIN) is Said.YES
    if again:
        take_up_again(session, case, by=REPORTER, reason="callback", office=office, now=now)
    return CalledBack(again)
