"""Reports that another office sent on (转办): held, looked over, taken in row by row, each once by its serial there.

A sheet rests under a short-lived key until it is in; then only counts and numbers of rows remain. Whoever left a number
is told his code by telephone: by him who brought the row where he may know of its case, of a sealed one from inside.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.errors import IllegalMove, InvalidField, NotFound
from casework.jobs import JobName, enqueue
from casework.keyshelf import KeyShelf
from casework.ledger import Verb, by_officer, record
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.models.people import Officer
from casework.sealing import add_sealed_item
from casework.secrets import ServerSecrets
from casework.server_keys import KeyUse, hash_under, list_keys, need_key
from casework.store import Store
from casework.types import Role, SealedKind
from casework.visibility import is_excluded, require_role
from intake.contents import decrypt_content, encrypt_content
from intake.imports import (
    BadRow,
    Column,
    ColumnMap,
    ImportRow,
    RowProblem,
    Sheet,
    draft_of,
    guess_mapping,
    load_headings,
    read_rows,
)
from intake.models import BatchStatus, ImportBatch, SeenSerial
from intake.reports import receive_report
from intake.types import IntakeDesk, Refused
from triage.context import Context
from triage.types import Assessment

LIFE = timedelta(hours=24)
"""So long a sheet waits to be taken in."""
CODES_LIFE = timedelta(hours=18)
"""So long its codes wait to be told: what came in before the evening can still be told the next morning."""
PART, CODES = "sheet", "codes"
SUBJECT = "import"
TELL_HIM = "别处转来的件，来件人还没有查询码。请打电话念给他本人，别发给别人。"
CODE_INSIDE = "told_code"
"""Where a note of a sealed case holds the code; when the case is opened, the words of the note alone come along."""
TAKES_IN = (Role.OPERATOR, Role.DISPATCHER, Role.SUPERVISOR)
MOST_LISTED = 12


class RowOutcome(StrEnum):
    """What came of a row."""

    TAKEN = "taken"
    KNOWN = "known"
    REFUSED = "refused"


class Code(NamedTuple):
    """A code to be told: the number of its row in the sheet, and its case, which may yet be sealed or keep him out."""

    serial: str
    code: str
    case_id: str


@dataclass(frozen=True)
class Held:
    """A sheet that waits: what was read, which column is which."""

    batch: ImportBatch
    sheet: Sheet
    mapped: ColumnMap


def hold_batch(
    session: Session, sheet: Sheet, source: str, *, by: Officer, keys: KeyShelf, now: datetime
) -> ImportBatch:
    """Keep a sheet, encrypted, until he has looked it over. Raises NotAllowed, InvalidField (`source`)."""
    require_role(by, *TAKES_IN, act="import")
    if source not in load_headings().sources:
        raise InvalidField("source", "unknown_choice")
    short = keys.create(now + LIFE)
    batch = ImportBatch(
        id=new_id(),
        officer_id=by.id,
        source=source,
        status=BatchStatus.HELD,
        key_id=short.key_id,
        total=len(sheet.rows),
        problems=[],
        made_at=now,
    )
    batch.content = _pack(batch.id, short.key, sheet, guess_mapping(sheet.head, load_headings()))
    session.add(batch)
    session.flush()
    return batch


def list_batches(session: Session, officer: Officer) -> list[ImportBatch]:
    """His own sheets, newest first."""
    query = select(ImportBatch).where(ImportBatch.officer_id == officer.id).order_by(ImportBatch.made_at.desc())
    return list(session.scalars(query.limit(MOST_LISTED)))


def get_batch(session: Session, officer: Officer, batch_id: str) -> ImportBatch:
    """His own sheet. Raises NotFound for anybody else's."""
    batch = session.get(ImportBatch, batch_id)
    if batch is None or batch.officer_id != officer.id:
        raise NotFound(SUBJECT, batch_id)
    return batch


def open_batch(batch: ImportBatch, keys: KeyShelf) -> Held | None:
    """The sheet itself, None once it is in, dropped or expired."""
    key = keys.get(batch.key_id) if batch.content is not None else None
    if key is None or batch.content is None:
        return None
    said = json.loads(decrypt_content(key, batch.id, PART, batch.content))
    sheet = Sheet(tuple(said["head"]), tuple(tuple(row) for row in said["rows"]), said["first"])
    return Held(batch, sheet, {Column(name): at for name, at in said["mapped"].items()})


def map_batch(batch: ImportBatch, mapped: ColumnMap, *, keys: KeyShelf) -> None:
    """Choose the columns anew. Raises NotFound where the sheet is gone, IllegalMove once it is running."""
    held, key = open_batch(batch, keys), keys.get(batch.key_id)
    if held is None or key is None:
        raise NotFound(SUBJECT, batch.id)
    _require_held(batch)
    batch.content = _pack(batch.id, key, held.sheet, mapped)


