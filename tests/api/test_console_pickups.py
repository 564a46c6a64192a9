"""A sealed referral picked up by the receiving body's own login: opened by his key alone, and that is its delivery."""

import io
from datetime import timedelta
from typing import Any

import pyrage
import pytest
from sqlalchemy import func, select

from casework.ledger import SYSTEM
from casework.models.ledger import LedgerEntry
from casework.models.people import Body, Officer
from casework.models.pickups import Pickup, PickupKey
from casework.models.referrals import Acknowledgement, Delivery, Referral
from casework.officers import add_officer
from casework.packing import check_package
from casework.receiverkeys import note_heard
from casework.retention import ScheduleId, load_schedules, shrink_referred
from casework.rings import give_key_pair
from casework.types import DeliveryStatus, ReferralStatus, Role
from intake.types import Filed
from tests.api.houses import CLUE, LIGHT, NOW, OTHER_CLUE, PASSWORD, RECEIVER, SEED, Person
from tests.api.visitors import Clerk, Doors
from tests.casework.handovers import give_body_key, heard

SEALED = "麦陇镇民政办副主任鲁守田收了敬老院三千元购物卡，就不去检查了。"
ORGAN = Person("yu", "尉清源", "discipline", (Role.RECEIVER,), "案件监督管理室干部")
FIREMAN = Person("mole", "王消防", "fire", (Role.RECEIVER,), "参谋")
OTHER = Person("ji", "季怀远", "discipline", (Role.RECEIVER,), "案件监督管理室干部")
LIST = "/console/received"
KEY = pyrage.x25519.Identity.generate()


def hire(doors: Doors, person: Person, *, key: bool = True, voice: bool = True) -> str:
    """Somebody of the organ, with a key of his own whose fingerprint was heard; gives his words."""
    house = doors.home.house
    with house.store.write() as session:
        officer = add_officer(
            session,
            username=person.username,
            name=person.name,
            body_code=person.body,
            roles=person.roles,
            password=PASSWORD,
            post=person.post,
            totp_secret=house.lock_second_factor(SEED),
            by=SYSTEM,
            now=NOW,
        )
        if not key:
            return ""
        words = give_key_pair(session, officer, strength=LIGHT, by=SYSTEM, now=NOW)
        if voice:
            heard(session, officer)
        return words


def give_age_key(doors: Doors) -> None:
    with doors.home.house.store.write() as session:
        give_body_key(session, session.get_one(Body, "discipline"), str(KEY.to_public()))


def draft(doors: Doors) -> tuple[Filed, str]:
    filed = doors.report(SEALED)
    clerk = doors.sign_in(CLUE)
    clerk.unlock()
    return filed, clerk.act(f"/console/sealed/{filed.case_id}/refer", {"body": "discipline"}).path


def issue(doors: Doors) -> str:
    """A sealed referral signed out to be picked up; gives its address at our own desk."""
    _filed, path = draft(doors)
    other = doors.sign_in(OTHER_CLUE)
    other.unlock()
    page = other.act(f"{path}/issue", {"number": "〔2026〕1号", "methods": "pickup"})
    assert "签发了" in page.text, page.text
    return path


def one(doors: Doors, model: Any) -> Any:
    with doors.home.house.store.read() as session:
        found = session.scalars(select(model)).one()
        session.expunge_all()
    return found


def letter(doors: Doors) -> str:
    return f"{LIST}/{one(doors, Referral).id}"


def open_room(clerk: Clerk, path: str, words: str) -> Any:
    return clerk.act(f"{path}/unlock", {"passphrase": words})


def test_his_own_words_open_it_and_taking_a_paper_is_its_delivery(doors: Doors) -> None:
    words = hire(doors, ORGAN)
    desk = issue(doors)
    clerk, path = doors.sign_in(ORGAN), letter(doors)
    assert path in clerk.get(LIST).links
    locked = clerk.get(path)
    assert "鲁守田" not in locked.text
    assert not [link for link in locked.links if "/sealed/" in link]
    assert one(doors, Delivery).status is DeliveryStatus.QUEUED
    page = open_room(clerk, path, words)
    pdf = next(link for link in page.links if "/sealed/" in link)
    assert clerk.client.get(pdf).content.startswith(b"%PDF")
    assert one(doors, Delivery).status is DeliveryStatus.SENT
    assert one(doors, Referral).status is ReferralStatus.DELIVERED
    with doors.home.house.store.read() as session:
        told = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == "picked_up")).one()
    assert told.details == {"method": "pickup", "what": "1-letter.pdf"}
    other = doors.sign_in(OTHER_CLUE)
    other.unlock()
    assert "尉清源" in other.get(desk).text


