"""Pictures, recordings and papers (附件): typed and cleaned on the way in, sealed as evidence, shown to few.

What was sent stays byte for byte, under a key that only members of the identity ring can open, in a sealed case only
those whom the conflict test spares. Of a picture staff see a copy without metadata; a voice tells who speaks, so of a
recording there is no copy.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.errors import BrokenSeal, InvalidField, NotFound, VaultNotSetUp
from casework.ledger import REPORTER, Actor, Verb, record
from casework.models.attachments import Attachment
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.models.ledger import LedgerEntry
from casework.rings import current_ring
from casework.secrets import ServerSecrets
from casework.types import AttachmentKind, AttachmentProblem
from casework.vault import seal, seal_record, unseal, unseal_record
from intake.contents import COPY, ORIGINAL, PURPOSE, THUMBNAIL, Prepared, decrypt_content, prepare_attachment
from intake.filetypes import FIELD, WRONG_KIND
from intake.pictures import CLEAN_TYPE

__all__ = ["Prepared", "keep_attachment", "keep_prepared", "list_attachments", "prepare_attachment"]

SUBJECT = "attachment"
MOST_A_REPORT = 9
"""So many files a talk may hold, and a reporter may add with his code in one day."""


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """One file of a case as the asker may know of it; `heard` says whether anybody has opened it yet."""

    id: str
    kind: AttachmentKind
    media_type: str
    size: int
    received_on: date
    has_copy: bool
    heard: bool
    problem: AttachmentProblem | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A content, opened in memory."""

    media_type: str
    data: bytes = field(repr=False)
    sha256: str = ""


def keep_prepared(
    session: Session, case: Case, prepared: Prepared, *, secrets: ServerSecrets, by: Actor = REPORTER, now: datetime
) -> Attachment:
    """Make a prepared file part of a case: its keys go to the ring and the case, its salted SHA-256 to the ledger.

    The salt lies with the original's key, so that the hash proves the original to whoever opens it and tells others
    nothing about a picture that they may know. Raises VaultNotSetUp.
    """
    keys = prepared.keys
    row = Attachment(
        id=keys.id,
        case_id=case.id,
        sealed=False,
        received_on=local_date(now),
        kind=keys.kind,
        media_type=keys.media_type,
        size=keys.size,
        original=prepared.original,
        copy=prepared.copy,
        thumbnail=prepared.thumbnail,
    )
    ring = current_ring(session)
    proof = {"key": keys.original_key, "salt": keys.salt, "sha256": keys.sha256, "media_type": keys.media_type}
    row.ring_id, row.original_wrap = ring.id, seal_record(ring.public_key, row.id, proof)
    if keys.copy_key:
        row.copy_wrap = secrets.encrypt(PURPOSE, bytes.fromhex(keys.copy_key), row.id.encode())
    _add(session, case, row, secrets)
    _record(session, Verb.ATTACHED, row, by, {"commitment": keys.commitment}, now)
    return row


def keep_attachment(
    session: Session,
    case: Case,
    *,
    data: bytes,
    kind: AttachmentKind | None = None,
    secrets: ServerSecrets,
    by: Actor = REPORTER,
    private: bool = False,
    now: datetime,
) -> Attachment:
    """Prepare and keep in one; `kind` is what it must be, if given. Raises InvalidField, VaultNotSetUp."""
    prepared = prepare_attachment(data, private=private)
    if kind is not None and prepared.keys.kind is not kind:
        raise InvalidField(FIELD, WRONG_KIND)
    return keep_prepared(session, case, prepared, secrets=secrets, by=by, now=now)


def keep_stub(
    session: Session,
    case: Case,
    kind: AttachmentKind,
    problem: AttachmentProblem,
    *,
    secrets: ServerSecrets,
    now: datetime,
) -> Attachment:
    """Remember that a file was sent and never came, and why."""
    row = Attachment(
        id=new_id(),
        case_id=case.id,
        sealed=False,
        received_on=local_date(now),
        kind=kind,
        media_type="",
        size=0,
        problem=problem,
        ring_id=current_ring(session).id,
    )
    _add(session, case, row, secrets)
    _record(session, Verb.ATTACHMENT_LOST, row, REPORTER, {}, now)
    return row


