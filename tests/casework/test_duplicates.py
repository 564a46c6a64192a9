"""Several voices on one incident: suggested to those who see both, never across a seal, never merged."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.cases import CaseFilter, list_cases_for
from casework.duplicates import decide_duplicate, list_duplicates_for, look_for_duplicates
from casework.errors import NotFound
from casework.ledger import Verb, list_timeline
from casework.models import Case, DuplicateHint, Ring
from casework.secrets import load_secrets
from casework.store import Store
from casework.types import Channel
from casework.words import list_words
from intake.models import Report
from tests.casework.people import (
    NOW,
    a_dispatcher,
    a_handler,
    a_supervisor,
    an_open_case,
    the_county,
)

SECRETS = load_secrets(b"1 " + b"5c" * 32)
ONE = "麦陇镇敬老院食堂中午的馒头长毛，红烧肉是馊的，十几个老人吃了拉肚子。"
SAME = "麦陇敬老院中午吃饭，馒头长毛了，红烧肉也馊了，好多老人拉肚子。"
OTHER = "芦渚颐年院的押金三个月了还不退，打电话没人接。"


def a_report(session: Session, case: Case, text: str) -> None:
    """The working text that intake keeps beside the case."""
    ring = session.scalar(select(Ring))
    if ring is None:
        ring = Ring(name="identity", generation=1, public_key=b"x", created_at=NOW)
        session.add(ring)
        session.flush()
    session.add(
        Report(
            case_id=case.id,
            sealed=False,
            received_on=NOW.date(),
            original_ciphertext=b"x",
            ring_id=ring.id,
            commitment=b"x",
            working_text=text,
            channel=Channel.WEB,
            named=False,
        )
    )
    session.flush()


def a_case(session: Session, text: str, **assessed: Any) -> Case:
    case = an_open_case(session, text, **assessed)
    a_report(session, case, text)
    return case


def look(store: Store, *cases: Case) -> int:
    """What the job does for each case as it is opened; how many hints the last one brought."""
    return [look_for_duplicates(store, case.id, secrets=SECRETS, now=NOW) for case in cases][-1]


def test_two_reports_of_one_meal_are_suggested_and_another_matter_is_not(store: Store):
    with store.write() as session:
        the_county(session)
        dispatcher = a_dispatcher(session)
        first = a_case(session, ONE)
        other = a_case(session, OTHER, home="luzhu-home", category="fees")
        second = a_case(session, SAME)
    assert look(store, first, other, second) == 1
    with store.read() as session:
        found = list_duplicates_for(session, dispatcher, second)
        assert [case.id for _, case in found] == [first.id]
        assert found[0][0].why
        assert [case.id for _, case in list_duplicates_for(session, dispatcher, first)] == [second.id]


def test_looking_again_from_either_side_adds_nothing(store: Store):
    with store.write() as session:
        the_county(session)
        first, second = a_case(session, ONE), a_case(session, SAME)
    assert look(store, first, second) == 1
    assert look(store, second) == 0
    assert look(store, first) == 0


def test_a_case_that_is_gone_or_has_no_words_finds_nothing(store: Store):
    with store.write() as session:
        the_county(session)
        a_case(session, ONE)
        silent = an_open_case(session, ONE)
    assert look_for_duplicates(store, silent.id, secrets=SECRETS, now=NOW) == 0
    assert look_for_duplicates(store, "nobody", secrets=SECRETS, now=NOW) == 0


def test_who_may_not_know_of_one_learns_nothing_from_the_other(store: Store):
    with store.write() as session:
        the_county(session)
        named, colleague = a_dispatcher(session, "周建禾"), a_supervisor(session)
        first = a_case(session, ONE)
        second = a_case(session, SAME + "周建禾知道也不管。")
    look(store, first, second)
    with store.write() as session:
        hint = session.scalar(select(DuplicateHint))
        assert hint is not None
        assert list_duplicates_for(session, named, first) == []
        assert len(list_duplicates_for(session, colleague, first)) == 1
        with pytest.raises(NotFound):
            decide_duplicate(session, hint.id, same=True, by=named, now=NOW)


def test_a_person_links_or_rules_out_and_may_think_again(store: Store):
    with store.write() as session:
        the_county(session)
        dispatcher = a_dispatcher(session)
        first, second = a_case(session, ONE), a_case(session, SAME)
    look(store, first, second)
    with store.write() as session:
        hint = session.scalars(select(DuplicateHint)).one()
        decide_duplicate(session, hint.id, same=False, by=dispatcher, now=NOW)
        assert list_duplicates_for(session, dispatcher, first) == []
        decide_duplicate(session, hint.id, same=True, by=dispatcher, now=NOW)
        assert len(list_duplicates_for(session, dispatcher, first)) == 1
        for case in (first, second):
            verbs = [row.verb for row in list_timeline(session, case.id)]
            assert verbs[-2:] == [Verb.NOT_LINKED, Verb.LINKED]
        with pytest.raises(NotFound):
            decide_duplicate(session, "nothing", same=True, by=dispatcher, now=NOW)


def test_words_are_found_by_those_who_read_them_and_not_by_a_handler(store: Store):
    with store.write() as session:
        the_county(session)
        dispatcher = a_dispatcher(session)
        case = a_case(session, ONE)
        a_case(session, OTHER, home="luzhu-home", category="fees")
        found = list_cases_for(session, dispatcher, CaseFilter(text="红烧肉"), now=NOW)
        assert [row.id for row in found.rows] == [case.id]
        assert [words.text for words in list_words(session, [case.id])] == [ONE]
        handler = a_handler(session, body="market")
        case.body_code = "market"
        from_handler = list_cases_for(session, handler, CaseFilter(text="红烧肉"), now=NOW)
        assert from_handler.total == 0
