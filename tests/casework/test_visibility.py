"""Who may know of a case: whoever is named finds no trace of it anywhere."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.assignments import assign_case
from casework.cases import (
    CaseFilter,
    get_case_by_number_for,
    get_case_for,
    list_cases_for,
    list_earlier_cases,
    record_reading,
)
from casework.duplicates import list_duplicates_for
from casework.errors import NotAllowed, NotFound
from casework.exclusions import clear_exclusion, exclude_by_hand, list_exclusions
from casework.ledger import SYSTEM, Verb, list_timeline
from casework.models import Case, DuplicateHint, Exclusion, Officer
from casework.officers import declare_tie
from casework.queues import Queue, count_queues_for
from casework.statistics import Grouping, count_cases_by
from casework.store import Store
from casework.types import ExclusionReason, Role
from casework.visibility import can_read_words, has_role, require_role
from tests.casework.people import (
    NOW,
    a_clue_officer,
    a_dispatcher,
    a_handler,
    a_leader,
    a_person,
    a_supervisor,
    an_office,
    an_officer,
    an_open_case,
    opened,
    the_county,
)

TODAY = NOW.date()


def sees(session: Session, officer: Officer, case: Case) -> bool:
    """Whether any door shows the case: all of them must agree."""
    try:
        get_case_for(session, officer, case.id)
        by_id = True
    except NotFound:
        by_id = False
    try:
        get_case_by_number_for(session, officer, case.number)
        by_number = True
    except NotFound:
        by_number = False
    page = list_cases_for(session, officer, CaseFilter(), now=NOW)
    found = list_cases_for(session, officer, CaseFilter(text=case.number), now=NOW)
    counted = count_queues_for(session, officer, now=NOW)[Queue.ALL]
    answers = {by_id, by_number, case in page.rows, case in found.rows}
    assert len(answers) == 1, "the doors disagree"
    assert page.total == len(page.rows) == counted, "a count tells of a case that the list hides"
    return by_id


def test_an_officer_named_in_a_report_finds_no_trace_of_it(store: Store):
    text = "麦陇镇敬老院的事找过周建禾，他不管。"
    with store.write() as session:
        the_county(session)
        named, colleague = a_dispatcher(session, "周建禾"), a_dispatcher(session, "安如山")
        harmless = an_open_case(session, "麦陇镇敬老院的饭是馊的。")
        case = an_open_case(session, text)
        session.add(DuplicateHint(case_id=harmless.id, other_case_id=case.id, score=0.9, why=["机构相同"]))
        session.flush()
        assert not sees(session, named, case)
        assert sees(session, colleague, case)
        assert sees(session, named, harmless)
        assert list_earlier_cases(session, named, "mailong-home") == [harmless]
        assert set(list_earlier_cases(session, colleague, "mailong-home")) == {harmless, case}
        assert list_duplicates_for(session, named, harmless) == []
        assert [found for _, found in list_duplicates_for(session, colleague, harmless)] == [case]
        assert sum(count_queues_for(session, named, now=NOW).values()) == sum(
            count_queues_for(session, named, now=NOW)[queue] for queue in (Queue.ALL, Queue.TO_DISPATCH)
        )
        by_category = count_cases_by(session, named, Grouping.CATEGORY, since=TODAY, until=TODAY)
        assert by_category == {"food_safety": 1}
        assert count_cases_by(session, colleague, Grouping.CATEGORY, since=TODAY, until=TODAY) == {"food_safety": 2}
        with pytest.raises(NotFound):
            list_exclusions(session, named, case.id)


def test_the_timeline_of_what_he_sees_does_not_tell_of_the_other(store: Store):
    with store.write() as session:
        the_county(session)
        named = a_dispatcher(session, "周建禾")
        harmless = an_open_case(session, "麦陇镇敬老院的饭是馊的。")
        case = an_open_case(session, "周建禾不管。", home=None)
        told = list_timeline(session, get_case_for(session, named, harmless.id).id)
    assert case.id not in str(told)


@pytest.mark.parametrize(
    ("role", "sees_it"),
    [
        (Role.DISPATCHER, True),
        (Role.SUPERVISOR, True),
        (Role.LEADER, True),
        (Role.OPERATOR, True),
        (Role.HANDLER, False),
        (Role.TOWNSHIP, False),
        (Role.RECEIVER, False),
        (Role.INSPECTOR, False),
        (Role.CLUE_OFFICER, False),
        (Role.ADMINISTRATOR, False),
        (Role.LOG_AUDITOR, False),
    ],
)
def test_an_open_case_just_received_is_seen_by_those_who_take_in_and_dispatch(store: Store, role: Role, sees_it: bool):
    with store.write() as session:
        the_county(session)
        officer = an_officer(session, "one", "安如山", "civil_affairs", role)
        case = an_open_case(session, category="fees", body="civil_affairs")
        assert case.body_code == "civil_affairs"
        assert sees(session, officer, case) is sees_it


def test_a_handler_sees_what_was_sent_to_his_body_and_nothing_else(store: Store):
    with store.write() as session:
        the_county(session)
        dispatcher, own = a_dispatcher(session), a_handler(session)
        other = a_handler(session, "安如山", "assistance")
        case = an_open_case(session, category="fees", body="civil_affairs")
        assign_case(session, case, "civil_affairs", by=dispatcher, office=an_office(), now=NOW)
        assert sees(session, own, case)
        assert not sees(session, other, case)


def test_an_operator_no_longer_sees_a_case_that_was_sent_on(store: Store):
    with store.write() as session:
        the_county(session)
        operator = an_officer(session, "op", "安如山", "hotline", Role.OPERATOR)
        dispatcher = a_dispatcher(session)
        case = an_open_case(session, category="fees", body="civil_affairs")
        assert sees(session, operator, case)
        assign_case(session, case, "civil_affairs", by=dispatcher, office=an_office(), now=NOW)
        assert not sees(session, operator, case)


def test_an_inspector_sees_his_own_towns_but_no_clue(store: Store):
    with store.write() as session:
        the_county(session)
        here = an_officer(session, "here", "安如山", "civil_affairs", Role.INSPECTOR, towns=["mailong"])
        there = an_officer(session, "there", "岳清和", "civil_affairs", Role.INSPECTOR, towns=["luzhu"])
        case = an_open_case(session)
        clue = an_open_case(session, discipline=True, category="inaction", body="discipline")
        assert sees(session, here, case)
        assert not sees(session, there, case)
        assert not sees(session, here, clue)


def test_a_clue_officer_sees_open_cases_only_where_they_are_marked(store: Store):
    with store.write() as session:
        the_county(session)
        officer = a_clue_officer(session)
        assert not sees(session, officer, an_open_case(session))
        assert sees(session, officer, an_open_case(session, discipline=True, category="inaction"))


def test_a_sealed_case_is_seen_by_the_allow_list_alone(store: Store):
    with store.write() as session:
        the_county(session)
        clue = a_clue_officer(session)
        others = [
            an_officer(session, role.value, f"安如{number}", "hotline", role)
            for number, role in enumerate(role for role in Role if role is not Role.CLUE_OFFICER)
        ]
        case = opened(session, "崔广田贪污。", discipline=True, who=True, what=True).case
        assert case is not None
        assert case.sealed
        assert sees(session, clue, case)
        assert [officer.username for officer in others if sees(session, officer, case)] == []


def test_a_clue_officer_who_is_named_is_not_let_into_the_sealed_case(store: Store):
    with store.write() as session:
        the_county(session)
        named, colleague = a_clue_officer(session, "宁致远"), a_clue_officer(session, "祝长风")
        case = opened(session, "宁致远收了崔广田的钱。", discipline=True, who=True, what=True).case
        assert case is not None
        assert not sees(session, named, case)
        assert sees(session, colleague, case)


def test_nobody_who_has_left_sees_anything(store: Store):
    with store.write() as session:
        the_county(session)
        gone = a_dispatcher(session)
        case = an_open_case(session)
        gone.removed_at = NOW
        assert not sees(session, gone, case)


def test_a_body_that_is_kept_out_takes_the_bodies_under_it_along(store: Store):
    with store.write() as session:
        the_county(session)
        dispatcher = a_dispatcher(session)
        leader = a_leader(session)
        outside = an_officer(session, "up", "安如山", "up", Role.SUPERVISOR)
        case = an_open_case(session, home=None, text="饭是馊的。")
        session.add(
            Exclusion(case_id=case.id, body_code="bureau", reason=ExclusionReason.UNIT_NAMED, certain=True, made_at=NOW)
        )
        session.flush()
        assert not sees(session, dispatcher, case)
        assert not sees(session, leader, case)
        assert sees(session, outside, case)


def test_who_joins_an_excluded_body_later_is_kept_out_too(store: Store):
    with store.write() as session:
        the_county(session)
        case = an_open_case(session, "养老科推来推去。", unit="养老科", category="inaction", body="civil_affairs")
        newcomer = an_officer(session, "new", "安如山", "civil_affairs", Role.SUPERVISOR)
        assert not sees(session, newcomer, case)


def test_a_discipline_matter_is_hidden_from_the_office_of_the_town(store: Store):
    with store.write() as session:
        the_county(session)
        town = an_officer(session, "town", "安如山", "township-mailong", Role.TOWNSHIP, Role.SUPERVISOR)
        case = an_open_case(session, "镇上的人不管。", discipline=True, category="inaction", home=None, town="mailong")
        assert not sees(session, town, case)


def test_a_case_that_names_nobody_hides_from_nobody(store: Store):
    with store.write() as session:
        the_county(session)
        dispatcher = a_dispatcher(session)
        an_open_case(session, "饭是馊的。", home="luzhu-home")
        assert session.scalars(select(Exclusion)).all() == []
        assert count_queues_for(session, dispatcher, now=NOW)[Queue.TO_DISPATCH] == 1


def test_an_uncertain_hit_excludes_until_a_clue_officer_clears_it(store: Store):
    with store.write() as session:
        the_county(session)
        handler = a_handler(session, "贺小满", "hotline", post="热线中心科员")
        handler.roles = [Role.DISPATCHER.value]
        clue, colleague = a_clue_officer(session), a_dispatcher(session)
        case = an_open_case(session, "贺科员说话难听。", discipline=True, category="inaction")
        row = session.scalar(select(Exclusion).where(Exclusion.officer_id == handler.id))
        assert row is not None
        assert row.certain is False
        assert not sees(session, handler, case)
        with pytest.raises(NotAllowed):
            clear_exclusion(session, row.id, by=colleague, now=NOW)
        clear_exclusion(session, row.id, by=clue, now=NOW)
        assert sees(session, handler, case)


def test_a_clue_officer_sees_an_ordinary_case_as_long_as_he_has_to_decide_on_it(store: Store):
    with store.write() as session:
        the_county(session)
        clue, handler = a_clue_officer(session), a_handler(session, "贺小满", post="养老服务科科员")
        dispatcher = a_dispatcher(session)
        case = an_open_case(session, "贺科员说话难听。", category="service_quality", home=None)
        assert sees(session, clue, case)
        assert count_queues_for(session, clue, now=NOW)[Queue.DOUBTFUL] == 1
        row = session.scalars(select(Exclusion).where(Exclusion.officer_id == handler.id)).one()
        clear_exclusion(session, row.id, by=clue, now=NOW)
        assert not sees(session, clue, case)
        assert sees(session, dispatcher, case)


def test_a_certain_hit_is_not_cleared_by_a_click(store: Store):
    with store.write() as session:
        the_county(session)
        a_dispatcher(session, "周建禾")
        clue = a_clue_officer(session)
        an_open_case(session, "周建禾不管。", discipline=True, category="inaction")
        row = session.scalar(select(Exclusion).where(Exclusion.certain, Exclusion.officer_id.is_not(None)))
        assert row is not None
        with pytest.raises(NotAllowed):
            clear_exclusion(session, row.id, by=clue, now=NOW)


def test_a_person_may_be_kept_out_by_hand(store: Store):
    with store.write() as session:
        the_county(session)
        dispatcher, other = a_dispatcher(session), a_supervisor(session)
        case = an_open_case(session)
        exclude_by_hand(session, case, officer_id=other.id, by=dispatcher, now=NOW)
        assert not sees(session, other, case)
        assert [row.reason for row in list_exclusions(session, dispatcher, case.id)].count(ExclusionReason.BY_HAND) == 1


def test_a_tie_that_is_declared_later_hides_the_cases_that_are_open_already(store: Store):
    with store.write() as session:
        the_county(session)
        dispatcher = a_dispatcher(session)
        case = an_open_case(session, "饭是馊的。", home="luzhu-home")
        assert sees(session, dispatcher, case)
        declare_tie(session, dispatcher, name="滕守业", relation="姐夫", by=SYSTEM, now=NOW)
        assert not sees(session, dispatcher, case)


def test_reading_is_recorded_once_a_day_and_officer(store: Store):
    with store.write() as session:
        the_county(session)
        one, other = a_dispatcher(session), a_supervisor(session)
        case = an_open_case(session)
        assert record_reading(session, one, case, now=NOW)
        assert not record_reading(session, one, case, now=NOW + timedelta(hours=3))
        assert record_reading(session, other, case, now=NOW)
        assert record_reading(session, one, case, now=NOW + timedelta(days=1))
        rows = [row for row in list_timeline(session, case.id, with_reads=True) if row.verb is Verb.READ]
    assert [row.actor_name for row in rows] == [one.name, other.name, one.name]


def test_the_reporters_words_are_searched_only_for_those_who_may_read_them(store: Store):
    with store.write() as session:
        the_county(session)
        dispatcher, handler = a_dispatcher(session), a_handler(session)
        assert can_read_words(dispatcher)
        assert not can_read_words(handler)
        case = an_open_case(session, category="fees", body="civil_affairs")
        assign_case(session, case, "civil_affairs", by=dispatcher, office=an_office(), now=NOW)
        found = list_cases_for(session, handler, CaseFilter(text="敬老院"), now=NOW)
        assert found.rows == (case,), "the home's name is a fact of the case"
        assert list_cases_for(session, handler, CaseFilter(text="%"), now=NOW).total == 0


def test_a_role_that_is_not_held_is_refused_by_the_name_of_the_act(store: Store):
    with store.write() as session:
        the_county(session)
        officer = a_handler(session)
        assert has_role(officer, Role.HANDLER, Role.DISPATCHER)
        with pytest.raises(NotAllowed, match="dance"):
            require_role(officer, Role.DISPATCHER, act="dance")
        officer.removed_at = NOW
        with pytest.raises(NotAllowed):
            require_role(officer, Role.HANDLER, act="dance")


def test_a_person_named_by_triage_is_hit_even_where_the_name_is_short(store: Store):
    text = "找安平，安平不管。"
    with store.write() as session:
        the_county(session)
        officer = a_dispatcher(session, "安平")
        case = an_open_case(session, text, home=None, persons=[a_person(text, "安平", name="安平")])
        row = session.scalar(select(Exclusion).where(Exclusion.officer_id == officer.id))
        assert row is not None
        assert row.certain
        assert not sees(session, officer, case)
