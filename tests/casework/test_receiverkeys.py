"""Keys of receivers: nothing is locked to one before another of the ring has heard its fingerprint from its owner."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import pyrage
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from api.keyfaults import say_fault, say_unheard
from casework.errors import InvalidField, NotAllowed, NotFound, VaultLocked
from casework.ledger import SYSTEM, by_officer
from casework.models import Body, Officer
from casework.pins import PinKind, find_faults, short_print
from casework.receiverkeys import (
    confirm_body_key,
    confirm_receiver,
    find_age_key,
    find_body_key,
    heard_since,
    list_body_keys,
    list_receiver_keys,
    receiver_key,
    require_age_key,
    set_body_key,
)
from casework.rings import officer_private_key
from casework.signins import Signed
from casework.staffing import Placement, reassign_officer
from casework.store import Store
from casework.trust import compare_keys, keep_trust
from casework.types import Role
from casework.vault import generate_key_pair
from tests.casework.handovers import heard
from tests.casework.people import NOW, an_officer
from tests.intake.desk import a_house, sign_in, sign_in_open

LATER = NOW + timedelta(days=1)
KEY, OTHER_KEY = (str(pyrage.x25519.Identity.generate().to_public()) for _ in range(2))


@dataclass
class Ringing:
    """A clue officer with his vault open, and the discipline organ with a key."""

    first: Officer
    second: Officer
    signed: Signed
    organ: Body

    def hear(self, session: Session, typed: str) -> None:
        confirm_body_key(session, "discipline", typed, signed=self.signed, token="first", now=NOW)

    def private(self) -> bytes:
        return officer_private_key(self.signed, "first")


def ringing(session: Session, key: str = KEY) -> Ringing:
    (first, second), sheet = a_house(session, "宁致远", "沈知棠")
    organ = session.get_one(Body, "discipline")
    set_body_key(session, organ, key, by=by_officer(second), now=NOW)
    return Ringing(first, second, sign_in_open(session, first, sheet, "first"), organ)


def read_out(key: str) -> str:
    """What the body reads: the first sixteen signs that `sha256sum` prints of its key."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def test_nothing_is_locked_to_a_key_that_nobody_heard(store: Store) -> None:
    with store.write() as session:
        desk = ringing(session)
        assert find_age_key(session, desk.organ) is None
        with pytest.raises(InvalidField, match="key_not_heard"):
            require_age_key(session, desk.organ)
        desk.hear(session, read_out(KEY).upper())
        assert require_age_key(session, desk.organ) == KEY
        assert [(each.heard_by, each.digits.replace(" ", "")) for each in list_body_keys(session)] == [
            ("宁致远", read_out(KEY))
        ]


@pytest.mark.parametrize(
    "typed",
    ["", "0000 0000 0000 0000", read_out(OTHER_KEY), read_out(KEY)[:12]],
    ids=["nothing", "zeros", "of another key", "cut short"],
)
def test_another_fingerprint_confirms_nothing(store: Store, typed: str) -> None:
    with store.write() as session:
        desk = ringing(session)
        with pytest.raises(InvalidField, match="not_its_fingerprint"):
            desk.hear(session, typed)
        assert find_age_key(session, desk.organ) is None


def test_whoever_entered_it_and_whoever_is_outside_the_ring_does_not_hear_it(store: Store) -> None:
    with store.write() as session:
        desk = ringing(session)
        set_body_key(session, desk.organ, KEY, by=by_officer(desk.first), now=NOW)
        with pytest.raises(NotAllowed, match="second_person"):
            desk.hear(session, read_out(KEY))
        set_body_key(session, desk.organ, KEY, by=by_officer(desk.second), now=NOW)
        stranger = an_officer(session, "fresh", "外人", "clue_desk", Role.CLUE_OFFICER, keys=True)
        with pytest.raises(VaultLocked):
            confirm_body_key(
                session, "discipline", read_out(KEY), signed=sign_in(session, stranger, "x"), token="x", now=NOW
            )
        with pytest.raises(NotFound):
            confirm_body_key(session, "fire", read_out(KEY), signed=desk.signed, token="first", now=NOW)
        assert find_age_key(session, desk.organ) is None


def test_a_changed_key_is_unheard_again_and_stands_on_the_red_page(store: Store) -> None:
    with store.write() as session:
        desk = ringing(session)
        keep_trust(session, desk.first, desk.private(), now=NOW)
        desk.hear(session, read_out(KEY))
        assert compare_keys(session, desk.first, desk.private()) == ()
        set_body_key(session, desk.organ, OTHER_KEY, by=by_officer(desk.second), now=NOW)
        assert find_age_key(session, desk.organ) is None
        (change,) = compare_keys(session, desk.first, desk.private())
        assert (change.key.kind, change.key.name, change.is_new) == (PinKind.BODY, desk.organ.name, False)
        assert change.key.digits.replace(" ", "") == read_out(OTHER_KEY)
        assert find_faults(session) == []
        found = find_body_key(session, desk.organ)
        assert found is not None
        assert "换过" in say_unheard(found)


