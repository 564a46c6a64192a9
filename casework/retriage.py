"""Triage once more what came in under an older lexicon and nobody has touched yet, batch by batch.

A case that has been read by the active version is passed over, so that a run that was broken off goes on where it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from casework.assessments import propose_body, start_missing_clocks
from casework.cases import record_on_case
from casework.exclusions import screen_case
from casework.jobs import JobName, enqueue
from casework.ledger import SYSTEM, Verb
from casework.models.cases import Case, CaseAssessment
from casework.office import Office
from casework.store import Store
from casework.types import CaseKind, CaseStatus
from casework.verdicts import pack_assessment
from casework.words import Words, list_words
from triage.assessment import assess
from triage.context import Context
from triage.types import Assessment, Urgency

BATCH = 100
GRAVITY = (Urgency.NORMAL, Urgency.HIGH, Urgency.CRITICAL)


@dataclass(frozen=True, slots=True)
class Again:
    """What a batch came to: the last case looked at ("" when there is none left), how many, how many moved.

    `keyed` are those in which both keys turn now: an officer has to look whether they should be sealed.
    """

    cursor: str = ""
    looked: int = 0
    moved: int = 0
    keyed: int = 0


def count_stale(session: Session, version: str) -> int:
    """How many cases a run by this version would look at."""
    return session.scalar(select(func.count()).select_from(Case).where(_is_stale(version))) or 0


def triage_again(
    store: Store, context: Context, *, after: str, office: Office, now: datetime, most: int = BATCH
) -> Again:
    """One batch of untouched open cases, those after the case `after`; assessed outside the unit of work that keeps it.

    Each gets a new revision. Urgency and the discipline mark are only ever raised: taking them back is for a person.
    Whatever somebody touched meanwhile is left as he left it.
    """
    version = context.lexicon.version
    with store.read() as session:
        cursor, versions = _find_stale(session, version, after, most)
        texts: dict[str, Words] = {}
        for words in list_words(session, list(versions)):
            first = texts.get(words.case_id)
            texts[words.case_id] = replace(first, text=f"{first.text}\n{words.text}") if first else words
    said = {
        case_id: assess(words.text, context.with_received(words.received_on, words.channel.value))
        for case_id, words in texts.items()
    }
    if not versions:
        return Again()
    with store.write() as session:
        moved, keyed = _keep(session, said, versions, texts, office, now)
    return Again(cursor, len(versions), moved, keyed)


def _find_stale(session: Session, version: str, after: str, most: int) -> tuple[str, dict[str, int]]:
    """The stale ones among the next cases by number of row, with the last one looked at; "" where there are no more.

    It walks the primary key page by page: asked for the first hundred stale ones, a database goes through all open
    cases each time.
    """
    while True:
        page = select(Case.id).where(Case.id > after).order_by(Case.id).limit(most).subquery()
        last = session.scalar(select(func.max(page.c.id)))
        if last is None:
            return "", {}
        query = select(Case.id, Case.version).join(page, page.c.id == Case.id).where(_is_stale(version))
        if versions := {row.id: row.version for row in session.execute(query)}:
            return last, versions
        after = last


def _is_stale(version: str) -> ColumnElement[bool]:
    """Open, waiting for its dispatcher, corrected by nobody and not read by this version yet."""
    mine = CaseAssessment.case_id == Case.id
    settled = exists().where(mine, CaseAssessment.officer_id.is_not(None) | (CaseAssessment.lexicon_version == version))
    return and_(~Case.sealed, Case.kind == CaseKind.ORDINARY, Case.status == CaseStatus.RECEIVED, ~settled)


def _keep(
    session: Session,
    said: Mapping[str, Assessment],
    versions: Mapping[str, int],
    texts: Mapping[str, Words],
    office: Office,
    now: datetime,
) -> tuple[int, int]:
    moved = keyed = 0
    mine = CaseAssessment.case_id.in_(said)
    newest = select(CaseAssessment.case_id, func.max(CaseAssessment.revision)).where(mine)
    revisions = {row[0]: int(row[1]) for row in session.execute(newest.group_by(CaseAssessment.case_id))}
    for case in session.scalars(select(Case).where(Case.id.in_(said), ~Case.sealed)):
        if case.version != versions[case.id]:
            continue
        verdict = _raise_only(case, said[case.id])
        revision = revisions[case.id] + 1
        packed = pack_assessment(verdict, texts[case.id].text)
        session.add(
            CaseAssessment(
                case_id=case.id, revision=revision, verdict=packed, lexicon_version=verdict.lexicon_version, made_at=now
            )
        )
        moved += _follow(session, case, verdict, revision, office, now)
        keyed += verdict.keys.who and verdict.keys.what
    return moved, keyed


def _raise_only(case: Case, said: Assessment) -> Assessment:
    urgency = max(case.urgency or said.urgency, said.urgency, key=GRAVITY.index)
    return replace(said, urgency=urgency, discipline=bool(case.discipline) or said.discipline)


def _follow(session: Session, case: Case, said: Assessment, revision: int, office: Office, now: datetime) -> bool:
    """Where the new revision says otherwise than before, the case and all that hangs on it follow."""
    if (case.category, case.urgency, case.discipline) == (said.category, said.urgency, said.discipline):
        return False
    session.flush()
    was = case.urgency
    case.category, case.urgency, case.discipline = said.category, said.urgency, said.discipline
    propose_body(session, case, said.body)
    session.flush()
    record_on_case(session, case, Verb.ASSESSED, by=SYSTEM, now=now, details={"revision": revision})
    start_missing_clocks(session, case, office=office, now=now)
    screen_case(session, case, now=now)
    if said.urgency is Urgency.CRITICAL and was is not Urgency.CRITICAL:
        enqueue(session, JobName.PAGE_OFFICER, case.id, key=case.id)
    return True
