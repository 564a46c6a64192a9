"""Files that lie in the sealed part and that two people let over to the open one: encrypted anew, under another id.

Not a byte of what lies in the two is the same, or whoever steals the tables would have a pair; and what opens the
original is sealed to the identity ring before it waits.
"""

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.ledger import REPORTER, Verb, record
from casework.messages import add_message_from_reporter
from casework.models.attachments import Attachment
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.rings import current_ring
from casework.sealing import SealedContent
from casework.secrets import KEY_BYTES, ServerSecrets
from casework.types import AttachmentKind
from casework.vault import seal_record
from intake.attachments import SUBJECT, get_attachment, list_attachments, open_copy, open_original
from intake.contents import COPY, ORIGINAL, PURPOSE, SALT_BYTES, THUMBNAIL, encrypt_content
from intake.held import hold

ADDED_FILE = "file_to"
"""Marks a held file that goes to a case which stands already."""
SAID = "（发来1份照片、录音或文件）"
CONTENTS = ("original", "copy", "thumbnail")


@dataclass(frozen=True, slots=True)
class AddedFile:
    """A file of the sealed case that could go to the open one."""

    id: str
    kind: AttachmentKind
    received_on: date
    has_copy: bool


def list_added_files(session: Session, opened: SealedContent) -> list[AddedFile]:
    """The files that came, oldest first; not those that never did."""
    views = list_attachments(session, opened.case, case_key=opened.case_key)
    return [AddedFile(view.id, view.kind, view.received_on, view.has_copy) for view in views if view.problem is None]


def hold_file(
    session: Session,
    part_id: str,
    opened: SealedContent,
    attachment_id: str,
    ring_key: bytes,
    *,
    secrets: ServerSecrets,
    now: datetime,
) -> None:
    """Keep a file anew until its moment: its original under a key that the ring alone opens, a picture's copy too.

    Raises NotFound, BrokenSeal.
    """
    row = get_attachment(session, opened.case, attachment_id)
    view = next(each for each in list_attachments(session, opened.case, case_key=opened.case_key) if each.id == row.id)
    original = open_original(row, ring_key, case_key=opened.case_key)
    ident, key, copy_key = new_id(), os.urandom(KEY_BYTES), os.urandom(KEY_BYTES)
    salt, ring = os.urandom(SALT_BYTES), current_ring(session)
    proof = {"key": key.hex(), "salt": salt.hex(), "sha256": original.sha256, "media_type": original.media_type}
    contents = {"original": encrypt_content(key, ident, ORIGINAL, original.data)}
    if view.has_copy:
        for part, small in ((COPY, False), (THUMBNAIL, True)):
            shown = open_copy(row, thumbnail=small, secrets=secrets, case_key=opened.case_key)
            contents[part] = encrypt_content(copy_key, ident, part, shown.data)
    content = {
        ADDED_FILE: part_id,
        "id": ident,
        "kind": view.kind.value,
        "media_type": view.media_type,
        "size": view.size,
        "ring_id": ring.id,
        "original_wrap": seal_record(ring.public_key, ident, proof).hex(),
        "copy_key": copy_key.hex() if view.has_copy else "",
        "commitment": hashlib.sha256(salt + original.data).hexdigest(),
        **{name: base64.b64encode(data).decode() for name, data in contents.items()},
    }
    hold(session, content, secrets=secrets, now=now)


def add_held_file(session: Session, said: Mapping[str, Any], *, secrets: ServerSecrets, now: datetime) -> bool:
    """The moment has come: the open case has the file, as if sent there; False where it is sealed by now."""
    case = session.get(Case, said[ADDED_FILE], with_for_update=True)
    if case is None or case.sealed:
        return False
    ident, copy_key = said["id"], bytes.fromhex(said["copy_key"])
    row = Attachment(
        id=ident,
        case_id=case.id,
        sealed=False,
        received_on=local_date(now),
        kind=AttachmentKind(said["kind"]),
        media_type=said["media_type"],
        size=said["size"],
        ring_id=said["ring_id"],
        original_wrap=bytes.fromhex(said["original_wrap"]),
        copy_wrap=secrets.encrypt(PURPOSE, copy_key, ident.encode()) if copy_key else None,
        **{name: base64.b64decode(said[name]) if name in said else None for name in CONTENTS},
    )
    session.add(row)
    session.flush()
    details = {"commitment": said["commitment"]}
    record(
        session,
        actor=REPORTER,
        verb=Verb.ATTACHED,
        subject=SUBJECT,
        subject_id=ident,
        case_id=case.id,
        details=details,
        now=now,
    )
    add_message_from_reporter(session, case, SAID, now=now)
    return True
