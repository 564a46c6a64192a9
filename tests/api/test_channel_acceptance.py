"""The fourteen checks that earlier bots failed, one test each, in the order of the list that the office was given."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from api import channels, telegram_door
from bot.channels import Request, SendError
from bot.channels.telegram import TelegramAccount, TelegramChannel
from bot.channels.wechat import WeChatAccount, WeChatChannel
from bot.channels.wechat_api import NewsTemplate, WeChatApi
from bot.channels.wechat_media import fetch_wechat_medium
from bot.conversations import find_talk
from bot.courier import send_message, tell_reporter_news
from bot.fetching import MEDIUM_PREFIX, fetch_medium, tell_medium_lost
from bot.frontdesk import FrontDesk
from bot.late import LATE_PREFIX, answer_late
from bot.models import Conversation, LateMessage, Outbound, SeenMessage
from bot.tokens import TokenTable
from bot.types import Talk
from casework.models import Attachment
from casework.models.cases import Case
from casework.news import NewsPhrase, pack_news
from casework.store import Store
from casework.types import AttachmentProblem, Channel, DeliveryStatus
from tests.bot.desk import STORY, a_front_desk, count, set_up
from tests.bot.wechat_side import APP_ID, KEY, OPEN_ID, TOKEN, Vendor, a_plain_post, an_event, an_xml
from tests.casework.people import NOW
from tests.infrastructure.server import running
from tests.infrastructure.telegram_cloud import TOKEN as BOT_TOKEN
from tests.infrastructure.telegram_cloud import TelegramCloud, a_message, a_video, an_update
from tests.infrastructure.vendor import Cloud, json_answer
from tests.intake.desk import some_secrets

SECRET = "a-secret-of-the-house"
TOKEN_PATH, SEND_PATH = "/cgi-bin/stable_token", "/cgi-bin/message/custom/send"
TEMPLATE_PATH, MEDIA_PATH = "/cgi-bin/message/template/send", "/cgi-bin/media/get"
SECRETS = some_secrets()
TEMPLATE = NewsTemplate("template-1", {"thing1": "您的事有新消息"}, "https://hotline.invalid/track")


@dataclass
class House:
    """As much of the house as the doors and the courier need; its clock may be turned."""

    store: Any
    front_desk: FrontDesk
    wechat: WeChatChannel
    telegram: TelegramChannel
    vendor: Vendor = field(default_factory=Vendor)
    door: httpx.Client = field(init=False)
    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment

    def post(self, request: Request) -> httpx.Response:
        """WeChat posts."""
        return self.door.post("/wechat", params=dict(request.query), content=request.body)

    def say(self, text: str, ident: str, **more: Any) -> str:
        """A person writes on WeChat; the words of the passive reply."""
        answer = self.post(self.vendor.post(an_xml(text, message_id=ident, **more)))
        assert answer.status_code == 200
        return self.vendor.read(answer.content)["Content"]

    def update(self, update: dict[str, Any], secret: str | None = SECRET) -> httpx.Response:
        """Telegram posts."""
        headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
        return self.door.post("/telegram", json=update, headers=headers)

    def count(self, model: type) -> int:
        with self.store.read() as session:
            return count(session, model)

    def talk(self, channel: Channel, sender: str) -> Talk:
        desk = self.front_desk
        with self.store.read() as session:
            found = find_talk(session, channel, sender, days=desk.days, shelf=desk.intake.keys, now=NOW)
        assert found is not None
        return found

    def send(self, subject: str) -> DeliveryStatus | None:
        """The courier's job."""
        adapters = {Channel.WECHAT: self.wechat}
        return send_message(self.store, subject, desk=self.front_desk, adapters=adapters, clock=self.now)


@pytest.fixture
def wechat_cloud(cloud: Cloud) -> Cloud:
    cloud.answer(TOKEN_PATH, json_answer({"access_token": "token-1", "expires_in": 7200}))
    cloud.answer(SEND_PATH, json_answer({"errcode": 0}))
    cloud.answer(TEMPLATE_PATH, json_answer({"errcode": 0, "msgid": 200163836}))
    return cloud


def a_wechat(store: Store, cloud: Cloud, template: NewsTemplate | None = None) -> WeChatChannel:
    table = TokenTable(store, SECRETS, f"wechat:{APP_ID}", lambda: NOW)
    api = WeChatApi(APP_ID, "s", cloud.url, table, lambda: NOW)
    return WeChatChannel(WeChatAccount.of(APP_ID, TOKEN, KEY), api, template)


@pytest.fixture
def house(store: Store, wechat_cloud: Cloud, telegram_cloud: TelegramCloud) -> Iterator[House]:
    set_up(store)
    telegram = TelegramChannel(TelegramAccount(BOT_TOKEN, SECRET, telegram_cloud.url))
    made = House(store, a_front_desk(), a_wechat(store, wechat_cloud), telegram)
    with opened(made):
        yield made


