"""Corrections kept as examples: codes only, one a case, gone when officer and machine agree or the case is sealed."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.assessments import Correction, correct_assessment, list_revisions
from casework.examples import list_examples_for, mine_examples_for
from casework.models import Exclusion, LabelledExample
from casework.models.cases import Case
from casework.rowpacks import drop_rows
from casework.store import Store
from casework.types import ExclusionReason
from tests.casework.casedesk import OFFICE, Desk
from tests.casework.people import NOW, an_open_case
from tests.casework.test_lexicon_trials import keep_words
from tests.triage.reading_room import a_context
from triage.types import Urgency

CODES = {"urgency": "normal", "discipline": False, "institution": "mailong-home"}


def correct(desk: Desk, case: Case | None = None, **changes: Any) -> None:
    correction = Correction(**changes)
    correct_assessment(desk.session, case or desk.case, correction, by=desk.dispatcher, office=OFFICE, now=NOW)


def examples(session: Session) -> list[LabelledExample]:
    return list(session.scalars(select(LabelledExample)))


def test_a_correction_is_kept_as_what_was_said_and_told(store: Store):
    with store.write() as session:
        desk = Desk(session)
        correct(desk, category="inaction", urgency=Urgency.HIGH, discipline=True, body="assistance")
        (example,) = examples(session)
        assert example.said == {**CODES, "category": "fees", "body": "civil_affairs"}
        told = {"category": "inaction", "urgency": "high", "discipline": True, "body": "assistance"}
        assert example.told == {**CODES, **told}
        assert desk.case.body_code == "assistance"
        verdict = list_revisions(session, desk.case.id)[-1].verdict
        assert (verdict["body"], "assistance" in verdict["co_bodies"]) == ("assistance", False)


def test_the_last_word_counts_and_agreeing_again_leaves_nothing(store: Store):
    with store.write() as session:
        desk = Desk(session)
        correct(desk, category="inaction")
        correct(desk, category="records", institution_code="luzhu-home")
        (example,) = examples(session)
        assert (example.told["category"], example.told["institution"]) == ("records", "luzhu-home")
        correct(desk, category="fees", institution_code="mailong-home")
        assert examples(session) == []


def test_pressing_without_a_change_is_no_example(store: Store):
    with store.write() as session:
        desk = Desk(session)
        correct(desk, category="fees", urgency=Urgency.NORMAL, discipline=False)
        assert examples(session) == []


def test_a_case_that_is_sealed_takes_its_example_along(store: Store):
    with store.write() as session:
        desk = Desk(session)
        correct(desk, category="inaction")
        drop_rows(session, desk.case.id)
        assert examples(session) == []


def test_an_officer_is_shown_examples_of_his_own_cases_only(store: Store):
    with store.write() as session:
        desk = Desk(session)
        correct(desk, category="inaction")
        assert len(list_examples_for(session, desk.supervisor)) == 1
        session.add(
            Exclusion(
                case_id=desk.case.id,
                officer_id=desk.supervisor.id,
                reason=ExclusionReason.BY_HAND,
                certain=True,
                made_at=NOW,
            )
        )
        session.flush()
        assert list_examples_for(session, desk.supervisor) == []


def test_phrases_that_corrected_cases_share_are_offered(store: Store):
    with store.write() as session:
        desk = Desk(session)
        for words in ("院里天天摆着鹿茸，崔广田管的", "鹿茸又摆出来了，崔广田说好"):
            case = an_open_case(session, words, category="fees", body="civil_affairs", home=None)
            keep_words(session, case, words)
            correct(desk, case, category="illegal_fundraising")
        offers = mine_examples_for(session, desk.supervisor, a_context())
        assert [(offer.topic, offer.phrase, offer.texts) for offer in offers] == [("illegal_fundraising", "鹿茸", 2)]
