"""From dispatch to the end: who may do what, what it leaves behind, and what the reporter is told."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from casework.assessments import Correction, confirm_clue, correct_assessment, list_revisions
from casework.assignments import assign_case, get_running_assignment, list_assignments, sign_assignment
from casework.cases import advance_case, check_version, get_assessment
from casework.dispositions import Ending, close_case, list_dispositions, reopen_case, reply_case, withdraw_case
from casework.errors import ConflictOfInterest, IllegalMove, InvalidField, NotAllowed, NotFound, StaleVersion
from casework.ledger import REPORTER, SYSTEM, Verb, by_officer, list_timeline
from casework.messages import add_message_from_reporter, answer_reporter, list_messages, list_unanswered
from casework.models import Case, Deadline, Exclusion, LedgerEntry, Message, Note, SealedItem
from casework.news import NewsPhrase, pack_news, unpack_news
from casework.notes import add_note, list_notes
from casework.outcomes import FINDING_LABELS, OUTCOME_LABELS, Outcome
from casework.queues import QUEUE_LABELS, Queue, count_queues_for
from casework.returns import list_returns, needs_arbitration, return_case
from casework.sealing import open_case_key
from casework.store import Store
from casework.types import TRANSITIONS, CaseStatus, Finding, MessageDirection
from casework.waiting import go_on, wait_for_reporter
from tests.casework.people import (
    NOW,
    a_clue_officer,
    a_dispatcher,
    a_handler,
    a_supervisor,
    an_office,
    an_open_case,
    opened,
    the_county,
)
from triage.types import Urgency

OFFICE = an_office()
ENDING = Ending(Finding.PARTLY_TRUE, "查过了，饭菜已经整改。", (Outcome.RECTIFICATION,), "食堂负责人已约谈")


class Desk:
    """The people around a case of the section."""

    def __init__(self, session: Session, **assessed: Any) -> None:
        the_county(session)
        self.session = session
        self.dispatcher = a_dispatcher(session)
        self.handler = a_handler(session)
        self.supervisor = a_supervisor(session)
        self.clue = a_clue_officer(session)
        self.case = an_open_case(session, **({"category": "fees", "body": "civil_affairs"} | assessed))

    def assign(self, body: str = "civil_affairs", **more: Any) -> None:
        known: dict[str, Any] = {"by": self.dispatcher, "office": OFFICE, "now": NOW}
        assign_case(self.session, self.case, body, **(known | more))

    def sign(self) -> None:
        sign_assignment(self.session, self.case, by=self.handler, office=OFFICE, now=NOW)

    def give_back(self, **more: Any) -> None:
        known: dict[str, Any] = {"reason": "不归我们管", "by": self.handler, "office": OFFICE, "now": NOW}
        return_case(self.session, self.case, **(known | more))

    def reply(self) -> None:
        reply_case(self.session, self.case, ENDING, by=self.handler, office=OFFICE, now=NOW)

    def close(self, ending: Ending | None = None) -> None:
        close_case(self.session, self.case, ending, by=self.dispatcher, office=OFFICE, now=NOW)

    def verbs(self) -> list[Verb]:
        return [row.verb for row in list_timeline(self.session, self.case.id)]

    def news(self) -> list[str]:
        """What the reporter is to be told, in order of the alphabet."""
        table = "workflow_status" if self.session.get_bind().dialect.name == "sqlite" else "dbos.workflow_status"
        found = self.session.execute(text(f"SELECT workflow_uuid FROM {table}")).scalars()
        return sorted(job.split("/")[1] for job in found if job.startswith("tell_reporter"))


def a_sealed_case(session: Session) -> tuple[Case, Any]:
    the_county(session)
    clue = a_clue_officer(session)
    case = opened(session, "崔广田贪污。", discipline=True, who=True, what=True).case
    assert case is not None
    return case, clue


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


def test_a_note_is_kept_and_the_ledger_has_only_its_id(store: Store):
    with store.write() as session:
        desk = Desk(session)
        note_id = add_note(session, desk.case, " 已电话联系院方。 ", by=desk.dispatcher, now=NOW)
        assert [(note.text, name) for note, name in list_notes(session, desk.case.id)] == [
            ("已电话联系院方。", "周建禾")
        ]
        entry = session.scalar(select(LedgerEntry).where(LedgerEntry.verb == Verb.NOTED))
        assert entry is not None
        assert entry.details == {"note": note_id}
        for wrong in ("", "字" * 4001):
            with pytest.raises(InvalidField, match="note"):
                add_note(session, desk.case, wrong, by=desk.dispatcher, now=NOW)


def test_a_note_of_a_sealed_case_lies_inside(store: Store):
    with store.write() as session:
        case, clue = a_sealed_case(session)
        add_note(session, case, "已核对身份。", by=clue, now=NOW)
        assert session.scalars(select(Note)).all() == []
        items = session.scalars(select(SealedItem).where(SealedItem.case_id == case.id)).all()
        assert len(items) == 2
        assert all("已核对".encode() not in item.ciphertext for item in items)


def test_the_talk_goes_both_ways_and_a_word_unanswered_is_news(store: Store):
    with store.write() as session:
        desk = Desk(session)
        add_message_from_reporter(session, desk.case, "还没人来。", now=NOW)
        assert count_queues_for(session, desk.dispatcher, now=NOW)[Queue.NEWS] == 1
        assert list_unanswered(session, [desk.case.id]) == {desk.case.id}
        answer_reporter(session, desk.case, "明天去看。", by=desk.dispatcher, office=OFFICE, now=NOW)
        assert count_queues_for(session, desk.dispatcher, now=NOW)[Queue.NEWS] == 0
        assert list_unanswered(session, [desk.case.id]) == set()
        talk = list_messages(session, desk.case)
        assert [(word.position, word.direction, word.text) for word in talk] == [
            (1, MessageDirection.FROM_REPORTER, "还没人来。"),
            (2, MessageDirection.TO_REPORTER, "明天去看。"),
        ]
        assert desk.news() == ["message"]


def test_an_answer_is_contact_for_the_clock_of_a_critical_case(store: Store):
    with store.write() as session:
        desk = Desk(session, urgency=Urgency.CRITICAL)
        answer_reporter(session, desk.case, "您先打120。", by=desk.dispatcher, office=OFFICE, now=NOW)
        clock = session.scalar(select(Deadline).where(Deadline.rule_id == "first_action"))
        assert clock is not None
        assert clock.met_at == NOW


def test_an_empty_or_endless_word_is_refused_at_its_field(store: Store):
    with store.write() as session:
        desk = Desk(session)
        for wrong in ("  ", "字" * 4001):
            with pytest.raises(InvalidField, match="message"):
                add_message_from_reporter(session, desk.case, wrong, now=NOW)


def test_the_talk_of_a_sealed_case_opens_with_its_key_alone(store: Store):
    with store.write() as session:
        case, clue = a_sealed_case(session)
        add_message_from_reporter(session, case, "他又来要钱。", now=NOW)
        answer_reporter(session, case, "知道了。", by=clue, office=OFFICE, now=NOW)
        rows = session.scalars(select(Message).where(Message.case_id == case.id)).all()
        assert [row.text for row in rows] == [None, None]
        assert [word.text for word in list_messages(session, case)] == [None, None]
        key = open_case_key(session, clue, clue.wrapped_private_key, case.id)
        assert [word.text for word in list_messages(session, case, case_key=key)] == ["他又来要钱。", "知道了。"]


def test_of_a_sealed_case_the_reporter_is_told_only_that_there_is_something_new(store: Store):
    with store.write() as session:
        case, clue = a_sealed_case(session)
        answer_reporter(session, case, "知道了。", by=clue, office=OFFICE, now=NOW)
        table = "workflow_status" if store.is_sqlite else "dbos.workflow_status"
        found = session.execute(text(f"SELECT workflow_uuid FROM {table}")).scalars().all()
    assert [job.split("/")[1] for job in found] == ["something_new"]


def test_a_sealed_case_is_closed_by_a_clue_officer_with_its_ending_inside(store: Store):
    with store.write() as session:
        case, clue = a_sealed_case(session)
        dispatcher = a_dispatcher(session)
        with pytest.raises(NotAllowed):
            close_case(session, case, ENDING, by=dispatcher, office=OFFICE, now=NOW)
        with pytest.raises(NotAllowed):
            assign_case(session, case, "civil_affairs", by=dispatcher, office=OFFICE, now=NOW)
        close_case(session, case, ENDING, by=clue, office=OFFICE, now=NOW)
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


def test_waiting_and_going_on(store: Store):
    with store.write() as session:
        desk = Desk(session)
        wait_for_reporter(session, desk.case, reason="问是哪个院", by=desk.dispatcher, office=OFFICE, now=NOW)
        assert desk.case.status is CaseStatus.WAITING
        go_on(session, desk.case, by=desk.dispatcher, office=OFFICE, now=NOW + timedelta(days=1))
        assert desk.case.status == CaseStatus.RECEIVED  # type: ignore[comparison-overlap]  # it moved in between
        with pytest.raises(InvalidField, match="reason"):
            wait_for_reporter(session, desk.case, reason="", by=desk.dispatcher, office=OFFICE, now=NOW)


def test_a_correction_is_a_revision_with_all_that_follows(store: Store):
    with store.write() as session:
        desk = Desk(session)
        named = a_dispatcher(session, "安如山")
        correct_assessment(
            session,
            desk.case,
            Correction(category="inaction", urgency=Urgency.CRITICAL, discipline=True),
            by=desk.dispatcher,
            office=OFFICE,
            now=NOW,
        )
        assert (desk.case.category, desk.case.urgency, desk.case.discipline) == ("inaction", Urgency.CRITICAL, True)
        assert get_assessment(session, desk.case).category == "inaction"
        assert [row.officer_id for row in list_revisions(session, desk.case.id)] == [None, desk.dispatcher.id]
        rules = set(session.scalars(select(Deadline.rule_id).where(Deadline.case_id == desk.case.id)))
        assert {"first_action", "clue_confirm", "clue_send"} <= rules
        kept_out = session.scalars(select(Exclusion.body_code).where(Exclusion.case_id == desk.case.id)).all()
        assert "township-mailong" in kept_out
        confirm_clue(session, desk.case, by=desk.clue, office=OFFICE, now=NOW)
        with pytest.raises(NotAllowed):
            confirm_clue(session, desk.case, by=named, office=OFFICE, now=NOW)
        with pytest.raises(NotFound):
            correct_assessment(
                session,
                desk.case,
                Correction(institution_code="nowhere"),
                by=desk.dispatcher,
                office=OFFICE,
                now=NOW,
            )


def test_a_sealed_case_is_not_corrected_in_plain(store: Store):
    with store.write() as session:
        case, clue = a_sealed_case(session)
        with pytest.raises(NotAllowed):
            correct_assessment(session, case, Correction(category="fees"), by=clue, office=OFFICE, now=NOW)


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


def test_news_travels_as_case_and_phrase():
    assert unpack_news(pack_news("abc", NewsPhrase.REPLIED)) == ("abc", NewsPhrase.REPLIED)


def test_every_closed_set_has_its_words():
    assert set(OUTCOME_LABELS) == set(Outcome)
    assert set(FINDING_LABELS) == set(Finding)
    assert set(QUEUE_LABELS) == set(Queue)
