"""Forms with files, read into memory and nowhere else: no temporary file ever holds what a reporter sends.

How much of large ones rests here at once is bounded (`api.uploadroom`), and each has its time and its least pace;
nobody waits for a seat, and words are not even counted, for they come first and are small.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from api.security import UPLOAD_CAP, is_multipart
from api.uploadroom import FullError, Guest, Room
from casework.errors import InvalidField
from casework.storable import make_storable
from intake.attachments import MOST_A_REPORT, Prepared, prepare_attachment
from intake.filetypes import BROKEN, EMPTY, FIELD, LARGEST_OF_ALL, TOO_LARGE

TOO_MANY = "too_many_files"
SLOW = "slow_upload"
MOST_FIELDS = 40
MOST_IN_A_FIELD = 64 * 1024
ROOM = 4 * UPLOAD_CAP
"""So many bytes of large forms on their way in are held at once."""
SECONDS = 300
FREE = 128 * 1024
"""So much of a form is not counted: every text there is, and a small picture."""
GRACE_SECONDS, LEAST_PACE = 30, 2 * 1024
"""After so long a form must have come in with so many bytes a second, or it makes room."""
HINTS: Sequence[str] = ("照片最大10兆，录音和文件最大20兆。", "一回最多九份。拍照的地点和时间，我们会擦掉。")
"""What the pages say before anybody chooses a file."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A posted form: its texts, and its files as bytes; their names are not read."""

    fields: Mapping[str, str]
    files: tuple[bytes, ...] = field(default=(), repr=False)
    problem: InvalidField | None = None

    def text(self, name: str) -> str:
        """One field's text, "" where there is none."""
        return self.fields.get(name, "")

    def prepare(self) -> tuple[Prepared, ...]:
        """The files typed, cleaned and encrypted; it may take seconds. Raises InvalidField("file", ...)."""
        if self.problem is not None:
            raise self.problem
        return tuple(prepare_attachment(data) for data in self.files)


async def read_upload(request: Request) -> Upload:
    """Read a form, with or without files. What is wrong with its files is told when they are prepared.

    The texts come first in our forms, so they are there also where a file is not.
    """
    if not is_multipart(request.headers):
        form = await request.form(max_fields=MOST_FIELDS, max_files=0)
        return Upload(_texts(form))
    return await _read_parts(request)


async def _pass_on(request: Request, guest: Guest) -> AsyncGenerator[bytes, None]:
    """The body as it comes. Raises TimeoutError where it is too slow, FullError where there is no room for more."""
    clock = asyncio.get_running_loop().time
    async for chunk in request.stream():
        guest.came += len(chunk)
        spent = clock() - guest.began
        if spent > GRACE_SECONDS and guest.came < LEAST_PACE * spent:
            raise TimeoutError
        if guest.came > FREE:
            _room().grow(guest, guest.came - guest.held, now=clock())
        yield chunk


async def _read_parts(request: Request) -> Upload:
    clock = asyncio.get_running_loop().time
    guest = Guest(began=clock())
    parser = MultiPartParser(
        request.headers,
        _pass_on(request, guest),
        max_files=MOST_A_REPORT * 3,
        max_fields=MOST_FIELDS,
        max_part_size=MOST_IN_A_FIELD,
    )
    parser.spool_max_size = UPLOAD_CAP + 1  # in memory, whatever its size
    try:
        async with asyncio.timeout(SECONDS) as limit:
            with _room().host(guest, lambda: limit.reschedule(clock())):
                form = await parser.parse()
    except (TimeoutError, FullError):
        return Upload(_texts(FormData(parser.items)), problem=InvalidField(FIELD, SLOW))
    except (MultiPartException, UnicodeError):  # a charset that is none of texts, as punycode
        return Upload(_texts(FormData(parser.items)), problem=InvalidField(FIELD, BROKEN))
    begun = parser._files_to_close_on_error  # the form itself knows only the parts that ended
    try:
        return await _take_files(form, len(begun))
    finally:
        for file in begun:
            file.close()


async def _take_files(form: FormData, begun: int) -> Upload:
    """The files of a form; one that broke off is told, not left out in silence."""
    parts = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
    chosen = [part for part in parts if part.filename or part.size]
    texts = _texts(form)
    if len(parts) < begun:
        return Upload(texts, problem=InvalidField(FIELD, BROKEN))
    problem = _judge([part.size or 0 for part in chosen])
    if problem:
        return Upload(texts, problem=InvalidField(FIELD, problem))
    return Upload(texts, tuple([await part.read() for part in chosen]))


def _judge(sizes: Sequence[int]) -> str:
    """What is wrong with the files as a whole; "" where nothing is."""
    if len(sizes) > MOST_A_REPORT:
        return TOO_MANY
    if any(size > LARGEST_OF_ALL for size in sizes):
        return TOO_LARGE
    return EMPTY if 0 in sizes else ""


def _texts(form: FormData) -> dict[str, str]:
    return {name: make_storable(value) for name, value in form.multi_items() if isinstance(value, str)}


@cache
def _room() -> Room:
    return Room(ROOM)