def test_the_same_row_takes_the_answer_and_the_class_of_disposal(doors: Doors) -> None:
    words = hire(doors, ORGAN)
    issue(doors)
    clerk, path = doors.sign_in(ORGAN), letter(doors)
    open_room(clerk, path, words)
    assert "回执登记了" in clerk.act(f"{path}/acknowledge", {"decision": "taken", "receiver": "尉清源"}).text
    assert clerk.act(f"{path}/result", {"text": "写了也不留"}).status == 422
    assert "反馈记下了" in clerk.act(f"{path}/result", {"disposal": "preliminary_check"}).text
    answer = one(doors, Acknowledgement)
    assert (answer.receiver, answer.result) == ("望桐县纪委监委案件监督管理室 尉清源", "")


def test_wrong_words_open_nothing(one_doors: Doors) -> None:
    hire(one_doors, ORGAN)
    issue(one_doors)
    clerk, path = one_doors.sign_in(ORGAN), letter(one_doors)
    page = open_room(clerk, path, "不是-这些-词")
    assert page.status == 422
    assert page.error_at("passphrase")
    assert clerk.get(f"{path}/sealed/0").status == 423
    assert one(one_doors, Delivery).status is DeliveryStatus.QUEUED


def test_nobody_else_finds_it(one_doors: Doors) -> None:
    hire(one_doors, ORGAN)
    issue(one_doors)
    path = letter(one_doors)
    hire(one_doors, OTHER)
    for person in (OTHER, RECEIVER):
        clerk = one_doors.sign_in(person)
        assert path not in clerk.get(LIST).links
        for page in (path, f"{path}/sealed/0", f"{path}/package"):
            assert clerk.get(page).status == 404
        assert clerk.act(f"{path}/acknowledge", {"decision": "taken"}).status == 404
        assert open_room(clerk, path, "a-b").status == 404


def test_who_came_later_is_let_in_by_making_it_ready_again(one_doors: Doors) -> None:
    hire(one_doors, ORGAN)
    desk = issue(one_doors)
    words = hire(one_doors, OTHER)
    clue = one_doors.sign_in(OTHER_CLUE)
    clue.unlock()
    assert "备好了" in clue.act(f"{desk}/pickup", {}).text
    clerk = one_doors.sign_in(OTHER)
    page = open_room(clerk, letter(one_doors), words)
    assert [link for link in page.links if "/sealed/" in link]


def test_without_anybody_who_could_open_it_it_is_not_signed_out(one_doors: Doors) -> None:
    hire(one_doors, ORGAN, key=False)
    _filed, path = draft(one_doors)
    other = one_doors.sign_in(OTHER_CLUE)
    other.unlock()
    page = other.act(f"{path}/issue", {"number": "〔2026〕1号", "methods": "pickup"})
    assert page.status == 422
    assert page.error_at("methods") == "对方还没有能登录取件的人，换一种送法。"
    assert one(one_doors, Referral).status is ReferralStatus.DRAFTED


def test_the_age_package_is_taken_by_one_whose_voice_was_heard(one_doors: Doors) -> None:
    give_age_key(one_doors)
    hire(one_doors, ORGAN)
    issue(one_doors)
    clerk, path = one_doors.sign_in(ORGAN), letter(one_doors)
    page = clerk.get(path)
    assert f"{path}/package" in page.links
    locked = clerk.client.get(f"{path}/package").content
    manifest = check_package(pyrage.decrypt(locked, [KEY]), fingerprint=one(one_doors, Pickup).fingerprint)
    assert manifest["number"] == "望民线函〔2026〕1号"
    assert one(one_doors, Delivery).status is DeliveryStatus.SENT


def test_an_age_key_alone_lets_no_account_pick_up_that_nobody_heard(one_doors: Doors) -> None:
    give_age_key(one_doors)
    hire(one_doors, ORGAN, key=False)
    _filed, path = draft(one_doors)
    other = one_doors.sign_in(OTHER_CLUE)
    other.unlock()
    page = other.act(f"{path}/issue", {"number": "〔2026〕1号", "methods": "pickup"})
    assert page.error_at("methods") == "对方还没有能登录取件的人，换一种送法。"


