"""Taking a report in, from a draft to a case with its receipt."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text

from casework.errors import NotFound, VaultNotSetUp
from casework.ledger import Verb
from casework.models import Allowance, Case, Exclusion, LedgerEntry, SealedItem, Tally
from casework.rings import officer_private_key
from casework.sealing import SealingOutcome, SealingReason, read_sealed_case
from casework.store import Store
from casework.types import Channel, SealedKind
from intake.addresses import drop_addresses_of, drop_reply_addresses, list_reply_addresses, read_reply_address
from intake.errors import EmptyReport
from intake.models import Receipt, ReplyAddress, Report, Reporter
from intake.receipts import find_receipt, harden_receipt
from intake.reporters import list_reports
from intake.reports import amend_report, receive_report
from intake.types import Amended, Filed, IntakeDesk, Refused, ReplyTo, Told
from tests.casework.people import NOW, a_leader, a_person, an_office, the_county
from tests.intake.desk import (
    LIGHT,
    SEALED_STORY,
    STORY,
    WHEN,
    a_contact,
    a_desk,
    a_draft,
    a_house,
    a_receipt_desk,
    sign_in_open,
)
from triage.types import Urgency

BOTH_KEYS: dict[str, Any] = {"who": True, "what": True, "discipline": True, "category": "corruption"}
WORKING = STORY.replace("15412345678", "▇" * 11).replace("芮秋禾", "▇▇▇")
OPEN_ID = "oGnaQ5b7_invented_openid"


def receive(session: Any, desk: IntakeDesk, **draft: Any) -> Filed:
    filed = receive_report(session, a_draft(**draft), desk=desk, now=NOW)
    assert isinstance(filed, Filed)
    return filed


def receive_sealed(session: Any, desk: IntakeDesk | None = None, **draft: Any) -> Filed:
    return receive(session, desk or a_desk(**BOTH_KEYS), **({"text": SEALED_STORY} | draft))


def everything_kept(store: Store) -> bytes:
    """Every value of every table, and for SQLite the very bytes of its files."""
    with store.read() as session:
        connection = session.connection()
        found = []
        schemas = ("main",) if store.is_sqlite else ("public", "dbos")
        for schema in schemas:
            for table in inspect(connection).get_table_names(schema=schema):
                rows = session.execute(text(f'SELECT * FROM "{schema}"."{table}"')).all()
                found += [value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row]
    if store.is_sqlite:
        path = Path(store.url.removeprefix("sqlite:///"))
        found += [each.read_bytes() for each in (path, path.with_name(f"{path.name}-wal"))]
    return b"\0".join(found)


def test_an_open_report_becomes_a_case_with_a_receipt(store: Store):
    with store.write() as session:
        a_house(session)
        filed = receive(session, a_desk(), contact=a_contact(), anonymous=False)
        report = session.get_one(Report, filed.report_id)
        case = session.get_one(Case, filed.case_id)
    assert (filed.sealed, filed.outcome, filed.number) == (False, SealingOutcome.OPEN, case.number)
    assert (report.case_id, report.channel, report.named) == (case.id, Channel.WEB, True)
    assert report.working_text == "我叫▇▇▇，电话▇▇▇▇▇▇▇▇▇▇▇。麦陇镇敬老院的饭是馊的，老人吃了拉肚子。"
    assert len(filed.code) == 16


def test_it_is_dated_to_the_day_outside_the_ledger(store: Store):
    with store.write() as session:
        a_house(session)
        filed = receive(session, a_desk(), reply_to=ReplyTo(Channel.WECHAT, OPEN_ID))
        rows = [
            session.get_one(Report, filed.report_id),
            session.get_one(Receipt, filed.receipt_id),
            session.scalars(select(Reporter)).one(),
            session.scalars(select(ReplyAddress)).one(),
            session.get_one(Case, filed.case_id),
        ]
        kept = [str(getattr(row, column.key)) for row in rows for column in type(row).__table__.columns]
    assert "2026-10-08" in kept
    assert not any("02:52" in value or "10:52" in value for value in kept)


def test_nothing_is_taken_in_before_the_vault_is_set_up(store: Store):
    with store.write() as session:
        the_county(session, recovery=False)
        with pytest.raises(VaultNotSetUp):
            receive_report(session, a_draft(), desk=a_desk(), now=NOW)
        session.rollback()
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0


@pytest.mark.parametrize("words", ["", "  \n　"])
def test_a_report_without_a_word_is_none(store: Store, words):
    with store.write() as session:
        a_house(session)
        with pytest.raises(EmptyReport):
            receive_report(session, a_draft(words), desk=a_desk(), now=NOW)


@pytest.mark.parametrize(
    ("draft", "named"),
    [
        ({}, False),
        ({"contact": a_contact()}, True),
        ({"contact": a_contact(), "anonymous": True}, False),
        ({"contact": a_contact(name="")}, False),
    ],
)
def test_who_said_nothing_is_anonymous(store: Store, draft, named):
    with store.write() as session:
        a_house(session)
        filed = receive(session, a_desk(), **draft)
        assert session.get_one(Report, filed.report_id).named is named


def test_named_and_nameless_reporters_look_alike(store: Store):
    with store.write() as session:
        a_house(session)
        desk = a_desk(**BOTH_KEYS)
        receive_sealed(session, desk, contact=a_contact())
        receive_sealed(session, desk)
        sizes = {len(blob) for blob in session.scalars(select(Reporter.ciphertext))}
    assert len(sizes) == 1


def test_the_original_is_committed_to_by_a_salted_hash(store: Store):
    with store.write() as session:
        a_house(session)
        first, second = (receive(session, a_desk()) for _ in range(2))
        hashes = {session.get_one(Report, each.report_id).commitment for each in (first, second)}
    assert len(hashes) == 2
    assert hashlib.sha256(STORY.encode()).digest() not in hashes


def test_a_sealed_report_lies_inside_with_its_id(store: Store):
    with store.write() as session:
        (first, _), sheet = a_house(session)
        filed = receive_sealed(session)
        report = session.get_one(Report, filed.report_id)
        assert filed.sealed
        assert (report.working_text, report.channel, report.named) == (None, None, None)
        private = officer_private_key(sign_in_open(session, first, sheet), "token")
        said = read_sealed_case(session, first, private, filed.case_id, now=NOW).record
    assert (said["text"], said["report_id"]) == (SEALED_STORY, filed.report_id)


def test_an_officers_click_seals_what_is_taken_down(store: Store):
    with store.write() as session:
        a_house(session)
        assert receive(session, a_desk(), seal_by_hand=True).sealed


def test_a_thief_of_the_database_and_the_secret_finds_nothing(store: Store):
    desk = a_desk(**BOTH_KEYS)
    with store.write() as session:
        a_house(session)
        sealed = receive_sealed(
            session,
            desk,
            text=f"{SEALED_STORY}我叫芮秋禾，电话15412345678",
            contact=a_contact(),
            told=Told(place="后院锅炉房"),
        )
        opened = receive(session, a_desk(), contact=a_contact(), reply_to=ReplyTo(Channel.WECHAT, OPEN_ID))
    for filed, its in ((sealed, desk), (opened, desk)):
        harden_receipt(store, filed.receipt_id, keys=its.keys, secrets=its.secrets, strength=LIGHT)
    kept = everything_kept(store)
    for hidden in ("芮秋禾", "15412345678", "柳行巷", OPEN_ID, "收了家属", "三万元", "锅炉房"):
        assert hidden.encode() not in kept
        assert hidden.encode().hex().encode() not in kept
        assert hidden.encode("unicode_escape") not in kept
    for filed in (sealed, opened):
        assert filed.code.encode() not in kept
        assert filed.code[4:15].encode() not in kept
    assert "饭是馊的".encode() in kept


@pytest.mark.parametrize("sealed", [False, True])
def test_the_code_leads_back_to_the_case(store: Store, sealed):
    desk = a_desk(**(BOTH_KEYS if sealed else {}))
    with store.write() as session:
        a_house(session)
        filed = receive(session, desk, text=SEALED_STORY)
    lookup = a_receipt_desk(store, desk)
    for _ in ("pending", "hardened"):
        hit = find_receipt(lookup, filed.code, timeout=5)
        assert hit is not None
        assert hit.case_id == filed.case_id
        harden_receipt(store, filed.receipt_id, keys=desk.keys, secrets=desk.secrets, strength=LIGHT)
    lookup.gate.close()


def test_a_rolled_back_report_leaves_nothing(store: Store):
    with store.write() as session:
        a_house(session)
    with store.write() as session:
        receive(session, a_desk())
        session.rollback()
    with store.read() as session:
        for model in (Case, Report, Reporter, Receipt):
            assert session.scalar(select(func.count()).select_from(model)) == 0


def leader_story(session: Any) -> tuple[str, dict[str, Any]]:
    leader = a_leader(session)
    story = f"县民政局{leader.post}{leader.name}收了钱"
    return story, {"persons": [a_person(story, leader.name, name=leader.name, post=leader.post)], "home": None}


def test_leadership_is_sealed_past_the_bureau_with_authority(store: Store):
    with store.write() as session:
        a_house(session)
        story, said = leader_story(session)
        filed = receive(session, a_desk(**said), text=story)
    assert filed.outcome is SealingOutcome.SEAL_AND_BYPASS


def test_leadership_without_authority_is_refused_and_only_counted(store: Store):
    with store.write() as session:
        a_house(session)
        story, said = leader_story(session)
        desk = a_desk(office=an_office(bypass_authority=None), **said)
        refused = receive_report(session, a_draft(story, reply_to=ReplyTo(Channel.WECHAT, OPEN_ID)), desk=desk, now=NOW)
        assert isinstance(refused, Refused)
        assert refused.reasons == (SealingReason.LEADERSHIP, SealingReason.NO_AUTHORITY)
        for model in (Case, Report, Reporter, Receipt, ReplyAddress):
            assert session.scalar(select(func.count()).select_from(model)) == 0
        assert session.scalars(select(Tally.value)).one() == 1


def test_danger_opens_a_slip_even_where_the_report_is_refused(store: Store):
    with store.write() as session:
        a_house(session)
        story, said = leader_story(session)
        desk = a_desk(office=an_office(bypass_authority=None), urgency=Urgency.CRITICAL, **said)
        refused = receive_report(session, a_draft(story), desk=desk, now=NOW)
        assert isinstance(refused, Refused)
        assert refused.slip_case_id is not None
        assert session.scalar(select(func.count()).select_from(Report)) == 0


def test_a_sealed_report_in_danger_tells_its_slip(store: Store):
    with store.write() as session:
        a_house(session)
        filed = receive(session, a_desk(urgency=Urgency.CRITICAL, **BOTH_KEYS), text=SEALED_STORY)
        assert filed.sealed
        slip = session.get_one(Case, filed.slip_case_id)
    assert not slip.sealed


def test_an_addition_stands_beside_the_first_report(store: Store):
    with store.write() as session:
        a_house(session)
        desk = a_desk()
        filed = receive(session, desk)
        amended = amend_report(session, filed.case_id, a_draft("麦陇镇敬老院今天又馊了"), desk=desk, now=NOW)
        assert isinstance(amended, Amended)
        texts = {report.working_text for report in list_reports(session, filed.case_id)}
        told = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == Verb.AMENDED)).one()
    assert texts == {WORKING, "麦陇镇敬老院今天又馊了"}
    assert told.details == {"report": amended.report_id}


def test_an_addition_that_names_an_officer_keeps_him_out(store: Store):
    with store.write() as session:
        (first, _), _ = a_house(session)
        filed = receive(session, a_desk())
        story = f"经办人{first.name}拿了好处"
        desk = a_desk(persons=[a_person(story, first.name, name=first.name)], home=None)
        amend_report(session, filed.case_id, a_draft(story), desk=desk, now=NOW)
        kept_out = session.scalars(select(Exclusion.officer_id).where(Exclusion.case_id == filed.case_id)).all()
    assert first.id in kept_out


def test_an_addition_to_a_sealed_case_is_sealed_and_takes_the_key_from_who_is_named(store: Store):
    with store.write() as session:
        (first, second), sheet = a_house(session)
        filed = receive_sealed(session)
        story = f"{first.name}把我的事说出去了"
        desk = a_desk(persons=[a_person(story, first.name, name=first.name)], home=None)
        amended = amend_report(session, filed.case_id, a_draft(story), desk=desk, now=NOW)
        assert isinstance(amended, Amended)
        assert amended.sealed
        assert session.scalars(select(Allowance.officer_id)).all() == [second.id]
        private = officer_private_key(sign_in_open(session, first, sheet, "t1"), "t1")
        with pytest.raises(NotFound):
            read_sealed_case(session, first, private, filed.case_id, now=NOW)
        private = officer_private_key(sign_in_open(session, second, sheet, "t2"), "t2")
        items = read_sealed_case(session, second, private, filed.case_id, now=NOW).items
    assert [item.kind for item in items] == [SealedKind.RECORD, SealedKind.ADDITION]
    assert items[1].payload["text"] == story


def test_an_addition_that_meets_both_keys_seals_the_whole_case(store: Store):
    with store.write() as session:
        a_house(session)
        filed = receive(session, a_desk())
        amended = amend_report(session, filed.case_id, a_draft(SEALED_STORY), desk=a_desk(**BOTH_KEYS), now=NOW)
        assert isinstance(amended, Amended)
        assert amended.sealed
    if store.is_sqlite:  # its write-ahead log has what an earlier unit of work wrote, until it is folded in
        with store.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = everything_kept(store)
    assert "收了家属".encode() not in kept
    assert "饭是馊的".encode() not in kept


def test_an_addition_that_may_not_be_taken_is_only_counted(store: Store):
    with store.write() as session:
        a_house(session)
        filed = receive(session, a_desk())
        story, said = leader_story(session)
        desk = a_desk(office=an_office(bypass_authority=None), **said)
        assert isinstance(amend_report(session, filed.case_id, a_draft(story), desk=desk, now=NOW), Refused)
        assert len(list_reports(session, filed.case_id)) == 1


def test_nobody_amends_what_is_not_there(store: Store):
    with store.write() as session:
        a_house(session)
        with pytest.raises(NotFound):
            amend_report(session, "nothing", a_draft(), desk=a_desk(), now=NOW)


def test_a_reply_address_is_read_by_the_server_and_dropped_on_wish(store: Store):
    desk = a_desk()
    reply_to = ReplyTo(Channel.WECHAT, OPEN_ID)
    with store.write() as session:
        a_house(session)
        first, second = (receive(session, desk, reply_to=reply_to) for _ in range(2))
        other = receive(session, desk, reply_to=ReplyTo(Channel.WECHAT, "another"))
        (row,) = list_reply_addresses(session, first.case_id)
        assert read_reply_address(row, secrets=desk.secrets) == OPEN_ID
        assert row.agreed_on == WHEN.date()
        assert drop_reply_addresses(session, first.case_id) == 1
        assert drop_addresses_of(session, reply_to, secrets=desk.secrets) == 1
        assert list_reply_addresses(session, second.case_id) == []
        assert len(list_reply_addresses(session, other.case_id)) == 1


def test_who_left_no_reply_address_has_none(store: Store):
    with store.write() as session:
        a_house(session)
        receive(session, a_desk())
        assert session.scalar(select(func.count()).select_from(ReplyAddress)) == 0


def test_sealed_items_of_two_cases_never_open_with_one_key(store: Store):
    with store.write() as session:
        a_house(session)
        desk = a_desk(**BOTH_KEYS)
        filed = [receive_sealed(session, desk) for _ in range(2)]
        keys = {session.get_one(Case, each.case_id).public_key for each in filed}
        assert session.scalar(select(func.count()).select_from(SealedItem)) == 2
    assert len(keys) == 2


def test_many_people_file_at_once_and_nobody_is_lost(store: Store):
    desk = a_desk()
    sealing = replace(desk, assess=a_desk(**BOTH_KEYS).assess)
    with store.write() as session:
        a_house(session)

    def file_one(number: int) -> Filed:
        with store.write() as session:
            return receive(session, sealing if number % 3 == 0 else desk, text=f"麦陇镇敬老院第{number}件事")

    with ThreadPoolExecutor(8) as pool:
        filed = list(pool.map(file_one, range(24)))
    assert len({each.number for each in filed}) == len({each.code for each in filed}) == 24
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 24
        numbers = set(session.scalars(select(Case.number).where(~Case.sealed)))
    assert len(numbers) == 16
