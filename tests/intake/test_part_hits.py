"""Whom an open part hits is found on its words as they were written; what rests until it stands are masked ones."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.cases import get_assessment
from casework.conflicts import Conflict
from casework.models import Case, CaseAssessment, Exclusion, Officer
from casework.models.people import OfficerTie
from casework.sealing import SealingOutcome
from casework.store import Store
from casework.types import ExclusionReason
from intake.models import HeldPart
from intake.partjudging import HITS, judge_held, pack_hits, unpack_hits
from tests.casework.people import a_handler
from tests.intake.parted import FOOD, OPEN, STORY, House, a_parting_house, context
from tests.intake.test_parts_by_hand import MONEY as MONEY_OF_BEDS
from tests.intake.test_parts_by_hand import propose, release, seal_second
from triage.assessment import assess
from triage.context import Context
from triage.types import Assessment


@pytest.fixture
def house(store: Store) -> House:
    return a_parting_house(store)


def tie(house: House, name: str) -> str:
    """The dispatcher has said that he is close to somebody of this name; the dispatcher's id."""
    with house.store.write() as session:
        officer = session.scalars(select(Officer).where(Officer.name == "周建禾")).one()
        session.add(OfficerTie(officer_id=officer.id, name=name, relation="表弟"))
        return officer.id


def list_kept_out(session: Session, case_id: str) -> list[tuple[str | None, ExclusionReason]]:
    rows = session.scalars(select(Exclusion).where(Exclusion.case_id == case_id)).all()
    return [(row.officer_id, row.reason) for row in rows]


def test_who_is_tied_to_the_reporter_is_kept_out_of_the_open_part_though_the_name_is_masked_there(house: House) -> None:
    officer_id = tie(house, "芮秋禾")
    _, part_id = house.part()
    with house.store.read() as session:
        assert (officer_id, ExclusionReason.DECLARED_TIE) in list_kept_out(session, part_id)


def test_what_waits_says_who_is_hit_and_not_by_which_words(house: House) -> None:
    tie(house, "芮秋禾")
    house.file()
    with house.store.read() as session:
        row = session.scalars(select(HeldPart)).one()
        opened = house.desk.secrets.decrypt("held_part", row.content, row.id.encode()).decode()
    assert "declared_tie" in opened
    assert "芮秋禾" not in opened


def test_the_verdict_of_the_open_part_is_that_of_its_original_words(house: House) -> None:
    _, part_id = house.part()
    said = assess(f"{FOOD}我叫芮秋禾，电话15412345678。", context())
    with house.store.read() as session:
        case = session.get_one(Case, part_id)
        kept = get_assessment(session, case)
    assert (case.category, case.urgency, case.discipline) == (said.category, said.urgency, said.discipline)
    assert [each.code for each in kept.categories] == [each.code for each in said.categories]
    assert "芮秋禾" in STORY
    assert "芮秋禾" not in OPEN


def test_an_officer_whose_name_is_masked_as_the_reporters_is_kept_out_of_what_two_release(house: House) -> None:
    with house.store.write() as session:
        named = a_handler(session).name
    filed = house.file(f"我叫{named}，{FOOD}{MONEY_OF_BEDS}", seal_by_hand=True)
    release(house, filed, propose(house, filed, 0))
    assert house.open_parts() == 1
    with house.store.read() as session:
        part = session.scalars(select(Case).where(~Case.sealed)).one()
        officer = session.scalars(select(Officer).where(Officer.name == named)).one()
        assert officer.id in {officer_id for officer_id, _ in list_kept_out(session, part.id)}


def test_a_leader_who_was_hit_at_filing_still_seals_when_the_moment_comes(house: House) -> None:
    with house.store.read() as session:
        leader = session.scalars(select(Officer).where(Officer.leads)).first()
        assert leader is not None
        hit = Conflict(ExclusionReason.NAMED, False, "阮", leader.id, leadership=True)
        assert unpack_hits(pack_hits([hit])) == (
            Conflict(ExclusionReason.NAMED, False, "", leader.id, leadership=True),
        )
        content, said, office = {HITS: pack_hits([hit])}, assess(FOOD, context()), house.desk.office
        assert judge_held(session, {}, said, FOOD, office=office).sealing.outcome is SealingOutcome.OPEN
        assert judge_held(session, content, said, FOOD, office=office).sealing.outcome is not SealingOutcome.OPEN


def telling(house: House) -> House:
    """A house whose triage quotes the reporter's name in its explanation."""

    def say(text: str, given: Context) -> Assessment:
        return replace(assess(text, given), explanation=f"芮秋禾：{text}")

    return replace(house, desk=replace(house.desk, assess=say))


@pytest.mark.parametrize("act", ["released", "sealed"])
def test_the_sentence_that_explains_a_cut_verdict_is_masked_like_the_words(house: House, act: str) -> None:
    house, words = telling(house), f"我叫芮秋禾，{FOOD}{MONEY_OF_BEDS}"
    filed = house.file(words, seal_by_hand=act == "released")
    if act == "released":
        release(house, filed, propose(house, filed, 0))
        assert house.open_parts() == 1
    else:
        with house.store.write() as session:
            session.get_one(Case, filed.case_id).discipline = True
        seal_second(house, filed)
    with house.store.read() as session:
        kept = [repr(row.verdict) for row in session.scalars(select(CaseAssessment))]
    assert len(kept) == 1
    assert "芮秋禾" not in kept[0]
