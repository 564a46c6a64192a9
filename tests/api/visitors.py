"""Those who come in by the doors: a person with a browser without script, an officer, somebody on the phone.

They read pages as text, press the buttons that stand on them, and send what a browser would send.
"""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from lxml import html
from sqlalchemy import select

from api.app import create_app
from casework.models.cases import Case
from casework.types import Channel
from intake.reports import receive_report
from intake.types import Contact, Filed, ReportDraft
from tests.api.houses import PASSWORD, Person, TestHouse

BASE = "http://127.0.0.1:8000"
ADDRESS, DEVICE = "203.0.113.77", "ZhuyeBrowser/7.31 (a test's own)"
"""Where our visitors come from and by what: two marks that a search of logs and tables would find."""
SECONDS = 60
UNHEARD = {"script", "style", "template"}


@cache
def loop_of_browsers() -> asyncio.AbstractEventLoop:
    """One loop in a thread of its own, in which every request of this process runs."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="browsers", daemon=True).start()
    return loop


class Browser:
    """A browser without script: keeps cookies, sends what it is told, sees the same bytes as over a socket."""

    def __init__(self, app: Any) -> None:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(ADDRESS, 40_077))
        self._client = httpx.AsyncClient(
            transport=transport, base_url=BASE, timeout=SECONDS, headers={"User-Agent": DEVICE}
        )

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request; a redirect is followed only where `follow_redirects` says so."""
        waiting = asyncio.run_coroutine_threadsafe(self._client.request(method, path, **more), loop_of_browsers())
        return waiting.result(SECONDS)


@dataclass(frozen=True)
class Page:
    """An answer as a reader sees it."""

    response: httpx.Response
    path: str

    @property
    def status(self) -> int:
        return self.response.status_code

    @cached_property
    def tree(self) -> Any:
        return html.fromstring(self.response.content.decode())

    @cached_property
    def text(self) -> str:
        """Every word on the page, runs of blanks folded."""
        words = [part for each in self.tree.iter() if _is_heard(each) for part in (each.text, each.tail) if part]
        return " ".join(" ".join(words).split())

    @property
    def quoted(self) -> str:
        """The reporter's words as they stand on the page, without the small numbers of the marks."""
        quotes = [deepcopy(each) for each in self.tree.xpath("//blockquote")]
        for sup in [sup for quote in quotes for sup in quote.xpath(".//sup")]:
            sup.drop_tree()
        return "\n".join(str(quote.text_content()) for quote in quotes)

    @property
    def links(self) -> list[str]:
        """Where the page leads to in this house."""
        found = [urljoin(self.path, each) for each in self.tree.xpath("//a/@href | //img/@src | //@data-open")]
        return [each for each in found if not urlsplit(each).netloc and each.startswith("/")]

    @property
    def actions(self) -> list[str]:
        """Where the page's forms go."""
        return [str(each) for each in self.tree.xpath("//form/@action")]

    def form(self, action: str) -> dict[str, str]:
        """What a browser would send of the form that goes to `action`, before anything is typed."""
        (found, *_) = [each for each in self.tree.forms if each.action and each.action.endswith(action)]
        return {name: value for name, value in found.form_values() if isinstance(value, str)}

    def error_at(self, field_id: str) -> str:
        """The sentence that stands at a field, by the way a screen reader finds it."""
        return " ".join(self.tree.xpath(f"//*[@id='{field_id}-error']//text()")).strip()

    def value_of(self, field_id: str) -> str:
        """What stands in a field."""
        (found,) = self.tree.xpath(f"//*[@id='{field_id}']")
        return str(found.value or "") if found.tag != "textarea" else str(found.text or "")

    def buttons(self, name: str = "choice") -> dict[str, str]:
        """The page's buttons of this name: what they say by what they send."""
        return {
            str(each.get("value")): " ".join(each.text_content().split())
            for each in self.tree.xpath(f"//button[@name='{name}']")
        }


def _is_heard(element: Any) -> bool:
    return isinstance(element.tag, str) and element.tag not in UNHEARD


