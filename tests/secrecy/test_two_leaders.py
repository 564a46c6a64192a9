"""The demo's own county: two of its leaders and a township's director are complained of by chat and find no trace.

Everything that each of them can come to is walked before and after, jobs and schedules done: equal to the letter.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyotp
import pytest
from sqlalchemy import select

from api.demo.side import SignIn
from api.demo.staff import add_staff
from api.demo.story import tell_story
from api.jobs import list_handlers
from api.migrate import upgrade
from api.schedules import list_schedules
from casework.jobs.types import JobName
from casework.ledger import SYSTEM
from casework.models.cases import Case
from casework.offices import find_office_file, load_office_data
from casework.store import Store
from intake.models import Receipt
from intake.receipts import find_receipt
from tests.api.houses import OFFICE, Clock, Person, TestHouse, common, open_house, some_settings
from tests.api.visitors import Clerk, Doors, find_code
from tests.infrastructure.databases import Databases
from tests.secrecy.eyes import UNREAD, Seen, differ, glance, look

pytestmark = pytest.mark.slow
LEADER, HEAD, DIRECTOR = "weimingli", "liaopeiyuan", "lushoutian"
STORIES = {
    LEADER: "民政局局长卫明理收了汀禾老年公寓院长两万块购物卡，藏在腌菜坛子底下，后来就不去检查了。",
    HEAD: "养老服务科科长廖培元把梧荫护老院的补贴拖了四个月不批，一去就说等着，灶王像后头都贴满回执了。",
    DIRECTOR: "麦陇镇民政办公室副主任鲁守田办高龄津贴推来推去，材料交了三回，磨坊边上的老人都知道。",
}
WORDS = ("腌菜", "坛子", "灶王像", "磨坊边上", "购物卡", "贴满回执")


@dataclass
class Demo:
    """The demo's house with its people's sign-ins."""

    doors: Doors
    sign_ins: dict[str, SignIn]

    def sign_in(self, username: str) -> Clerk:
        """At his desk, by the password and the running code that the demo prints."""
        home, person = self.doors.home, self.sign_ins[username]
        home.clock.turn(seconds=30)
        clerk = Clerk(self.doors.client(), Person(username, person.name, "", ()), home)
        code = pyotp.TOTP(person.totp).at(home.clock.at)
        clerk.post("/console/sign-in", {"username": username, "password": person.password, "code": code})
        assert "staff" in clerk.client.cookies
        return clerk

    def run_jobs(self, *case_ids: str) -> None:
        """What the engine would do with what came in, and each schedule once."""
        house = self.doors.home.house
        handlers = list_handlers(house)
        for case_id in case_ids:
            handlers[JobName.FIND_DUPLICATES](case_id)
        with house.store.read() as session:
            receipts = list(session.scalars(select(Receipt.id).where(Receipt.case_id.in_(case_ids))))
        for receipt in receipts:
            handlers[JobName.HARDEN_RECEIPT](receipt)
        for schedule in list_schedules(house).values():
            schedule.step(house.now())

    def tell(self, story: str) -> Case:
        """A story told in the web chat to its receipt; its case as it stands in the database."""
        page = self.doors.visitor().tell(story)
        hit = find_receipt(self.doors.home.house.receipts, find_code(page))
        assert hit is not None
        return self.doors.case(hit.case_id)


@pytest.fixture(scope="module")
def demo(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The county, the officers and the stories of the demo, with weak keys and a clock that stands still."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "secret.toml").write_bytes(common().secret_file)
    with databases.fresh("sqlite") as url:
        upgrade(url)
        store = Store(url)
        with store.write() as session:
            load_office_data(session, find_office_file(OFFICE), by=SYSTEM, now=Clock().at)
        store.close()
        clock = Clock()
        with open_house(some_settings(url, folder), clock) as house:
            sign_ins = {each.username: each for each in add_staff(house)}
            tell_story(house)
            yield Demo(Doors(TestHouse(house, clock, {})), sign_ins)


def look_without_taking(clerk: Clerk) -> Seen:
    """Everywhere, but no paper is taken away: that would stand in the timeline of its case as his own act."""
    return look(clerk, unread=(*UNREAD, ".docx"))


@pytest.mark.parametrize(
    "username", [LEADER, DIRECTOR, HEAD], ids=["a bureau leader", "a director", "a section's head"]
)
def test_who_is_complained_of_in_the_demo_finds_no_trace(demo: Demo, username: str) -> None:
    clerk = demo.sign_in(username)
    walk = glance if username == HEAD else look_without_taking
    demo.run_jobs()
    demo.run_jobs()
    before = walk(clerk)
    case = demo.tell(STORIES[username])
    assert case.sealed or username != LEADER
    demo.run_jobs(case.id)
    after = walk(clerk)
    assert len(after.answers) > 20
    assert differ(before, after) == set()
    assert after.where([case.id, case.number, *WORDS]) == before.where([case.id, case.number, *WORDS]) == set()
    for path in (f"/console/cases/{case.id}", f"/console/sealed/{case.id}", f"/console/?open={case.id}"):
        there, nowhere = clerk.get(path), clerk.get(path.replace(case.id, "0" * 24))
        assert (there.status, there.text) == (nowhere.status, nowhere.text)


def test_a_dispatcher_of_the_demo_sees_the_open_ones_and_the_clue_officers_the_sealed_one(demo: Demo) -> None:
    cases = {username: demo.tell(story.replace("，", "，真的，", 1)) for username, story in STORIES.items()}
    desk = demo.sign_in("zhoujianhe")
    for case in cases.values():
        assert desk.get(f"/console/cases/{case.id}").status == (404 if case.sealed else 200)
    clue = demo.sign_in("shenzhitang")
    assert cases[LEADER].id in clue.get("/console/?queue=sealed").response.text
