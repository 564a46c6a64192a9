"""What is added to the sealed part may follow to the open one: by two, at a later moment, tested like any words."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import InvalidField, NotAllowed
from casework.models import Attachment, Case, Exclusion, Message, Officer
from casework.models.people import OfficerTie
from casework.rings import officer_private_key, ring_private_key
from casework.sealing import SealedContent, read_sealed_case
from casework.store import Store
from casework.types import AttachmentKind, Channel
from intake.addedwords import is_same, list_added
from intake.attachments import keep_attachment, open_copy, open_original, read_proof
from intake.models import HeldPart
from intake.releasing import ask_release, list_proposals
from intake.reporters import list_reports
from intake.reports import amend_report
from intake.resealing import seal_by_hand
from intake.types import Filed
from tests.casework.people import NOW
from tests.intake.desk import a_draft
from tests.intake.files import a_picture
from tests.intake.parted import LATER, House, a_parting_house
from tests.intake.test_parts_by_hand import REASON, clue_officer, release

PORRIDGE = "今天的粥还是馊的。"


@pytest.fixture
def house(store: Store) -> House:
    return a_parting_house(store)


def add(house: House, filed: Filed, text: str) -> None:
    """What he says in his chat after filing."""
    with house.store.write() as session:
        amend_report(session, filed.case_id, a_draft(text, channel=Channel.WECHAT), desk=house.desk, now=LATER)


def read(session: Session, house: House, filed: Filed, by: int = 0) -> SealedContent:
    signed = clue_officer(session, house, by)
    return read_sealed_case(
        session, signed.officer, officer_private_key(signed, f"token-{by}"), filed.case_id, now=LATER
    )


def propose(house: House, filed: Filed, *added: str, **more: Any) -> str:
    with house.store.write() as session:
        ids = [each.id for each in list_added(session, read(session, house, filed)) if each.text in added]
        signed = clue_officer(session, house, 0)
        ask_release(session, signed, "token-0", filed.case_id, (), REASON, added=ids, now=LATER)
        opened = read(session, house, filed)
        return list_proposals(session, opened, now=LATER)[-1].item_id


def words_of(house: House, case_id: str) -> list[str | None]:
    with house.store.read() as session:
        return list(session.scalars(select(Message.text).where(Message.case_id == case_id)))


def test_words_of_a_chat_follow_to_the_open_part_at_a_later_moment(house: House) -> None:
    filed, part_id = house.part()
    add(house, filed, PORRIDGE)
    release(house, filed, propose(house, filed, PORRIDGE), now=LATER)
    assert words_of(house, part_id) == []
    assert house.open_parts(LATER) == 0
    assert house.open_parts(LATER + (LATER - NOW)) == 1
    assert words_of(house, part_id) == [PORRIDGE]
    with house.store.read() as session:
        assert len(list_reports(session, part_id)) == 1
        assert session.scalars(select(HeldPart)).all() == []
    with house.store.write() as session:
        assert len(list_added(session, read(session, house, filed))) == 1


def test_their_original_is_tested_and_only_masked_words_rest(house: House) -> None:
    filed, part_id = house.part()
    with house.store.write() as session:
        officer = session.scalars(select(Officer).where(Officer.name == "周建禾")).one()
        session.add(OfficerTie(officer_id=officer.id, name="芮秋禾", relation="表弟"))
        officer_id = officer.id
    add(house, filed, f"我叫芮秋禾，{PORRIDGE}")
    masked = f"我叫▇▇▇，{PORRIDGE}"
    release(house, filed, propose(house, filed, masked), now=LATER)
    with house.store.read() as session:
        row = session.scalars(select(HeldPart)).one()
        assert "芮秋禾" not in house.desk.secrets.decrypt("held_part", row.content, row.id.encode()).decode()
    house.open_parts(LATER + (LATER - NOW))
    assert words_of(house, part_id) == [masked]
    with house.store.read() as session:
        assert len(list_reports(session, part_id)) == 2
        kept_out = session.scalars(select(Exclusion.officer_id).where(Exclusion.case_id == part_id)).all()
    assert officer_id in kept_out


def test_what_would_be_sealed_itself_does_not_follow(house: House) -> None:
    filed, _ = house.part()
    grave = "院长崔广田又把护理补贴装自己口袋了。"
    add(house, filed, grave)
    with pytest.raises(InvalidField, match="still_sealing"):
        release(house, filed, propose(house, filed, grave), now=LATER)


def test_nobody_lets_words_over_alone(house: House) -> None:
    filed, _ = house.part()
    add(house, filed, PORRIDGE)
    with pytest.raises(NotAllowed, match="second_person"):
        release(house, filed, propose(house, filed, PORRIDGE), by=0, now=LATER)


def test_before_the_open_part_stands_there_is_nowhere_to_go(house: House) -> None:
    filed = house.file()
    add(house, filed, PORRIDGE)
    with pytest.raises(InvalidField, match="no_open_part"):
        propose(house, filed, PORRIDGE)


def test_an_open_part_that_was_sealed_meanwhile_gets_nothing(house: House) -> None:
    filed, part_id = house.part()
    add(house, filed, PORRIDGE)
    release(house, filed, propose(house, filed, PORRIDGE), now=LATER)
    with house.store.write() as session:
        officer = session.scalars(select(Officer).where(Officer.name == "周建禾")).one()
        seal_by_hand(session, officer, part_id, office=house.desk.office, secrets=house.desk.secrets, now=LATER)
    assert house.open_parts(LATER + (LATER - NOW)) == 0
    assert words_of(house, part_id) == []


def test_words_are_known_again_though_some_are_masked() -> None:
    assert is_same("打我154", "打我▇▇▇")
    assert not is_same("打我154", "打他▇▇▇")
    assert not is_same("打我154", "打我▇▇")


def test_a_file_follows_encrypted_anew_and_its_original_is_the_same(house: House) -> None:
    filed, part_id = house.part()
    picture = a_picture((300, 200))
    with house.store.write() as session:
        sealed = session.get_one(Case, filed.case_id)
        kept = keep_attachment(session, sealed, data=picture, secrets=house.desk.secrets, now=LATER)
        first, before = kept.id, (kept.original, kept.copy, kept.thumbnail)
    with house.store.write() as session:
        signed = clue_officer(session, house, 0)
        ask_release(session, signed, "token-0", filed.case_id, (), REASON, added=[first], now=LATER)
        item_id = list_proposals(session, read(session, house, filed), now=LATER)[-1].item_id
    release(house, filed, item_id, now=LATER)
    assert house.open_parts(LATER + (LATER - NOW)) == 1
    assert words_of(house, part_id) == ["（发来1份照片、录音或文件）"]
    with house.store.write() as session:
        row = session.scalars(select(Attachment).where(Attachment.case_id == part_id)).one()
        assert (row.id == first, row.sealed, row.kind) == (False, False, AttachmentKind.PICTURE)
        assert not {row.original, row.copy, row.thumbnail} & set(before)
        assert open_copy(row, secrets=house.desk.secrets).media_type == "image/jpeg"
        signed = clue_officer(session, house, 0)
        ring = ring_private_key(session, signed.officer, officer_private_key(signed, "token-0"), row.ring_id)
        assert open_original(row, ring).data == picture
        assert read_proof(session, row, ring)["commitment"]
        assert words_of(house, filed.case_id) == []
