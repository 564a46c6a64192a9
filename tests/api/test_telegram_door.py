"""Telegram's door over HTTP: the secret first, an answer in the same response, taps ended, nobody held up by poison."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import pytest
import telegram
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from api.telegram_door import router
from bot.channels import BODY_LIMIT
from bot.channels.telegram import TelegramAccount, TelegramChannel
from bot.frontdesk import FrontDesk
from bot.models import Conversation, SeenMessage
from bot.modes import TelegramMode
from casework.models.cases import Case
from casework.store import Store
from tests.bot.desk import STORY, a_front_desk, count, set_up
from tests.casework.job_desk import eventually
from tests.casework.people import NOW
from tests.infrastructure.server import running
from tests.infrastructure.telegram_cloud import (
    TOKEN,
    TelegramCloud,
    a_message,
    a_tap,
    a_video,
    an_update,
)

SECRET = "a-secret-of-the-house"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass
class House:
    """As much of the house as the door needs."""

    store: Any
    front_desk: FrontDesk
    telegram: TelegramChannel | None

    def now(self) -> datetime:
        return NOW


@pytest.fixture
def house(store: Store, telegram_cloud: TelegramCloud) -> House:
    set_up(store)
    return House(store, a_front_desk(), TelegramChannel(TelegramAccount(TOKEN, SECRET, telegram_cloud.url)))


@pytest.fixture
def door(house: House) -> Iterator[httpx.Client]:
    app = FastAPI()
    app.state.house = house
    app.include_router(router)
    with running(app) as address, httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
        yield client


def send(door: httpx.Client, update: Any, secret: str | None = SECRET) -> httpx.Response:
    headers = {HEADER: secret} if secret is not None else {}
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    return door.post("/telegram", content=body, headers=headers)


def is_empty(house: House) -> bool:
    with house.store.read() as session:
        return count(session, SeenMessage) == 0 and count(session, Conversation) == 0


def test_a_whole_report_by_webhook(door: httpx.Client, house: House, telegram_cloud: TelegramCloud) -> None:
    first = send(door, an_update(1, message=a_message(STORY))).json()
    assert (first["method"], first["protect_content"]) == ("sendMessage", True)
    markup = telegram.InlineKeyboardMarkup.de_json(first["reply_markup"], None)
    assert markup.inline_keyboard[0][0].callback_data == "contact_none"
    assert "您听" in send(door, an_update(2, callback_query=a_tap("contact_none", ident="a"))).json()["text"]
    assert "查询码" in send(door, an_update(3, callback_query=a_tap("confirm_yes", ident="b"))).json()["text"]
    assert eventually(lambda: sorted(telegram_cloud.ended) == ["a", "b"])
    with house.store.read() as session:
        assert count(session, Case) == 1


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x"])
def test_a_wrong_or_missing_secret_is_401_and_nothing_is_stored(
    door: httpx.Client, house: House, secret: str | None
) -> None:
    with capture_logs() as lines:
        assert send(door, an_update(1, message=a_message(STORY)), secret).status_code == 401
    assert [line["event"] for line in lines] == ["channel_refused"]
    assert "馊" not in str(lines)
    assert is_empty(house)


@pytest.mark.parametrize(
    "poison", [b"", b"[]", b"not json", b"\xff\xfe", b'{"update_id": 1, "message": 5}', b"x" * (BODY_LIMIT + 1)]
)
def test_what_nobody_can_read_is_acknowledged_and_holds_up_nothing(
    door: httpx.Client, house: House, poison: bytes
) -> None:
    assert send(door, poison).status_code == 200
    assert is_empty(house)
    assert "怎么告诉您" in send(door, an_update(2, message=a_message(STORY))).json()["text"]


def test_a_message_that_breaks_us_is_apologised_for(door: httpx.Client, house: House) -> None:
    def assess(_text: str, _context: Any) -> Any:
        raise RuntimeError

    object.__setattr__(house.front_desk.intake, "assess", assess)
    answer = send(door, an_update(1, message=a_message(STORY)))
    assert (answer.status_code, answer.json()["text"]) == (200, "刚才那句我没收好。\n请您再说一遍。")


class DownStore:
    """A database that is away."""

    def write(self) -> Any:
        raise OperationalError("INSERT", {}, Exception("the server went away with a secret word"))

    read = write


def test_when_the_database_is_down_the_cloud_is_told_to_come_again(door: httpx.Client, house: House) -> None:
    store, house.store = house.store, DownStore()
    update = an_update(1, message=a_message(STORY))
    with capture_logs() as lines:
        assert send(door, update).status_code == 503
    assert "secret word" not in str(lines)
    house.store = store
    assert send(door, update).status_code == 200


def test_a_film_over_the_limit_is_200_with_a_hint_and_its_words_are_kept(door: httpx.Client) -> None:
    large = a_message(video=a_video(50 * 1024 * 1024), caption=STORY)
    answer = send(door, an_update(1, message=large))
    assert answer.status_code == 200
    assert "这个文件太大" in answer.json()["text"]
    assert "怎么告诉您" in answer.json()["text"]


def test_a_cloud_that_is_away_keeps_no_tap_from_being_heard(door: httpx.Client, telegram_cloud: TelegramCloud) -> None:
    send(door, an_update(1, message=a_message(STORY)))
    telegram_cloud.refusals["answerCallbackQuery"] = [(500, "Internal Server Error")]
    answer = send(door, an_update(2, callback_query=a_tap("contact_none")))
    assert (answer.status_code, "您听" in answer.json()["text"]) == (200, True)


def test_an_office_that_polls_has_no_door(door: httpx.Client, house: House, telegram_cloud: TelegramCloud) -> None:
    account = TelegramAccount(TOKEN, SECRET, telegram_cloud.url, mode=TelegramMode.POLLING)
    house.telegram = TelegramChannel(account)
    assert send(door, an_update(1, message=a_message(STORY))).status_code == 404
    house.telegram = None
    assert send(door, an_update(1, message=a_message(STORY))).status_code == 404