def test_a_key_swapped_in_its_row_is_a_fault_and_gets_nothing(store: Store) -> None:
    with store.write() as session:
        desk = ringing(session)
        desk.hear(session, read_out(KEY))
        keep_trust(session, desk.first, desk.private(), now=NOW)
        session.execute(update(Body).where(Body.code == "discipline").values(age_public_key=OTHER_KEY))
        session.expire_all()
        assert [say_fault(fault) for fault in find_faults(session)] == [
            "望桐县纪委监委的材料包公钥和台账里登记的不一样，台账里的那把是2026年10月8日登记的。"
        ]
        with pytest.raises(InvalidField, match="key_swapped"):
            require_age_key(session, desk.organ)
        with pytest.raises(InvalidField, match="key_swapped"):
            desk.hear(session, read_out(OTHER_KEY))
        assert [change.key.kind for change in compare_keys(session, desk.first, desk.private())] == [PinKind.BODY]


def test_a_row_that_was_never_entered_is_a_fault(store: Store) -> None:
    with store.write() as session:
        a_house(session)
        session.get_one(Body, "fire").age_public_key = KEY
        session.flush()
        assert [fault.kind for fault in find_faults(session)] == [PinKind.BODY]


def test_an_account_that_nobody_heard_gets_no_key_of_a_letter(store: Store) -> None:
    with store.write() as session:
        desk = ringing(session)
        theirs = an_officer(session, "jw1", "温如玉", "discipline", Role.RECEIVER, keys=True)
        assert receiver_key(session, theirs) is None
        assert theirs.public_key is not None
        with pytest.raises(InvalidField, match="not_his_fingerprint"):
            confirm_receiver(session, theirs.id, "1" * 16, signed=desk.signed, token="first", now=NOW)
        confirm_receiver(session, theirs.id, short_print(theirs.public_key), signed=desk.signed, token="first", now=NOW)
        assert receiver_key(session, theirs) == theirs.public_key
        assert [(each.officer.name, each.heard_by) for each in list_receiver_keys(session)] == [("温如玉", "宁致远")]
        theirs.public_key = generate_key_pair().public
        session.flush()
        assert receiver_key(session, theirs) != theirs.public_key


def test_nobody_of_the_body_hears_his_own_house(store: Store) -> None:
    with store.write() as session:
        desk = ringing(session)
        theirs = an_officer(session, "jw1", "温如玉", "clue_desk", Role.RECEIVER, keys=True)
        with pytest.raises(NotAllowed):
            confirm_receiver(
                session, theirs.id, short_print(theirs.public_key or b""), signed=desk.signed, token="first", now=NOW
            )


def test_a_key_that_nobody_in_particular_entered_is_heard_by_nobody(store: Store) -> None:
    with store.write() as session:
        desk = ringing(session)
        set_body_key(session, desk.organ, KEY, by=SYSTEM, now=NOW)
        with pytest.raises(NotAllowed, match="unknown_hand"):
            desk.hear(session, read_out(KEY))
        assert find_age_key(session, desk.organ) is None


@pytest.mark.parametrize(
    ("name", "body"),
    [("王消防", "discipline"), ("李四", "fire"), ("李四", "discipline")],
    ids=["another body", "another name", "both"],
)
def test_what_was_heard_of_him_does_not_follow_him_to_another_body_or_name(store: Store, name: str, body: str) -> None:
    with store.write() as session:
        desk = ringing(session)
        admin = an_officer(session, "admin", "管理员", "clue_desk", Role.ADMINISTRATOR)
        man = an_officer(session, "wang", "王消防", "fire", Role.RECEIVER, keys=True, post="参谋")
        digits = short_print(man.public_key or b"")
        confirm_receiver(session, man.id, digits, signed=desk.signed, token="first", now=NOW)
        assert receiver_key(session, man) == man.public_key
        there = Placement(name, "参谋", body, (Role.RECEIVER.value,))
        reassign_officer(session, man.id, there, by=admin, now=NOW)
        assert receiver_key(session, man) is None
        assert [each.heard_by for each in list_receiver_keys(session)] == [""]
        confirm_receiver(session, man.id, digits, signed=desk.signed, token="first", now=LATER)
        assert receiver_key(session, man) == man.public_key
        assert heard_since(session, man) == (NOW if body == "fire" else LATER)


def test_a_body_of_another_name_is_heard_anew(store: Store) -> None:
    with store.write() as session:
        desk = ringing(session)
        desk.hear(session, read_out(KEY))
        assert find_age_key(session, desk.organ) == KEY
        desk.organ.name = "另一家单位"
        session.flush()
        assert find_age_key(session, desk.organ) is None
        heard(session, desk.organ)
        assert find_age_key(session, desk.organ) == KEY
