"""The papers of a case: who may draft and issue them, what they say, and that nothing of the reporter is in them."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from casework.caseletters import (
    PaperDesk,
    draft_paper,
    drop_paper,
    find_kept_file,
    get_paper_for,
    issue_paper,
    list_kinds_for,
    preview_paper,
    update_paper,
)
from casework.casepapers import draft_texts, edit_texts, render_case_paper, write_message
from casework.chain import sequence_entries, verify_ledger
from casework.documents import to_pdf
from casework.errors import ConflictOfInterest, DataError, IllegalMove, InvalidField, NotAllowed, NotFound
from casework.exclusions import exclude_by_hand
from casework.heads import parse_head
from casework.ledger import Verb, list_timeline
from casework.messages import list_messages
from casework.models import CasePaper, CasePaperFile, Deadline
from casework.models.people import Officer
from casework.models.secrecy import Exclusion
from casework.papers import FileFormat, Paper, PaperForm, list_lines
from casework.paperwording import FACTS, WORDING_FILE, load_paper_wording
from casework.rowpacks import drop_rows, pack_rows, restore_rows
from casework.store import Store
from casework.types import ExclusionReason
from casework.wordfiles import to_docx
from tests.casework.casedesk import Desk, a_sealed_case
from tests.casework.handovers import the_desk
from tests.casework.papers import count_pages, read_docx, read_text, squeeze, the_typesetter
from tests.casework.people import NOW, TEXT, a_handler, a_leader

WORDING = load_paper_wording()
KINDS = list(WORDING.papers)
LATER = NOW + timedelta(days=1)
FACTS_KNOWN = dict.fromkeys(FACTS, "某事") | {"problems": "第一件事。\n第二件事。"}


def a_desk() -> PaperDesk:
    return PaperDesk(the_desk(), WORDING)


def filled(kind: str, **changes: str) -> list[Paper]:
    template = WORDING.template_for(kind)
    texts = draft_texts(template, FACTS_KNOWN)
    texts |= {
        field.name: field.options[0] if field.options else texts[field.name] or "填了" for field in template.fields
    }
    known: dict[str, Any] = {"wording": WORDING, "office": "望桐县民政局", "prefix": "望民函", "year": 2026}
    return list(render_case_paper(texts | changes, template=template, **known))


def whole(paper: Paper) -> str:
    return "\n".join(list_lines(paper))


def a_draft(desk: Desk, kind: str = "accept", **edits: str) -> CasePaper:
    if WORDING.template_for(kind).to == "body":
        desk.assign()
    paper = draft_paper(desk.session, desk.case, kind, by=desk.dispatcher, desk=a_desk(), now=NOW)
    if edits:
        update_paper(desk.session, paper, edits, by=desk.dispatcher, desk=a_desk(), now=NOW)
    return paper


@pytest.mark.parametrize("kind", KINDS)
def test_pdf_and_docx_of_every_paper_say_the_same(kind: str):
    for paper in filled(kind):
        expected = squeeze("".join(list_lines(paper)))
        pdf = to_pdf(paper, the_typesetter())
        first = 2 if paper.form is PaperForm.LETTER else 1
        pages = "".join(f"—{page}—" for page in range(first, count_pages(pdf) + 1))
        note = squeeze(the_typesetter().fonts.note)
        assert sorted(read_docx(to_docx(paper))) == sorted(expected)
        assert sorted(read_text(pdf)) == sorted(expected + note + pages)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("accept", ["《信访工作条例》第二十三条", "予以受理", "60日", "查询码", "第三十四条"]),
        ("refuse", ["不予受理", "第十九条第三款", "您可以去哪里反映"]),
        ("extend", ["第三十四条", "批准", "延长至"]),
        ("reply", ["处理意见", "30日", "复查", "第三十五条", "第三十二条"]),
        ("supplement", ["请您补充", "查询码"]),
        ("order", ["紧急程度", "办理期限", "领导批示", "签收人", "满意度"]),
        ("supervise", ["督办", "前办结", "追究责任", "回执"]),
    ],
)
def test_each_paper_says_what_the_law_wants_of_it(kind: str, wanted: list[str]):
    text = "\n".join(whole(paper) for paper in filled(kind))
    for words in wanted:
        assert words in text, words


def test_no_proof_is_no_ground_for_refusing():
    ground = WORDING.template_for("refuse").by_name["ground"]
    assert ground.options
    assert not any("证据" in option for option in ground.options)


def test_a_draft_is_made_of_the_case_and_of_no_word_of_the_reporter(store: Store):
    with store.write() as session:
        desk = Desk(session)
        paper = a_draft(desk)
        text = "\n".join(map(whole, preview_paper(paper, desk=a_desk(), now=NOW)))
    assert "代拟稿" in text
    assert desk.case.number in text
    assert "2026年10月8日" in text
    assert "收费、退费或者服务合同" in text
    assert "望民信受〔2026〕　　号" in text
    for words in (TEXT[:7], TEXT[8:]):
        assert words not in text


def test_only_who_may_issue_gives_it_its_number_and_the_files_stay(store: Store):
    with store.write() as session:
        desk = Desk(session)
        paper = a_draft(desk)
        with pytest.raises(NotAllowed):
            issue_paper(session, paper, by=desk.dispatcher, desk=a_desk(), now=LATER)
        leader = a_leader(session)
        issue_paper(session, paper, by=leader, desk=a_desk(), now=LATER)
        second = issue_paper(session, a_draft(desk), by=leader, desk=a_desk(), now=LATER)
        assert (paper.number, second.number) == ("望民信受〔2026〕1号", "望民信受〔2026〕2号")
        kept = find_kept_file(session, paper, 0, FileFormat.PDF)
        assert kept is not None
        assert "望民信受〔2026〕1号" in read_text(kept)
        assert "代拟" not in read_text(kept)
        with pytest.raises(IllegalMove):
            update_paper(session, paper, {"contact": "别人"}, by=desk.dispatcher, desk=a_desk(), now=LATER)
        with pytest.raises(IllegalMove):
            drop_paper(session, paper, by=desk.dispatcher, desk=a_desk(), now=LATER)
        verbs = [row.verb for row in list_timeline(session, desk.case.id)]
    assert verbs.count(Verb.PAPER_ISSUED) == 2


def test_the_reporter_is_told_of_his_paper_in_his_talk(store: Store):
    with store.write() as session:
        desk = Desk(session)
        paper = a_draft(desk)
        assert not list_messages(session, desk.case)
        issue_paper(session, paper, by=a_leader(session), desk=a_desk(), now=LATER)
        (message,) = list_messages(session, desk.case)
        assert message.id == paper.message_id
        assert message.text is not None
        for words in ("我们接下来办", paper.number or "", "要文书"):
            assert words in message.text
        verbs = [row.verb for row in list_timeline(session, desk.case.id)]
        assert verbs.index(Verb.PAPER_ISSUED) < verbs.index(Verb.ANSWERED)
        assert "message" in desk.news()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if WORDING.template_for(kind).to == "reporter"])
def test_what_he_is_told_is_in_words_of_the_mouth(kind: str):
    template = WORDING.template_for(kind)
    said = template.message + WORDING.offer
    assert not {word for word in ("受理", "承办", "研判", "诉求", "提交", "系统", "用户") if word in said}
    told = write_message(draft_texts(template, FACTS_KNOWN), "望民信〔2026〕1号", template, WORDING)
    assert "{" not in told
    assert "望民信〔2026〕1号" in told
    assert all(len(sentence) <= 30 for sentence in re.split("[。？！]", told))


def test_a_paper_for_a_body_tells_the_reporter_nothing(store: Store):
    with store.write() as session:
        desk = Desk(session)
        issue_paper(session, a_draft(desk, "order"), by=desk.supervisor, desk=a_desk(), now=LATER)
        assert not list_messages(session, desk.case)


def test_an_issued_paper_carries_the_head_that_the_ledger_had(store: Store):
    with store.write() as session:
        desk = Desk(session)
        paper_id, leader_id = a_draft(desk).id, a_leader(session).id
    sequence_entries(store, now=NOW)
    with store.write() as session:
        paper, leader = session.get_one(CasePaper, paper_id), session.get_one(Officer, leader_id)
        issue_paper(session, paper, by=leader, desk=a_desk(), now=LATER)
        head = parse_head(paper.foot.split()[1])
        assert verify_ledger(session, anchor=head).is_whole
        for form, read in ((FileFormat.PDF, read_text), (FileFormat.DOCX, read_docx)):
            assert squeeze(paper.foot) in read(find_kept_file(session, paper, 0, form) or b"")


def test_what_is_missing_keeps_it_from_being_issued(store: Store):
    with store.write() as session:
        paper = a_draft(Desk(session), "refuse")
        with pytest.raises(InvalidField) as caught:
            issue_paper(session, paper, by=a_leader(session), desk=a_desk(), now=LATER)
    assert (caught.value.field, caught.value.problem) == ("ground", "required")


@pytest.mark.parametrize(
    ("edits", "field", "problem"),
    [
        ({"matters": "打15400001234问"}, "matters", "contact_detail"),
        ({"matters": "昨晚九点半的事"}, "matters", "clock_time"),
        ({"matters": "▇▇说的"}, "matters", "masked"),
        ({"ground": "证据不足"}, "ground", "unknown_choice"),
        ({"reference": "改编号"}, "reference", "unknown_choice"),
    ],
)
def test_what_may_not_leave_is_refused_at_its_field(edits: dict[str, str], field: str, problem: str):
    template = WORDING.template_for("refuse")
    with pytest.raises(InvalidField) as caught:
        edit_texts(template, draft_texts(template, FACTS_KNOWN), edits)
    assert (caught.value.field, caught.value.problem) == (field, problem)


def test_what_came_in_as_a_default_is_read_again_before_it_leaves(store: Store):
    with store.write() as session:
        paper = a_draft(Desk(session))
        paper.fields = paper.fields | {"matters": "请打15400001234"}
        with pytest.raises(InvalidField):
            issue_paper(session, paper, by=a_leader(session), desk=a_desk(), now=LATER)


def test_an_answer_is_filled_in_with_what_was_found(store: Store):
    with store.write() as session:
        desk = Desk(session)
        desk.assign()
        desk.sign()
        desk.reply()
        paper = draft_paper(session, desk.case, "reply", by=desk.handler, desk=a_desk(), now=LATER)
        text = "\n".join(map(whole, preview_paper(paper, desk=a_desk(), now=LATER)))
    for words in ("查过了，饭菜已经整改。", "部分属实", "责令(限期)改正", "云梧市民政局请求复查"):
        assert words in text, words


def test_a_reminder_names_the_limits_that_ran_out(store: Store):
    with store.write() as session:
        desk = Desk(session)
        desk.assign()
        late = NOW + timedelta(days=30)
        paper = draft_paper(session, desk.case, "supervise", by=desk.supervisor, desk=a_desk(), now=late)
        update_paper(session, paper, {"until": "2026年11月20日"}, by=desk.supervisor, desk=a_desk(), now=late)
        letter, receipt = preview_paper(paper, desk=a_desk(), now=late)
        assert "办理并答复的期限是" in whole(letter)
        assert letter.addressee == "养老服务科"
        assert "督〔2026〕" in letter.number
        assert receipt.form is PaperForm.RECEIPT
        issue_paper(session, paper, by=desk.supervisor, desk=a_desk(), now=late)
        assert Verb.REMINDED in desk.verbs()


def test_a_notice_of_acceptance_meets_the_limit_of_telling(store: Store):
    with store.write() as session:
        desk = Desk(session)
        clock = Deadline(
            case_id=desk.case.id,
            rule_id="petition_notice",
            unit="day",
            length=15,
            started_at=NOW,
            due_on=NOW.date() + timedelta(days=15),
        )
        session.add(clock)
        session.flush()
        issue_paper(session, a_draft(desk), by=a_leader(session), desk=a_desk(), now=LATER)
        assert clock.met_at == LATER


def test_no_paper_goes_to_a_body_that_is_kept_out(store: Store):
    with store.write() as session:
        desk = Desk(session)
        paper = a_draft(desk, "order")
        session.add(
            Exclusion(
                case_id=desk.case.id,
                body_code="civil_affairs",
                reason=ExclusionReason.UNIT_NAMED,
                certain=True,
                made_at=NOW,
            )
        )
        session.flush()
        with pytest.raises(ConflictOfInterest):
            issue_paper(session, paper, by=desk.supervisor, desk=a_desk(), now=LATER)
        with pytest.raises(ConflictOfInterest):
            draft_paper(session, desk.case, "supervise", by=desk.supervisor, desk=a_desk(), now=LATER)


def test_one_who_is_kept_out_or_has_no_part_finds_no_paper(store: Store):
    with store.write() as session:
        desk = Desk(session)
        paper = a_draft(desk)
        assert get_paper_for(session, desk.supervisor, paper.id, WORDING)[0] is paper
        exclude_by_hand(session, desk.case, officer_id=desk.supervisor.id, by=desk.dispatcher, now=NOW)
        stranger = a_handler(session, "外人", body="assistance")
        for officer in (desk.supervisor, stranger, desk.clue):
            with pytest.raises(NotFound):
                get_paper_for(session, officer, paper.id, WORDING)


def test_a_sealed_case_has_no_such_papers(store: Store):
    with store.write() as session:
        case, clue = a_sealed_case(session)
        assert list_kinds_for(clue, case, WORDING) == ()
        leader = a_leader(session)
        assert list_kinds_for(leader, case, WORDING) == ()
        with pytest.raises(NotAllowed):
            draft_paper(session, case, "accept", by=a_handler(session), desk=a_desk(), now=NOW)


def test_papers_go_inside_with_a_case_that_is_sealed_late_and_come_back(store: Store):
    with store.write() as session:
        desk = Desk(session)
        paper = issue_paper(session, a_draft(desk), by=a_leader(session), desk=a_desk(), now=LATER)
        number, ident = paper.number, paper.id
        packed = pack_rows(session, desk.case.id)
        drop_rows(session, desk.case.id)
        session.expire_all()
        for model in (CasePaper, CasePaperFile):
            assert session.scalar(select(func.count()).select_from(model)) == 0
        restore_rows(session, packed)
        assert session.get_one(CasePaper, ident).number == number
        assert session.scalar(select(func.count()).select_from(CasePaperFile)) == 2


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{reference}号来件", "{refrence}号来件", "refrence"),
        ('each = "matters"', 'each = "maters"', "maters"),
        ('default = "{problems}"', 'default = "{words}"', "words"),
        ('issuers = ["leader"]', 'issuers = ["reader"]', "reader"),
        ('form = "order"', 'form = "cover"', "cover"),
        ('meets = "contacted"', 'meets = "contracted"', "contracted"),
    ],
)
def test_a_mistake_in_the_wording_stops_the_start(tmp_path: Path, old: str, new: str, problem: str):
    wrong = tmp_path / "casepapers.toml"
    wrong.write_text(WORDING_FILE.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(DataError) as caught:
        load_paper_wording(wrong)
    assert problem in caught.value.problem
