"""A part of a recording, as a player asks for it when somebody seeks: cut from what was decrypted whole and proved.

Pure but for the response it makes; nothing is ever decrypted in part, for a part alone proves nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi.responses import Response

_ONE = re.compile(r"bytes=([0-9]{0,12})-([0-9]{0,12})")


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from `start` up to, not with, `end`."""

    start: int
    end: int


def read_range(header: str | None, length: int) -> Span | None:
    """The one range that is asked for; None for the whole, which also answers several ranges or words we don't know.

    Raises ValueError where nothing of it lies in the content (RFC 9110 14.1.2, 15.5.17).
    """
    asked = _ONE.fullmatch(header.strip()) if header else None
    if asked is None or asked.groups() == ("", ""):
        return None
    first, last = asked.groups()
    if not first:
        start, end = max(length - int(last), 0), length
    else:
        start, end = int(first), min(int(last) + 1, length) if last else length
        if last and int(last) < start:
            return None
    if start >= end:
        raise ValueError("out of range")
    return Span(start, end)


def answer_range(data: bytes, header: str | None, *, media_type: str, headers: Mapping[str, str]) -> Response:
    """The whole (200), the part (206), or that there is no such part (416)."""
    known = {**headers, "Accept-Ranges": "bytes"}
    try:
        span = read_range(header, len(data))
    except ValueError:
        return Response(status_code=416, headers={**known, "Content-Range": f"bytes */{len(data)}"})
    if span is None:
        return Response(data, media_type=media_type, headers=known)
    known["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{len(data)}"
    return Response(data[span.start : span.end], 206, media_type=media_type, headers=known)
