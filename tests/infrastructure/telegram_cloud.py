"""Telegram's cloud on loopback: it keeps updates until they are confirmed, as the real one does, and what it is told.

Updates are made of the library's own objects, so that what comes in has the shape that the cloud sends.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
import telegram

TOKEN = "77:a-token-of-the-tests"
WHEN = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
PERSON = 42


def a_user(ident: int = PERSON) -> telegram.User:
    return telegram.User(ident, "某", is_bot=False)


def a_message(text: str | None = None, *, ident: int = 1, person: int = PERSON, **more: Any) -> telegram.Message:
    """A private message as the library builds it."""
    known: dict[str, Any] = {
        "date": WHEN,
        "chat": telegram.Chat(person, "private"),
        "from_user": a_user(person),
        "text": text,
    }
    return telegram.Message(message_id=ident, **(known | more))


def a_tap(data: str, *, ident: str = "tap-1", person: int = PERSON) -> telegram.CallbackQuery:
    message = a_message("对吗", ident=900, person=person)
    return telegram.CallbackQuery(ident, a_user(person), "chat", message=message, data=data)


def a_photo(file_id: str = "photo-1", size: int = 1000) -> list[telegram.PhotoSize]:
    return [telegram.PhotoSize(file_id, f"{file_id}-unique", 90, 90, file_size=size)]


def a_video(size: int) -> telegram.Video:
    return telegram.Video("video-1", "video-1-unique", 90, 90, 60, file_size=size)


def blocked() -> telegram.ChatMemberUpdated:
    """He stopped the bot."""
    bot = telegram.User(77, "b", is_bot=True)
    return telegram.ChatMemberUpdated(
        telegram.Chat(PERSON, "private"),
        a_user(),
        WHEN,
        telegram.ChatMemberMember(bot),
        telegram.ChatMemberBanned(bot, WHEN),
    )


def an_update(ident: int, **parts: Any) -> dict[str, Any]:
    """An update as JSON: `message=`, `edited_message=`, `callback_query=`, `my_chat_member=`."""
    raw: dict[str, Any] = telegram.Update(ident, **parts).to_dict()
    return raw


@dataclass
class TelegramCloud:
    """The cloud as a test sees it: `post` updates, read what was `said` and which taps were `ended`.

    `refusals` are answered to the next calls of a method, in order: (status, description).
    """

    port: int = 0
    waiting: list[dict[str, Any]] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    webhook: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    refusals: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def post(self, *updates: dict[str, Any]) -> None:
        """Updates that wait to be asked for."""
        self.waiting += updates

    @property
    def texts(self) -> list[str]:
        """What was said, in order."""
        return [call["text"] for call in self.said]

    def answer(self, method: str, given: dict[str, Any]) -> tuple[int, Any]:
        """The status and result of one call."""
        refused = self.refusals.get(method, [])
        if refused:
            return refused.pop(0)
        act = {
            "getUpdates": self._give,
            "sendMessage": self._hear,
            "answerCallbackQuery": lambda given: self._end(str(given["callback_query_id"])),
            "setWebhook": lambda given: self._keep(given),
            "deleteWebhook": lambda _given: self._keep({}),
        }.get(method)
        return (200, act(given)) if act is not None else (404, "Not Found")

    def _give(self, given: dict[str, Any]) -> Sequence[dict[str, Any]]:
        self.asked.append(given)
        offset = given.get("offset")
        if offset is not None:
            self.waiting = [update for update in self.waiting if update["update_id"] >= int(offset)]
        return self.waiting[: int(given.get("limit", 100))]

    def _hear(self, given: dict[str, Any]) -> dict[str, Any]:
        self.said.append(given)
        raw: dict[str, Any] = a_message(given["text"], ident=5000 + len(self.said)).to_dict()
        return raw

    def _end(self, tap_id: str) -> bool:
        self.ended.append(tap_id)
        return True

    def _keep(self, given: dict[str, Any]) -> bool:
        self.webhook = given
        return True


def _read(handler: BaseHTTPRequestHandler) -> dict[str, Any]:
    """The parameters of a call: a form, each value JSON where it isn't plain text."""
    body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
    if "json" in handler.headers.get("Content-Type", ""):
        found: dict[str, Any] = json.loads(body)
        return found
    return {name: _value(name, text) for name, text in parse_qsl(body, keep_blank_values=True)}


def _value(name: str, text: str) -> Any:
    return json.loads(text) if name in ("reply_markup", "allowed_updates") else text


def make_handler(cloud: TelegramCloud) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            _, bot, method = self.path.split("/", 2)
            status, result = cloud.answer(method, _read(self)) if bot == f"bot{TOKEN}" else (401, "Unauthorized")
            ok = status == 200
            body = {"ok": True, "result": result} if ok else {"ok": False, "error_code": status, "description": result}
            answer = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer)
            self.close_connection = True

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def telegram_cloud() -> Iterator[TelegramCloud]:
    """Telegram's cloud, listening on loopback."""
    cloud = TelegramCloud()
    server = ThreadingHTTPServer(("127.0.0.1", 0), make_handler(cloud))
    server.daemon_threads = True
    cloud.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield cloud
    server.shutdown()
    thread.join()
    server.server_close()
