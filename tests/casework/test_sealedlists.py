"""The sealed room's list: nothing in it is out of reach, and what presses stands first."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework.models import Allowance, Case, Deadline, Referral
from casework.sealedlists import clamp_page, list_sealed_for
from casework.store import Store
from casework.types import CaseStatus
from tests.casework.handovers import a_sealed_case, a_second_clue_officer, the_house
from tests.casework.people import NOW, a_clue_officer


def due_in(session: Session, case: Case, days: int) -> None:
    moved = update(Deadline).where(Deadline.case_id == case.id)
    session.execute(moved.values(due_on=(NOW + timedelta(days=days)).date(), due_at=None))


def test_every_sealed_case_is_on_one_page_and_on_one_only(store: Store) -> None:
    with store.write() as session:
        the_house(session)
        officer = a_clue_officer(session)
        cases = {a_sealed_case(session).id for _ in range(5)}
        pages = [list_sealed_for(session, officer, page=page, size=2) for page in (1, 2, 3)]
        listed = [case.id for page in pages for case in page.rows]
        assert [len(page.rows) for page in pages] == [2, 2, 1]
        assert {page.total for page in pages} == {5}
        assert sorted(listed) == sorted(cases)
        assert list_sealed_for(session, officer, page=9, size=2).rows == pages[2].rows


def test_what_ends_soonest_stands_first_then_the_newest(store: Store) -> None:
    with store.write() as session:
        the_house(session)
        officer = a_clue_officer(session)
        late, old, new, soon, timeless = (a_sealed_case(session) for _ in range(5))
        for case, days in ((late, 9), (old, 5), (new, 5), (soon, 1)):
            due_in(session, case, days)
        old.opened_on -= timedelta(days=3)
        session.execute(update(Deadline).where(Deadline.case_id == timeless.id).values(waived_reason="closed"))
        session.flush()
        listed = [case.id for case in list_sealed_for(session, officer).rows]
    assert listed == [each.id for each in (soon, new, old, late, timeless)]


def test_a_shrunk_case_takes_nobodys_place(store: Store) -> None:
    with store.write() as session:
        the_house(session)
        officer = a_clue_officer(session)
        gone, whole = a_sealed_case(session), a_sealed_case(session)
        due_in(session, gone, 1)
        gone.status = CaseStatus.REFERRED
        session.add(Referral(case_id=gone.id, sealed=True, drafted_by=officer.id, drafted_at=NOW, shrunk_at=NOW))
        session.flush()
        page = list_sealed_for(session, officer, size=1)
    assert (page.total, [case.id for case in page.rows]) == (1, [whole.id])


def test_who_is_kept_out_of_one_finds_neither_it_nor_its_number_in_the_total(store: Store) -> None:
    with store.write() as session:
        the_house(session)
        one, other = a_clue_officer(session), a_second_clue_officer(session)
        hidden, shown = a_sealed_case(session), a_sealed_case(session)
        kept = select(Allowance).where(Allowance.case_id == hidden.id, Allowance.officer_id == one.id)
        session.delete(session.scalars(kept).one())
        session.flush()
        page = list_sealed_for(session, one)
        assert (page.total, [case.id for case in page.rows]) == (1, [shown.id])
        assert list_sealed_for(session, other).total == 2


@pytest.mark.parametrize(("page", "total", "there"), [(1, 0, 1), (4, 0, 1), (3, 100, 2), (2, 51, 2), (0, 51, 1)])
def test_a_page_that_is_not_there_is_the_nearest_that_is(page: int, total: int, there: int) -> None:
    assert clamp_page(page, total) == there
