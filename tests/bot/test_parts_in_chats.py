"""A report in parts in a chat: whatever is told or sent after it goes to the sealed part, and only two let it out."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.frontdesk import build_front_desk
from casework.models import Attachment, Case
from casework.parting import split_sentences
from casework.store import Store
from intake.attachments import prepare_attachment
from intake.models import HeldPart, Report
from intake.partsealing import seal_sentences
from tests.bot.desk import Person
from tests.casework.people import NOW
from tests.intake import files
from tests.intake.parted import FOOD, LATER, MONEY, House, a_parting_house
from tests.intake.test_parts_by_hand import MONEY as BEDS
from tests.intake.test_parts_by_hand import clue_officer

AGAIN = "他昨天又来要钱了。"
SOON = NOW + timedelta(hours=3)


@pytest.fixture
def house(store: Store) -> House:
    return a_parting_house(store)


def told(house: House, story: str) -> Person:
    """A report filed in a chat."""
    person = Person(house.store, build_front_desk(house.desk))
    assert person.tell(story, "1", "对").receipt_code
    return person


def kept_at(house: House, *, sealed: bool) -> tuple[int, int]:
    """How many reports and files the sealed case has, or the open one."""
    with house.store.read() as session:
        case_id = session.scalars(select(Case.id).where(Case.sealed == sealed)).one()
        reports = session.scalars(select(Report.id).where(Report.case_id == case_id)).all()
        return len(reports), len(session.scalars(select(Attachment.id).where(Attachment.case_id == case_id)).all())


def add(person: Person) -> None:
    """Words that name nobody, and a picture without any."""
    person.say(AGAIN, now=SOON)
    person.say("", now=SOON, files=(prepare_attachment(files.a_picture((60, 40))),))


def test_after_a_report_that_was_parted_at_filing(house: House) -> None:
    person = told(house, FOOD + MONEY)
    assert house.open_parts() == 1
    before, open_before = kept_at(house, sealed=True), kept_at(house, sealed=False)
    add(person)
    assert kept_at(house, sealed=True) == (before[0] + 1, before[1] + 1)
    assert kept_at(house, sealed=False) == open_before


def seal_beds(house: House) -> None:
    """A clue officer seals the sentence about the beds."""
    with house.store.write() as session:
        report = session.scalars(select(Report)).one()
        session.get_one(Case, report.case_id).discipline = True
        text = report.working_text or ""
        (pick,) = [number for number, (a, b) in enumerate(split_sentences(text)) if "床位补贴" in text[a:b]]
        signed = clue_officer(session, house, 0)
        seal_sentences(session, signed, "token-0", report.id, (pick,), desk=house.desk, now=LATER)


def test_after_a_report_of_which_a_part_was_sealed_by_hand(house: House) -> None:
    person = told(house, FOOD + BEDS)
    seal_beds(house)
    before, open_before = kept_at(house, sealed=True), kept_at(house, sealed=False)
    add(person)
    assert kept_at(house, sealed=True) == (before[0] + 1, before[1] + 1)
    assert kept_at(house, sealed=False) == open_before


def test_what_leads_a_chat_over_is_gone_when_no_chat_can_go_on(house: House) -> None:
    told(house, FOOD + BEDS)
    seal_beds(house)
    with house.store.read() as session:
        assert len(session.scalars(select(HeldPart)).all()) == 1
    assert house.open_parts(LATER + timedelta(hours=26)) == 0
    with house.store.read() as session:
        assert session.scalars(select(HeldPart)).all() == []
