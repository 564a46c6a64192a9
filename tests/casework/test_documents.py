"""The papers on paper: the measures of GB/T 9704 for 信函格式, fonts, and one text in both files."""

import re
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pypdfium2 as pdfium
import pytest
import typst
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from casework.documents import DocumentFault, Typesetter, build_typesetter, to_pdf, to_pictures
from casework.fonts import ROLES, FontChoice, FontRole, MissingFonts, choose_fonts
from casework.notices import Issue, NoticeFields, render_notice
from casework.papers import Block, BlockKind, Paper, PaperForm, list_lines
from casework.wordfiles import to_docx
from casework.wordtemplate import FOLDER, LETTER, SHEET, build_template
from tests.casework.papers import (
    HEAD,
    ISSUE,
    a_letter,
    clue_fields,
    count_pages,
    find_red_rules,
    find_words,
    read_docx,
    read_glyphs,
    read_text,
    some_fields,
    squeeze,
    the_typesetter,
    the_wording,
)

HAIR = 0.3
"""Millimetres that a measure may be off: the width of a line."""


def east_asian_font(paragraph: Paragraph) -> str:
    return str(next(paragraph.runs[0]._r.iter(qn("w:rFonts"))).get(qn("w:eastAsia")))


@pytest.fixture(scope="module")
def letter_pdf() -> bytes:
    return to_pdf(a_letter(), the_typesetter())


def test_the_mark_begins_thirty_millimetres_below_the_paper_edge_and_is_centred(letter_pdf: bytes):
    mark = find_words(letter_pdf, "望桐县民政局")
    assert mark.top == pytest.approx(30, abs=HAIR)
    assert (mark.left + mark.right) / 2 == pytest.approx(105, abs=1.5)


def test_two_red_double_rules_of_170_millimetres_frame_the_first_page(letter_pdf: bytes):
    mark = find_words(letter_pdf, "望桐县民政局")
    above_thick, above_thin, below_thin, below_thick = find_red_rules(letter_pdf)
    assert above_thick.top - mark.bottom == pytest.approx(4, abs=HAIR)
    assert below_thick.bottom == pytest.approx(297 - 20, abs=HAIR)
    for rule in (above_thick, above_thin, below_thin, below_thick):
        assert rule.left == pytest.approx(20, abs=HAIR)
        assert rule.right == pytest.approx(190, abs=HAIR)
    assert above_thick.bottom - above_thick.top > above_thin.bottom - above_thin.top
    assert below_thick.bottom - below_thick.top > below_thin.bottom - below_thin.top


def test_the_number_stands_flush_right_under_the_first_rule(letter_pdf: bytes):
    number = find_words(letter_pdf, "望民函〔2026〕12号")
    assert number.right == pytest.approx(210 - 26, abs=0.6)
    assert number.top > find_red_rules(letter_pdf)[1].bottom


def test_the_title_is_centred_two_blank_lines_below_the_number(letter_pdf: bytes):
    number, title = find_words(letter_pdf, "望民函〔2026〕12号"), find_words(letter_pdf, "关于移送有关问题线索的函")
    assert (title.left + title.right) / 2 == pytest.approx(28 + 78, abs=HAIR)
    assert title.bottom - title.top == pytest.approx(22 / 72 * 25.4, abs=1)
    assert 2 < (title.top - number.bottom) / (28 / 72 * 25.4) < 3


def test_the_text_is_sixteen_points_on_a_grid_of_twenty_eight_and_indented_by_two(letter_pdf: bytes):
    glyphs = [box for character, box in read_glyphs(letter_pdf) if character == "梧"]
    lines = sorted({round(box.bottom, 1) for box in glyphs})
    assert lines[1] - lines[0] == pytest.approx(28 / 72 * 25.4, abs=0.1)
    first = [box for box in glyphs if round(box.bottom, 1) == lines[0]]
    second = [box for box in glyphs if round(box.bottom, 1) == lines[1]]
    assert len(second) == 28
    assert first[0].left - second[0].left == pytest.approx(2 * 16 / 72 * 25.4, abs=HAIR)
    assert second[0].left == pytest.approx(28, abs=0.8)
    assert second[-1].right == pytest.approx(210 - 26, abs=0.8)


def test_the_addressee_stands_at_the_left_edge(letter_pdf: bytes):
    assert find_words(letter_pdf, "望桐县纪委监委：").left == pytest.approx(28, abs=0.8)


def test_the_date_ends_four_characters_from_the_right_and_the_name_stands_over_its_middle(letter_pdf: bytes):
    date = find_words(letter_pdf, "2026年10月9日")
    name = [box for character, box in read_glyphs(letter_pdf) if character == "局" and box.top > 100][-1]
    assert date.right == pytest.approx(210 - 26 - 4 * 16 / 72 * 25.4, abs=1.5)
    assert name.right == pytest.approx((date.left + date.right) / 2 + 3 * 16 / 72 * 25.4, abs=1.5)


