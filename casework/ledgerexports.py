"""The ledger on its way out (导出台账): counts for a sheet, or every entry with the chain that proves it.

Neither tells which case, whom or what: who, when, what kind of act, and its hash. A reporter's acts bear the day alone.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.chain import GENESIS, Anchor, block_hash
from casework.clock import SHANGHAI, local_date
from casework.errors import HotlineError
from casework.ledger import ACTOR_LABELS, BY_THE_DAY, VERB_LABELS, Verb, by_officer, record
from casework.models.ledger import LedgerBlock, LedgerEntry, LedgerLink
from casework.models.people import Officer
from casework.sheetcells import make_safe
from casework.types import ActorKind, Role
from casework.visibility import require_role

FORMAT = "hotline-ledger/1"
READERS = (Role.LOG_AUDITOR,)
"""Who gets the log (rules 5.2): the log auditor; of cases he gets counts and nothing else."""
SUBJECT = "ledger"
BATCH = 1000


class BrokenExport(HotlineError):
    """An export doesn't prove itself: `line` is the first that does not fit."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def export_counts(session: Session, officer: Officer, *, now: datetime) -> bytes:
    """How often each thing was done on each day by each kind of hand, as CSV with a mark for spreadsheets."""
    require_role(officer, *READERS, act="export_ledger")
    counted: dict[tuple[str, str, str], int] = {}
    for entry in _list_entries(session):
        key = (local_date(entry.at).isoformat(), VERB_LABELS[Verb(entry.verb)], ACTOR_LABELS[entry.actor])
        counted[key] = counted.get(key, 0) + 1
    _record(session, officer, "counts", now)
    rows = ((day, act, hand, str(count)) for (day, act, hand), count in sorted(counted.items()))
    return _write_csv(("日期", "做了什么", "谁", "次数"), rows)


def export_sheet(session: Session, officer: Officer, *, now: datetime) -> bytes:
    """Every entry as a line of CSV, in the order in which they were written."""
    require_role(officer, *READERS, act="export_ledger")
    names = {row.id: row.name for row in session.scalars(select(Officer))}
    rows = [
        (
            str(entry.id),
            _say_at(entry).replace("T", " "),
            ACTOR_LABELS[entry.actor],
            names.get(entry.actor_id or "", "") if entry.actor is ActorKind.OFFICER else "",
            VERB_LABELS[Verb(entry.verb)],
            entry.content_hash.hex(),
        )
        for entry in _list_entries(session)
    ]
    _record(session, officer, "csv", now)
    return _write_csv(("序号", "时间", "岗位", "谁", "做了什么", "指纹"), rows)


def export_lines(session: Session, officer: Officer, *, now: datetime) -> bytes:
    """Every linked entry as JSON Lines, then the blocks: enough for an outsider to work the chain out again."""
    require_role(officer, *READERS, act="export_ledger")
    blocks = list(session.scalars(select(LedgerBlock).order_by(LedgerBlock.id)))
    head = {"block": blocks[-1].id, "sha256": blocks[-1].hash.hex()} if blocks else None
    lines: list[Mapping[str, Any]] = [{"format": FORMAT, "made_at": now.astimezone(UTC).isoformat(), "head": head}]
    query = (
        select(LedgerEntry, LedgerLink.block_id)
        .join(LedgerLink, LedgerLink.entry_id == LedgerEntry.id)
        .order_by(LedgerLink.block_id, LedgerLink.position)
    )
    lines += [_write_entry(entry, block) for entry, block in session.execute(query)]
    lines += [
        {
            "block": block.id,
            "made_at": block.made_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "entries": block.entries,
            "previous": block.previous_hash.hex(),
            "sha256": block.hash.hex(),
        }
        for block in blocks
    ]
    _record(session, officer, "jsonl", now)
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def check_export(content: bytes) -> Mapping[str, Any] | None:
    """Work the chain of an export out again, without a database; gives its head (pure).

    Raises BrokenExport with the first line that doesn't fit; the first where it is no such file.
    """
    entries: dict[int, list[tuple[int, bytes]]] = {}
    previous, told = GENESIS, None
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError:
        raise BrokenExport(1) from None
    if not lines:
        raise BrokenExport(1)
    for number, text in enumerate(lines, start=1):
        try:
            line = json.loads(text)
            if number == 1:
                told = line["head"]
            elif "entry" in line:
                entries.setdefault(line["block"], []).append((line["entry"], bytes.fromhex(line["sha256"])))
            else:
                previous = _check_block(line, previous, entries.get(line["block"], []), number)
        except (ValueError, KeyError, TypeError):
            raise BrokenExport(number) from None
    if (told["sha256"] if told else GENESIS.hex()) != previous.hex():
        raise BrokenExport(1)
    return told


def has_head(content: bytes, head: Anchor) -> bool:
    """Whether an export that `check_export` found whole holds a head that somebody noted before (pure)."""
    lines = (json.loads(text) for text in content.decode().splitlines()[1:])
    blocks = {line["block"]: line["sha256"] for line in lines if "entry" not in line}
    return str(blocks.get(head.block_id, "")).startswith(head.hash.hex())


def _check_block(line: Mapping[str, Any], previous: bytes, pairs: list[tuple[int, bytes]], number: int) -> bytes:
    made = block_hash(previous, line["block"], datetime.fromisoformat(line["made_at"]), pairs)
    if made.hex() != line["sha256"] or line["previous"] != previous.hex() or len(pairs) != line["entries"]:
        raise BrokenExport(number)
    return made


def _list_entries(session: Session) -> Iterator[LedgerEntry]:
    last = session.scalar(select(func.max(LedgerEntry.id))) or 0
    for start in range(0, last + 1, BATCH):
        query = select(LedgerEntry).where(LedgerEntry.id > start, LedgerEntry.id <= start + BATCH)
        yield from session.scalars(query.order_by(LedgerEntry.id))


def _write_entry(entry: LedgerEntry, block: int) -> Mapping[str, Any]:
    return {
        "entry": entry.id,
        "at": _say_at(entry),
        "by": entry.actor.value,
        "officer": entry.actor_id if entry.actor is ActorKind.OFFICER else None,
        "verb": entry.verb,
        "sha256": entry.content_hash.hex(),
        "block": block,
    }


def _say_at(entry: LedgerEntry) -> str:
    """The moment in Shanghai, to the second; of a reporter's act, and what it set off, the day (规则 art. 29)."""
    if entry.actor in BY_THE_DAY:
        return local_date(entry.at).isoformat()
    return entry.at.astimezone(SHANGHAI).isoformat(timespec="seconds")


def _write_csv(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(heads)
    writer.writerows(tuple(map(make_safe, row)) for row in rows)
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def _record(session: Session, officer: Officer, form: str, now: datetime) -> None:
    """That the log was taken stands in the log."""
    record(
        session,
        actor=by_officer(officer),
        verb=Verb.EXPORTED,
        subject=SUBJECT,
        subject_id=form,
        details={"form": form},
        now=now,
    )
    session.flush()
