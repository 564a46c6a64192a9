"""An office with one of everybody who may be complained of, and the reports that complain of them."""

from dataclasses import dataclass, field

from sqlalchemy import func, select

from casework.clues import Level, propose_receiver
from casework.conflicts import find_conflicts, read_mentions
from casework.models.people import Officer
from casework.models.secrecy import Exclusion
from casework.roster import build_roster
from casework.sealing import list_allowed
from intake.types import Contact, Filed
from tests.api.houses import (
    CLUE,
    DISPATCHER,
    Person,
)
from tests.api.visitors import Clerk, Doors
from tests.secrecy.eyes import Seen, glance

ABOUT_HANDLER = "麦陇镇柳树沟的高龄津贴，经办的陶玉苓一拖再拖，还把材料弄丢了两回。"
ABOUT_HEAD = "麦陇镇柳树沟的高龄津贴办不下来，廖培元说等着，一等就是半年。"
ABOUT_SECTION = "县民政局养老服务科办事推来推去，申请交了三回都不给办。"
ABOUT_TOWN = "麦陇镇民政办公室的人办补贴推来推去，材料交了三回也不给办。"
ABOUT_GROUP = "南荇镇敬老院的饭是馊的，老人吃了拉肚子，苏望舒来看过。"
ABOUT_LEADER = "副局长阮承岳收了麦陇镇敬老院院长两万块购物卡，藏在腌菜坛子底下，就不去检查了。"
ABOUT_CLUE = "密件员沈知棠收了麦陇镇敬老院院长崔广田两万块红包，帮着压案子。"
ABOUT_BOTH_CLUES = "密件员沈知棠和贺小满都收了麦陇镇敬老院院长崔广田的红包，帮着压案子。"
ABOUT_ADMINISTRATOR = "热线中心管理员施远接电话的时候态度蛮横，还骂人。"
ABOUT_ORGAN = "县纪委书记尤守德收了芦渚镇中心敬老院两万块红包。"
ABOUT_NOBODY_KNOWN = "民政办那个女的办低保要好处，我不知道她叫什么。"
BUREAU_RUN = "望桐县社会福利中心的护理费乱收，押金不退。"
BY_TIE = "护工田桂花把南荇镇敬老院老人的鸡蛋拿回家。"
TIE = "田桂花"


@dataclass
class Office:
    """The house with its officers at their desks; each signs in once, and the clock stands still after that."""

    doors: Doors
    clerks: dict[str, Clerk] = field(default_factory=dict)

    def clerk(self, person: Person) -> Clerk:
        if person.username not in self.clerks:
            self.clerks[person.username] = self.doors.sign_in(person)
        return self.clerks[person.username]

    def look(self, person: Person) -> Seen:
        """Every list, count and export of his; the walk through everything is for the two tests that begin with it."""
        return glance(self.clerk(person))

    def finds(self, person: Person, filed: Filed) -> bool:
        """Whether a case stands in his lists; its page must answer accordingly."""
        listed = self.look(person).has(filed.case_id)
        assert self.clerk(person).get(f"/console/cases/{filed.case_id}").status == (200 if listed else 404)
        return listed

    def unlocked(self, person: Person) -> Clerk:
        clerk = self.clerk(person)
        clerk.unlock()
        return clerk

    def report(self, text: str, *, sealed: bool = False, contact: Contact | None = None) -> Filed:
        filed = self.doors.report(text, contact=contact)
        assert filed.sealed is sealed
        return filed

    def exclusions(self, filed: Filed) -> set[tuple[str, bool]]:
        """Names of officers and codes of bodies kept out, with whether that is certain."""
        with self.doors.home.house.store.read() as session:
            rows = session.scalars(select(Exclusion).where(Exclusion.case_id == filed.case_id)).all()
            return {
                (session.get_one(Officer, row.officer_id).name if row.officer_id else str(row.body_code), row.certain)
                for row in rows
            }

    def count(self, model: type) -> int:
        with self.doors.home.house.store.read() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    def keys(self, filed: Filed) -> list[str]:
        """Who has a key of a sealed case."""
        with self.doors.home.house.store.read() as session:
            return [officer.name for officer in list_allowed(session, filed.case_id)]

    def proposal(self, text: str) -> tuple[str, Level] | None:
        """To which organ the clue desk is advised to send what this text says."""
        house = self.doors.home.house
        said = house.intake_desk.assess(text, house.intake_desk.context)
        with house.store.read() as session:
            roster = build_roster(session)
        found = propose_receiver(find_conflicts(read_mentions(said, text), roster), roster)
        return (found.body_code, found.level) if found else None

    def leave(self, filed: Filed) -> None:
        """A clue officer has looked at an open discipline case and lets the desk handle it."""
        if self.doors.case(filed.case_id).discipline:
            self.clerk(CLUE).act(f"/console/cases/{filed.case_id}/leave")

    def assign(self, filed: Filed, body: str, instruction: str = "请核。") -> str:
        self.leave(filed)
        where = f"/console/cases/{filed.case_id}/assign"
        return self.clerk(DISPATCHER).act(where, {"body": body, "instruction": instruction}).text
