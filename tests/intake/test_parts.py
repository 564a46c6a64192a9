"""A report with several matters: one code, a sealed case with the whole, an open one that comes later."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.cases import get_assessment
from casework.clock import SHANGHAI
from casework.ledger import Verb
from casework.models import Case, Deadline, LedgerEntry, Officer, Tally
from casework.sealing import SealingReason
from casework.store import Store
from casework.types import CaseStatus, Channel
from intake.addresses import list_reply_addresses, read_reply_address
from intake.held import LEAST_WAIT, MOST_WAIT
from intake.links import list_linked, read_links
from intake.models import HeldPart, Receipt, Report, TransferSerial
from intake.parts import (
    RECORD_PARTING,
    find_open_part,
    keep_address_of,
    tell_through_part,
    withdraw_part,
)
from intake.receipts import add_passphrase, ask_receipt, find_receipt, harden_receipt
from intake.reporters import list_reports, reveal_reporter
from intake.reports import amend_report
from intake.types import ReplyTo, RevealReason, Told, Transfer
from tests.casework.people import NOW
from tests.intake.desk import LIGHT, a_contact, a_draft, a_receipt_desk, sign_in_open
from tests.intake.parted import FOOD, LATER, MONEY, OPEN, SENDER, House, a_parting_house
from tests.intake.test_reports import everything_kept
from triage.assessment import assess
from triage.types import Urgency


@pytest.fixture
def house(store: Store) -> House:
    return a_parting_house(store)


def test_the_sealed_case_has_the_whole_report_and_tells_what_became_of_its_parts(house: House):
    filed, part_id = house.part()
    with house.store.write() as session:
        record = house.read(session, filed).record
    assert (filed.sealed, record["text"]) == (True, OPEN + MONEY)
    assert record[RECORD_PARTING]["case_id"] == part_id
    sentences = record[RECORD_PARTING]["sentences"]
    assert [(is_open, why) for _, _, is_open, why in sentences] == [
        (True, "own_matter"),
        (True, "beside"),
        (False, "person"),
    ]


def test_the_open_case_is_made_of_the_open_words_alone(house: House):
    _, part_id = house.part()
    with house.store.write() as session:
        case = session.get_one(Case, part_id)
        report = list_reports(session, part_id)[0]
        assessment = get_assessment(session, case)
        said = repr(assessment)
    assert (case.sealed, case.category, case.number[:5]) == (False, "food_safety", "2026-")
    assert (report.working_text, report.channel) == (OPEN, Channel.WEB)
    assert not any(word in said for word in ("院长", "崔广田", "口袋", "补贴", "芮秋禾", "15412345678"))
    assert (assessment.discipline, assessment.persons) == (False, ())


def test_the_original_of_the_open_case_holds_the_open_part_with_the_same_reporter(house: House):
    _, part_id = house.part(contact=a_contact(), told=Told("麦陇镇敬老院", None, "去年冬天"))
    with house.store.write() as session:
        case = session.get_one(Case, part_id)
        case.discipline = True  # so that a clue officer may know of it
        session.flush()
        officer = session.scalars(select(Officer).where(Officer.username == house.sheet.passphrases[0][0])).one()
        signed = sign_in_open(session, officer, house.sheet)
        report = list_reports(session, part_id)[0]
        told = reveal_reporter(session, signed, "token", report.id, reason=RevealReason.CALL_BACK, now=NOW)
    assert told.original == f"{FOOD}我叫芮秋禾，电话15412345678。"
    assert told.contact.name == "芮秋禾"
    assert told.told == Told("麦陇镇敬老院", None, None)


def test_the_open_case_does_not_stand_before_its_moment(house: House):
    filed = house.file()
    assert filed.part is not None
    assert house.open_parts(NOW + LEAST_WAIT - timedelta(seconds=1)) == 0
    with house.store.read() as session:
        assert session.get(Case, filed.part.case_id) is None
        assert len(session.scalars(select(HeldPart)).all()) == 1
    assert (house.open_parts(), house.open_parts()) == (1, 0)
    with house.store.read() as session:
        assert session.scalars(select(HeldPart)).all() == []


def test_the_two_have_no_id_and_no_moment_in_common(house: House):
    filed, part_id = house.part(contact=a_contact())
    with house.store.read() as session:
        sealed, part = (list_values(session, case_id) for case_id in (filed.case_id, part_id))
        entries = session.scalars(select(LedgerEntry).where(LedgerEntry.case_id == part_id)).all()
        kept = [str(getattr(row, column.key)) for row in entries for column in LedgerEntry.__table__.columns]
    assert sealed & part == set()
    assert not any(filed.case_id in value or filed.report_id in value or filed.receipt_id in value for value in kept)


def list_values(session: Session, case_id: str) -> set[str]:
    """Every id and every moment that stands in the rows of a case; a bare day is none."""
    case = session.get_one(Case, case_id)
    reports = list_reports(session, case_id)
    receipts = session.scalars(select(Receipt).where(Receipt.case_id == case_id)).all()
    clocks = session.scalars(select(Deadline).where(Deadline.case_id == case_id)).all()
    entries = session.scalars(select(LedgerEntry).where(LedgerEntry.case_id == case_id)).all()
    rows = [case, *reports, *receipts, *clocks, *entries]
    found = set()
    for row in rows:
        for column in type(row).__table__.columns:
            value = getattr(row, column.key)
            if isinstance(value, datetime) or (isinstance(value, str) and len(value) > 20) or isinstance(value, bytes):
                found.add(str(value))
    days = {str(datetime.combine(day, time(), SHANGHAI).astimezone(UTC)) for day in (NOW.date(), LATER.date())}
    return found - {report.ring_id for report in reports} - days


def test_the_held_row_holds_no_name_and_nothing_of_the_sealed_part(house: House):
    house.file(contact=a_contact())
    with house.store.read() as session:
        row = session.scalars(select(HeldPart)).one()
        opened = house.desk.secrets.decrypt("held_part", row.content, row.id.encode()).decode()
    assert FOOD in opened
    assert not any(word in opened for word in ("芮秋禾", "15412345678", "院长", "崔广田", "口袋", "冬天"))


def test_of_the_sealed_part_no_word_stands_anywhere(house: House):
    house.part(contact=a_contact())
    kept = everything_kept(house.store)
    assert FOOD.encode() in kept
    assert [word for word in ("装自己口袋", "崔广田把", "护理补贴") if word.encode() in kept] == []


def test_one_code_opens_both(house: House):
    filed, part_id = house.part()
    receipts = a_receipt_desk(house.store, house.desk)
    try:
        for hardened in (False, True):
            if hardened:
                with house.store.read() as session:
                    idents = list(session.scalars(select(Receipt.id)))
                done = [
                    harden_receipt(house.store, each, keys=house.desk.keys, secrets=house.desk.secrets, strength=LIGHT)
                    for each in idents
                ]
                assert sorted(done) == [False, True]
            hit = find_receipt(receipts, filed.code)
            assert hit is not None
            with house.store.read() as session:
                found = list_linked(session, hit.case_id, hit.reporter_key, hit.links)
            assert [each.case_id for each in found] == [filed.case_id, part_id]
    finally:
        receipts.gate.close()


def test_before_its_moment_the_code_opens_the_sealed_one_alone(house: House):
    filed = house.file()
    receipts = a_receipt_desk(house.store, house.desk)
    try:
        hit = find_receipt(receipts, filed.code)
    finally:
        receipts.gate.close()
    assert hit is not None
    with house.store.read() as session:
        found = list_linked(session, hit.case_id, hit.reporter_key, hit.links)
    assert [each.case_id for each in found] == [filed.case_id]


def test_his_own_sentence_beside_the_code_opens_both_too(house: House):
    filed, part_id = house.part()
    receipts = a_receipt_desk(house.store, house.desk)
    try:
        hit = find_receipt(receipts, filed.code)
        assert hit is not None
        add_passphrase(receipts, hit, filed.code, "柿子树下埋着七只青石臼")
        again = ask_receipt(receipts, filed.code, phrase="柿子树下埋着七只青石臼").result(10)
    finally:
        receipts.gate.close()
    assert again is not None
    assert [link.case_id for link in again.links] == [part_id]


def test_every_receipt_carries_the_same_boxes(house: House):
    filed, part_id = house.part()
    plain = house.file(FOOD)
    with house.store.read() as session:
        rows = {row.case_id: row for row in session.scalars(select(Receipt))}
        sizes = {len(row.links or b"") for row in rows.values()}
    assert set(rows) == {filed.case_id, part_id, plain.case_id}
    assert len(sizes) == 1
    assert sizes != {0}


def test_the_open_cases_receipt_looks_like_any_that_was_hardened(house: House):
    _, part_id = house.part()
    plain = house.file(FOOD)
    harden_receipt(house.store, plain.receipt_id, keys=house.desk.keys, secrets=house.desk.secrets, strength=LIGHT)
    with house.store.read() as session:
        rows = {row.case_id: row for row in session.scalars(select(Receipt))}
        one, other = ({name: kind(getattr(rows[each], name)) for name in COLUMNS} for each in (part_id, plain.case_id))
    assert one == other


COLUMNS = [column.key for column in Receipt.__table__.columns]


def kind(value: Any) -> Any:
    return (type(value), len(value)) if isinstance(value, bytes | str) else type(value)


def test_a_report_of_one_matter_has_no_second_case(house: House):
    for text in (FOOD, f"麦陇镇敬老院{MONEY}"):
        assert house.file(text).part is None
    with house.store.read() as session:
        assert session.scalars(select(HeldPart)).all() == []


def test_what_an_officer_seals_with_a_click_is_sealed_whole(house: House):
    filed = house.file(seal_by_hand=True)
    assert (filed.sealed, filed.part) == (True, None)


def test_the_reply_address_goes_with_the_open_part_alone(house: House):
    filed, part_id = house.part(reply_to=ReplyTo(Channel.WECHAT, SENDER))
    with house.store.read() as session:
        assert list_reply_addresses(session, filed.case_id) == []
        rows = list_reply_addresses(session, part_id)
        assert [read_reply_address(row, secrets=house.desk.secrets) for row in rows] == [SENDER]


@pytest.mark.parametrize("early", [True, False])
def test_an_address_that_is_left_after_filing_goes_with_the_open_part(house: House, early: bool):
    filed = house.file()
    assert filed.part is not None
    if not early:
        house.open_parts()
    with house.store.write() as session:
        address = ReplyTo(Channel.WECHAT, SENDER)
        keep_address_of(session, filed.part.receipt_id, address, secrets=house.desk.secrets, now=NOW)
    house.open_parts()
    with house.store.read() as session:
        assert len(list_reply_addresses(session, filed.part.case_id)) == 1


def test_what_is_added_in_the_talk_goes_to_the_sealed_part(house: House):
    filed, part_id = house.part()
    with house.store.write() as session:
        amend_report(session, filed.case_id, a_draft("今天食堂的饭又馊了。"), desk=house.desk, now=LATER)
        assert len(list_reports(session, part_id)) == 1
        assert len(list_reports(session, filed.case_id)) == 2


@pytest.mark.parametrize("early", [True, False])
def test_whoever_takes_his_report_back_takes_the_open_part_back_too(house: House, early: bool):
    filed = house.file()
    assert filed.part is not None
    if not early:
        house.open_parts()
    with house.store.write() as session:
        withdraw_part(session, filed.case_id, filed.part.receipt_id, office=house.desk.office, now=LATER)
    house.open_parts()
    with house.store.read() as session:
        part = session.get(Case, filed.part.case_id)
    assert (part.status if part else None) == (None if early else CaseStatus.WITHDRAWN)


def test_a_report_that_was_not_parted_has_no_part_to_take_back(house: House):
    filed = house.file(FOOD)
    with house.store.write() as session:
        assert find_open_part(session, filed.case_id, filed.receipt_id) is None
        withdraw_part(session, filed.case_id, filed.receipt_id, office=house.desk.office, now=LATER)
        assert session.get_one(Case, filed.case_id).status is CaseStatus.RECEIVED


def test_who_took_a_call_down_stands_at_both(house: House):
    with house.store.read() as session:
        officer = session.scalars(select(Officer.id)).first()
    _, part_id = house.part(channel=Channel.PHONE, taken_by=officer)
    with house.store.read() as session:
        query = select(LedgerEntry).where(LedgerEntry.case_id == part_id, LedgerEntry.verb == Verb.TAKEN_DOWN)
        assert [entry.actor_id for entry in session.scalars(query)] == [officer]


def test_the_number_of_another_office_goes_with_both(house: House):
    filed, part_id = house.part(channel=Channel.TRANSFERRED, transfer=Transfer("12345", "WT-7781"))
    with house.store.write() as session:
        rows = session.scalars(select(TransferSerial)).all()
        owner = session.get_one(Report, rows[0].report_id)
        record = house.read(session, filed).record
    assert [(row.source, row.serial) for row in rows] == [("12345", "WT-7781")]
    assert owner.case_id == part_id
    assert record["transfers"][0]["serial"] == "WT-7781"


def test_news_of_the_sealed_part_are_told_by_the_open_ones_address_at_another_moment(house: House):
    filed, _ = house.part(reply_to=ReplyTo(Channel.WECHAT, SENDER))
    with house.store.write() as session:
        record = house.read(session, filed).record
        assert tell_through_part(session, record, secrets=house.desk.secrets, now=LATER)
    assert house.open_parts(LATER) == 0
    assert house.open_parts(LATER + MOST_WAIT) == 1


def test_danger_to_life_is_sealed_whole_with_a_slip(house: House):
    urgent = replace(house.desk, assess=lambda text, given: replace(assess(text, given), urgency=Urgency.CRITICAL))
    filed = replace(house, desk=urgent).file()
    assert (filed.sealed, filed.part) == (True, None)
    assert filed.slip_case_id is not None


LEADER = "还有县民政局局长项云帆收了院长的购物卡。"


def test_of_what_may_not_be_taken_the_lawful_rest_is_filed_without_it(store: Store):
    house = a_parting_house(store, bypass_authority=None)
    filed = house.file(f"{FOOD}{LEADER}")
    assert (filed.sealed, filed.part) == (False, None)
    assert filed.left_out == (SealingReason.LEADERSHIP, SealingReason.NO_AUTHORITY)
    with house.store.read() as session:
        assert [row.working_text for row in session.scalars(select(Report))] == [FOOD]
        assert [row.value for row in session.scalars(select(Tally))] == [1]
    kept = everything_kept(house.store)
    assert [word for word in ("院长的购物卡", "局长项云帆收了") if word.encode() in kept] == []


def test_where_the_office_may_bypass_the_bureau_a_leaders_part_is_sealed(house: House):
    filed = house.file(f"{FOOD}{LEADER}")
    assert (filed.sealed, filed.part is not None, filed.left_out) == (True, True, ())


def test_links_open_with_the_reporters_key_alone(house: House):
    filed, _ = house.part()
    with house.store.read() as session:
        row = session.get_one(Receipt, filed.receipt_id)
        twin = session.scalars(select(Receipt).where(Receipt.id != filed.receipt_id)).one()
        assert row.links is not None
        assert twin.links is not None
        assert twin.links != row.links
        assert read_links(None, b"") == ()
