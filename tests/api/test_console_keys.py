"""The door of the vault: own keys first, a red page where a key was changed, a new sheet printed by the officers."""

from sqlalchemy import update

from casework.ledger import SYSTEM
from casework.models.people import Officer
from casework.models.secrecy import RecoveryKey
from casework.pins import is_starting
from casework.rings import give_key_pair
from casework.vault import generate_key_pair
from tests.api.houses import CLUE, HANDLER, LIGHT, NOW, OTHER_CLUE
from tests.api.test_console_ring import find, open_vault
from tests.api.visitors import Doors

START, SHEET, ROOM = "/console/account/start", "/console/ring/sheet", "/console/sealed"
SEALED = "麦陇镇民政办副主任鲁守田收了敬老院三千元购物卡，就不去检查了。"
THIEF = generate_key_pair()


def test_a_swapped_recovery_key_stands_on_every_page_of_a_clue_officer_and_at_the_door(one_doors: Doors) -> None:
    clerk, handler = one_doors.sign_in(CLUE), one_doors.sign_in(HANDLER)
    clerk.unlock()
    assert "钥匙被人动过" not in clerk.get("/console/").text
    with one_doors.home.house.store.write() as session:
        session.execute(update(RecoveryKey).values(public_key=THIEF.public))
    filed = one_doors.report(SEALED)
    assert "密件库的钥匙被人动过" in clerk.get("/console/").text
    assert "恢复钥匙和台账里登记的不一样" in clerk.get("/console/ring").text
    assert "钥匙被人动过" not in handler.get("/console/").text
    assert "购物卡" in clerk.get(f"{ROOM}/{filed.case_id}").text
    other = one_doors.sign_in(OTHER_CLUE)
    page = other.unlock()
    assert page.status == 409
    assert "和您上次确认的不一样" in page.text
    assert "恢复钥匙（保险柜里那一张）" in page.text


def test_a_colleagues_new_key_has_to_be_confirmed_before_the_vault_opens(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(CLUE)
    open_vault(clerk)
    clerk.act(f"{ROOM}/lock", {})
    with one_doors.home.house.store.write() as session:
        other = session.get_one(Officer, find(one_doors, OTHER_CLUE).id)
        give_key_pair(session, other, strength=LIGHT, by=SYSTEM, now=NOW)
    words = one_doors.home.passphrases[CLUE.username]
    page = open_vault(clerk)
    assert page.status == 409
    assert f"{OTHER_CLUE.name}的钥匙" in page.text
    assert find(one_doors, CLUE).trust_note is not None
    assert "先打开您自己的密件库" in clerk.get(SHEET).text
    form = page.form("/console/ring/unlock")
    assert clerk.post("/console/ring/unlock", form | {"passphrase": words, "seen": "0" * 64}).status == 409
    clerk.post("/console/ring/unlock", form | {"passphrase": words})
    assert "您的密件库开着" in clerk.get("/console/ring").text


def test_starting_words_open_only_the_step_to_an_own_key(one_doors: Doors) -> None:
    with one_doors.home.house.store.write() as session:
        officer = session.get_one(Officer, find(one_doors, CLUE).id)
        words = give_key_pair(session, officer, strength=LIGHT, starting=True, by=SYSTEM, now=NOW)
    clerk = one_doors.sign_in(CLUE)
    page = clerk.get(ROOM)
    assert page.path == START
    assert open_vault(clerk, words).path == START
    form = page.form(START)
    offered = page.tree.xpath("string(//*[@id='offered'])")
    wrong = clerk.post(START, form | {"old": "不是这些词", "words": offered})
    assert "不是管理员给的" in wrong.error_at("old")
    assert "您自己的钥匙做好了" in clerk.post(START, form | {"old": words, "words": offered}).text
    with one_doors.home.house.store.read() as session:
        assert not is_starting(session, officer.id)
    assert clerk.get(START).path == "/console/account"
    door = f"{ROOM}/unlock"
    assert "口令不对" in clerk.act(door, {"passphrase": words}).error_at("passphrase")
    assert clerk.act(door, {"passphrase": offered}).path == ROOM


def test_the_first_sheet_is_a_task_in_the_sealed_room_until_the_officers_printed_their_own(one_doors: Doors) -> None:
    clerk = one_doors.sign_in(CLUE)
    clerk.unlock()
    assert "换一张新的" in clerk.get(ROOM).text
    wrong = clerk.act(SHEET, {"sheet": "AAAA-BBBB"})
    assert wrong.status == 422
    assert "对不上" in wrong.error_at("sheet")
    made = clerk.act(SHEET, {"sheet": one_doors.home.recovery_key})
    new = made.tree.xpath("string(//*[@id='sheet'])")
    assert made.status == 200
    assert new
    assert "头一天的事" not in clerk.get(ROOM).text
    assert clerk.act(SHEET, {"sheet": one_doors.home.recovery_key}).status == 422
    assert clerk.act(SHEET, {"sheet": new}).status == 200
    clerk.act(f"{ROOM}/lock", {})
    assert clerk.unlock().path == ROOM


def test_only_clue_officers_print_a_sheet(one_doors: Doors) -> None:
    handler = one_doors.sign_in(HANDLER)
    assert handler.get(SHEET).status == 403
    assert handler.act(SHEET, {"sheet": one_doors.home.recovery_key}).status == 403
