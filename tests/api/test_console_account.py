"""「我的账号」: password, second factor, words of the vault, ties, who signed in; what is wrong stands at its field."""

import pyotp
import pytest
from sqlalchemy import select

from casework.models.ledger import LedgerEntry
from casework.models.people import Officer
from casework.models.secrecy import Exclusion
from casework.rings import unlock_key
from tests.api.houses import AUDITOR, CLUE, DISPATCHER, EVERYBODY, HANDLER, OTHER_CLUE, PASSWORD, SEED, Person
from tests.api.visitors import ADDRESS, Clerk, Doors, Page

HERE = "/console/account"
OWN = "shan-qian-shan-hou-88"
TOLD = "鹭汀颐养中心退费一直不退，孙大海在那里管账，说没钱。"


def find(doors: Doors, person: Person) -> Officer:
    with doors.home.house.store.read() as session:
        officer = session.scalars(select(Officer).where(Officer.username == person.username)).one()
        session.expunge_all()
    return officer


def password_form(old: str = PASSWORD, new: str = OWN, again: str = OWN) -> dict[str, str]:
    return {"old": old, "password": new, "again": again}


def words_on(page: Page) -> str:
    words = " ".join(page.tree.xpath("//p[contains(@class,'secret')]/span/text()"))
    return str(words)


def secret_on(page: Page) -> str:
    return "".join(page.tree.xpath("//*[contains(@class,'fingerprint')]/text()")).replace(" ", "")


@pytest.mark.parametrize("person", EVERYBODY, ids=lambda person: person.username)
def test_every_officer_has_the_page(one_doors: Doors, person: Person) -> None:
    page = one_doors.sign_in(person).get(HERE)
    assert page.status == 200
    assert person.username in page.text


def test_a_new_password_ends_every_other_sign_in_and_not_this_one(doors: Doors) -> None:
    other, clerk = doors.sign_in(HANDLER), doors.sign_in(HANDLER)
    assert "密码换了" in clerk.act(f"{HERE}/password", password_form()).text
    assert clerk.get(HERE).status == 200
    page = other.get("/console/")
    assert page.status == 401
    assert "您的密码或动态码换过了。" in page.text
    doors.home.clock.turn(seconds=30)
    form = {"username": HANDLER.username, "password": OWN, "code": doors.home.code_of()}
    assert Clerk(doors.client(), HANDLER, doors.home).post("/console/sign-in", form).path == "/console/"


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        (password_form(old="wrong-password"), "old", "现在的密码不对"),
        (password_form(new="short", again="short"), "password", "太短"),
        (password_form(new="tao-tao-tao-tao", again="tao-tao-tao-tao"), "password", "太好猜"),
        (password_form(again=OWN + "9"), "again", "两次输的不一样"),
        (password_form(new=PASSWORD, again=PASSWORD), "password", "和旧的一样"),
    ],
)
def test_a_wrong_password_form_is_told_at_its_field(
    one_doors: Doors, form: dict[str, str], field: str, words: str
) -> None:
    clerk = one_doors.sign_in(HANDLER)
    before = find(one_doors, HANDLER).password_hash
    page = clerk.act(f"{HERE}/password", form)
    assert page.status == 422
    assert words in page.error_at(field)
    assert find(one_doors, HANDLER).password_hash == before


def test_who_guesses_the_old_password_here_waits_longer_and_longer_and_the_owner_may_still_sign_in(
    one_doors: Doors,
) -> None:
    clerk = one_doors.sign_in(HANDLER)
    pages = [clerk.act(f"{HERE}/password", password_form(old=f"guess-number-{n}")) for n in range(5)]
    assert "以后再试" in pages[-1].error_at("old")
    assert "以后再试" in clerk.act(f"{HERE}/password", password_form()).error_at("old")
    assert one_doors.sign_in(HANDLER).get(HERE).status == 200


def test_a_new_phone_takes_over_once_its_code_is_right(doors: Doors) -> None:
    other, clerk = doors.sign_in(HANDLER), doors.sign_in(HANDLER)
    assert "动态码不对" in clerk.act(f"{HERE}/factor", {"code": "000000"}).error_at("code")
    doors.home.clock.turn(seconds=30)
    page = clerk.act(f"{HERE}/factor", {"code": doors.home.code_of()})
    secret, form = secret_on(page), page.form(f"{HERE}/factor/new")
    page = clerk.post(f"{HERE}/factor/new", form | {"new_code": "000000"})
    assert page.error_at("new_code")
    assert secret_on(page) == secret
    code = pyotp.TOTP(secret).at(doors.home.clock())
    assert "动态码换了" in clerk.post(f"{HERE}/factor/new", form | {"new_code": code}).text
    assert other.get("/console/").status == 401
    doors.home.clock.turn(seconds=30)
    old = {"username": HANDLER.username, "password": PASSWORD, "code": pyotp.TOTP(SEED).at(doors.home.clock())}
    stranger = Clerk(doors.client(), HANDLER, doors.home)
    assert stranger.post("/console/sign-in", old).path == "/console/sign-in"
    new = old | {"code": pyotp.TOTP(secret).at(doors.home.clock())}
    assert stranger.post("/console/sign-in", new).path == "/console/"


