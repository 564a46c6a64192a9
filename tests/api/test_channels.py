"""The vendor's door over HTTP: stored before it is answered, refused with the right status, and never a 500."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from api.channels import router
from bot.channels import BODY_LIMIT, Request
from bot.channels.wechat import WeChatChannel
from bot.conversations import find_talk
from bot.frontdesk import FrontDesk
from bot.models import Conversation, Outbound, SeenMessage
from casework.models.cases import Case
from casework.store import Store
from casework.types import Channel, DeliveryStatus
from intake.models import ReplyAddress
from tests.bot.desk import STORY, a_front_desk, count, set_up
from tests.bot.wechat_side import KEY, OPEN_ID, Vendor, a_channel, a_check, a_plain_post, an_event, an_xml
from tests.casework.people import NOW
from tests.infrastructure.server import running


@dataclass
class House:
    """As much of the house as the door needs."""

    store: Any
    front_desk: FrontDesk
    wechat: WeChatChannel | None
    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def house(store: Store) -> House:
    set_up(store)
    return House(store, a_front_desk(), a_channel(KEY))


@pytest.fixture
def door(house: House) -> Iterator[httpx.Client]:
    app = FastAPI()
    app.state.house = house
    app.include_router(router)
    with running(app) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def send(door: httpx.Client, request: Request) -> Any:
    if request.method == "GET":
        return door.get("/wechat", params=dict(request.query))
    return door.post("/wechat", params=dict(request.query), content=request.body)


def is_empty(house: House) -> bool:
    with house.store.read() as session:
        return count(session, SeenMessage) == 0 and count(session, Conversation) == 0


def test_the_check_is_echoed_as_plain_text(door: httpx.Client) -> None:
    answer = send(door, a_check("<b>42</b>"))
    assert (answer.status_code, answer.text) == (200, "<b>42</b>")
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_whole_report_by_wechat(door: httpx.Client, house: House) -> None:
    vendor = Vendor()
    said = [STORY, "1", "对"]
    answers = [
        vendor.read(send(door, vendor.post(an_xml(text, message_id=str(ident)))).content)["Content"]
        for ident, text in enumerate(said)
    ]
    assert "有了结果，怎么告诉您？" in answers[0]
    assert "您听，对不对？" in answers[1]
    assert "查询码" in answers[2]
    with house.store.read() as session:
        assert count(session, Case) == 1


def test_three_posts_of_one_message_in_parallel_get_one_answer(door: httpx.Client, house: House) -> None:
    vendor = Vendor()
    posts = [vendor.post(an_xml("麦陇镇敬老院着火了", message_id="7")) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda post: send(door, post), posts))
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({vendor.read(answer.content)["Content"] for answer in answers}) == 1
    with house.store.read() as session:
        assert count(session, Case) == 1


def test_what_is_refused_stores_nothing_and_leaves_one_line_without_content(door: httpx.Client, house: House) -> None:
    wrong = Vendor().post(an_xml("俺娘叫人打了"))
    refusals = {
        403: [
            replace(wrong, query={**wrong.query, "msg_signature": "0" * 40}),
            Vendor().post(an_xml(), later=-timedelta(minutes=10)),
            Vendor(app_id="wxffffffffffffffff").post(an_xml()),
            a_plain_post(an_xml("俺娘叫人打了")),
        ],
        400: [replace(wrong, body=b"<xml>"), Vendor().post("<xml><MsgType/></xml>"), replace(wrong, body=b"")],
        413: [replace(wrong, body=b"x" * (BODY_LIMIT + 1))],
    }
    for status, requests in refusals.items():
        for request in requests:
            with capture_logs() as lines:
                assert send(door, request).status_code == status
            assert [line["event"] for line in lines] == ["channel_refused"]
            assert "俺娘" not in str(lines)
            assert "oWangtong" not in str(lines)
    assert is_empty(house)


def test_a_used_nonce_with_another_message_is_refused(door: httpx.Client, house: House) -> None:
    vendor = Vendor()
    assert send(door, vendor.post(an_xml("你好", message_id="1"), nonce="same")).status_code == 200
    assert send(door, vendor.post(an_xml("别的", message_id="2"), nonce="same")).status_code == 403
    with house.store.read() as session:
        assert count(session, SeenMessage) == 2


class BrokenStore:
    """A database that is down."""

    def write(self) -> Any:
        raise OperationalError("INSERT", {}, Exception("the server went away with a secret word"))

    read = write


def test_when_the_database_is_down_the_vendor_is_told_to_come_again(door: httpx.Client, house: House) -> None:
    request, store = Vendor().post(an_xml(STORY)), house.store
    house.store = BrokenStore()
    with capture_logs() as lines:
        answer = send(door, request)
    assert (answer.status_code, answer.text) == (503, "")
    assert "secret word" not in str(lines)
    house.store = store
    assert send(door, request).status_code == 200


@pytest.mark.parametrize(
    ("event", "key"),
    [
        ("LOCATION", ""),
        ("VIEW", "https://hotline.invalid/track"),
        ("scancode_push", "k"),
        ("subscribe_msg_popup_event", ""),
        ("never_heard_of", ""),
    ],
)
def test_an_event_that_says_nothing_to_us_is_acknowledged_and_leaves_no_trace(
    door: httpx.Client, house: House, event: str, key: str
) -> None:
    answer = send(door, Vendor().post(an_event(event, key)))
    assert (answer.status_code, answer.text) == (200, "success")
    assert is_empty(house)


def test_what_he_ticked_of_subscription_messages_is_acknowledged(door: httpx.Client, house: House) -> None:
    ticked = (
        "<Event><![CDATA[subscribe_msg_change_event]]></Event><SubscribeMsgChangeEvent><List>"
        "<TemplateId>t1</TemplateId><SubscribeStatusString>reject</SubscribeStatusString></List><List>"
        "<TemplateId>t2</TemplateId></List></SubscribeMsgChangeEvent>"
    )
    answer = send(door, Vendor().post(an_xml(kind="event", message_id="", extra=ticked)))
    assert (answer.status_code, answer.text) == (200, "success")
    assert is_empty(house)


@pytest.mark.parametrize("event", ["subscribe", "SCAN"])
def test_whoever_scans_the_picture_of_a_home_is_asked_nothing_about_the_place(
    door: httpx.Client, house: House, event: str
) -> None:
    vendor = Vendor()
    key = "qrscene_mailong-home" if event == "subscribe" else "mailong-home"
    greeted = vendor.read(send(door, vendor.post(an_event(event, key))).content)["Content"]
    assert "您扫的是麦陇镇敬老院的码。" in greeted
    told = vendor.read(send(door, vendor.post(an_xml("饭是馊的，老人吃了拉肚子"))).content)["Content"]
    assert "是哪家养老院" not in told
    with house.store.read() as session:
        assert "麦陇镇敬老院" in str(
            find_talk(
                session,
                Channel.WECHAT,
                OPEN_ID,
                days=house.front_desk.days,
                shelf=house.front_desk.intake.keys,
                now=NOW,
            )
        )


def test_a_tap_of_the_menu_answers_in_the_talk(door: httpx.Client) -> None:
    vendor = Vendor()
    answers = {
        key: vendor.read(send(door, vendor.post(an_event("CLICK", key))).content)["Content"]
        for key in ("report", "progress", "human")
    }
    assert "有什么事，跟我说？" in answers["report"]
    assert "16位查询码" in answers["progress"]
    assert "工作人员" in answers["human"] or "上班" in answers["human"]


def test_leaving_retracts_the_address_and_keeps_the_report(door: httpx.Client, house: House) -> None:
    vendor = Vendor()
    for ident, text in enumerate((STORY, "3", "对")):
        send(door, vendor.post(an_xml(text, message_id=str(ident))))
    assert send(door, vendor.post(an_event("unsubscribe"))).text == "success"
    with house.store.read() as session:
        assert (count(session, ReplyAddress), count(session, Case)) == (0, 1)


def a_finished_template(status: str) -> str:
    extra = f"<Event>TEMPLATESENDJOBFINISH</Event><MsgID>200163836</MsgID><Status><![CDATA[{status}]]></Status>"
    return an_xml(kind="event", message_id="", extra=extra)


@pytest.mark.parametrize(
    ("status", "code", "addresses"),
    [("success", None, 1), ("failed: system failed", "not_shown", 1), ("failed:user block", None, 0)],
)
def test_how_a_template_message_fared_is_kept_on_its_row(
    door: httpx.Client, house: House, status: str, code: str | None, addresses: int
) -> None:
    vendor = Vendor()
    for ident, text in enumerate((STORY, "3", "对")):
        send(door, vendor.post(an_xml(text, message_id=str(ident))))
    with house.store.write() as session:
        address = session.scalars(select(ReplyAddress.id)).one()
        row = Outbound(reply_address_id=address, phrase="replied", status=DeliveryStatus.SENT, queued_at=NOW)
        row.vendor_ref = "200163836"
        session.add(row)
    for _ in range(2):
        assert send(door, vendor.post(a_finished_template(status))).text == "success"
    with house.store.read() as session:
        assert count(session, ReplyAddress) == addresses
        assert [row.error_code for row in session.scalars(select(Outbound))] == [code] * addresses


def test_a_named_place_and_one_in_figures_are_both_told(door: httpx.Client, house: House) -> None:
    vendor = Vendor()
    spot = "<Location_X>35.401</Location_X><Location_Y>116.102</Location_Y><Scale>15</Scale><Label></Label>"
    send(door, vendor.post(an_xml(kind="location", message_id="1", extra=spot)))
    desk = house.front_desk
    with house.store.read() as session:
        talk = find_talk(session, Channel.WECHAT, OPEN_ID, days=desk.days, shelf=desk.intake.keys, now=NOW)
    assert talk is not None
    assert talk.place == "北纬35.401，东经116.102"


def test_two_events_in_one_second_are_both_kept(door: httpx.Client, house: House) -> None:
    vendor = Vendor()
    for key in ("report", "human"):
        assert send(door, vendor.post(an_event("CLICK", key), nonce=key)).status_code == 200
    with house.store.read() as session:
        messages = select(SeenMessage).where(SeenMessage.body_mac.is_(None))
        assert len(list(session.scalars(messages))) == 2


def test_without_an_account_there_is_no_door(door: httpx.Client, house: House) -> None:
    house.wechat = None
    assert (door.get("/wechat").status_code, door.post("/wechat").status_code) == (404, 404)


def test_a_flood_of_broken_bodies_never_breaks_the_door(door: httpx.Client) -> None:
    request = Vendor().post(an_xml())
    for body in (b"\xff\xfe", b"{}", b"<xml/>", b"<!DOCTYPE x><xml/>", b"<a>" * 1000, "<xml>馊".encode("gbk")):
        assert send(door, replace(request, body=body)).status_code == 400


def test_a_door_that_waits_for_the_lock_holds_up_no_other_request(door: httpx.Client, house: House) -> None:
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with house.store.write():
            held.set()
            release.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(send, door, Vendor().post(an_xml("你好")))
        assert send(door, a_check("1")).status_code == 200
        release.set()
        assert waiting.result(20).status_code == 200
    holder.join()
