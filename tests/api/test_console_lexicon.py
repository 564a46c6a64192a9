"""The lexicon's desk: looked at, proposed, tried by the job, set live by a second look, undone; and what stays out."""

import pytest
from sqlalchemy import select

from api.jobs import list_handlers
from casework.jobs import JobName
from casework.lexicons import get_active
from casework.models import LabelledExample, LexiconMove, LexiconProposal
from casework.models.lexicon import LexiconCount
from tests.api.houses import CLUE, DISPATCHER, HANDLER, LEADER, SUPERVISOR
from tests.api.visitors import Clerk, Doors, Page

PHRASE = "云端星光计划"
TEXT = f"芦渚颐年院里又在搞{PHRASE}，老人天天去听课。"
FORM = {"act": "add", "topic": "illegal_fundraising", "words": PHRASE, "weight": "5", "reason": "三家都来投诉"}
DESK = "/console/lexicon"


def propose(clerk: Clerk, **changes: str) -> Page:
    return clerk.act(f"{DESK}/change", FORM | changes)


def run_trial(doors: Doors) -> None:
    """What the engine would do with the queued job."""
    handler = list_handlers(doors.home.house)[JobName.TRY_LEXICON]
    with doors.home.house.store.read() as session:
        found = list(session.scalars(select(LexiconProposal.id)))
    for proposal_id in found:
        handler(proposal_id)


def run_counts(doors: Doors) -> None:
    """The same for the counts."""
    with doors.home.house.store.read() as session:
        found = list(session.scalars(select(LexiconCount.officer_id)))
    for officer_id in found:
        list_handlers(doors.home.house)[JobName.COUNT_LEXICON](officer_id)


def confirmed_case(doors: Doors, text: str = TEXT) -> str:
    """A case that the dispatcher sent on as triage said."""
    filed = doors.report(text)
    doors.sign_in(DISPATCHER).act(f"/console/cases/{filed.case_id}/assign", {"body": "civil_affairs"})
    return filed.case_id


def active(doors: Doors) -> int:
    with doors.home.house.store.read() as session:
        return get_active(session)


def test_a_change_is_tried_seen_set_live_and_undone(doors: Doors):
    case_id = confirmed_case(doors)
    page = propose(doors.sign_in(DISPATCHER))
    assert "正在办过的件上试" in page.text
    assert page.response.headers["refresh"] == "2"
    run_trial(doors)
    dispatcher = doors.sign_in(DISPATCHER)
    page = dispatcher.get(page.path)
    assert "1件会动" in page.text
    assert "试了1件" in page.text
    assert doors.case(case_id).number in page.text
    assert PHRASE in page.quoted
    assert "等值班长或者密件员看过" in page.text
    assert "refresh" not in page.response.headers
    assert dispatcher.act(f"{page.path}/live", {"seen": "yes"}).status == 403
    supervisor = doors.sign_in(SUPERVISOR)
    assert "试了1件" not in supervisor.get(page.path).text
    refused = supervisor.act(f"{page.path}/live")
    assert (refused.status, refused.error_at("seen")) == (422, "看过再勾，勾了才能启用。")
    assert active(doors) == 0
    page = supervisor.act(f"{page.path}/live", {"seen": "yes"})
    assert "启用了" in page.text
    assert "第1版" in page.text
    assert "三家都来投诉" in page.text
    assert doors.report(TEXT).assessment.category == "illegal_fundraising"
    filed = doors.report(TEXT)
    assert filed.assessment.lexicon_version.endswith("+1")
    page = supervisor.act(f"{DESK}/undo", {"seen": "1"})
    assert "退回上一版了" in page.text
    assert doors.report(TEXT).assessment.lexicon_version.endswith("+0")


def test_nobody_is_his_own_second_look(one_doors: Doors):
    page = propose(one_doors.sign_in(SUPERVISOR))
    run_trial(one_doors)
    supervisor = one_doors.sign_in(SUPERVISOR)
    assert "等另一位值班长或者密件员看过" in supervisor.get(page.path).text
    assert supervisor.act(f"{page.path}/live", {"seen": "yes"}).status == 403
    assert active(one_doors) == 0


def test_words_by_which_clues_are_known_are_a_clue_officers_to_set_live_and_to_take_back(one_doors: Doors):
    page = propose(one_doors.sign_in(DISPATCHER), topic="corruption", words="拿了好处办低保", weight="1")
    run_trial(one_doors)
    supervisor = one_doors.sign_in(SUPERVISOR)
    assert "等密件员" in supervisor.get(page.path).text
    assert supervisor.act(f"{page.path}/live", {"seen": "yes"}).status == 403
    clue_officer = one_doors.sign_in(CLUE)
    assert "启用了" in clue_officer.act(f"{page.path}/live", {"seen": "yes"}).text
    assert active(one_doors) == 1
    assert one_doors.sign_in(SUPERVISOR).act(f"{DESK}/undo", {"seen": "1"}).status == 403
    assert active(one_doors) == 1
    assert "退回上一版了" in one_doors.sign_in(CLUE).act(f"{DESK}/undo", {"seen": "1"}).text
    assert active(one_doors) == 0


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(one_doors: Doors):
    clerk = one_doors.sign_in(DISPATCHER)
    page = propose(clerk, weight="重", needs="老人、家属")
    assert (page.status, page.error_at("weight")) == (422, "请填数字。")
    assert (page.value_of("words"), page.value_of("needs")) == (PHRASE, "老人、家属")
    assert propose(clerk, weight="").error_at("weight").startswith("要么写分量")
    assert propose(clerk, words="").error_at("words") == "这一项要填。"
    assert propose(clerk, reason="").error_at("reason") == "这一项要填。"
    assert propose(clerk, act="alter").error_at("words") == "这一类里没有这个说法。"
    assert propose(clerk, topic="danger").error_at("entry").startswith("这一类要归到")
    assert propose(clerk, topic="nonsense").status == 404


