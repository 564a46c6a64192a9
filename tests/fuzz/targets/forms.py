"""Forms with files as a browser posts them, read into memory; what no browser posts is told, not thrown."""

import asyncio
from typing import Any

from fastapi import Request

from api.uploads import read_upload

FIELD = b'--x7d\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xe9\xa5\xad\r\n'
FILE = (
    b'--x7d\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
    b"Content-Type: image/jpeg\r\n\r\n\xff\xd8\r\n"
)
SEEDS = (
    b"\4" + FIELD + FILE + b"--x7d--\r\n",
    b"\5" + FIELD + FILE + b"--x7d--\r\n",
    b"\0" + FIELD + FILE + b"--x7d--\r\n",
    b"\0" + FIELD,
    b"\1text=%E9%A5%AD&file=1",
    b"\2" + FIELD + FILE + b"--x7d--",
)
TYPES = (
    b"multipart/form-data; boundary=x7d",
    b"application/x-www-form-urlencoded",
    b'multipart/form-data; boundary="x7d"; charset=gb18030',
    b"multipart/form-data",
    b"multipart/form-data; boundary=x7d; charset=punycode",
    b"multipart/form-data; boundary=x7d; charset=utf-16",
)


def feed(data: bytes) -> None:
    """The first byte chooses the type, the rest comes in two pieces."""
    kind, body = (data[0] if data else 0) % len(TYPES), data[1:]
    upload = asyncio.run(read_upload(_request(TYPES[kind], body)))
    assert all(isinstance(text, str) for text in upload.fields.values())
    assert all(upload.files) or upload.problem


def _request(content_type: bytes, body: bytes) -> Request:
    half = len(body) // 2
    pieces = [
        {"type": "http.request", "body": body[:half], "more_body": True},
        {"type": "http.request", "body": body[half:], "more_body": False},
    ]

    async def receive() -> Any:
        return pieces.pop(0) if pieces else {"type": "http.disconnect"}

    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    return Request({"type": "http", "method": "POST", "path": "/say", "query_string": b"", "headers": headers}, receive)
