"""The town of the journeys: a house that listens and works, and the people who come to it with a browser."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
import uvicorn
from playwright.sync_api import Page, expect

from api.app import create_app
from api.demo.vendor import Vendor
from api.engine import EngineThread
from api.jobs import build_job_engine
from api.wiring import House
from casework import clock
from casework.store import Store
from tests.api.houses import (
    AES_KEY,
    APP_ID,
    PASSWORD,
    SEED,
    TOKEN,
    Person,
    common,
    furnish,
    open_house,
    some_settings,
)
from tests.infrastructure.server import AnnouncingServer

SECONDS = 30
CODE = re.compile(r"(?<!\d)(?:\d{4}[ -]?){3}\d{4}(?!\d)")


@dataclass(frozen=True)
class Town:
    """A house that answers at `url`, with its background work beside it."""

    house: House
    url: str

    @property
    def vendor(self) -> Vendor:
        """WeChat's side of the account, as wechatpy signs and encrypts it."""
        return Vendor(APP_ID, TOKEN, AES_KEY, f"{self.url}/wechat")

    def sign_in(self, page: Page, person: Person) -> None:
        """An officer at the console's door."""
        page.goto(f"{self.url}/console/sign-in")
        page.fill("#username", person.username)
        page.fill("#password", PASSWORD)
        page.fill("#code", pyotp.TOTP(SEED).at(clock.now()))
        page.click("button.go")
        page.wait_for_url(f"{self.url}/console/")

    def unlock(self, page: Page, person: Person) -> None:
        """A clue officer at the sealed room's door."""
        page.goto(f"{self.url}/console/sealed")
        page.fill("#passphrase", common().passphrases[person.username])
        page.click("main button.go")


@contextmanager
def a_town(database_url: str, folder: Path, **settings: Any) -> Iterator[Town]:
    """Open the doors on a free port of loopback, with the engine of work; close everything at the end."""
    (folder / "secret.toml").write_bytes(common().secret_file)
    furnisher = Store(database_url)
    furnish(furnisher)
    furnisher.close()
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with open_house(some_settings(database_url, folder, public_url=url, **settings), clock.now) as house:
        app = create_app(house, engine=EngineThread(build_job_engine(house, slot="serve")))
        server = AnnouncingServer(uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=2))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            assert server.settled.wait(SECONDS), "the house did not open"
            yield Town(house, url)
        finally:
            server.should_exit = True
            thread.join(SECONDS)
            listener.close()


def find_code(text: str) -> str:
    """The receipt code in a text. AssertionError where there is none."""
    found = CODE.search(" ".join(text.split()))
    assert found is not None, text
    return re.sub(r"\D", "", found[0])


def eventually(holds: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
    """Wait until something holds. AssertionError with `what` where it does not in time."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        threading.Event().wait(0.1)


def tell_in_the_web_chat(page: Page, town: Town, story: str) -> str:
    """As an old woman does: write, press, choose not to be named, say that it is right; gives the receipt code."""
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto(f"{town.url}/")
    page.fill("#text", story)
    page.get_by_role("button", name="说好了").click()
    page.get_by_role("button", name="不留名").click()
    page.get_by_role("button", name="对，就这样").click()
    expect(page.locator("#code")).to_be_visible()
    return find_code(page.locator("#code").inner_text())


def look_up(page: Page, town: Town, code: str) -> str:
    page.goto(f"{town.url}/track")
    page.fill("#code", code)
    page.get_by_role("button", name="看看到哪一步").click()
    expect(page.locator(".state-word")).to_be_visible()
    return page.locator("main").inner_text()
