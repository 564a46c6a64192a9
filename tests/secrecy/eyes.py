"""The eyes of an officer: every page, export and paper that he can come to, as one heap of text by address.

A list with two filters at once shows nothing that each of them does not, so an address carries one filter at most; of a
paper the editable form is read, whose text a test elsewhere compares with the printed one.
"""

import html
import io
import re
import zipfile
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag, urlsplit

import httpx

from api.console.routes import router
from casework.queues import Queue
from tests.api.test_public_guard import walk
from tests.api.visitors import Clerk, Page

MOST_PAGES, LAST_PAGE = 400, 2
NOT_A_DOOR = ("/console/sign-in", "/console/posters", "/console/account/words")
LISTS = tuple(f"/console/?queue={queue}" for queue in (Queue.SEALED, Queue.DISCIPLINE, Queue.DOUBTFUL, Queue.CLOSED))
FILES = (
    *(f"/console/imports/orders.{kind}" for kind in ("xlsx", "csv")),
    *(f"/console/ledger/export/{form}" for form in ("counts.csv", "entries.csv", "entries.jsonl")),
)
UNREAD = (".pdf", ".png", "/thumbnail", "/copy", "/original", "/sound")
TOKEN = re.compile(r'name="(?:csrf|turn|key)" value="[^"]*"')
ROOM = re.compile(r'action="/console/sealed/[0-9a-f]{24}/note"')
TAGS = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]+>", re.DOTALL)


def list_first_doors() -> tuple[str, ...]:
    """Every page of the console that needs no id, read off the routes: tried by everybody, link or no link."""
    plain = {route.path for route in walk(router.routes) if "GET" in (route.methods or ()) and "{" not in route.path}
    return (*sorted(each for each in plain if not each.startswith(NOT_A_DOOR)), *FILES, *LISTS)


@dataclass(frozen=True)
class Seen:
    """What he saw by address: the whole answers, and what of them can be read."""

    answers: dict[str, str]
    statuses: dict[str, int]

    @property
    def text(self) -> str:
        """Everything, as it came, without the tokens of forms."""
        return "\n".join(self.answers.values())

    @property
    def words(self) -> str:
        """The same as a reader reads it: without tags, so that marks inside a sentence do not cut it."""
        return html.unescape(TAGS.sub("", self.text))

    def has(self, word: str) -> bool:
        """Whether the word stands anywhere: on a page, in an address, in a file."""
        return word in self.text or word in self.words or any(word in address for address in self.answers)

    def where(self, words: Collection[str]) -> set[tuple[str, str]]:
        """(address, word) for each that stands somewhere: for the message of a failed test."""
        found = set()
        for address, answer in self.answers.items():
            read = html.unescape(TAGS.sub("", answer))
            found |= {(address, word) for word in words if word in answer or word in read or word in address}
        return found


def glance(clerk: Clerk) -> Seen:
    """The first doors alone: every list, count and export, but no page of a single case."""
    return look(clerk, follow=False)


def look(
    clerk: Clerk,
    *more: str,
    doors: Collection[str] | None = None,
    follow: bool = True,
    unread: tuple[str, ...] = UNREAD,
) -> Seen:
    """Walk from the first doors and `more` to wherever links lead, forms left alone."""
    answers: dict[str, str] = {}
    statuses: dict[str, int] = {}
    waiting = deque([*(list_first_doors() if doors is None else doors), *more])
    while waiting and len(answers) < MOST_PAGES:
        path = urldefrag(waiting.popleft()).url
        if path in answers or not path.startswith("/console/") or _is_deep(path) or path.endswith(unread):
            continue
        answer = clerk.client.get(path, follow_redirects=True)
        assert answer.status_code < 500, path
        answers[path], statuses[path] = read(answer), answer.status_code
        if follow and "html" in answer.headers.get("content-type", ""):
            waiting.extend(Page(answer, answer.url.path).links)
    assert len(answers) < MOST_PAGES, "the walk was cut short"
    return Seen(answers, statuses)


def differ(before: Seen, after: Seen) -> set[str]:
    """Where two walks of one officer are not the same; that he himself walked here stands on a sealed case's page."""
    addresses = before.answers.keys() | after.answers.keys()
    own = {address for address in before.answers.keys() & after.answers.keys() if ROOM.search(before.answers[address])}
    return {each for each in addresses - own if before.answers.get(each) != after.answers.get(each)}


def read(answer: httpx.Response) -> str:
    """An answer as text: headers that name things, and the body; of a Word or Excel file all its parts."""
    told = " ".join(answer.headers.get(name, "") for name in ("content-disposition", "location"))
    return told + "\n" + TOKEN.sub("", "\n".join(_read_body(answer)))


def _read_body(answer: httpx.Response) -> Iterator[str]:
    if answer.content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            for name in (each for each in archive.namelist() if not each.startswith("docProps/")):
                yield archive.read(name).decode("utf-8", "replace")
    elif answer.content[:4] not in (b"%PDF", b"\x89PNG"):
        yield answer.content.decode("utf-8", "replace")


def _is_deep(path: str) -> bool:
    """Two filters at once, or far down a long list, or a filter of the words; the first page is no filter."""
    asked = dict(parse_qsl(urlsplit(path).query))
    if path.startswith("/console/lexicon"):
        return bool(asked)
    page = asked.get("page", "1")
    filters = [each for each in asked.items() if each not in (("page", page), ("queue", Queue.ALL.value))]
    return len(filters) + (page != "1") > 1 or (page.isdigit() and int(page) > LAST_PAGE)