def start_batch(session: Session, batch: ImportBatch, *, by: Officer, keys: KeyShelf, now: datetime) -> None:
    """Let the background take the rows in that may be; the others stay named by their number.

    Raises NotFound, IllegalMove, InvalidField (a column that is not chosen, or `rows` where none may be taken).
    """
    held = open_batch(batch, keys)
    if held is None:
        raise NotFound(SUBJECT, batch.id)
    _require_held(batch)
    good, bad = read_rows(held.sheet, held.mapped, now=batch.made_at)
    if not good:
        raise InvalidField("rows", "no_good_rows")
    batch.status, batch.total = BatchStatus.RUNNING, len(good)
    batch.problems = [f"{row.number}:{row.problem}" for row in bad]
    details = {"rows": len(good), "bad": len(bad)}
    record(
        session,
        actor=by_officer(by),
        verb=Verb.IMPORTED,
        subject=SUBJECT,
        subject_id=batch.id,
        details=details,
        now=now,
    )
    enqueue(session, JobName.IMPORT_ROWS, batch.id)


def wake_batch(session: Session, batch: ImportBatch) -> None:
    """Call the background again for a sheet that stands still; two of them at once harm nothing."""
    if batch.status is BatchStatus.RUNNING:
        enqueue(session, JobName.IMPORT_ROWS, batch.id)


def drop_batch(session: Session, batch: ImportBatch) -> str:
    """Forget a sheet that was not begun; the caller destroys the key whose name comes back, after the commit."""
    _require_held(batch)
    session.delete(batch)
    return batch.key_id


def list_problems(batch: ImportBatch) -> list[BadRow]:
    """The rows that were not taken in, by number."""
    pairs = (each.split(":", 1) for each in batch.problems)
    return [BadRow(int(number), RowProblem(problem)) for number, problem in pairs]


def run_batch(store: Store, batch_id: str, *, desk: IntakeDesk, clock: Callable[[], datetime]) -> None:
    """The job: take the rows in, one unit of work each, from where it stopped. Doing it again adds nothing."""
    with store.read() as session:
        batch = session.get(ImportBatch, batch_id)
        held = open_batch(batch, desk.keys) if batch is not None else None
    if batch is None or batch.status is not BatchStatus.RUNNING:
        return
    good = read_rows(held.sheet, held.mapped, now=batch.made_at)[0] if held is not None else []
    while held is not None and _take_next(store, batch_id, good, desk=desk, clock=clock):
        pass
    with store.write() as session:
        row = session.get_one(ImportBatch, batch_id, with_for_update=True)
        row.status = BatchStatus.DONE if row.position >= row.total else BatchStatus.LOST
        row.content = None
        _renew_key(row, desk.keys, clock() + CODES_LIFE)
    desk.keys.destroy(batch.key_id)


def take_row(
    session: Session,
    row: ImportRow,
    source: str,
    *,
    desk: IntakeDesk,
    now: datetime,
    bringer: Officer | None = None,
    told: list[Code] | None = None,
) -> RowOutcome:
    """Take one row in by the one road, unless its serial came before.

    Where the row says how to reach its writer, the code is added to `told`, for the bringer to tell, if he may know of
    the case. The code of a sealed one is put inside it; that of an open one which keeps him out is nobody's to tell.
    """
    if is_known(session, source, row.serial, secrets=desk.secrets):
        return RowOutcome.KNOWN
    key = need_key(session, KeyUse.SERIALS, desk.secrets)
    session.add(SeenSerial(mac=hash_under(key, _name(source, row.serial))))
    filed = receive_report(session, draft_of(row, source, now=now), desk=desk, now=now)
    if isinstance(filed, Refused):
        return RowOutcome.REFUSED
    if bringer is not None and can_be_told(row):
        case = session.get_one(Case, filed.case_id)
        if filed.sealed:
            said = {"text": TELL_HIM, CODE_INSIDE: filed.code, "officer_id": bringer.id, "made_at": now.isoformat()}
            add_sealed_item(session, case, SealedKind.NOTE, said)
        elif told is not None and _list_tellable(session, bringer, [case.id]):
            told.append(Code(row.serial, filed.code, case.id))
    return RowOutcome.TAKEN


def can_be_told(row: ImportRow) -> bool:
    """Whether the source's row says how to reach the one who told it, so that somebody can tell him his code."""
    return row.contact is not None and bool(row.contact.phone)


def list_codes(session: Session, batch: ImportBatch, keys: KeyShelf) -> list[Code]:
    """The codes that the bringer has to tell; none once they are told or expired, nor those of cases that have since
    been sealed or keep him out. Which rows are missing doesn't tell why: a row without a number, or one that a
    colleague brought before, has none either.
    """
    codes = _open_codes(batch, keys)
    officer = session.get_one(Officer, batch.officer_id)
    free = _list_tellable(session, officer, [each.case_id for each in codes])
    return [each for each in codes if each.case_id in free]


