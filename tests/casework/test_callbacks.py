"""The call-back: facts first, then satisfaction, once an answer; the reporter may have it taken up again."""

import pytest
from sqlalchemy import select

from casework.assignments import get_running_assignment
from casework.callbacks import Asked, Said, keep_callback, next_asked, wants_callback
from casework.dispositions import reply_case
from casework.errors import IllegalMove
from casework.messages import list_messages
from casework.models import Message
from casework.store import Store
from casework.types import CaseStatus, MessageDirection
from tests.casework.casedesk import ENDING, OFFICE, Desk, a_sealed_case
from tests.casework.people import NOW

CONTENT = {Asked.DONE: Said.YES, Asked.BETTER: Said.YES, Asked.SATISFIED: Said.YES}
UNDONE = {Asked.DONE: Said.NO, Asked.BETTER: Said.NO, Asked.SATISFIED: Said.NO, Asked.AGAIN: Said.YES}


def test_facts_are_asked_before_satisfaction_and_going_on_only_where_it_is_not_well():
    assert next_asked({}) is Asked.DONE
    assert next_asked({Asked.DONE: Said.NO}) is Asked.BETTER
    assert next_asked({Asked.DONE: Said.YES, Asked.BETTER: Said.YES}) is Asked.SATISFIED
    assert next_asked(CONTENT) is None
    assert next_asked({**CONTENT, Asked.BETTER: Said.NO}) is Asked.AGAIN
    assert next_asked(UNDONE) is None


def test_what_he_says_is_his_word_in_the_talk_and_is_asked_once(store: Store):
    with store.write() as session:
        desk = Desk(session)
        assert not wants_callback(session, desk.case)
        desk.close(ENDING)
        assert wants_callback(session, desk.case)
        assert not keep_callback(session, desk.case, CONTENT, office=OFFICE, now=NOW).taken_up
        last = list_messages(session, desk.case)[-1]
        assert (last.direction, last.text) == (MessageDirection.FROM_REPORTER, "回访：来办过了，现在好了，满意。")
        assert desk.case.status is CaseStatus.CLOSED
        assert not wants_callback(session, desk.case)
        with pytest.raises(IllegalMove):
            keep_callback(session, desk.case, CONTENT, office=OFFICE, now=NOW)


def test_a_closed_case_goes_back_to_the_body_that_had_it(store: Store):
    with store.write() as session:
        desk = Desk(session)
        desk.assign()
        desk.sign()
        reply_case(session, desk.case, ENDING, by=desk.handler, office=OFFICE, now=NOW)
        desk.close()
        assert keep_callback(session, desk.case, UNDONE, office=OFFICE, now=NOW).taken_up
        assert desk.case.status is CaseStatus.WORKING
        assert get_running_assignment(session, desk.case).body_code == "civil_affairs"


def test_an_answered_case_goes_on_with_whoever_has_it(store: Store):
    with store.write() as session:
        desk = Desk(session)
        desk.assign()
        desk.sign()
        reply_case(session, desk.case, ENDING, by=desk.handler, office=OFFICE, now=NOW)
        before = get_running_assignment(session, desk.case).id
        keep_callback(session, desk.case, UNDONE, office=OFFICE, now=NOW)
        assert (desk.case.status, get_running_assignment(session, desk.case).id) == (CaseStatus.WORKING, before)
        assert not wants_callback(session, desk.case)


def test_of_a_sealed_case_nothing_is_asked(store: Store):
    with store.write() as session:
        case, _ = a_sealed_case(session)
        assert not wants_callback(session, case)
        with pytest.raises(IllegalMove):
            keep_callback(session, case, CONTENT, office=OFFICE, now=NOW)
        assert session.scalars(select(Message).where(Message.case_id == case.id)).all() == []
