"""The one door to an identity."""

from typing import Any

import pytest
from sqlalchemy import select

from casework.errors import BrokenSeal, InvalidField, NotAllowed, NotFound, VaultLocked
from casework.ledger import SYSTEM, Verb
from casework.models import Case, LedgerEntry, Note, RingMember
from casework.rings import give_key_pair, officer_private_key, open_ring, remove_member, ring_private_key
from casework.sealing import open_case_key, read_sealed_case, withdraw_access
from casework.store import Store
from casework.types import Role
from casework.vault import unseal_record
from intake.models import Report, Reporter
from intake.reporters import open_report, reveal_reporter
from intake.reports import receive_report
from intake.types import Contact, Filed, RevealReason, Told
from tests.casework.people import NOW, a_handler, a_supervisor, an_officer, keep_out_by_hand
from tests.intake.desk import (
    LIGHT,
    SEALED_STORY,
    STORY,
    a_contact,
    a_desk,
    a_draft,
    a_house,
    sign_in,
    sign_in_open,
)

TOLD = Told(institution="麦陇镇敬老院", place="后院", when="上个月")
SEALED: dict[str, Any] = {"who": True, "what": True, "discipline": True, "category": "corruption"}


class House:
    """Two clue officers with open vaults, an open discipline case and a sealed one, both with a contact."""

    def __init__(self, session: Any) -> None:
        (self.first, self.second), self.sheet = a_house(session)
        self.signed = sign_in_open(session, self.first, self.sheet, "t1")
        draft = a_draft(contact=a_contact(), anonymous=False, told=TOLD)
        opened = receive_report(session, draft, desk=a_desk(discipline=True), now=NOW)
        sealed = receive_report(
            session, a_draft(SEALED_STORY, contact=a_contact(), told=TOLD), desk=a_desk(**SEALED), now=NOW
        )
        assert isinstance(opened, Filed)
        assert isinstance(sealed, Filed)
        self.opened, self.sealed = opened, sealed

    def reveal(self, session: Any, filed: Filed, signed: Any = None, token: str = "t1", **more: Any) -> Any:
        known: dict[str, Any] = {"reason": RevealReason.CALL_BACK, "now": NOW} | more
        return reveal_reporter(session, signed or self.signed, token, filed.report_id, **known)


def test_a_member_opens_an_identity_with_a_reason(store: Store):
    with store.write() as session:
        house = House(session)
        revealed = house.reveal(session, house.opened)
    assert revealed.contact == a_contact()
    assert (revealed.anonymous, revealed.original, revealed.told) == (False, STORY, TOLD)


def test_in_a_sealed_case_it_takes_the_cases_key_besides(store: Store):
    with store.write() as session:
        house = House(session)
        assert house.reveal(session, house.sealed).contact == a_contact()
        report = session.get_one(Report, house.sealed.report_id)
        reporter = session.scalars(select(Reporter).where(Reporter.report_id == report.id)).one()
        private = officer_private_key(house.signed, "t1")
        ring_key = ring_private_key(session, house.first, private, report.ring_id)
        with pytest.raises(BrokenSeal):
            unseal_record(ring_key, reporter.id, reporter.ciphertext)
        case_key = open_case_key(session, house.first, private, house.sealed.case_id)
        with pytest.raises(BrokenSeal):
            unseal_record(case_key, reporter.id, reporter.ciphertext)
        assert open_report(report, reporter, {report.ring_id: ring_key}, case_key).original == SEALED_STORY


def test_a_member_kept_out_of_a_sealed_case_cannot_open_its_reporter(store: Store):
    with store.write() as session:
        house = House(session)
        withdraw_access(session, house.sealed.case_id, [house.first.id])
        with pytest.raises(NotFound):
            house.reveal(session, house.sealed)


def test_a_member_excluded_from_an_open_case_finds_no_such_report(store: Store):
    with store.write() as session:
        house = House(session)
        case = session.get_one(Case, house.opened.case_id)
        keep_out_by_hand(session, case, house.first, by=house.second)
        with pytest.raises(NotFound) as refused:
            house.reveal(session, house.opened)
    assert refused.value.kind == "report"


def test_a_locked_vault_opens_nothing(store: Store):
    with store.write() as session:
        house = House(session)
        with pytest.raises(VaultLocked):
            house.reveal(session, house.opened, sign_in(session, house.second, "t2"), "t2")
        with pytest.raises(VaultLocked):
            house.reveal(session, house.opened, token="stolen")


@pytest.mark.parametrize("make", [a_handler, a_supervisor])
def test_other_roles_may_not_even_ask(store: Store, make):
    with store.write() as session:
        house = House(session)
        with pytest.raises(NotAllowed):
            house.reveal(session, house.opened, sign_in(session, make(session), "t2"), "t2")


