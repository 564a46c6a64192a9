"""What a notice says, and what can never get into it."""

from dataclasses import fields as list_fields
from datetime import date
from pathlib import Path

import pytest

from casework.borrowing import BorrowedWhy, find_borrowed_words
from casework.edits import edit_fields
from casework.errors import DataError, InvalidField
from casework.notices import (
    Accused,
    NoticeFields,
    fields_from_json,
    fields_to_json,
    list_missing,
    name_categories,
    render_notice,
    switch_template,
)
from casework.papers import Paper, PaperForm, list_lines
from casework.types import BodyKind
from casework.wording import INTERNAL, WORDING_FILE, load_wording
from tests.casework.papers import HEAD, ISSUE, clue_fields, some_fields, the_wording
from triage.taxonomy import load_taxonomy


def rendered(fields: NoticeFields, *, issued: bool = False) -> dict[PaperForm, Paper]:
    papers = render_notice(fields, wording=the_wording(), head=HEAD, issue=ISSUE if issued else None)
    return {paper.form: paper for paper in papers}


def said(paper: Paper) -> str:
    return "\n".join(list_lines(paper))


def test_a_clue_goes_with_letter_list_receipt_and_cover():
    assert list(rendered(clue_fields())) == [
        PaperForm.LETTER,
        PaperForm.CLUE_LIST,
        PaperForm.EVIDENCE_LIST,
        PaperForm.RECEIPT,
        PaperForm.COVER,
    ]


def test_the_letter_to_discipline_inspection_says_what_it_must():
    text = said(rendered(clue_fields())[PaperForm.LETTER])
    for wanted in (
        "望桐县纪委监委案件监督管理室：",
        "第三十七条",
        "第五十七条",
        "《信访工作条例》第三十条",
        "2026年10月8日",
        "密2026-031",
        "来件人未署名",
        "鲁守田，麦陇镇民政办副主任。以上信息未经核实。",
        "未接触被反映人，未向其所在单位核实，未泄露来件内容。",
        "不得将本函及所附材料转给被反映的人员和单位",
        "请在收到后将回执退我局",
        "附件：1. 问题线索移送清单",
        "2. 证据材料目录",
        "3. 回执",
    ):
        assert wanted in text, wanted


def test_neither_title_nor_cover_names_a_person_or_the_matter():
    papers = rendered(clue_fields())
    for paper in papers.values():
        assert "鲁守田" not in paper.title
    cover = said(papers[PaperForm.COVER])
    for secret in ("鲁守田", "麦陇", "职务", "民政办"):
        assert secret not in cover


def test_a_draft_has_blanks_and_its_mark_and_an_issued_one_has_number_and_day():
    draft, issued = rendered(some_fields())[PaperForm.LETTER], rendered(some_fields(), issued=True)[PaperForm.LETTER]
    assert (draft.banner, draft.number, draft.date) == (
        "代拟稿　未经签发，不得外传",
        "望民函〔2026〕　　号",
        "　　　　年　　月　　日",
    )
    assert (issued.banner, issued.number, issued.date) == ("", "望民函〔2026〕12号", "2026年10月9日")


def test_sections_without_content_are_left_out_and_the_rest_numbered_on():
    text = said(rendered(some_fields("police", institution="", happened="", place="芦渚镇"))[PaperForm.LETTER])
    assert "时间：" not in text
    assert "涉及人员" not in text
    headings = [line for line in text.splitlines() if line[1:2] == "、"]
    assert [line[0] for line in headings] == list("一二三四五")


def test_several_problems_are_numbered_and_one_is_not():
    one = said(rendered(some_fields(problems=("一处问题",)))[PaperForm.LETTER])
    two = said(rendered(some_fields(problems=("一处问题", "又一处")))[PaperForm.LETTER])
    assert "\n一处问题。\n" in one
    assert "\n1. 一处问题。\n2. 又一处。\n" in two


def test_danger_to_life_is_said_to_other_bodies():
    assert "请立即核查处置" in said(rendered(some_fields(critical=True))[PaperForm.LETTER])
    assert "请立即核查处置" not in said(rendered(some_fields())[PaperForm.LETTER])


def test_a_section_of_the_house_gets_an_order_instead_of_a_letter():
    papers = rendered(some_fields("township", internal=True))
    assert list(papers) == [PaperForm.ORDER]
    assert "转办单" in papers[PaperForm.ORDER].title


def crime_fields(**changes: object) -> NoticeFields:
    known: dict[str, object] = {
        "addressee": "望桐县公安局",
        "happened": "2026年9月24日",
        "investigators": "贺小满、陶玉苓",
        "findings": ("账上少了九千元。", "补贴名册里有两人已经去世。"),
        "goods": ("补贴名册｜2册｜封存在我局档案室",),
    }
    return some_fields("police_crime", **(known | changes))