def test_twenty_two_lines_fill_a_page_and_page_numbers_begin_on_the_second():
    lines = tuple(Block(BlockKind.BODY, f"第{n}行。") for n in range(60))
    pdf = to_pdf(a_letter(blocks=lines), the_typesetter())
    assert "—1—" not in read_text(pdf)
    second = [box for character, box in read_glyphs(pdf) if character == "第" and box.page == 2]
    assert len(second) == 22
    assert second[0].top == pytest.approx(37 + 2, abs=1.5)
    number, dash = find_words(pdf, "—2—"), find_words(pdf, "—")
    assert number.page == 2
    assert dash.top == pytest.approx(297 - 35 + 7, abs=HAIR)
    assert number.left == pytest.approx(28 + 14 / 72 * 25.4, abs=0.6)
    assert find_words(pdf, "—3—").right == pytest.approx(210 - 26 - 14 / 72 * 25.4, abs=1)
    assert find_red_rules(pdf, page=2) == []


def test_a_heading_is_not_left_alone_at_the_foot_of_a_page():
    lines = tuple(Block(BlockKind.BODY, "望。") for _ in range(11))
    for extra in range(4):
        filler = tuple(Block(BlockKind.BODY, "桐。") for _ in range(extra))
        blocks = (*lines, *filler, Block(BlockKind.HEADING, "五、末了"), Block(BlockKind.BODY, "随后。"))
        pdf = to_pdf(a_letter(blocks=blocks), the_typesetter())
        assert find_words(pdf, "五、末了").page == find_words(pdf, "随后。").page


@pytest.mark.parametrize("issue", [None, ISSUE], ids=["draft", "issued"])
@pytest.mark.parametrize(
    "fields",
    [some_fields(), clue_fields(), some_fields(internal=True), some_fields("police_crime", goods=("名册｜2册",))],
    ids=["fire", "clue", "order", "crime"],
)
def test_pdf_and_docx_say_the_same(fields: NoticeFields, issue: Issue | None):
    for paper in render_notice(fields, wording=the_wording(), head=HEAD, issue=issue):
        expected = squeeze("".join(list_lines(paper)))
        pdf = to_pdf(paper, the_typesetter())
        note = squeeze(the_typesetter().fonts.note) if paper.banner else ""
        first = 2 if paper.form is PaperForm.LETTER else 1
        pages = "".join(f"—{page}—" for page in range(first, count_pages(pdf) + 1))
        assert sorted(read_docx(to_docx(paper))) == sorted(expected), paper.form
        assert sorted(read_text(pdf)) == sorted(expected + note + pages), paper.form


def test_a_draft_says_that_it_is_one_and_which_fonts_stand_in():
    drafts = render_notice(clue_fields(), wording=the_wording(), head=HEAD)
    text = read_text(to_pdf(drafts[0], the_typesetter()))
    assert "代拟稿" in text
    assert squeeze(the_typesetter().fonts.note) in text
    assert "代拟稿" in read_docx(to_docx(drafts[0]))


def test_an_issued_letter_carries_no_mark_of_a_draft():
    for paper in render_notice(clue_fields(), wording=the_wording(), head=HEAD, issue=ISSUE):
        assert "代拟" not in read_text(to_pdf(paper, the_typesetter()))
        assert "代拟" not in read_docx(to_docx(paper))


def test_text_is_shown_as_text_whatever_it_holds():
    odd = '#set page() $x$ *b* {{ 7*7 }} <w:p> & "q" \\ {% if %}'
    paper = a_letter(blocks=(Block(BlockKind.BODY, odd),))
    assert squeeze(odd).replace('"', "") in read_text(to_pdf(paper, the_typesetter())).replace("“", "").replace(
        "”", ""
    ).replace('"', "")
    assert squeeze(odd) in read_docx(to_docx(paper))


def test_the_same_paper_gives_the_same_pdf():
    assert to_pdf(a_letter(), the_typesetter()) == to_pdf(a_letter(), the_typesetter())


def test_a_pdf_names_no_author_and_no_hour(letter_pdf: bytes):
    metadata = pdfium.PdfDocument(letter_pdf).get_metadata_dict(skip_empty=True)
    assert not {"Author", "CreationDate", "ModDate"} & metadata.keys()


def test_a_paper_can_be_drawn_for_the_screen():
    pictures = to_pictures(a_letter(), the_typesetter())
    assert len(pictures) == count_pages(to_pdf(a_letter(), the_typesetter()))
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)


