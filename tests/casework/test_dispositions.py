"""How a case ends: closed, withdrawn, opened again, and what becomes of its clocks."""

import pytest
from sqlalchemy import select

from casework.assignments import assign_case, get_running_assignment
from casework.bonds import OfficerPen
from casework.dispositions import Ending, close_case, list_dispositions, reopen_case, withdraw_case
from casework.errors import InvalidField, NotAllowed
from casework.ledger import REPORTER
from casework.models import Deadline
from casework.notes import list_notes
from casework.sealing import open_case_key
from casework.store import Store
from casework.types import CaseStatus, Finding
from tests.casework.casedesk import ENDING, OFFICE, Desk, a_sealed_case
from tests.casework.people import (
    NOW,
    a_dispatcher,
)


def test_a_sealed_case_is_closed_by_a_clue_officer_with_its_ending_inside(store: Store):
    with store.write() as session:
        case, clue = a_sealed_case(session)
        dispatcher = a_dispatcher(session)
        with pytest.raises(NotAllowed):
            close_case(session, case, ENDING, by=dispatcher, office=OFFICE, now=NOW)
        with pytest.raises(NotAllowed):
            assign_case(session, case, "civil_affairs", by=dispatcher, office=OFFICE, now=NOW)
        private = clue.wrapped_private_key
        pen = OfficerPen(open_case_key(session, clue, private, case.id), private)
        close_case(session, case, ENDING, by=clue, office=OFFICE, now=NOW, pen=pen)
        assert case.status is CaseStatus.CLOSED
        assert list_dispositions(session, [case.id]) == []
        rows = session.scalars(select(Deadline).where(Deadline.case_id == case.id)).all()
        assert all(row.met_at is not None or row.waived_reason for row in rows)


def test_closing_needs_words_for_the_reporter(store: Store):
    with store.write() as session:
        desk = Desk(session)
        with pytest.raises(InvalidField, match="public_reply"):
            desk.close()
        with pytest.raises(InvalidField, match="public_reply"):
            desk.close(Ending(Finding.TRUE, "  "))
        desk.close(ENDING)
        assert desk.case.status is CaseStatus.CLOSED


def test_a_withdrawn_case_ends_and_its_clocks_are_waived_not_met(store: Store):
    with store.write() as session:
        desk = Desk(session)
        desk.assign()
        withdraw_case(session, desk.case, by=REPORTER, office=OFFICE, now=NOW)
        assert desk.case.status is CaseStatus.WITHDRAWN
        rows = session.scalars(select(Deadline).where(Deadline.case_id == desk.case.id, Deadline.met_at.is_(None)))
        assert {row.waived_reason for row in rows} == {"withdrawn"}


def test_a_reopened_case_returns_to_the_body_that_had_it(store: Store):
    with store.write() as session:
        desk = Desk(session)
        desk.assign()
        desk.sign()
        desk.reply()
        desk.close()
        with pytest.raises(InvalidField, match="reason"):
            reopen_case(session, desk.case, reason="", by=desk.supervisor, office=OFFICE, now=NOW)
        reopen_case(session, desk.case, reason="又涨价了", by=desk.supervisor, office=OFFICE, now=NOW)
        assert (desk.case.status, desk.case.closed_on) == (CaseStatus.WORKING, None)
        assert get_running_assignment(session, desk.case).body_code == "civil_affairs"
        assert [note.text for note, _ in list_notes(session, desk.case.id)] == ["又涨价了"]
        rules = session.scalars(select(Deadline.rule_id).where(Deadline.case_id == desk.case.id)).all()
        assert "handle_again" in rules


def test_a_case_that_no_body_had_is_reopened_at_the_desk(store: Store):
    with store.write() as session:
        desk = Desk(session)
        desk.close(ENDING)
        reopen_case(session, desk.case, reason="没解决", by=desk.supervisor, office=OFFICE, now=NOW)
        assert desk.case.status is CaseStatus.RETURNED
