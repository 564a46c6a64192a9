"""What colleagues write into an open case is tested: whom they blame is kept out, whom they name at work is not."""

import pytest
from sqlalchemy import select

from casework.assignments import assign_case
from casework.cases import keep_note
from casework.dispositions import Ending, reply_case
from casework.errors import ConflictOfInterest, NotAllowed
from casework.messages import answer_reporter
from casework.models import Exclusion
from casework.notes import add_note
from casework.returns import return_case
from casework.store import Store
from casework.types import CaseStatus, Finding
from tests.casework.casedesk import ENDING, OFFICE, Desk
from tests.casework.people import NOW, a_handler

BLAME = "反映人在电话里说苗惠收了两条烟。"


def kept_out(desk: Desk) -> dict[str | None, bool]:
    rows = desk.session.scalars(select(Exclusion).where(Exclusion.case_id == desk.case.id))
    return {row.officer_id: row.certain for row in rows if row.officer_id}


def test_a_note_that_blames_a_colleague_keeps_him_out_without_certainty(store: Store):
    with store.write() as session:
        desk = Desk(session)
        blamed = a_handler(session, "苗惠", "assistance")
        add_note(session, desk.case, BLAME, by=desk.dispatcher, now=NOW)
        assert kept_out(desk) == {blamed.id: False}


def test_a_note_that_says_who_does_what_keeps_nobody_out(store: Store):
    with store.write() as session:
        desk = Desk(session)
        a_handler(session, "苗惠", "assistance")
        add_note(session, desk.case, "已请苗惠和贺小满上门核实。", by=desk.dispatcher, now=NOW)
        assert kept_out(desk) == {}


def test_who_writes_does_not_keep_himself_out(store: Store):
    with store.write() as session:
        desk = Desk(session)
        add_note(session, desk.case, "反映人说周建禾态度不好。", by=desk.dispatcher, now=NOW)
        assert kept_out(desk) == {}


def test_an_instruction_that_blames_the_one_it_is_for_is_not_sent(store: Store):
    with store.write() as session:
        desk = Desk(session)
        blamed = a_handler(session, "苗惠", "assistance")
        with pytest.raises(ConflictOfInterest):
            desk.assign("assistance", officer_id=blamed.id, instruction=BLAME)


@pytest.mark.parametrize("way", ["instruction", "return", "answer", "reply", "internal"])
def test_every_way_of_writing_is_tested(store: Store, way: str):
    with store.write() as session:
        desk = Desk(session)
        blamed = a_handler(session, "苗惠", "assistance")
        more = {"office": OFFICE, "now": NOW}
        desk.assign(instruction=BLAME if way == "instruction" else "请核。")
        desk.sign()
        if way == "return":
            return_case(session, desk.case, reason=BLAME, by=desk.handler, **more)  # type: ignore[arg-type]
        elif way == "answer":
            answer_reporter(session, desk.case, BLAME, by=desk.handler, **more)  # type: ignore[arg-type]
        elif way in ("reply", "internal"):
            public, internal = (BLAME, "") if way == "reply" else ("查过了。", BLAME)
            ending = Ending(Finding.PARTLY_TRUE, public, internal=internal)
            reply_case(session, desk.case, ending, by=desk.handler, **more)  # type: ignore[arg-type]
        assert kept_out(desk) == {blamed.id: False}


def test_a_reason_kept_as_a_note_is_tested(store: Store):
    with store.write() as session:
        desk = Desk(session)
        blamed = a_handler(session, "苗惠", "assistance")
        keep_note(session, desk.case, BLAME, officer_id=desk.dispatcher.id, now=NOW)
        assert blamed.id in kept_out(desk)


# ---- whose case it is to answer


def test_another_bodys_handler_neither_replies_nor_writes_to_the_reporter(store: Store):
    with store.write() as session:
        desk = Desk(session)
        stranger = a_handler(session, "苗惠", "assistance")
        for step in (lambda: None, desk.assign, desk.sign):
            step()
            with pytest.raises(NotAllowed):
                reply_case(session, desk.case, ENDING, by=stranger, office=OFFICE, now=NOW)
            with pytest.raises(NotAllowed):
                answer_reporter(session, desk.case, "您好。", by=stranger, office=OFFICE, now=NOW)
        desk.reply()
        assert desk.case.status is CaseStatus.REPLIED


def test_a_body_that_gave_the_case_back_answers_it_no_more(store: Store):
    with store.write() as session:
        desk = Desk(session)
        desk.assign()
        desk.give_back()
        with pytest.raises(NotAllowed):
            answer_reporter(session, desk.case, "您好。", by=desk.handler, office=OFFICE, now=NOW)


def test_the_desk_answers_whatever_it_sees(store: Store):
    with store.write() as session:
        desk = Desk(session)
        assign_case(session, desk.case, "civil_affairs", by=desk.dispatcher, office=OFFICE, now=NOW)
        answer_reporter(session, desk.case, "明天去看。", by=desk.supervisor, office=OFFICE, now=NOW)
