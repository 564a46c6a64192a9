"""The real application behind a real socket, for the tests that come through the front door.

It runs in a thread of the test, so that a test can look into the same store that its browser fills.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import uvicorn

SECONDS = 30
Serve = Callable[[Any], str]


class AnnouncingServer(uvicorn.Server):
    """A uvicorn that says when it answers, and when it gave up starting."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then let the test go on."""
        try:
            await super().startup(sockets)
        finally:
            self.settled.set()


@contextmanager
def running(app: Any) -> Iterator[str]:
    """Serve an ASGI application on a free port of loopback; gives its address.

    Raises AssertionError where it does not start in time.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    server = AnnouncingServer(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        assert server.settled.wait(SECONDS), "the application did not start"
        assert server.started, "the application refused to start"
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(SECONDS)
        listener.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves an application and gives its address: `url = serve(app)`; all of them end with the test."""
    with ExitStack() as open_servers:
        yield lambda app: open_servers.enter_context(running(app))
