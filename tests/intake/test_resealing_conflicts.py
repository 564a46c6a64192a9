"""Who is named inside a sealed case is kept out of it once two people have opened it again."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from casework.cases import get_case_for, keep_note
from casework.errors import NotFound
from casework.models import Case, Message
from casework.models.columns import new_id
from casework.resealing import ask_unsealing
from casework.store import Store
from casework.types import MessageDirection
from casework.vault import seal_record
from intake.reports import amend_report, receive_report
from intake.resealing import unseal_case
from intake.types import Filed
from tests.casework.people import NOW, a_dispatcher, an_office
from tests.intake.desk import SEALED_STORY, a_desk, a_draft, a_house, sign_in_open

BLAMED = "热线的周建禾把我的投诉压下来。"


def add(session: Session, case: Case, way: str, text: str, officer_id: str) -> None:
    """The words, as an addition of the reporter, as his word of the talk, or as a clue officer's note."""
    if way == "addition":
        amend_report(session, case.id, a_draft(text), desk=a_desk(), now=NOW)
    elif way == "talk":
        row_id, key = new_id(), case.public_key or b""
        said: dict[str, Any] = {"position": 1, "direction": MessageDirection.FROM_REPORTER, "made_on": NOW.date()}
        sealed = seal_record(key, row_id, {"text": text})
        session.add(Message(id=row_id, case_id=case.id, case_ciphertext=sealed, **said))
        session.flush()
    else:
        keep_note(session, case, text, officer_id=officer_id, now=NOW)


@pytest.mark.parametrize(
    ("way", "text", "finds"),
    [
        ("addition", BLAMED, False),
        ("talk", BLAMED, False),
        ("note", BLAMED, False),
        ("addition", "还有一笔。", True),
    ],
)
def test_whoever_is_named_inside_finds_nothing_once_it_is_open_again(
    store: Store, way: str, text: str, finds: bool
) -> None:
    with store.write() as session:
        (first, second), sheet = a_house(session)
        named = a_dispatcher(session, "周建禾")
        desk = a_desk(who=True, what=True, discipline=True)
        filed = receive_report(session, a_draft(SEALED_STORY), desk=desk, now=NOW)
        assert isinstance(filed, Filed)
        add(session, session.get_one(Case, filed.case_id), way, text, first.id)
        one, two = sign_in_open(session, first, sheet, "t1"), sign_in_open(session, second, sheet, "t2")
        ask_unsealing(session, one, "t1", filed.case_id, "没有具体人", now=NOW)
        unseal_case(session, two, "t2", filed.case_id, office=an_office(), secrets=desk.secrets, now=NOW)
        if finds:
            assert get_case_for(session, named, filed.case_id).id == filed.case_id
        else:
            with pytest.raises(NotFound):
                get_case_for(session, named, filed.case_id)
