"""A receiving body answers when everything has long run out, or with the link of another letter."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acknowledgements import find_linked_referral, record_acknowledgement
from casework.errors import NotFound
from casework.links import LINK_LIFE, make_token
from casework.models import Body, Deadline, Officer, Referral
from casework.referrals import draft_referral, issue_referral
from casework.store import Store
from casework.types import ReferralStatus
from tests.casework.handovers import LATER, SECRETS, a_fire_case, an_issued_referral, the_desk, the_house
from tests.casework.people import NOW, an_office
from tests.casework.test_acknowledgements import FIRE, TAKEN, issued, row_of, token_of

LONG_AFTER = LATER + LINK_LIFE + timedelta(days=200)


def another(session: Session, first: Referral) -> Referral:
    """A second letter to the same body, of another case, signed out by the same people."""
    by, leader = session.get_one(Officer, first.drafted_by), session.get_one(Officer, first.issued_by)
    draft = draft_referral(
        session, a_fire_case(session), session.get_one(Body, "fire"), by=by, desk=the_desk(), now=NOW
    )
    return issue_referral(session, draft, number="〔2026〕13号", by=leader, desk=the_desk(), now=LATER)


def test_a_late_answer_is_taken_and_its_clock_stays_late(store: Store) -> None:
    with store.write() as session:
        referral = issued(session)
        assert record_acknowledgement(session, referral, TAKEN, by=FIRE, office=an_office(), now=LONG_AFTER)
        assert referral.status is ReferralStatus.ACKNOWLEDGED
        (clock,) = (row for row in session.scalars(select(Deadline)) if row.rule_id == "receipt")
        assert clock.met_at == LONG_AFTER


def test_a_late_link_opens_nothing_any_more(store: Store) -> None:
    with store.write() as session:
        token = token_of(session, issued(session))
        with pytest.raises(NotFound):
            find_linked_referral(session, token, now=LONG_AFTER)


def test_a_link_answers_its_own_letter_and_no_other(store: Store) -> None:
    with store.write() as session:
        the_house(session)
        one = an_issued_referral(session)
        other = another(session, one)
        found = find_linked_referral(session, make_token(session, SECRETS, one.id), now=LATER)
        assert found.id == one.id
        record_acknowledgement(session, found, TAKEN, by=FIRE, office=an_office(), now=LATER)
        assert other.status is ReferralStatus.ISSUED
        assert row_of(session, other).decision is None
