"""A house with one of everything that the table of rights speaks of, made by the real doors, for tests that only look.

An ordinary matter with its reporter, words, picture and talk, sent to a section; one at a township, one about a
township's own office; a clue in the open, a sealed case referred to the discipline organ; a letter to the fire brigade.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from casework.apikeys import Scope, create_api_key
from casework.ledger import SYSTEM
from casework.models.cases import Case
from casework.models.people import Officer
from casework.models.referrals import Referral
from casework.rings import add_member, give_key_pair, officer_private_key
from casework.signins import get_officer_by_token
from casework.types import Role
from intake.attachments import keep_attachment
from intake.types import Contact, Filed
from tests.api.houses import (
    CLUE,
    DISPATCHER,
    HANDLER,
    LEADER,
    LIGHT,
    OTHER_CLUE,
    TOWNSHIP,
    Person,
    a_house,
)
from tests.api.test_console_pickups import hire
from tests.api.visitors import Clerk, Doors
from tests.infrastructure.databases import Databases
from tests.intake.files import a_marked_picture
from tests.secrecy.eyes import Seen, look

NAME, PHONE, HOME = "芮秋禾", "15412345678", "柳行巷7号"
IDENTITY = (NAME, PHONE, HOME)
WORDS = "灶王像后头藏着三只酒瓶"
LATER = "蒸笼布底下还压着一张欠条"
ACCUSED = "田桂花"
TASK = f"请核{ACCUSED}值夜时在不在岗。"
PUBLIC = "已经查了，换了值夜的人。"
CLUE_WORDS, CLUE_ACCUSED = "把家属往磨坊那边撵", "廖培元"
SEALED_WORDS, SEALED_ACCUSED = "藏在腌菜坛子底下", "阮承岳"
TEXTS = {
    "ordinary": f"南荇镇敬老院的护工{ACCUSED}值夜时睡觉，{WORDS}。我叫{NAME}，电话{PHONE}，住南荇镇{HOME}。",
    "fresh": "鹭汀颐养中心的饭菜馊了三天，老人吃了拉肚子。",
    "town": "麦陇镇柳树沟有位独居老人没人送饭，请上门去看看。",
    "about_town": "麦陇镇民政办公室的人办补贴推来推去，材料交了三回也不给办。",
    "fire": "芦渚镇中心敬老院后门拿铁链子锁着，灭火器都过期两年了，没人管。",
    "clue": f"麦陇镇敬老院的护工态度蛮横，{CLUE_WORDS}，说她是{CLUE_ACCUSED}的亲戚。",
    "sealed": f"副局长{SEALED_ACCUSED}收了麦陇镇敬老院院长两万块购物卡，{SEALED_WORDS}，就不去检查了。",
}
ORGAN = Person("yu", "尉清源", "discipline", (Role.RECEIVER,), "案件监督管理室干部")
NUMBER = {"number": "〔2026〕1号"}


@dataclass
class Town:
    """The house, its cases by name, what every officer saw (each looks once)."""

    doors: Doors
    filed: dict[str, Filed] = field(default_factory=dict)
    referrals: dict[str, str] = field(default_factory=dict)
    attachment: str = ""
    passphrases: dict[str, str] = field(default_factory=dict)
    api_keys: dict[str, str] = field(default_factory=dict)
    clerks: dict[str, Clerk] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)

    def clerk(self, person: Person) -> Clerk:
        """The officer, signed in once; a clue officer's room stays closed until somebody opens it."""
        if person.username not in self.clerks:
            self.clerks[person.username] = self.doors.sign_in(person)
        return self.clerks[person.username]

    def look(self, person: Person) -> Seen:
        """Everything that he comes to; clue officers and the organ with their rooms open."""
        if person.username not in self.seen:
            clerk = self.clerk(person)
            if Role.CLUE_OFFICER in person.roles:
                clerk.unlock()
            if person is ORGAN:
                clerk.act(f"/console/received/{self.referrals['sealed']}/unlock", self._passphrase(person))
            self.seen[person.username] = look(clerk)
        return self.seen[person.username]

    def numbers(self, person: Person) -> frozenset[str]:
        """The names of the cases whose number or address he met anywhere, the sealed one included."""
        seen = self.look(person)
        return frozenset(
            name for name, filed in self.filed.items() if seen.has(filed.number) or seen.has(filed.case_id)
        )

    def _passphrase(self, person: Person) -> dict[str, str]:
        return {"passphrase": self.passphrases[person.username]}