@contextmanager
def opened(house: House) -> Iterator[None]:
    app = FastAPI()
    app.state.house = house
    app.include_router(channels.router)
    app.include_router(telegram_door.router)
    with running(app) as address, httpx.Client(base_url=address, timeout=30, trust_env=False) as house.door:
        yield


def test_01_one_post_three_times_in_parallel_is_one_message_one_case_and_three_identical_replies(
    house: House,
) -> None:
    posts = [house.vendor.post(an_xml("麦陇镇敬老院着火了", message_id="7")) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(house.post, posts))
    assert len({house.vendor.read(answer.content)["Content"] for answer in answers}) == 1
    assert house.count(Case) == 1


def test_02_a_message_that_takes_long_is_kept_and_acknowledged_and_answered_by_a_message_of_ours(
    house: House, wechat_cloud: Cloud
) -> None:
    house.wechat.patience, house.wechat.spare = 0.05, 30.0
    released = threading.Event()
    whole = house.front_desk.intake.assess

    def assess(text: str, context: Any) -> Any:
        released.wait(30)
        return whole(text, context)

    object.__setattr__(house.front_desk.intake, "assess", assess)
    answer = house.post(house.vendor.post(an_xml(STORY, message_id="1")))
    assert not released.is_set()
    assert (answer.status_code, answer.text) == (200, "success")
    released.set()
    with house.store.read() as session:
        row_id = session.scalars(select(LateMessage.id)).one()
    adapters = {Channel.WECHAT: house.wechat}
    subject = LATE_PREFIX + row_id
    assert answer_late(house.store, subject, desk=house.front_desk, adapters=adapters, clock=house.now)
    [sent] = wechat_cloud.to(SEND_PATH)
    assert "有了结果，怎么告诉您？" in sent.json["text"]["content"]
    assert not answer_late(house.store, subject, desk=house.front_desk, adapters=adapters, clock=house.now)
    assert house.talk(Channel.WECHAT, OPEN_ID).lines == (STORY,)
    assert house.count(LateMessage) == 0


class DownStore:
    """A database that is away."""

    def write(self) -> Any:
        raise OperationalError("INSERT", {}, Exception("the server went away"))

    read = write


def test_03_a_database_that_is_down_is_an_error_so_that_the_vendor_comes_again(house: House) -> None:
    request, store = house.vendor.post(an_xml(STORY)), house.store
    house.store = DownStore()
    assert house.post(request).status_code == 503
    assert house.update(an_update(1, message=a_message(STORY))).status_code == 503
    house.store = store
    assert house.post(request).status_code == 200
    assert house.update(an_update(1, message=a_message(STORY))).status_code == 200


def test_04_a_plain_body_is_refused_while_safe_mode_is_on(house: House) -> None:
    assert house.post(a_plain_post(an_xml(STORY))).status_code == 403
    assert house.count(SeenMessage) == 0


def test_05_a_signature_replayed_after_ten_minutes_with_another_body_is_refused(house: House) -> None:
    first, other = (
        house.vendor.post(an_xml("一"), nonce="n"),
        house.vendor.post(an_xml("二", message_id="2"), nonce="n"),
    )
    assert house.post(first).status_code == 200
    house.moment = NOW + timedelta(minutes=10)
    assert house.post(replace(first, body=other.body)).status_code == 403
    assert house.post(first).status_code == 403
    house.moment = NOW
    assert house.post(other).status_code == 403


def test_06_two_persons_with_one_message_id_are_two_messages(house: House) -> None:
    for sender in ("oWangtong_0001", "oWangtong_0002"):
        house.say(STORY, "7", sender=sender)
    assert house.count(Conversation) == 2


def test_07_two_events_of_one_second_with_other_keys_are_both_kept(house: House) -> None:
    for key in ("report", "human"):
        assert house.post(house.vendor.post(an_event("CLICK", key))).status_code == 200
    with house.store.read() as session:
        assert len(list(session.scalars(select(SeenMessage).where(SeenMessage.body_mac.is_(None))))) == 2


def test_08_a_picture_that_is_gone_leaves_a_stub_with_its_reason_and_its_sender_is_asked_again(
    house: House, wechat_cloud: Cloud
) -> None:
    wechat_cloud.answer(MEDIA_PATH, json_answer({"errcode": 40007, "errmsg": "invalid media_id"}))
    house.say("麦陇镇敬老院着火了", "1")
    picture = an_xml(kind="image", message_id="2", extra="<PicUrl>http://x/1</PicUrl><MediaId>m1</MediaId>")
    assert house.post(house.vendor.post(picture)).status_code == 200
    with house.store.read() as session:
        row_id = session.scalars(select(Conversation.id)).one()
    api = house.wechat.api
    assert api is not None
    sources = {Channel.WECHAT: lambda vendor_id: fetch_wechat_medium(api, vendor_id)}
    [medium] = house.talk(Channel.WECHAT, OPEN_ID).media
    subject = f"{row_id}/{medium.id}"
    lost = fetch_medium(house.store, subject, desk=house.front_desk, sources=sources, clock=house.now)
    assert lost is AttachmentProblem.GONE
    with house.store.read() as session:
        assert session.scalars(select(Attachment.problem)).one() is AttachmentProblem.GONE
    told = f"{MEDIUM_PREFIX}{row_id}/{AttachmentProblem.GONE}"
    tell_medium_lost(house.store, told, desk=house.front_desk, adapters={Channel.WECHAT: house.wechat}, clock=house.now)
    assert "请再发一次" in wechat_cloud.to(SEND_PATH)[-1].json["text"]["content"]