@pytest.mark.parametrize("key", [False, True], ids=["no key", "a key nobody heard"])
def test_an_account_that_nobody_heard_knows_nothing_of_a_letter_to_its_body(one_doors: Doors, *, key: bool) -> None:
    give_age_key(one_doors)
    hire(one_doors, ORGAN)
    hire(one_doors, OTHER, key=key, voice=False)
    issue(one_doors)
    fake, path = one_doors.sign_in(OTHER), letter(one_doors)
    with one_doors.home.house.store.write() as session:  # not even where somebody slips a row in
        ident = session.scalars(select(Officer.id).where(Officer.username == OTHER.username)).one()
        assert session.scalar(select(PickupKey.id).where(PickupKey.officer_id == ident)) is None
        session.add(PickupKey(pickup_id=session.scalars(select(Pickup.id)).one(), officer_id=ident, wrapped_key=b"x"))
    assert path not in fake.get(LIST).links
    assert fake.get(path).status == 404
    assert fake.client.get(f"{path}/package").status_code == 404
    posted = {"decision": "taken", "receiver": "尉清源", "disposal": "preliminary_check", "csrf": fake.csrf}
    for act in ("acknowledge", "result"):
        assert fake.client.post(f"{path}/{act}", data=posted).status_code == 404
    assert one(one_doors, Delivery).status is DeliveryStatus.QUEUED
    assert one(one_doors, Referral).status is ReferralStatus.ISSUED


def test_who_was_heard_at_another_body_opens_nothing_after_he_was_moved_here(one_doors: Doors) -> None:
    hire(one_doors, ORGAN)
    hire(one_doors, FIREMAN)
    with one_doors.home.house.store.write() as session:
        theirs = session.scalars(select(Officer).where(Officer.username == FIREMAN.username)).one()
        theirs.body_code = "discipline"
    issue(one_doors)
    assert letter(one_doors) not in one_doors.sign_in(FIREMAN).get(LIST).links
    with one_doors.home.house.store.read() as session:
        assert session.scalar(select(func.count()).select_from(PickupKey)) == 1


def test_who_was_moved_away_finds_the_letters_of_his_former_body_no_more(one_doors: Doors) -> None:
    hire(one_doors, ORGAN)
    issue(one_doors)
    clerk, path = one_doors.sign_in(ORGAN), letter(one_doors)
    assert clerk.get(path).status == 200
    for at in (NOW, NOW + timedelta(days=1)):
        with one_doors.home.house.store.write() as session:
            theirs = session.scalars(select(Officer).where(Officer.username == ORGAN.username)).one()
            theirs.body_code = "fire"
            if at != NOW:  # heard at his new body, that makes the old letters no more his
                note_heard(session, theirs, by=theirs, now=at)
        assert clerk.get(path).status == 404


def test_one_of_the_organ_whom_the_report_names_gets_no_key(one_doors: Doors) -> None:
    named = Person("lus", "鲁守田", "discipline", (Role.RECEIVER,), "干部")
    hire(one_doors, ORGAN)
    hire(one_doors, named)
    issue(one_doors)
    assert letter(one_doors) not in one_doors.sign_in(named).get(LIST).links
    with one_doors.home.house.store.read() as session:
        assert session.scalar(select(func.count()).select_from(PickupKey)) == 1


@pytest.mark.parametrize("act", ["cancel", "shrink"])
def test_nothing_of_it_stays_after_it_was_withdrawn_or_its_time_is_over(one_doors: Doors, act: str) -> None:
    words = hire(one_doors, ORGAN)
    desk = issue(one_doors)
    path = letter(one_doors)
    if act == "cancel":
        clue = one_doors.sign_in(OTHER_CLUE)
        clue.unlock()
        clue.act(f"{desk}/cancel", {"reason": "写错了"})
        assert one_doors.sign_in(ORGAN).get(path).status == 404
    else:
        clerk = one_doors.sign_in(ORGAN)
        open_room(clerk, path, words)
        clerk.act(f"{path}/acknowledge", {"decision": "taken", "receiver": "尉清源"})
        one_doors.home.clock.turn(days=31)
        with one_doors.home.house.store.write() as session:
            schedule = load_schedules()[ScheduleId.SEALED_REFERRAL]
            assert shrink_referred(session, schedule, now=one_doors.home.clock()) == 1
    with one_doors.home.house.store.read() as session:
        for model in (Pickup, PickupKey):
            assert session.scalar(select(func.count()).select_from(model)) == 0


def test_what_lies_on_disk_tells_nothing(one_doors: Doors) -> None:
    hire(one_doors, ORGAN)
    issue(one_doors)
    with one_doors.home.house.store.read() as session:
        pickup = session.scalars(select(Pickup)).one()
        keys = session.scalars(select(PickupKey)).all()
    held = io.BytesIO(pickup.ciphertext + b"".join(key.wrapped_key or b"" for key in keys)).getvalue()
    for secret in ("鲁守田", "购物卡", "PDF", "manifest"):
        assert secret.encode() not in held