def test_a_dispatcher_who_is_no_member_opens_nothing(store: Store):
    with store.write() as session:
        house = House(session)
        dispatcher = an_officer(session, "d", "周建禾", "hotline", Role.DISPATCHER, keys=True)
        phrase = give_key_pair(session, dispatcher, strength=LIGHT, by=SYSTEM, now=NOW)
        signed = sign_in(session, dispatcher, "t2")
        open_ring(session, signed, "t2", phrase, now=NOW)
        with pytest.raises(NotAllowed):
            house.reveal(session, house.opened, signed, "t2")


def test_one_who_was_removed_while_signed_in_opens_nothing(store: Store):
    with store.write() as session:
        house = House(session)
        house.first.removed_at = NOW
        with pytest.raises(NotAllowed):
            house.reveal(session, house.opened)


def test_one_who_was_put_out_of_the_ring_opens_nothing(store: Store):
    with store.write() as session:
        house = House(session)
        remove_member(session, house.first, by=SYSTEM, now=NOW)
        assert session.scalars(select(RingMember).where(RingMember.officer_id == house.first.id)).all() == []
        with pytest.raises(NotAllowed):
            house.reveal(session, house.opened)


def test_what_came_before_a_removal_still_opens_for_those_who_stay(store: Store):
    with store.write() as session:
        house = House(session)
        remove_member(session, house.second, by=SYSTEM, now=NOW)
        after = receive_report(session, a_draft(contact=a_contact()), desk=a_desk(discipline=True), now=NOW)
        assert isinstance(after, Filed)
        for filed in (house.opened, after):
            assert house.reveal(session, filed).contact == a_contact()


def test_a_reason_from_the_closed_list_is_needed(store: Store):
    with store.write() as session:
        house = House(session)
        with pytest.raises(InvalidField):
            house.reveal(session, house.opened, reason="好奇")


def test_the_ledger_keeps_who_whose_and_the_reasons_code_alone(store: Store):
    with store.write() as session:
        house = House(session)
        house.reveal(session, house.opened, remark="家属来电催问老人病情")
        told = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == Verb.REVEALED)).one()
        note = session.scalars(select(Note)).one()
    assert (told.actor_id, told.subject_id, told.case_id) == (
        house.first.id,
        house.opened.report_id,
        house.opened.case_id,
    )
    assert told.details == {"reason": "call_back", "note": note.id}
    assert note.text == "家属来电催问老人病情"


def test_what_he_adds_about_a_sealed_case_lies_inside_it(store: Store):
    with store.write() as session:
        house = House(session)
        house.reveal(session, house.sealed, remark="约定夜里通话")
        assert session.scalars(select(Note)).all() == []
        private = officer_private_key(house.signed, "t1")
        items = read_sealed_case(session, house.first, private, house.sealed.case_id, now=NOW).items
    assert items[-1].payload["text"] == "约定夜里通话"


def test_no_reading_no_entry(store: Store):
    with store.write() as session:
        house = House(session)
        with pytest.raises(VaultLocked):
            house.reveal(session, house.opened, token="stolen")
        assert session.scalars(select(LedgerEntry).where(LedgerEntry.verb == Verb.REVEALED)).all() == []


def test_an_identity_put_under_another_report_is_refused(store: Store):
    with store.write() as session:
        house = House(session)
        other = receive_report(session, a_draft(contact=a_contact(name="替身")), desk=a_desk(), now=NOW)
        assert isinstance(other, Filed)
        rows = {row.report_id: row for row in session.scalars(select(Reporter))}
        rows[house.opened.report_id].ciphertext = rows[other.report_id].ciphertext
        session.flush()
        with pytest.raises(BrokenSeal):
            house.reveal(session, house.opened)


def test_a_changed_commitment_is_noticed(store: Store):
    with store.write() as session:
        house = House(session)
        session.get_one(Report, house.opened.report_id).commitment = bytes(32)
        session.flush()
        with pytest.raises(BrokenSeal):
            house.reveal(session, house.opened)


def test_an_unknown_report_is_not_found(store: Store):
    with store.write() as session:
        house = House(session)
        with pytest.raises(NotFound):
            reveal_reporter(session, house.signed, "t1", "nothing", reason=RevealReason.DANGER, now=NOW)


def test_one_who_told_nothing_has_an_empty_contact(store: Store):
    with store.write() as session:
        house = House(session)
        filed = receive_report(session, a_draft(), desk=a_desk(discipline=True), now=NOW)
        assert isinstance(filed, Filed)
        revealed = house.reveal(session, filed)
    assert (revealed.contact, revealed.anonymous) == (Contact(), None)
