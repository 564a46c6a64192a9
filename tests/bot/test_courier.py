"""Writing first: a message that says nothing of the matter, one token for all processes, refusals kept."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.channels import SendError, SendProblem
from bot.channels.wechat import WeChatAccount, WeChatChannel
from bot.channels.wechat_api import WeChatApi
from bot.courier import give_up_message, send_message, tell_reporter_news
from bot.frontdesk import file_silent_talks
from bot.models import Conversation, Outbound, VendorToken
from bot.silence import TALK_PREFIX
from bot.tokens import TokenTable
from casework.jobs import JobFailure
from casework.models.cases import Case
from casework.news import NewsPhrase, pack_news
from casework.store import Store
from casework.types import Channel, DeliveryStatus
from intake.models import ReplyAddress
from tests.bot.desk import SENDER, STORY, Person, a_front_desk, count, set_up
from tests.casework.people import NOW
from tests.infrastructure.vendor import Answer, Cloud
from tests.intake.desk import some_secrets

TOKEN_PATH, SEND_PATH = "/cgi-bin/stable_token", "/cgi-bin/message/custom/send"
TAKEN = Answer(json.dumps({"errcode": 0, "errmsg": "ok"}).encode())


def an_answer(**fields: object) -> Answer:
    return Answer(json.dumps(fields).encode())


@pytest.fixture
def wechat_cloud(cloud: Cloud) -> Cloud:
    cloud.answer(TOKEN_PATH, an_answer(access_token="token-1", expires_in=7200))
    cloud.answer(SEND_PATH, TAKEN)
    return cloud


@pytest.fixture
def person(store: Store) -> Person:
    set_up(store)
    told = Person(store, a_front_desk())
    told.tell(STORY, "3", "对")
    return told


def a_wechat(store: Store, wechat_cloud: Cloud, clock: Callable[[], datetime] = lambda: NOW) -> WeChatChannel:
    secrets = some_secrets()
    api = WeChatApi("wx1", "s", wechat_cloud.url, TokenTable(store, secrets, "wechat:wx1", clock), clock)
    return WeChatChannel(WeChatAccount("wx1", "t"), api)


def tell(person: Person) -> list[str]:
    """News of the one case; the ids of the rows it made."""
    with person.store.read() as session:
        case_id = session.scalars(select(Case.id)).one()
    tell_reporter_news(person.store, pack_news(case_id, NewsPhrase.REPLIED), now=NOW)
    with person.store.read() as session:
        return list(session.scalars(select(Outbound.id).where(Outbound.status == DeliveryStatus.QUEUED)))


def send(person: Person, subject: str, wechat: WeChatChannel) -> DeliveryStatus | None:
    return send_message(person.store, subject, desk=person.desk, adapters={Channel.WECHAT: wechat}, clock=lambda: NOW)


def test_news_reach_the_one_who_wished_it_and_name_nothing(person: Person, wechat_cloud: Cloud) -> None:
    [ident] = tell(person)
    assert send(person, ident, a_wechat(person.store, wechat_cloud)) is DeliveryStatus.SENT
    [request] = wechat_cloud.to(SEND_PATH)
    assert request.json == {
        "touser": SENDER,
        "msgtype": "text",
        "text": {"content": "您的事有新消息。\n凭查询码来看。"},
    }
    assert request.query["access_token"] == "token-1"


def test_news_upon_news_are_one_message_and_a_second_run_sends_nothing(person: Person, wechat_cloud: Cloud) -> None:
    assert tell(person) == tell(person)
    [ident] = tell(person)
    for _ in range(2):
        send(person, ident, a_wechat(person.store, wechat_cloud))
    assert len(wechat_cloud.to(SEND_PATH)) == 1


@pytest.mark.parametrize(("code", "problem"), [(45015, "window_closed"), (45047, "quota_spent"), (40037, "refused")])
def test_what_the_vendor_refuses_for_good_is_recorded(
    person: Person, wechat_cloud: Cloud, code: int, problem: str
) -> None:
    wechat_cloud.answer(SEND_PATH, an_answer(errcode=code))
    [ident] = tell(person)
    assert send(person, ident, a_wechat(person.store, wechat_cloud)) is DeliveryStatus.FAILED
    with person.store.read() as session:
        assert session.get_one(Outbound, ident).error_code == f"{problem}:{code}"


def test_who_has_left_loses_his_reply_address_and_keeps_his_report(person: Person, wechat_cloud: Cloud) -> None:
    wechat_cloud.answer(SEND_PATH, an_answer(errcode=43004))
    [ident] = tell(person)
    assert send(person, ident, a_wechat(person.store, wechat_cloud)) is None
    with person.store.read() as session:
        assert (count(session, ReplyAddress), count(session, Case)) == (0, 1)


def test_a_busy_vendor_is_asked_again_later(person: Person, wechat_cloud: Cloud) -> None:
    wechat_cloud.answer(SEND_PATH, an_answer(errcode=-1), TAKEN)
    [ident] = tell(person)
    with pytest.raises(JobFailure):
        send(person, ident, a_wechat(person.store, wechat_cloud))
    assert send(person, ident, a_wechat(person.store, wechat_cloud)) is DeliveryStatus.SENT


def test_an_expired_token_is_renewed_once(person: Person, wechat_cloud: Cloud) -> None:
    wechat_cloud.answer(TOKEN_PATH, *(an_answer(access_token=f"token-{n}", expires_in=7200) for n in (1, 2)))
    wechat_cloud.answer(SEND_PATH, an_answer(errcode=42001), TAKEN)
    [ident] = tell(person)
    assert send(person, ident, a_wechat(person.store, wechat_cloud)) is DeliveryStatus.SENT
    assert [request.query["access_token"] for request in wechat_cloud.to(SEND_PATH)] == ["token-1", "token-2"]


def test_a_given_up_message_says_so(person: Person) -> None:
    [ident] = tell(person)
    give_up_message(person.store, ident, "later")
    with person.store.read() as session:
        assert session.get_one(Outbound, ident).status is DeliveryStatus.FAILED


def test_the_code_of_a_report_that_filed_itself_is_sent_at_once(store: Store, wechat_cloud: Cloud) -> None:
    set_up(store)
    person = Person(store, a_front_desk())
    person.say(STORY)
    file_silent_talks(store, person.desk, NOW + timedelta(minutes=11))
    with store.read() as session:
        row_id = session.scalars(select(Conversation.id)).one()
    assert send(person, TALK_PREFIX + row_id, a_wechat(store, wechat_cloud)) is DeliveryStatus.SENT
    content = wechat_cloud.to(SEND_PATH)[0].json["text"]["content"]
    assert "查询码" in content
    assert "馊" not in content


def test_two_that_renew_at_once_make_one_call(store: Store, wechat_cloud: Cloud) -> None:
    table = TokenTable(store, some_secrets(), "wechat:wx1", lambda: NOW)
    calls: list[int] = []

    def fetch() -> tuple[str, timedelta]:
        calls.append(1)
        with pytest.raises(SendError) as second:
            table.renew(fetch, stale=None)
        assert second.value.problem is SendProblem.LATER
        return "token", timedelta(hours=2)

    assert table.renew(fetch, stale=None) == "token"
    assert table.renew(fetch, stale="an older one") == "token"
    assert len(calls) == 1


def test_the_token_lies_encrypted_and_is_renewed_before_its_end(store: Store) -> None:
    secrets, moment = some_secrets(), [NOW]
    table = TokenTable(store, secrets, "wechat:wx1", lambda: moment[0])
    table.renew(lambda: ("a-secret-token", timedelta(hours=2)), stale=None)
    assert table.get(now=NOW) == "a-secret-token"
    assert table.get(now=NOW + timedelta(minutes=116)) is None
    with store.read() as session:
        assert all(b"a-secret-token" not in row.ciphertext for row in session.scalars(select(VendorToken)))
