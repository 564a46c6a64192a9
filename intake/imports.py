"""Sheets of other offices (12345, 信访, 巡察): which column is which, what is wrong in which row, what a row tells.

Pure; nothing is stored here. A heading is guessed by a list that an office may edit, and an officer may choose again.
"""

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook

from casework.clock import SHANGHAI
from casework.errors import DataError, InvalidField
from casework.types import Channel
from intake.telling import tell_whole
from intake.types import Contact, ReportDraft, Told, Transfer

FILE = Path(__file__).parent / "data" / "imports.toml"
MOST_ROWS = 2000
MOST_CELLS = 1_000_000
MOST_UNPACKED = 64 * 1024 * 1024
"""Bytes of a workbook unpacked; 2,000 long letters are a tenth of it. Nothing is unpacked to find that out."""
MOST_COLUMNS = 60
LONGEST_TEXT = 20_000
LONGEST_SERIAL = 64
ZIP_MARK = b"PK"
YES = frozenset({"是", "y", "yes", "true", "1", "匿名"})
DATE_FORMS = (
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d"),
    *("%Y.%m.%d", "%Y年%m月%d日", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日%H时%M分", "%Y%m%d", "%Y-%m-%dT%H:%M:%S"),
)


class Column(StrEnum):
    """What a column may be."""

    SERIAL = "serial"
    TITLE = "title"
    TEXT = "text"
    RECEIVED = "received"
    HOME = "home"
    PLACE = "place"
    NAME = "name"
    PHONE = "phone"
    ANONYMOUS = "anonymous"


class RowProblem(StrEnum):
    """Why a row is not taken in."""

    NO_SERIAL = "no_serial"
    LONG_SERIAL = "long_serial"
    TWICE = "twice"
    NO_TEXT = "no_text"
    LONG_TEXT = "long_text"
    BAD_DATE = "bad_date"
    FUTURE = "future"


REQUIRED = (Column.SERIAL, Column.TEXT)
ColumnMap = Mapping[Column, int]
"""Which column of the sheet holds what, counted from 0."""


@dataclass(frozen=True)
class Headings:
    """The data file: what headings mean, and what offices and columns are called."""

    sources: Mapping[str, str]
    headings: Mapping[Column, tuple[str, ...]]
    labels: Mapping[Column, str]


@dataclass(frozen=True)
class Sheet:
    """A sheet as read: its heading, its rows as texts; `first` is the number of the first row as the sheet counts."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = field(repr=False)
    first: int = 2


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row that may be taken in; `number` as the sheet counts."""

    number: int
    serial: str
    text: str = field(repr=False)
    received: datetime | None = None
    contact: Contact | None = None
    anonymous: bool | None = None
    told: Told = field(default_factory=Told, repr=False)


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that may not, and why."""

    number: int
    problem: RowProblem


@cache
def load_headings(file: Path = FILE) -> Headings:
    """The packaged list of headings. Raises DataError where it is wrong."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        return Headings(
            sources=dict(data["sources"]),
            headings={column: tuple(_plain(each) for each in data["headings"][column]) for column in Column},
            labels={column: data["labels"][column] for column in Column},
        )
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise DataError(file.name, f"{type(error).__name__}: {error}") from error


def read_sheet(content: bytes) -> Sheet:
    """A workbook's first sheet or a csv file (UTF-8 or GB18030), by its content; empty rows at the end are dropped.

    Raises InvalidField (`file`: not_a_sheet, no_rows, too_many_rows).
    """
    table = _read_workbook(content) if content.startswith(ZIP_MARK) else _read_csv(content)
    while table and not any(table[-1]):
        table.pop()
    start = next((at for at, row in enumerate(table) if sum(bool(cell) for cell in row) > 1), len(table))
    if len(table) < start + 2:
        raise InvalidField("file", "no_rows")
    if len(table) - start - 1 > MOST_ROWS:
        raise InvalidField("file", "too_many_rows")
    head = table[start][:MOST_COLUMNS]
    width = len(head)
    rows = tuple(tuple((row + [""] * width)[:width]) for row in table[start + 1 :])
    return Sheet(tuple(head), rows, first=start + 2)


