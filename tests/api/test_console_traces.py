"""An officer named in a report finds no trace of it, wherever he looks; and each role finds what is its own."""

import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import urldefrag

import pytest

from casework.types import Channel
from intake.types import Contact, Filed
from tests.api.houses import (
    ADMINISTRATOR,
    AUDITOR,
    CLUE,
    DISPATCHER,
    HANDLER,
    HEAD,
    INSPECTOR,
    LEADER,
    OPERATOR,
    OTHER_CLUE,
    OTHER_HANDLER,
    RECEIVER,
    SUPERVISOR,
    TOWNSHIP,
    Person,
    a_house,
)
from tests.api.visitors import Clerk, Doors, Page
from tests.infrastructure.databases import Databases

FOOD = "南荇镇敬老院的饭是馊的，老人吃了拉肚子，脸色蜡黄。"
ABOUT_HEAD = "麦陇镇敬老院的护工态度蛮横，把家属往外撵，说她是廖培元的亲戚。"
ABOUT_LEADER = "副局长阮承岳收了麦陇镇敬老院院长三千元购物卡，就不去检查了。"
MOST_PAGES = 400
NAMED = Contact(name="芮秋禾", phone="15412345678")


def crawl(clerk: Clerk, start: str = "/console/", *, panes: bool = True) -> dict[str, str]:
    """Every page that can be reached from the first desk, by address, with its text; `panes` beside lists too."""
    seen: dict[str, str] = {}
    waiting = deque([start])
    while waiting and len(seen) < MOST_PAGES:
        path = urldefrag(waiting.popleft()).url
        if path in seen or not path.startswith("/console/"):
            continue
        answer = clerk.client.get(path, follow_redirects=True)
        assert answer.status_code in (200, 403, 404), path
        seen[path] = ""
        if "html" in answer.headers.get("content-type", ""):
            page = Page(answer, answer.url.path)
            seen[path] = answer.text
            waiting.extend(link for link in page.links if panes or "open=" not in link)
    return seen


def words_of(pages: dict[str, str]) -> str:
    return re.sub(r'name="csrf" value="[^"]*"', "", "\n".join(pages.values()))


def test_the_head_complained_of_finds_no_trace_of_it(doors: Doors) -> None:
    about, other = doors.report(ABOUT_HEAD, contact=NAMED), doors.report(FOOD)
    assert not about.sealed
    clerk = doors.sign_in(DISPATCHER)
    assert about.number in words_of(crawl(clerk))
    clerk.act(f"/console/cases/{about.case_id}/assign", {"body": "assistance", "instruction": "请核。"})
    clerk.act(f"/console/cases/{other.case_id}/assign", {"body": "civil_affairs", "instruction": "请核。"})
    head = doors.sign_in(HEAD)
    pages = crawl(head)
    found = words_of(pages)
    assert len(pages) > 15
    assert other.number in found
    for trace in (about.number, about.case_id, "态度蛮横", "往外撵"):
        assert trace not in found
    for path in ("", "/note", "/answer", "/assign", "/refer", "/seal", "/correct"):
        method = head.act if path else head.get
        answer = method(f"/console/cases/{about.case_id}{path}")
        assert answer.status == 404, path
        assert answer.text == head.get("/console/cases/000000000000000000000000").text


def test_his_counts_are_those_of_a_house_without_it(one_doors: Doors) -> None:
    one_doors.report(FOOD)
    head = one_doors.sign_in(HEAD)
    before = head.get("/console/").text
    one_doors.report(ABOUT_HEAD)
    assert head.get("/console/").text == before


def test_a_sealed_case_is_nowhere_but_in_the_room(one_doors: Doors) -> None:
    doors = one_doors
    filed = doors.report(ABOUT_LEADER)
    assert filed.sealed
    for person in (DISPATCHER, SUPERVISOR, LEADER, HEAD, ADMINISTRATOR):
        found = words_of(crawl(doors.sign_in(person)))
        for trace in (filed.number, filed.case_id, "购物卡", "阮承岳收"):
            assert trace not in found, person.name
    clue = doors.sign_in(CLUE)
    clue.unlock()
    assert filed.number in words_of(crawl(clue))


@pytest.fixture(scope="module")
def told_doors(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Doors, Filed]]:
    """A house with one report that names its reporter, sent to the elder-care section; the tests only look."""
    with databases.fresh("sqlite") as url, a_house(url, tmp_path_factory.mktemp("told")) as home:
        doors = Doors(home)
        told = doors.report(f"{FOOD}我叫芮秋禾，电话15412345678，住南荇镇柳行巷7号。", contact=NAMED)
        doors.sign_in(DISPATCHER).act(f"/console/cases/{told.case_id}/assign", {"body": "civil_affairs"})
        yield doors, told