def test_an_unknown_font_is_an_error():
    kept = the_typesetter()
    wrong = {role: type(font)(("没有这种字体",), font.weight, standard=True) for role, font in kept.fonts.roles.items()}
    compiler = typst.Compiler(font_paths=typst.Fonts(include_embedded_fonts=False))
    setter = Typesetter(compiler, FontChoice(wrong, ""), (FOLDER / "paper.typ").read_bytes())
    with pytest.raises(DocumentFault) as caught:
        to_pdf(a_letter(), setter)
    assert any("unknown font family" in code for code in caught.value.codes)


def test_the_packaged_font_sets_a_letter_where_the_system_has_none():
    setter = build_typesetter(system_fonts=False)
    assert {font.families for font in setter.fonts.roles.values()} == {("Noto Sans CJK SC",)}
    assert "望桐县民政局" in read_text(to_pdf(a_letter(), setter))


def test_the_office_fonts_win_and_are_not_apologised_for():
    own = [ROLES[role].own[0] for role in FontRole]
    choice = choose_fonts([*own, "Noto Serif CJK SC", "Noto Sans CJK SC"])
    assert all(font.standard for font in choice.roles.values())
    assert choice.note == ""
    assert choice.roles[FontRole.BODY].families == ("仿宋_GB2312", "Noto Serif CJK SC", "Noto Sans CJK SC")


def test_free_song_and_kai_stand_in_and_the_note_names_them():
    choice = choose_fonts(["Noto Serif CJK SC", "Noto Sans CJK SC", "AR PL UKai"])
    assert choice.roles[FontRole.KAI].families[0] == "AR PL UKai"
    assert "仿宋_GB2312" in choice.note
    assert "Noto Serif CJK SC" in choice.note


def test_no_chinese_font_at_all_is_told_at_once():
    with pytest.raises(MissingFonts):
        choose_fonts(["DejaVu Sans"])


@pytest.mark.parametrize("name", [LETTER, SHEET])
def test_the_shipped_template_is_the_one_that_the_measures_make(name: str):
    with ZipFile(FOLDER / name) as shipped, ZipFile(BytesIO(build_template(name))) as built:
        assert shipped.namelist() == built.namelist()
        for part in shipped.namelist():
            assert shipped.read(part) == built.read(part), part


def test_the_docx_has_the_same_measures_and_names_the_standard_fonts():
    document = Document(BytesIO(to_docx(a_letter())))
    section = document.sections[0]
    edges = (section.page_width, section.page_height, section.top_margin, section.left_margin, section.right_margin)
    assert [round(edge.mm, 1) for edge in edges if edge] == [210, 297, 37, 28, 26]
    body = next(paragraph for paragraph in document.paragraphs if paragraph.text == "首段。")
    assert body.paragraph_format.line_spacing == Pt(28)
    assert body.paragraph_format.first_line_indent == Pt(32)
    assert body.runs[0].font.size == Pt(16)
    assert east_asian_font(body) == "仿宋_GB2312"
    title = next(paragraph for paragraph in document.paragraphs if paragraph.text.startswith("关于"))
    assert title.runs[0].font.size == Pt(22)
    assert east_asian_font(title) == "方正小标宋_GBK"
    rules = [
        border.get(qn("w:val"))
        for part in (section.first_page_header, section.first_page_footer)
        for border in part._element.iter(qn("w:bottom"))
    ]
    assert rules == ["thickThinSmallGap", "thinThickSmallGap"]


ORDER = {
    "pPr": "pStyle keepNext keepLines widowControl pBdr shd tabs autoSpaceDE autoSpaceDN spacing ind jc rPr",
    "rPr": "rStyle rFonts b i color spacing sz szCs lang",
}


@pytest.mark.parametrize("name", [LETTER, SHEET])
def test_properties_stand_in_the_order_that_word_wants(name: str):
    with ZipFile(BytesIO(build_template(name))) as built:
        parts = [part for part in built.namelist() if re.search(r"word/(document|header|footer)\d*\.xml$", part)]
        for part in parts:
            for element in ElementTree.fromstring(built.read(part)).iter():
                order = ORDER.get(element.tag.rpartition("}")[2], "").split()
                found = [child.tag.rpartition("}")[2] for child in element]
                if order and found:
                    assert found == sorted(found, key=order.index), part


def test_the_office_may_bring_its_own_template(tmp_path: Path):
    document = Document()
    document.add_paragraph("{{ mark }}的信：{{ title }}")
    document.save(str(tmp_path / LETTER))
    assert read_docx(to_docx(a_letter(), tmp_path)) == "望桐县民政局的信：关于移送有关问题线索的函"


def test_annexes_are_numbered_only_where_there_are_several():
    assert Paper(PaperForm.LETTER, "", annexes=("回执",)).annex_lines == ("附件：回执",)
    assert Paper(PaperForm.LETTER, "", annexes=("清单", "回执")).annex_lines == ("附件：1. 清单", "2. 回执")