def count_room(session: Session, case_id: str, *, now: datetime) -> int:
    """How many files the reporter may still add to his case today."""
    today = select(func.count()).where(Attachment.case_id == case_id, Attachment.received_on == local_date(now))
    return max(0, MOST_A_REPORT - (session.scalar(today) or 0))


def list_attachments(session: Session, case: Case, *, case_key: bytes | None = None) -> list[AttachmentView]:
    """The files of a case, oldest first; the caller has got the case through the door, a sealed one with its key."""
    rows = _list_rows(session, case.id)
    opened = set(
        session.scalars(
            select(LedgerEntry.subject_id).where(
                LedgerEntry.case_id == case.id, LedgerEntry.subject == SUBJECT, LedgerEntry.verb == Verb.READ
            )
        )
    )
    return [_view(row, _read_inside(row, case_key), heard=row.id in opened) for row in rows]


def get_attachment(session: Session, case: Case, attachment_id: str) -> Attachment:
    """One file of a case that was got through the door. Raises NotFound."""
    row = session.get(Attachment, attachment_id)
    if row is None or row.case_id != case.id:
        raise NotFound(SUBJECT, attachment_id)
    return row


def find_case_id(session: Session, attachment_id: str) -> str:
    """Which case a file belongs to, to ask the door for it. Raises NotFound."""
    found = session.scalar(select(Attachment.case_id).where(Attachment.id == attachment_id))
    if found is None:
        raise NotFound(SUBJECT, attachment_id)
    return found


def open_copy(
    row: Attachment, *, thumbnail: bool = False, secrets: ServerSecrets, case_key: bytes | None = None
) -> Opened:
    """A picture's clean copy, or its thumbnail. Raises NotFound where there is none, BrokenSeal."""
    content = row.thumbnail if thumbnail else row.copy
    if content is None or row.copy_wrap is None:
        raise NotFound(SUBJECT, row.id)
    if row.sealed:
        key = bytes.fromhex(_read_inside(row, case_key)["key"])
    else:
        key = secrets.decrypt(PURPOSE, row.copy_wrap, row.id.encode())
    return Opened(CLEAN_TYPE, decrypt_content(key, row.id, THUMBNAIL if thumbnail else COPY, content))


def open_original(row: Attachment, ring_key: bytes, *, case_key: bytes | None = None) -> Opened:
    """What was sent, byte for byte, checked against its hash. Raises NotFound for a stub, BrokenSeal."""
    if row.original is None or row.original_wrap is None:
        raise NotFound(SUBJECT, row.id)
    wrap = row.original_wrap if case_key is None else unseal(case_key, row.original_wrap)
    proof = unseal_record(ring_key, row.id, wrap)
    data = decrypt_content(bytes.fromhex(proof["key"]), row.id, ORIGINAL, row.original)
    if hashlib.sha256(data).hexdigest() != proof["sha256"]:
        raise BrokenSeal("hash")
    return Opened(proof["media_type"], data, proof["sha256"])


def read_proof(session: Session, row: Attachment, ring_key: bytes, *, case_key: bytes | None = None) -> dict[str, str]:
    """What proves an original to whoever holds it: `salt`, and `commitment`, SHA-256 of salt and content.

    The ledger has had the same commitment since the day it came. Raises NotFound for a stub, BrokenSeal.
    """
    if row.original_wrap is None:
        raise NotFound(SUBJECT, row.id)
    wrap = row.original_wrap if case_key is None else unseal(case_key, row.original_wrap)
    proof = unseal_record(ring_key, row.id, wrap)
    query = select(LedgerEntry.details).where(LedgerEntry.subject_id == row.id, LedgerEntry.verb == Verb.ATTACHED)
    details = session.scalar(query) or {}
    return {"salt": proof["salt"], "commitment": details.get("commitment", "")}


