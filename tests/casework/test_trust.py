"""What an officer trusts: a key put in another's place, with an entry that says so, is seen when he opens his vault."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from casework.ledger import SYSTEM, Verb, record
from casework.models import Officer, Ring
from casework.pins import PinKind, pin_officer
from casework.recovery import current_recovery_key
from casework.rings import create_ring, current_ring, give_key_pair, list_members, unlock_key
from casework.store import Store
from casework.trust import compare_keys, digest_changes, keep_trust, trust_key
from casework.vault import generate_key_pair
from tests.casework.people import NOW
from tests.intake.desk import LIGHT, a_house

THIEF = generate_key_pair()


class House:
    """Two members; the first has confirmed what he trusts."""

    def __init__(self, session: Session) -> None:
        (self.first, self.second), sheet = a_house(session)
        self.private = unlock_key(self.first, dict(sheet.passphrases)[self.first.username])
        assert compare_keys(session, self.first, self.private) == ()
        keep_trust(session, self.first, self.private, now=NOW)

    def seen(self, session: Session) -> list[tuple[PinKind, bool, bool]]:
        session.refresh(self.first)
        return [(each.key.kind, each.is_new, each.own) for each in compare_keys(session, self.first, self.private)]


def forge(session: Session, of: str, key_id: str) -> None:
    told = {"key": key_id, "public_key": THIEF.public.hex()}
    record(session, actor=SYSTEM, verb=Verb.KEY_PINNED, subject="key", subject_id=of, details=told, now=NOW)
    session.flush()


def test_nothing_is_said_while_nothing_changed(store: Store) -> None:
    with store.write() as session:
        assert House(session).seen(session) == []


@pytest.mark.parametrize("forged", [False, True], ids=["row_alone", "with_an_entry"])
def test_a_colleagues_swapped_key_is_seen(store: Store, forged: bool) -> None:
    with store.write() as session:
        house = House(session)
        if forged:
            forge(session, f"officer-{house.second.id}", house.second.id)
        session.execute(update(Officer).where(Officer.id == house.second.id).values(public_key=THIEF.public))
        assert house.seen(session) == [(PinKind.OFFICER, False, False)]


@pytest.mark.parametrize("forged", [False, True], ids=["row_alone", "with_an_entry"])
def test_his_own_swapped_key_is_seen_as_his_own(store: Store, forged: bool) -> None:
    with store.write() as session:
        house = House(session)
        if forged:
            forge(session, f"officer-{house.first.id}", house.first.id)
        session.execute(update(Officer).where(Officer.id == house.first.id).values(public_key=THIEF.public))
        assert house.seen(session) == [(PinKind.OFFICER, False, True)]


def test_a_ring_that_somebody_put_there_with_its_entry_is_seen(store: Store) -> None:
    with store.write() as session:
        house = House(session)
        session.execute(update(Ring).values(retired_at=NOW))
        session.add(Ring(id="theirs", name="identity", generation=9, public_key=THIEF.public, created_at=NOW))
        session.flush()
        forge(session, "ring-identity", "theirs")
        assert (PinKind.RING, False, False) in house.seen(session)


def test_a_record_taken_away_is_seen_and_not_taken_for_the_first_time(store: Store) -> None:
    with store.write() as session:
        house = House(session)
        session.execute(update(Officer).where(Officer.id == house.first.id).values(trust_note=None))
        assert [kind for kind, is_new, _ in house.seen(session) if is_new] == [
            PinKind.RECOVERY,
            PinKind.RING,
            PinKind.OFFICER,
        ]


def test_his_own_key_said_once_more_does_not_make_a_taken_record_the_first_time(store: Store) -> None:
    with store.write() as session:
        house = House(session)
        pin_officer(session, house.first, by=SYSTEM, now=NOW)
        session.execute(update(Officer).where(Officer.id == house.first.id).values(trust_note=None))
        assert [kind for kind, is_new, _ in house.seen(session) if is_new] == [
            PinKind.RECOVERY,
            PinKind.RING,
            PinKind.OFFICER,
        ]


def test_a_record_that_another_wrote_is_no_record(store: Store) -> None:
    with store.write() as session:
        house = House(session)
        session.execute(update(Officer).where(Officer.id == house.first.id).values(trust_note=b"\x01" + b"x" * 60))
        assert len(house.seen(session)) == 3


def test_what_he_confirmed_is_said_no_more(store: Store) -> None:
    with store.write() as session:
        house = House(session)
        give_key_pair(session, house.second, strength=LIGHT, by=SYSTEM, now=NOW)
        changes = compare_keys(session, house.first, house.private)
        assert [each.key.name for each in changes] == [house.second.name]
        give_key_pair(session, house.second, strength=LIGHT, by=SYSTEM, now=NOW)
        assert digest_changes(changes) != digest_changes(compare_keys(session, house.first, house.private))
        keep_trust(session, house.first, house.private, now=NOW)
        assert house.seen(session) == []


def test_one_key_he_heard_himself_confirms_no_other(store: Store) -> None:
    with store.write() as session:
        house = House(session)
        give_key_pair(session, house.second, strength=LIGHT, by=SYSTEM, now=NOW)
        members = list_members(session, current_ring(session)) or [house.first]
        create_ring(session, "identity", members, recovery=current_recovery_key(session), now=NOW)
        trust_key(session, house.first, house.private, house.second.id, now=NOW)
        assert house.seen(session) == [(PinKind.RING, False, False)]
