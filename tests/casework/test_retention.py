"""What is kept too long is destroyed by two, what may go by itself goes, and the ledger proves both."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.acknowledgements import Answer, record_acknowledgement
from casework.chain import sequence_entries, verify_ledger
from casework.destructions import find_proposal, get_certificate, list_certificates
from casework.dispositions import Ending, close_case
from casework.errors import DataError, NotAllowed, NotFound
from casework.exclusions import exclude_by_hand
from casework.holds import place_hold
from casework.ledger import Verb, by_body
from casework.models import (
    Acknowledgement,
    Body,
    Case,
    CaseKey,
    LedgerEntry,
    Message,
    Officer,
    Referral,
    SealedItem,
    SecurityEvent,
)
from casework.referrals import draft_referral, issue_referral
from casework.retention import (
    SHRUNK_AWAY,
    ScheduleId,
    ask_destruction,
    destroy_cases,
    keep_schedules,
    load_schedules,
    preview_destruction,
)
from casework.store import Base, Store
from casework.types import AcknowledgementDecision, Finding
from intake.models import Receipt, Report, Reporter
from intake.reports import receive_report
from intake.types import Filed
from tests.casework.handovers import a_sealed_case, a_second_clue_officer, equip_bodies, opened_by, the_desk
from tests.casework.people import NOW, a_clue_officer, a_dispatcher, a_leader, a_supervisor, an_office, the_county
from tests.intake.desk import a_contact, a_desk, a_draft, a_house

SCHEDULES = load_schedules()
GENERAL = SCHEDULES[ScheduleId.GENERAL_CASE]
LATER = NOW + timedelta(days=GENERAL.days + 1)


def a_closed_report(session: Session, dispatcher: str = "周建禾") -> str:
    """A report with everything that hangs on it, closed today."""
    filed = receive_report(session, a_draft(contact=a_contact()), desk=a_desk(), now=NOW)
    assert isinstance(filed, Filed)
    case = session.get_one(Case, filed.case_id)
    ending = Ending(Finding.TRUE, "查实了。")
    close_case(session, case, ending, by=a_dispatcher(session, dispatcher), office=an_office(), now=NOW)
    return case.id


def rows_about(session: Session, case_id: str) -> dict[str, int]:
    """How many rows of each table name the case."""
    found = {}
    for table in Base.metadata.sorted_tables:
        if "case_id" in table.columns and table.name != "ledger_entry":
            count = session.scalar(select(func.count()).select_from(table).where(table.c.case_id == case_id))
            if count:
                found[table.name] = count
    return found


def test_two_people_destroy_what_is_over_and_nothing_of_it_remains(store: Store) -> None:
    with store.write() as session:
        a_house(session)
        case_id = a_closed_report(session)
        first, second = a_supervisor(session), a_leader(session)
        assert rows_about(session, case_id)
        assert [due.case_id for due in ask_destruction(session, first, GENERAL, now=LATER)] == [case_id]
        made = destroy_cases(session, second, GENERAL, now=LATER)
        assert made.cases == (case_id,)
        assert made.keys == 1
        assert rows_about(session, case_id) == {}
        for model in (Case, Report, Reporter, Receipt):
            assert session.scalar(select(func.count()).select_from(model)) == 0
        told = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == Verb.DESTROYED)).one()
    assert told.details == {"cases": [case_id], "rows": made.rows, "keys": 1, "sha256": made.sha256}
    sequence_entries(store, now=LATER)
    with store.read() as session:
        assert verify_ledger(session).is_whole


def test_nobody_destroys_alone_or_on_an_old_proposal(store: Store) -> None:
    with store.write() as session:
        a_house(session)
        a_closed_report(session)
        first, second = a_supervisor(session), a_leader(session)
        ask_destruction(session, first, GENERAL, now=LATER)
        for officer, now in ((first, LATER), (second, LATER + timedelta(days=8))):
            with pytest.raises(NotAllowed):
                destroy_cases(session, officer, GENERAL, now=now)
        assert session.scalar(select(func.count()).select_from(Case)) == 1


def test_what_is_not_over_yet_is_not_in_the_preview(store: Store) -> None:
    with store.write() as session:
        a_house(session)
        a_closed_report(session)
        receive_report(session, a_draft(), desk=a_desk(), now=NOW)
        officer = a_supervisor(session)
        assert preview_destruction(session, officer, GENERAL, now=NOW + timedelta(days=GENERAL.days)) == []
        assert len(preview_destruction(session, officer, GENERAL, now=LATER)) == 1
        with pytest.raises(NotAllowed):
            preview_destruction(session, a_dispatcher(session, "外人"), GENERAL, now=LATER)


def test_one_who_may_not_know_of_a_case_neither_sees_nor_destroys_it(store: Store) -> None:
    with store.write() as session:
        a_house(session)
        case = session.get_one(Case, a_closed_report(session))
        first, second = a_supervisor(session), a_leader(session)
        exclude_by_hand(session, case, officer_id=second.id, by=first, now=NOW)
        ask_destruction(session, first, GENERAL, now=LATER)
        assert preview_destruction(session, second, GENERAL, now=LATER) == []
        assert find_proposal(session, second, GENERAL, now=LATER) is None
        with pytest.raises(NotAllowed):
            destroy_cases(session, second, GENERAL, now=LATER)
        assert session.get(Case, case.id) is not None


def test_a_proposal_counts_and_destroys_for_each_only_what_he_may_know_of(store: Store) -> None:
    with store.write() as session:
        a_house(session)
        hidden, shown = (session.get_one(Case, a_closed_report(session, by)) for by in ("一号", "二号"))
        hidden_id, shown_id = hidden.id, shown.id
        first, second, third = a_supervisor(session), a_leader(session), a_leader(session, "第三位")
        exclude_by_hand(session, hidden, officer_id=second.id, by=first, now=NOW)
        ask_destruction(session, first, GENERAL, now=LATER)

        def count(officer: Officer) -> int:
            proposal = find_proposal(session, officer, GENERAL, now=LATER)
            return proposal.cases if proposal else 0

        assert [count(each) for each in (first, second, third)] == [2, 1, 2]
        assert destroy_cases(session, second, GENERAL, now=LATER).cases == (shown_id,)
        assert [count(each) for each in (first, second, third)] == [1, 0, 1]
        assert destroy_cases(session, third, GENERAL, now=LATER).cases == (hidden_id,)
        assert [count(each) for each in (first, second, third)] == [0, 0, 0]
        told = {officer.id: list_certificates(session, officer) for officer in (first, second, third)}
        assert {ident: [each.cases for each in seen] for ident, seen in told.items()} == {
            first.id: [1, 1],
            second.id: [1],
            third.id: [1, 1],
        }
        with pytest.raises(NotFound):
            get_certificate(session, second, told[first.id][0].entry_id)
        assert get_certificate(session, second, told[first.id][1].entry_id).cases == 1


def test_what_was_frozen_since_is_no_longer_in_the_proposal(store: Store) -> None:
    with store.write() as session:
        a_house(session)
        case = session.get_one(Case, a_closed_report(session))
        first, second = a_supervisor(session), a_leader(session)
        ask_destruction(session, first, GENERAL, now=LATER)
        place_hold(session, case, reason="有诉讼", review_on=(LATER + timedelta(days=9)).date(), by=first, now=LATER)
        assert find_proposal(session, second, GENERAL, now=LATER) is None
        with pytest.raises(NotAllowed):
            destroy_cases(session, second, GENERAL, now=LATER)


def a_referred_case(session: Session, *, answered: bool = True) -> tuple[Case, Officer]:
    """A sealed case, handed to the discipline organ, which has taken it."""
    equip_bodies(session)
    officer, other = a_clue_officer(session, "鹿鸣"), a_second_clue_officer(session)
    case = a_sealed_case(session)
    desk, opened = the_desk(), opened_by(session, officer, case)
    referral = draft_referral(
        session, case, session.get_one(Body, "discipline"), by=officer, desk=desk, now=NOW, opened=opened
    )
    opened = opened_by(session, other, case)
    issue_referral(session, referral, number="〔2026〕5号", by=other, desk=desk, now=NOW, opened=opened)
    if answered:
        answer = Answer(AcknowledgementDecision.TAKEN, receiver="案件监督管理室")
        record_acknowledgement(session, referral, answer, by=by_body("discipline"), office=an_office(), now=NOW)
    return case, officer


def test_a_received_sealed_case_shrinks_by_itself_to_number_days_receiver_and_count(store: Store) -> None:
    with store.write() as session:
        the_county(session)
        case, officer = a_referred_case(session)
        assert keep_schedules(session, SCHEDULES, now=NOW + timedelta(days=30)) == 0
        assert keep_schedules(session, SCHEDULES, now=NOW + timedelta(days=31)) == 1
        assert keep_schedules(session, SCHEDULES, now=NOW + timedelta(days=32)) == 0
        for model in (SealedItem, CaseKey, Message):
            assert session.scalar(select(func.count()).select_from(model).where(model.case_id == case.id)) == 0
        referral = session.scalars(select(Referral)).one()
        answer = session.scalars(select(Acknowledgement)).one()
        assert (referral.number, answer.receiver) == ("望民线函〔2026〕5号", "案件监督管理室")
        assert referral.issued_at is not None
        told = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == Verb.SHRUNK)).one()
        assert told.details["keys"] >= 2
        assert told.details["rows"] >= 4
        with pytest.raises(NotFound):
            opened_by(session, officer, case)


def test_what_was_not_received_does_not_shrink(store: Store) -> None:
    with store.write() as session:
        the_county(session)
        a_referred_case(session, answered=False)
        assert keep_schedules(session, SCHEDULES, now=NOW + timedelta(days=400)) == 0


def test_the_security_log_is_kept_for_its_days_and_then_forgotten(store: Store) -> None:
    with store.write() as session:
        session.add_all([SecurityEvent(at=NOW - timedelta(days=days), kind="signed_in") for days in (1, 300, 366)])
        session.flush()
        assert keep_schedules(session, SCHEDULES, now=NOW) == 1
        assert session.scalar(select(func.count()).select_from(SecurityEvent)) == 2


def test_every_table_of_secrets_that_hangs_on_a_case_goes_when_it_shrinks() -> None:
    kept = {"receipt", "allowance", "exclusion", "emergency_slip", "referral", "deadline", "legal_hold", "talk_bond"}
    named = {table.name for table in Base.metadata.sorted_tables if "case_id" in table.columns} - {"ledger_entry"}
    open_only = {
        "assignment",
        "case_assessment",
        "case_paper",
        "note",
        "disposition",
        "duplicate_hint",
        "labelled_example",
        "lexicon_move",
        "duplicate_print",
        "shown_picture",
    }
    assert named - kept - open_only <= SHRUNK_AWAY


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("days = 365", "days = 100"),
        ("days = 30\n", "days = 0\n"),
        ('"general_case"', '"something"'),
        ("days = 3653", ""),
    ],
)
def test_a_wrong_schedule_stops_the_start(old: str, new: str) -> None:
    text = _shipped().replace(old, new)
    with pytest.raises(DataError):
        load_schedules(text)


def _shipped() -> str:
    rows = [
        f'[[schedule]]\nid = "{row.id}"\nlabel = "{row.label}"\nact = "{row.act}"\nstarts = "{row.starts}"\n'
        f"days = {row.days}\nautomatic = {str(row.automatic).lower()}\n"
        for row in SCHEDULES.values()
    ]
    return "\n".join(rows)
