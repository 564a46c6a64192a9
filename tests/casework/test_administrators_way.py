"""Whoever makes accounts makes no readers: a sealed case is wrapped to those alone whom a colleague has let in."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import NotFound
from casework.keyholders import fingerprint, let_into_ring
from casework.ledger import by_officer
from casework.models.people import Officer
from casework.models.secrecy import CaseKey
from casework.rings import give_key_pair, officer_private_key, open_ring
from casework.sealing import list_allowed, read_sealed_case
from casework.staffing import Placement, employ_officer, reissue_sign_in
from casework.store import Store
from casework.types import Role
from tests.casework.people import NOW, an_office, an_officer, opened
from tests.intake.desk import LIGHT, a_house, sign_in, sign_in_open

SECRET = "麦陇镇敬老院的院长扣了我娘的钱。"


def a_sealed_case(session: Session) -> str:
    said = opened(session, SECRET, office=an_office(), discipline=True, who=True, what=True)
    assert said.sealed
    assert said.case is not None
    return said.case.id


def make_a_key(session: Session, officer: Officer, token: str) -> bytes:
    """What whoever holds the sign-in does on the page of the account; his own private half, opened."""
    words = give_key_pair(session, officer, strength=LIGHT, by=by_officer(officer), now=NOW)
    signed = sign_in(session, officer, token)
    open_ring(session, signed, token, words, now=NOW)
    return officer_private_key(signed, token)


def holders_of(session: Session, case_id: str) -> set[str]:
    query = select(CaseKey.officer_id).where(CaseKey.case_id == case_id, CaseKey.officer_id.is_not(None))
    return {ident for ident in session.scalars(query) if ident is not None}


def test_a_clue_officer_whom_the_administrator_made_opens_no_new_case_until_a_colleague_lets_him_in(store: Store):
    with store.write() as session:
        (first, second), sheet = a_house(session)
        admin = an_officer(session, "admin", "莫管理", "hotline", Role.ADMINISTRATOR)
        placement = Placement("张三", "密件员", "clue_desk", (Role.CLUE_OFFICER,))
        made, _ = employ_officer(session, "made", placement, by=admin, now=NOW)
        private = make_a_key(session, made, "made")
        case_id = a_sealed_case(session)
        assert holders_of(session, case_id) == {first.id, second.id}
        assert made in list_allowed(session, case_id)
        with pytest.raises(NotFound):
            read_sealed_case(session, made, private, case_id, now=NOW)
        signed = sign_in_open(session, first, sheet, "first")
        let_into_ring(session, made.id, fingerprint(made), signed=signed, token="first", now=NOW)
        assert read_sealed_case(session, made, private, case_id, now=NOW).record["text"] == SECRET
        later = a_sealed_case(session)
        assert read_sealed_case(session, made, private, later, now=NOW).record["text"] == SECRET


def test_a_reissued_sign_in_with_a_new_key_opens_no_new_case_until_a_colleague_lets_him_in(store: Store):
    with store.write() as session:
        (first, second), sheet = a_house(session)
        admin = an_officer(session, "admin", "莫管理", "hotline", Role.ADMINISTRATOR)
        old = a_sealed_case(session)
        reissue_sign_in(session, second.id, phone_lost=True, by=admin, now=NOW)
        private = make_a_key(session, second, "stolen")
        case_id = a_sealed_case(session)
        assert holders_of(session, case_id) == {first.id}
        for ident in (old, case_id):
            with pytest.raises(NotFound):
                read_sealed_case(session, second, private, ident, now=NOW)
        signed = sign_in_open(session, first, sheet, "first")
        let_into_ring(session, second.id, fingerprint(second), signed=signed, token="first", now=NOW)
        assert read_sealed_case(session, second, private, case_id, now=NOW).record["text"] == SECRET
