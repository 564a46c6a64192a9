"""The reporter's identity and his own words: sealed on the way in, opened by one function alone.

Both lie under the identity ring's public half, in a sealed case under the case's key besides: whoever the conflict
test keeps out of the case cannot open them with the ring.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from casework.cases import get_case_for, keep_note
from casework.clock import local_date
from casework.errors import BrokenSeal, InvalidField, NotFound
from casework.ledger import Verb, by_officer, record
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.models.secrecy import Ring
from casework.rings import SignedIn, current_ring, officer_private_key, ring_private_key
from casework.sealing import open_case_key
from casework.types import Role
from casework.vault import seal, seal_record, unseal, unseal_record
from casework.visibility import require_role
from intake.models import Report, Reporter
from intake.types import Contact, ReportDraft, Revealed, RevealReason, Told

MAY_REVEAL = (Role.CLUE_OFFICER, Role.DISPATCHER, Role.OPERATOR)
"""Who may ask; only a member of the ring can in fact open anything."""
IDENTITY_BLOCK = 1024
"""One size for all identities, so that none tells whether a name is in it."""
SALT_BYTES = 16
ADD_REPORTER = insert(Reporter.metadata.tables[Reporter.__tablename__])


def seal_report(session: Session, case: Case, draft: ReportDraft, working_text: str, *, report_id: str) -> Report:
    """Store a report with its reporter: the original and the identity sealed, the working text plain in an open case.

    `commitment` is SHA-256 of salt and text; the salt lies inside the ciphertext, so that the hash proves the original
    to whoever opens it and tells nothing to others. Raises VaultNotSetUp without an identity ring.
    """
    ring = current_ring(session)
    salt = os.urandom(SALT_BYTES)
    told = {"text": draft.text, "salt": salt.hex(), "told": asdict(draft.told)}
    report = Report(
        id=report_id,
        case_id=case.id,
        sealed=case.sealed,
        received_on=local_date(draft.received_at),
        original_ciphertext=_wrap(case, seal_record(ring.public_key, report_id, told)),
        ring_id=ring.id,
        commitment=hashlib.sha256(salt + draft.text.encode()).digest(),
        working_text=None if case.sealed else working_text,
        channel=None if case.sealed else draft.channel,
        named=None if case.sealed else draft.named,
    )
    session.add(report)
    session.flush()
    session.connection().execute(ADD_REPORTER, _seal_reporter(case, ring, report_id, draft))
    return report


def pack_report(session: Session, draft: ReportDraft, *, report_id: str) -> dict[str, str]:
    """A report with its reporter, sealed to the ring like any other but not stored yet, as JSON values."""
    ring = current_ring(session)
    salt = os.urandom(SALT_BYTES)
    told = {"text": draft.text, "salt": salt.hex(), "told": asdict(draft.told)}
    reporter = _seal_reporter(None, ring, report_id, draft)
    return {
        "id": report_id,
        "ring_id": ring.id,
        "original": seal_record(ring.public_key, report_id, told).hex(),
        "commitment": hashlib.sha256(salt + draft.text.encode()).hexdigest(),
        "reporter_id": reporter["id"],
        "reporter": reporter["ciphertext"].hex(),
    }


def add_packed_report(
    session: Session, case: Case, packed: Mapping[str, str], plain: Mapping[str, Any], *, now: datetime
) -> Report:
    """Store what `pack_report` made as the report of an open case, dated today; `plain` are its plain columns."""
    report = Report(
        id=packed["id"],
        case_id=case.id,
        sealed=False,
        received_on=local_date(now),
        original_ciphertext=bytes.fromhex(packed["original"]),
        ring_id=packed["ring_id"],
        commitment=bytes.fromhex(packed["commitment"]),
        **plain,
    )
    session.add(report)
    session.flush()
    ciphertext = bytes.fromhex(packed["reporter"])
    session.add(
        Reporter(id=packed["reporter_id"], report_id=report.id, ring_id=packed["ring_id"], ciphertext=ciphertext)
    )
    session.flush()
    return report


def list_reports(session: Session, case_id: str) -> list[Report]:
    """The reports of a case, oldest day first; the caller has got the case through `get_case_for`."""
    query = select(Report).where(Report.case_id == case_id).order_by(Report.received_on, Report.id)
    return list(session.scalars(query))


def reveal_reporter(
    session: Session,
    signed: SignedIn,
    token: str,
    report_id: str,
    *,
    reason: RevealReason,
    remark: str = "",
    now: datetime,
) -> Revealed:
    """Open an identity: the only reader of one.

    1. The officer's role allows asking, and the case exists for him (the conflict test is in that query).
    2. His ring is open in this very sign-in. 3. The ledger remembers who, whose, when, and the reason's code; what he
    adds in his own words is kept as a note of the case (sealed in a sealed one), because the ledger holds no content.
    Raises NotAllowed, NotFound, VaultLocked, InvalidField (no reason); BrokenSeal if a row was changed.
    """
    require_role(signed.officer, *MAY_REVEAL, act="reveal_reporter")
    report = session.get(Report, report_id)
    if report is None:
        raise NotFound("report", report_id)
    try:
        case = get_case_for(session, signed.officer, report.case_id)
    except NotFound as error:
        raise NotFound("report", report_id) from error
    if not isinstance(reason, RevealReason):
        raise InvalidField("reason", "missing")
    private = officer_private_key(signed, token)
    case_key = open_case_key(session, signed.officer, private, case.id) if case.sealed else None
    reporter = session.scalars(select(Reporter).where(Reporter.report_id == report_id)).one()
    rings = {
        ring_id: ring_private_key(session, signed.officer, private, ring_id)
        for ring_id in {report.ring_id, reporter.ring_id}
    }
    revealed = open_report(report, reporter, rings, case_key)
    details: dict[str, Any] = {"reason": reason.value}
    if remark.strip():
        details["note"] = keep_note(session, case, remark.strip(), officer_id=signed.officer.id, now=now)
    record(
        session,
        actor=by_officer(signed.officer),
        verb=Verb.REVEALED,
        subject="report",
        subject_id=report_id,
        case_id=case.id,
        details=details,
        now=now,
    )
    session.flush()
    return revealed


def open_report(
    report: Report, reporter: Reporter, ring_keys: Mapping[str, bytes], case_key: bytes | None = None
) -> Revealed:
    """Open a report and its reporter with keys in hand: the ring's private halves by ring id, and a sealed case's own.

    For `reveal_reporter`, and for `hotline chat`, whose private database has throw-away keys. Raises BrokenSeal.
    """
    original = open_original(report, ring_keys[report.ring_id], case_key)
    identity = unseal_record(ring_keys[reporter.ring_id], reporter.id, _unwrap(reporter.ciphertext, case_key))
    return Revealed(
        contact=Contact(**identity["contact"]),
        anonymous=identity["anonymous"],
        original=original["text"],
        told=Told(**original["told"]),
    )


def open_original(report: Report, ring_key: bytes, case_key: bytes | None = None) -> Mapping[str, Any]:
    """The original as it was sealed: `text`, `salt` (hex), `told`. Raises BrokenSeal, also for a wrong commitment."""
    original = unseal_record(ring_key, report.id, _unwrap(report.original_ciphertext, case_key))
    if hashlib.sha256(bytes.fromhex(original["salt"]) + original["text"].encode()).digest() != report.commitment:
        raise BrokenSeal("commitment")
    return original


def add_case_layer(case: Case, report: Report, reporter: Reporter | None) -> None:
    """Put what the ring's key opens under the case's key as well: the case is being sealed."""
    report.original_ciphertext = _wrap(case, report.original_ciphertext)
    if reporter is not None:
        reporter.ciphertext = _wrap(case, reporter.ciphertext)


def take_case_layer(report: Report, reporter: Reporter | None, case_key: bytes) -> None:
    """Take the case's layer off again: the case is being unsealed."""
    report.original_ciphertext = _unwrap(report.original_ciphertext, case_key)
    if reporter is not None:
        reporter.ciphertext = _unwrap(reporter.ciphertext, case_key)


def _seal_reporter(case: Case | None, ring: Ring, report_id: str, draft: ReportDraft) -> dict[str, Any]:
    """Always a row of one size, also for one who told nothing: that a row exists tells nothing."""
    row_id = new_id()
    identity = {"contact": asdict(draft.contact or Contact()), "anonymous": draft.anonymous}
    sealed = seal_record(ring.public_key, row_id, identity, pad_to=IDENTITY_BLOCK)
    ciphertext = sealed if case is None else _wrap(case, sealed)
    return {"id": row_id, "report_id": report_id, "ring_id": ring.id, "ciphertext": ciphertext}


def _wrap(case: Case, blob: bytes) -> bytes:
    return seal(case.public_key, blob) if case.sealed and case.public_key is not None else blob


def _unwrap(blob: bytes, case_key: bytes | None) -> bytes:
    return blob if case_key is None else unseal(case_key, blob)
