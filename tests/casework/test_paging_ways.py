"""How a call leaves the house: signed, without a word of the matter, by shift, on to the next while nobody comes."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, text

from casework.duty import Duty, is_on_shift, order_on_duty, read_duties
from casework.errors import DataError
from casework.jobs import JobFailure, JobName
from casework.models.cases import Case
from casework.models.paging import PageCall, PageSubject
from casework.models.people import Officer
from casework.paging import PATIENCE, Page, Pager, PagingDesk, page_next, take_call
from casework.store import Store
from casework.transports import MailServer
from casework.types import Role
from tests.casework.job_desk import an_engine, eventually, some_handlers, table_name
from tests.casework.people import NOW, an_officer, opened, the_county
from tests.infrastructure.mail import MailSink, SinkMode
from tests.infrastructure.webhook import Hook, HookMode
from triage.types import Urgency

SECRET = b"a-secret-of-the-duty-board"
STORY = "麦陇镇敬老院着火了，人还在里面"
WORDS = ("麦陇", "敬老院", "火", "fire", "mailong")
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Ten in the morning in Shanghai."""


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10, trust_env=False) as client:
        yield client


def a_critical_case(store: Store) -> str:
    with store.write() as session:
        the_county(session)
        an_officer(session, "zhou", "周建禾", "hotline", Role.DISPATCHER)
        an_officer(session, "meng", "孟怀川", "hotline", Role.SUPERVISOR)
        an_officer(session, "ruan", "阮承岳", "bureau", Role.LEADER, leads=True)
        found = opened(session, STORY, category="fire_hazard", urgency=Urgency.CRITICAL).case
        assert found is not None
        return found.id


def a_desk(hook: Hook, http: httpx.Client, mail: MailSink | None = None, *duties: Duty) -> PagingDesk:
    server = MailServer("127.0.0.1", mail.port, "hotline@wangtong.invalid") if mail else None
    pager = Pager(hook.url, SECRET, http)
    return PagingDesk(duties, "https://hotline.invalid", server, lambda: NOW, pager)


def called(store: Store) -> list[str]:
    with store.read() as session:
        query = select(Officer.username).join(PageCall, PageCall.officer_id == Officer.id)
        return list(session.scalars(query.order_by(PageCall.position)))


def test_a_call_is_posted_signed_and_without_a_word_of_the_matter(
    store: Store, webhook: Hook, http: httpx.Client
) -> None:
    case_id = a_critical_case(store)
    desk = a_desk(webhook, http)
    assert page_next(store, case_id, desk=desk)
    assert page_next(store, case_id, desk=desk)
    [body], [headers] = webhook.bodies, webhook.headers
    told = json.loads(body)
    assert set(told) == {"id", "kind", "officer", "position", "called_at", "console"}
    assert (told["officer"], told["position"], told["console"]) == ("meng", 1, "https://hotline.invalid/console/")
    signed = headers["x-hotline-timestamp"].encode() + b"." + body
    assert headers["x-hotline-signature"] == f"v1={hmac.new(SECRET, signed, hashlib.sha256).hexdigest()}"
    whole = body.decode() + str(headers)
    assert not any(word in whole for word in (*WORDS, case_id))


@pytest.mark.parametrize("mode", [HookMode.BUSY, HookMode.DROP])
def test_a_duty_board_that_is_away_is_told_again_and_holds_up_no_mail(
    store: Store, webhook: Hook, http: httpx.Client, mail_sink: MailSink, mode: HookMode
) -> None:
    case_id = a_critical_case(store)
    desk = a_desk(webhook, http, mail_sink, Duty("meng", "duty@wangtong.invalid"))
    webhook.mode = mode
    with pytest.raises(JobFailure):
        page_next(store, case_id, desk=desk)
    mail_sink.wait_for(1)
    webhook.mode = HookMode.ACCEPT
    assert page_next(store, case_id, desk=desk)
    assert (len(mail_sink.wait_for(1)), len(webhook.bodies)) == (1, 2)
    assert len({json.loads(body)["id"] for body in webhook.bodies}) == 1


def test_a_mail_server_that_is_down_holds_up_no_post(
    store: Store, webhook: Hook, http: httpx.Client, mail_sink: MailSink
) -> None:
    case_id = a_critical_case(store)
    mail_sink.mode = SinkMode.DEFER
    with pytest.raises(JobFailure):
        page_next(store, case_id, desk=a_desk(webhook, http, mail_sink, Duty("meng", "duty@wangtong.invalid")))
    assert len(webhook.bodies) == 1


def test_a_duty_board_that_refuses_for_good_is_left_alone(store: Store, webhook: Hook, http: httpx.Client) -> None:
    case_id = a_critical_case(store)
    webhook.mode = HookMode.REFUSE
    assert page_next(store, case_id, desk=a_desk(webhook, http))
    assert page_next(store, Page(PageSubject.CASE, case_id, 2).pack(), desk=a_desk(webhook, http))


