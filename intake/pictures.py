"""A picture drawn anew: turned as it was held, without place, time, device or anything hidden behind it.

Only the pixels go over; what a program appended, and what a camera wrote beside them, stays with the sealed original.
"""

import io
import struct
import threading
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageOps

from casework.errors import InvalidField
from intake.filetypes import BROKEN, FIELD

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "AVIF")
READABLE = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/avif"})
"""The media types that can be drawn anew; of another picture (heic) only the sealed original is kept."""
CLEAN_TYPE = "image/jpeg"
LONGEST_SIDE = 2560
THUMBNAIL_SIDE = 480
QUALITY, THUMBNAIL_QUALITY = 86, 72
MOST_PIXELS = 25_000_000
MOST_PIXELS_JPEG = 80_000_000
"""JPEG is decoded at a fraction of its size, so that a large one costs no more memory."""
WHITE = (255, 255, 255)
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """The picture without metadata, and a small one for lists; both JPEG."""

    copy: bytes
    thumbnail: bytes


def clean_picture(data: bytes) -> CleanPicture:
    """Draw a picture anew; at most two at once in a process. Raises InvalidField("file", "broken_file").

    Its size is read from the header before a pixel is unpacked, so that a bomb is refused unopened.
    """
    with _easels():
        try:
            return _draw(data)
        except (OSError, ValueError, SyntaxError, struct.error, MemoryError, EOFError, IndexError, KeyError) as error:
            raise InvalidField(FIELD, BROKEN) from error
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise InvalidField(FIELD, BROKEN) from error


def _draw(data: bytes) -> CleanPicture:
    with Image.open(io.BytesIO(data), formats=FORMATS) as raw:
        width, height = raw.size
        if width * height > (MOST_PIXELS_JPEG if raw.format in ("JPEG", "MPO") else MOST_PIXELS):
            raise InvalidField(FIELD, BROKEN)
        raw.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        raw.load()
        upright = ImageOps.exif_transpose(raw)
        pixels = _flatten(upright)
    pixels.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    copy = _save(pixels, QUALITY)
    pixels.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return CleanPicture(copy, _save(pixels, THUMBNAIL_QUALITY))


def _flatten(picture: Image.Image) -> Image.Image:
    """The bare pixels on white, in a new image that knows nothing of the old one."""
    if not picture.has_transparency_data:
        seen = picture.convert("RGB")
        return Image.frombytes("RGB", seen.size, seen.tobytes())
    seen = picture.convert("RGBA")
    paper = Image.new("RGB", seen.size, WHITE)
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper


def _save(pixels: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    pixels.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


@cache
def _easels() -> threading.BoundedSemaphore:
    Image.init()  # or a format of the list that no picture has had yet is a KeyError
    return threading.BoundedSemaphore(AT_ONCE)
