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

from casework.queues import Queue
from tests.api.visitors import Clerk, Page

MOST_PAGES, LAST_PAGE = 400, 3
FIRST_DOORS = (
    "/console/",
    *("/console/referrals", "/console/referrals/reconciliation", "/console/received", "/console/sealed"),
    *("/console/handovers", "/console/imports", "/console/imports/orders.xlsx", "/console/imports/orders.csv"),
    *("/console/call", "/console/lexicon", "/console/posters", "/console/retention", "/console/ledger"),
    *(f"/console/ledger/export/{form}" for form in ("counts.csv", "entries.csv", "entries.jsonl")),
    *("/console/statistics", "/console/officers", "/console/alarms/count"),
    *(f"/console/?queue={queue}" for queue in Queue),
)
"""Tried by everybody, whether a link leads there for him or not; a page that is not there yet answers 404."""
UNREAD = (".pdf", ".png", "/thumbnail", "/copy", "/original", "/sound")
TOKEN = re.compile(r'name="csrf" value="[^"]*"|name="turn" value="[^"]*"')
TAGS = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]+>", re.DOTALL)


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


def look(clerk: Clerk, *more: str, doors: Collection[str] = FIRST_DOORS) -> Seen:
    """Walk from the first doors and `more` to wherever links lead, forms left alone."""
    answers: dict[str, str] = {}
    statuses: dict[str, int] = {}
    waiting = deque([*doors, *more])
    while waiting and len(answers) < MOST_PAGES:
        path = urldefrag(waiting.popleft()).url
        if path in answers or not path.startswith("/console/") or _is_deep(path) or path.endswith(UNREAD):
            continue
        answer = clerk.client.get(path, follow_redirects=True)
        assert answer.status_code < 500, path
        answers[path], statuses[path] = read(answer), answer.status_code
        if "html" in answer.headers.get("content-type", ""):
            waiting.extend(Page(answer, answer.url.path).links)
    assert len(answers) < MOST_PAGES, "the walk was cut short"
    return Seen(answers, statuses)


def read(answer: httpx.Response) -> str:
    """An answer as text: headers that name things, and the body; of a Word or Excel file all its parts."""
    told = " ".join(answer.headers.get(name, "") for name in ("content-disposition", "location"))
    return told + "\n" + TOKEN.sub("", "\n".join(_read_body(answer)))


def _read_body(answer: httpx.Response) -> Iterator[str]:
    if answer.content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            for name in archive.namelist():
                yield archive.read(name).decode("utf-8", "replace")
    elif answer.content[:4] not in (b"%PDF", b"\x89PNG"):
        yield answer.content.decode("utf-8", "replace")


def _is_deep(path: str) -> bool:
    """Two filters at once, or far down a long list; the first page of all cases is no filter."""
    asked = dict(parse_qsl(urlsplit(path).query))
    page = asked.get("page", "1")
    filters = [each for each in asked.items() if each not in (("page", page), ("queue", Queue.ALL.value))]
    return len(filters) + (page != "1") > 1 or (page.isdigit() and int(page) > LAST_PAGE)
