"""Danger to life that a later word tells: it is seen, though the word itself is sealed or may not be taken."""

from sqlalchemy import func, select

from casework.models import Case
from casework.store import Store
from casework.types import CaseKind
from intake.reports import amend_report
from intake.types import Amended, Refused
from tests.casework.people import NOW, an_office
from tests.intake.desk import SEALED_STORY, a_desk, a_draft, a_house
from tests.intake.test_reports import BOTH_KEYS, leader_story, receive
from triage.types import Urgency


def test_danger_in_an_addition_that_may_not_be_taken_opens_a_slip(store: Store):
    with store.write() as session:
        a_house(session)
        filed = receive(session, a_desk())
        story, said = leader_story(session)
        desk = a_desk(office=an_office(bypass_authority=None), urgency=Urgency.CRITICAL, **said)
        refused = amend_report(session, filed.case_id, a_draft(story), desk=desk, now=NOW)
        assert isinstance(refused, Refused)
        slip = session.get_one(Case, refused.slip_case_id)
        assert (slip.kind, slip.urgency, slip.sealed) == (CaseKind.SLIP, Urgency.CRITICAL, False)
        assert slip.id != filed.case_id


def test_danger_told_later_in_a_sealed_case_opens_a_slip(store: Store):
    with store.write() as session:
        a_house(session)
        filed = receive(session, a_desk(**BOTH_KEYS), text=SEALED_STORY)
        assert session.scalar(select(func.count()).where(Case.kind == CaseKind.SLIP)) == 0
        desk = a_desk(urgency=Urgency.CRITICAL, **BOTH_KEYS)
        assert isinstance(amend_report(session, filed.case_id, a_draft(SEALED_STORY), desk=desk, now=NOW), Amended)
        assert session.scalar(select(func.count()).where(Case.kind == CaseKind.SLIP)) == 1