def forget_codes(batch: ImportBatch) -> str:
    """They are told: wiped; the caller destroys the key whose name comes back, after the commit.

    Raises IllegalMove while rows are still being taken in.
    """
    if batch.status is BatchStatus.RUNNING:
        raise IllegalMove(batch.status, BatchStatus.DONE)
    batch.codes = None
    return batch.key_id


def _list_tellable(session: Session, officer: Officer, case_ids: Sequence[str]) -> set[str]:
    """Of these cases, the open ones that don't keep him out, wherever they are by now."""
    open_to_him = (~Case.sealed, ~is_excluded(officer))
    return set(session.scalars(select(Case.id).where(Case.id.in_(case_ids), *open_to_him)))


def _find_own_code(session: Session, batch: ImportBatch, row: ImportRow, keys: KeyShelf) -> list[Code]:
    """The code of a row that this officer's own sheets brought lately: a sheet that comes again looks as before."""
    if not can_be_told(row):
        return []
    query = select(ImportBatch).where(
        ImportBatch.officer_id == batch.officer_id,
        ImportBatch.source == batch.source,
        ImportBatch.id != batch.id,
        ImportBatch.codes.is_not(None),
    )
    known = (code for each in session.scalars(query) for code in list_codes(session, each, keys))
    return [code for code in known if code.serial == row.serial][:1]


def _open_codes(batch: ImportBatch, keys: KeyShelf) -> list[Code]:
    key = keys.get(batch.key_id) if batch.codes is not None else None
    if key is None or batch.codes is None:
        return []
    kept = json.loads(decrypt_content(key, batch.id, CODES, batch.codes))
    return [Code(*each) for each in kept if len(each) == len(Code._fields)]


def _keep_codes(batch: ImportBatch, new: Sequence[Code], keys: KeyShelf) -> None:
    key = keys.get(batch.key_id) if new else None
    if key is not None:
        said = json.dumps([*_open_codes(batch, keys), *new]).encode()
        batch.codes = encrypt_content(key, batch.id, CODES, said)


def _renew_key(batch: ImportBatch, keys: KeyShelf, expires_at: datetime) -> None:
    """What waits of the codes goes under a key of its own; the caller destroys the old one after the commit."""
    codes, batch.codes = _open_codes(batch, keys), None
    if codes:
        batch.key_id = keys.create(expires_at).key_id
        _keep_codes(batch, codes, keys)


def is_known(session: Session, source: str, serial: str, *, secrets: ServerSecrets) -> bool:
    """Whether that office's number came already."""
    macs = [hash_under(key, _name(source, serial)) for key in list_keys(session, KeyUse.SERIALS, secrets)]
    return session.scalar(select(SeenSerial.mac).where(SeenSerial.mac.in_(macs)).limit(1)) is not None


def assess_before(row: ImportRow, source: str, *, desk: IntakeDesk, now: datetime) -> IntakeDesk:
    """The same intake for one row that is assessed now, before anybody holds the write lock."""
    draft = draft_of(row, source, now=now)
    context = desk.context.with_received(local_date(draft.received_at), draft.channel.value)
    said = desk.assess(draft.text, context)

    def assess(text: str, asked: Context) -> Assessment:
        return said if text == draft.text else desk.assess(text, asked)

    return replace(desk, assess=assess)


def _take_next(
    store: Store, batch_id: str, good: Sequence[ImportRow], *, desk: IntakeDesk, clock: Callable[[], datetime]
) -> bool:
    """One more row; False where there is none left."""
    with store.read() as session:
        batch = session.get_one(ImportBatch, batch_id)
        position, source = batch.position, batch.source
    if position >= len(good):
        return False
    now = clock()
    ready = assess_before(good[position], source, desk=desk, now=now)
    with store.write() as session:
        batch = session.get_one(ImportBatch, batch_id, with_for_update=True)
        if batch.position == position and batch.status is BatchStatus.RUNNING:
            told: list[Code] = []
            bringer = session.get_one(Officer, batch.officer_id)
            outcome = take_row(session, good[position], source, desk=ready, now=now, bringer=bringer, told=told)
            if outcome is RowOutcome.KNOWN:
                told += _find_own_code(session, batch, good[position], desk.keys)
            _keep_codes(batch, told, desk.keys)
            batch.position += 1
            setattr(batch, outcome, getattr(batch, outcome) + 1)
    return True


def _require_held(batch: ImportBatch) -> None:
    if batch.status is not BatchStatus.HELD:
        raise IllegalMove(batch.status, BatchStatus.HELD)


def _pack(batch_id: str, key: bytes, sheet: Sheet, mapped: ColumnMap) -> bytes:
    said: dict[str, Any] = {
        "head": sheet.head,
        "rows": sheet.rows,
        "first": sheet.first,
        "mapped": {column.value: at for column, at in mapped.items()},
    }
    return encrypt_content(key, batch_id, PART, json.dumps(said, ensure_ascii=False).encode())


def _name(source: str, serial: str) -> bytes:
    return f"{source}\n{serial}".encode()
