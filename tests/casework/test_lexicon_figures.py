"""How often a phrase spoke: once a case, by the day, of open cases that the officer may know of."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.lexicon_figures import Rate, count_phrases_for
from casework.models import Exclusion
from casework.models.cases import Case
from casework.openings import open_case
from casework.store import Store
from casework.types import ExclusionReason
from tests.casework.people import (
    NOW,
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


def test_a_phrase_is_counted_once_a_case_by_its_day(store: Store):
    with store.write() as session:
        the_county(session)
        for days in (0, 29, 30, 59, 60, 89, 90):
            a_case(session, days, "餿的", "餿了")
        figures = count_phrases_for(session, a_supervisor(session), now=NOW)
        assert figures.of("food_safety", "馊的") == Rate(6, 2, 2)
        assert figures.all == Rate(6, 2, 2)
        assert figures.of("fees", "馊的") == Rate()


def test_words_of_danger_count_for_danger(store: Store):
    with store.write() as session:
        the_county(session)
        a_case(session, 1, danger=("着火了",))
        figures = count_phrases_for(session, a_supervisor(session), now=NOW)
        assert figures.of("danger", "着火了").cases == 1


def test_what_the_lexicon_did_not_find_or_ruled_out_is_no_hit(store: Store):
    with store.write() as session:
        the_county(session)
        learned = Evidence("饭菜", 10, 12, LEARNED)
        ruled_out = Evidence("麦陇", 0, 2, "前面有否定词，不算", excluded=True)
        said = replace(an_assessment(TEXT), categories=(CategoryScore("food_safety", 0.9, (learned, ruled_out)),))
        open_case(session, an_opening(TEXT, assessment=said), office=an_office(), now=NOW)
        figures = count_phrases_for(session, a_supervisor(session), now=NOW)
        assert (figures.rates, figures.all.cases) == ({}, 1)


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
        session.flush()
        assert count_phrases_for(session, supervisor, now=NOW).all == Rate()
