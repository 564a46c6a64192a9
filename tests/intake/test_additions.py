"""What is told later weighs with what was told first: category, danger, home and sealing of an open case."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.assessments import Correction, correct_assessment, list_revisions
from casework.cluelooks import leave_to_desk
from casework.ledger import Verb, list_timeline
from casework.models import Case, Officer
from casework.paging import take_call
from casework.rejudging import find_proposal
from casework.roster import build_roster
from casework.store import Store
from casework.types import CaseKind, Role
from casework.words import list_words
from intake.additions import later_id, weigh_words_again
from intake.later import hear_later_words
from intake.reports import amend_report, receive_report
from intake.screening import Screened, screen_draft
from intake.types import Filed, IntakeDesk, ReportDraft
from tests.casework.people import NOW, an_assessment, an_office, an_officer
from tests.intake.desk import a_desk, a_draft, a_house, find_phones
from triage.types import Assessment, Keys, Urgency

FIRST = "麦陇镇敬老院的饭是馊的。"
WORSE = "昨天护工把她绑在床上打。"
LATER = NOW + timedelta(hours=3)
MARKS = {"绑": "elder_abuse", "馊": "food_safety", "退费": "fees"}


def say(text: str, _context: Any = None) -> Assessment:
    """A triage for which the gravest word decides."""
    category = next((code for word, code in MARKS.items() if word in text), "out_of_scope")
    home = "luzhu-home" if "颐年院" in text else "mailong-home" if "敬老院" in text else None
    said = an_assessment(text, category=category, home=home, identifiers=find_phones(text))
    danger = Urgency.CRITICAL if "正在打" in text else Urgency.NORMAL
    return replace(said, urgency=danger, keys=Keys(who="院长" in text, what="红包" in text))


def a_thinking_desk() -> IntakeDesk:
    return replace(a_desk(), assess=say)


def a_case(session: Session, text: str = FIRST) -> Case:
    a_house(session)
    filed = receive_report(session, a_draft(text), desk=a_thinking_desk(), now=NOW)
    assert isinstance(filed, Filed)
    return session.get_one(Case, filed.case_id)


def add(session: Session, case: Case, text: str, **more: Any) -> None:
    amend_report(session, case.id, a_draft(text, **more), desk=a_thinking_desk(), now=LATER)


def a_dispatcher(session: Session) -> Officer:
    return an_officer(session, "pai", "许清禾", "hotline", Role.DISPATCHER)


def verbs(session: Session, case: Case) -> list[Verb]:
    return [row.verb for row in list_timeline(session, case.id)]


def slips(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Case).where(Case.kind == CaseKind.SLIP)) or 0


def test_a_graver_matter_told_later_is_proposed_while_nobody_has_decided(store: Store) -> None:
    with store.write() as session:
        case = a_case(session)
        add(session, case, WORSE)
        assert case.category == "elder_abuse"
        assert [row.verdict["categories"][0]["code"] for row in list_revisions(session, case.id)] == [
            "food_safety",
            "elder_abuse",
        ]
        assert verbs(session, case)[-2:] == [Verb.AMENDED, Verb.WEIGHED_AGAIN]


def test_thanks_and_dates_move_nothing(store: Store) -> None:
    with store.write() as session:
        case = a_case(session)
        add(session, case, "是上个月的事，谢谢。")
        assert case.category == "food_safety"
        assert Verb.WEIGHED_AGAIN not in verbs(session, case)


def test_an_officers_category_stands_and_the_new_one_is_proposed_to_him(store: Store) -> None:
    with store.write() as session:
        case = a_case(session)
        by = a_dispatcher(session)
        correct_assessment(session, case, Correction(category="service_quality"), by=by, office=an_office(), now=NOW)
        add(session, case, WORSE)
        rows = list_revisions(session, case.id)
        assert (case.category, find_proposal(rows)) == ("service_quality", "elder_abuse")
        assert verbs(session, case)[-1] is Verb.PROPOSED_ANEW
        add(session, case, "谢谢你们。")
        assert find_proposal(list_revisions(session, case.id)) == "elder_abuse"
        correct_assessment(session, case, Correction(category="elder_abuse"), by=by, office=an_office(), now=LATER)
        assert find_proposal(list_revisions(session, case.id)) is None


def test_an_urgency_that_an_officer_took_down_rises_by_new_words_alone(store: Store) -> None:
    with store.write() as session:
        case = a_case(session, "麦陇镇敬老院正在打人，绑着。")
        take_call(session, case, by=a_dispatcher(session), now=NOW)
        correct_assessment(
            session, case, Correction(urgency=Urgency.NORMAL), by=a_second(session), office=an_office(), now=NOW
        )
        add(session, case, "饭也是馊的。")
        assert case.urgency is Urgency.NORMAL
        add(session, case, "又正在打了！")
        assert (case.urgency, slips(session)) == (Urgency.CRITICAL, 1)


def a_second(session: Session) -> Officer:
    return an_officer(session, "du", "裴知秋", "hotline", Role.SUPERVISOR)


def test_danger_told_later_calls_for_the_case_itself_while_it_waits(store: Store) -> None:
    with store.write() as session:
        case = a_case(session)
        add(session, case, "护工这会儿正在打她！")
        assert (case.urgency, slips(session)) == (Urgency.CRITICAL, 0)


def test_danger_told_after_somebody_took_it_opens_one_slip_an_hour(store: Store) -> None:
    with store.write() as session:
        case = a_case(session)
        take_call(session, case, by=a_dispatcher(session), now=NOW)
        add(session, case, "护工这会儿正在打她！")
        add(session, case, "还在打，正在打！")
        assert slips(session) == 1
        case.urgency = Urgency.NORMAL
        amend_report(session, case.id, a_draft("又正在打她！"), desk=a_thinking_desk(), now=LATER + timedelta(hours=2))
        assert slips(session) == 2


def test_a_few_words_of_which_triage_only_guesses_mark_no_case(store: Store) -> None:
    unsure, sure = "就在微信告诉我", "院长还收了我的钱"

    def guess(text: str, context: Any = None) -> Assessment:
        said = say(text, context)
        first = replace(said.categories[0], score=0.4 if text == unsure else 0.9)
        return replace(said, categories=(first,), discipline=text in (unsure, sure))

    desk = replace(a_desk(), assess=guess)
    with store.write() as session:
        case = a_case(session)
        amend_report(session, case.id, a_draft(unsure), desk=desk, now=LATER)
        assert not case.discipline
        amend_report(session, case.id, a_draft(sure), desk=desk, now=LATER)
        assert case.discipline


def test_a_home_corrected_later_is_the_home_of_the_case(store: Store) -> None:
    with store.write() as session:
        case = a_case(session)
        add(session, case, "说错了，是芦渚颐年院。", corrects=True)
        assert case.institution_code == "luzhu-home"


def test_a_home_named_in_passing_moves_nothing(store: Store) -> None:
    with store.write() as session:
        case = a_case(session)
        add(session, case, "芦渚颐年院就不这样。")
        assert case.institution_code == "mailong-home"


def test_a_verdict_on_the_whole_quotes_nothing_that_is_masked(store: Store) -> None:
    with store.write() as session:
        case = a_case(session)
        add(session, case, f"{WORSE}打我15412345678。")
        assert "15412345678" not in str([row.verdict for row in list_revisions(session, case.id)])


@pytest.mark.parametrize("road", ["report", "message"])
def test_two_keys_that_turn_only_together_seal_the_case(store: Store, road: str) -> None:
    with store.write() as session:
        case = a_case(session, "麦陇镇敬老院的院长不管事，饭是馊的。")
        assert not case.sealed
        text = "还收了红包三万块，才给床位。"
        if road == "report":
            add(session, case, text)
        else:
            assert hear_later_words(session, case, text, desk=a_thinking_desk(), now=LATER) == text
        assert case.sealed


def test_what_a_clue_officer_left_open_is_not_sealed_over_his_head(store: Store) -> None:
    with store.write() as session:
        case = a_case(session, "麦陇镇敬老院的院长不管事，饭是馊的。")
        case.discipline = True
        looker = session.scalars(select(Officer).where(Officer.name == "宁致远")).one()
        leave_to_desk(session, case, by=looker, now=NOW)
        add(session, case, "还收了红包三万块，才给床位。")
        assert not case.sealed


def test_a_word_of_the_talk_weighs_too(store: Store) -> None:
    with store.write() as session:
        case = a_case(session)
        hear_later_words(session, case, WORSE, desk=a_thinking_desk(), now=LATER)
        assert case.category == "elder_abuse"


def test_a_story_without_an_end_is_not_read_anew_each_time(store: Store) -> None:
    read: list[int] = []

    def count_length(text: str, context: Any) -> Assessment:
        read.append(len(text))
        return say(text, context)

    with store.write() as session:
        case = a_case(session, FIRST * 1_100)
        desk = replace(a_desk(), assess=count_length)
        draft = ReportDraft("还是这样。", a_draft().channel, NOW)
        screened: Screened = screen_draft(draft, desk, build_roster(session))
        weigh_words_again(session, case, draft, screened, desk=desk, now=LATER)
        assert max(read) < 100
        assert case.category == "food_safety"


def test_reports_of_one_day_stand_in_the_order_of_telling(store: Store) -> None:
    texts = [FIRST, *(f"又过了{number}天还是这样。" for number in range(6))]
    with store.write() as session:
        case = a_case(session)
        for text in texts[1:]:
            add(session, case, text)
        assert [words.text for words in list_words(session, [case.id])] == texts


def test_an_id_behind_the_last_one_is_drawn_while_there_is_room() -> None:
    assert later_id(["0" * 24, "7" * 24]) > "7" * 24
    assert len(later_id(["f" * 24])) == 24
    assert len(later_id([])) == 24
