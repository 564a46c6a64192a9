"""The unit complained of is written to as after a routine inspection, or not at all (rules 5.3)."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from casework.caseletters import draft_paper, issue_paper, preview_paper, update_paper
from casework.errors import DataError, InvalidField
from casework.messages import add_message_from_reporter
from casework.models import CasePaper
from casework.models.people import Institution
from casework.papers import list_lines
from casework.paperwording import WORDING_FILE, Recipient, load_paper_wording
from casework.routinewords import Told, find_telling_word, refuse_too_soon, refuse_traces, tells_day
from casework.store import Store
from intake.models import Report
from tests.casework.casedesk import Desk
from tests.casework.people import NOW, TEXT
from tests.casework.test_caseletters import WORDING, a_desk
from tests.casework.test_duplicates import a_report
from triage.types import OperatorKind, Urgency

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
        a_home(desk)
        update_paper(session, paper, {"round": "芦渚颐年院\n南荇镇敬老院"}, by=desk.dispatcher, desk=a_desk(), now=NOW)
        issue_paper(session, paper, by=desk.supervisor, desk=a_desk(), now=NOW + timedelta(days=1))
        printed = "\n".join(
            line for sheet in preview_paper(paper, desk=a_desk(), now=NOW) for line in list_lines(sheet)
        )
    assert "芦渚" not in printed


HOMES = {"甲院": "a", "甲": "a", "乙院": "b", "丙院": "c"}
SAID = Told(TEXT, [NOW.date()])


def a_home(desk: Desk) -> None:
    """One more home of the county, so that a round of two others can be named."""
    kind = OperatorKind.PUBLIC
    desk.session.add(
        Institution(code="nanxing-home", name="南荇镇敬老院", town_code="luzhu", aliases=[], operator_kind=kind)
    )
    desk.session.flush()


@pytest.mark.parametrize(("days", "others", "in_danger"), [(7, "", False), (0, "", True), (0, "甲院\n乙院", False)])
def test_after_a_week_in_a_round_or_in_danger_it_may(days: int, others: str, in_danger: bool):
    today = NOW.date() + timedelta(days=days)
    refuse_too_soon(others, homes=HOMES, unit="c", told=SAID, today=today, in_danger=in_danger)


@pytest.mark.parametrize("others", ["甲院\n甲院", "甲院\n甲", "甲院\n丁院", "甲院\n丙院", "天\n地"])
def test_a_round_is_of_two_other_homes_that_are_known(others: str):
    with pytest.raises(InvalidField, match="too_soon"):
        refuse_too_soon(others, homes=HOMES, unit="c", told=SAID, today=NOW.date(), in_danger=False)


@pytest.mark.parametrize(
    "words",
    [
        "十月八日", "十月八号", "本月8日", "8号那天", "八号", "上周四", "这个星期二", "昨天", "前天晚上", "10·8那天",
        "20261008", "１０月８日", "10月8號", "10 月 8 日", "二〇二六年十月八日", "10.8", "10月份8号",
    ],
)  # fmt: skip
def test_the_day_is_known_in_whatever_signs_it_is_written(words: str):
    assert tells_day(f"{words}的饭菜没有留样。", [NOW.date()])


@pytest.mark.parametrize(
    "words",
    [
        "十月九日",
        "18日",
        "8号楼",
        "8日内",
        "2025年10月8日",
        "第8号令",
        "20251008",
        "每周",
        "目前日常",
        "28号",
        "12月8日",
    ],
)
def test_another_day_a_house_number_and_a_term_are_no_such_day(words: str):
    assert not tells_day(f"{words}的饭菜没有留样。", [NOW.date()])


@pytest.mark.parametrize("words", ["舉報说饭菜不好。", "接报后我局前来。", "有人打电话来说。"])
def test_words_that_tell_are_known_in_other_signs(words: str):
    assert find_telling_word(words, WORDING.never)


def test_his_words_of_the_talk_and_their_day_are_refused_too(store: Store):
    said, day = "床底下铁盒子里有两本账。", NOW + timedelta(days=9)
    with store.write() as session:
        desk = Desk(session)
        paper = a_draft(desk)
        add_message_from_reporter(session, desk.case, said, now=day)
        for words, problem in ((said, "his_words"), (f"{day.month}月{day.day}日后门锁着。", "tells_when")):
            with pytest.raises(InvalidField, match=problem):
                update_paper(session, paper, {"findings": words}, by=desk.dispatcher, desk=a_desk(), now=day)


@pytest.mark.parametrize("in_talk", [True, False], ids=["in the talk", "as an addition"])
def test_a_week_is_counted_from_the_last_word_he_said(store: Store, in_talk: bool):
    day = NOW + timedelta(days=9)
    with store.write() as session:
        desk = Desk(session)
        paper = a_draft(desk)
        if in_talk:
            add_message_from_reporter(session, desk.case, "后门又锁上了。", now=day)
        else:
            a_report(session, desk.case, "后门又锁上了。")
            session.execute(
                update(Report).where(Report.working_text == "后门又锁上了。").values(received_on=day.date())
            )
        with pytest.raises(InvalidField, match="too_soon"):
            issue_paper(session, paper, by=desk.supervisor, desk=a_desk(), now=day + timedelta(days=1))
        assert issue_paper(session, paper, by=desk.supervisor, desk=a_desk(), now=day + timedelta(days=7)).number


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
    known = {"never": WORDING.never, "number": "2026-48213", "told": SAID}
    refuse_traces({"findings": "2025年10月8日和10月9日没有留样。敬老院。"}, stock=["敬老院"], **known)  # type: ignore[arg-type]


def test_the_file_is_named_by_its_title_alone():
    for kind in TO_THE_UNIT:
        assert find_telling_word(WORDING.papers[kind].title, WORDING.never) is None
