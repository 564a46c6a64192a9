"""What one alone does over a sealed case only with a third person: let in one who may be meant, hand the case on."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.clues import is_meant, let_in, list_kept_out, tell_level
from casework.consents import DOUBTED, LEVELS, decide_keeping_out, list_for_leader
from casework.dispositions import close_case
from casework.errors import InvalidField, NeedsColleague, NotFound
from casework.foureyes import count_eyes, is_alone
from casework.ledger import SYSTEM
from casework.messages import answer_reporter
from casework.models import Officer, Referral
from casework.models.columns import new_id
from casework.models.consents import KeepingOutRequest
from casework.models.people import Body
from casework.models.secrecy import Allowance, CaseKey
from casework.officers import change_officer
from casework.openings import open_case
from casework.referrals import draft_referral, issue_referral
from casework.roster import build_roster
from casework.sealed_exclusions import stand_aside
from casework.sealing import withdraw_access
from casework.store import Store
from casework.thirdpersons import ask_handing_on, ask_letting_in, list_consented
from casework.types import ConsentKind, ReceiverLevel, ReferralStatus, Role
from casework.vault import generate_key_pair, seal_record
from intake.later import hear_later_words
from tests.casework.casedesk import ENDING, OFFICE
from tests.casework.handovers import a_sealed_case, discipline, the_desk
from tests.casework.people import NOW, a_person, an_assessment, an_officer, an_opening
from tests.casework.test_consents import Room
from tests.intake.desk import a_desk


class Lonely(Room):
    """The second has stood aside: the first is alone with the case."""

    def __post_init__(self) -> None:
        super().__post_init__()
        stand_aside(self.session, self.opened(self.second), why="认识", by=self.second, now=NOW)

    def ask_on(self, body: Body | None = None) -> KeepingOutRequest:
        receiver = body or discipline(self.session)
        return ask_handing_on(self.session, self.opened(), receiver, by=self.first, now=NOW)

    def by_desk(self) -> dict[str, Any]:
        return {"by": self.first, "desk": the_desk(), "now": NOW, "opened": self.opened()}

    def draft(self) -> Referral:
        return draft_referral(self.session, self.case, discipline(self.session), **self.by_desk())

    def issue(self, draft: Referral) -> Referral:
        return issue_referral(self.session, draft, number="〔2026〕3号", **self.by_desk())


class Doubted(Room):
    """Words that may mean the second, wrong by one sign: the first is alone with the case."""

    def __post_init__(self) -> None:
        super().__post_init__()
        text = "沈知堂收了麦陇镇敬老院三千元购物卡，帮着压案子。"
        said = an_assessment(text, category="corruption", who=True, what=True, discipline=True)
        case = open_case(self.session, an_opening(text, assessment=said), office=OFFICE, now=NOW).case
        assert case is not None
        self.case = case
        assert self.inside() == ["宁致远"]
        assert is_meant(self.second, list_kept_out(self.session, case, self.opened()))

    def ask_in(self) -> KeepingOutRequest:
        return ask_letting_in(self.session, self.opened(), self.second.id, by=self.first, now=NOW)

    def let_in(self, **more: Any) -> None:
        private = self.first.wrapped_private_key
        assert private is not None
        known: dict[str, Any] = {"now": NOW} | more
        let_in(self.session, self.first, private, self.opened(), self.second.id, **known)


def name_in_addition(room: Room, name: str) -> None:
    """The reporter writes a later word that complains of somebody by name."""
    text = f"{name}也收了两万块。"
    desk = a_desk(persons=[a_person(text, name, name=name)])
    hear_later_words(room.session, room.case, text, desk=desk, now=NOW)


def put_rows(session: Session, room: Room, officer: Officer, wrapped: bytes) -> None:
    """What whoever writes the database can put there."""
    session.add(Allowance(case_id=room.case.id, officer_id=officer.id))
    session.add(CaseKey(case_id=room.case.id, officer_id=officer.id, wrapped_key=wrapped))
    session.flush()


# ---- letting in


def test_nobody_alone_lets_in_the_colleague_whom_the_words_may_mean(store: Store) -> None:
    with store.write() as session:
        room = Doubted(session)
        with pytest.raises(InvalidField, match="needs_third"):
            room.let_in()
        assert room.inside() == ["宁致远"]


def test_with_a_leaders_consent_he_is_let_in_once_and_the_leader_reads_a_mark_and_no_name(store: Store) -> None:
    with store.write() as session:
        room = Doubted(session)
        request = room.ask_in()
        (asked,) = list_for_leader(session, room.leader, now=NOW)
        assert (asked.kind, asked.reason) == (ConsentKind.LETTING_IN, DOUBTED)
        assert decide_keeping_out(session, request.id, agreed=True, by=room.leader, now=NOW) is ConsentKind.LETTING_IN
        assert room.inside() == ["宁致远"]
        room.let_in()
        assert room.inside() == ["宁致远", "沈知棠"]
        withdraw_access(session, room.case.id, [room.second.id])
        with pytest.raises(InvalidField, match="needs_third"):
            room.let_in()


def test_a_refusal_or_a_stale_consent_lets_nobody_in(store: Store) -> None:
    with store.write() as session:
        room = Doubted(session)
        room.decide(room.ask_in(), room.leader, agreed=False)
        with pytest.raises(InvalidField, match="needs_third"):
            room.let_in()
        room.decide(room.ask_in(), room.leader)
        with pytest.raises(InvalidField, match="needs_third"):
            room.let_in(now=NOW + timedelta(days=8))


def test_neither_the_one_who_asks_nor_the_one_whom_it_is_about_agrees_to_letting_in(store: Store) -> None:
    with store.write() as session:
        room = Doubted(session)
        request = room.ask_in()
        for officer in (room.first, room.second):
            with pytest.raises(NotFound):
                room.decide(request, officer)


def test_a_consent_of_a_leader_whom_later_words_name_lets_nobody_in(store: Store) -> None:
    with store.write() as session:
        room = Doubted(session)
        room.decide(room.ask_in(), room.leader)
        name_in_addition(room, room.leader.name)
        with pytest.raises(InvalidField, match="needs_third"):
            room.let_in()


# ---- handing on


def test_one_alone_hands_a_case_on_with_a_leaders_blind_consent_and_does_nothing_else_with_it(store: Store) -> None:
    with store.write() as session:
        room = Lonely(session)
        with pytest.raises(NeedsColleague):
            room.draft()
        request = room.ask_on()
        (asked,) = list_for_leader(session, room.leader, now=NOW)
        assert (asked.kind, asked.mark) == (ConsentKind.HANDING_ON, request.id[:4].upper())
        assert asked.reason == LEVELS[ReceiverLevel.DISCIPLINE]
        with pytest.raises(NeedsColleague):
            room.draft()
        room.decide(request, room.leader)
        draft = room.draft()
        more: dict[str, Any] = {"by": room.first, "office": OFFICE, "now": NOW, "pen": room.pen(room.first)}
        with pytest.raises(NeedsColleague):
            answer_reporter(session, room.case, "您说的是哪一天？", **more)
        with pytest.raises(NeedsColleague):
            close_case(session, room.case, ENDING, **more)
        assert room.issue(draft).status is ReferralStatus.ISSUED
        with pytest.raises(NeedsColleague):
            room.draft()


def test_the_consent_is_for_the_kind_of_receiver_that_the_leader_read_and_no_other(store: Store) -> None:
    with store.write() as session:
        room = Lonely(session)
        room.decide(room.ask_on(), room.leader)
        roster = build_roster(session)
        bodies = list(session.scalars(select(Body)))
        may = list_consented(session, room.opened(), bodies, by=room.first, now=NOW)
        assert {tell_level(roster.bodies[body.code], roster) for body in may} == {ReceiverLevel.DISCIPLINE}
        fire = session.get_one(Body, "fire")
        with pytest.raises(NeedsColleague):
            draft_referral(session, room.case, fire, **room.by_desk())
        with pytest.raises(InvalidField, match="unknown_choice"):
            room.ask_on(fire)


def test_a_refusal_hands_nothing_on_and_where_two_see_the_case_nobody_is_asked(store: Store) -> None:
    with store.write() as session:
        room = Lonely(session)
        room.decide(room.ask_on(), room.leader, agreed=False)
        with pytest.raises(NeedsColleague):
            room.draft()
        room.case = a_sealed_case(session)
        with pytest.raises(InvalidField, match="not_alone"):
            room.ask_on()


def test_a_leader_named_later_is_no_second_pair_of_eyes_any_more(store: Store) -> None:
    with store.write() as session:
        room = Lonely(session)
        room.decide(room.ask_on(), room.leader)
        draft = room.draft()
        name_in_addition(room, room.leader.name)
        with pytest.raises(NeedsColleague):
            room.issue(draft)


# ---- who stays a third person


def test_a_leader_whom_an_addition_names_is_struck_off_and_reads_and_decides_nothing(store: Store) -> None:
    with store.write() as session:
        room = Room(session)
        request = room.ask()
        name_in_addition(room, room.leader.name)
        assert list_for_leader(session, room.leader, now=NOW) == []
        with pytest.raises(NotFound):
            room.decide(request, room.leader)
        assert room.inside() == ["宁致远", "沈知棠"]


def test_an_addition_that_means_no_leader_leaves_the_third_persons_as_they_are(store: Store) -> None:
    with store.write() as session:
        room = Room(session)
        request = room.ask()
        name_in_addition(room, "鲁守田")
        room.decide(request, room.leader)
        assert room.inside() == ["宁致远"]


def test_a_leader_whose_names_were_changed_since_he_was_asked_does_not_decide(store: Store) -> None:
    with store.write() as session:
        room = Room(session)
        request = room.ask()
        later = NOW + timedelta(minutes=5)
        change_officer(session, room.leader, aliases=["老项"], by=SYSTEM, now=later)
        with pytest.raises(NotFound):
            room.decide(request, room.leader, now=later)
        assert room.inside() == ["宁致远", "沈知棠"]


# ---- whose eyes count


def test_rows_written_into_the_database_for_one_who_was_put_out_are_no_second_pair_of_eyes(store: Store) -> None:
    with store.write() as session:
        room = Lonely(session)
        assert count_eyes(session, room.case) == 1
        public = room.second.public_key
        assert public is not None
        put_rows(session, room, room.second, seal_record(public, new_id(), {"key": "0" * 64}))
        assert is_alone(session, room.case)


def test_garbage_where_his_key_should_lie_and_a_swapped_key_do_not_count(store: Store) -> None:
    with store.write() as session:
        room = Room(session)
        assert count_eyes(session, room.case) == 2
        row = session.scalars(select(CaseKey).where(CaseKey.officer_id == room.second.id)).one()
        kept, row.wrapped_key = row.wrapped_key, b"garbage"
        session.flush()
        assert is_alone(session, room.case)
        row.wrapped_key = kept
        session.flush()
        assert count_eyes(session, room.case) == 2
        room.second.public_key = generate_key_pair().public
        session.flush()
        assert is_alone(session, room.case)


def test_one_whom_no_colleague_let_into_the_ring_does_not_count(store: Store) -> None:
    with store.write() as session:
        room = Lonely(session)
        stranger = an_officer(session, "stranger", "桑若谷", "clue_desk", Role.CLUE_OFFICER, keys=True)
        public = stranger.public_key
        assert public is not None
        put_rows(session, room, stranger, seal_record(public, new_id(), {"key": "0" * 64}))
        assert is_alone(session, room.case)
