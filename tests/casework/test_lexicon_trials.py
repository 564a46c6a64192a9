"""A proposed change on trial: over whose cases it runs, what it finds, and who sets it live."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.assessments import Correction, correct_assessment
from casework.assignments import assign_case
from casework.errors import IllegalMove, InvalidField, NotAllowed, StaleVersion
from casework.ledger import SYSTEM
from casework.lexicon_proposals import drop_proposal, get_proposal, list_proposals, propose_change, set_live, try_again
from casework.lexicon_trials import list_moved_for, try_proposal
from casework.lexicons import add_version, get_active, read_changes
from casework.models import Exclusion, LexiconMove, LexiconProposal, Officer, Ring
from casework.models.cases import Case
from casework.models.lexicon import ProposalStatus
from casework.rowpacks import drop_rows
from casework.store import Store
from casework.types import CaseKind, Channel, ExclusionReason
from intake.models import Report
from tests.casework.casedesk import OFFICE
from tests.casework.people import NOW, a_dispatcher, a_handler, a_supervisor, an_open_case, opened, the_county
from tests.triage.reading_room import a_context
from triage.overlay import Change, ChangeAct

PHRASE = "云端星光计划"
TEXT = f"院里又在搞{PHRASE}了，老人都去听课。"
OTHER_TEXT = "院里的饭是馊的，老人吃了拉肚子。"
CHANGE = Change(ChangeAct.ADD, "illegal_fundraising", (PHRASE,), weight=5.0)
BASE = a_context()


class Room:
    """A county with a dispatcher who proposes and a supervisor who decides."""

    def __init__(self, store: Store) -> None:
        self.store = store
        with store.write() as session:
            the_county(session)
            self.dispatcher, self.supervisor = a_dispatcher(session), a_supervisor(session)
            self.section = a_handler(session)

    def confirmed(self, session: Session, text: str = TEXT, **assessed: Any) -> Case:
        """A case that was sent on as triage said."""
        case = an_open_case(session, text, **({"category": "fees", "body": "civil_affairs"} | assessed))
        keep_words(session, case, text)
        assign_case(session, case, "civil_affairs", by=self.dispatcher, office=OFFICE, now=NOW)
        return case

    def propose(self, change: Change = CHANGE, *, by: Officer | None = None, reason: str = "三家都来投诉") -> str:
        with self.store.write() as session:
            return propose_change(session, change, reason, by=by or self.dispatcher, base=BASE, now=NOW).id

    def run(self, proposal_id: str) -> int:
        return try_proposal(self.store, proposal_id, base=BASE, now=NOW + timedelta(minutes=1))

    def numbers(self, proposal_id: str, officer: Officer | None = None) -> list[str]:
        """The cases that an officer is shown as moved."""
        with self.store.read() as session:
            officer = officer or self.supervisor
            proposal = get_proposal(session, officer, proposal_id)
            return [moved.case.number for moved in list_moved_for(session, officer, proposal)[0]]


def keep_words(session: Session, case: Case, text: str) -> None:
    """The report that the case was opened with, as intake would have stored it."""
    ring = session.scalar(select(Ring))
    if ring is None:
        ring = Ring(name="identity", generation=1, public_key=b"x", created_at=NOW)
        session.add(ring)
        session.flush()
    report = Report(case_id=case.id, sealed=False, received_on=NOW.date(), original_ciphertext=b"x", commitment=b"x")
    report.ring_id, report.working_text, report.channel, report.named = ring.id, text, Channel.WEB, False
    session.add(report)
    session.flush()


@pytest.fixture
def room(store: Store) -> Room:
    return Room(store)


def test_it_finds_what_would_move_and_keeps_no_word_of_it(room: Room):
    with room.store.write() as session:
        case = room.confirmed(session)
        room.confirmed(session, OTHER_TEXT)
    proposal_id = room.propose()
    assert room.run(proposal_id) == 1
    with room.store.read() as session:
        proposal = get_proposal(session, room.supervisor, proposal_id)
        assert (proposal.status, proposal.done, proposal.total) == (ProposalStatus.TESTED, 2, 2)
        (moved,), tally = list_moved_for(session, room.supervisor, proposal)
        assert moved.case.id == case.id
        assert (tally.moved, moved.gain) == (1, tally.nearer - tally.further)
        assert "illegal_fundraising" not in moved.before.categories
        assert moved.after.categories[0] == "illegal_fundraising"
        assert PHRASE in {moved.text[start:end] for start, end, _ in moved.spans}
        (row,) = session.scalars(select(LexiconMove))
        assert PHRASE not in f"{row.before}{row.after}"


def test_only_what_a_person_has_confirmed_takes_part(room: Room):
    with room.store.write() as session:
        waiting = an_open_case(session, TEXT, category="fees")
        keep_words(session, waiting, TEXT)
        corrected = an_open_case(session, TEXT, category="fees")
        keep_words(session, corrected, TEXT)
        correct_assessment(
            session, corrected, Correction(category="inaction"), by=room.dispatcher, office=OFFICE, now=NOW
        )
        slip = an_open_case(session, TEXT)
        keep_words(session, slip, TEXT)
        slip.kind = CaseKind.SLIP
    proposal_id = room.propose()
    room.run(proposal_id)
    assert room.numbers(proposal_id) == [corrected.number]


def test_a_sealed_case_takes_no_part_and_leaves_when_it_is_sealed(room: Room):
    with room.store.write() as session:
        opened(session, "崔广田贪污。", discipline=True, who=True, what=True)
        case = room.confirmed(session)
    proposal_id = room.propose()
    assert room.run(proposal_id) == 1
    with room.store.write() as session:
        drop_rows(session, case.id)
    assert room.numbers(proposal_id) == []
    with room.store.read() as session:
        assert session.scalars(select(LexiconMove)).all() == []


def test_it_runs_over_the_cases_of_its_proposer_and_shows_each_officer_his_own(room: Room):
    with room.store.write() as session:
        seen, hidden = room.confirmed(session), room.confirmed(session)
        session.add(
            Exclusion(
                case_id=hidden.id,
                officer_id=room.dispatcher.id,
                reason=ExclusionReason.BY_HAND,
                certain=True,
                made_at=NOW,
            )
        )
    mine, theirs = room.propose(), room.propose(by=room.supervisor)
    assert (room.run(mine), room.run(theirs)) == (1, 2)
    assert room.numbers(theirs, room.supervisor) == sorted([seen.number, hidden.number])
    assert room.numbers(theirs, room.dispatcher) == [seen.number]
    with room.store.read() as session:
        assert get_proposal(session, room.dispatcher, mine).total == 1


def test_it_goes_on_where_it_was_stopped(room: Room):
    with room.store.write() as session:
        for _ in range(3):
            room.confirmed(session)
    proposal_id = room.propose()
    with room.store.write() as session:
        first = min(session.scalars(select(Case.id)))
        proposal = session.get_one(LexiconProposal, proposal_id)
        proposal.cursor, proposal.done = first, 1
    assert try_proposal(room.store, proposal_id, base=BASE, now=NOW, batch=1) == 2
    with room.store.read() as session:
        assert session.get_one(LexiconProposal, proposal_id).done == 3
    assert room.run(proposal_id) == 2


def test_nothing_takes_effect_before_the_second_look(room: Room):
    with room.store.write() as session:
        room.confirmed(session)
    proposal_id = room.propose()
    with room.store.write() as session:
        proposal = get_proposal(session, room.supervisor, proposal_id)
        known: dict[str, Any] = {"base": BASE, "now": NOW}
        with pytest.raises(IllegalMove):
            set_live(session, proposal, seen=True, by=room.supervisor, **known)
    room.run(proposal_id)
    with room.store.write() as session:
        proposal = get_proposal(session, room.supervisor, proposal_id)
        assert get_active(session) == 0
        with pytest.raises(NotAllowed):
            set_live(session, proposal, seen=True, by=room.dispatcher, **known)
        with pytest.raises(InvalidField):
            set_live(session, proposal, seen=False, by=room.supervisor, **known)
        assert set_live(session, proposal, seen=True, by=room.supervisor, **known) == 1
        assert read_changes(session, get_active(session)) == (CHANGE,)
        assert list_proposals(session) == []
        with pytest.raises(IllegalMove):
            drop_proposal(session, proposal, by=room.supervisor, now=NOW)


def test_a_trial_over_another_version_has_to_be_run_again(room: Room):
    with room.store.write() as session:
        room.confirmed(session)
    proposal_id = room.propose()
    room.run(proposal_id)
    other = Change(ChangeAct.ADD, "fees", ("收三遍钱",), weight=1.0)
    with room.store.write() as session:
        add_version(session, (other,), change=other, reason="x", base=BASE, by=SYSTEM, now=NOW)
        proposal = get_proposal(session, room.supervisor, proposal_id)
        with pytest.raises(StaleVersion):
            set_live(session, proposal, seen=True, by=room.supervisor, base=BASE, now=NOW)
        try_again(session, proposal, by=room.dispatcher, base=BASE)
        assert (proposal.status, proposal.over, proposal.done) == (ProposalStatus.TESTING, 1, 0)
    assert room.run(proposal_id) == 1
    with room.store.write() as session:
        proposal = get_proposal(session, room.supervisor, proposal_id)
        assert set_live(session, proposal, seen=True, by=room.supervisor, base=BASE, now=NOW) == 2
        assert read_changes(session, 2) == (other, CHANGE)


def test_a_dropped_proposal_forgets_what_it_found(room: Room):
    with room.store.write() as session:
        room.confirmed(session)
    proposal_id = room.propose()
    room.run(proposal_id)
    with room.store.write() as session:
        drop_proposal(session, get_proposal(session, room.dispatcher, proposal_id), by=room.dispatcher, now=NOW)
        assert session.scalars(select(LexiconMove)).all() == []
    assert room.run(proposal_id) == 0


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        (Change(ChangeAct.ADD, "nonsense", ("x",), weight=1.0), "为什么", "topic"),
        (Change(ChangeAct.ADD, "fees", (), weight=1.0), "为什么", "words"),
        (Change(ChangeAct.ADD, "fees", ("没见过的说法",)), "为什么", "weight"),
        (CHANGE, " ", "reason"),
        (CHANGE, "很长的话" * 51, "reason"),
    ],
)
def test_what_is_wrong_is_told_by_field(room: Room, change: Change, reason: str, field: str):
    with pytest.raises(InvalidField) as caught:
        room.propose(change, reason=reason)
    assert caught.value.field == field


def test_a_section_neither_proposes_nor_looks(room: Room):
    with pytest.raises(NotAllowed):
        room.propose(by=room.section)
    proposal_id = room.propose()
    with room.store.read() as session, pytest.raises(NotAllowed):
        get_proposal(session, room.section, proposal_id)
