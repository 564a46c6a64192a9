"""An open discipline case waits for a clue officer's look before anybody handles it."""

import pytest
from sqlalchemy.orm import Session

from casework.assessments import Correction, confirm_clue, correct_assessment
from casework.assignments import assign_case
from casework.cluelooks import awaits_clue_officer, count_unseen, leave_to_desk
from casework.dispositions import close_case, reply_case
from casework.errors import AwaitsClueOfficer, NotAllowed
from casework.keepingout import exclude
from casework.ledger import SYSTEM, Verb
from casework.models.people import Body
from casework.referrals import draft_referral
from casework.store import Store
from casework.types import CaseStatus, ExclusionReason
from tests.casework.casedesk import ENDING, OFFICE, Desk
from tests.casework.handovers import the_desk
from tests.casework.people import NOW, a_clue_officer, a_dispatcher, an_open_case, the_county
from triage.types import Urgency


def a_desk(session: Session, **assessed: object) -> Desk:
    """A case of inaction that names nobody: open, and marked."""
    return Desk(session, **({"text": "交了三回材料都不给办。", "category": "inaction", "discipline": True} | assessed))


def test_it_is_assigned_answered_closed_and_referred_by_nobody_before_that(store: Store):
    with store.write() as session:
        desk = a_desk(session)
        more = {"by": desk.dispatcher, "office": OFFICE, "now": NOW}
        acts = (
            lambda: assign_case(session, desk.case, "civil_affairs", **more),  # type: ignore[arg-type]
            lambda: reply_case(session, desk.case, ENDING, **more),  # type: ignore[arg-type]
            lambda: close_case(session, desk.case, ENDING, **more),  # type: ignore[arg-type]
            lambda: correct_assessment(session, desk.case, Correction(discipline=False), **more),  # type: ignore[arg-type]
        )
        for act in acts:
            with pytest.raises(AwaitsClueOfficer):
                act()
        assert desk.case.status is CaseStatus.RECEIVED


def test_a_dispatcher_drafts_no_referral_of_it_and_a_clue_officer_does(store: Store):
    with store.write() as session:
        desk = a_desk(session)
        fire = session.get_one(Body, "fire")
        with pytest.raises(AwaitsClueOfficer):
            draft_referral(session, desk.case, fire, by=desk.dispatcher, desk=the_desk(), now=NOW)
        draft_referral(session, desk.case, fire, by=desk.clue, desk=the_desk(), now=NOW)


def test_a_clue_officer_leaves_it_to_the_desk_and_it_goes_on(store: Store):
    with store.write() as session:
        desk = a_desk(session)
        leave_to_desk(session, desk.case, by=desk.clue, now=NOW)
        assert not awaits_clue_officer(session, desk.case)
        assert desk.case.discipline
        desk.assign()
        assert desk.case.status is CaseStatus.DISPATCHED
        assert Verb.LEFT_OPEN in desk.verbs()


def test_confirming_it_or_taking_the_mark_off_is_a_look_as_well(store: Store):
    with store.write() as session:
        desk = a_desk(session)
        other = an_open_case(session, "又交了一回。", category="inaction", body="civil_affairs", discipline=True)
        confirm_clue(session, desk.case, by=desk.clue, office=OFFICE, now=NOW)
        correct_assessment(session, other, Correction(discipline=False), by=desk.clue, office=OFFICE, now=NOW)
        assert not awaits_clue_officer(session, desk.case)
        assert not awaits_clue_officer(session, other)


def test_nobody_but_a_clue_officer_leaves_it(store: Store):
    with store.write() as session:
        desk = a_desk(session)
        for officer in (desk.dispatcher, desk.supervisor, desk.handler):
            with pytest.raises(NotAllowed):
                leave_to_desk(session, desk.case, by=officer, now=NOW)


def test_an_ordinary_case_waits_for_nobody_and_has_nothing_to_leave(store: Store):
    with store.write() as session:
        desk = Desk(session)
        assert not awaits_clue_officer(session, desk.case)
        with pytest.raises(NotAllowed):
            leave_to_desk(session, desk.case, by=desk.clue, now=NOW)


def test_what_the_machine_sees_as_danger_to_life_is_sent_at_once_and_waits_with_all_else(store: Store):
    with store.write() as session:
        desk = a_desk(session, urgency=Urgency.CRITICAL)
        desk.assign()
        assert desk.case.status is CaseStatus.DISPATCHED
        with pytest.raises(AwaitsClueOfficer):
            close_case(session, desk.case, ENDING, by=desk.dispatcher, office=OFFICE, now=NOW)


def test_a_dispatcher_neither_calls_it_critical_to_send_it_nor_takes_the_mark_off(store: Store):
    with store.write() as session:
        desk = a_desk(session)
        more = {"by": desk.dispatcher, "office": OFFICE, "now": NOW}
        correct_assessment(session, desk.case, Correction(urgency=Urgency.CRITICAL), **more)  # type: ignore[arg-type]
        with pytest.raises(AwaitsClueOfficer):
            desk.assign()
        with pytest.raises(AwaitsClueOfficer):
            correct_assessment(session, desk.case, Correction(discipline=False), **more)  # type: ignore[arg-type]
        leave_to_desk(session, desk.case, by=desk.clue, now=NOW)
        with pytest.raises(NotAllowed):
            correct_assessment(session, desk.case, Correction(discipline=False), **more)  # type: ignore[arg-type]
        assert desk.case.discipline


def test_an_office_without_a_clue_officer_does_not_wait_for_one(store: Store):
    with store.write() as session:
        the_county(session)
        a_dispatcher(session)
        case = an_open_case(session, "交了三回材料都不给办。", category="inaction", body="market", discipline=True)
        assert not awaits_clue_officer(session, case)


def keep_out_clue(session: Session, desk: Desk, *, certain: bool) -> None:
    reason = ExclusionReason.NAMED
    exclude(session, desk.case, desk.clue.id, None, reason=reason, certain=certain, by=SYSTEM, now=NOW)
    session.flush()


def test_a_doubt_about_every_clue_officer_does_not_lift_the_look_and_a_leader_is_told_a_number(store: Store):
    with store.write() as session:
        desk = a_desk(session)
        assert count_unseen(session) == 0
        keep_out_clue(session, desk, certain=False)
        assert awaits_clue_officer(session, desk.case)
        with pytest.raises(AwaitsClueOfficer):
            desk.assign()
        assert count_unseen(session) == 1


def test_a_new_clue_that_no_clue_officer_may_look_at_goes_above_the_house(store: Store):
    with store.write() as session:
        the_county(session)
        a_dispatcher(session)
        clue = a_clue_officer(session)
        case = an_open_case(session, f"{clue.name}交了三回材料都不给办。", category="inaction", discipline=True)
        assert case.status is CaseStatus.DISPATCHED
        assert not session.get_one(Body, case.body_code).internal
