"""The keys of the vault: a newcomer, a lost passphrase, the sheet from the safe; nobody gets in alone or by mistake."""

import pytest
from sqlalchemy import func, select

from casework.models.ledger import LedgerEntry
from casework.models.people import Officer
from casework.models.secrecy import RingMember
from casework.recovery import to_printable
from casework.vault import generate_key_pair
from tests.api.houses import (
    ADMINISTRATOR,
    AUDITOR,
    CLUE,
    DISPATCHER,
    HANDLER,
    LEADER,
    OTHER_CLUE,
    PASSWORD,
    Person,
)
from tests.api.visitors import Clerk, Doors, Page

RING, RECOVERY, KEY = "/console/ring", "/console/ring/recovery", "/console/account/key"
SEALED = "麦陇镇民政办副主任鲁守田收了敬老院三千元购物卡，就不去检查了。"


def find(doors: Doors, person: Person) -> Officer:
    with doors.home.house.store.read() as session:
        officer = session.scalars(select(Officer).where(Officer.username == person.username)).one()
        session.expunge_all()
    return officer


def make_key(clerk: Clerk, **more: str) -> tuple[str, str]:
    """A key by the page: the five words, and the fingerprint he reads out."""
    clerk.home.clock.turn(seconds=30)
    page = clerk.act(KEY, {"password": PASSWORD, "code": clerk.home.code_of(), "sure": "yes"} | more)
    assert page.status == 200, page.text
    words = page.tree.xpath("string(//*[@id='words'])")
    return words, page.tree.xpath("string(//*[contains(@class,'fingerprint')])")


def let_in(doors: Doors, member: Clerk, newcomer: Person, mark: str) -> Page:
    return member.act(f"{RING}/{find(doors, newcomer).id}/let-in", {"fingerprint": mark})


def open_vault(clerk: Clerk, words: str = "") -> Page:
    return clerk.act(f"{RING}/unlock", {"passphrase": words or clerk.home.passphrases[clerk.person.username]})


def test_a_member_sees_who_holds_a_key_since_when_and_not_how_many_cases(one_doors: Doors) -> None:
    one_doors.report(SEALED)
    page = one_doors.sign_in(CLUE).get(RING)
    cells = [[" ".join(td.text_content().split()) for td in tr.xpath("td")] for tr in page.tree.xpath("//tbody/tr")]
    assert cells == [
        ["贺小满 密件员", "密件员", "从 10月8日(星期四)", ""],
        ["沈知棠 密件员", "密件员", "从 10月8日(星期四)", "您"],
    ]


@pytest.mark.parametrize("person", [HANDLER, LEADER, ADMINISTRATOR, AUDITOR], ids=lambda person: person.username)
def test_who_has_no_place_in_the_ring_does_not_see_it(one_doors: Doors, person: Person) -> None:
    clerk = one_doors.sign_in(person)
    assert clerk.get(RING).status == 403
    for path in ("unlock", "nobody/let-in", "nobody/rewrap"):
        assert clerk.act(f"{RING}/{path}", {"passphrase": "x", "fingerprint": "1"}).status == 403


def test_a_newcomer_is_let_in_by_a_member_who_hears_his_fingerprint(doors: Doors) -> None:
    newcomer, member = doors.sign_in(DISPATCHER), doors.sign_in(CLUE)
    words, mark = make_key(newcomer)
    assert mark in newcomer.get("/console/account").text
    assert "等同事放进来" in newcomer.get("/console/account").text
    assert "先打开" in let_in(doors, member, DISPATCHER, mark).error_at("passphrase")
    open_vault(member)
    wrong = let_in(doors, member, DISPATCHER, "0000 0000 0000 0000")
    assert "对不上" in wrong.error_at(f"mark-{find(doors, DISPATCHER).id}")
    assert wrong.value_of(f"mark-{find(doors, DISPATCHER).id}") == "0000 0000 0000 0000"
    assert "放进来了" in let_in(doors, member, DISPATCHER, mark).text
    assert open_vault(newcomer, words).path == RING
    assert "您的密件库开着" in newcomer.get(RING).text
    assert let_in(doors, member, DISPATCHER, mark).status == 422


def test_one_outside_lets_nobody_in(one_doors: Doors) -> None:
    first, second = one_doors.sign_in(DISPATCHER), one_doors.sign_in(CLUE)
    words, mark = make_key(first)
    open_vault(first, words)
    assert "没办" in let_in(one_doors, first, DISPATCHER, mark).text
    with one_doors.home.house.store.read() as session:
        ident = find(one_doors, DISPATCHER).id
        assert session.scalar(select(func.count()).where(RingMember.officer_id == ident)) == 0
    assert second.get(RING).status == 200


