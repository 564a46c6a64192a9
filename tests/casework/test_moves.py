"""From dispatch to the end: the table of moves, what each leaves behind, and what is refused."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm.exc import StaleDataError

from casework.assignments import get_running_assignment, list_assignments
from casework.cases import advance_case, check_version
from casework.dispositions import list_dispositions
from casework.errors import IllegalMove, InvalidField, NotFound, StaleVersion
from casework.ledger import SYSTEM, Verb, by_officer
from casework.messages import list_messages
from casework.models import Case, LedgerEntry, Note
from casework.outcomes import FINDING_LABELS, OUTCOME_LABELS, Outcome
from casework.queues import QUEUE_LABELS, Queue
from casework.store import Store
from casework.types import TRANSITIONS, CaseStatus, Finding
from casework.waiting import go_on, wait_for_reporter
from tests.casework.casedesk import ENDING, OFFICE, Desk
from tests.casework.people import (
    NOW,
)


def test_every_status_can_be_reached_and_every_one_that_is_not_final_can_be_left():
    reached, front = {CaseStatus.RECEIVED}, [CaseStatus.RECEIVED]
    while front:
        for status in TRANSITIONS[front.pop()] - reached:
            reached.add(status)
            front.append(status)
    assert reached == set(CaseStatus) == set(TRANSITIONS)
    assert {status for status, ways in TRANSITIONS.items() if not ways} == {CaseStatus.WITHDRAWN}
    assert all(status not in ways for status, ways in TRANSITIONS.items())


def test_a_move_that_the_table_does_not_have_is_refused(store: Store):
    with store.write() as session:
        desk = Desk(session)
        with pytest.raises(IllegalMove) as raised:
            advance_case(session, desk.case, CaseStatus.WORKING, by=SYSTEM, now=NOW)
    assert (raised.value.here, raised.value.there) == ("received", "working")


def test_a_case_goes_from_the_desk_to_the_body_and_to_its_end(store: Store):
    with store.write() as session:
        desk = Desk(session)
        desk.assign(instruction="请核查收费。")
        desk.sign()
        desk.reply()
        desk.close()
        case = desk.case
        assert (case.status, case.closed_on) == (CaseStatus.CLOSED, NOW.date())
        assert desk.verbs()[-4:] == [Verb.DISPATCHED, Verb.SIGNED, Verb.REPLIED, Verb.CLOSED]
        assert desk.news() == ["closed", "dispatched", "replied", "taken"]
        assert [row.instruction for row in list_assignments(session, case.id)] == ["请核查收费。"]
        found = list_dispositions(session, [case.id])
        assert [(row.finding, row.outcomes) for row in found] == [(Finding.PARTLY_TRUE, ["rectification"])]
        assert [row.text for row in list_messages(session, case)] == [ENDING.public_reply]
        with pytest.raises(NotFound):
            get_running_assignment(session, case)


def test_waiting_and_going_on(store: Store):
    with store.write() as session:
        desk = Desk(session)
        wait_for_reporter(session, desk.case, question="是哪个院？", days=5, by=desk.dispatcher, office=OFFICE, now=NOW)
        assert desk.case.status is CaseStatus.WAITING
        go_on(session, desk.case, by=desk.dispatcher, office=OFFICE, now=NOW + timedelta(days=1))
        assert desk.case.status == CaseStatus.RECEIVED  # type: ignore[comparison-overlap]  # it moved in between
        with pytest.raises(InvalidField, match="message"):
            wait_for_reporter(session, desk.case, question="", days=5, by=desk.dispatcher, office=OFFICE, now=NOW)


def test_who_writes_second_is_told(store: Store):
    with store.write() as session:
        desk = Desk(session)
        case_id, version = desk.case.id, desk.case.version
        check_version(desk.case, version)
        desk.assign()
        with pytest.raises(StaleVersion):
            check_version(desk.case, version)

    def write_stale() -> None:
        with store.write() as session:
            case = session.get_one(Case, case_id)
            session.execute(text("UPDATE case_file SET version = version + 1"))
            case.officer_id = None
            case.status = CaseStatus.WORKING
            session.flush()

    with pytest.raises(StaleDataError):
        write_stale()


def test_a_machines_reason_is_a_code_in_the_ledger_and_a_persons_a_note(store: Store):
    with store.write() as session:
        desk = Desk(session)
        advance_case(session, desk.case, CaseStatus.WAITING, by=SYSTEM, now=NOW, reason="no_answer")
        advance_case(
            session, desk.case, CaseStatus.RECEIVED, by=by_officer(desk.dispatcher), now=NOW, reason="他来电话了"
        )
        entries = session.scalars(
            select(LedgerEntry).where(LedgerEntry.verb == Verb.MOVED).order_by(LedgerEntry.id)
        ).all()
        assert entries[0].details["reason"] == "no_answer"
        assert session.get_one(Note, entries[1].details["note"]).text == "他来电话了"


def test_every_closed_set_has_its_words():
    assert set(OUTCOME_LABELS) == set(Outcome)
    assert set(FINDING_LABELS) == set(Finding)
    assert set(QUEUE_LABELS) == set(Queue)
