"""How often a phrase spoke: once a case, by the day, of open cases that the officer may know of."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.errors import NotAllowed
from casework.lexicon_figures import Figures, Rate, count_phrases, read_figures, start_count, stop_count
from casework.models import Exclusion, Officer
from casework.models.cases import Case
from casework.models.lexicon import LexiconCount
from casework.openings import open_case
from casework.store import Store
from casework.types import ExclusionReason
from tests.casework.people import (
    NOW,
    a_handler,
    a_supervisor,
    an_assessment,
    an_office,
    an_open_case,
    an_opening,
    opened,
    the_county,
)
from triage.evidence import LEARNED
from triage.types import CategoryScore, Evidence

TEXT = "麦陇镇敬老院的饭是餿的，饭菜餿了，着火了。"


def a_case(session: Session, days: int, *phrases: str, **more: object) -> Case:
    case = an_open_case(session, TEXT, evidence=phrases, **more)
    case.opened_on = local_date(NOW) - timedelta(days=days)
    session.flush()
    return case


KNOWN = {("food_safety", "馊的"), ("food_safety", "馊了"), ("danger", "着火了")}


class Dying(set[tuple[str, str]]):
    """Phrases at the third of which the process dies."""

    asked = 0

    def __contains__(self, phrase: object) -> bool:
        self.asked += 1
        if self.asked == 3:
            raise OSError("gone")
        return super().__contains__(phrase)


def ask(store: Store, *, known: set[tuple[str, str]] = KNOWN) -> Figures:
    """Ask for a count as the supervisor, do the job, and read what he is shown."""
    with store.write() as session:
        officer = session.scalar(select(Officer).where(Officer.name == "戚望舒")) or a_supervisor(session)
        start_count(session, by=officer, now=NOW)
        officer_id = officer.id
    count_phrases(store, officer_id, known=known, now=NOW, batch=3)
    return shown(store, officer_id)


def shown(store: Store, officer_id: str) -> Figures:
    with store.read() as session:
        return read_figures(session.get(LexiconCount, officer_id))


def test_a_phrase_is_counted_once_a_case_by_its_day(store: Store):
    with store.write() as session:
        the_county(session)
        for days in (0, 29, 30, 59, 60, 89, 90):
            a_case(session, days, "餿的", "餿了")
    figures = ask(store)
    assert figures.of("food_safety", "馊的") == Rate(6, 2, 2)
    assert figures.all == Rate(6, 2, 2)
    assert figures.of("fees", "馊的") == Rate()


def test_words_of_danger_count_for_danger(store: Store):
    with store.write() as session:
        the_county(session)
        a_case(session, 1, danger=("着火了",))
    assert ask(store).of("danger", "着火了").cases == 1


def test_words_that_no_lexicon_holds_are_not_kept(store: Store):
    with store.write() as session:
        the_county(session)
        a_case(session, 1, "餿的")
    assert ask(store, known=set()) == Figures({}, Rate(1, 1, 0))


def test_what_the_lexicon_did_not_find_or_ruled_out_is_no_hit(store: Store):
    with store.write() as session:
        the_county(session)
        learned = Evidence("饭菜", 10, 12, LEARNED)
        ruled_out = Evidence("麦陇", 0, 2, "前面有否定词，不算", excluded=True)
        said = replace(an_assessment(TEXT), categories=(CategoryScore("food_safety", 0.9, (learned, ruled_out)),))
        open_case(session, an_opening(TEXT, assessment=said), office=an_office(), now=NOW)
    known = {("food_safety", "饭菜"), ("food_safety", "麦陇")}
    assert ask(store, known=known) == Figures({}, Rate(1, 1, 0))


def test_sealed_cases_and_those_he_is_kept_out_of_are_not_counted(store: Store):
    with store.write() as session:
        the_county(session)
        supervisor = a_supervisor(session)
        opened(session, TEXT, evidence=("餿的",), discipline=True, who=True, what=True)
        hidden = a_case(session, 1, "餿的")
        session.add(
            Exclusion(
                case_id=hidden.id, officer_id=supervisor.id, reason=ExclusionReason.BY_HAND, certain=True, made_at=NOW
            )
        )
    assert ask(store).all == Rate()


def test_a_count_that_is_stopped_leaves_the_one_before(store: Store):
    with store.write() as session:
        the_county(session)
        a_case(session, 1, "餿的")
    before = ask(store)
    with store.write() as session:
        a_case(session, 1, "餿的")
        officer = session.scalars(select(Officer).where(Officer.name == "戚望舒")).one()
        start_count(session, by=officer, now=NOW)
        stop_count(session, by=officer)
        officer_id = officer.id
    count_phrases(store, officer_id, known=KNOWN, now=NOW)
    assert before.all.cases == 1
    assert shown(store, officer_id) == before


def test_a_broken_count_goes_on_where_it_was(store: Store):
    with store.write() as session:
        the_county(session)
        for _ in range(5):
            a_case(session, 1, "餿的")
        officer = a_supervisor(session)
        officer_id = officer.id
        start_count(session, by=officer, now=NOW)
    with pytest.raises(OSError, match="gone"):
        count_phrases(store, officer_id, known=Dying(KNOWN), now=NOW, batch=2)
    with store.read() as session:
        assert session.get_one(LexiconCount, officer_id).done == 2
    count_phrases(store, officer_id, known=KNOWN, now=NOW, batch=2)
    assert shown(store, officer_id).of("food_safety", "馊的") == Rate(5, 5, 0)


def test_who_may_not_propose_may_not_count(store: Store):
    with store.write() as session:
        the_county(session)
        with pytest.raises(NotAllowed):
            start_count(session, by=a_handler(session), now=NOW)
