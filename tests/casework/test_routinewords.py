"""The unit complained of is written to as after a routine inspection, or not at all (rules 5.3)."""

from datetime import timedelta
from pathlib import Path

import pytest

from casework.caseletters import draft_paper, issue_paper, preview_paper, update_paper
from casework.errors import DataError, InvalidField
from casework.models import CasePaper
from casework.papers import list_lines
from casework.paperwording import WORDING_FILE, Recipient, load_paper_wording
from casework.routinewords import find_telling_word, refuse_too_soon, refuse_traces
from casework.store import Store
from tests.casework.casedesk import Desk
from tests.casework.people import NOW, TEXT
from tests.casework.test_caseletters import WORDING, a_desk
from tests.casework.test_duplicates import a_report
from triage.types import Urgency

TO_THE_UNIT = [kind for kind, template in WORDING.papers.items() if template.to is Recipient.UNIT]
LATER = NOW + timedelta(days=8)
DEMANDS = {"until": "2026年12月1日", "findings": "厨房没有留样记录。"}


def a_draft(desk: Desk, kind: str = "rectify", **edits: str) -> CasePaper:
    a_report(desk.session, desk.case, TEXT)
    paper = draft_paper(desk.session, desk.case, kind, by=desk.dispatcher, desk=a_desk(), now=NOW)
    known = DEMANDS if kind == "rectify" else {"people": "陶玉苓、苗惠"}
    update_paper(desk.session, paper, known | edits, by=desk.dispatcher, desk=a_desk(), now=NOW)
    return paper


@pytest.mark.parametrize("kind", ["visit", "rectify"])
def test_the_paper_to_the_unit_tells_neither_of_a_report_nor_its_day_number_or_words(store: Store, kind: str):
    assert kind in TO_THE_UNIT
    with store.write() as session:
        desk = Desk(session)
        paper = issue_paper(session, a_draft(desk, kind), by=desk.supervisor, desk=a_desk(), now=LATER)
        lines = [line for sheet in preview_paper(paper, desk=a_desk(), now=LATER) for line in list_lines(sheet)]
        text = "\n".join(lines)
        number = desk.case.number
    assert "日常随机检查" in text
    assert "麦陇镇敬老院" in text
    assert find_telling_word(text, WORDING.never) is None
    for words in (number, "10月8日", "馊", "拉肚子"):
        assert words not in text


@pytest.mark.parametrize(
    ("edits", "problem"),
    [
        ({"findings": "有人举报饭菜不好。"}, "tells_of_report"),
        ({"findings": "群众反 映饭菜不好。"}, "tells_of_report"),
        ({"demand": "向投诉人道歉。"}, "tells_of_report"),
        ({"findings": "根据来信情况。"}, "tells_of_report"),
        ({"findings": "接到12345转来的情况。"}, "tells_of_report"),
        ({"findings": "10月8日的饭菜没有留样。"}, "tells_when"),
        ({"findings": "2026-10-08的饭菜没有留样。"}, "tells_when"),
        ({"findings": "敬老院的饭是馊的，吃了拉肚子。"}, "his_words"),
    ],
)
def test_what_would_tell_of_the_report_is_refused_at_its_field(store: Store, edits: dict[str, str], problem: str):
    with store.write() as session:
        desk = Desk(session)
        with pytest.raises(InvalidField) as caught:
            a_draft(desk, **edits)
    assert (caught.value.field, caught.value.problem) == (next(iter(edits)), problem)


def test_the_cases_own_number_is_refused_and_what_came_in_past_the_form_is_read_again(store: Store):
    with store.write() as session:
        desk = Desk(session)
        paper = a_draft(desk)
        for words in (f"编号{desk.case.number}。", "群众举报。"):
            paper.fields = paper.fields | {"findings": words}
            with pytest.raises(InvalidField) as caught:
                issue_paper(session, paper, by=desk.supervisor, desk=a_desk(), now=LATER)
            assert caught.value.problem == "tells_of_report"


def test_one_home_alone_is_not_inspected_right_after_somebody_spoke_of_it(store: Store):
    with store.write() as session:
        desk = Desk(session)
        paper = a_draft(desk)
        with pytest.raises(InvalidField) as caught:
            issue_paper(session, paper, by=desk.supervisor, desk=a_desk(), now=NOW + timedelta(days=1))
        assert (caught.value.field, caught.value.problem) == ("round", "too_soon")
        update_paper(session, paper, {"round": "芦渚颐年院\n南荇敬老院"}, by=desk.dispatcher, desk=a_desk(), now=NOW)
        issue_paper(session, paper, by=desk.supervisor, desk=a_desk(), now=NOW + timedelta(days=1))
        printed = "\n".join(
            line for sheet in preview_paper(paper, desk=a_desk(), now=NOW) for line in list_lines(sheet)
        )
    assert "芦渚" not in printed


@pytest.mark.parametrize(("days", "others", "in_danger"), [(7, "", False), (0, "", True), (0, "甲院\n乙院", False)])
def test_after_a_week_in_a_round_or_in_danger_it_may(days: int, others: str, in_danger: bool):
    refuse_too_soon(others, received_on=NOW.date(), today=NOW.date() + timedelta(days=days), in_danger=in_danger)


def test_danger_to_life_does_not_wait(store: Store):
    with store.write() as session:
        desk = Desk(session)
        paper = a_draft(desk)
        desk.case.urgency = Urgency.CRITICAL
        assert issue_paper(session, paper, by=desk.supervisor, desk=a_desk(), now=NOW).number


def test_without_a_home_there_is_nobody_to_write_to(store: Store):
    with store.write() as session:
        desk = Desk(session)
        desk.case.institution_code = None
        with pytest.raises(InvalidField) as caught:
            draft_paper(session, desk.case, "visit", by=desk.dispatcher, desk=a_desk(), now=NOW)
    assert caught.value.problem == "no_unit"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("我局在日常随机检查中，现场发现", "我局根据群众举报，发现"),
        ("我局在日常随机检查中，现场发现", "我局于{received_on}检查，发现"),
        ("我局在日常随机检查中，现场发现", "编号{reference}，发现"),
        ('default = "逐项制定整改措施，', 'default = "{problems}'),
    ],
)
def test_an_office_cannot_word_it_otherwise(tmp_path: Path, before: str, after: str):
    said = WORDING_FILE.read_text(encoding="utf-8")
    assert before in said
    changed = tmp_path / "papers.toml"
    changed.write_text(said.replace(before, after), encoding="utf-8")
    with pytest.raises(DataError, match="tells the unit"):
        load_paper_wording(changed)


def test_another_day_and_the_houses_own_words_are_let_through():
    known = {"never": WORDING.never, "number": "2026-48213", "received_on": NOW.date(), "said": TEXT}
    refuse_traces({"findings": "2025年10月8日和10月9日没有留样。敬老院。"}, stock=["敬老院"], **known)  # type: ignore[arg-type]


def test_the_file_is_named_by_its_title_alone():
    for kind in TO_THE_UNIT:
        assert find_telling_word(WORDING.papers[kind].title, WORDING.never) is None
