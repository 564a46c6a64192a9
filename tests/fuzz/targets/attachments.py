"""Uploads: the type by content, the redrawn picture, the sound that is decoded for the listener."""

import io
import zipfile
from contextlib import suppress

from casework.errors import InvalidField
from intake.contents import prepare_attachment
from tests.intake.files import a_marked_bitmap, a_marked_picture, a_marked_voice


def _a_paper() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    return made.getvalue()


SEEDS = (a_marked_picture("seed"), a_marked_bitmap("seed"), a_marked_voice("seed"), _a_paper(), b"%PDF-1.4\n%%EOF")


def feed(data: bytes) -> None:
    """Taken in whole, or refused with a word."""
    with suppress(InvalidField):
        prepared = prepare_attachment(data)
        assert prepared.keys.size == len(data)
