"""The principal's three days on a suspected crime: they begin when it lies before him and end with his word."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from casework.deadlines import ClockState, list_deadlines
from casework.errors import IllegalMove, InvalidField, NotAllowed
from casework.ledger import Verb, list_timeline
from casework.models.cases import Case, Note
from casework.models.people import Body, Officer
from casework.models.referrals import Referral
from casework.principals import decide_transfer, put_to_principal, take_back_clocks
from casework.referrals import cancel_referral, draft_referral, issue_referral, switch_referral, update_draft
from casework.store import Store
from tests.casework.handovers import a_fire_case, the_desk, the_house
from tests.casework.people import NOW, a_dispatcher, a_leader, an_office

LATER = NOW + timedelta(days=1)
FILLED = {
    "investigators": "贺小满、陶玉苓",
    "findings": "名册里有两人已经去世。",
    "problems": "冒领补贴。",
    "place": "芦渚镇",
    "happened": "2026年9月",
}


def a_draft(session: Session) -> tuple[Referral, Officer, Officer]:
    the_house(session)
    case, drafter = a_fire_case(session), a_dispatcher(session)
    referral = draft_referral(session, case, session.get_one(Body, "police"), by=drafter, desk=the_desk(), now=NOW)
    switch_referral(session, referral, "police_crime", by=drafter, desk=the_desk(), now=NOW)
    update_draft(session, referral, FILLED, by=drafter, now=NOW)
    return referral, drafter, a_leader(session)


def put(session: Session) -> tuple[Referral, Officer, Officer]:
    referral, drafter, leader = a_draft(session)
    put_to_principal(session, referral, by=drafter, desk=the_desk(), now=NOW)
    return referral, drafter, leader


def clock(session: Session, referral: Referral, rule: str, now: Any = LATER) -> Any:
    found = list_deadlines(session, referral.case_id, office=an_office(), now=now)
    return next((view for view in found if view.rule == rule), None)


def decide(session: Session, referral: Referral, by: Officer, *, agreed: bool, reason: str = "") -> None:
    decide_transfer(session, referral, agreed=agreed, reason=reason, by=by, desk=the_desk(), now=LATER)


def issue(session: Session, referral: Referral, by: Officer) -> None:
    issue_referral(session, referral, number="〔2026〕12号", by=by, desk=the_desk(), now=LATER)


def test_his_three_days_begin_when_it_lies_before_him_and_name_their_article(store: Store):
    with store.write() as session:
        referral, _, _ = a_draft(session)
        assert clock(session, referral, "police_principal") is None
        put_to_principal(session, referral, by=session.get_one(Officer, referral.drafted_by), desk=the_desk(), now=NOW)
        view = clock(session, referral, "police_principal")
        assert view.due_on == date(2026, 10, 12)  # the third day is a Sunday and rolls on
        assert "第5条" in view.article


def test_his_word_meets_it_and_starts_the_hours_until_it_is_sent(store: Store):
    with store.write() as session:
        referral, _, leader = put(session)
        decide(session, referral, leader, agreed=True)
        assert clock(session, referral, "police_principal").state is ClockState.MET
        assert clock(session, referral, "police_send").due_at == LATER + timedelta(hours=24)
        issue(session, referral, leader)
        assert clock(session, referral, "police_send").state is ClockState.MET


def test_without_his_word_nothing_is_issued(store: Store):
    with store.write() as session:
        referral, drafter, leader = a_draft(session)
        with pytest.raises(InvalidField, match="not_approved"):
            issue(session, referral, leader)
        put_to_principal(session, referral, by=drafter, desk=the_desk(), now=NOW)
        with pytest.raises(InvalidField, match="not_approved"):
            issue(session, referral, leader)


def test_a_refusal_needs_its_reason_and_keeps_it(store: Store):
    with store.write() as session:
        referral, drafter, leader = put(session)
        with pytest.raises(InvalidField):
            decide(session, referral, leader, agreed=False, reason=" ")
        decide(session, referral, leader, agreed=False, reason="没有犯罪事实")
        assert clock(session, referral, "police_principal").state is ClockState.MET
        assert "没有犯罪事实" in session.query(Note).one().text
        entry = [row for row in list_timeline(session, referral.case_id) if row.verb is Verb.PRINCIPAL_REFUSED]
        assert list(entry[0].details) == ["note"]
        put_to_principal(session, referral, by=drafter, desk=the_desk(), now=LATER)
        assert clock(session, referral, "police_principal", LATER) is not None


def test_nobody_but_a_leader_decides_and_only_once(store: Store):
    with store.write() as session:
        referral, drafter, leader = put(session)
        with pytest.raises(NotAllowed):
            decide(session, referral, drafter, agreed=True)
        decide(session, referral, leader, agreed=True)
        with pytest.raises(IllegalMove):
            decide(session, referral, leader, agreed=False, reason="改主意了")
        with pytest.raises(IllegalMove):
            put_to_principal(session, referral, by=drafter, desk=the_desk(), now=LATER)


def test_the_text_that_lies_before_him_is_not_changed(store: Store):
    with store.write() as session:
        referral, drafter, leader = put(session)
        with pytest.raises(IllegalMove):
            update_draft(session, referral, {"place": "别处"}, by=drafter, now=NOW)
        with pytest.raises(IllegalMove):
            switch_referral(session, referral, "police", by=drafter, desk=the_desk(), now=NOW)
        decide(session, referral, leader, agreed=False, reason="写得不清楚")
        update_draft(session, referral, {"place": "别处"}, by=drafter, now=LATER)


def test_a_letter_that_tells_of_no_crime_needs_no_such_word(store: Store):
    with store.write() as session:
        the_house(session)
        case, drafter = a_fire_case(session), a_dispatcher(session)
        referral = draft_referral(session, case, session.get_one(Body, "fire"), by=drafter, desk=the_desk(), now=NOW)
        with pytest.raises(IllegalMove):
            put_to_principal(session, referral, by=drafter, desk=the_desk(), now=NOW)
        issue(session, referral, a_leader(session))


def test_a_draft_that_was_dropped_leaves_no_clock_running(store: Store):
    with store.write() as session:
        referral, drafter, _ = put(session)
        take_back_clocks(session, referral, desk=the_desk(), now=LATER)
        cancel_referral(session, referral, by=drafter, reason="", now=LATER)
        assert clock(session, referral, "police_principal").state is ClockState.WAIVED
        assert session.get_one(Case, referral.case_id).status is not None
