"""A proposed change of the lexicon on trial: run over every confirmed open case, so that one sees what it would move.

Sealed cases take no part, nor does a case that the proposer may not know of; what is found keeps codes and places only.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from casework.lexicons import build_office_context, read_changes
from casework.models.cases import Case, CaseAssessment
from casework.models.lexicon import LexiconMove, LexiconProposal, ProposalStatus
from casework.models.people import Officer
from casework.store import Store
from casework.types import CaseKind, CaseStatus
from casework.visibility import visible_cases
from casework.words import Words, list_words
from triage.assessment import assess
from triage.context import Context
from triage.evidence import LEARNED
from triage.features import PATTERN_MARK
from triage.overlay import amend
from triage.overlay_files import change_of
from triage.text import NormalisedText, normalise
from triage.types import Assessment

BATCH = 100
CHANGED = "这次改的说法"
NOT_YET = (CaseStatus.RECEIVED, CaseStatus.WAITING, CaseStatus.WITHDRAWN)
"""Stages in which nobody has said yet that triage was right."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verdict says, as codes."""

    categories: tuple[str, ...]
    urgency: str
    discipline: bool
    body: str


@dataclass(frozen=True, slots=True)
class Moved:
    """An open case that would move, with its words and where the reasons of the new verdict stand in them.

    `gain` is how much nearer that is to what the officers settled on, below zero for further from it.
    """

    case: Case
    text: str
    before: Verdict
    after: Verdict
    spans: tuple[tuple[int, int, str], ...]
    gain: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """Two verdicts that differ, as a row keeps them."""

    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases would move, and how many of them nearer to or further from what the officers settled on."""

    moved: int
    nearer: int
    further: int


def try_proposal(store: Store, proposal_id: str, *, base: Context, now: datetime, batch: int = BATCH) -> int:
    """The job: assess the proposer's confirmed open cases by the version it lies over and by the proposed one.

    One `batch` of cases a unit of work, the assessing outside of it; begun again, it goes on where it stopped. Returns
    how many cases would move.
    """
    contexts: tuple[Context, Context] | None = None
    while True:
        with store.read() as session:
            proposal = session.get(LexiconProposal, proposal_id)
            if proposal is None or proposal.status is not ProposalStatus.TESTING:
                return _count_moves(session, proposal_id)
            contexts = contexts or _build_contexts(session, proposal, base)
            cursor, words = proposal.cursor, change_of(proposal.change).words
            ids = _list_batch(session, proposal, batch)
            texts = _first_texts(session, ids)
        found = {case_id: _compare(text, words, contexts) for case_id, text in texts.items()}
        with store.write() as session:
            _keep_batch(session, proposal_id, cursor, ids, found, now)


def list_moved_for(
    session: Session, officer: Officer, proposal: LexiconProposal, *, first: int = 0, most: int = 20
) -> tuple[list[Moved], Tally]:
    """What the proposal would move, as far as this officer may know of it, by number; and the tally of all of it."""
    query = (
        select(LexiconMove, Case)
        .join(Case, Case.id == LexiconMove.case_id)
        .where(LexiconMove.proposal_id == proposal.id, visible_cases(officer), ~Case.sealed)
        .order_by(Case.number)
    )
    rows = [(move, case) for move, case in session.execute(query)]
    shown = rows[first : first + most]
    texts = _first_texts(session, [case.id for _, case in shown])
    moved = [_describe(move, case, texts.get(case.id)) for move, case in shown]
    gains = [_count_right(case, move.after) - _count_right(case, move.before) for move, case in rows]
    return moved, Tally(len(rows), sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains))


def _describe(move: LexiconMove, case: Case, words: Words | None) -> Moved:
    spans = tuple((start, end, why) for start, end, why in move.after["spans"])
    gain = _count_right(case, move.after) - _count_right(case, move.before)
    text = words.text if words else ""
    return Moved(case, text, _read_verdict(move.before), _read_verdict(move.after), spans, gain)


def _count_right(case: Case, told: Mapping[str, Any]) -> int:
    """How many of category, urgency and discipline are as the officers left them."""
    return sum(
        (told["categories"][0] == case.category, told["urgency"] == case.urgency, told["discipline"] == case.discipline)
    )


def count_history(session: Session, officer: Officer) -> int:
    """How many cases a trial of his would look at."""
    query = select(func.count()).select_from(Case).where(visible_cases(officer), _is_confirmed())
    return session.scalar(query) or 0


def _is_confirmed() -> ColumnElement[bool]:
    """Open, and a person has said so: it was sent on as triage said, or corrected."""
    corrected = exists().where(CaseAssessment.case_id == Case.id, CaseAssessment.officer_id.is_not(None))
    return and_(~Case.sealed, Case.kind == CaseKind.ORDINARY, or_(Case.status.not_in(NOT_YET), corrected))


def _list_batch(session: Session, proposal: LexiconProposal, most: int) -> Sequence[str]:
    officer = session.get_one(Officer, proposal.proposed_by)
    query = select(Case.id).where(visible_cases(officer), _is_confirmed(), Case.id > proposal.cursor)
    return session.scalars(query.order_by(Case.id).limit(most)).all()


def _first_texts(session: Session, case_ids: Sequence[str]) -> dict[str, Words]:
    """The report that each case was opened with."""
    found: dict[str, Words] = {}
    for words in list_words(session, case_ids):
        found.setdefault(words.case_id, words)
    return found


def _build_contexts(session: Session, proposal: LexiconProposal, base: Context) -> tuple[Context, Context]:
    changes = read_changes(session, proposal.over)
    proposed = amend(changes, change_of(proposal.change), base.lexicon)
    return build_office_context(base, proposal.over, changes), build_office_context(base, proposal.over, proposed)


def _compare(words: Words, phrases: Sequence[str], contexts: tuple[Context, Context]) -> Found | None:
    """Both verdicts where they differ; a text without any of the phrases needs no look."""
    plain = normalise(words.text)
    if not any(phrase.startswith(PATTERN_MARK) or phrase in plain.text for phrase in phrases):
        return None
    old, new = (assess(words.text, each.with_received(words.received_on, words.channel.value)) for each in contexts)
    if _tell(old) == _tell(new):
        return None
    return Found(_tell(old), {**_tell(new), "spans": [*_list_spans(new), *_list_changed(plain, phrases)]})


def _tell(said: Assessment) -> dict[str, Any]:
    return {
        "categories": [score.code for score in said.categories],
        "urgency": said.urgency.value,
        "discipline": said.discipline,
        "body": said.body,
    }


def _list_spans(said: Assessment) -> list[list[Any]]:
    """Where the lexicon's reasons stand, as places and why; the words themselves stay where they are."""
    scored = (evidence for score in said.categories for evidence in score.evidence)
    shown = [e for e in (*scored, *said.urgency_evidence, *said.discipline_evidence) if e.why != LEARNED]
    return [[start, end, why] for (start, end), why in sorted({(e.start, e.end): e.why for e in shown}.items())]