@contextmanager
def a_town(databases: Databases, folder: Path) -> Iterator[Town]:
    """The furnished house after its day, on SQLite."""
    with databases.fresh("sqlite") as url, a_house(url, folder) as home:
        town = Town(Doors(home))
        for name, text in TEXTS.items():
            contact = Contact(NAME, PHONE, f"南荇镇{HOME}") if name == "ordinary" else None
            town.filed[name] = town.doors.report(text, contact=contact)
        town.passphrases[ORGAN.username] = hire(town.doors, ORGAN)
        let_into_the_ring(town)
        work_the_day(town)
        refer(town)
        for label, scopes, body in (
            ("12345", [Scope.REPORTS_WRITE, Scope.REPORTS_READ], None),
            ("fire", [Scope.REFERRALS_READ], "fire"),
        ):
            with home.house.store.write() as session:
                key = create_api_key(session, label=label, scopes=scopes, body_code=body, now=home.clock())
            town.api_keys[label] = key
        yield town


def let_into_the_ring(town: Town) -> None:
    """The dispatcher becomes a member of the identity ring, by a clue officer whose vault is open."""
    house, now = town.doors.home.house, town.doors.home.clock
    clue = town.clerk(CLUE)
    clue.unlock()
    token = clue.client.cookies["staff"]
    with house.store.write() as session:
        dispatcher = session.scalars(select(Officer).where(Officer.username == DISPATCHER.username)).one()
        words = give_key_pair(session, dispatcher, strength=LIGHT, by=SYSTEM, now=now())
        signed = get_officer_by_token(session, token, now())
        assert signed is not None
        assert officer_private_key(signed, token)
        add_member(session, dispatcher, signed=signed, token=token, now=now())
    town.passphrases[DISPATCHER.username] = words


def work_the_day(town: Town) -> None:
    """A picture and a word of the reporter's, the way to section and township, the clue marked as one."""
    doors, filed = town.doors, town.filed
    house, now = doors.home.house, doors.home.clock
    with house.store.write() as session:
        case = session.get_one(Case, filed["ordinary"].case_id)
        kept = keep_attachment(
            session, case, data=a_marked_picture("held by RuiQiuhe"), secrets=house.secrets, now=now()
        )
        town.attachment = kept.id
    said = doors.visitor().post("/track/say", {"code": filed["ordinary"].code, "text": f"{LATER}，打我{PHONE}。"})
    assert "记下" in said.text or "收到" in said.text, said.text
    dispatcher = town.clerk(DISPATCHER)
    for name, body in (("ordinary", "civil_affairs"), ("town", "township-mailong")):
        where = f"/console/cases/{filed[name].case_id}/assign"
        page = dispatcher.act(where, {"body": body, "instruction": TASK if name == "ordinary" else "请上门看望。"})
        assert "派出去了" in page.text, page.text
    verdict = {"category": doors.case(filed["clue"].case_id).category, "urgency": "normal", "discipline": "yes"}
    assert dispatcher.act(f"/console/cases/{filed['clue'].case_id}/correct", verdict).status == 200
    for person, name in ((HANDLER, "ordinary"), (TOWNSHIP, "town")):
        assert "签收了" in town.clerk(person).act(f"/console/cases/{filed[name].case_id}/sign").text


def refer(town: Town) -> None:
    """One letter to the fire brigade, signed out by a leader; the sealed one made ready for the organ's own login."""
    page = town.clerk(DISPATCHER).act(f"/console/cases/{town.filed['fire'].case_id}/refer", {"body": "fire"})
    assert "签发了" in town.clerk(LEADER).act(f"{page.path}/issue", NUMBER).text
    drafted = town.clerk(CLUE).act(f"/console/sealed/{town.filed['sealed'].case_id}/refer", {"body": "discipline"})
    other = town.clerk(OTHER_CLUE)
    other.unlock()
    signed = other.act(f"{drafted.path}/issue", {"number": "〔2026〕2号", "methods": "pickup"})
    assert "签发了" in signed.text, signed.text
    with town.doors.home.house.store.read() as session:
        for row in session.scalars(select(Referral)):
            town.referrals["sealed" if row.sealed else "fire"] = row.id
