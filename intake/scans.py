"""Scanned letters while they are copied out: each scan, a picture or a PDF, under a short-lived key of its own until
it belongs to a case.

A letter shows a hand and often a name, so of its pages no copy is made for staff: once filed, the original opens only
to members of the identity ring.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.errors import InvalidField, NotFound
from casework.keyshelf import KeyShelf
from casework.ledger import by_officer
from casework.models.cases import Case
from casework.models.people import Officer
from casework.secrets import ServerSecrets
from casework.types import AttachmentKind
from intake.attachments import keep_prepared
from intake.contents import (
    ORIGINAL,
    AttachmentKeys,
    Prepared,
    decrypt_content,
    encrypt_content,
    prepare_attachment,
)
from intake.filetypes import FIELD, WRONG_KIND
from intake.models import HeldScan
from intake.pages import PDF, draw_page, draw_pages
from intake.pictures import READABLE, clean_picture

LIFE = timedelta(hours=12)
PART = "keys"
MOST_PAGES = 9


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan ready to be kept, and the pictures of its pages that may be shown and read."""

    prepared: Prepared = field(repr=False)
    pages: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """A scan that an officer still has, and how many pages it shows."""

    id: str
    pages: int


def prepare_scan(data: bytes) -> Scan:
    """Type and encrypt a scan, and draw its pages anew for the eye; call it outside the unit of work.

    Raises InvalidField ("file") for what is neither a picture that can be shown nor a PDF, is broken, too large or has
    too many pages.
    """
    prepared = prepare_attachment(data, private=True)
    if prepared.keys.media_type == PDF:
        return Scan(prepared, draw_pages(data, most=MOST_PAGES))
    if prepared.keys.media_type not in READABLE:
        raise InvalidField(FIELD, WRONG_KIND)
    return Scan(prepared, (clean_picture(data).copy,))


def hold_scan(session: Session, scan: Scan, *, by: Officer, keys: KeyShelf, now: datetime) -> str:
    """Keep a scan for the officer who copies it out; his scans of yesterday go. Returns its id."""
    session.execute(delete(HeldScan).where(HeldScan.officer_id == by.id, HeldScan.made_at < now - LIFE))
    short, prepared = keys.create(now + LIFE), scan.prepared
    packed = json.dumps(asdict(prepared.keys)).encode()
    session.add(
        HeldScan(
            id=prepared.keys.id,
            officer_id=by.id,
            key_id=short.key_id,
            keys=encrypt_content(short.key, prepared.keys.id, PART, packed),
            original=prepared.original,
            pages=len(scan.pages),
            made_at=now,
        )
    )
    session.flush()
    return prepared.keys.id


def list_held(session: Session, officer: Officer, ids: Sequence[str], *, keys: KeyShelf) -> list[Held]:
    """Which of these scans he still has, in their order."""
    rows = {row.id: row for row in _list_rows(session, officer, ids)}
    return [Held(each, rows[each].pages) for each in ids if each in rows and keys.get(rows[each].key_id) is not None]


def show_scan(session: Session, officer: Officer, scan_id: str, *, page: int = 0, keys: KeyShelf) -> bytes:
    """A page of a scan as JPEG without metadata, for him who copies it out. Raises NotFound for anybody else."""
    row = next(iter(_list_rows(session, officer, [scan_id])), None)
    known = _open_keys(row, keys) if row is not None else None
    if row is None or known is None or not 0 <= page < row.pages:
        raise NotFound("scan", scan_id)
    data = decrypt_content(bytes.fromhex(known.original_key), row.id, ORIGINAL, row.original)
    return draw_page(data, page) if known.media_type == PDF else clean_picture(data).copy


def take_scans(session: Session, officer: Officer, ids: Sequence[str], *, keys: KeyShelf) -> list[Prepared]:
    """His scans, to be given to a case in this transaction; their rows go. Destroy their keys after the commit."""
    taken = []
    rows = {row.id: row for row in _list_rows(session, officer, ids)}
    for row in (rows[ident] for ident in dict.fromkeys(ids) if ident in rows):
        known = _open_keys(row, keys)
        if known is not None:
            taken.append(Prepared(known, row.original))
        session.delete(row)
    session.flush()
    return taken


def keep_scans(
    session: Session,
    case_id: str,
    ids: Sequence[str],
    *,
    by: Officer,
    keys: KeyShelf,
    secrets: ServerSecrets,
    now: datetime,
) -> None:
    """The pages of a letter go to the case that was just opened from it; see `take_scans`."""
    case = session.get_one(Case, case_id)
    for prepared in take_scans(session, by, ids, keys=keys):
        keep_prepared(session, case, prepared, secrets=secrets, by=by_officer(by), now=now)


def list_key_ids(session: Session, officer: Officer, ids: Sequence[str]) -> list[str]:
    """The names of the short-lived keys of his scans."""
    return [row.key_id for row in _list_rows(session, officer, ids)]


def _list_rows(session: Session, officer: Officer, ids: Sequence[str]) -> Sequence[HeldScan]:
    query = select(HeldScan).where(HeldScan.officer_id == officer.id, HeldScan.id.in_(ids))
    return session.scalars(query).all()


def _open_keys(row: HeldScan, keys: KeyShelf) -> AttachmentKeys | None:
    key = keys.get(row.key_id)
    if key is None:
        return None
    said = json.loads(decrypt_content(key, row.id, PART, row.keys))
    return AttachmentKeys(**said | {"kind": AttachmentKind(said["kind"])})
