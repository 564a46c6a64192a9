"""The pages of a scanned PDF as pictures, so that a letter from the office's scanner is read like a photograph of it.

Only what is seen is drawn: a paper's scripts, links, forms and embedded files are neither run nor looked at.
"""

import io
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pypdfium2 as pdfium

from casework.errors import InvalidField
from intake.filetypes import BROKEN, FIELD

PDF = "application/pdf"
LONGEST_SIDE = 2200
"""Pixels; about 190 to the inch on A4, enough for handwriting and for a machine's eye."""
QUALITY = 86
TOO_MANY = "too_many_pages"
_press = threading.Lock()
"""The library draws one page at a time in a process."""


def draw_pages(data: bytes, *, most: int) -> tuple[bytes, ...]:
    """Each page as JPEG on white, however large its paper is.

    Raises InvalidField("file"): `broken_file` for what can't be opened, is locked or has no page, `too_many_pages`
    above `most`.
    """
    with _open(data) as paper:
        if len(paper) > most:
            raise InvalidField(FIELD, TOO_MANY)
        if not len(paper):
            raise InvalidField(FIELD, BROKEN)
        return tuple(_draw(page) for page in paper)


def draw_page(data: bytes, number: int) -> bytes:
    """One page, counted from 0, of a PDF that `draw_pages` has drawn before."""
    with _open(data) as paper:
        return _draw(paper[number])


@contextmanager
def _open(data: bytes) -> Iterator[pdfium.PdfDocument]:
    with _press:
        try:
            with closing(pdfium.PdfDocument(data)) as paper:
                yield paper
        except (pdfium.PdfiumError, ValueError, MemoryError) as error:
            raise InvalidField(FIELD, BROKEN) from error


def _draw(page: pdfium.PdfPage) -> bytes:
    longest = max(page.get_size())
    drawn = page.render(scale=LONGEST_SIDE / max(longest, 1.0), may_draw_forms=False)
    out = io.BytesIO()
    drawn.to_pil().convert("RGB").save(out, "JPEG", quality=QUALITY)
    drawn.close()
    return out.getvalue()