def guess_mapping(head: Sequence[str], headings: Headings) -> dict[Column, int]:
    """Which column is which, by its heading; a heading counts once, the surer names first."""
    plain = [_plain(name) for name in head]
    found: dict[Column, int] = {}
    for column in Column:
        for name in headings.headings[column]:
            if name in plain and plain.index(name) not in found.values():
                found[column] = plain.index(name)
                break
    return found


def read_rows(sheet: Sheet, mapped: ColumnMap, *, now: datetime) -> tuple[list[ImportRow], list[BadRow]]:
    """The rows that may be taken in and those that may not; rows without a single word are passed over.

    Raises InvalidField (the column's name: required) where serial or text is not mapped.
    """
    for column in REQUIRED:
        if column not in mapped:
            raise InvalidField(column, "required")
    good: list[ImportRow] = []
    bad: list[BadRow] = []
    serials: set[str] = set()
    for number, cells in enumerate(sheet.rows, sheet.first):
        if not any(cells):
            continue
        said = {column: cells[at].strip() for column, at in mapped.items() if at < len(cells)}
        problem = _find_problem(said, serials, now)
        if problem is not None:
            bad.append(BadRow(number, problem))
        else:
            serials.add(said[Column.SERIAL])
            good.append(_to_row(number, said))
    return good, bad


def draft_of(row: ImportRow, source: str, *, now: datetime) -> ReportDraft:
    """The report a row amounts to."""
    return ReportDraft(
        text=row.text,
        channel=Channel.TRANSFERRED,
        received_at=min(row.received or now, now),
        contact=row.contact,
        anonymous=row.anonymous,
        told=row.told,
        transfer=Transfer(source, row.serial),
    )


def read_moment(text: str) -> datetime | None:
    """A date or a moment as sheets write it, in Shanghai's time; None where it can't be read."""
    for form in DATE_FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
    return None


def _find_problem(said: Mapping[Column, str], serials: set[str], now: datetime) -> RowProblem | None:
    serial, text = said[Column.SERIAL], said[Column.TEXT]
    received = said.get(Column.RECEIVED, "")
    moment = read_moment(received) if received else None
    checks = (
        (not serial, RowProblem.NO_SERIAL),
        (len(serial) > LONGEST_SERIAL, RowProblem.LONG_SERIAL),
        (serial in serials, RowProblem.TWICE),
        (not text, RowProblem.NO_TEXT),
        (len(text) > LONGEST_TEXT, RowProblem.LONG_TEXT),
        (bool(received) and moment is None, RowProblem.BAD_DATE),
        (moment is not None and moment > now, RowProblem.FUTURE),
    )
    return next((problem for holds, problem in checks if holds), None)


def _to_row(number: int, said: Mapping[Column, str]) -> ImportRow:
    told = Told(said.get(Column.HOME) or None, said.get(Column.PLACE) or None)
    title, story = said.get(Column.TITLE, ""), said[Column.TEXT]
    story = f"{title}\n{story}" if title and title not in story else story
    contact = Contact(name=said.get(Column.NAME, ""), phone=said.get(Column.PHONE, ""))
    return ImportRow(
        number=number,
        serial=said[Column.SERIAL],
        text=tell_whole(story, told),
        received=read_moment(said.get(Column.RECEIVED, "")),
        contact=contact if contact != Contact() else None,
        anonymous=True if said.get(Column.ANONYMOUS, "").lower() in YES else None,
        told=told,
    )


def _read_workbook(content: bytes) -> list[list[str]]:
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MOST_UNPACKED:
            raise InvalidField("file", "too_many_rows")
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        if sheet.height * sheet.width > MOST_CELLS:
            raise InvalidField("file", "too_many_rows")
        table = sheet.to_python()
    except (CalamineError, BadZipFile, OSError, IndexError) as error:
        raise InvalidField("file", "not_a_sheet") from error
    return [[_to_text(cell) for cell in row] for row in table]


def _read_csv(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        try:
            return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), strict=True)]
        except csv.Error:
            break
    raise InvalidField("file", "not_a_sheet")


def _to_text(cell: Any) -> str:
    """A cell as a person reads it: whole numbers without a point, dates as dates."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}" if cell.time() != time() else f"{cell:%Y-%m-%d}"
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()


def _plain(heading: str) -> str:
    return "".join(heading.split()).strip("*：:").lower()