def waiting(store: Store) -> list[timedelta]:
    """How long after it was planned each call that still waits is due, by the engine's own tables."""
    table = table_name(store, "workflow_status")
    query = f"SELECT delay_until_epoch_ms - created_at FROM {table} WHERE status = 'DELAYED'"
    with store.read() as session:
        return [timedelta(milliseconds=float(row[0])) for row in session.execute(text(query))]


def turn_clock(store: Store, forward: timedelta) -> None:
    """Let so much time pass for what waits in the engine."""
    table = table_name(store, "workflow_status")
    moved = f"UPDATE {table} SET delay_until_epoch_ms = delay_until_epoch_ms - :ms WHERE status = 'DELAYED'"
    with store.write() as session:
        session.execute(text(moved), {"ms": int(forward.total_seconds() * 1000)})


def is_waiting_after(store: Store, calls: int) -> bool:
    """Whether so many were called and the next call is planned."""
    return len(called(store)) == calls and len(waiting(store)) == 1


@contextmanager
def a_running_engine(store: Store, desk: PagingDesk) -> Iterator[None]:
    """The real engine around the one job."""

    def call(subject: str) -> None:
        page_next(store, subject, desk=desk)

    engine = an_engine(store, some_handlers(page_officer=call))
    engine.start()
    try:
        yield
    finally:
        engine.stop()


def test_while_nobody_comes_the_engine_calls_the_next_after_five_minutes_and_the_leader_last(
    store: Store, webhook: Hook, http: httpx.Client
) -> None:
    a_critical_case(store)
    with a_running_engine(store, a_desk(webhook, http)):
        for number, last in enumerate(("meng", "zhou", "ruan"), 1):
            assert eventually(partial(is_waiting_after, store, number))
            assert called(store)[-1] == last
            [planned] = waiting(store)
            assert abs(planned - PATIENCE) < timedelta(seconds=30)
            turn_clock(store, PATIENCE)
        assert eventually(lambda: len(called(store)) == 4)
    assert [json.loads(body)["officer"] for body in webhook.bodies][:3] == ["meng", "zhou", "ruan"]


def test_once_somebody_takes_it_the_engine_calls_nobody_else(store: Store, webhook: Hook, http: httpx.Client) -> None:
    case_id = a_critical_case(store)
    with a_running_engine(store, a_desk(webhook, http)):
        assert eventually(lambda: called(store) == ["meng"] and len(waiting(store)) == 1)
        with store.write() as session:
            meng = session.scalars(select(Officer).where(Officer.username == "meng")).one()
            take_call(session, session.get_one(Case, case_id), by=meng, now=NOW)
        turn_clock(store, PATIENCE)
        assert eventually(lambda: waiting(store) == [] and states(store) == {"SUCCESS"})
    assert called(store) == ["meng"]


def states(store: Store) -> set[str]:
    table = table_name(store, "workflow_status")
    query = f"SELECT status FROM {table} WHERE workflow_uuid LIKE '{JobName.PAGE_OFFICER}%'"
    with store.read() as session:
        return {row[0] for row in session.execute(text(query))}


def test_whose_shift_it_is_goes_before_those_at_home() -> None:
    people = [Officer(username=name, roles=[Role.DISPATCHER.value]) for name in ("day", "night", "none")]
    rows = (
        Duty("night", begins=time(17, 30), ends=time(8, 30)),
        Duty("day", days=frozenset({1, 2, 3, 4, 5}), begins=time(8, 30), ends=time(17, 30)),
    )
    names = {
        at: [officer.username for officer in order_on_duty(people, rows, at=at)]
        for at in (MONDAY, MONDAY + timedelta(hours=12), MONDAY - timedelta(days=1))
    }
    assert list(names.values()) == [["day", "night", "none"], ["night", "day", "none"], ["day", "night", "none"]]


def test_a_shift_over_midnight_belongs_to_the_evening_it_began() -> None:
    friday_night = Duty("a", days=frozenset({5}), begins=time(20), ends=time(8))
    friday_evening = datetime(2026, 11, 27, 13, 0, tzinfo=UTC)
    moments = [friday_evening, friday_evening + timedelta(hours=8), friday_evening + timedelta(hours=12)]
    assert [is_on_shift(friday_night, moment) for moment in moments] == [True, True, False]
    assert not is_on_shift(friday_night, friday_evening - timedelta(hours=16))


def test_shifts_are_read_from_the_offices_file(tmp_path: Path) -> None:
    path = tmp_path / "office.toml"
    path.write_text('[[duty]]\nofficer = "a"\ndays = [6, 7]\nhours = "08:30-17:30"\n', encoding="utf-8")
    [row] = read_duties(path)
    assert (row.days, row.begins, row.ends) == (frozenset({6, 7}), time(8, 30), time(17, 30))


@pytest.mark.parametrize("wrong", ["days = [8]", 'hours = "morning"', 'hours = "08:30"', "days = []"])
def test_a_shift_nobody_can_read_stops_the_start(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "office.toml"
    path.write_text(f'[[duty]]\nofficer = "a"\n{wrong}\n', encoding="utf-8")
    with pytest.raises(DataError):
        read_duties(path)
