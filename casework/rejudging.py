"""What a reporter says later weighs together with what he said first: the machine's word on an open case made anew.

While nobody has decided, the case follows; what a person corrected or sent stands, and the new word is put before him.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.assessments import list_revisions, propose_body, start_missing_clocks
from casework.cases import record_on_case
from casework.exclusions import screen_case
from casework.jobs import JobName, enqueue
from casework.ledger import SYSTEM, Verb
from casework.models.cases import Case, CaseAssessment, Message
from casework.models.ledger import LedgerEntry
from casework.models.paging import PageCall
from casework.models.people import Institution, Town
from casework.office import Office
from casework.parting import is_matter
from casework.queues import OVER
from casework.types import CaseKind, CaseStatus, MessageDirection
from casework.verdicts import pack_assessment, unpack_assessment
from casework.words import list_words
from triage.types import Assessment, CategoryScore, Urgency

GRAVITY = (Urgency.NORMAL, Urgency.HIGH, Urgency.CRITICAL)
NO_MATTER = frozenset({"inquiry", "out_of_scope"})
LONGEST = 12_000
"""A story longer than this is not read anew at each word that is added to it; the words alone are."""

PROPOSED = "proposed"
"""In a stored verdict: the category that the machine proposes instead of the one that was decided."""


CALLED_LATELY = timedelta(hours=1)
CALLS = (Verb.PAGED.value, Verb.OPENED_SLIP.value)


@dataclass(frozen=True, slots=True)
class Later:
    """Words that came later: the original while it is in memory, as staff may read it, what triage says of it alone.

    `report_id` is set where they are stored as a further report; `corrects` where they take back what was said.
    """

    text: str = field(repr=False)
    working: str
    alone: Assessment = field(repr=False)
    report_id: str | None = None
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything told so far, the new words before masking; as staff may read it, of one length; what triage says of
    it, None where it is too long.
    """

    text: str = field(repr=False)
    working: str = field(repr=False)
    said: Assessment | None = field(repr=False)


def weigh_again(
    session: Session,
    case: Case,
    later: Later,
    *,
    assess: Callable[[str], Assessment],
    office: Office,
    now: datetime,
) -> None:
    """Assess everything told so far and put the new word on an open case; nothing for a sealed, closed one, a slip.

    1. The whole: earlier words as they are kept, the new ones before masking. 2. Urgency and the discipline mark only
    rise; where a person has set them, by the new words alone. 3. Category, home and town follow while nobody has
    decided; else they stay and the new category is proposed, in the revision and on the timeline. Words that complain
    of nothing move no category. 4. Body, clocks and conflict test follow. 5. Danger that is new calls
    somebody.
    """
    if case.sealed or case.kind is not CaseKind.ORDINARY or case.status in OVER:
        return
    rows = list_revisions(session, case.id)
    judged = any(row.officer_id is not None for row in rows)
    decided = judged or case.status is not CaseStatus.RECEIVED
    read = read_whole(session, case, later, assess)
    whole, working = read.said, read.working
    moves = whole is not None and _moves_category(case, whole, later)
    was, was_urgent = _stand(case), case.urgency is Urgency.CRITICAL
    _raise(case, later.alone, later.alone if judged or whole is None else whole)
    if not decided:
        _follow(session, case, whole or later.alone, later, moves=moves)
    if whole is not None:
        proposed = _propose(whole, rows, decided=decided, moves=moves)
        verdict = pack_assessment(_as_revision(case, whole, rows[-1], decided=decided), working)
        _add_revision(session, case, verdict | {PROPOSED: proposed}, rows[-1].revision + 1, whole, now)
    session.flush()
    if _stand(case) == was and not (decided and moves):
        return
    if moves and whole is not None and not decided:
        propose_body(session, case, whole.body)
    verb = Verb.PROPOSED_ANEW if decided and moves else Verb.WEIGHED_AGAIN
    details = {} if whole is None else {"revision": rows[-1].revision + 1}
    record_on_case(session, case, verb, by=SYSTEM, now=now, details=details)
    start_missing_clocks(session, case, office=office, now=now)
    screen_case(session, case, now=now)
    if case.urgency is Urgency.CRITICAL and not was_urgent and case.status is CaseStatus.RECEIVED:
        enqueue(session, JobName.PAGE_OFFICER, case.id, key=case.id)


def needs_slip(session: Session, case: Case, *, now: datetime) -> bool:
    """Whether danger told later must open a slip, because the call for the open case itself reaches nobody any more.

    A case that waits for its dispatcher calls for itself until somebody takes it; one that was taken, sent on or
    closed does not. Who was called within the hour is not called by another slip.
    """
    taken = select(PageCall.id).where(PageCall.subject_id == case.id, PageCall.taken_at.is_not(None)).limit(1)
    if case.status is CaseStatus.RECEIVED and session.scalar(taken) is None:
        return False
    called = select(LedgerEntry.id).where(
        LedgerEntry.case_id == case.id, LedgerEntry.verb.in_(CALLS), LedgerEntry.at >= now - CALLED_LATELY
    )
    return session.scalar(called.limit(1)) is None


