"""The cases that are over are held against whoever comes, moves or declares a tie, before he sees any of them."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import screenings
from casework.cases import advance_case
from casework.ledger import SYSTEM, Verb
from casework.models import Case, Exclusion, Officer
from casework.officers import add_officer, change_officer, declare_tie
from casework.screenings import find_progress, screen_waiting
from casework.store import Store
from casework.types import CaseStatus, Role
from casework.visibility import visible_cases
from tests.casework.people import NOW, a_dispatcher, an_open_case, the_county
from tests.casework.test_duplicates import a_case

SISTER = "护工田桂花把老人的鸡蛋拿回家。"
HARMLESS = "院里的饭是馊的。"


def close(session: Session, case: Case) -> None:
    advance_case(session, case, CaseStatus.CLOSED, by=SYSTEM, now=NOW, verb=Verb.CLOSED)


def some_closed(session: Session, *texts: str) -> list[Case]:
    cases = [a_case(session, text, home=None) for text in texts]
    for case in cases:
        close(session, case)
    return cases


def seen(session: Session, officer: Officer) -> set[str]:
    return set(session.scalars(select(Case.id).where(visible_cases(officer))))


def a_newcomer(session: Session, name: str) -> Officer:
    return add_officer(
        session,
        username="newcomer",
        name=name,
        body_code="hotline",
        roles=[Role.DISPATCHER],
        password="松涛石阶渔火灯塔旧船坞雨",
        by=SYSTEM,
        now=NOW,
    )


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that two closed cases are many."""
    monkeypatch.setattr(screenings, "AT_ONCE", 1)
    monkeypatch.setattr(screenings, "BATCH", 2)
    monkeypatch.setattr(screenings, "BATCHES_A_RUN", 1)


def test_a_newcomer_named_in_a_closed_case_never_sees_it(store: Store):
    with store.write() as session:
        the_county(session)
        named, other = some_closed(session, "麦守正收了院长的卡。", HARMLESS)
        officer = a_newcomer(session, "麦守正")
        assert seen(session, officer) == {other.id}
        assert find_progress(session, officer.id) is None
        assert session.scalar(select(Exclusion.case_id).where(Exclusion.officer_id == officer.id)) == named.id


def test_a_tie_declared_later_closes_the_cases_that_are_over_as_well(store: Store):
    with store.write() as session:
        the_county(session)
        officer = a_dispatcher(session)
        tied, other = some_closed(session, SISTER, HARMLESS)
        assert seen(session, officer) == {tied.id, other.id}
        declare_tie(session, officer, name="田桂花", relation="姐姐", by=SYSTEM, now=NOW)
        assert seen(session, officer) == {other.id}


def test_a_new_name_is_held_against_them_too(store: Store):
    with store.write() as session:
        the_county(session)
        officer = a_dispatcher(session)
        some_closed(session, "热线那个铁算盘收了卡。")
        change_officer(session, officer, aliases=["铁算盘"], by=SYSTEM, now=NOW)
        assert seen(session, officer) == set()


def test_where_they_are_many_he_sees_none_that_is_over_until_the_last_was_looked_at(store: Store, few: None):
    with store.write() as session:
        the_county(session)
        colleague = a_dispatcher(session, "安如山").id
        open_case = an_open_case(session, HARMLESS, home=None).id
        named = some_closed(session, "麦守正收了院长的卡。")[0].id
        others = {case.id for case in some_closed(session, HARMLESS, "押金不退。", "床单一个月没换。", "没有热水。")}
        officer = a_newcomer(session, "麦守正").id
    told = []
    for _ in range(4):
        with store.read() as session:
            told.append((find_progress(session, officer), seen(session, session.get_one(Officer, officer))))
            assert seen(session, session.get_one(Officer, colleague)) == {open_case, named, *others}
        screen_waiting(store, now=NOW)
    waits = {open_case}
    assert told == [((0, 5), waits), ((2, 5), waits), ((4, 5), waits), (None, {open_case, *others})]
    assert screen_waiting(store, now=NOW) == 0


def test_a_run_begins_anew_when_he_changes_again(store: Store, few: None):
    with store.write() as session:
        the_county(session)
        officer = a_dispatcher(session).id
        some_closed(session, SISTER, HARMLESS, "押金不退。")
        declare_tie(session, session.get_one(Officer, officer), name="无名氏", relation="友", by=SYSTEM, now=NOW)
    screen_waiting(store, now=NOW)
    with store.write() as session:
        declare_tie(session, session.get_one(Officer, officer), name="田桂花", relation="姐姐", by=SYSTEM, now=NOW)
        assert find_progress(session, officer) == (0, 3)
    while screen_waiting(store, now=NOW):
        pass
    with store.read() as session:
        assert find_progress(session, officer) is None
        assert len(seen(session, session.get_one(Officer, officer))) == 2
