"""The administrator's desk: somebody comes, changes his post, goes and comes back; nothing half, nothing sealed."""

import re

import pyotp
import pytest
from sqlalchemy import func, select

from casework.models.accounts import EndedSignIn
from casework.models.ledger import LedgerEntry
from casework.models.memberships import Screening
from casework.models.people import Officer, OfficerSession
from casework.models.secrecy import Allowance, CaseKey, RingMember
from casework.rings import current_ring, list_members
from casework.screenings import screen_waiting
from tests.api.houses import (
    ADMINISTRATOR,
    AUDITOR,
    CLUE,
    DISPATCHER,
    HANDLER,
    LEADER,
    OTHER_CLUE,
    PASSWORD,
    SUPERVISOR,
    Person,
)
from tests.api.visitors import Clerk, Doors, Page

HERE = "/console/officers"
OWN = "shan-qian-shan-hou-88"
SEALED = "麦陇镇民政办副主任鲁守田收了敬老院三千元购物卡，就不去检查了。"
NEW = {
    "username": "songyan",
    "name": "宋砚",
    "post": "科员",
    "body": "civil_affairs",
    "roles": "handler",
    "aliases": "小宋",
}


def find(doors: Doors, username: str) -> Officer:
    with doors.home.house.store.read() as session:
        officer = session.scalars(select(Officer).where(Officer.username == username)).one()
        session.expunge_all()
    return officer


def path_of(doors: Doors, person: Person) -> str:
    return f"{HERE}/{find(doors, person.username).id}"


def form_of(page: Page, action: str, **changes: object) -> dict[str, object]:
    """The form as it stands, with its ticks, and what is changed in it."""
    (found, *_) = [each for each in page.tree.forms if each.action and each.action.endswith(action)]
    values: dict[str, object] = {}
    for name, value in found.form_values():
        known = values.get(name)
        values[name] = value if known is None else [*(known if isinstance(known, list) else [known]), value]
    return values | changes


def sign_in(doors: Doors, username: str, password: str, code: str = "") -> Page:
    doors.home.clock.turn(seconds=30)
    clerk = Clerk(doors.client(), DISPATCHER, doors.home)
    return clerk.post("/console/sign-in", {"username": username, "password": password, "code": code})


def first_sign_in(doors: Doors, username: str, initial: str) -> tuple[Clerk, str]:
    """The newcomer's own way in, by the page: his clerk, and the secret that his phone now has."""
    clerk = Clerk(doors.client(), DISPATCHER, doors.home)
    doors.home.clock.turn(seconds=30)
    page = clerk.post("/console/sign-in", {"username": username, "password": initial, "code": ""})
    assert page.path == "/console/first"
    secret = "".join(page.tree.xpath("//*[contains(@class,'fingerprint')]/text()")).replace(" ", "")
    form = page.form("/console/first")
    form |= {"password": OWN, "again": OWN, "code": pyotp.TOTP(secret).at(doors.home.clock())}
    assert "设好了" in clerk.post("/console/first", form).text
    return clerk, secret


def initial_of(page: Page) -> str:
    return str(page.tree.xpath("string(//*[@id='initial'])"))


def test_everybody_stands_on_the_list_with_post_roles_and_last_sign_in(one_doors: Doors) -> None:
    one_doors.sign_in(HANDLER)
    page = one_doors.sign_in(ADMINISTRATOR).get(HERE)
    (row,) = page.tree.xpath("//tr[td/a[text()='陶玉苓']]")
    cells = [" ".join(cell.text_content().split()) for cell in row.xpath("td")]
    assert cells == [
        "陶玉苓 tao",
        "养老服务科科员",
        "望桐县民政局养老服务科",
        "承办人",
        "在岗",
        "上次登录 10月8日(星期四)",
    ]
    assert "还没有" in page.tree.xpath("//tr[td/a[text()='阮承岳']]")[0].text_content()