def note_slip(session: Session, case: Case, *, now: datetime) -> None:
    """Write on an open case that its danger was called out, so that the next word within the hour opens no other slip;
    nothing on a sealed one, whose slip nobody may join to it.
    """
    if not case.sealed:
        record_on_case(session, case, Verb.OPENED_SLIP, by=SYSTEM, now=now)


def find_proposal(rows: list[CaseAssessment]) -> str | None:
    """The category that the machine proposes since somebody decided; None where its newest word says nothing else."""
    newest = rows[-1] if rows else None
    if newest is None or newest.officer_id is not None:
        return None
    return newest.verdict.get(PROPOSED) or None


def _stand(case: Case) -> tuple[object, ...]:
    return case.category, case.urgency, case.discipline, case.institution_code, case.town_code


def _propose(whole: Assessment, rows: list[CaseAssessment], *, decided: bool, moves: bool) -> str | None:
    """What is put before whoever decided; a proposal nobody answered stays while idle words follow."""
    if not decided:
        return None
    return whole.category if moves else find_proposal(rows)


def read_whole(session: Session, case: Case, later: Later, assess: Callable[[str], Assessment]) -> Whole:
    """What triage says of all of it. Reports stand in the order in which pages show them, for a verdict quotes by
    position.
    """
    kept = [(words.report_id, words.text) for words in list_words(session, [case.id])]
    kept += [("", said) for said in _list_messages(session, case)]
    fresh = [later.text if ident == later.report_id else text for ident, text in kept]
    working = [text for _, text in kept]
    if later.report_id is None:
        fresh.append(later.text)
        working.append(later.working)
    text = "\n".join(fresh)
    return Whole(text, "\n".join(working), assess(text) if len(text) <= LONGEST else None)


def _list_messages(session: Session, case: Case) -> list[str]:
    query = select(Message.text).where(
        Message.case_id == case.id,
        Message.direction == MessageDirection.FROM_REPORTER,
        Message.text.is_not(None),
    )
    return [text for text in session.scalars(query.order_by(Message.position)) if text]


def _raise(case: Case, alone: Assessment, told: Assessment) -> None:
    case.urgency = max(case.urgency or Urgency.NORMAL, alone.urgency, told.urgency, key=GRAVITY.index)
    case.discipline = bool(case.discipline) or told.discipline or (alone.discipline and _weighs(alone))


def _weighs(alone: Assessment) -> bool:
    """Whether words weigh by themselves: of a few that say nothing ("就在微信告诉我") triage only guesses a matter."""
    return is_matter(alone) or alone.keys.who or alone.keys.what


def _moves_category(case: Case, told: Assessment, later: Later) -> bool:
    """Whether the whole is another matter than the case stands under; thanks and dates alone move nothing."""
    idle = later.alone.category in NO_MATTER and not later.corrects
    return told.category not in NO_MATTER and told.category != case.category and not idle


def _follow(session: Session, case: Case, told: Assessment, later: Later, *, moves: bool) -> None:
    if moves:
        case.category = told.category
    home, town = _find_place(session, told)
    if later.corrects and later.alone.institution is not None:
        home, corrected = _find_place(session, later.alone)
        case.institution_code, town = home, corrected or town
    case.institution_code = case.institution_code or home
    if town is not None and (case.town_code is None or later.corrects):
        case.town_code = town


def _find_place(session: Session, said: Assessment) -> tuple[str | None, str | None]:
    """Home and town, where the directory in the database knows them."""
    known = session.get(Institution, said.institution.code) if said.institution and said.institution.code else None
    code = (said.place.code if said.place else None) or (known.town_code if known else None)
    town = session.get(Town, code) if code else None
    return known.code if known else None, town.code if town else None


def _as_revision(case: Case, whole: Assessment, before: CaseAssessment, *, decided: bool) -> Assessment:
    """The whole's verdict with the standing category first and the standing mark; where somebody decided, the standing
    body too. Its urgency stays the machine's own, for that alone lets a danger go before a clue officer's look.
    """
    old, standing = unpack_assessment(before.verdict), case.category or whole.category
    said = [score for score in whole.categories if score.code == standing]
    said += [CategoryScore(standing, score.score) for score in old.categories if score.code == standing]
    first = said[0] if said else CategoryScore(standing, 1.0)
    kept = replace(
        whole,
        categories=(first, *(score for score in whole.categories if score.code != standing)),
        discipline=bool(case.discipline),
    )
    return replace(kept, body=old.body, co_bodies=old.co_bodies) if decided else kept


def _add_revision(
    session: Session, case: Case, verdict: dict[str, Any], number: int, whole: Assessment, now: datetime
) -> None:
    row = CaseAssessment(
        case_id=case.id, revision=number, verdict=verdict, lexicon_version=whole.lexicon_version, made_at=now
    )
    session.add(row)
