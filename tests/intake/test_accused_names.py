"""Whoever is complained of is found in the original, whatever masking makes of his name; and it does not take it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models import Case, Exclusion
from casework.sealing import list_allowed
from casework.store import Store
from intake.later import hear_later_words
from intake.models import Report
from intake.reports import amend_report, receive_report
from intake.screening import mask_text
from intake.types import Contact, Filed
from tests.casework.people import NOW, a_dispatcher
from tests.intake.desk import a_desk, a_draft, a_house
from triage.entities.identifiers import find_identifiers
from triage.types import Identifier, IdentifierKind

NAME = "周建禾"
STAFF = frozenset({NAME})
PLAIN = "芦渚颐年院的饭是馊的，吃了拉肚子。"
ACCUSED = (
    "打热线投诉颐年院收费，接电话的人姓名是周建禾，收了院长的红包，压着投诉不办。",
    "热线中心的人，周建禾，15412345678，收了院长红包，压着不办。",
    "联系人：周建禾。他收了院长红包，压着我的投诉不办。",
    "接电话的工号后面写着周建禾 15412345678，骂人。",
)


def kept_out(session: Session, case_id: str) -> dict[str | None, bool]:
    rows = session.scalars(select(Exclusion).where(Exclusion.case_id == case_id))
    return {row.officer_id: row.certain for row in rows if row.officer_id}


@pytest.mark.parametrize("text", ACCUSED)
def test_an_officers_name_is_not_masked_as_the_writers_own(text: str) -> None:
    as_triage = [Identifier(NAME, text.index(NAME), text.index(NAME) + 3, IdentifierKind.REPORTER_NAME)]
    for found in ([], as_triage, find_identifiers(text)):
        assert NAME in mask_text(text, found, staff=STAFF)


@pytest.mark.parametrize("words", ["我叫周建禾", "我的名字叫周建禾", "本人是周建禾", "我是周 建禾"])
def test_whoever_plainly_introduces_himself_is_masked_all_the_same(words: str) -> None:
    text = f"{words}，颐年院的饭是馊的。"
    name = words[words.index("周") :]
    found = [Identifier(name, text.index(name), text.index(name) + len(name), IdentifierKind.REPORTER_NAME)]
    assert "建禾" not in mask_text(text, found, staff=STAFF)


def test_what_he_gives_as_his_contact_is_masked_too() -> None:
    assert mask_text("周建禾反映饭是馊的。", (), contact=Contact(name=NAME), staff=STAFF) == "▇▇▇反映饭是馊的。"


@pytest.mark.parametrize("text", ACCUSED)
def test_the_accused_dispatcher_is_kept_out_of_what_is_filed(store: Store, text: str) -> None:
    with store.write() as session:
        a_house(session)
        accused = a_dispatcher(session)
        filed = receive_report(session, a_draft(text), desk=a_desk(home="luzhu-home"), now=NOW)
        assert isinstance(filed, Filed)
        assert accused.id in kept_out(session, filed.case_id)
        report = session.scalars(select(Report)).one()
        assert NAME in (report.working_text or "")
        assert "15412345678" not in (report.working_text or "")


def test_a_namesake_who_introduces_himself_keeps_the_officer_out_without_certainty(store: Store) -> None:
    with store.write() as session:
        a_house(session)
        namesake = a_dispatcher(session)
        text = f"我叫{NAME}。{PLAIN}"
        filed = receive_report(session, a_draft(text), desk=a_desk(home="luzhu-home"), now=NOW)
        assert isinstance(filed, Filed)
        assert kept_out(session, filed.case_id) == {namesake.id: False}
        assert NAME not in (session.scalars(select(Report)).one().working_text or "")


def amend(session: Session, case_id: str, text: str) -> None:
    amend_report(session, case_id, a_draft(text), desk=a_desk(home="luzhu-home"), now=NOW)


def write_later(session: Session, case_id: str, text: str) -> None:
    hear_later_words(session, session.get_one(Case, case_id), text, desk=a_desk(home="luzhu-home"), now=NOW)


@pytest.mark.parametrize("tell", [amend, write_later])
def test_what_is_told_later_is_tested_before_it_is_masked(store: Store, tell: Callable[..., None]) -> None:
    with store.write() as session:
        a_house(session)
        accused = a_dispatcher(session)
        filed = receive_report(session, a_draft(PLAIN), desk=a_desk(home="luzhu-home"), now=NOW)
        assert isinstance(filed, Filed)
        assert kept_out(session, filed.case_id) == {}
        tell(session, filed.case_id, f"我叫{NAME}，电话15412345678。")
        assert accused.id in kept_out(session, filed.case_id)


def test_a_clue_officer_named_before_a_phone_gets_no_key(store: Store) -> None:
    with store.write() as session:
        [first, other], _ = a_house(session)
        text = f"{first.name} 15412345678 收了颐年院三万元红包，泄露举报。"
        desk = a_desk(home="luzhu-home", discipline=True, who=True, what=True, category="corruption")
        filed = receive_report(session, a_draft(text), desk=desk, now=NOW)
        assert isinstance(filed, Filed)
        assert filed.sealed
        assert [officer.id for officer in list_allowed(session, filed.case_id)] == [other.id]
