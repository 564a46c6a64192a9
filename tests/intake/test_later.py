"""Words written later with the code: masked, tested for conflicts and for danger before the talk keeps them."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.exclusions import clear_exclusion
from casework.models import Case, Exclusion, Tally
from casework.sealing import list_allowed
from casework.store import Store
from casework.types import CaseKind, Role
from intake.later import hear_later_words
from intake.models import Report
from intake.reports import receive_report
from intake.types import Filed, IntakeDesk
from tests.casework.people import NOW, a_leader, a_person, an_office, an_officer
from tests.intake.desk import a_desk, a_draft, a_house
from triage.types import Urgency

PLAIN = "麦陇镇敬老院的饭还是馊的。"
BOTH_KEYS: dict[str, Any] = {"who": True, "what": True, "discipline": True, "category": "corruption"}


def a_case(session: Session, desk: IntakeDesk, **draft: Any) -> Case:
    filed = receive_report(session, a_draft(PLAIN, **draft), desk=desk, now=NOW)
    assert isinstance(filed, Filed)
    return session.get_one(Case, filed.case_id)


def reports_of(session: Session, case: Case) -> int:
    return session.scalar(select(func.count()).select_from(Report).where(Report.case_id == case.id)) or 0


def test_a_plain_word_stays_a_word_of_the_talk(store: Store) -> None:
    with store.write() as session:
        a_house(session)
        case = a_case(session, a_desk())
        assert hear_later_words(session, case, "还没人来。", desk=a_desk(), now=NOW) == "还没人来。"
        assert reports_of(session, case) == 1


def test_a_number_given_later_is_masked_in_the_talk_and_sealed_as_a_report(store: Store) -> None:
    with store.write() as session:
        a_house(session)
        case = a_case(session, a_desk())
        heard = hear_later_words(session, case, "打我15412345678。", desk=a_desk(), now=NOW)
        assert heard == f"打我{'▇' * 11}。"
        assert reports_of(session, case) == 2
        assert "15412345678" not in str([row.working_text for row in session.scalars(select(Report))])


def test_whoever_is_named_later_is_kept_out_from_then_on(store: Store) -> None:
    with store.write() as session:
        a_house(session)
        named = an_officer(session, "qiu", "裘问樵", "civil_affairs")
        text = "后来才知道，裘问樵早就知道。"
        case = a_case(session, a_desk())
        hear_later_words(session, case, text, desk=a_desk(persons=[a_person(text, "裘问樵", name="裘问樵")]), now=NOW)
        assert named.id in set(session.scalars(select(Exclusion.officer_id).where(Exclusion.case_id == case.id)))


def test_a_doubt_that_was_cleared_answers_only_for_itself_and_sure_words_keep_out_again(store: Store) -> None:
    with store.write() as session:
        clue_officers, _ = a_house(session)
        named = an_officer(session, "liao", "廖培元", "civil_affairs", Role.HANDLER, Role.DISPATCHER, post="科长")
        case = a_case(session, a_desk())
        hear_later_words(session, case, "养老服务科的廖科长没来看。", desk=a_desk(), now=NOW)
        of_him = select(Exclusion).where(Exclusion.case_id == case.id, Exclusion.officer_id == named.id)
        (doubt,) = session.scalars(of_him)
        clear_exclusion(session, doubt.id, by=clue_officers[0], now=NOW)
        hear_later_words(session, case, "养老服务科的廖科长还没来。", desk=a_desk(), now=NOW)
        assert len(session.scalars(of_him).all()) == 1
        text = "廖培元打电话骂我。"
        hear_later_words(session, case, text, desk=a_desk(persons=[a_person(text, "廖培元", name="廖培元")]), now=NOW)
        assert [row.certain for row in session.scalars(of_him) if row.cleared_at is None] == [True]


def test_words_that_meet_both_keys_seal_the_case_and_are_kept_whole_inside(store: Store) -> None:
    with store.write() as session:
        a_house(session)
        case = a_case(session, a_desk())
        text = "院长崔广田收了三万元，打我15412345678。"
        assert hear_later_words(session, case, text, desk=a_desk(**BOTH_KEYS), now=NOW) == text
        assert case.sealed


def test_danger_told_later_to_a_sealed_case_opens_a_slip(store: Store) -> None:
    with store.write() as session:
        a_house(session)
        case = a_case(session, a_desk(), seal_by_hand=True)
        hear_later_words(session, case, "他们又绑人了。", desk=a_desk(urgency=Urgency.CRITICAL), now=NOW)
        assert session.scalars(select(Case).where(Case.kind == CaseKind.SLIP)).one().urgency is Urgency.CRITICAL


def test_a_clue_officer_who_is_named_later_loses_his_key(store: Store) -> None:
    with store.write() as session:
        (named, other), _ = a_house(session)
        case = a_case(session, a_desk(), seal_by_hand=True)
        text = f"{named.name}是他外甥。"
        desk = a_desk(persons=[a_person(text, named.name, name=named.name)])
        assert hear_later_words(session, case, text, desk=desk, now=NOW) == text
        assert list_allowed(session, case.id) == [other]


@pytest.mark.parametrize("sealed", [False, True])
def test_what_may_not_be_taken_is_not_kept_but_counted(store: Store, sealed: bool) -> None:
    with store.write() as session:
        a_house(session)
        leader = a_leader(session)
        text = f"{leader.name}也收了。"
        office = an_office(bypass_authority=None)
        desk = a_desk(office=office, persons=[a_person(text, leader.name, name=leader.name)])
        case = a_case(session, a_desk(), seal_by_hand=sealed)
        assert hear_later_words(session, case, text, desk=desk, now=NOW) is None
        assert session.scalars(select(Tally)).one().value == 1
        assert reports_of(session, case) == 1