@pytest.mark.parametrize("person", [DISPATCHER, CLUE, LEADER, AUDITOR], ids=lambda person: person.username)
def test_only_the_administrator_has_the_desk(one_doors: Doors, person: Person) -> None:
    clerk = one_doors.sign_in(person)
    other = path_of(one_doors, HANDLER)
    assert {clerk.get(path).status for path in (HERE, f"{HERE}/new", other)} == {403}
    for path in (HERE, other, f"{other}/dismiss", f"{other}/reissue", f"{other}/reinstate"):
        assert clerk.act(path, NEW).status == 403
    assert find(one_doors, HANDLER.username).removed_at is None


def test_a_newcomer_signs_in_with_a_password_shown_once_and_makes_his_own(doors: Doors) -> None:
    admin = doors.sign_in(ADMINISTRATOR)
    page = admin.act(HERE, NEW)
    initial = initial_of(page)
    assert re.fullmatch(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", initial)
    assert initial not in admin.get(path_of(doors, Person("songyan", "", "", ()))).text
    assert "等他登录" in admin.get(HERE).text
    clerk, secret = first_sign_in(doors, "songyan", initial)
    assert clerk.get("/console/").status == 200
    assert "不对" in sign_in(doors, "songyan", initial).text
    assert sign_in(doors, "songyan", OWN).path == "/console/sign-in"
    doors.home.clock.turn(seconds=90)
    code = pyotp.TOTP(secret).at(doors.home.clock().timestamp() + 30)
    assert sign_in(doors, "songyan", OWN, code).path == "/console/"


def test_before_the_first_page_is_done_nothing_else_opens(one_doors: Doors) -> None:
    initial = initial_of(one_doors.sign_in(ADMINISTRATOR).act(HERE, NEW | {"roles": "dispatcher", "body": "hotline"}))
    one_doors.report("芦渚镇中心敬老院退费一直不退。")
    clerk = Clerk(one_doors.client(), DISPATCHER, one_doors.home)
    clerk.post("/console/sign-in", {"username": "songyan", "password": initial, "code": ""})
    for path in ("/console/", "/console/account", "/console/call", "/console/ring"):
        page = clerk.get(path)
        assert (page.path, "退费" in page.text) == ("/console/first", False)


def test_what_is_wrong_on_the_first_page_stands_at_its_field_and_the_picture_stays(one_doors: Doors) -> None:
    initial = initial_of(one_doors.sign_in(ADMINISTRATOR).act(HERE, NEW))
    clerk = Clerk(one_doors.client(), DISPATCHER, one_doors.home)
    page = clerk.post("/console/sign-in", {"username": "songyan", "password": initial, "code": ""})
    picture = page.tree.xpath("string(//*[contains(@class,'fingerprint')])")
    for field, typed in {
        "password": {"password": "short", "again": "short", "code": "000000"},
        "again": {"password": OWN, "again": OWN + "9", "code": "000000"},
        "code": {"password": OWN, "again": OWN, "code": "000000"},
    }.items():
        page = clerk.post("/console/first", page.form("/console/first") | typed)
        assert page.error_at(field), field
        assert page.tree.xpath("string(//*[contains(@class,'fingerprint')])") == picture
    assert find(one_doors, "songyan").initial_until is not None


def test_an_initial_password_is_good_for_seven_days(one_doors: Doors) -> None:
    initial = initial_of(one_doors.sign_in(ADMINISTRATOR).act(HERE, NEW))
    one_doors.home.clock.turn(days=7, minutes=1)
    assert "过期了，请找管理员" in sign_in(one_doors, "songyan", initial).text
    assert "过期" not in sign_in(one_doors, "songyan", "another-password").text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "Song Yan"}, "username"),
        ({"username": "tao"}, "username"),
        ({"name": ""}, "name"),
        ({"body": "nowhere"}, "body"),
        ({"roles": ""}, "roles"),
        ({"roles": ["administrator", "dispatcher"]}, "roles"),
        ({"roles": ["log_auditor", "clue_officer"]}, "roles"),
        ({"roles": "inspector"}, "towns"),
    ],
)
def test_a_wrong_field_is_told_and_what_was_typed_stays(
    one_doors: Doors, changes: dict[str, object], field: str
) -> None:
    page = one_doors.sign_in(ADMINISTRATOR).act(HERE, {k: v for k, v in (NEW | changes).items() if v != ""})
    assert page.status == 422
    assert page.error_at(field)
    assert page.value_of("aliases") == "小宋"
    assert page.value_of("post") == "科员"


