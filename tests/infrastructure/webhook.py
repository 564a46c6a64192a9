"""A receiving body's own server on loopback, which really speaks HTTP and misbehaves on demand."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class HookMode(StrEnum):
    """How the server behaves from now on."""

    ACCEPT = "accept"
    REFUSE = "refuse"  # 400: for good
    BUSY = "busy"  # 503: later
    GATEWAY = "gateway"  # 504: who knows
    REDIRECT = "redirect"
    HANG = "hang"  # takes the text, then says nothing
    DROP = "drop"  # takes the text, then is gone


STATUS = {HookMode.ACCEPT: 204, HookMode.REFUSE: 400, HookMode.BUSY: 503, HookMode.GATEWAY: 504, HookMode.REDIRECT: 302}


@dataclass
class Hook:
    """The server as a test sees it: set `mode`, read what came."""

    port: int = 0
    mode: HookMode = HookMode.ACCEPT
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/referrals"


def make_handler(hook: Hook) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            hook.headers.append({name.lower(): value for name, value in self.headers.items()})
            if hook.mode is HookMode.HANG:
                hook.released.wait(20)
            if hook.mode in STATUS:
                self.send_response(STATUS[hook.mode])
                self.send_header("Content-Length", "0")
                self.end_headers()
            self.close_connection = True

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def webhook() -> Iterator[Hook]:
    """A running server of a receiving body."""
    hook = Hook()
    server = ThreadingHTTPServer(("127.0.0.1", 0), make_handler(hook))
    server.daemon_threads = True
    hook.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield hook
    hook.released.set()
    server.shutdown()
    thread.join()
    server.server_close()
