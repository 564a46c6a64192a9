"""Sealed cases: when, for whom, and that nothing of them stands outside."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from casework.errors import BrokenSeal, InvalidField, LastMember, NotAllowed, NotFound, VaultNotSetUp
from casework.ledger import SYSTEM, Verb
from casework.models import Allowance, Case, CaseKey, LedgerEntry, OfficerSession, SealedItem, Tally
from casework.recovery import from_printable
from casework.rings import add_member, give_key_pair, officer_private_key, open_ring, remove_member
from casework.sealing import (
    SealingOutcome,
    SealingReason,
    add_sealed_item,
    count_refusal,
    decide_sealing,
    list_allowed,
    open_case_key,
    read_sealed_case,
    seal_new_case,
    share_case,
    withdraw_access,
)
from casework.signins import Signed
from casework.store import Store
from casework.types import SealedKind
from casework.vault import public_half, unseal_record
from tests.casework.people import NOW, a_clue_officer, an_assessment
from tests.intake.desk import LIGHT, a_house, sign_in, sign_in_open

RECORD = {"text": "院长崔广田收了三万元", "assessment": {"categories": []}}


def decide(*, who: bool = False, what: bool = False, category: str = "corruption", **flags: bool) -> Any:
    known = {"leadership": False, "discipline_leader": False, "by_hand": False, "may_bypass": True}
    return decide_sealing(an_assessment(category=category, who=who, what=what), **(known | flags))


@pytest.mark.parametrize(
    ("said", "outcome", "reasons"),
    [
        ({}, SealingOutcome.OPEN, ()),
        ({"who": True}, SealingOutcome.OPEN, ()),
        ({"what": True}, SealingOutcome.OPEN, ()),
        ({"what": True, "category": "inaction"}, SealingOutcome.OPEN, ()),
        ({"who": True, "what": True}, SealingOutcome.SEAL, (SealingReason.BOTH_KEYS,)),
        ({"by_hand": True}, SealingOutcome.SEAL, (SealingReason.BY_HAND,)),
        ({"leadership": True}, SealingOutcome.SEAL_AND_BYPASS, (SealingReason.LEADERSHIP,)),
        (
            {"leadership": True, "who": True, "what": True},
            SealingOutcome.SEAL_AND_BYPASS,
            (SealingReason.LEADERSHIP, SealingReason.BOTH_KEYS),
        ),
        (
            {"leadership": True, "may_bypass": False},
            SealingOutcome.REFUSE_COUNT,
            (SealingReason.LEADERSHIP, SealingReason.NO_AUTHORITY),
        ),
        ({"discipline_leader": True}, SealingOutcome.REFUSE_COUNT, (SealingReason.DISCIPLINE_LEADER,)),
        (
            {"discipline_leader": True, "leadership": True, "by_hand": True},
            SealingOutcome.REFUSE_COUNT,
            (SealingReason.DISCIPLINE_LEADER,),
        ),
    ],
)
def test_it_decides_by_keys_leadership_or_hand(said, outcome, reasons):
    verdict = decide(**said)
    assert (verdict.outcome, verdict.reasons) == (outcome, reasons)


@given(*[st.booleans()] * 6)
def test_leadership_is_never_stored_open(who, what, discipline_leader, by_hand, may_bypass, leads):
    verdict = decide(
        who=who,
        what=what,
        leadership=leads,
        discipline_leader=discipline_leader,
        by_hand=by_hand,
        may_bypass=may_bypass,
    )
    if leads or discipline_leader or by_hand or (who and what):
        assert verdict.sealed or verdict.refused
        assert verdict.reasons
    else:
        assert verdict.outcome is SealingOutcome.OPEN


def test_a_refusal_leaves_one_count_a_month(store: Store):
    with store.write() as session:
        for _ in range(3):
            count_refusal(session, SealingReason.DISCIPLINE_LEADER, now=NOW)
        count_refusal(session, SealingReason.LEADERSHIP, now=NOW)
    with store.read() as session:
        counted = {row.name: (row.month.isoformat(), row.value) for row in session.scalars(select(Tally))}
    assert counted == {
        "refused:discipline_leader": ("2026-10-01", 3),
        "refused:leadership": ("2026-10-01", 1),
    }


class House:
    """A vault with two clue officers who are let in, a third who is not, and one sealed case."""

    def __init__(self, session: Any, content: Mapping[str, Any] = RECORD) -> None:
        (self.first, self.second, self.hit), self.sheet = a_house(session, "宁致远", "闻人静", "桑若谷")
        self.case = Case(number="密2026-001", sealed=True, opened_on=NOW.date())
        session.add(self.case)
        session.flush()
        self.item = seal_new_case(session, self.case, content, [self.first, self.second])

    def private(self, session: Any, officer: Any) -> bytes:
        token = f"token-{officer.username}"
        return officer_private_key(sign_in_open(session, officer, self.sheet, token), token)


def test_only_those_on_the_allow_list_read_it(store: Store):
    with store.write() as session:
        house = House(session)
        for officer in (house.first, house.second):
            content = read_sealed_case(session, officer, house.private(session, officer), house.case.id, now=NOW)
            assert content.record == RECORD
        with pytest.raises(NotFound):
            read_sealed_case(session, house.hit, house.private(session, house.hit), house.case.id, now=NOW)
        assert list_allowed(session, house.case.id) == sorted(
            [house.first, house.second], key=lambda officer: officer.username
        )


def test_another_officers_wrap_does_not_help_the_one_kept_out(store: Store):
    with store.write() as session:
        house = House(session)
        private = house.private(session, house.hit)
        stolen = session.scalars(select(CaseKey).where(CaseKey.officer_id == house.first.id)).one()
        session.add(Allowance(case_id=house.case.id, officer_id=house.hit.id))
        session.add(CaseKey(case_id=house.case.id, officer_id=house.hit.id, wrapped_key=stolen.wrapped_key))
        session.flush()
        with pytest.raises(BrokenSeal):
            open_case_key(session, house.hit, private, house.case.id)


def test_the_recovery_sheet_opens_it(store: Store):
    with store.write() as session:
        house = House(session)
        held = session.scalars(select(CaseKey).where(CaseKey.recovery_key_id.is_not(None))).one()
        opened = unseal_record(from_printable(house.sheet.recovery_key), held.id, held.wrapped_key)
        assert public_half(bytes.fromhex(opened["key"])) == house.case.public_key


def test_with_nobody_left_only_the_recovery_key_remains(store: Store):
    with store.write() as session:
        house = House(session)
        assert withdraw_access(session, house.case.id, [house.first.id]) == 1
        assert withdraw_access(session, house.case.id, [house.second.id]) == 0
        with pytest.raises(NotFound):
            open_case_key(session, house.first, house.private(session, house.first), house.case.id)
        assert session.scalars(select(CaseKey.recovery_key_id)).one() is not None


def test_pieces_are_added_without_any_key_and_read_in_order(store: Store):
    with store.write() as session:
        house = House(session)
        for number in range(3):
            add_sealed_item(session, house.case, SealedKind.NOTE, {"text": f"第{number}条"})
        content = read_sealed_case(session, house.first, house.private(session, house.first), house.case.id, now=NOW)
    assert [item.kind for item in content.items] == [SealedKind.RECORD, *[SealedKind.NOTE] * 3]
    assert [item.payload["text"] for item in content.items[1:]] == ["第0条", "第1条", "第2条"]


def test_a_piece_moved_to_another_row_is_refused(store: Store):
    with store.write() as session:
        house = House(session)
        note = add_sealed_item(session, house.case, SealedKind.NOTE, {"text": "甲"})
        other = add_sealed_item(session, house.case, SealedKind.NOTE, {"text": "乙"})
        note.ciphertext = other.ciphertext
        session.flush()
        private = house.private(session, house.first)
        with pytest.raises(BrokenSeal):
            read_sealed_case(session, house.first, private, house.case.id, now=NOW)


def test_every_reading_stands_in_the_ledger_and_says_nothing_of_the_matter(store: Store):
    with store.write() as session:
        house = House(session)
        read_sealed_case(session, house.first, house.private(session, house.first), house.case.id, now=NOW)
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == Verb.READ)).one()
    assert (entry.actor_id, entry.case_id, entry.details) == (house.first.id, house.case.id, {})


def test_an_open_case_has_no_key_to_seal_to(store: Store):
    with store.write() as session:
        a_house(session)
        with pytest.raises(VaultNotSetUp):
            add_sealed_item(session, Case(number="1"), SealedKind.NOTE, {})


def test_one_who_is_in_lets_another_in(store: Store):
    with store.write() as session:
        house = House(session)
        late = a_clue_officer(session, "容若水")
        phrase = give_key_pair(session, late, strength=LIGHT, by=SYSTEM, now=NOW)
        private = house.private(session, house.first)
        with pytest.raises(InvalidField, match="not_in_ring"):
            share_case(session, house.first, private, house.case.id, late, now=NOW)
        assert not session.scalars(select(CaseKey).where(CaseKey.officer_id == late.id)).all()
        first = session.scalars(select(OfficerSession).where(OfficerSession.officer_id == house.first.id)).one()
        add_member(session, late, signed=Signed(house.first, first), token=f"token-{house.first.username}", now=NOW)
        share_case(session, house.first, private, house.case.id, late, now=NOW)
        signed = sign_in(session, late, "late")
        open_ring(session, signed, "late", phrase, now=NOW)
        content = read_sealed_case(session, late, officer_private_key(signed, "late"), house.case.id, now=NOW)
        assert content.record == RECORD


def test_one_who_is_out_lets_nobody_in(store: Store):
    with store.write() as session:
        house = House(session)
        private = house.private(session, house.hit)
        with pytest.raises(NotFound):
            share_case(session, house.hit, private, house.case.id, house.hit, now=NOW)


def test_nobody_without_a_key_is_let_in(store: Store):
    with store.write() as session:
        house = House(session)
        plain = a_clue_officer(session, "无钥者", public_key=None, wrapped_private_key=None)
        with pytest.raises(NotAllowed):
            share_case(session, house.first, house.private(session, house.first), house.case.id, plain, now=NOW)


def test_the_only_one_who_can_open_some_case_is_not_removed(store: Store):
    with store.write() as session:
        house = House(session)
        withdraw_access(session, house.case.id, [house.second.id])
        with pytest.raises(LastMember):
            remove_member(session, house.first, by=SYSTEM, now=NOW)
        remove_member(session, house.second, by=SYSTEM, now=NOW)


def test_nothing_of_it_stands_in_plain(store: Store):
    with store.write() as session:
        house = House(session)
        case_id = house.case.id
    with store.read() as session:
        case = session.get_one(Case, case_id)
        kept = [getattr(case, column.key) for column in Case.__table__.columns]
        items = session.scalars(select(SealedItem.ciphertext)).all()
    assert case.category is case.urgency is case.body_code is case.institution_code is None
    assert not any("崔广田" in str(value) for value in kept)
    assert not any("崔广田".encode() in blob for blob in items)


def test_opened_content_shows_no_key_in_a_repr(store: Store):
    with store.write() as session:
        house = House(session)
        content = read_sealed_case(session, house.first, house.private(session, house.first), house.case.id, now=NOW)
    assert repr(content.case_key) not in repr(content)
