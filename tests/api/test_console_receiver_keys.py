"""The page of the receivers' keys: a clue officer types in what he heard; before that nothing is sealed to them."""

import hashlib

import pyrage
from sqlalchemy import select

from casework.ledger import SYSTEM, by_officer
from casework.models.people import Body, Officer
from casework.pins import short_print
from casework.receiverkeys import set_body_key
from casework.rings import give_key_pair
from tests.api.houses import ADMINISTRATOR, CLUE, DISPATCHER, LEADER, LIGHT, NOW, OTHER_CLUE
from tests.api.test_console_pickups import ORGAN, draft, hire
from tests.api.visitors import Doors

HERE = "/console/ring/receivers"
HEAR = f"{HERE}/body/discipline"
KEY, OTHER_KEY = (str(pyrage.x25519.Identity.generate().to_public()) for _ in range(2))
NUMBER = {"number": "〔2026〕1号"}


def give(doors: Doors, key: str = KEY) -> None:
    with doors.home.house.store.write() as session:
        admin = session.scalars(select(Officer).where(Officer.username == ADMINISTRATOR.username)).one()
        set_body_key(session, session.get_one(Body, "discipline"), key, by=by_officer(admin), now=NOW)


def read_out(key: str) -> dict[str, str]:
    """What the body reads on the telephone, in groups of four."""
    signs = hashlib.sha256(key.encode()).hexdigest()[:16]
    return {"fingerprint": " ".join(signs[start : start + 4] for start in range(0, 16, 4))}


def test_a_package_waits_until_a_clue_officer_heard_the_fingerprint(one_doors: Doors) -> None:
    give(one_doors)
    _filed, path = draft(one_doors)
    other = one_doors.sign_in(OTHER_CLUE)
    other.unlock()
    other.act(f"{path}/issue", NUMBER | {"methods": "package"})
    refused = other.client.post(f"{path}/package", data=other.get(path).form(f"{path}/package"))
    assert refused.status_code == 422
    assert "还没有第二个人核对" in refused.text
    assert read_out(KEY)["fingerprint"] not in other.get(HERE).text
    wrong = other.act(HEAR, read_out(OTHER_KEY))
    assert "对不上" in wrong.error_at("body-discipline")
    done = other.act(HEAR, read_out(KEY))
    assert "对上了" in done.text
    assert read_out(KEY)["fingerprint"] in done.text
    assert other.client.post(f"{path}/package", data=other.get(path).form(f"{path}/package")).status_code == 200


def test_an_account_of_the_organ_gets_no_letter_before_its_voice_was_heard(one_doors: Doors) -> None:
    hire(one_doors, ORGAN, key=False)
    with one_doors.home.house.store.write() as session:
        officer = session.scalars(select(Officer).where(Officer.username == ORGAN.username)).one()
        give_key_pair(session, officer, strength=LIGHT, by=SYSTEM, now=NOW)
        ident, digits = officer.id, short_print(officer.public_key or b"")
    _filed, path = draft(one_doors)
    other = one_doors.sign_in(OTHER_CLUE)
    other.unlock()
    refused = other.act(f"{path}/issue", NUMBER | {"methods": "pickup"})
    assert "还没有人核对" in refused.error_at("methods")
    assert other.act(f"{HERE}/officer/{ident}", {"fingerprint": "1" * 16}).status == 422
    assert "对上了" in other.act(f"{HERE}/officer/{ident}", {"fingerprint": digits}).text
    assert "签发了" in other.act(f"{path}/issue", NUMBER | {"methods": "pickup"}).text


def test_who_is_outside_the_ring_hears_nothing_and_others_have_no_such_page(one_doors: Doors) -> None:
    give(one_doors)
    dispatcher = one_doors.sign_in(DISPATCHER)
    assert "要密件库里的人来听" in dispatcher.get(HERE).text
    assert dispatcher.act(HEAR, read_out(KEY)).status == 422
    assert one_doors.sign_in(LEADER).get(HERE).status == 403
    assert "锁着" in one_doors.sign_in(CLUE).act(HEAR, read_out(KEY)).text


def test_a_changed_key_is_red_on_the_page_and_at_the_door(one_doors: Doors) -> None:
    give(one_doors)
    clerk = one_doors.sign_in(CLUE)
    clerk.unlock()
    clerk.act(HEAR, read_out(KEY))
    clerk.act("/console/sealed/lock", {})
    give(one_doors, OTHER_KEY)
    assert "材料包公钥换过" in clerk.get(HERE).text
    door = clerk.unlock()
    assert door.status == 409
    assert "的材料包公钥" in door.text
    assert read_out(OTHER_KEY)["fingerprint"] in door.text


def test_a_key_entered_by_nobody_known_waits_for_one_who_signs_for_it(one_doors: Doors) -> None:
    with one_doors.home.house.store.write() as session:
        set_body_key(session, session.get_one(Body, "discipline"), KEY, by=SYSTEM, now=NOW)
    clerk = one_doors.sign_in(CLUE)
    clerk.unlock()
    assert "不知道这把公钥是谁登记的" in clerk.act(HEAR, read_out(KEY)).text
    give(one_doors)
    assert "对上了" in clerk.act(HEAR, read_out(KEY)).text
