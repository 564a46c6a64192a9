"""Who may be given a case, who signs for it, and how it comes back to the desk."""

import pytest
from sqlalchemy import select

from casework.assignments import sign_assignment
from casework.dispositions import close_case
from casework.errors import ConflictOfInterest, InvalidField, NotAllowed, NotFound
from casework.models import Exclusion, LedgerEntry
from casework.returns import list_returns, needs_arbitration
from casework.store import Store
from casework.types import CaseStatus
from tests.casework.casedesk import OFFICE, Desk
from tests.casework.people import (
    NOW,
    a_handler,
)


def test_only_the_desk_dispatches_and_closes(store: Store):
    with store.write() as session:
        desk = Desk(session)
        with pytest.raises(NotAllowed):
            desk.assign(by=desk.handler)
        desk.assign()
        desk.sign()
        desk.reply()
        with pytest.raises(NotAllowed):
            close_case(session, desk.case, by=desk.handler, office=OFFICE, now=NOW)


def test_a_case_is_not_sent_to_the_body_or_the_officer_it_complains_of(store: Store):
    with store.write() as session:
        desk = Desk(session)
        session.add_all(
            [
                Exclusion(case_id=desk.case.id, body_code="bureau", reason="unit_named", certain=True, made_at=NOW),
            ]
        )
        session.flush()
        with pytest.raises(ConflictOfInterest):
            desk.assign("civil_affairs")
        with pytest.raises(ConflictOfInterest):
            desk.assign("township-mailong")
        desk.assign("fire")
        assert desk.case.body_code == "fire"


def test_a_case_is_not_given_to_an_officer_who_is_kept_out(store: Store):
    with store.write() as session:
        desk = Desk(session)
        session.add(
            Exclusion(case_id=desk.case.id, officer_id=desk.handler.id, reason="named", certain=False, made_at=NOW)
        )
        session.flush()
        with pytest.raises(ConflictOfInterest):
            desk.assign(officer_id=desk.handler.id)
        desk.assign()


def test_only_the_body_that_has_a_case_signs_for_it_or_gives_it_back(store: Store):
    with store.write() as session:
        desk = Desk(session)
        stranger = a_handler(session, "岳清和", "assistance")
        desk.assign()
        with pytest.raises(NotAllowed):
            sign_assignment(session, desk.case, by=stranger, office=OFFICE, now=NOW)
        with pytest.raises(NotAllowed):
            desk.give_back(by=stranger)
        with pytest.raises(NotAllowed):
            sign_assignment(session, desk.case, by=desk.dispatcher, office=OFFICE, now=NOW)


def test_a_return_goes_to_the_dispatcher_with_reason_and_proposal(store: Store):
    with store.write() as session:
        desk = Desk(session)
        desk.assign()
        desk.give_back(proposed_body_code="market", clause="市场监管职责清单第三条")
        row = list_returns(session, desk.case.id)[0]
        assert (row.reason, row.proposed_body_code) == ("不归我们管", "market")
        assert (desk.case.status, desk.case.body_code, desk.case.officer_id) == (CaseStatus.RETURNED, "market", None)
        assert not needs_arbitration(session, desk.case.id)
        assert "不归我们管" not in str([entry.details for entry in session.scalars(select(LedgerEntry))])


def test_a_second_return_is_one_for_the_supervisor(store: Store):
    with store.write() as session:
        desk = Desk(session)
        for _ in range(2):
            desk.assign()
            desk.give_back()
        assert needs_arbitration(session, desk.case.id)


def test_a_return_needs_a_reason_and_a_known_body(store: Store):
    with store.write() as session:
        desk = Desk(session)
        desk.assign()
        with pytest.raises(InvalidField, match="reason"):
            desk.give_back(reason=" ")
        with pytest.raises(NotFound):
            desk.give_back(proposed_body_code="nobody")