def test_phrases_are_found_by_category_and_words(one_doors: Doors):
    clerk = one_doors.sign_in(DISPATCHER)
    one_doors.report("麦陇镇敬老院护工拿约束带把老人捆在床上，青一块紫一块。")
    word = one_doors.home.house.context.lexicon.entries[0].words[0]
    assert word in clerk.get(f"{DESK}?q={word}").text
    assert "没数过" in clerk.get(f"{DESK}?topic=elder_abuse").text
    page = clerk.act(f"{DESK}/count", {})
    assert "数了0件，共1件" in page.text
    assert page.response.headers["refresh"] == "2"
    run_counts(one_doors)
    page = clerk.get(f"{DESK}/count")
    assert "一共1件" in page.text
    assert "refresh" not in page.response.headers
    assert "1件" in clerk.get(f"{DESK}?topic=elder_abuse").text
    page = clerk.get(f"{DESK}?q=没有人会这样说的话")
    assert "没有含“没有人会这样说的话”的说法" in page.text
    assert clerk.get(f"{DESK}?page=9999").status == 200
    assert clerk.get(f"{DESK}?page=0").status == 422


def test_a_pattern_is_listed_in_its_category_and_can_be_taken_out(one_doors: Doors):
    clerk = one_doors.sign_in(DISPATCHER)
    pattern = next(each for each in one_doors.home.house.context.lexicon.patterns if each.topic == "elder_abuse")
    page = clerk.get(f"{DESK}?topic=elder_abuse")
    assert pattern.why in page.text
    assert pattern.example in page.text
    asked = {"act": "remove", "topic": "elder_abuse", "words": pattern.name, "reason": "本地不这样说"}
    assert pattern.name in clerk.act(f"{DESK}/change", asked).text


def test_a_pattern_without_parts_is_refused_at_its_field(one_doors: Doors):
    page = propose(one_doors.sign_in(DISPATCHER), words="~星光计划")
    assert "要加要改请用文件导入" in page.error_at("words")


def test_a_count_can_be_given_up(one_doors: Doors):
    clerk = one_doors.sign_in(DISPATCHER)
    assert "正在数" in clerk.act(f"{DESK}/count", {}).text
    assert "正在数" in clerk.get(DESK).text
    page = clerk.act(f"{DESK}/count/stop", {})
    assert "还没有数过，或者没有数完" in page.text
    run_counts(one_doors)
    assert "没数过" in clerk.get(DESK).text


@pytest.mark.parametrize("person", [HANDLER, LEADER])
def test_others_have_no_such_desk(one_doors: Doors, person):
    clerk = one_doors.sign_in(person)
    assert clerk.get(DESK).status == 403
    assert DESK not in clerk.get("/console/").links
    assert propose(clerk).status == 403
    assert clerk.act(f"{DESK}/undo", {"seen": "0"}).status == 403


def test_a_case_that_is_sealed_later_leaves_the_page_and_the_examples(doors: Doors):
    case_id = confirmed_case(doors)
    supervisor = doors.sign_in(SUPERVISOR)
    form = {"category": "illegal_fundraising", "urgency": "high", "body": "police", "institution": "luzhu-yinian"}
    page = supervisor.get(f"/console/cases/{case_id}")
    known = page.form("/correct")
    corrected = supervisor.act(f"/console/cases/{case_id}/correct", {**known, **form, "institution": ""})
    assert "改定了" in corrected.text
    path = propose(supervisor, topic="fees").path
    run_trial(doors)
    assert doors.case(case_id).number in supervisor.get(path).text
    with doors.home.house.store.read() as session:
        (example,) = session.scalars(select(LabelledExample))
        assert (example.told["category"], example.told["body"]) == ("illegal_fundraising", "police")
    number = doors.case(case_id).number
    supervisor.act(f"/console/cases/{case_id}/seal")
    assert number not in supervisor.get(path).text
    with doors.home.house.store.read() as session:
        assert session.scalars(select(LabelledExample)).all() == []
        assert session.scalars(select(LexiconMove)).all() == []


def test_a_phrase_mined_from_corrections_is_proposed_by_one_press(one_doors: Doors):
    supervisor = one_doors.sign_in(SUPERVISOR)
    for words in ("芦渚颐年院里天天摆着鹿茸，老人都问", "鹿茸又摆到芦渚颐年院了，家属都不放心"):
        case_id = one_doors.report(words).case_id
        supervisor.act(f"/console/cases/{case_id}/correct", {"category": "records", "urgency": "normal"})
    page = supervisor.get(DESK)
    offered = [each for each in page.tree.forms if each.action == f"{DESK}/change" and each.method == "POST"]
    assert offered, page.text
    fields = dict(offered[0].form_values())
    assert fields["words"] == "鹿茸"
    page = supervisor.act(f"{DESK}/change", fields)
    assert page.path.startswith(f"{DESK}/proposals/")
    assert active(one_doors) == 0
    page = supervisor.act(f"{page.path}/drop")
    assert "不要了" in page.text