def test_a_suspected_crime_goes_to_the_police_with_its_five_papers():
    papers = rendered(crime_fields())
    assert list(papers) == [
        PaperForm.LETTER,
        PaperForm.INVESTIGATION,
        PaperForm.GOODS_LIST,
        PaperForm.EXPERTISE,
        PaperForm.OTHER_LIST,
        PaperForm.RECEIPT,
    ]
    letter = said(papers[PaperForm.LETTER])
    for wanted in (
        "《行政执法机关移送涉嫌犯罪案件的规定》",
        "正职负责人批准",
        "24小时",
        "3日内决定是否立案",
        "贺小满、陶玉苓",
    ):
        assert wanted in letter, wanted
    assert "1. 账上少了九千元。" in said(papers[PaperForm.INVESTIGATION])
    assert papers[PaperForm.GOODS_LIST].grid == (("1", "补贴名册", "2册", "封存在我局档案室"),)
    assert papers[PaperForm.EXPERTISE].grid == (("", "无", "", ""),)


@pytest.mark.parametrize("alone", ["", "贺小满", "贺小满、"])
def test_one_alone_cannot_look_into_a_suspected_crime(alone: str):
    assert list_missing(crime_fields(investigators=alone), the_wording()) == ("investigators",)
    assert list_missing(crime_fields(), the_wording()) == ()


def test_violence_against_the_helpless_is_reported_by_its_own_letter():
    assert the_wording().kind_for("police", ["fees"]) == "police"
    kind = the_wording().kind_for("police", ["elder_abuse", "fees"])
    letter = said(rendered(some_fields(kind, critical=True))[PaperForm.LETTER])
    for wanted in ("《中华人民共和国反家庭暴力法》第十四条", "报案", "及时出警", "受案情况"):
        assert wanted in letter, wanted


def test_another_template_keeps_the_facts_and_changes_what_was_ready():
    before = some_fields("police", measures=(), suggestions=("自己写的建议",), place="芦渚镇")
    after = switch_template(before, "police_crime", the_wording())
    assert after.measures == the_wording().notices["police_crime"].measures
    assert after.suggestions == ("自己写的建议",)
    assert (after.place, after.problems) == (before.place, before.problems)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("market", ["《市场监督管理投诉举报处理暂行办法》", "是否立案"]),
        ("health", ["医疗卫生", "聚集性发病"]),
        ("housing", ["房屋", "坍塌"]),
        ("procurement_office", ["《中华人民共和国政府采购法》第七十条", "采购人"]),
        ("treasury", ["《财政违法行为处罚处分条例》", "书面告知"]),
        ("finance_risk", ["《防范和处置非法集资条例》", "调查认定"]),
        ("medical_fund", ["《医疗保障基金使用监督管理条例》"]),
    ],
)
def test_each_body_is_told_by_its_own_law_what_to_do(kind: str, wanted: list[str]):
    text = said(rendered(some_fields(kind))[PaperForm.LETTER])
    for words in wanted:
        assert words in text, words


def test_only_fields_that_the_papers_show_are_asked_for():
    fire = the_wording().fields_of("fire", internal=False)
    crime = the_wording().fields_of("police_crime", internal=False)
    assert not fire & {"goods", "expertise", "findings", "investigators", "materials"}
    assert {"goods", "expertise", "findings", "investigators", "others"} <= crime
    assert "materials" in the_wording().fields_of("discipline", internal=False)


@pytest.mark.parametrize("kind", list(BodyKind))
def test_every_kind_of_body_has_a_letter_that_says_the_problem_and_asks_for_a_receipt(kind: BodyKind):
    text = said(rendered(some_fields(kind.value, accused=(Accused("某某"),)))[PaperForm.LETTER])
    assert the_wording().problems["fire_hazard"] in text
    assert "回执" in text
    assert "保密" in text


def test_every_category_has_a_sentence_of_the_house():
    assert set(the_wording().problems) == set(load_taxonomy().codes)


def test_what_is_missing_for_the_receiver_is_named():
    assert list_missing(some_fields(institution="", place=""), the_wording()) == ("institution", "place")
    assert list_missing(clue_fields(accused=()), the_wording()) == ("accused",)
    assert list_missing(some_fields(), the_wording()) == ()


def test_fields_come_back_from_storage_as_they_were():
    for fields in (some_fields(), clue_fields(happened="2026年9月24日", named=True)):
        assert fields_from_json(fields_to_json(fields)) == fields


def test_no_field_can_hold_a_reporter_a_phone_or_an_hour():
    names = {field.name for field in list_fields(NoticeFields)}
    assert not {"reporter", "phone", "text", "channel", "received_at", "original"} & names
    assert NoticeFields.__annotations__["received_on"] is date


def test_codes_of_categories_become_names():
    fields = name_categories(clue_fields(), {"corruption": "职务违纪违法"})
    assert "职务违纪违法" in said(rendered(fields)[PaperForm.CLUE_LIST])