def test_a_changed_post_takes_effect_at_once_and_stands_in_the_ledger(one_doors: Doors) -> None:
    admin, tao = one_doors.sign_in(ADMINISTRATOR), one_doors.sign_in(HANDLER)
    path = path_of(one_doors, HANDLER)
    page = admin.act(path, form_of(admin.get(path), path, roles=["dispatcher"], body="hotline", post="派单员"))
    assert "存下了" in page.text
    assert "登记" in tao.get("/console/").text
    with one_doors.home.house.store.read() as session:
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == "officer_changed")).all()[-1]
    assert "roles" in entry.details["fields"]
    assert "派单员" not in str(entry.details)
    assert "没有动" in admin.act(path, form_of(admin.get(path), path)).text


def test_the_page_says_where_he_was_before_and_how_far_the_closed_cases_are_looked_at(one_doors: Doors) -> None:
    admin, path = one_doors.sign_in(ADMINISTRATOR), path_of(one_doors, HANDLER)
    assert "回避核对" not in admin.get(path).text
    admin.act(path, form_of(admin.get(path), path, body="hotline", roles=["dispatcher"]))
    assert "以前在" in admin.get(path).text
    assert "养老服务科" in admin.get(path).text.split("以前在")[1]
    with one_doors.home.house.store.write() as session:
        officer = find(one_doors, HANDLER.username).id
        session.add(Screening(officer_id=officer, asked_at=one_doors.home.house.now(), total=340, looked=100))
    assert "100/340件" in admin.get(path).text
    screen_waiting(one_doors.home.house.store, now=one_doors.home.house.now())
    assert "340件" not in admin.get(path).text


def test_one_who_is_let_go_while_his_page_stands_open_is_told_kindly(doors: Doors) -> None:
    filed = doors.report("芦渚镇中心敬老院退费一直不退，合同上写的能退。")
    admin, clerk = doors.sign_in(ADMINISTRATOR), doors.sign_in(DISPATCHER)
    csrf = clerk.csrf
    assert "停用了" in admin.act(f"{path_of(doors, DISPATCHER)}/dismiss").text
    page = clerk.post(f"/console/cases/{filed.case_id}/note", {"csrf": csrf, "text": "写到一半的话"})
    assert page.status == 401
    assert "您的账号停用了。" in page.text
    assert "没有办" in page.text
    with doors.home.house.store.read() as session:
        assert session.scalar(select(func.count()).where(LedgerEntry.verb == "noted")) == 0
    assert clerk.get("/console/").path == "/console/sign-in"


def test_a_ring_member_who_goes_loses_wraps_sign_ins_and_key_and_may_come_back_without(doors: Doors) -> None:
    filed = doors.report(SEALED)
    admin, gone = doors.sign_in(ADMINISTRATOR), doors.sign_in(CLUE)
    gone.unlock()
    path = path_of(doors, CLUE)
    with doors.home.house.store.read() as session:
        before = current_ring(session).public_key
    admin.act(f"{path}/dismiss")
    shen = find(doors, CLUE.username)
    with doors.home.house.store.read() as session:
        assert current_ring(session).public_key != before
        assert [each.username for each in list_members(session, current_ring(session))] == [OTHER_CLUE.username]
        for table in (RingMember, CaseKey, Allowance, OfficerSession):
            assert session.scalar(select(func.count()).where(table.officer_id == shen.id)) == 0
    assert shen.wrapped_private_key is None
    assert "停用" in gone.get(f"/console/sealed/{filed.case_id}").text
    page = admin.act(f"{path}/reinstate")
    back, _ = first_sign_in(doors, CLUE.username, initial_of(page))
    assert "您还没有自己的钥匙" in back.get(f"/console/sealed/{filed.case_id}").text
    assert "您还没有自己的钥匙" in back.get("/console/account").text


