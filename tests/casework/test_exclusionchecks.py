"""`hotline verify` over who is kept out: a row that is not as the ledger says is found, whatever was changed in it."""

from datetime import timedelta

import pytest
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from api.cli import app
from api.keyfaults import say_exclusion
from casework.exclusionchecks import ExclusionFault, ExclusionProblem, find_exclusion_faults
from casework.exclusions import clear_exclusion, exclude_by_hand
from casework.models import Case, Exclusion, Officer
from casework.sealed_exclusions import restore_kept_out, stand_aside
from casework.store import Store
from casework.types import ExclusionReason
from tests.casework.people import NOW, a_clue_officer, a_dispatcher, a_supervisor, an_open_case, the_county
from tests.intake.test_resealing import House


def a_named_supervisor(session: Session) -> tuple[Officer, Case]:
    """A supervisor kept out of an open case by another's hand."""
    the_county(session)
    accused, keeper = a_supervisor(session), a_dispatcher(session)
    case = an_open_case(session)
    exclude_by_hand(session, case, officer_id=accused.id, by=keeper, now=NOW)
    assert find_exclusion_faults(session) == []
    return accused, case


def mine(accused: Officer) -> ColumnElement[bool]:
    return Exclusion.officer_id == accused.id


def problems(session: Session) -> list[ExclusionProblem]:
    session.flush()
    session.expire_all()
    found = find_exclusion_faults(session)
    assert all(each.entry is not None for each in found if each.problem is not ExclusionProblem.NEVER_MADE)
    return [each.problem for each in found]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"cleared_at": NOW}, ExclusionProblem.TAKEN_BACK),
        ({"certain": False}, ExclusionProblem.CHANGED),
        ({"since": NOW.date()}, ExclusionProblem.CHANGED),
        ({"officer_id": None, "body_code": "fire"}, ExclusionProblem.CHANGED),
        ({"nonce": "0" * 24}, ExclusionProblem.CHANGED),
    ],
    ids=["taken back", "less sure", "since later", "another holder", "another nonce"],
)
def test_one_update_of_an_exclusion_is_found(
    store: Store, values: dict[str, object], problem: ExclusionProblem
) -> None:
    with store.write() as session:
        accused, _case = a_named_supervisor(session)
        session.execute(update(Exclusion).where(mine(accused)).values(**values))
        assert problems(session) == [problem]


def test_a_deleted_exclusion_and_one_moved_to_another_case_are_found(store: Store) -> None:
    with store.write() as session:
        accused, _case = a_named_supervisor(session)
        other = an_open_case(session)
        session.execute(update(Exclusion).where(mine(accused)).values(case_id=other.id))
        assert problems(session) == [ExclusionProblem.CHANGED]
        session.execute(delete(Exclusion).where(mine(accused)))
        assert problems(session) == [ExclusionProblem.GONE]


def test_one_that_nobody_made_is_found(store: Store) -> None:
    with store.write() as session:
        _accused, case = a_named_supervisor(session)
        row = Exclusion(case_id=case.id, body_code="fire", reason=ExclusionReason.UNIT_NAMED, certain=True, made_at=NOW)
        session.add(row)
        assert problems(session) == [ExclusionProblem.NEVER_MADE]


def test_what_people_did_with_an_exclusion_is_no_fault_and_undoing_it_by_hand_is(store: Store) -> None:
    with store.write() as session:
        accused, _case = a_named_supervisor(session)
        clue = a_clue_officer(session)
        case = an_open_case(session, "科员说话难听。", discipline=True, category="inaction")
        exclude_by_hand(session, case, officer_id=accused.id, by=a_dispatcher(session, "另一位"), now=NOW)
        row = session.scalars(select(Exclusion).where(mine(accused), Exclusion.case_id == case.id)).one()
        clear_exclusion(session, row.id, by=clue, now=NOW + timedelta(days=1))
        assert problems(session) == []
        session.execute(update(Exclusion).where(Exclusion.id == row.id).values(cleared_at=None))
        assert problems(session) == [ExclusionProblem.PUT_BACK]


def test_an_exclusion_goes_inside_with_its_case_and_comes_out_whole(store: Store) -> None:
    with store.write() as session:
        house = House(session)
        house.seal(session)
        assert problems(session) == []
        house.unseal(session)
        assert problems(session) == []
        session.execute(update(Exclusion).where(Exclusion.case_id == house.case.id).values(cleared_at=NOW))
        assert set(problems(session)) == {ExclusionProblem.TAKEN_BACK}


def test_who_stood_aside_while_it_was_sealed_is_known_by_that_entry(store: Store) -> None:
    with store.write() as session:
        house = House(session)
        house.seal(session)
        stand_aside(session, house.read(session), why="是我亲家", by=house.first, now=NOW)
        for item in house.read(session, house.two, "t2").items:
            restore_kept_out(session, house.case, item.payload)
        assert problems(session) == []
        session.execute(update(Exclusion).where(Exclusion.officer_id == house.first.id).values(cleared_at=NOW))
        assert problems(session) == [ExclusionProblem.TAKEN_BACK]


def test_verify_says_so_and_names_neither_case_nor_officer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_DATABASE_URL", store.engine.url.render_as_string(hide_password=False))
    with store.write() as session:
        accused, case = a_named_supervisor(session)
        ident, name, number = accused.id, accused.name, case.number
    assert CliRunner().invoke(app, ["verify"]).exit_code == 0
    with store.write() as session:
        session.execute(update(Exclusion).where(Exclusion.officer_id == ident).values(cleared_at=NOW))
    told = CliRunner().invoke(app, ["verify"])
    assert told.exit_code == 1
    assert "台账里没有人解除，却解除了" in told.output
    assert name not in told.output
    assert number not in told.output
    assert say_exclusion(ExclusionFault(ExclusionProblem.NEVER_MADE)).endswith("台账里没有人定过。")
