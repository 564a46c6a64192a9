"""Papers, fields and a kept compiler for the tests of what leaves the house."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any

import pypdfium2 as pdfium
from docx import Document
from docx.text.paragraph import Paragraph

from casework.documents import Typesetter, build_typesetter
from casework.notices import Accused, Issue, Letterhead, NoticeFields, draft_fields
from casework.papers import Block, BlockKind, Paper, PaperForm
from casework.wording import NoticeWording, load_wording

HEAD = Letterhead("望桐县民政局", "望民函", 2026)
FOOT = "台账链头 12:00010203-04050607-08090a0b-0c0d0e0f　2026年10月9日"
ISSUE = Issue("望民函〔2026〕12号", date(2026, 10, 9), FOOT)
POINTS_A_MM = 72 / 25.4
DOTS_A_MM = 20


@cache
def the_typesetter() -> Typesetter:
    """One compiler for all tests of a process: making one costs a quarter of a second."""
    return build_typesetter()


@cache
def the_wording() -> NoticeWording:
    return load_wording()


def some_fields(kind: str = "fire", **changes: Any) -> NoticeFields:
    known: dict[str, Any] = {
        "kind": kind,
        "internal": False,
        "addressee": "望桐县消防救援大队",
        "reference": "2026-00012",
        "received_on": date(2026, 10, 8),
        "categories": ("fire_hazard",),
        "problems": (),
        "measures": (),
        "suggestions": (),
        "institution": "芦渚颐年院",
        "place": "芦渚镇",
        "contact": "贺小满",
    }
    return draft_fields(NoticeFields(**(known | changes)), the_wording())


def clue_fields(**changes: Any) -> NoticeFields:
    known: dict[str, Any] = {
        "kind": "discipline",
        "addressee": "望桐县纪委监委案件监督管理室",
        "reference": "密2026-031",
        "categories": ("corruption",),
        "accused": (Accused("鲁守田", "麦陇镇", "民政办副主任"),),
        "named": False,
    }
    return some_fields(**(known | changes))


def a_letter(**changes: Any) -> Paper:
    known: dict[str, Any] = {
        "form": PaperForm.LETTER,
        "title": "关于移送有关问题线索的函",
        "mark": "望桐县民政局",
        "number": "望民函〔2026〕12号",
        "addressee": "望桐县纪委监委",
        "blocks": (
            Block(BlockKind.BODY, "首段。"),
            Block(BlockKind.HEADING, "一、标题"),
            Block(BlockKind.BODY, "梧" * 60 + "。"),
        ),
        "signer": "望桐县民政局",
        "date": "2026年10月9日",
        "foot": FOOT,
    }
    return Paper(**(known | changes))


@dataclass(frozen=True)
class Box:
    """A piece of text on a page, in millimetres from the left and upper edges of the paper."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


def read_glyphs(pdf: bytes) -> list[tuple[str, Box]]:
    """Every character that can be seen, with the bounds of its drawing."""
    document = pdfium.PdfDocument(pdf)
    glyphs = []
    for number, page in enumerate(document, 1):
        height, text = page.get_height(), page.get_textpage()
        for index in range(text.count_chars()):
            character = text.get_text_range(index, 1)
            if character.strip():
                left, bottom, right, top = (edge / POINTS_A_MM for edge in text.get_charbox(index))
                whole = height / POINTS_A_MM
                glyphs.append((character, Box(number, left, whole - top, right, whole - bottom)))
    document.close()
    return glyphs


def find_words(pdf: bytes, words: str) -> Box:
    """Where these words first stand, all on one line."""
    glyphs = read_glyphs(pdf)
    start = "".join(character for character, _ in glyphs).index(words)
    boxes = [box for _, box in glyphs[start : start + len(words)]]
    return Box(
        boxes[0].page,
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def read_text(pdf: bytes) -> str:
    """All text without blanks, page by page."""
    return "".join(character for character, _ in read_glyphs(pdf))


def count_pages(pdf: bytes) -> int:
    document = pdfium.PdfDocument(pdf)
    pages = len(document)
    document.close()
    return pages


def find_red_rules(pdf: bytes, page: int = 1) -> list[Box]:
    """The red rules of a page: runs of rows that are red over more than half of its width."""
    document = pdfium.PdfDocument(pdf)
    picture = document[page - 1].render(scale=DOTS_A_MM / POINTS_A_MM).to_numpy()
    document.close()
    red = (picture[:, :, 2] > 180) & (picture[:, :, 1] < 120) & (picture[:, :, 0] < 120)
    rules: list[Box] = []
    for row in range(red.shape[0]):
        columns = red[row].nonzero()[0]
        if len(columns) <= red.shape[1] / 2:
            continue
        top, left, right = row / DOTS_A_MM, columns[0] / DOTS_A_MM, (columns[-1] + 1) / DOTS_A_MM
        if rules and rules[-1].bottom >= top - 1e-6:
            rules[-1] = Box(page, left, rules[-1].top, right, top + 1 / DOTS_A_MM)
        else:
            rules.append(Box(page, left, top, right, top + 1 / DOTS_A_MM))
    return rules


def read_docx(content: bytes) -> str:
    """All text of a .docx without blanks, as it is read: header, body with tables, the small line at the foot."""
    document = Document(BytesIO(content))
    section = document.sections[0]
    header = section.first_page_header if section.different_first_page_header_footer else section.header
    parts = [paragraph.text for paragraph in header.paragraphs]
    for item in document.iter_inner_content():
        parts += [item.text] if isinstance(item, Paragraph) else [cell.text for row in item.rows for cell in row.cells]
    parts += [paragraph.text for paragraph in section.first_page_footer.paragraphs if "—" not in paragraph.text]
    return squeeze("".join(parts))


def squeeze(text: str) -> str:
    """The text without blanks and line ends."""
    return re.sub(r"\s", "", text)
