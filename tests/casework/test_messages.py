"""Words about a case: notes among officers, messages to and from the reporter, and news of them."""

import pytest
from sqlalchemy import select, text

from casework.errors import InvalidField
from casework.ledger import Verb
from casework.messages import add_message_from_reporter, answer_reporter, list_messages, list_unanswered
from casework.models import Deadline, LedgerEntry, Message, Note, SealedItem
from casework.news import NewsPhrase, pack_news, unpack_news
from casework.notes import add_note, list_notes
from casework.queues import Queue, count_queues_for
from casework.sealing import open_case_key
from casework.store import Store
from casework.types import MessageDirection
from tests.casework.casedesk import OFFICE, Desk, a_sealed_case
from tests.casework.people import NOW
from tests.casework.talkers import a_talk
from triage.types import Urgency


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
        ends = a_talk(session)
        case, key = ends.case, ends.case_key
        ends.write("他又来要钱。")
        ends.answer("知道了。")
        rows = session.scalars(select(Message).where(Message.case_id == case.id)).all()
        assert [row.text for row in rows] == [None, None]
        assert [word.text for word in list_messages(session, case)] == [None, None]
        assert open_case_key(session, ends.clue, ends.officer_key, case.id) == key
        assert [word.text for word in list_messages(session, case, case_key=key)] == ["他又来要钱。", "知道了。"]


def test_of_a_sealed_case_the_reporter_is_told_only_that_there_is_something_new(store: Store):
    with store.write() as session:
        a_talk(session).answer("知道了。")
        table = "workflow_status" if store.is_sqlite else "dbos.workflow_status"
        found = session.execute(text(f"SELECT workflow_uuid FROM {table}")).scalars().all()
    assert [job.split("/")[1] for job in found] == ["something_new"]


def test_news_travels_as_case_and_phrase():
    assert unpack_news(pack_news("abc", NewsPhrase.REPLIED)) == ("abc", NewsPhrase.REPLIED)
