"""Whoever moves takes the exclusions of the body he leaves along, as far as he was of it when it happened."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.assignments import check_receiver
from casework.clues import KeptOut, is_kept_out
from casework.conflicts import Conflict, Mentions, find_conflicts, is_hit
from casework.errors import ConflictOfInterest
from casework.keepingout import keep_out
from casework.ledger import SYSTEM
from casework.memberships import list_memberships
from casework.models import Case, Exclusion, Officer
from casework.officers import change_officer
from casework.openings import list_allowable
from casework.roster import FormerPlace, build_roster
from casework.store import Store
from casework.types import ExclusionReason, Role
from casework.visibility import is_excluded, visible_cases
from tests.casework.people import NOW, a_clue_officer, a_dispatcher, a_handler, an_officer, an_open_case, the_county
from triage.types import TimeMention

SECTION = "养老服务科的人推来推去，材料交了三回。"


def move(session: Session, officer: Officer, body: str, *, days: int = 0, **more: str) -> None:
    change_officer(session, officer, body_code=body, by=SYSTEM, now=NOW + timedelta(days=days), **more)  # type: ignore[arg-type]


def sees(session: Session, officer: Officer, case: Case) -> bool:
    return session.scalar(select(Case.id).where(Case.id == case.id, visible_cases(officer))) is not None


def about_the_section(session: Session, **more: object) -> Case:
    return an_open_case(session, SECTION, unit="养老服务科", body="civil_affairs", **more)


def test_a_clerk_who_moves_out_of_the_section_complained_of_does_not_see_the_case(store: Store):
    with store.write() as session:
        the_county(session)
        clerk = an_officer(session, "clerk", "贺小满", "civil_affairs", Role.DISPATCHER)
        colleague = a_dispatcher(session, "安如山")
        case = about_the_section(session)
        move(session, clerk, "hotline", days=1)
        assert not sees(session, clerk, case)
        assert sees(session, colleague, case)


def test_one_who_had_moved_before_anybody_complained_is_kept_out_as_well(store: Store):
    with store.write() as session:
        the_county(session)
        clerk = an_officer(session, "clerk", "贺小满", "civil_affairs", Role.DISPATCHER)
        move(session, clerk, "hotline")
        case = about_the_section(session)
        assert not sees(session, clerk, case)


def test_a_part_of_the_body_complained_of_is_left_with_its_exclusion_too(store: Store):
    with store.write() as session:
        the_county(session)
        clerk = an_officer(session, "clerk", "贺小满", "civil_affairs", Role.DISPATCHER)
        case = an_open_case(session, "饭是馊的。")
        session.add(
            Exclusion(case_id=case.id, body_code="bureau", reason=ExclusionReason.UNIT_NAMED, certain=True, made_at=NOW)
        )
        move(session, clerk, "fire", days=1)
        assert not sees(session, clerk, case)


def a_time(text: str, told: date) -> TimeMention:
    return TimeMention(text[:1], 0, 1, told, told)


@pytest.mark.parametrize(("left_on", "seen"), [(date(2022, 3, 1), True), (date(2025, 3, 1), False)])
def test_one_who_left_long_before_it_happened_is_not_concerned(store: Store, left_on: date, seen: bool):
    with store.write() as session:
        the_county(session)
        clerk = an_officer(session, "clerk", "贺小满", "civil_affairs", Role.DISPATCHER)
        move(session, clerk, "hotline")
        list_memberships(session, clerk.id)[0].started_on = date(2020, 1, 1)
        list_memberships(session, clerk.id)[0].ended_on = left_on
        case = about_the_section(session, when=a_time(SECTION, date(2025, 9, 1)))
        assert sees(session, clerk, case) is seen
        known = next(each for each in build_roster(session).officers if each.id == clerk.id)
        row = session.scalars(select(Exclusion).where(Exclusion.case_id == case.id)).first()
        assert row is not None
        assert row.since == date(2024, 9, 1)
        hit = Conflict(ExclusionReason.UNIT_NAMED, True, "", body_code="civil_affairs", since=row.since)
        assert is_hit(known, [hit], build_roster(session)) is not seen, "Python and SQL disagree"


def test_one_who_was_there_in_the_old_year_does_not_see_what_ends_with_yesterday(store: Store):
    with store.write() as session:
        the_county(session)
        clerk = an_officer(session, "clerk", "贺小满", "civil_affairs", Role.DISPATCHER)
        move(session, clerk, "hotline")
        list_memberships(session, clerk.id)[0].started_on = date(2020, 1, 1)
        list_memberships(session, clerk.id)[0].ended_on = date(2025, 3, 1)
        text = "昨天养老服务科的人说没有这回事。2021年他们扣了我五千块钱。"
        when = TimeMention("昨天", 0, 2, date(2026, 10, 7), date(2026, 10, 7))
        case = an_open_case(session, text, unit="养老服务科", body="civil_affairs", when=when)
        assert not sees(session, clerk, case)
        rows = session.scalars(select(Exclusion).where(Exclusion.case_id == case.id)).all()
        assert {row.since for row in rows} == {None}


def test_python_and_sql_say_the_same_of_every_place_and_day(store: Store):
    days = (None, date(2024, 1, 1), date(2026, 10, 8), date(2026, 10, 9))
    with store.write() as session:
        the_county(session)
        clerk = a_handler(session, "贺小满")
        for number, body in enumerate(("assistance", "hotline", "fire")):
            move(session, clerk, body, days=number)
        case = an_open_case(session, "饭是馊的。", home=None, body="market")
        roster = build_roster(session)
        known = next(each for each in roster.officers if each.id == clerk.id)
        for body in roster.bodies:
            for since in days:
                row = Exclusion(
                    case_id=case.id,
                    body_code=body,
                    since=since,
                    reason=ExclusionReason.BY_HAND,
                    certain=True,
                    made_at=NOW,
                )
                session.add(row)
                session.flush()
                in_sql = session.scalar(select(Case.id).where(Case.id == case.id, is_excluded(clerk))) is not None
                hit = Conflict(ExclusionReason.BY_HAND, True, "", body_code=body, since=since)
                assert in_sql is is_hit(known, [hit], roster), (body, since)
                session.delete(row)
                session.flush()


def test_a_case_is_not_sent_to_him_by_name_either(store: Store):
    with store.write() as session:
        the_county(session)
        clerk = a_handler(session, "贺小满")
        case = about_the_section(session)
        move(session, clerk, "assistance", days=1)
        with pytest.raises(ConflictOfInterest):
            check_receiver(session, case, body_code="assistance", officer_id=clerk.id)
        check_receiver(session, case, body_code="assistance")


def test_who_held_the_post_when_it_happened_is_meant_by_it(store: Store):
    with store.write() as session:
        the_county(session)
        chief = a_handler(session, "贺小满", post="养老服务科科长")
        move(session, chief, "assistance", post="社会救助科主任")
        successor = a_handler(session, "柏一鸣", post="养老服务科科长")
        found = find_conflicts(Mentions("养老服务科科长收了红包。"), build_roster(session))
        certain = {hit.officer_id: hit.certain for hit in found if hit.officer_id}
        assert certain == {successor.id: True, chief.id: False}
        told = replace(Mentions("养老服务科科长收了红包。"), since=NOW.date() + timedelta(days=1))
        assert {hit.officer_id for hit in find_conflicts(told, build_roster(session)) if hit.officer_id} == {
            successor.id
        }


def test_a_move_is_kept_once_and_only_where_he_moves(store: Store):
    with store.write() as session:
        the_county(session)
        clerk = a_handler(session, "贺小满", post="科员")
        change_officer(session, clerk, aliases=["小贺"], by=SYSTEM, now=NOW)
        assert list_memberships(session, clerk.id) == []
        move(session, clerk, "civil_affairs", days=1)
        assert list_memberships(session, clerk.id) == []
        move(session, clerk, "assistance", days=2)
        move(session, clerk, "civil_affairs", days=9)
        rows = [(row.body_code, row.post, row.started_on, row.ended_on) for row in list_memberships(session, clerk.id)]
        today = NOW.date()
        assert rows == [
            ("civil_affairs", "科员", today, today + timedelta(days=2)),
            ("assistance", "科员", today + timedelta(days=2), today + timedelta(days=9)),
        ]
        known = next(each for each in build_roster(session).officers if each.id == clerk.id)
        assert [place.body_code for place in known.former] == ["civil_affairs", "assistance"]
        assert known.former[0] == FormerPlace("civil_affairs", "科员", today + timedelta(days=2))


def test_a_word_that_tells_of_an_earlier_time_reaches_further_back(store: Store):
    with store.write() as session:
        the_county(session)
        case = about_the_section(session, when=a_time(SECTION, date(2026, 9, 1)))
        older = Conflict(ExclusionReason.UNIT_NAMED, False, "", body_code="civil_affairs", since=date(2020, 1, 1))
        assert keep_out(session, case, [older], by=SYSTEM, now=NOW) == 1
        assert keep_out(session, case, [older], by=SYSTEM, now=NOW) == 0
        assert keep_out(session, case, [replace(older, since=date(2024, 1, 1))], by=SYSTEM, now=NOW) == 0


def test_a_clue_officer_who_came_from_the_body_gets_no_key_and_is_not_let_in_later(store: Store):
    with store.write() as session:
        the_county(session)
        came = a_clue_officer(session, "宁致远")
        came.body_code = "civil_affairs"
        stays = a_clue_officer(session, "安如山")
        move(session, came, "clue_desk")
        roster = build_roster(session)
        hit = Conflict(ExclusionReason.UNIT_NAMED, True, "", body_code="civil_affairs")
        assert [each.id for each in list_allowable(session, [hit], roster)] == [stays.id]
        kept = [KeptOut(ExclusionReason.UNIT_NAMED, True, body_code="civil_affairs")]
        assert is_kept_out(came, kept, roster)
        assert not is_kept_out(stays, kept, roster)
