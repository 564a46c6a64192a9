"""Calling somebody to what can't wait: one after the other, never one who may not know, never a word of it."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.assignments import assign_case
from casework.duty import Duty, order_on_duty, read_duties
from casework.errors import DataError, NotFound
from casework.jobs import JobFailure
from casework.ledger import Verb, list_timeline
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.models.paging import PageCall, PageSubject
from casework.models.people import Body, Officer
from casework.offices import find_office_file
from casework.paging import (
    MOST_CALLS,
    Page,
    PagingDesk,
    Reach,
    list_alarms_for,
    page_for_talk,
    page_next,
    take_alarm,
    take_call,
    unpack_page,
)
from casework.store import Store
from casework.transports import MailServer
from casework.types import Role
from tests.casework.people import NOW, an_office, an_officer, opened, the_county
from tests.infrastructure.mail import MailSink, SinkMode
from triage.types import Urgency

WORDS = "麦陇镇敬老院着火了，孟怀川知道了不来"
PLAIN = "麦陇镇敬老院着火了，人还在里面"


def a_staff(session: Session) -> None:
    an_officer(session, "zhou", "周建禾", "hotline", Role.DISPATCHER)
    an_officer(session, "meng", "孟怀川", "hotline", Role.SUPERVISOR)
    an_officer(session, "ruan", "阮承岳", "bureau", Role.LEADER, leads=True)
    an_officer(session, "tao", "陶玉苓", "civil_affairs", Role.HANDLER)


def a_critical_case(store: Store, words: str = PLAIN) -> str:
    with store.write() as session:
        the_county(session)
        a_staff(session)
        found = opened(session, words, category="fire_hazard", urgency=Urgency.CRITICAL).case
        assert found is not None
        return found.id


def a_desk(mail: MailSink | None = None, *duties: Duty) -> PagingDesk:
    server = MailServer("127.0.0.1", mail.port, "hotline@wangtong.invalid") if mail else None
    return PagingDesk(duties, "https://hotline.invalid", server, lambda: NOW)


def called(store: Store) -> list[str]:
    with store.read() as session:
        query = select(Officer.username).join(PageCall, PageCall.officer_id == Officer.id)
        return list(session.scalars(query.order_by(PageCall.position)))


def officer(session: Session, username: str) -> Officer:
    return session.scalars(select(Officer).where(Officer.username == username)).one()


def call_on(store: Store, case_id: str, desk: PagingDesk, times: int) -> list[bool]:
    """What the chain of jobs does when nobody takes it."""
    return [page_next(store, Page(PageSubject.CASE, case_id, n).pack(), desk=desk) for n in range(1, times + 1)]


def test_one_after_the_other_is_called_and_the_leader_last(store: Store):
    case_id = a_critical_case(store)
    assert call_on(store, case_id, a_desk(), 3) == [True, True, True]
    assert called(store) == ["meng", "zhou", "ruan"]


def test_the_offices_own_list_goes_before_the_roles(store: Store):
    case_id = a_critical_case(store)
    call_on(store, case_id, a_desk(None, Duty("zhou")), 2)
    assert called(store) == ["zhou", "meng"]


def test_who_may_not_know_of_it_is_never_called(store: Store):
    case_id = a_critical_case(store, WORDS)
    call_on(store, case_id, a_desk(), 4)
    assert "meng" not in called(store)
    assert set(called(store)) == {"zhou", "ruan"}


def test_each_call_stands_in_the_ledger_and_plans_the_next(store: Store):
    case_id = a_critical_case(store)
    call_on(store, case_id, a_desk(), 1)
    with store.read() as session:
        [row] = [row for row in list_timeline(session, case_id) if row.verb is Verb.PAGED]
        assert row.details["officer"] == officer(session, "meng").id
        assert row.details["position"] == 1


def test_a_call_made_twice_calls_the_same_one_once(store: Store):
    case_id = a_critical_case(store)
    desk = a_desk()
    assert page_next(store, case_id, desk=desk)
    assert page_next(store, case_id, desk=desk)
    assert called(store) == ["meng"]


def test_nobody_else_is_called_once_it_is_taken(store: Store):
    case_id = a_critical_case(store)
    call_on(store, case_id, a_desk(), 1)
    with store.write() as session:
        assert take_call(session, session.get_one(Case, case_id), by=officer(session, "zhou"), now=NOW)
        assert not take_call(session, session.get_one(Case, case_id), by=officer(session, "meng"), now=NOW)
    assert not page_next(store, Page(PageSubject.CASE, case_id, 2).pack(), desk=a_desk())
    with store.read() as session:
        assert Verb.PAGE_TAKEN in {row.verb for row in list_timeline(session, case_id)}


def test_it_may_be_taken_before_anybody_was_called(store: Store):
    case_id = a_critical_case(store)
    with store.write() as session:
        take_alarm(session, officer(session, "zhou"), case_id, now=NOW)
    assert not page_next(store, case_id, desk=a_desk())


def test_a_case_that_was_sent_on_calls_nobody(store: Store):
    case_id = a_critical_case(store)
    with store.write() as session:
        case = session.get_one(Case, case_id)
        assign_case(session, case, "fire", by=officer(session, "zhou"), office=an_office(), now=NOW)
    assert not page_next(store, case_id, desk=a_desk())


def test_calling_ends_at_last(store: Store):
    case_id = a_critical_case(store)
    assert not page_next(store, Page(PageSubject.CASE, case_id, MOST_CALLS + 1).pack(), desk=a_desk())


def test_the_strip_is_for_those_who_may_see_the_case(store: Store):
    case_id = a_critical_case(store, WORDS)
    with store.read() as session:
        seen = {name: len(list_alarms_for(session, officer(session, name))) for name in ("zhou", "meng", "ruan", "tao")}
    assert seen == {"zhou": 1, "meng": 0, "ruan": 1, "tao": 0}
    with store.write() as session:
        with pytest.raises(NotFound):
            take_alarm(session, officer(session, "meng"), case_id, now=NOW)
        take_alarm(session, officer(session, "zhou"), case_id, now=NOW)
        assert list_alarms_for(session, officer(session, "zhou")) == []


def test_mail_says_that_there_is_something_and_not_a_word_of_it(store: Store, mail_sink: MailSink):
    case_id = a_critical_case(store)
    desk = a_desk(mail_sink, Duty("meng", "duty@wangtong.invalid"))
    page_next(store, case_id, desk=desk)
    page_next(store, case_id, desk=desk)
    [mail] = mail_sink.wait_for(1)
    whole = str(mail.message) + mail.message.get_content()
    assert mail.recipients == ("duty@wangtong.invalid",)
    assert "https://hotline.invalid/console/" in whole
    assert not any(word in whole for word in ("麦陇", "敬老院", "火", case_id, "孟怀川"))


def test_a_mail_server_that_is_down_stops_neither_the_call_nor_the_next(store: Store, mail_sink: MailSink):
    case_id = a_critical_case(store)
    mail_sink.mode = SinkMode.DEFER
    with pytest.raises(JobFailure):
        page_next(store, case_id, desk=a_desk(mail_sink, Duty("meng", "duty@wangtong.invalid")))
    assert called(store) == ["meng"]
    assert page_next(store, Page(PageSubject.CASE, case_id, 2).pack(), desk=a_desk())


def test_a_talk_calls_the_desk_but_not_the_leaders(store: Store):
    with store.write() as session:
        the_county(session)
        a_staff(session)
        page_for_talk(session, "talk-1")
    for position in (1, 2, 3):
        page_next(store, Page(PageSubject.TALK, "talk-1", position).pack(), desk=a_desk())
    assert called(store) == ["meng", "zhou", "meng"]


def reaching(*officers: str, superior: str | None = None, mail: MailSink | None = None) -> PagingDesk:
    """A desk that knows of every talk who may know of it."""

    def reach(session: Session, _handover_id: str) -> Reach:
        return Reach(frozenset(officer(session, each).id for each in officers), superior)

    return replace(a_desk(mail), reach=reach)


def test_whoever_a_talk_complains_of_is_never_called_for_it(store: Store):
    with store.write() as session:
        the_county(session)
        a_staff(session)
        page_for_talk(session, "talk-1")
    for position in (1, 2):
        page_next(store, Page(PageSubject.TALK, "talk-1", position).pack(), desk=reaching("zhou"))
    assert called(store) == ["zhou", "zhou"]


def test_a_talk_that_nobody_of_the_house_may_know_of_is_told_to_the_body_above_once(store: Store, mail_sink: MailSink):
    with store.write() as session:
        the_county(session)
        a_staff(session)
        session.get_one(Body, "up").mail = "up@wangtong.invalid"
    desk = reaching(superior="up", mail=mail_sink)
    told = [page_next(store, Page(PageSubject.TALK, "talk-1").pack(), desk=desk) for _ in range(2)]
    assert told == [True, False]
    assert called(store) == []
    [mail] = mail_sink.wait_for(1)
    assert "up@wangtong.invalid" in str(mail.recipients)
    with store.read() as session:
        assert session.scalars(select(LedgerEntry.verb).where(LedgerEntry.subject_id == "talk-1")).all() == [
            Verb.HANDED_UP
        ]


def test_a_jobs_subject_carries_ids_alone():
    page = Page(PageSubject.TALK, "abc", 7)
    assert unpack_page(page.pack()) == page
    assert unpack_page("abc") == Page(PageSubject.CASE, "abc", 1)


def test_the_invented_county_has_a_duty_list():
    duties = read_duties(find_office_file("wangtong"))
    assert [duty.officer for duty in duties][-1] == "ruanchengyue"
    assert all(duty.mail.endswith(".invalid") for duty in duties)


def test_a_row_without_an_officer_stops_the_start(tmp_path: Path):
    path = tmp_path / "office.toml"
    path.write_text('[[duty]]\nmail = "x@wangtong.invalid"\n', encoding="utf-8")
    with pytest.raises(DataError):
        read_duties(path)


def test_nobody_without_a_duty_is_called():
    assert order_on_duty([Officer(username="a", roles=[Role.HANDLER.value])], ()) == ()