def test_the_last_member_of_the_vault_stays_and_nothing_half_happens(doors: Doors) -> None:
    admin = doors.sign_in(ADMINISTRATOR)
    admin.act(f"{path_of(doors, OTHER_CLUE)}/dismiss")
    last, path = doors.sign_in(CLUE), path_of(doors, CLUE)
    for page in (
        admin.act(f"{path}/dismiss"),
        admin.act(path, form_of(admin.get(path), path, roles=["handler"], post="科员")),
    ):
        assert page.status == 409
        assert "密件库离不开他" in page.text
    shen = find(doors, CLUE.username)
    assert (shen.removed_at, shen.post, shen.roles) == (None, "密件员", ["clue_officer"])
    assert last.get("/console/account").status == 200
    with doors.home.house.store.read() as session:
        assert session.scalar(select(func.count()).select_from(EndedSignIn)) == 0


def test_one_who_leaves_the_clue_desk_leaves_the_vault(one_doors: Doors) -> None:
    one_doors.report(SEALED)
    admin, shen = one_doors.sign_in(ADMINISTRATOR), one_doors.sign_in(CLUE)
    path = path_of(one_doors, CLUE)
    admin.act(path, form_of(admin.get(path), path, roles=["dispatcher"], body="hotline"))
    assert "您的岗位变了，请重新登录。" in shen.get("/console/sealed").text
    again = one_doors.sign_in(CLUE)
    assert again.get("/console/sealed").status == 403
    assert "等同事放进来" in again.get("/console/account").text


def test_nobody_changes_himself_nor_lets_himself_go(one_doors: Doors) -> None:
    admin, path = one_doors.sign_in(ADMINISTRATOR), path_of(one_doors, ADMINISTRATOR)
    page = admin.get(path)
    assert path not in page.actions
    assert "另一位管理员" in page.text
    for action in (path, f"{path}/dismiss", f"{path}/reissue"):
        assert admin.act(action, NEW).status == 403


def test_a_lost_phone_is_enrolled_anew_and_a_forgotten_password_alone_keeps_it(one_doors: Doors) -> None:
    admin, path = one_doors.sign_in(ADMINISTRATOR), path_of(one_doors, HANDLER)
    initial = initial_of(admin.act(f"{path}/reissue"))
    assert sign_in(one_doors, HANDLER.username, PASSWORD, one_doors.home.code_of()).path == "/console/sign-in"
    assert sign_in(one_doors, HANDLER.username, initial).path == "/console/sign-in"
    one_doors.home.clock.turn(minutes=3)
    clerk = Clerk(one_doors.client(), HANDLER, one_doors.home)
    form = {"username": HANDLER.username, "password": initial, "code": one_doors.home.code_of()}
    page = clerk.post("/console/sign-in", form)
    assert page.path == "/console/first"
    assert not page.tree.xpath("//*[@id='code']")
    first_sign_in(one_doors, HANDLER.username, initial_of(admin.act(f"{path}/reissue", {"phone": "lost"})))


def test_the_administrator_sees_nothing_sealed_on_any_page_of_his(one_doors: Doors) -> None:
    filed = one_doors.report(SEALED)
    number = one_doors.case(filed.case_id).number
    tao = one_doors.sign_in(SUPERVISOR)
    tao.act("/console/account/ties", {"name": "鲁守田", "relation": "姐夫"})
    admin = one_doors.sign_in(ADMINISTRATOR)
    pages = [
        HERE,
        f"{HERE}/new",
        path_of(one_doors, CLUE),
        path_of(one_doors, SUPERVISOR),
        "/console/",
        "/console/account",
    ]
    for path in pages:
        page = admin.get(path)
        assert page.status == 200
        assert not any(word in page.text for word in (number, filed.case_id, "购物卡", "姐夫"))
    for path in ("/console/sealed", "/console/ring", "/console/ring/recovery", f"/console/sealed/{filed.case_id}"):
        assert admin.get(path).status in (403, 404, 423), path
    assert "他自己申报了1条" in admin.get(path_of(one_doors, SUPERVISOR)).text