def _list_changed(text: NormalisedText, phrases: Sequence[str]) -> list[list[Any]]:
    """Where the phrases that the proposal is about stand."""
    places = (match.span() for phrase in phrases for match in re.finditer(re.escape(phrase), text.text))
    return [[*text.locate(start, end), CHANGED] for start, end in places]


def _read_verdict(told: Mapping[str, Any]) -> Verdict:
    return Verdict(tuple(told["categories"]), told["urgency"], told["discipline"], told["body"])


def _keep_batch(
    session: Session,
    proposal_id: str,
    cursor: str,
    ids: Sequence[str],
    found: Mapping[str, Found | None],
    now: datetime,
) -> None:
    """Keep a batch, unless the same was kept already, or the proposal given up or begun anew meanwhile.

    A case that was sealed between the reading and now is left out.
    """
    proposal = session.get(LexiconProposal, proposal_id, with_for_update=True)
    if proposal is None or proposal.status is not ProposalStatus.TESTING or proposal.cursor != cursor:
        return
    officer = session.get_one(Officer, proposal.proposed_by)
    still = set(session.scalars(select(Case.id).where(Case.id.in_(ids), visible_cases(officer), ~Case.sealed)))
    for case_id, pair in found.items():
        if pair is not None and case_id in still:
            session.add(LexiconMove(proposal_id=proposal.id, case_id=case_id, before=pair.before, after=pair.after))
    proposal.done += len(ids)
    if ids:
        proposal.cursor = ids[-1]
    else:
        proposal.status, proposal.tested_at, proposal.total = ProposalStatus.TESTED, now, proposal.done
    session.flush()


def _count_moves(session: Session, proposal_id: str) -> int:
    query = select(func.count()).select_from(LexiconMove).where(LexiconMove.proposal_id == proposal_id)
    return session.scalar(query) or 0
