"""The same paper as .docx, which staff can change in Word or WPS before it is signed out.

Fonts are named as the standard names them; a machine without them shows its own instead.
"""

from dataclasses import asdict
from io import BytesIO
from pathlib import Path

from docxtpl import DocxTemplate

from casework.papers import Paper, PaperForm
from casework.wordtemplate import FOLDER, LETTER, SHEET


def to_docx(paper: Paper, folder: Path = FOLDER) -> bytes:
    """The paper as .docx, made from the template in `folder`; fields are only ever text, never template or XML."""
    template = DocxTemplate(folder / (LETTER if paper.form is PaperForm.LETTER else SHEET))
    template.render(asdict(paper) | {"annex_lines": paper.annex_lines}, autoescape=True)
    buffer = BytesIO()
    template.save(buffer)
    return buffer.getvalue()
