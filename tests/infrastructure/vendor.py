"""A vendor's cloud on loopback: WeChat's, Telegram's or a body's webhook, as far as HTTP can tell.

It answers what the test laid out for a path and keeps every request; a path without an answer is a 404, so that a call
nobody planned is seen.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest


@dataclass(frozen=True)
class Request:
    """One request as it came in; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What the cloud says: bytes with a status; `drops` closes the line without a word, `hangs` until the test ends."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drops: bool = False
    hangs: bool = False


def json_answer(value: Any, status: int = 200) -> Answer:
    """An answer in JSON."""
    return Answer(json.dumps(value, ensure_ascii=False).encode(), status, {"Content-Type": "application/json"})


NOT_FOUND = Answer(status=404)


class Cloud:
    """The server as a test sees it: lay out answers, read `requests`."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._answers: dict[str, list[Answer]] = {}
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        """What an _API_BASE setting would say."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str, *answers: Answer) -> None:
        """Give these answers at a path, one a request, the last one for ever."""
        with self._changed:
            self._answers[path] = list(answers)

    def to(self, path: str) -> list[Request]:
        """The requests that came to a path."""
        with self._changed:
            return [request for request in self.requests if request.path == path]

    def wait_for(self, path: str, count: int = 1, seconds: float = 20) -> list[Request]:
        """Wait until a path got this many requests; AssertionError when they don't come in time."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.to(path)) >= count, seconds)
        assert came, f"{len(self.to(path))} of {count} requests came to {path} within {seconds} s"
        return self.to(path)

    def take(self, request: Request) -> Answer:
        """Keep a request and choose its answer."""
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
            waiting = self._answers.get(request.path, [NOT_FOUND])
            chosen = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if chosen.hangs:
            self._closing.wait()
        return chosen

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End, whoever still hangs on the line."""
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Turns one HTTP request into a Request and an Answer into bytes."""

    protocol_version = "HTTP/1.1"

    def __init__(self, cloud: Cloud, *args: Any) -> None:
        self.cloud = cloud
        super().__init__(*args)

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        answer = self.cloud.take(Request(self.command, address.path, query, headers, body))
        self.close_connection = True
        if answer.drops or answer.hangs:
            return
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(answer.body)), "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 (the names that the server calls)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """A vendor's cloud that listens on loopback."""
    made = Cloud()
    made.start()
    yield made
    made.stop()
