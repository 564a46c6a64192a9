"""Pages under one another as one picture, so that a preview shows a whole letter however long it is."""

import io
from collections.abc import Sequence

from PIL import Image

GAP = 16
GROUND = (205, 216, 211)


def stack_pages(pages: Sequence[bytes]) -> bytes:
    """One PNG of several, in order, with a gap between two pages; a single page stays as it is."""
    if len(pages) == 1:
        return pages[0]
    pictures = [Image.open(io.BytesIO(page)) for page in pages]
    height = sum(picture.height for picture in pictures) + GAP * (len(pictures) - 1)
    sheet = Image.new("RGB", (max(picture.width for picture in pictures), height), GROUND)
    top = 0
    for picture in pictures:
        sheet.paste(picture, (0, top))
        top += picture.height + GAP
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()
