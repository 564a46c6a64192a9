"""Parts by hand: two clue officers open a part of a sealed case; one seals the marked sentences of an open one."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.cases import get_assessment
from casework.errors import InvalidField, NotAllowed, NotFound, VaultLocked
from casework.ledger import Verb
from casework.models import Case, CaseAssessment, Exclusion, LedgerEntry, Officer, OfficerSession
from casework.notes import add_note
from casework.rings import officer_private_key
from casework.sealing import list_allowed, read_sealed_case
from casework.signins import Signed
from casework.store import Store
from casework.types import CaseStatus, ExclusionReason
from intake.links import list_linked
from intake.models import Receipt, Report
from intake.parts import RECORD_PARTING
from intake.partsealing import seal_sentences
from intake.receipts import find_receipt
from intake.releasing import ask_release, list_proposals, list_released, release_part
from intake.reporters import list_reports, reveal_reporter
from intake.types import Filed, RevealReason
from tests.casework.people import NOW
from tests.intake.desk import a_contact, a_receipt_desk, sign_in, sign_in_open
from tests.intake.parted import FOOD, LATER, House, a_parting_house
from tests.intake.test_reports import everything_kept

MONEY = "麦陇镇敬老院的床位补贴多报了二十张，去年冬天就开始了。"
WORDS = f"{FOOD}{MONEY}"
REASON = "饭菜的事可以先查"


@pytest.fixture
def house(store: Store) -> House:
    return a_parting_house(store)


def clue_officer(session: Session, house: House, number: int, *, vault: bool = True) -> Signed:
    """One of the two, signed in."""
    username = house.sheet.passphrases[number][0]
    officer = session.scalars(select(Officer).where(Officer.username == username)).one()
    token = f"token-{number}"
    session.execute(delete(OfficerSession).where(OfficerSession.officer_id == officer.id))
    return sign_in_open(session, officer, house.sheet, token) if vault else sign_in(session, officer, token)


def seal_by_click(house: House) -> Filed:
    return house.file(f"{FOOD}{MONEY}", contact=a_contact(), seal_by_hand=True)


def propose(house: House, filed: Filed, *picks: int, by: int = 0) -> str:
    with house.store.write() as session:
        signed = clue_officer(session, house, by)
        ask_release(session, signed, f"token-{by}", filed.case_id, picks, REASON, now=NOW)
        key = officer_private_key(signed, f"token-{by}")
        opened = read_sealed_case(session, signed.officer, key, filed.case_id, now=NOW)
        return list_proposals(session, opened, now=NOW)[-1].item_id


def release(house: House, filed: Filed, item_id: str, *, by: int = 1, now: Any = NOW) -> None:
    with house.store.write() as session:
        signed = clue_officer(session, house, by)
        release_part(session, signed, f"token-{by}", filed.case_id, item_id, desk=house.desk, now=now)


def test_two_clue_officers_open_a_part_that_becomes_a_case_of_its_own(house: House):
    filed = seal_by_click(house)
    release(house, filed, propose(house, filed, 0))
    assert house.open_parts() == 1
    with house.store.write() as session:
        part = session.scalars(select(Case).where(~Case.sealed)).one()
        assert [report.working_text for report in list_reports(session, part.id)] == [FOOD]
        assert (part.category, get_assessment(session, part).discipline) == ("food_safety", False)
        signed = clue_officer(session, house, 0)
        opened = read_sealed_case(
            session, signed.officer, officer_private_key(signed, "token-0"), filed.case_id, now=NOW
        )
        assert list_released(opened) == [(part.id, (0,))]
        assert list_proposals(session, opened, now=NOW) == []
        part.discipline = True
        session.flush()
        report = list_reports(session, part.id)[0]
        told = reveal_reporter(session, signed, "token-0", report.id, reason=RevealReason.CALL_BACK, now=NOW)
    assert (told.original, told.contact.name) == (FOOD, "芮秋禾")
    assert "多报了二十张".encode() not in everything_kept(house.store)


def test_the_reporters_code_opens_what_was_released(house: House):
    filed = seal_by_click(house)
    release(house, filed, propose(house, filed, 0))
    house.open_parts()
    receipts = a_receipt_desk(house.store, house.desk)
    try:
        hit = find_receipt(receipts, filed.code)
    finally:
        receipts.gate.close()
    assert hit is not None
    with house.store.read() as session:
        found = list_linked(session, hit.case_id, hit.reporter_key, hit.links)
        assert [session.get_one(Case, link.case_id).sealed for link in found] == [True, False]


def test_nobody_releases_a_part_alone(house: House):
    filed = seal_by_click(house)
    item_id = propose(house, filed, 0)
    with pytest.raises(NotAllowed, match="second_person"):
        release(house, filed, item_id, by=0)


def test_a_proposal_holds_for_seven_days(house: House):
    filed = seal_by_click(house)
    item_id = propose(house, filed, 0)
    with pytest.raises(NotAllowed, match="second_person"):
        release(house, filed, item_id, now=NOW + timedelta(days=8))


def test_a_proposal_is_carried_out_once(house: House):
    filed = seal_by_click(house)
    item_id = propose(house, filed, 0)
    release(house, filed, item_id)
    with pytest.raises(NotAllowed, match="second_person"):
        release(house, filed, item_id)


@pytest.mark.parametrize(("picks", "problem"), [((), "required"), ((7,), "required"), ((0, 1), "all_picked")])
def test_a_part_is_neither_nothing_nor_all(house: House, picks: tuple[int, ...], problem: str):
    filed = seal_by_click(house)
    with pytest.raises(InvalidField, match=problem):
        propose(house, filed, *picks)


def test_what_would_be_sealed_itself_is_not_released(house: House):
    filed = house.file(f"{FOOD}麦陇镇敬老院院长崔广田把护理补贴装自己口袋。", seal_by_hand=True)
    item_id = propose(house, filed, 1)
    with pytest.raises(InvalidField, match="still_sealing"):
        release(house, filed, item_id)


def open_story(house: House) -> Filed:
    """An open case that a clue officer sees."""
    filed = house.file(WORDS, contact=a_contact())
    assert not filed.sealed
    with house.store.write() as session:
        session.get_one(Case, filed.case_id).discipline = True
    return filed


def seal_second(house: House, filed: Filed, *picks: int, vault: bool = True) -> Case:
    with house.store.write() as session:
        signed = clue_officer(session, house, 0, vault=vault)
        chosen = picks or (1,)
        return seal_sentences(session, signed, "token-0", filed.report_id, chosen, desk=house.desk, now=LATER)


def test_marked_sentences_go_into_a_sealed_case_and_leave_the_open_one(house: House):
    filed = open_story(house)
    assert "多报了二十张".encode() in everything_kept(house.store)
    sealed = seal_second(house, filed)
    with house.store.write() as session:
        case = session.get_one(Case, filed.case_id)
        assert [report.working_text for report in list_reports(session, case.id)] == [FOOD]
        assert (case.sealed, case.category, case.status) == (False, "food_safety", CaseStatus.RECEIVED)
        rows = session.scalars(select(CaseAssessment).where(CaseAssessment.case_id == case.id)).all()
        assert [row.revision for row in rows] == [2]
        assert "补贴" not in repr(rows[0].verdict)
        signed = clue_officer(session, house, 1)
        key = officer_private_key(signed, "token-1")
        opened = read_sealed_case(session, signed.officer, key, sealed.id, now=NOW)
        assert opened.record["text"] == WORDS
        assert opened.record[RECORD_PARTING]["case_id"] == case.id
        report = list_reports(session, sealed.id)[0]
        told = reveal_reporter(session, signed, "token-1", report.id, reason=RevealReason.CALL_BACK, now=NOW)
    assert (told.original, told.contact.name) == (WORDS, "芮秋禾")


def test_what_was_sealed_by_hand_is_in_no_row_any_more_and_no_row_joins_the_two(house: House):
    filed = open_story(house)
    sealed = seal_second(house, filed)
    with house.store.read() as session:
        reports = session.scalars(select(Report.working_text)).all()
        verdicts = [repr(row.verdict) for row in session.scalars(select(CaseAssessment))]
        entries = session.scalars(select(LedgerEntry).where(LedgerEntry.case_id == filed.case_id)).all()
        receipts = session.scalars(select(Receipt.case_id)).all()
    assert "多报了二十张" not in repr((reports, verdicts))
    assert not any(sealed.id in repr((entry.subject_id, entry.details)) for entry in entries)
    assert Verb.SEALED not in {entry.verb for entry in entries}
    assert sorted(receipts) == sorted([filed.case_id, sealed.id])


def test_the_code_of_the_open_case_opens_the_sealed_part_too(house: House):
    filed = open_story(house)
    sealed = seal_second(house, filed)
    receipts = a_receipt_desk(house.store, house.desk)
    try:
        hit = find_receipt(receipts, filed.code)
    finally:
        receipts.gate.close()
    assert hit is not None
    with house.store.read() as session:
        found = list_linked(session, hit.case_id, hit.reporter_key, hit.links)
    assert [link.case_id for link in found] == [filed.case_id, sealed.id]


def test_whoever_was_kept_out_of_the_open_case_is_not_let_into_the_sealed_one(house: House):
    filed = open_story(house)
    with house.store.write() as session:
        other = clue_officer(session, house, 1).officer
        session.add(
            Exclusion(
                case_id=filed.case_id,
                officer_id=other.id,
                reason=ExclusionReason.BY_HAND,
                certain=True,
                made_at=NOW,
            )
        )
    sealed = seal_second(house, filed)
    with house.store.read() as session:
        assert other.id not in {officer.id for officer in list_allowed(session, sealed.id)}


def test_sentences_that_somebody_has_quoted_are_only_sealed_with_the_whole_case(house: House):
    filed = open_story(house)
    with house.store.write() as session:
        officer = clue_officer(session, house, 0, vault=False).officer
        add_note(session, session.get_one(Case, filed.case_id), "他说床位补贴多报了二十张", by=officer, now=NOW)
    with pytest.raises(InvalidField, match="quoted"):
        seal_second(house, filed)


def test_without_an_open_vault_no_original_is_cut(house: House):
    filed = open_story(house)
    with pytest.raises(VaultLocked):
        seal_second(house, filed, vault=False)


def test_sentences_of_a_case_that_he_may_not_know_of_are_not_there(house: House):
    filed = house.file(FOOD)
    with pytest.raises(NotFound):
        seal_second(house, filed)


@pytest.mark.parametrize(("picks", "problem"), [((9,), "required"), ((0, 1), "all_picked")])
def test_a_case_is_not_emptied_by_sealing_a_part(house: House, picks: tuple[int, ...], problem: str):
    filed = open_story(house)
    with pytest.raises(InvalidField, match=problem):
        seal_second(house, filed, *picks)
