"""No clue officer keeps another out of a sealed case alone, nor ends or hands on what he alone can open."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.bonds import OfficerPen
from casework.cluelooks import awaits_clue_officer
from casework.consents import (
    Counts,
    ask_keeping_out,
    count_keepings_out,
    decide_keeping_out,
    list_for_leader,
    list_inside,
    was_refused,
)
from casework.dispositions import close_case, reply_case
from casework.errors import InvalidField, NeedsColleague, NotFound
from casework.exclusions import exclude_by_hand
from casework.foureyes import HOLDING_ANSWER, count_eyes, is_alone
from casework.ledger import list_timeline
from casework.messages import answer_reporter
from casework.models import Case, LedgerEntry, Officer
from casework.models.consents import KeepingOutRequest
from casework.models.secrecy import CaseKey
from casework.openings import open_case
from casework.referrals import draft_referral, issue_referral
from casework.sealed_exclusions import put_out_of_sealed, stand_aside
from casework.sealing import SealedContent, list_allowed, withdraw_access
from casework.store import Store
from casework.types import RecusalReason, Role
from tests.casework.casedesk import ENDING, OFFICE, Desk
from tests.casework.handovers import a_sealed_case, a_second_clue_officer, discipline, opened_by, the_desk, the_house
from tests.casework.people import (
    NOW,
    a_clue_officer,
    a_leader,
    a_person,
    an_assessment,
    an_officer,
    an_open_case,
    an_opening,
    keep_out_by_hand,
)

RELATIVE = RecusalReason.RELATIVE


@dataclass
class Room:
    """A sealed case with two clue officers inside, and a leader whom nothing in it names."""

    session: Session
    first: Officer = field(init=False)
    second: Officer = field(init=False)
    leader: Officer = field(init=False)
    case: Case = field(init=False)

    def __post_init__(self) -> None:
        the_house(self.session)
        self.first, self.second = a_clue_officer(self.session), a_second_clue_officer(self.session)
        self.leader = a_leader(self.session)
        self.case = a_sealed_case(self.session)

    def opened(self, officer: Officer | None = None) -> SealedContent:
        return opened_by(self.session, officer or self.first, self.case)

    def ask(self, **more: Any) -> KeepingOutRequest:
        known: dict[str, Any] = {"by": self.first, "now": NOW}
        return ask_keeping_out(self.session, self.opened(), self.second.id, RELATIVE, **(known | more))

    def decide(self, request: KeepingOutRequest, by: Officer, *, agreed: bool = True, **more: Any) -> None:
        decide_keeping_out(self.session, request.id, agreed=agreed, by=by, **({"now": NOW} | more))

    def inside(self) -> list[str]:
        return [officer.name for officer in list_allowed(self.session, self.case.id)]

    def pen(self, officer: Officer) -> OfficerPen:
        return OfficerPen(self.opened(officer).case_key, officer.wrapped_private_key or b"")


def test_he_stays_until_a_leader_whom_nothing_names_has_agreed(store: Store) -> None:
    with store.write() as session:
        room = Room(session)
        request = room.ask()
        assert room.inside() == ["宁致远", "沈知棠"]
        (asked,) = list_for_leader(session, room.leader, now=NOW)
        assert (asked.mark, asked.reason) == (request.id[:4].upper(), "和他的近亲属有利害关系")
        room.decide(request, room.leader)
        assert room.inside() == ["宁致远"]
        assert not session.scalars(select(CaseKey).where(CaseKey.officer_id == room.second.id)).all()
        assert request.reason is None
        assert list_for_leader(session, room.leader, now=NOW) == []


def test_neither_the_one_who_asks_nor_the_one_it_is_about_nor_a_stranger_decides(store: Store) -> None:
    with store.write() as session:
        room = Room(session)
        request = room.ask()
        later = a_leader(session, "尤守德", "副局长")
        for officer in (room.first, room.second, later, an_officer(session, "d", "别人", "hotline", Role.DISPATCHER)):
            with pytest.raises(NotFound):
                room.decide(request, officer)
        assert room.inside() == ["宁致远", "沈知棠"]


def test_no_leader_is_asked_who_is_named_inside_or_where_leadership_is_complained_of(store: Store) -> None:
    text = "副局长尤守德收了麦陇镇敬老院三千元购物卡。"
    with store.write() as session:
        room = Room(session)
        named = a_leader(session, "尤守德", "副局长")
        person = a_person(text, "尤守德", name="尤守德", post="副局长")
        said = an_assessment(text, category="corruption", who=True, what=True, discipline=True, persons=[person])
        case = open_case(session, an_opening(text, assessment=said), office=OFFICE, now=NOW).case
        assert case is not None
        room.case = case
        with pytest.raises(InvalidField, match="nobody_to_agree"):
            room.ask()
        for leader in (named, room.leader):
            assert list_for_leader(session, leader, now=NOW) == []


def test_a_third_clue_officer_inside_agrees_and_the_one_it_is_about_reads_nothing_of_it(store: Store) -> None:
    with store.write() as session:
        the_house(session)
        third = a_clue_officer(session, "桑若谷")
        session.expunge_all()
    with store.write() as session:
        room = Room.__new__(Room)
        room.session = session
        room.first, room.second = a_clue_officer(session), a_second_clue_officer(session)
        room.leader = a_leader(session)
        third = session.scalars(select(Officer).where(Officer.name == "桑若谷")).one()
        room.case = a_sealed_case(session)
        request = room.ask()
        his = room.opened(room.second)
        assert list_inside(session, his, room.second, now=NOW) == []
        assert [item.kind.value for item in his.items] == ["record"]
        told = [row.label for row in list_timeline(session, room.case.id, with_reads=True)]
        assert not [label for label in told if "回避" in label]
        assert [(each.who, each.mine) for each in list_inside(session, room.opened(), room.first, now=NOW)] == [
            ("沈知棠", True)
        ]
        (shown,) = list_inside(session, room.opened(third), third, now=NOW)
        assert (shown.who, shown.asked_by, shown.mine) == ("沈知棠", "宁致远", False)
        room.decide(request, third)
        assert room.inside() == ["宁致远", "桑若谷"]


def test_a_refusal_moves_nothing_and_the_one_who_asked_is_told(store: Store) -> None:
    with store.write() as session:
        room = Room(session)
        request = room.ask()
        with pytest.raises(InvalidField, match="asked_already"):
            room.ask()
        room.decide(request, room.leader, agreed=False)
        assert room.inside() == ["宁致远", "沈知棠"]
        assert was_refused(session, room.opened(), room.first, now=NOW)
        assert not was_refused(session, room.opened(room.second), room.second, now=NOW)
        with pytest.raises(NotFound):
            room.decide(request, room.leader)


def test_after_seven_days_nobody_decides_any_more(store: Store) -> None:
    with store.write() as session:
        room = Room(session)
        request = room.ask()
        late = NOW + timedelta(days=7)
        assert list_for_leader(session, room.leader, now=late) == []
        with pytest.raises(NotFound):
            room.decide(request, room.leader, now=late)


def test_nothing_else_puts_a_colleague_out(store: Store) -> None:
    with store.write() as session:
        room = Room(session)
        with pytest.raises(InvalidField, match="needs_consent"):
            put_out_of_sealed(session, room.case, room.second.id, why="亲家", by=room.first, now=NOW)
        with pytest.raises(InvalidField, match="needs_consent"):
            put_out_of_sealed(session, room.case, room.second.id, why="x", by=room.first, second=room.first, now=NOW)
        stand_aside(session, room.opened(room.second), why="是我亲家", by=room.second, now=NOW)
        assert room.inside() == ["宁致远"]


def test_it_is_counted_for_everybody_and_names_no_case(store: Store) -> None:
    with store.write() as session:
        room = Room(session)
        since = NOW - timedelta(days=30)
        assert count_keepings_out(session, since=since) == Counts(0, 0, 0, 0)
        room.decide(room.ask(), room.leader, agreed=False)
        room.decide(room.ask(), room.leader)
        assert count_keepings_out(session, since=since) == Counts(2, 1, 1, 0)
        entries = session.scalars(select(LedgerEntry).where(LedgerEntry.subject == "keeping_out")).all()
        assert len(entries) == 4
        assert {entry.case_id for entry in entries} == {None}


def test_one_alone_neither_answers_refers_nor_closes(store: Store) -> None:
    with store.write() as session:
        room = Room(session)
        opened = room.opened()
        organ, desk = discipline(session), the_desk()
        draft = draft_referral(session, room.case, organ, by=room.second, desk=desk, now=NOW, opened=opened)
        opened = room.opened()
        assert not is_alone(session, room.case)
        withdraw_access(session, room.case.id, [room.second.id])
        assert (count_eyes(session, room.case), is_alone(session, room.case)) == (1, True)
        more: dict[str, Any] = {"by": room.first, "office": OFFICE, "now": NOW, "pen": room.pen(room.first)}
        by_desk: dict[str, Any] = {"by": room.first, "desk": desk, "now": NOW, "opened": opened}
        for act in (
            lambda: answer_reporter(session, room.case, "您说的是哪一天？", **more),
            lambda: reply_case(session, room.case, ENDING, **more),
            lambda: close_case(session, room.case, ENDING, **more),
            lambda: draft_referral(session, room.case, organ, **by_desk),
            lambda: issue_referral(session, draft, number="〔2026〕3号", **by_desk),
        ):
            with pytest.raises(NeedsColleague):
                act()
        assert answer_reporter(session, room.case, HOLDING_ANSWER, **more).text is None


def test_a_colleague_without_a_key_or_gone_is_no_second_pair_of_eyes(store: Store) -> None:
    with store.write() as session:
        room = Room(session)
        room.second.removed_at = NOW
        session.flush()
        assert is_alone(session, room.case)
        room.second.removed_at = None
        session.flush()
        assert not is_alone(session, room.case)
        for key in session.scalars(select(CaseKey).where(CaseKey.officer_id == room.second.id)):
            session.delete(key)
        session.flush()
        assert is_alone(session, room.case)


# ---- open cases


def test_nobody_keeps_a_clue_officer_out_of_an_open_case_alone(store: Store) -> None:
    with store.write() as session:
        desk = Desk(session, discipline=True)
        other = a_second_clue_officer(session)
        for by in (desk.clue, desk.dispatcher):
            for officer_id, body_code in ((other.id, None), (None, "clue_desk")):
                with pytest.raises(InvalidField, match="seal_first"):
                    exclude_by_hand(session, desk.case, officer_id=officer_id, body_code=body_code, by=by, now=NOW)
        exclude_by_hand(session, desk.case, officer_id=other.id, why="亲家", by=other, now=NOW)


def test_the_last_clue_officer_does_not_leave_a_clue(store: Store) -> None:
    with store.write() as session:
        desk = Desk(session, discipline=True)
        with pytest.raises(InvalidField, match="last_clue_officer"):
            exclude_by_hand(session, desk.case, officer_id=desk.clue.id, why="亲家", by=desk.clue, now=NOW)


def test_a_clue_goes_on_waiting_though_all_clue_officers_are_kept_out_by_hand(store: Store) -> None:
    with store.write() as session:
        desk = Desk(session, text="交了三回材料都不给办。", category="inaction", discipline=True)
        assert awaits_clue_officer(session, desk.case)
        keep_out_by_hand(session, desk.case, desk.clue, by=desk.dispatcher)
        assert awaits_clue_officer(session, desk.case)


def test_it_does_not_wait_for_one_whom_the_conflict_test_keeps_out(store: Store) -> None:
    text = "线索管理岗的宁致远收了钱不给办。"
    with store.write() as session:
        desk = Desk(session)
        person = a_person(text, "宁致远", name="宁致远")
        case = an_open_case(session, text, category="inaction", discipline=True, persons=[person], home=None)
        assert not awaits_clue_officer(session, case)
        keep_out_by_hand(session, case, desk.clue, by=desk.dispatcher)
        assert not awaits_clue_officer(session, case)