def test_an_offered_phone_code_is_worth_nothing_in_another_sign_in(one_doors: Doors) -> None:
    first, second = one_doors.sign_in(HANDLER), one_doors.sign_in(DISPATCHER)
    one_doors.home.clock.turn(seconds=30)
    page = first.act(f"{HERE}/factor", {"code": one_doors.home.code_of()})
    secret, kept = secret_on(page), page.form(f"{HERE}/factor/new")["kept"]
    code = pyotp.TOTP(secret).at(one_doors.home.clock())
    page = second.act(f"{HERE}/factor/new", {"kept": kept, "new_code": code})
    assert "从头来一次" in page.error_at("code")


def test_new_words_open_the_vault_and_the_old_ones_no_longer(one_doors: Doors) -> None:
    clerk, old = one_doors.sign_in(CLUE), one_doors.home.passphrases[CLUE.username]
    page = clerk.get(f"{HERE}/words")
    form = page.form(f"{HERE}/words")
    words = words_on(page)
    for typed, field in (
        ({"old": "天气", "words": words}, "old"),
        ({"old": old, "words": "我 自己 想 的 词"}, "words"),
    ):
        page = clerk.post(f"{HERE}/words", form | typed)
        assert page.error_at(field), field
        assert words_on(page) == words
    assert "口令换了" in clerk.post(f"{HERE}/words", form | {"old": old, "words": words.replace(" ", "-")}).text
    assert "口令不对" in clerk.unlock().text
    assert clerk.act("/console/sealed/unlock", {"passphrase": words}).path == "/console/sealed"
    assert len(unlock_key(find(one_doors, CLUE), words)) == 32


def test_words_of_another_sign_in_are_not_taken(one_doors: Doors) -> None:
    clerk, old = one_doors.sign_in(CLUE), one_doors.home.passphrases[CLUE.username]
    other = one_doors.sign_in(OTHER_CLUE).get(f"{HERE}/words")
    form = {"mark": other.form(f"{HERE}/words")["mark"]}
    before = find(one_doors, CLUE).wrapped_private_key
    page = clerk.act(f"{HERE}/words", form | {"old": old, "words": words_on(other)})
    assert page.path == f"{HERE}/words"
    assert find(one_doors, CLUE).wrapped_private_key == before


def test_what_he_declares_is_kept_from_him_at_once_and_shown_to_him_alone(doors: Doors) -> None:
    filed = doors.report(TOLD)
    clerk = doors.sign_in(DISPATCHER)
    case = f"/console/cases/{filed.case_id}"
    assert clerk.get(case).status == 200
    page = clerk.act(f"{HERE}/ties", {"name": "孙大海", "relation": "表弟"})
    assert "记下了" in page.text
    assert "孙大海" in page.text
    assert "孙大海" not in doors.sign_in(HANDLER).get(HERE).text
    with doors.home.house.store.read() as session:
        kept_out = session.scalars(select(Exclusion.officer_id).where(Exclusion.case_id == filed.case_id)).all()
    assert find(doors, DISPATCHER).id in kept_out
    assert clerk.get(case).status == 404
    (action,) = [each for each in page.actions if each.endswith("/withdraw")]
    assert doors.sign_in(HANDLER).act(action).status == 404
    page = clerk.act(action)
    assert "撤下了" in page.text
    assert "还没有申报" in page.text


def test_an_empty_tie_is_told_at_its_field_and_the_rest_stays(one_doors: Doors) -> None:
    page = one_doors.sign_in(DISPATCHER).act(f"{HERE}/ties", {"name": " ", "relation": "表弟"})
    assert page.error_at("tie-name")
    assert page.value_of("tie-relation") == "表弟"


def test_signing_out_elsewhere_leaves_this_page_alone(one_doors: Doors) -> None:
    other, clerk = one_doors.sign_in(HANDLER), one_doors.sign_in(HANDLER)
    assert "一共2处" in clerk.get(HERE).text
    page = clerk.act(f"{HERE}/elsewhere")
    assert "别处的登录都断了" in page.text
    assert "只有这里" in page.text
    assert "您在别处点了全部退出。" in other.get("/console/").text


def test_he_sees_his_own_last_sign_ins_and_the_auditor_everybodys(one_doors: Doors) -> None:
    stranger = Clerk(one_doors.client(), HANDLER, one_doors.home)
    stranger.post("/console/sign-in", {"username": HANDLER.username, "password": "guess-guess", "code": "1"})
    page = one_doors.sign_in(HANDLER).get(HERE)
    assert "登录没成" in page.text
    assert ADDRESS in page.text
    auditor = one_doors.sign_in(AUDITOR)
    log = auditor.get("/console/ledger/security")
    assert "陶玉苓" in log.text
    assert ADDRESS in log.text
    ident = find(one_doors, HANDLER).id
    failed = auditor.get(f"/console/ledger/security?who={ident}&kind=sign_in_failed&day=2026-10-08")
    assert [row.xpath("string(td[3])") for row in failed.tree.xpath("//tbody/tr")] == ["登录没成"]
    assert "没有这样的记录" in auditor.get("/console/ledger/security?day=2026-10-07").text
    assert "日期没看懂" in auditor.get("/console/ledger/security?day=昨天").error_at("day")
    assert one_doors.sign_in(DISPATCHER).get("/console/ledger/security").status == 403


def test_the_ledger_names_fields_and_never_what_they_hold(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(DISPATCHER)
    clerk.act(f"{HERE}/ties", {"name": "孙大海", "relation": "表弟"})
    clerk.act(f"{HERE}/password", password_form())
    with one_doors.home.house.store.read() as session:
        told = str([entry.details for entry in session.scalars(select(LedgerEntry))])
    assert "password" in told
    assert not any(word in told for word in ("孙大海", "表弟", OWN))
