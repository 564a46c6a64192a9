"""A real Chromium, the one Debian ships, that can reach this machine and nothing else.

A page that throws, breaks its own content security policy or asks any other machine for anything fails its test.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    Request,
    sync_playwright,
)

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
HERE = {"127.0.0.1", "localhost", ""}


@dataclass
class Complaints:
    """What went wrong in the pages of one test, in the order it happened; a test may clear what it expected."""

    found: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Listen to every page of a context."""
        context.on("weberror", lambda error: self.found.append(f"script error: {error.error}"))
        context.on("console", self._hear_console)
        context.on("request", self._hear_request)

    def _hear_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.found.append(message.text)

    def _hear_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname not in HERE:
            self.found.append(f"asked another machine: {request.url}")


def find_chromium() -> str:
    """The program's path; its absence is a failure, because the pages are part of what we promise."""
    for name in PROGRAMS:
        path = shutil.which(name)
        if path is not None:
            return path
    pytest.fail("Chromium is not installed: `make test` installs it")


def launch(playwright: Playwright) -> Browser:
    """Start Chromium: without its sandbox as root, and where the machine does not let an account have one."""
    path = find_chromium()
    if os.getuid() != 0:
        try:
            return playwright.chromium.launch(executable_path=path, args=list(QUIET), chromium_sandbox=True)
        except Error as error:
            if "sandbox" not in str(error).lower():
                raise
    return playwright.chromium.launch(executable_path=path, args=[*QUIET, "--no-sandbox"], chromium_sandbox=False)


def list_barriers(page: Page) -> list[str]:
    """What axe-core finds on the page as it stands that would keep somebody out (WCAG 2.1 A and AA), a line each."""
    wanted = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
    found = Axe().run(page, options=wanted).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, one start a test file (a longer life would leave playwright's event loop to other tests)."""
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """What the pages of this test did wrong; anything left in it at the end fails the test."""
    found = Complaints()
    yield found
    assert found.found == []


@pytest.fixture
def context(browser: Browser, complaints: Complaints) -> Iterator[BrowserContext]:
    """A new, empty browser profile of a reader of Chinese."""
    made = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 900})
    made.set_default_timeout(10_000)
    complaints.watch(made)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page of a new browser profile; for phones call `set_viewport_size` or take `browser`."""
    return context.new_page()
