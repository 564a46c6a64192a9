"""What an officer corrects of the machine's assessment, and what follows from it."""

import pytest
from sqlalchemy import select

from casework.assessments import Correction, confirm_clue, correct_assessment, list_revisions
from casework.cases import get_assessment
from casework.errors import NotAllowed, NotFound
from casework.models import Deadline, Exclusion
from casework.store import Store
from tests.casework.casedesk import OFFICE, Desk, a_sealed_case
from tests.casework.people import (
    NOW,
    a_dispatcher,
)
from triage.types import Urgency


def test_a_correction_is_a_revision_with_all_that_follows(store: Store):
    with store.write() as session:
        desk = Desk(session)
        named = a_dispatcher(session, "安如山")
        correct_assessment(
            session,
            desk.case,
            Correction(category="inaction", urgency=Urgency.CRITICAL, discipline=True),
            by=desk.dispatcher,
            office=OFFICE,
            now=NOW,
        )
        assert (desk.case.category, desk.case.urgency, desk.case.discipline) == ("inaction", Urgency.CRITICAL, True)
        assert get_assessment(session, desk.case).category == "inaction"
        assert [row.officer_id for row in list_revisions(session, desk.case.id)] == [None, desk.dispatcher.id]
        rules = set(session.scalars(select(Deadline.rule_id).where(Deadline.case_id == desk.case.id)))
        assert {"first_action", "clue_confirm", "clue_send"} <= rules
        kept_out = session.scalars(select(Exclusion.body_code).where(Exclusion.case_id == desk.case.id)).all()
        assert "township-mailong" in kept_out
        confirm_clue(session, desk.case, by=desk.clue, office=OFFICE, now=NOW)
        with pytest.raises(NotAllowed):
            confirm_clue(session, desk.case, by=named, office=OFFICE, now=NOW)
        with pytest.raises(NotFound):
            correct_assessment(
                session,
                desk.case,
                Correction(institution_code="nowhere"),
                by=desk.dispatcher,
                office=OFFICE,
                now=NOW,
            )


def test_a_sealed_case_is_not_corrected_in_plain(store: Store):
    with store.write() as session:
        case, clue = a_sealed_case(session)
        with pytest.raises(NotAllowed):
            correct_assessment(session, case, Correction(category="fees"), by=clue, office=OFFICE, now=NOW)
