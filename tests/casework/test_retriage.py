"""Triage once more: what nobody touched follows a new lexicon, upwards only; a broken run goes on where it was."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.assessments import Correction, correct_assessment, list_revisions
from casework.lexicons import build_office_context
from casework.models.cases import Case, CaseAssessment
from casework.retriage import Again, count_stale, triage_again
from casework.store import Store
from tests.casework.casedesk import OFFICE, Desk
from tests.casework.people import NOW, an_open_case, opened, the_county
from tests.casework.test_lexicon_trials import keep_words
from tests.triage.reading_room import a_context
from triage.overlay import Change, ChangeAct
from triage.types import Urgency

TEXT = "院里又在搞云端星光计划了，老人都去。"
CHANGE = Change(ChangeAct.ADD, "illegal_fundraising", ("云端星光计划",), weight=5.0)
CONTEXT = build_office_context(a_context(), 1, (CHANGE,))
LATER = NOW + timedelta(days=1)


def a_case(session: Session, **assessed: object) -> Case:
    case = an_open_case(session, TEXT, **({"category": "fees", "body": "civil_affairs", "home": None} | assessed))
    keep_words(session, case, TEXT)
    return case


def run(store: Store, *, after: str = "", most: int = 100) -> Again:
    return triage_again(store, CONTEXT, after=after, office=OFFICE, now=LATER, most=most)


def stored(store: Store, case_id: str) -> Case:
    with store.read() as session:
        return session.scalars(select(Case).where(Case.id == case_id)).one()


def test_a_waiting_case_follows_the_new_words_and_keeps_both_verdicts(store: Store):
    with store.write() as session:
        the_county(session)
        case_id = a_case(session).id
    done = run(store)
    assert (done.cursor, done.looked, done.moved) == (case_id, 1, 1)
    case = stored(store, case_id)
    assert (case.category, case.urgency) == ("illegal_fundraising", Urgency.HIGH)
    with store.read() as session:
        first, second = list_revisions(session, case_id)
        assert (first.lexicon_version, second.lexicon_version) == ("test", CONTEXT.lexicon.version)
        assert second.officer_id is None


def test_a_broken_run_goes_on_and_a_second_one_finds_nothing(store: Store):
    with store.write() as session:
        the_county(session)
        for _ in range(3):
            a_case(session)
        assert count_stale(session, CONTEXT.lexicon.version) == 3
    assert run(store, most=2).looked == 2
    assert run(store).looked == 1
    assert run(store) == Again()


def test_what_a_person_touched_and_what_is_sealed_stays(store: Store):
    with store.write() as session:
        desk = Desk(session)
        keep_words(session, desk.case, TEXT)
        desk.assign()
        corrected = a_case(session)
        correct_assessment(
            session, corrected, Correction(category="records"), by=desk.dispatcher, office=OFFICE, now=NOW
        )
        sealed = opened(session, "崔广田贪污。", discipline=True, who=True, what=True).case
        assert sealed is not None
        known = {desk.case.id, corrected.id, sealed.id}
    assert run(store) == Again()
    with store.read() as session:
        rows = session.scalars(select(CaseAssessment).where(CaseAssessment.case_id.in_(known)))
        assert {row.lexicon_version for row in rows} == {"test"}


def test_urgency_and_the_discipline_mark_are_only_raised(store: Store):
    with store.write() as session:
        the_county(session)
        case_id = a_case(session, urgency=Urgency.CRITICAL, discipline=True).id
    run(store)
    case = stored(store, case_id)
    assert (case.category, case.urgency, case.discipline) == ("illegal_fundraising", Urgency.CRITICAL, True)