def test_09_a_film_of_fifty_megabytes_is_200_its_words_kept_a_hint_sent_and_the_next_update_taken(
    house: House,
) -> None:
    answer = house.update(an_update(1, message=a_message(video=a_video(50 * 1024 * 1024), caption=STORY)))
    assert answer.status_code == 200
    assert "这个文件太大" in answer.json()["text"]
    assert house.talk(Channel.TELEGRAM, "42").lines == (STORY,)
    assert house.update(an_update(2, message=a_message("昨天的事", person=43))).json()["text"]


def test_10_update_numbers_that_begin_anew_after_a_week_are_taken(house: House) -> None:
    house.update(an_update(900_000_000, message=a_message(STORY)))
    house.moment = NOW + timedelta(days=7)
    assert "怎么告诉您" in house.update(an_update(17, message=a_message(STORY))).json()["text"]


@pytest.mark.parametrize("secret", [None, "wrong"])
def test_11_a_missing_or_wrong_secret_is_401_and_nothing_is_stored(house: House, secret: str | None) -> None:
    assert house.update(an_update(1, message=a_message(STORY)), secret).status_code == 401
    assert house.count(SeenMessage) + house.count(Conversation) == 0


def file_with_news(house: House) -> str:
    """One report whose writer wants to be told here; its case."""
    for ident, text in enumerate((STORY, "3", "对")):
        house.say(text, str(ident))
    with house.store.read() as session:
        return str(session.scalars(select(Case.id)).one())


def tell(house: House, case_id: str) -> str:
    """News of the case; the row that waits to be sent."""
    tell_reporter_news(house.store, pack_news(case_id, NewsPhrase.REPLIED), now=house.moment)
    with house.store.read() as session:
        return str(session.scalars(select(Outbound.id).where(Outbound.status == DeliveryStatus.QUEUED)).one())


def test_12_the_sixth_message_of_ours_goes_by_template_or_waits_until_he_writes_and_is_never_lost(
    house: House, wechat_cloud: Cloud
) -> None:
    case_id = file_with_news(house)
    assert [house.send(tell(house, case_id)) for _ in range(5)] == [DeliveryStatus.SENT] * 5
    waiting = tell(house, case_id)
    assert house.send(waiting) is DeliveryStatus.FAILED
    assert len(wechat_cloud.to(SEND_PATH)) == 5
    house.say("老人还发烧", "9")
    assert house.send(waiting) is DeliveryStatus.SENT
    assert len(wechat_cloud.to(SEND_PATH)) == 6
    house.wechat.template = TEMPLATE
    house.moment = NOW + timedelta(hours=49)
    wechat_cloud.answer(SEND_PATH, json_answer({"errcode": 45015}))
    assert house.send(tell(house, case_id)) is DeliveryStatus.SENT
    [pushed] = wechat_cloud.to(TEMPLATE_PATH)
    assert pushed.json["data"] == {"thing1": {"value": "您的事有新消息"}}


@pytest.mark.parametrize("words", ["😀👵🏻", "𠮷𡈽", "\u200f右到左\u200e", "a]]>b"])
def test_13_odd_characters_survive_the_round_trip(house: House, words: str) -> None:
    told = f"麦陇镇敬老院的饭是馊的{words}"
    house.say(told, "1")
    house.update(an_update(1, message=a_message(told)))
    assert house.talk(Channel.WECHAT, OPEN_ID).lines == (told,)
    assert house.talk(Channel.TELEGRAM, "42").lines == (told,)


def test_14_two_workers_that_need_a_token_at_once_make_one_call(store: Store) -> None:
    asked: list[int] = []
    refused, both = threading.Event(), threading.Barrier(2, timeout=30)

    def ask(name: int) -> str:
        table = TokenTable(store, SECRETS, "wechat:wx1", lambda: NOW)

        def fetch() -> tuple[str, timedelta]:
            asked.append(name)
            refused.wait(30)
            return "token", timedelta(hours=2)

        both.wait()
        try:
            return table.renew(fetch, stale=None)
        except SendError as problem:
            refused.set()
            return problem.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(ask, range(2))) == ["lease", "token"]
    assert len(asked) == 1


def test_14_whoever_came_second_finds_the_token_on_the_shelf(store: Store, wechat_cloud: Cloud) -> None:
    set_up(store)
    first, second = a_wechat(store, wechat_cloud), a_wechat(store, wechat_cloud)
    for channel in (first, second):
        assert channel.api is not None
        channel.api.send_text(OPEN_ID, "有新消息")
    assert len(wechat_cloud.to(TOKEN_PATH)) == 1