# ---- editing


def test_an_officer_may_change_sentences_and_persons():
    fields = edit_fields(
        clue_fields(),
        {"problems": "第一条\n\n第二条", "accused": [{"name": "鲁守田", "post": "副主任"}], "place": " 麦陇镇 "},
    )
    assert fields.problems == ("第一条", "第二条")
    assert fields.accused == (Accused("鲁守田", post="副主任"),)
    assert fields.place == "麦陇镇"


@pytest.mark.parametrize(
    ("edits", "field", "problem"),
    [
        ({"problems": ["来件人电话15400001234"]}, "problems", "contact_detail"),
        ({"place": "身份证37292219500101123X"}, "place", "contact_detail"),
        ({"happened": "2026年9月24日15:30"}, "happened", "clock_time"),
        ({"problems": ["昨晚九点半打电话来说"]}, "problems", "clock_time"),
        ({"problems": ["▇▇说的"]}, "problems", "masked"),
        ({"place": "长" * 201}, "place", "too_long"),
        ({"reference": "改编号"}, "reference", "unknown_choice"),
        ({"accused": [{"name": "鲁守田", "phone": "1"}]}, "accused", "unknown_choice"),
        ({"accused": [{"post": "副主任"}]}, "accused", "required"),
    ],
)
def test_what_could_lead_back_to_the_reporter_is_refused_at_its_field(
    edits: dict[str, object], field: str, problem: str
):
    with pytest.raises(InvalidField) as caught:
        edit_fields(some_fields(), edits)
    assert (caught.value.field, caught.value.problem) == (field, problem)


def test_the_office_may_give_its_own_phone_as_contact_and_speak_of_limits_in_hours():
    fields = edit_fields(some_fields(), {"contact": "贺小满，0530-6123456", "suggestions": "请在24小时内核查"})
    assert fields.contact.endswith("6123456")


def test_control_characters_do_not_get_into_a_document():
    assert edit_fields(some_fields(), {"place": "麦\x00陇\x0b镇"}).place == "麦陇镇"


# ---- borrowed words

WORKING = "我娘住芦渚颐年院，后门拿大铁链子锁着，灭火器都过期两年了，送了三千元购物卡才让换床。"


def test_a_default_draft_borrows_nothing():
    for kind in BodyKind:
        fields = some_fields(kind.value)
        text = "".join(said(paper) for paper in rendered(fields).values())
        assert find_borrowed_words(text, WORKING, (*the_wording().stock, fields.institution)) == ()


def test_six_characters_in_a_row_are_shown_where_they_stand():
    draft = "反映后门拿大铁链子锁着的问题"
    (span,) = find_borrowed_words(draft, WORKING)
    assert span.why is BorrowedWhy.WORDS
    assert draft[span.start : span.end] == span.text == "后门拿大铁链子锁着"


def test_moving_a_comma_or_writing_wide_digits_hides_nothing():
    assert find_borrowed_words("后门，拿大 铁链子", WORKING)[0].text == "后门，拿大 铁链子"
    assert find_borrowed_words("编号１２３４５６", "是123456号")


def test_five_characters_and_stock_words_are_no_loan():
    assert find_borrowed_words("后门拿大铁", WORKING) == ()
    assert find_borrowed_words("芦渚颐年院后门", WORKING, ["芦渚颐年院"]) == ()


def test_the_very_same_figure_is_shown_although_it_is_short():
    (span,) = find_borrowed_words("面值三千元", WORKING)
    assert (span.text, span.why) == ("三千元", BorrowedWhy.FIGURE)
    assert find_borrowed_words("面值数千元", WORKING) == ()


def test_spans_are_in_order_and_never_overlap():
    spans = find_borrowed_words("灭火器都过期两年了；三千元；拿大铁链子锁着", WORKING)
    assert [span.text for span in spans] == ["灭火器都过期两年了", "三千元", "拿大铁链子锁着"]


# ---- the wording as data


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{reference}", "{refrence}", "refrence"),
        ('each = "problems"', 'each = "probelms"', "probelms"),
        ('minimum = ["problems"]', 'minimum = ["problem"]', "problem"),
        ('nothing = "无"', "", "nothing"),
        ('forms = ["order"]', 'forms = ["ordre"]', "ordre"),
    ],
)
def test_a_mistake_in_the_wording_stops_the_start(tmp_path: Path, old: str, new: str, problem: str):
    wrong = tmp_path / "notices.toml"
    wrong.write_text(WORDING_FILE.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(DataError) as caught:
        load_wording(wrong)
    assert caught.value.file == "notices.toml"
    assert problem in caught.value.problem


def test_the_house_has_its_own_template():
    assert the_wording().template_for("civil_affairs", internal=True) is the_wording().notices[INTERNAL]
