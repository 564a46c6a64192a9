"""A sheet of another office as data for its page: which column is which, the first rows, what is wrong where."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.pages import say_time
from casework.clock import local_date
from casework.errors import InvalidField
from casework.keyshelf import KeyShelf
from intake.codes import format_code
from intake.imports import REQUIRED, BadRow, Column, Headings, RowProblem, read_rows
from intake.models import BatchStatus, ImportBatch
from intake.transfers import Held, list_codes, list_problems

SHOWN_ROWS = 8
SHOWN_PROBLEMS = 100
EXCERPT = 40
STATUS: Mapping[BatchStatus, tuple[str, str]] = {
    BatchStatus.HELD: ("等您核对", "ochre"),
    BatchStatus.RUNNING: ("正在登记", "ochre"),
    BatchStatus.DONE: ("登记完了", "bamboo"),
    BatchStatus.LOST: ("过期了，请重新上传", "cinnabar"),
}
PROBLEM: Mapping[RowProblem, str] = {
    RowProblem.NO_SERIAL: "没有对方编号",
    RowProblem.LONG_SERIAL: "对方编号太长",
    RowProblem.TWICE: "编号和前面一行重了",
    RowProblem.NO_TEXT: "没有内容",
    RowProblem.LONG_TEXT: "内容超过两万字",
    RowProblem.BAD_DATE: "收到时间没看懂",
    RowProblem.FUTURE: "收到时间在今天以后",
}


def view_batch(batch: ImportBatch, headings: Headings, now: datetime) -> dict[str, Any]:
    """What a line in the list and the head of the page say."""
    label, tone = STATUS[batch.status]
    return {
        "id": batch.id,
        "source": headings.sources.get(batch.source, batch.source),
        "status": batch.status.value,
        "label": label,
        "tone": tone,
        "made": say_time(batch.made_at, local_date(now)),
        "total": batch.total,
        "position": batch.position,
        "settled": batch.taken + batch.known,
        "refused": batch.refused,
        "bad": [say_problem(row) for row in list_problems(batch)],
    }


def view_held(held: Held) -> dict[str, Any]:
    """The sheet while it waits: the first rows as they would be taken in, and the faulty ones by number.

    Which of them came before it never tells, nor does `view_batch`: the case of one may be hidden from the asker.
    """
    try:
        good, bad = read_rows(held.sheet, held.mapped, now=held.batch.made_at)
    except InvalidField:
        good, bad = [], []
    return {
        "head": held.sheet.head,
        "missing": [column for column in REQUIRED if column not in held.mapped],
        "good": len(good),
        "bad": [say_problem(row) for row in bad[:SHOWN_PROBLEMS]],
        "bad_count": len(bad),
        "rows": [
            {
                "number": row.number,
                "serial": row.serial,
                "text": row.text if len(row.text) <= EXCERPT else row.text[: EXCERPT - 1] + "…",
                "received": f"{row.received:%Y-%m-%d}" if row.received else "没写，按今天",
                "who": "留了姓名或电话" if row.contact else "没留",
            }
            for row in good[:SHOWN_ROWS]
        ],
    }


def view_codes(session: Session, batch: ImportBatch, keys: KeyShelf) -> list[dict[str, str]]:
    """The codes to tell by telephone, by the serial under which the number stands in the officer's own sheet."""
    return [{"serial": each.serial, "code": format_code(each.code)} for each in list_codes(session, batch, keys)]


def list_choices(held: Held, headings: Headings) -> list[dict[str, Any]]:
    """A choice of column for each thing a row may hold."""
    return [
        {
            "name": column.value,
            "label": headings.labels[column],
            "required": column in REQUIRED,
            "chosen": held.mapped.get(column),
        }
        for column in Column
    ]


def say_problem(row: BadRow) -> str:
    """One faulty row, as the sheet counts."""
    return f"第{row.number}行：{PROBLEM[row.problem]}"
