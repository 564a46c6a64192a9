"""Making the .docx templates after the measures of GB/T 9704; the office may then change them in Word or WPS.

The templates that ship are made by `build_template` and a test holds them to it: who changes a measure here makes
them anew with `python -m casework.wordtemplate`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section, _Footer
from docx.shared import Length, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

FANGSONG, XIAOBIAOSONG, KAI, HEI, SONG = "仿宋_GB2312", "方正小标宋_GBK", "楷体_GB2312", "黑体", "宋体"
RED, GREY = RGBColor(0xE6, 0x00, 0x12), RGBColor(0x50, 0x50, 0x50)
FOOT = Mm(4)
SIZE, PITCH = Pt(16), Pt(28)
COLUMNS = (Mm(36), Mm(120))
GRID = (Mm(18), Mm(66), Mm(30), Mm(42))
CLOSER = "-5"  # twentieths of a point: 28 characters fill the 156 mm line
LETTER, SHEET = "letter.docx", "sheet.docx"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # no file tells the hour it was made
AFTER_AUTO_SPACE = ("w:bidi", "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr")
FOLDER = Path(__file__).parent / "data" / "documents"


def build_template(name: str) -> bytes:
    """The template `letter.docx` (信函格式) or `sheet.docx` (an annex or a form) as bytes."""
    document = Document()
    _empty(document)
    _set_defaults(document)
    section = document.sections[0]
    _set_page(section)
    _number_pages(document, section)
    if name == LETTER:
        _add_letterhead(section)
        _add_line(document, "{{ number }}", align=WD_ALIGN_PARAGRAPH.RIGHT, before=Pt(10))
        _add_blanks(document, 2)
    else:
        _add_banner(section)
        _add_when(document, "form != 'order'", lambda: _add_label(document))  # a form keeps to one page
    _add_line(document, "{{ title }}", font=XIAOBIAOSONG, size=Pt(22), align=WD_ALIGN_PARAGRAPH.CENTER, pitch=Pt(34))
    if name == SHEET:
        _add_when(document, "number", lambda: _add_line(document, "{{ number }}", align=WD_ALIGN_PARAGRAPH.CENTER))
    _add_blanks(document, 1)
    _add_content(document)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _add_label(document: DocumentType) -> None:
    _add_line(document, "{{ annex_label }}", font=HEI)
    _add_blanks(document, 1)


def _empty(document: DocumentType) -> None:
    for paragraph in list(document.paragraphs):
        paragraph._p.getparent().remove(paragraph._p)
    properties = document.core_properties
    properties.author, properties.title, properties.comments = "", "", ""
    properties.created = properties.modified = EPOCH


def _set_defaults(document: DocumentType) -> None:
    style = document.styles["Normal"]
    style.font.size = SIZE
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for slot in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(slot), FANGSONG)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "zh-CN")
        language.set(qn("w:eastAsia"), "zh-CN")


def _set_page(section: Section) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)


def _number_pages(document: DocumentType, section: Section) -> None:
    """— 1 — in 4号宋体, its top 7 mm below the 版心, one character from the outer edge."""
    document.settings.odd_and_even_pages_header_footer = True
    section.footer_distance = Mm(20)
    _number_page(section.footer, odd=True)
    _number_page(section.even_page_footer, odd=False)


def _number_page(part: _Footer, *, odd: bool) -> Paragraph:
    paragraph = _first_paragraph(part)
    _space(paragraph, pitch=Pt(22.7), **({"right": Pt(14)} if odd else {"left": Pt(14)}))
    if odd:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.paragraph_format.space_after = FOOT  # the dash, not the line's foot, stands 7 mm below the text
    _add_field(paragraph)
    return paragraph


def _write_foot(paragraph: Paragraph) -> None:
    """The head of the ledger, small and grey, in the room above the lower rule."""
    _write(paragraph, "{{ foot }}", font=FANGSONG, size=Pt(9), pitch=FOOT)
    paragraph.runs[0].font.color.rgb = GREY
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _first_paragraph(part: _Footer) -> Paragraph:
    part.is_linked_to_previous = False
    paragraph: Paragraph = part.paragraphs[0]
    return paragraph


def _add_field(paragraph: Paragraph) -> None:
    _add_run(paragraph, "— ", font=SONG, size=Pt(14))
    run = _add_run(paragraph, "", font=SONG, size=Pt(14))
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        if kind:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        else:
            element = OxmlElement("w:instrText")
            element.text = text
        run._r.append(element)
    _add_run(paragraph, " —", font=SONG, size=Pt(14))


def _add_banner(section: Section) -> None:
    section.header_distance = Mm(14)
    section.different_first_page_header_footer = True
    header = section.first_page_header
    header.is_linked_to_previous = False
    _write(header.paragraphs[0], "{{ banner }}", font=HEI, size=Pt(10.5), pitch=Pt(16))
    header.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    _number_page(section.first_page_footer, odd=True).paragraph_format.space_after = Pt(0)
    _write_foot(section.first_page_footer.add_paragraph())


def _add_letterhead(section: Section) -> None:
    """The red mark, its top 30 mm from the paper's edge, a double rule 4 mm below; another 20 mm above the lower edge.

    Both rules are 170 mm wide and centred on the page: 8 mm out of the text on the left, 6 mm on the right.
    """
    section.different_first_page_header_footer = True
    section.header_distance = Mm(14)
    header = section.first_page_header
    header.is_linked_to_previous = False
    banner = header.paragraphs[0]
    banner.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(banner, "{{ banner }}", font=HEI, size=Pt(10.5), pitch=Pt(16))
    mark = header.add_paragraph()
    mark.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _space(mark, pitch=Pt(40), before=Pt(30.5), left=Mm(-8), right=Mm(-6))
    run = _add_run(mark, "{{ mark }}", font=XIAOBIAOSONG, size=Pt(40))
    run.font.color.rgb = RED
    _stretch(run, "60")
    _draw_rule(mark, "bottom", "thickThinSmallGap", space="7")
    section.first_page_footer.is_linked_to_previous = False
    _write_foot(section.first_page_footer.paragraphs[0])
    foot = section.first_page_footer.add_paragraph()
    _space(foot, pitch=Pt(4), left=Mm(-8), right=Mm(-6))
    _draw_rule(foot, "bottom", "thinThickSmallGap", space="0")


def _draw_rule(paragraph: Paragraph, side: str, kind: str, *, space: str) -> None:
    borders = OxmlElement("w:pBdr")
    borders.append(_element(f"w:{side}", val=kind, sz="24", space=space, color=str(RED)))
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:autoSpaceDE", *AFTER_AUTO_SPACE)


def _add_content(document: DocumentType) -> None:
    _add_when(document, "addressee", lambda: _add_line(document, "{{ addressee }}："))
    _add_blocks(document, "blocks")
    _add_tag(document, "if rows")
    _add_table(document)
    _add_tag(document, "endif")
    _add_tag(document, "if columns")
    _add_grid(document)
    _add_tag(document, "endif")
    _add_blocks(document, "closing")
    _add_tag(document, "if annex_lines")
    _add_blanks(document, 1, keep=True)
    _add_tag(document, "for line in annex_lines")
    _add_tag(document, "if loop.first")
    _add_line(document, "{{ line }}", indent=SIZE * 2).paragraph_format.keep_with_next = True
    _add_tag(document, "else")
    _add_line(document, "{{ line }}", indent=SIZE * 5).paragraph_format.keep_with_next = True
    _add_tag(document, "endif")
    _add_tag(document, "endfor")
    _add_tag(document, "endif")
    _add_tag(document, "if signer")
    _add_blanks(document, 2, keep=True)
    for field in ("{{ signer }}", "{{ date }}"):
        # Centred on one line: the date ends four characters from the right, the name stands over its middle.
        paragraph = _add_line(document, "\t" + field)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(156) - SIZE * 4 - Pt(56), WD_TAB_ALIGNMENT.CENTER)
        paragraph.paragraph_format.keep_with_next = field == "{{ signer }}"
    _add_tag(document, "endif")


def _add_blocks(document: DocumentType, name: str) -> None:
    _add_tag(document, f"for block in {name}")
    for tag, font, indent in (
        ("if block.kind == 'heading'", HEI, SIZE * 2),
        ("elif block.kind == 'subheading'", KAI, SIZE * 2),
        ("elif block.kind == 'flush'", FANGSONG, None),
        ("elif loop.last and signer", FANGSONG, SIZE * 2),
        ("else", FANGSONG, SIZE * 2),
    ):
        _add_tag(document, tag)
        line = _add_line(document, "{{ block.text }}", font=font, indent=indent)
        # The last paragraph goes with the signature: no page may hold a signature and no text.
        line.paragraph_format.keep_with_next = font in {HEI, KAI} or "loop.last" in tag
    _add_tag(document, "endif")
    _add_tag(document, "endfor")


def _add_table(document: DocumentType) -> None:
    table = document.add_table(rows=3, cols=2)
    table.style = "Table Grid"
    table.autofit = False
    for column, width in zip(table.columns, COLUMNS, strict=True):
        column.width = width
    for row, (left, right) in zip(
        table.rows,
        (("{%tr for row in rows %}", ""), ("{{ row.label }}", "{{ row.value }}"), ("{%tr endfor %}", "")),
        strict=True,
    ):
        for cell, width, text, font in zip(row.cells, COLUMNS, (left, right), (HEI, FANGSONG), strict=True):
            cell.width = width
            _write(cell.paragraphs[0], text, font=font, size=Pt(14), pitch=Pt(24))


def _add_grid(document: DocumentType) -> None:
    """A list in four columns: number, name, how many, remarks."""
    table = document.add_table(rows=4, cols=len(GRID))
    table.style = "Table Grid"
    table.autofit = False
    for column, width in zip(table.columns, GRID, strict=True):
        column.width = width
    heads = tuple(f"{{{{ columns[{number}] }}}}" for number in range(len(GRID)))
    cells = tuple(f"{{{{ line[{number}] }}}}" for number in range(len(GRID)))
    blank = ("",) * (len(GRID) - 1)
    for row, texts in zip(
        table.rows, (heads, ("{%tr for line in grid %}", *blank), cells, ("{%tr endfor %}", *blank)), strict=True
    ):
        for cell, width, text in zip(row.cells, GRID, texts, strict=True):
            cell.width = width
            _write(cell.paragraphs[0], text, font=HEI if texts is heads else FANGSONG, size=Pt(14), pitch=Pt(26))


def _add_when(document: DocumentType, name: str, add: Callable[[], object]) -> None:
    _add_tag(document, f"if {name}")
    add()
    _add_tag(document, "endif")


def _add_tag(document: DocumentType, tag: str) -> None:
    document.add_paragraph(f"{{%p {tag} %}}")


def _add_blanks(document: DocumentType, count: int, *, keep: bool = False) -> None:
    for _ in range(count):
        _add_line(document, "").paragraph_format.keep_with_next = keep


def _add_line(
    document: DocumentType,
    text: str,
    *,
    font: str = FANGSONG,
    size: Length = SIZE,
    align: WD_ALIGN_PARAGRAPH | None = None,
    indent: int | None = None,
    before: Length | None = None,
    pitch: Length = PITCH,
) -> Paragraph:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY if align is None else align
    if indent:
        paragraph.paragraph_format.first_line_indent = Length(indent)
    _write(paragraph, text, font=font, size=size, pitch=pitch, before=before)
    return paragraph


def _write(
    paragraph: Paragraph, text: str, *, font: str, size: Length, pitch: Length, before: Length | None = None
) -> None:
    _space(paragraph, pitch=pitch, before=before)
    run = _add_run(paragraph, text, font=font, size=size)
    if size == SIZE:
        _stretch(run, CLOSER)


def _space(
    paragraph: Paragraph,
    *,
    pitch: Length,
    before: Length | None = None,
    left: Length | None = None,
    right: Length | None = None,
) -> None:
    spacing = paragraph.paragraph_format
    spacing.line_spacing_rule, spacing.line_spacing = WD_LINE_SPACING.EXACTLY, pitch
    spacing.space_before, spacing.space_after = before or Pt(0), Pt(0)
    spacing.left_indent, spacing.right_indent = left, right
    spacing.widow_control = False
    properties = paragraph._p.get_or_add_pPr()
    for name in ("w:autoSpaceDE", "w:autoSpaceDN"):
        properties.insert_element_before(_element(name, val="0"), *AFTER_AUTO_SPACE)


def _stretch(run: Run, twentieths: str) -> None:
    """Set the characters wider or closer; Word wants the element before the size."""
    spacing = _element("w:spacing", val=twentieths)
    run._r.get_or_add_rPr().insert_element_before(spacing, "w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:lang")


def _add_run(paragraph: Paragraph, text: str, *, font: str, size: Length) -> Run:
    run = paragraph.add_run(text)
    run.font.size = size
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    for slot in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(slot), font)
    return run


def _element(tag: str, **attributes: str) -> BaseOxmlElement:
    element: BaseOxmlElement = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element


if __name__ == "__main__":
    for template in (LETTER, SHEET):
        (FOLDER / template).write_bytes(build_template(template))