@pytest.mark.parametrize("person", [DISPATCHER, SUPERVISOR, CLUE, HANDLER, LEADER, AUDITOR], ids=lambda p: p.username)
def test_nobodys_pages_show_who_reported(told_doors: tuple[Doors, Filed], person: Person) -> None:
    doors, told = told_doors
    found = words_of(crawl(doors.sign_in(person)))
    for trace in ("芮秋禾", "15412345678", "柳行巷7号", told.code):
        assert trace not in found


SEES = "number words"
KNOWS = "number"
NOTHING = ""
RULES = [
    # who; a case being taken in; one sent to the elder-care section; a clue about its head; a sealed one
    (DISPATCHER, SEES, SEES, SEES, NOTHING),
    (SUPERVISOR, SEES, SEES, SEES, NOTHING),
    (OPERATOR, SEES, NOTHING, SEES, NOTHING),
    (HANDLER, NOTHING, KNOWS, NOTHING, NOTHING),
    (OTHER_HANDLER, NOTHING, NOTHING, NOTHING, NOTHING),
    (HEAD, KNOWS, KNOWS, NOTHING, NOTHING),
    (LEADER, KNOWS, KNOWS, KNOWS, NOTHING),
    (TOWNSHIP, NOTHING, NOTHING, NOTHING, NOTHING),
    (RECEIVER, NOTHING, NOTHING, NOTHING, NOTHING),
    (INSPECTOR, KNOWS, KNOWS, NOTHING, NOTHING),
    (ADMINISTRATOR, NOTHING, NOTHING, NOTHING, NOTHING),
    (AUDITOR, NOTHING, NOTHING, NOTHING, NOTHING),
    (CLUE, NOTHING, NOTHING, SEES, NOTHING),
]


@pytest.fixture(scope="module")
def ruled_doors(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Doors, tuple[Filed, ...]]]:
    """A house with the four cases of the table; the tests only look."""
    with databases.fresh("sqlite") as url, a_house(url, tmp_path_factory.mktemp("ruled")) as home:
        doors = Doors(home)
        first, second = doors.report(FOOD), doors.report(FOOD.replace("脸色蜡黄", "夜里没人管"))
        third, fourth = doors.report(ABOUT_HEAD), doors.report(ABOUT_LEADER)
        dispatcher = doors.sign_in(DISPATCHER)
        dispatcher.act(f"/console/cases/{second.case_id}/assign", {"body": "civil_affairs", "instruction": "请核。"})
        for filed, discipline in ((first, ""), (second, ""), (third, "yes")):
            verdict = {"category": doors.case(filed.case_id).category, "urgency": "normal", "discipline": discipline}
            assert dispatcher.act(f"/console/cases/{filed.case_id}/correct", verdict).status == 200
        yield doors, (first, second, third, fourth)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule[0].username)
def test_each_role_finds_its_own_by_the_table(
    ruled_doors: tuple[Doors, tuple[Filed, ...]], rule: tuple[Person, str, str, str, str]
) -> None:
    """rules.md 5.2: who may know of a case, and who reads its words; the sealed one for nobody outside the room."""
    person, taken_in, sent, about_head, sealed = rule
    doors, (first, second, third, fourth) = ruled_doors
    clerk = doors.sign_in(person)
    found = words_of(crawl(clerk, panes=False))
    for filed, words, wanted in (
        (first, "脸色蜡黄", taken_in),
        (second, "夜里没人管", sent),
        (third, "往外撵", about_head),
        (fourth, "购物卡", sealed),
    ):
        knows = " ".join(
            [
                *(["number"] if filed.number in found else []),
                *(["words"] if words in re.sub(r"<[^>]+>", "", found) else []),
            ]
        )
        assert knows == wanted, filed.number
    for filed, wanted in ((first, taken_in), (second, sent), (third, about_head)):
        assert clerk.get(f"/console/cases/{filed.case_id}").status == (200 if wanted else 404)


def test_the_room_opens_to_both_clue_officers_and_to_nobody_else(one_doors: Doors) -> None:
    filed = one_doors.report(ABOUT_LEADER, channel=Channel.WECHAT)
    for person in (CLUE, OTHER_CLUE):
        clerk = one_doors.sign_in(person)
        clerk.unlock()
        assert "购物卡" in clerk.get(f"/console/sealed/{filed.case_id}").text
    for person in (DISPATCHER, SUPERVISOR, LEADER, HEAD, ADMINISTRATOR, AUDITOR):
        clerk = one_doors.sign_in(person)
        for path in ("/console/sealed", f"/console/sealed/{filed.case_id}"):
            page = clerk.get(path)
            assert page.status == 403, person.name
            assert "购物卡" not in page.text
