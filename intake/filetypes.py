"""What a file is, by its bytes alone: neither its name nor what the sender's program says of it is looked at.

A short list is taken; whatever may run, unpack or pretend to be two things at once is refused before it is stored.
"""

import io
import re
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

import filetype

from casework.errors import InvalidField
from casework.types import AttachmentKind

FIELD = "file"
EMPTY, TOO_LARGE, WRONG_KIND, BROKEN = "empty_file", "too_large_file", "wrong_kind_file", "broken_file"
MEGABYTE = 1024 * 1024
LARGEST: Mapping[AttachmentKind, int] = {
    AttachmentKind.PICTURE: 10 * MEGABYTE,
    AttachmentKind.RECORDING: 20 * MEGABYTE,
    AttachmentKind.FILM: 20 * MEGABYTE,
    AttachmentKind.PAPER: 20 * MEGABYTE,
}
"""Bytes; the pages say so before anybody chooses a file."""
LARGEST_OF_ALL = max(LARGEST.values())

PICTURE, RECORDING = AttachmentKind.PICTURE, AttachmentKind.RECORDING
FILM, PAPER = AttachmentKind.FILM, AttachmentKind.PAPER
WORD = "application/vnd.openxmlformats-officedocument"
TAKEN: Mapping[str, tuple[AttachmentKind, str]] = {
    "image/jpeg": (PICTURE, "image/jpeg"),
    "image/png": (PICTURE, "image/png"),
    "image/apng": (PICTURE, "image/png"),
    "image/gif": (PICTURE, "image/gif"),
    "image/webp": (PICTURE, "image/webp"),
    "image/bmp": (PICTURE, "image/bmp"),
    "image/avif": (PICTURE, "image/avif"),
    "image/heic": (PICTURE, "image/heic"),
    "audio/mpeg": (RECORDING, "audio/mpeg"),
    "audio/mp4": (RECORDING, "audio/mp4"),
    "audio/ogg": (RECORDING, "audio/ogg"),
    "audio/x-wav": (RECORDING, "audio/wav"),
    "audio/aac": (RECORDING, "audio/aac"),
    "audio/x-flac": (RECORDING, "audio/flac"),
    "audio/amr": (RECORDING, "audio/amr"),
    "video/mp4": (FILM, "video/mp4"),
    "video/x-m4v": (FILM, "video/mp4"),
    "video/quicktime": (FILM, "video/quicktime"),
    "video/3gpp": (FILM, "video/3gpp"),
    "video/webm": (FILM, "video/webm"),
    "video/x-matroska": (FILM, "video/webm"),
    "application/pdf": (PAPER, "application/pdf"),
}
"""What the library calls it, and what we keep and serve it as."""
OFFICE_FOLDERS = {
    "word/": f"{WORD}.wordprocessingml.document",
    "xl/": f"{WORD}.spreadsheetml.sheet",
    "ppt/": f"{WORD}.presentationml.presentation",
}
SOUND_ONLY = {"video/mp4": "audio/mp4", "video/3gpp": "audio/3gpp", "video/webm": "audio/webm"}
"""Boxes that hold sound or film: a recorder in a browser fills them with sound alone."""
ZIP = b"PK\x03\x04"
SILK = b"#!SILK_V3"
"""A recording as some versions of WeChat make it; the library doesn't know it."""
HEAD = 1024
SIGNATURE = 8192
MOST_UNPACKED = 200 * MEGABYTE
MOST_MEMBERS = 5000
TWO_FACED = re.compile(rb"<(?:!doctype\s+html|html|script|iframe|\?php)\b|This program cannot be run in DOS mode", re.I)
"""What no picture and no recording has a reason to hold: a page, a script, a program."""
_FILM_TRACK = re.compile(rb"hdlr.{8}vide|V_(?:VP8|VP9|AV1|MPEG|MS)", re.S)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file's kind, and the media type it is kept and served as."""

    kind: AttachmentKind
    media_type: str


def recognise(data: bytes) -> Recognised:
    """What these bytes are. Raises InvalidField("file"): empty, too large, not on the list, or two things at once."""
    if not data:
        raise InvalidField(FIELD, EMPTY)
    if len(data) > LARGEST_OF_ALL:
        raise InvalidField(FIELD, TOO_LARGE)
    found = _recognise_paper(data) if data.startswith(ZIP) else _recognise_other(data)
    if len(data) > LARGEST[found.kind]:
        raise InvalidField(FIELD, TOO_LARGE)
    return found


def _recognise_other(data: bytes) -> Recognised:
    if SILK in data[:16]:
        return Recognised(RECORDING, "audio/silk")
    taken = TAKEN.get(filetype.guess_mime(data[:SIGNATURE]) or "")
    if taken is None or _is_two_faced(taken[0], data):
        raise InvalidField(FIELD, WRONG_KIND)
    kind, media_type = taken
    if media_type in SOUND_ONLY and not _FILM_TRACK.search(data):
        return Recognised(RECORDING, SOUND_ONLY[media_type])
    return Recognised(kind, media_type)


def _is_two_faced(kind: AttachmentKind, data: bytes) -> bool:
    """Whether it would open as something else as well: an archive at its end, a page or a program inside."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        return True
    if kind is PAPER:
        return not data.startswith(b"%PDF-")
    return TWO_FACED.search(data) is not None or b"%PDF-" in data[:HEAD]


def _recognise_paper(data: bytes) -> Recognised:
    """An office document without macros, and no bomb: nothing is unpacked to find that out."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, EOFError, NotImplementedError, struct.error) as error:
        raise InvalidField(FIELD, BROKEN) from error
    names = [member.filename for member in members]
    media_type = next((kind for folder, kind in OFFICE_FOLDERS.items() if _has(names, folder)), None)
    honest = "[Content_Types].xml" in names and not any(name.lower().endswith("vbaproject.bin") for name in names)
    unpacked = sum(member.file_size for member in members)
    if media_type is None or not honest or unpacked > MOST_UNPACKED or len(members) > MOST_MEMBERS:
        raise InvalidField(FIELD, WRONG_KIND)
    return Recognised(PAPER, media_type)


def _has(names: list[str], folder: str) -> bool:
    return any(name.startswith(folder) for name in names)
