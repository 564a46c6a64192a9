"""A mail server that refuses, hangs or drops: the letter waits, fails or is unsure for all to see, never goes twice.

Everything is real but the console's browser: the engine of work, both databases, SMTP over a socket.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from api.engine import EngineThread
from api.jobs import build_job_engine
from casework.jobs import POLICIES, JobName
from casework.models.referrals import Delivery
from casework.types import DeliveryStatus
from tests.api.houses import DISPATCHER, LEADER, a_house
from tests.api.visitors import Clerk, Doors, Page
from tests.casework.job_desk import job_rows, table_name
from tests.infrastructure.mail import MailSink, SinkMode
from tests.infrastructure.postgres import find_free_port
from tests.journeys.town import eventually

FIRE = "芦渚镇中心敬老院后门拿铁链子锁着，灭火器都过期两年了，没人管。"
BACK_OFF = POLICIES[JobName.SEND_DELIVERY]
MAIL_SECONDS = 1.0
"""How long this house waits for a mail server that says nothing."""


@dataclass
class Letter:
    """A letter signed out by a leader, followed at its page and in its row."""

    doors: Doors
    clerk: Clerk = field(init=False)
    path: str = field(init=False)

    def __post_init__(self) -> None:
        filed = self.doors.report(FIRE)
        self.path = self.doors.sign_in(DISPATCHER).act(f"/console/cases/{filed.case_id}/refer", {"body": "fire"}).path
        self.clerk = self.doors.sign_in(LEADER)
        assert "签发了" in self.clerk.act(f"{self.path}/issue", {"number": "〔2026〕1号"}).text

    @property
    def row(self) -> Delivery:
        with self.doors.home.house.store.read() as session:
            return session.scalars(select(Delivery)).one()

    @property
    def page(self) -> Page:
        return self.clerk.get(self.path)

    def wait_until(self, status: DeliveryStatus, attempts: int) -> Page:
        """The letter's page once its delivery stands so after so many tries and no try is left in hand."""
        wanted = (status, attempts)
        eventually(lambda: (self.row.status, self.row.attempts) == wanted and self._is_at_rest(), f"{wanted}")
        return self.page

    def make_due(self) -> None:
        """Let the pause until the next try be over."""
        store = self.doors.home.house.store
        with store.write() as session:
            table = table_name(store, "workflow_status")
            waiting = "status = 'DELAYED' AND workflow_uuid LIKE 'send_delivery%'"
            session.execute(text(f"UPDATE {table} SET delay_until_epoch_ms = 0 WHERE {waiting}"))

    def decide(self, decision: str) -> None:
        answer = self.clerk.act(f"{self.path}/deliveries/{self.row.id}", {"decision": decision})
        assert answer.status == 200, answer.text

    @property
    def tries(self) -> list[str]:
        """How each job that was to send it stands."""
        found = job_rows(self.doors.home.house.store)
        return [state for name, state, _lane in found if name.startswith(JobName.SEND_DELIVERY)]

    def _is_at_rest(self) -> bool:
        waits = self.row.status is DeliveryStatus.QUEUED
        return self.tries.count("DELAYED") == waits and {*self.tries} <= {"SUCCESS", "DELAYED"}


@contextmanager
def a_working_house(database_url: str, folder: Path, smtp_url: str) -> Iterator[Doors]:
    """A house with its engine, and little patience with a silent mail server."""
    with a_house(database_url, folder, smtp_url=smtp_url) as home:
        desk = home.house.delivery_desk
        assert desk.mail is not None
        mail = replace(desk.mail, seconds=MAIL_SECONDS)
        house = replace(home.house, delivery_desk=replace(desk, mail=mail))
        engine = EngineThread(build_job_engine(house, slot="serve"))
        engine.start()
        try:
            yield Doors(replace(home, house=house))
        finally:
            engine.stop()


@pytest.fixture
def doors(database_url: str, tmp_path: Path, mail_sink: MailSink) -> Iterator[Doors]:
    with a_working_house(database_url, tmp_path, mail_sink.url) as opened:
        yield opened


def pause_of(letter: Letter) -> timedelta:
    """From now, by the house's clock, until the next try."""
    now: datetime = letter.doors.home.clock.at
    assert letter.row.next_try_at is not None
    return letter.row.next_try_at - now


def test_a_server_that_says_later_is_asked_again_after_growing_pauses(doors: Doors, mail_sink: MailSink) -> None:
    mail_sink.mode = SinkMode.DEFER
    letter = Letter(doors)
    page = letter.wait_until(DeliveryStatus.QUEUED, 1)
    assert "等着发" in page.text
    assert "试了1次，原因：smtp_rcpt_451" in page.text
    assert "再试" in page.text
    assert pause_of(letter) == BACK_OFF.base
    letter.make_due()
    letter.wait_until(DeliveryStatus.QUEUED, 2)
    assert pause_of(letter) == 2 * BACK_OFF.base
    mail_sink.mode = SinkMode.ACCEPT
    letter.make_due()
    assert "送到了" in letter.wait_until(DeliveryStatus.SENT, 3).text
    (mail,) = mail_sink.mails
    assert mail.message["Message-ID"] == letter.row.message_id
    assert mail_sink.attempts == 3


def test_a_server_that_is_not_there_is_waited_for(database_url: str, tmp_path: Path) -> None:
    with a_working_house(database_url, tmp_path, f"smtp://127.0.0.1:{find_free_port()}") as doors:
        page = Letter(doors).wait_until(DeliveryStatus.QUEUED, 1)
    assert "试了1次，原因：smtp_connect" in page.text
    assert "再试" in page.text


def test_a_refusal_for_good_waits_for_a_person_who_sends_it_again(doors: Doors, mail_sink: MailSink) -> None:
    mail_sink.mode = SinkMode.REFUSE
    letter = Letter(doors)
    page = letter.wait_until(DeliveryStatus.FAILED, 1)
    assert "没发出去" in page.text
    assert "smtp_rcpt_550" in page.text
    assert "再试" not in page.text
    assert mail_sink.mails == []
    mail_sink.mode = SinkMode.ACCEPT
    letter.decide("again")
    assert "送到了" in letter.wait_until(DeliveryStatus.SENT, 1).text
    assert [mail.message["Message-ID"] for mail in mail_sink.mails] == [letter.row.message_id]


@pytest.mark.parametrize("mode", [SinkMode.HANG, SinkMode.DROP_AFTER_DATA])
def test_what_may_have_arrived_is_unsure_and_goes_again_only_by_a_persons_word(
    doors: Doors, mail_sink: MailSink, mode: SinkMode
) -> None:
    mail_sink.mode = mode
    letter = Letter(doors)
    page = letter.wait_until(DeliveryStatus.UNSURE, 1)
    assert "不确定" in page.text
    assert set(page.buttons("decision")) == {"sent", "again"}
    assert letter.tries == ["SUCCESS"]
    assert (len(mail_sink.mails), mail_sink.attempts) == (1, 1)
    mail_sink.mode = SinkMode.ACCEPT
    letter.decide("again")
    assert "送到了" in letter.wait_until(DeliveryStatus.SENT, 1).text
    assert [mail.message["Message-ID"] for mail in mail_sink.mails] == [letter.row.message_id] * 2