def test_a_lost_passphrase_is_mended_by_a_colleague_and_opens_what_it_did(doors: Doors) -> None:
    filed = doors.report(SEALED)
    lost, member = doors.sign_in(CLUE), doors.sign_in(OTHER_CLUE)
    path = f"/console/sealed/{filed.case_id}"
    lost.unlock()
    assert "购物卡" in lost.get(path).text
    words, mark = make_key(lost)
    assert "购物卡" not in lost.get(path).text
    open_vault(member)
    assert "放进来了" in let_in(doors, member, CLUE, mark).text
    assert lost.act("/console/sealed/unlock", {"passphrase": words}).path == "/console/sealed"
    assert "购物卡" in lost.get(path).text


def test_a_key_is_not_thrown_away_by_one_who_only_has_the_page(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(CLUE)
    before = find(one_doors, CLUE).public_key
    one_doors.home.clock.turn(seconds=30)
    code = one_doors.home.code_of()
    assert "勾" in clerk.act(KEY, {"password": PASSWORD, "code": code}).error_at("sure")
    assert clerk.act(KEY, {"password": "guess-guess", "code": code, "sure": "yes"}).error_at("code")
    assert clerk.act(KEY, {"password": PASSWORD, "code": "000000", "sure": "yes"}).error_at("code")
    assert find(one_doors, CLUE).public_key == before


def test_the_sheet_from_the_safe_takes_two_people_and_is_replaced(doors: Doors) -> None:
    filed = doors.report(SEALED)
    sheet = doors.home.recovery_key
    lost, leader = doors.sign_in(CLUE), doors.sign_in(LEADER)
    assert "没有人提出" in leader.get(RECOVERY).text
    words, _ = make_key(lost)
    ident = find(doors, CLUE).id
    assert leader.act(f"{RECOVERY}/{ident}", {"sheet": sheet}).status == 409
    assert "提出来了" in lost.act("/console/account/recovery").text
    assert "沈知棠" in leader.get(RECOVERY).text
    assert lost.act(f"{RECOVERY}/{ident}", {"sheet": sheet}).status == 409
    wrong = leader.act(f"{RECOVERY}/{ident}", {"sheet": to_printable(generate_key_pair().private)})
    assert "对不上" in wrong.error_at(f"sheet-{ident}")
    page = leader.act(f"{RECOVERY}/{ident}", {"sheet": sheet.lower().replace("-", " "), "renew": "yes"})
    assert "沈知棠进来了" in page.text
    new = page.tree.xpath("string(//*[@id='sheet'])")
    assert "购物卡" not in page.text
    assert lost.act("/console/sealed/unlock", {"passphrase": words}).path == "/console/sealed"
    assert "购物卡" in lost.get(f"/console/sealed/{filed.case_id}").text
    make_key(lost)
    lost.act("/console/account/recovery")
    assert leader.act(f"{RECOVERY}/{ident}", {"sheet": sheet}).error_at(f"sheet-{ident}")
    assert "进来了" in leader.act(f"{RECOVERY}/{ident}", {"sheet": new}).text
    with doors.home.house.store.read() as session:
        told = [
            (entry.actor_id, entry.details.get("change"))
            for entry in session.scalars(select(LedgerEntry).where(LedgerEntry.verb == "ring_changed"))
        ]
    leaders = find(doors, LEADER).id
    assert told == [(leaders, "recovered"), (leaders, "renewed"), (leaders, "recovered")]


def test_a_request_for_the_sheet_is_good_for_a_day(one_doors: Doors) -> None:
    lost = one_doors.sign_in(CLUE)
    make_key(lost)
    lost.act("/console/account/recovery")
    one_doors.home.clock.turn(days=1, minutes=1)
    leader = one_doors.sign_in(LEADER)
    assert "没有人提出" in leader.get(RECOVERY).text
    form = {"sheet": one_doors.home.recovery_key}
    assert leader.act(f"{RECOVERY}/{find(one_doors, CLUE).id}", form).status == 409


@pytest.mark.parametrize("person", [ADMINISTRATOR, HANDLER, DISPATCHER], ids=lambda person: person.username)
def test_the_administrator_and_strangers_never_type_the_sheet(one_doors: Doors, person: Person) -> None:
    clerk = one_doors.sign_in(person)
    assert clerk.get(RECOVERY).status == 403
    assert clerk.act(f"{RECOVERY}/nobody", {"sheet": one_doors.home.recovery_key}).status == 403
