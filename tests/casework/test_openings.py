"""Opening a case: numbers, bodies, clocks, those kept out, and what a sealed case may show."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from casework.cases import get_assessment
from casework.errors import NotFound
from casework.ledger import Verb, list_timeline
from casework.models import (
    Allowance,
    Assignment,
    Case,
    CaseAssessment,
    CaseKey,
    Counter,
    Deadline,
    EmergencySlip,
    Exclusion,
    LedgerEntry,
    SealedItem,
    Tally,
)
from casework.numbers import next_case_number, next_number
from casework.openings import open_case
from casework.sealing import SealingReason
from casework.slips import get_slip
from casework.store import Store
from casework.types import CaseKind, CaseStatus, Channel, Danger
from casework.vault import unseal_record
from casework.verdicts import pack_assessment, unpack_assessment
from tests.casework.people import (
    NOW,
    TEXT,
    a_clue_officer,
    a_dispatcher,
    a_leader,
    a_person,
    an_assessment,
    an_office,
    an_open_case,
    an_opening,
    opened,
    the_county,
)
from triage.types import Identifier, IdentifierKind, Urgency

SECRET = "崔广田把老人的补贴装进自己口袋。"


def rules_of(session: Session, case: Case) -> set[str]:
    return set(session.scalars(select(Deadline.rule_id).where(Deadline.case_id == case.id)))


def jobs_of(session: Session, ident: str) -> list[str]:
    table = "workflow_status" if session.get_bind().dialect.name == "sqlite" else "dbos.workflow_status"
    rows = session.execute(text(f"SELECT workflow_uuid FROM {table}")).scalars()
    return sorted(row for row in rows if ident in row)


def test_an_open_case_has_number_body_clocks_verdict_and_ledger(store: Store):
    with store.write() as session:
        the_county(session)
        a_dispatcher(session)
        case = opened(session, TEXT, evidence=["馊"]).case
        assert case is not None
        assert re.fullmatch(r"2026-[1-9]\d{4}", case.number)
        assert (case.status, case.body_code) == (CaseStatus.RECEIVED, "market")
        assert (case.institution_code, case.town_code) == ("mailong-home", "mailong")
        assert rules_of(session, case) == {"dispatch", "answer_report"}
        assert get_assessment(session, case).categories[0].evidence[0].phrase == "馊"
        assert [row.verb for row in list_timeline(session, case.id)] == [Verb.OPENED, Verb.EXCLUDED]


def test_it_queues_the_look_for_duplicates_in_the_same_transaction(store: Store):
    with store.write() as session:
        the_county(session)
        case = an_open_case(session)
        assert len(jobs_of(session, case.id)) == 1
        assert "find_duplicates" in jobs_of(session, case.id)[0]


def test_a_critical_case_calls_the_officer_on_duty_and_has_an_hour(store: Store):
    with store.write() as session:
        the_county(session)
        case = an_open_case(session, urgency=Urgency.CRITICAL)
        assert "first_action" in rules_of(session, case)
        assert any("page_officer" in job for job in jobs_of(session, case.id))


def test_a_named_letter_carries_the_petition_clocks(store: Store):
    with store.write() as session:
        the_county(session)
        opening = an_opening(TEXT, named=True, channel=Channel.LETTER)
        case = open_case(session, opening, office=an_office(), now=NOW).case
        assert case is not None
        assert {"named_contact", "petition_notice", "petition_close"} <= rules_of(session, case)


def test_open_and_sealed_cases_are_numbered_apart(store: Store):
    with store.write() as session:
        the_county(session)
        a_clue_officer(session)
        numbers = [
            (found.case or found.slip).number  # type: ignore[union-attr]
            for found in (
                opened(session),
                opened(session, SECRET, discipline=True, who=True, what=True),
                opened(session),
                opened(session, SECRET, discipline=True, who=True, what=True),
            )
        ]
    assert [bool(re.fullmatch(r"密2026-[1-9]\d{3}", number)) for number in numbers] == [False, True, False, True]
    assert len(set(numbers)) == 4


def test_numbers_are_drawn_and_leave_no_hole_where_a_case_is_that_one_may_not_know_of(store: Store):
    with store.write() as session:
        the_county(session)
        drawn = [int((opened(session).case or Case()).number.removeprefix("2026-")) for _ in range(12)]
    assert len(set(drawn)) == 12
    assert drawn != sorted(drawn)
    assert max(drawn) - min(drawn) > 1000


def test_a_series_grows_by_a_digit_before_drawing_becomes_slow(store: Store):
    with store.write() as session:
        session.add(Counter(series="case-2026", value=30_000))
        session.flush()
        assert re.fullmatch(r"2026-[1-9]\d{5}", next_case_number(session, 2026, sealed=False))


def test_numbers_taken_side_by_side_are_all_different_and_none_is_lost(store: Store):
    def take(_: int) -> int:
        with store.write() as session:
            return next_number(session, "case-2026")

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, range(24)))
    assert sorted(taken) == list(range(1, 25))


def test_a_number_that_was_not_used_is_given_again(store: Store):
    def fail() -> None:
        with store.write() as session:
            next_number(session, "x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.write() as session:
        assert next_number(session, "x") == 1


def test_a_sealed_case_shows_nothing_in_plain(store: Store):
    with store.write() as session:
        the_county(session)
        officer = a_clue_officer(session)
        found = opened(session, SECRET, discipline=True, who=True, what=True, category="corruption", body="discipline")
        case = found.case
        assert case is not None
        assert found.sealed
        assert found.slip is None
        assert (case.category, case.urgency, case.body_code, case.institution_code, case.town_code) == (None,) * 5
        assert session.scalar(select(func.count()).select_from(CaseAssessment)) == 0
        assert session.scalar(select(func.count()).select_from(Exclusion)) == 0
        assert rules_of(session, case) == {"clue_confirm", "clue_send"}
        assert jobs_of(session, case.id) == []
        said = json.dumps([entry.details for entry in session.scalars(select(LedgerEntry))], ensure_ascii=False)
        assert "corruption" not in said
        assert list(session.scalars(select(Allowance.officer_id))) == [officer.id]


def test_who_is_let_in_can_read_text_verdict_and_reasons(store: Store):
    with store.write() as session:
        the_county(session)
        officer = a_clue_officer(session)
        opening = an_opening(
            SECRET, assessment=an_assessment(SECRET, discipline=True, who=True, what=True), record={"wish": "怕报复"}
        )
        case = open_case(session, opening, office=an_office(), now=NOW).case
        assert case is not None
        key = session.scalar(select(CaseKey).where(CaseKey.officer_id == officer.id))
        assert key is not None
        case_key = bytes.fromhex(unseal_record(officer.wrapped_private_key or b"", key.id, key.wrapped_key)["key"])
        item = session.scalar(select(SealedItem).where(SealedItem.case_id == case.id))
        assert item is not None
        said = unseal_record(case_key, item.id, item.ciphertext)
    assert (said["text"], said["wish"], said["channel"]) == (SECRET, "怕报复", "web")
    assert said["reasons"] == [SealingReason.BOTH_KEYS]
    assert unpack_assessment(said["assessment"]).category == "food_safety"


def test_a_sealed_case_in_danger_shows_a_slip_and_no_word_of_the_story(store: Store):
    story = "麦陇镇敬老院崔广田正在打老人，电话15412345678。"
    with store.write() as session:
        the_county(session)
        a_dispatcher(session)
        found = opened(
            session,
            story,
            discipline=True,
            who=True,
            what=True,
            urgency=Urgency.CRITICAL,
            category="elder_abuse",
            danger=["正在打老人"],
        )
        assert found.case is not None
        assert found.slip is not None
        slip = get_slip(session, found.slip)
        assert (slip.place, slip.danger, slip.number_to_call) == ("麦陇镇敬老院", Danger.VIOLENCE, "110")
        assert (found.slip.kind, found.slip.sealed, found.slip.category) == (CaseKind.SLIP, False, "emergency")
        assert found.slip.body_code == "police"
        assert "first_action" in rules_of(session, found.slip)
        shown = str(vars(slip)) + str([row.details for row in list_timeline(session, found.slip.id)])
        assert "1541234" not in shown
        assert "崔广田" not in shown
        assert found.case.id not in shown
        with pytest.raises(NotFound):
            get_slip(session, found.case)


def test_a_slip_names_the_place_as_told_where_the_directory_does_not_know_it(store: Store):
    story = "东汀村西头着火了，科长不管。"
    with store.write() as session:
        the_county(session)
        said = an_assessment(
            story,
            home=None,
            town="luzhu",
            discipline=True,
            who=True,
            what=True,
            urgency=Urgency.CRITICAL,
            category="fire_hazard",
            danger=["着火"],
        )
        slip = open_case(session, an_opening(story, assessment=said), office=an_office(), now=NOW).slip
        assert slip is not None
        row = session.get_one(EmergencySlip, slip.id)
        assert (row.place, row.number_to_call) == ("芦渚镇东汀村", "119")


def test_a_report_about_leadership_is_sealed_past_the_bureau(store: Store):
    with store.write() as session:
        the_county(session)
        leader, clue = a_leader(session), a_clue_officer(session)
        found = opened(session, f"{leader.name}包庇敬老院。", category="inaction")
        assert found.sealed
        assert SealingReason.LEADERSHIP in found.sealing.reasons
        assert list(session.scalars(select(Allowance.officer_id))) == [clue.id]


def test_without_authority_a_report_about_leadership_leaves_one_count_and_nothing_else(store: Store):
    with store.write() as session:
        the_county(session)
        leader = a_leader(session)
        office = an_office(bypass_authority=None)
        found = opened(session, f"{leader.name}包庇敬老院。", office=office)
        assert found.case is None
        assert found.slip is None
        assert session.scalar(select(func.count()).select_from(Case)) == 0
        assert [(tally.name, tally.value) for tally in session.scalars(select(Tally))] == [("refused:leadership", 1)]


def test_a_refused_report_in_danger_still_opens_a_slip(store: Store):
    text_said = "项云帆在麦陇镇敬老院打老人。"
    with store.write() as session:
        the_county(session)
        a_leader(session)
        a_dispatcher(session)
        found = opened(
            session,
            text_said,
            office=an_office(bypass_authority=None),
            urgency=Urgency.CRITICAL,
            danger=["打老人"],
        )
        assert found.case is None
        assert found.slip is not None


def test_a_report_about_the_discipline_organs_leader_is_not_taken(store: Store):
    said = "县纪委书记收钱。"
    with store.write() as session:
        the_county(session)
        person = a_person(said, "县纪委书记", post="书记", unit="县纪委")
        found = opened(session, said, persons=[person], home=None, discipline=True, who=True, what=True)
        assert found.case is None
        assert found.sealing.reasons == (SealingReason.DISCIPLINE_LEADER,)


def test_an_officer_seals_by_a_click(store: Store):
    with store.write() as session:
        the_county(session)
        opening = replace(an_opening(), seal_by_hand=True)
        assert open_case(session, opening, office=an_office(), now=NOW).sealed


def test_where_every_dispatcher_is_named_the_superior_gets_the_case_at_once(store: Store):
    with store.write() as session:
        the_county(session)
        a_dispatcher(session, "周建禾")
        case = an_open_case(session, "周建禾态度不好。", home=None)
        assert (case.body_code, case.status) == ("up", CaseStatus.DISPATCHED)
        assert Verb.HANDED_UP in [row.verb for row in list_timeline(session, case.id)]
        assignment = session.scalar(select(Assignment).where(Assignment.case_id == case.id))
        assert assignment is not None
        assert assignment.assigned_by is None


def test_a_matter_about_the_section_is_proposed_to_the_body_above(store: Store):
    with store.write() as session:
        the_county(session)
        a_dispatcher(session)
        case = an_open_case(
            session, "养老科推来推去。", unit="养老科", body="civil_affairs", category="service_quality"
        )
        assert case.body_code == "bureau"


def test_nothing_that_was_masked_survives_in_the_verdict():
    told = "我是石敬亭，电话15412345678，饭馊。"
    masked = "我是▇▇▇，电话▇▇▇▇▇▇▇▇▇▇▇，饭馊。"
    assessment = an_assessment(told, home=None, evidence=["饭馊"], persons=[a_person(told, "石敬亭", name="石敬亭")])
    phone = Identifier("15412345678", told.index("154"), told.index("154") + 11, IdentifierKind.PHONE)
    packed = pack_assessment(replace(assessment, identifiers=(phone,)), masked)
    said = json.dumps(packed, ensure_ascii=False)
    assert "1541234" not in said
    assert "石敬亭" not in said
    assert unpack_assessment(packed).categories[0].evidence[0].phrase == "饭馊"
    assert unpack_assessment(packed).identifiers[0].text == "▇" * 11


def test_an_assessment_reads_back_as_it_was():
    assessment = an_assessment(TEXT, evidence=["馊"], danger=["拉肚子"], discipline=True)
    assert unpack_assessment(json.loads(json.dumps(pack_assessment(assessment, TEXT)))) == assessment


def test_a_case_opened_late_in_the_evening_counts_from_the_next_day(store: Store):
    with store.write() as session:
        the_county(session)
        late = NOW.replace(hour=16, minute=30)
        case = open_case(session, an_opening(), office=an_office(), now=late).case
        assert case is not None
        assert case.opened_on == NOW.date() + timedelta(days=1)


def test_the_ledger_of_an_open_case_tells_nothing_that_sealing_it_later_would_have_to_take_back(store: Store):
    with store.write() as session:
        the_county(session)
        a_dispatcher(session)
        case = an_open_case(session, "饭是馊的，养老科不管。", unit="养老科", urgency=Urgency.HIGH)
        said = json.dumps([row.details for row in session.scalars(select(LedgerEntry))], ensure_ascii=False)
        assert case.category is not None
        for word in (case.category, "market", "civil_affairs", "high", "mailong", "unit_named", "养老"):
            assert word not in said
