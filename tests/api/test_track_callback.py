"""The call-back on the page of progress: asked once the matter was answered, kept, and taken up again if he wants."""

import pytest
from sqlalchemy import select

from casework.dispositions import Ending, close_case
from casework.models.cases import Case, Message
from casework.types import CaseStatus, Finding
from intake.types import Filed
from tests.api.houses import CLUE, DISPATCHER
from tests.api.test_track import SEALED_STORY, STORY, a_pen, track, work
from tests.api.visitors import Doors, Page

ENDING = Ending(Finding.TRUE, "厨房换了人。")
ASKS = "办完了，想问您几句"


def answer(doors: Doors, code: str, **answers: str) -> Page:
    return doors.visitor().post("/track/callback", {"code": code, **answers})


def status_of(doors: Doors, filed: Filed) -> CaseStatus:
    with doors.home.house.store.read() as session:
        return session.get_one(Case, filed.case_id).status


def messages(doors: Doors) -> list[str | None]:
    with doors.home.house.store.read() as session:
        return list(session.scalars(select(Message.text).order_by(Message.position)))


@pytest.fixture
def ended(doors: Doors) -> Filed:
    filed = doors.report(STORY)
    assert ASKS not in track(doors, filed.code).text
    work(doors, filed.case_id, close_case, DISPATCHER, ENDING)
    return filed


def test_facts_stand_before_satisfaction_and_every_question_may_be_left(doors: Doors, ended: Filed) -> None:
    page = track(doors, ended.code)
    assert ASKS in page.text
    legends = page.tree.xpath("//form[contains(@class, 'callback')]//legend/text()")
    assert ["来办" in legends[0], "好了" in legends[1], "满意" in legends[2], "接着办" in legends[3]] == [True] * 4
    assert page.tree.xpath("//form[contains(@class, 'callback')]//input[@checked or @required]") == []


def test_an_answer_is_kept_once_and_takes_the_matter_up_again(doors: Doors, ended: Filed) -> None:
    said = {"done": "no", "better": "no", "satisfied": "no", "again": "yes"}
    page = answer(doors, ended.code, **said)
    assert (page.status, ASKS in page.text) == (200, False)
    assert status_of(doors, ended) is not CaseStatus.CLOSED
    answer(doors, ended.code, **said)
    assert [text for text in messages(doors) if text and text.startswith("回访")] == [
        "回访：没人来办，还是那样，不满意，要接着办。"
    ]


def test_nothing_chosen_and_what_is_no_answer_are_asked_for_again(doors: Doors, ended: Filed) -> None:
    for page in (answer(doors, ended.code), answer(doors, ended.code, done="<b>maybe</b>")):
        assert page.status == 422
        assert page.error_at("callback") == "还没选呢。选一个再按。"
    assert status_of(doors, ended) is CaseStatus.CLOSED


def test_of_a_sealed_matter_nothing_is_asked(doors: Doors) -> None:
    filed = doors.report(SEALED_STORY)
    work(doors, filed.case_id, close_case, CLUE, ENDING, pen=a_pen(doors, filed.case_id))
    assert ASKS not in track(doors, filed.code).text
    assert ASKS not in answer(doors, filed.code, done="yes").text
    assert [text for text in messages(doors) if text] == []