def note_reading(session: Session, row: Attachment, *, by: Actor, what: str, now: datetime) -> None:
    """The ledger remembers who opened which content of which file."""
    _record(session, Verb.READ, row, by, {"what": what}, now)


def seal_attachments(session: Session, case: Case, *, secrets: ServerSecrets) -> None:
    """The case is being sealed: every key moves inside, what the columns said with it. For `intake.resealing`."""
    for row in _list_rows(session, case.id):
        _put_inside(case, row, secrets)
    session.flush()


def unseal_attachments(session: Session, case: Case, case_key: bytes, *, secrets: ServerSecrets) -> None:
    """The case is being unsealed: columns and the copies' keys stand where they were; originals stay with the ring."""
    for row in _list_rows(session, case.id):
        said = _read_inside(row, case_key)
        row.sealed, row.kind = False, AttachmentKind(said["kind"])
        row.media_type, row.size = said["media_type"], said["size"]
        row.problem = AttachmentProblem(said["problem"]) if said["problem"] else None
        key = bytes.fromhex(said["key"])
        row.copy_wrap = secrets.encrypt(PURPOSE, key, row.id.encode()) if key else None
        if row.original_wrap is not None:
            row.original_wrap = unseal(case_key, row.original_wrap)
    session.flush()


def _add(session: Session, case: Case, row: Attachment, secrets: ServerSecrets) -> None:
    if case.sealed:
        _put_inside(case, row, secrets)
    session.add(row)
    session.flush()


def _put_inside(case: Case, row: Attachment, secrets: ServerSecrets) -> None:
    """From open to sealed, before or after the row is stored."""
    if case.public_key is None:
        raise VaultNotSetUp("case_key")
    key = secrets.decrypt(PURPOSE, row.copy_wrap, row.id.encode()) if row.copy_wrap is not None else b""
    said = {
        "key": key.hex(),
        "kind": row.kind,
        "media_type": row.media_type,
        "size": row.size,
        "problem": row.problem,
    }
    row.copy_wrap = seal_record(case.public_key, row.id, said)
    if row.original_wrap is not None:
        row.original_wrap = seal(case.public_key, row.original_wrap)
    row.sealed, row.kind, row.media_type, row.size, row.problem = True, None, None, None, None


def _read_inside(row: Attachment, case_key: bytes | None) -> dict[str, Any]:
    """What the row is: its columns in an open case, the sealed part otherwise. Raises NotFound without the key."""
    if not row.sealed:
        return {"kind": row.kind, "media_type": row.media_type, "size": row.size, "problem": row.problem, "key": ""}
    if case_key is None or row.copy_wrap is None:
        raise NotFound(SUBJECT, row.id)
    return unseal_record(case_key, row.id, row.copy_wrap)


def _view(row: Attachment, said: dict[str, Any], *, heard: bool) -> AttachmentView:
    return AttachmentView(
        id=row.id,
        kind=AttachmentKind(said["kind"]),
        media_type=said["media_type"] or "",
        size=said["size"] or 0,
        received_on=row.received_on,
        has_copy=bool(said["key"]) if row.sealed else row.copy_wrap is not None,
        heard=heard,
        problem=AttachmentProblem(said["problem"]) if said["problem"] else None,
    )


def _list_rows(session: Session, case_id: str) -> Sequence[Attachment]:
    query = select(Attachment).where(Attachment.case_id == case_id).order_by(Attachment.received_on, Attachment.id)
    return session.scalars(query).all()


def _record(session: Session, verb: Verb, row: Attachment, by: Actor, details: dict[str, Any], now: datetime) -> None:
    record(
        session, actor=by, verb=verb, subject=SUBJECT, subject_id=row.id, case_id=row.case_id, details=details, now=now
    )