@dataclass
class Visitor:
    """Somebody with a browser of his own: cookies, no script."""

    client: Browser

    def get(self, path: str) -> Page:
        """Open a page and follow where it sends."""
        return self._land(self.client.get(path, follow_redirects=True))

    def post(self, path: str, data: Mapping[str, Any] | None = None, **more: Any) -> Page:
        """Send a form and follow where it sends."""
        return self._land(self.client.post(path, data=dict(data or {}), follow_redirects=True, **more))

    def say(self, text: str = "", choice: str = "", page: Page | None = None) -> Page:
        """One message in the web chat, from the form that stands on the page."""
        form = (page or self.get("/")).form("/say")
        return self.post("/say", form | {"text": text, "choice": choice})

    def tell(self, story: str) -> Page:
        """A whole story, with nothing else said, until the receipt stands on the page."""
        page = self.say(story)
        for _ in range(6):
            if find_code(page):
                return page
            page = self.say(choice=next(iter(_onward(page))), page=page)
        raise AssertionError(page.text)

    def _land(self, response: httpx.Response) -> Page:
        return Page(response, response.url.path)


def _onward(page: Page) -> Iterator[str]:
    offered = [each for each in page.buttons() if each and each != "human" and not each.startswith("fix_")]
    for wanted in ("confirm", "yes", "file", "none", "no"):
        yield from (each for each in offered if wanted in each)
    yield from offered


def find_code(page: Page) -> str:
    """The receipt code on a page, "" where there is none."""
    return "".join(page.tree.xpath("//*[@id='code' and contains(@class, 'code') and not(self::input)]//text()")).strip()


@dataclass
class Clerk(Visitor):
    """An officer who has signed in; his forms carry his sign-in's token."""

    person: Person
    home: TestHouse

    def act(self, path: str, data: Mapping[str, Any] | None = None) -> Page:
        """Press a button of the console."""
        return self.post(path, {"csrf": self.csrf} | dict(data or {}))

    @property
    def csrf(self) -> str:
        """The token on his pages."""
        (found, *_) = self.get("/console/").tree.xpath("//input[@name='csrf']/@value")
        return str(found)

    def unlock(self) -> Page:
        """Open the sealed room with his own words."""
        return self.act("/console/sealed/unlock", {"passphrase": self.home.passphrases[self.person.username]})


@dataclass
class Doors:
    """The house with everybody who may come to it."""

    home: TestHouse
    app: Any = field(init=False)

    def __post_init__(self) -> None:
        self.app = create_app(self.home.house)

    def client(self) -> Browser:
        """A new browser, without a cookie."""
        return Browser(self.app)

    def visitor(self) -> Visitor:
        """Somebody from the village."""
        return Visitor(self.client())

    def sign_in(self, person: Person) -> Clerk:
        """An officer at his desk. The clock goes on half a minute, because a code is taken once."""
        self.home.clock.turn(seconds=30)
        clerk = Clerk(self.client(), person, self.home)
        form = {"username": person.username, "password": PASSWORD, "code": self.home.code_of()}
        page = clerk.post("/console/sign-in", form)
        assert page.status in (200, 403), page.text
        assert "staff" in clerk.client.cookies
        return clerk

    def report(self, text: str, *, contact: Contact | None = None, channel: Channel = Channel.WEB) -> Filed:
        """A report that was taken in by the desk everybody's reports go through."""
        house, now = self.home.house, self.home.clock()
        draft = ReportDraft(
            text=text, channel=channel, received_at=now, contact=contact, anonymous=None if contact else True
        )
        with house.store.write() as session:
            filed = receive_report(session, draft, desk=house.intake_desk, now=now)
        assert isinstance(filed, Filed)
        return filed

    def case(self, case_id: str) -> Case:
        """A case as it stands in the database."""
        with self.home.house.store.read() as session:
            found = session.scalars(select(Case).where(Case.id == case_id)).one()
            session.expunge_all()
        return found
