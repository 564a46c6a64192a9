"""The conflict test line by line (rules.md 5.3), each a test by its name, at the doors of one house.

Whoever is kept out walks everywhere before a report comes in and after it; the two walks must be equal to the letter.
"""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from casework.clues import Level
from casework.duplicates import decide_duplicate, look_for_duplicates
from casework.ledger import SYSTEM
from casework.models.cases import Case, DuplicateHint, Tally
from casework.models.people import Officer
from casework.models.referrals import Referral
from casework.officers import declare_tie
from casework.paperwording import Recipient, load_paper_wording
from casework.routinewords import find_telling_word
from intake.models import Report, Reporter
from intake.types import Contact, Filed
from tests.api.houses import (
    ADMINISTRATOR,
    CLUE,
    DISPATCHER,
    HANDLER,
    HEAD,
    INSPECTOR,
    LEADER,
    OPERATOR,
    OTHER_CLUE,
    OTHER_HANDLER,
    SUPERVISOR,
    TOWNSHIP,
    a_house,
)
from tests.api.visitors import Doors, Visitor, find_code
from tests.infrastructure.databases import Databases
from tests.secrecy.conflict_office import (
    ABOUT_ADMINISTRATOR,
    ABOUT_BOTH_CLUES,
    ABOUT_CLUE,
    ABOUT_GROUP,
    ABOUT_HANDLER,
    ABOUT_HEAD,
    ABOUT_LEADER,
    ABOUT_NOBODY_KNOWN,
    ABOUT_ORGAN,
    ABOUT_SECTION,
    ABOUT_TOWN,
    BUREAU_RUN,
    BY_TIE,
    TIE,
    Office,
)
from tests.secrecy.eyes import differ, look

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def office(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A furnished house on SQLite where everybody has come to work; tests add reports of their own."""
    with databases.fresh("sqlite") as url, a_house(url, tmp_path_factory.mktemp("lines")) as home:
        made = Office(Doors(home))
        people = (HANDLER, HEAD, OTHER_HANDLER, TOWNSHIP, INSPECTOR, LEADER, OPERATOR, ADMINISTRATOR, DISPATCHER)
        for person in (*people, SUPERVISOR, CLUE, OTHER_CLUE):
            made.clerk(person)
        yield made


@pytest.fixture(scope="module")
def unauthorised(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The same without a written authority to pass the bureau by."""
    folder = tmp_path_factory.mktemp("unauthorised")
    with databases.fresh("sqlite") as url, a_house(url, folder, bypass_authority=None) as home:
        yield Office(Doors(home))


def tell_by_chat(visitor: Visitor, story: str) -> str:
    """A story told in the web chat to where it ends; every word that the page answered."""
    page = visitor.say(story)
    said = [page.text]
    for _ in range(6):
        if find_code(page) or "12388" in page.text:
            break
        offered = [each for each in page.buttons() if each and each != "human" and not each.startswith("fix_")]
        page = visitor.say(choice=offered[0], page=page) if offered else visitor.say("没有了", page=page)
        said.append(page.text)
    return "\n".join(said)


def test_a_handler_who_is_hit_finds_it_in_no_list_count_export_alarm_or_page(office: Office) -> None:
    other = office.report("南荇镇敬老院的饭菜馊了三天。")
    office.assign(other, "civil_affairs")
    before = look(office.clerk(HANDLER))
    assert before.has(other.number)
    filed = office.report(ABOUT_HANDLER)
    assert office.exclusions(filed) == {("陶玉苓", True)}
    office.assign(filed, "civil_affairs")
    assert differ(before, look(office.clerk(HANDLER))) == set()
    assert office.finds(HEAD, filed)


def test_the_exclusion_itself_is_shown_to_nobody_but_clue_officers(office: Office) -> None:
    filed = office.report(ABOUT_HANDLER.replace("两回", "三回"))
    office.assign(filed, "civil_affairs")
    for person in (HEAD, LEADER, DISPATCHER):
        page = office.clerk(person).get(f"/console/cases/{filed.case_id}")
        assert page.status == 200
        assert "回避" not in re.sub("回避待定", "", page.text), person.name
    for path in ("", "/note", "/sign", "/reveal"):
        method = office.clerk(HANDLER).act if path else office.clerk(HANDLER).get
        there, nowhere = method(f"/console/cases/{filed.case_id}{path}"), method(f"/console/cases/{'0' * 24}{path}")
        assert (there.status, there.text) == (404, nowhere.text)


def test_where_the_head_is_hit_the_case_goes_to_the_next_in_line(office: Office) -> None:
    filed = office.report(ABOUT_HEAD)
    assert {("廖培元", True), ("civil_affairs", True)} <= office.exclusions(filed)
    assert office.doors.case(filed.case_id).body_code not in ("civil_affairs", None)
    assert "和这件事有关" in office.assign(filed, "civil_affairs") or "不能" in office.assign(filed, "civil_affairs")
    for person in (HEAD, HANDLER):
        assert not office.finds(person, filed)


def test_a_section_complained_of_neither_handles_nor_learns_of_it(office: Office) -> None:
    people = (HANDLER, HEAD)
    before = [office.look(person) for person in people]
    filed = office.report(ABOUT_SECTION)
    assert ("civil_affairs", False) in office.exclusions(filed)
    assert office.doors.case(filed.case_id).body_code not in ("civil_affairs", "assistance")
    assert [differ(seen, office.look(person)) for seen, person in zip(before, people, strict=True)] == [set(), set()]


def test_a_township_complained_of_is_told_of_no_report(office: Office) -> None:
    before = office.look(TOWNSHIP)
    filed = office.report(ABOUT_TOWN)
    assert ("township-mailong", True) in office.exclusions(filed)
    assert "不能送" in office.assign(filed, "township-mailong")
    sent = office.clerk(DISPATCHER).act(f"/console/cases/{filed.case_id}/refer", {"body": "township-mailong"})
    assert "不能送" in sent.text
    assert office.doors.case(filed.case_id).status.value == "received"
    assert differ(before, office.look(TOWNSHIP)) == set()


def test_a_member_of_the_inspecting_group_who_is_hit_finds_nothing_in_his_own_towns(office: Office) -> None:
    before = office.look(INSPECTOR)
    filed = office.report(ABOUT_GROUP)
    assert ("苏望舒", True) in office.exclusions(filed)
    assert office.doors.case(filed.case_id).discipline is False
    assert differ(before, office.look(INSPECTOR)) == set()
    assert not office.finds(INSPECTOR, filed)


def test_bureau_leadership_is_sealed_at_once_and_goes_past_the_bureau_to_the_county_organ(office: Office) -> None:
    everybody = (HEAD, DISPATCHER, OPERATOR, ADMINISTRATOR)
    before = {person.username: office.look(person) for person in everybody}
    leaders = look(office.clerk(LEADER))
    filed = office.report(ABOUT_LEADER, sealed=True)
    assert office.keys(filed) == ["贺小满", "沈知棠"]
    assert office.proposal(ABOUT_LEADER) == ("discipline", Level.LEADERSHIP)
    drafted = office.unlocked(CLUE).act(f"/console/sealed/{filed.case_id}/refer", {"body": "discipline"})
    assert office.clerk(LEADER).act(f"{drafted.path}/issue", {"number": "〔2026〕1号"}).status == 404
    signed = office.unlocked(OTHER_CLUE).act(f"{drafted.path}/issue", {"number": "〔2026〕1号"})
    assert "签发了" in signed.text
    assert differ(leaders, look(office.clerk(LEADER))) == set()
    assert [differ(before[person.username], office.look(person)) for person in everybody] == [set() for _ in everybody]


def test_without_authority_the_bot_gives_12388_and_the_county_organs_address_and_keeps_a_count(
    unauthorised: Office,
) -> None:
    said = tell_by_chat(unauthorised.doors.visitor(), ABOUT_LEADER)
    assert "12388" in said
    assert "纪委监委" in said
    assert (unauthorised.count(Case), unauthorised.count(Report), unauthorised.count(Reporter)) == (0, 0, 0)
    with unauthorised.doors.home.house.store.read() as session:
        assert [(row.name, row.value) for row in session.scalars(select(Tally))] == [("refused:leadership", 1)]


def test_of_the_discipline_organs_own_leader_nothing_is_taken_and_the_superiors_channel_is_given(
    office: Office,
) -> None:
    cases = office.count(Case)
    said = tell_by_chat(office.doors.visitor(), ABOUT_ORGAN)
    assert "12388" in said
    assert "云梧市" in said
    assert office.count(Case) == cases
    with office.doors.home.house.store.read() as session:
        counted = {row.name: row.value for row in session.scalars(select(Tally))}
    assert counted == {"leading_discipline": 1}


def test_a_clue_officer_who_is_hit_has_no_key_and_the_other_one_has(office: Office) -> None:
    before = office.look(CLUE)
    filed = office.report(ABOUT_CLUE, sealed=True)
    assert office.keys(filed) == ["贺小满"]
    assert differ(before, office.look(CLUE)) == set()
    assert office.unlocked(CLUE).get(f"/console/sealed/{filed.case_id}").status == 404
    assert "压案子" in office.unlocked(OTHER_CLUE).get(f"/console/sealed/{filed.case_id}").quoted


def test_what_hits_a_clue_officer_is_sent_above_the_house(office: Office) -> None:
    assert office.proposal(ABOUT_CLUE) == ("stationed", Level.OWN_HOUSE)


def test_where_both_clue_officers_are_hit_only_the_recovery_key_of_the_superior_opens_it(office: Office) -> None:
    before = {person.username: office.look(person) for person in (CLUE, OTHER_CLUE)}
    filed = office.report(ABOUT_BOTH_CLUES, sealed=True)
    assert office.keys(filed) == []
    for person in (CLUE, OTHER_CLUE):
        assert differ(before[person.username], office.look(person)) == set()


def test_an_administrator_who_is_hit_is_kept_out_like_anybody(office: Office) -> None:
    before = office.look(ADMINISTRATOR)
    filed = office.report(ABOUT_ADMINISTRATOR)
    assert "施远" in {name for name, _ in office.exclusions(filed)}
    assert differ(before, office.look(ADMINISTRATOR)) == set()


def test_an_unknown_accused_is_looked_at_by_two_people_and_keeps_everyone_meant_out(office: Office) -> None:
    before = office.look(TOWNSHIP)
    filed = office.report(ABOUT_NOBODY_KNOWN)
    assert {name for name, certain in office.exclusions(filed) if not certain} >= {"township-mailong"}
    for person in (DISPATCHER, CLUE, OTHER_CLUE):
        assert office.finds(person, filed), person.name
    assert differ(before, office.look(TOWNSHIP)) == set()
    verdict = {"category": "corruption", "urgency": "normal", "discipline": "yes"}
    office.clerk(DISPATCHER).act(f"/console/cases/{filed.case_id}/correct", verdict)
    drafted = office.clerk(CLUE).act(f"/console/cases/{filed.case_id}/refer", {"body": "discipline"})
    saved = office.clerk(CLUE).act(drafted.path, drafted.form(drafted.path) | {"accused": "姓名不详｜民政办｜干部"})
    assert "存下了" in saved.text
    number = {"number": "〔2026〕7号"}
    assert office.clerk(CLUE).act(f"{drafted.path}/issue", number).status == 422, "who drafted does not sign"
    assert "签发了" in office.clerk(OTHER_CLUE).act(f"{drafted.path}/issue", number).text


def test_two_reporters_on_one_matter_never_learn_of_each_other(office: Office) -> None:
    first = office.report("汀禾老年公寓押金一万二拖了四个月不退。", contact=Contact("芮秋禾", "15412345678"))
    second = office.report(
        "汀禾老年公寓押金拖着不退，我交了一万二，四个月了。", contact=Contact("逄霜降", "15466667777")
    )
    join(office, first, second)
    for mine, theirs in ((first, second), (second, first)):
        page = office.doors.visitor().post("/track", {"code": mine.code})
        assert page.status == 200
        for word in (theirs.number, theirs.code, "芮秋禾", "逄霜降", "重复", "另一位", "也有人", "合并"):
            assert word not in page.response.text


def test_merging_keeps_the_identities_in_separate_envelopes(office: Office) -> None:
    first = office.report("鹭汀颐养中心的床单半年不换。", contact=Contact("汝成荫", "15400009999"))
    second = office.report("鹭汀颐养中心床单脏得发黑，半年没换过。", contact=Contact("鄢知微", "15498760001"))
    join(office, first, second)
    with office.doors.home.house.store.read() as session:
        rows = session.execute(
            select(Report.case_id, Reporter.report_id, Reporter.ciphertext).join(
                Report, Report.id == Reporter.report_id
            )
        ).all()
    mine = [row for row in rows if row.case_id in (first.case_id, second.case_id)]
    assert len({row.report_id for row in mine}) == len({bytes(row.ciphertext) for row in mine}) == 2
    assert {row.case_id for row in mine} == {first.case_id, second.case_id}


def join(office: Office, one: Filed, other: Filed) -> None:
    """A dispatcher says that both tell of one matter."""
    house, now = office.doors.home.house, office.doors.home.clock()
    look_for_duplicates(house.store, other.case_id, secrets=house.secrets, now=now)
    with house.store.write() as session:
        pair = (one.case_id, other.case_id)
        found = select(DuplicateHint).where(DuplicateHint.case_id.in_(pair), DuplicateHint.other_case_id.in_(pair))
        hint = session.scalars(found).first()
        if hint is None:
            hint = DuplicateHint(case_id=one.case_id, other_case_id=other.case_id, score=0.9, why=["home"])
            session.add(hint)
            session.flush()
        dispatcher = session.scalars(select(Officer).where(Officer.username == DISPATCHER.username)).one()
        decide_duplicate(session, hint.id, same=True, by=dispatcher, now=now)


def test_the_phone_desk_asks_for_a_safe_time_and_the_case_page_rings_nobody(office: Office) -> None:
    call = office.clerk(OPERATOR).get("/console/call")
    assert call.tree.xpath("//*[@name='safe_time']")
    filed = office.report(
        "南荇镇敬老院的电视机坏了没人修。", contact=Contact("芮秋禾", "15412345678", safe_time="午后")
    )
    for person in (OPERATOR, DISPATCHER):
        page = office.clerk(person).get(f"/console/cases/{filed.case_id}")
        assert page.tree.xpath("//a[starts-with(@href, 'tel:')]") == []
        assert "芮秋禾" not in page.response.text
        assert re.findall(r"(?<!\d)(?:1\d{10}|0\d{2,3}-\d{7,8})(?!\d)", page.response.text) == []


def test_the_unit_complained_of_hears_of_a_routine_inspection_and_of_no_report(office: Office) -> None:
    """The wording of what it gets is tried in `tests/casework/test_routinewords.py`."""
    wording = load_paper_wording()
    to_the_unit = [paper for paper in wording.papers.values() if paper.to is Recipient.UNIT]
    assert all("随机检查" in paper.opening for paper in to_the_unit)
    assert find_telling_word("".join(paper.opening for paper in to_the_unit), wording.never) is None
    filed = office.report(ABOUT_TOWN.replace("三回", "五回"))
    for kind in ("dispatch", "urge", "supervise", "order"):
        page = office.clerk(DISPATCHER).act(f"/console/cases/{filed.case_id}/paper", {"kind": kind})
        assert "township-mailong" not in page.response.url.path
    with office.doors.home.house.store.read() as session:
        assert session.scalars(select(Referral).where(Referral.body_code == "township-mailong")).all() == []


def test_no_name_stands_in_titles_addresses_file_names_or_number_registers(office: Office) -> None:
    filed = office.report(ABOUT_HANDLER.replace("陶玉苓", "田守仁"), contact=Contact("芮秋禾", "15412345678"))
    names = ("田守仁", "芮秋禾", "阮承岳", "廖培元", "沈知棠收", "腌菜")
    for person in (DISPATCHER, OTHER_CLUE):
        clerk = office.unlocked(person) if person is OTHER_CLUE else office.clerk(person)
        seen = look(clerk, f"/console/cases/{filed.case_id}")
        titles = re.findall(r"<title>.*?</title>|<h1\b.*?</h1>", seen.text, re.DOTALL)
        files = re.findall(r'filename="[^"]*"', seen.text)
        assert len(titles) > 20
        for said in (*titles, *files, *seen.answers):
            assert not [name for name in names if name in said.replace(person.name, "")], said
        register = "".join(text for path, text in seen.answers.items() if "reconciliation" in path)
        assert register
        assert not [name for name in names if name in register]


def test_a_letter_is_built_from_fields_and_holds_no_phrase_of_the_reporters(office: Office) -> None:
    clerk = office.unlocked(OTHER_CLUE)
    filed = office.report(ABOUT_LEADER.replace("两万", "五万"), sealed=True, contact=Contact("鄢知微", "15498760001"))
    drafted = clerk.act(f"/console/sealed/{filed.case_id}/refer", {"body": "discipline"})
    papers = [address for address in drafted.links if address.endswith(".docx")]
    seen = look(clerk, *papers, doors=())
    assert seen.has("阮承岳")
    assert seen.where(["腌菜", "坛子", "就不去检查", "鄢知微", "15498760001"]) == set()
    assert "recording" not in seen.text


def test_a_bureau_run_home_is_a_conflict_of_the_sections_that_would_handle_it(office: Office) -> None:
    filed = office.report(BUREAU_RUN)
    assert {("civil_affairs", True), ("assistance", True)} <= office.exclusions(filed)
    assert office.doors.case(filed.case_id).body_code not in ("civil_affairs", "assistance")
    for person in (HANDLER, HEAD, OTHER_HANDLER):
        assert not office.finds(person, filed), person.name


def test_a_declared_relative_keeps_the_officer_out_also_of_cases_that_stand(office: Office) -> None:
    filed = office.report(BY_TIE)
    office.assign(filed, "civil_affairs")
    assert office.finds(HANDLER, filed)
    house, now = office.doors.home.house, office.doors.home.clock()
    with house.store.write() as session:
        officer = session.scalars(select(Officer).where(Officer.username == HANDLER.username)).one()
        declare_tie(session, officer, name=TIE, relation="表妹", by=SYSTEM, now=now)
    assert not office.finds(HANDLER, filed)
    assert office.finds(HEAD, filed)


def test_it_runs_again_at_every_change_of_the_text(office: Office) -> None:
    filed = office.report("南荇镇敬老院的热水器坏了一个月。")
    office.assign(filed, "assistance")
    assert office.finds(OTHER_HANDLER, filed)
    before = office.look(HEAD)
    assert before.has(filed.case_id)
    office.doors.visitor().post("/track/say", {"code": filed.code, "text": "后来才知道苗惠早就知道，廖培元也知道。"})
    assert not office.finds(OTHER_HANDLER, filed)
    assert not office.finds(HEAD, filed)


def test_it_runs_again_at_every_assignment_and_names_no_reason(office: Office) -> None:
    for text, body in ((ABOUT_SECTION, "civil_affairs"), (ABOUT_TOWN, "township-mailong"), (BUREAU_RUN, "assistance")):
        filed = office.report(text.replace("。", "，没人管。"))
        assert "和这件事有关" in office.assign(filed, body)
        assert office.doors.case(filed.case_id).status.value == "received"
