"""The staff side's security log: who signed in, from where and by what, kept for at least six months.

It is read by the log auditor, and by each officer as far as it is about himself; nothing in it is about a reporter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.models.people import Officer, SecurityEvent

DEVICE_LENGTH = 256
ADDRESS_LENGTH = 64


class SecurityKind(StrEnum):
    """What the staff side's security log keeps."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_TOO_EARLY = "sign_in_too_early"
    SIGNED_OUT = "signed_out"
    NOT_ALLOWED = "not_allowed"
    EXPORTED = "exported"
    ENROLLED = "enrolled"
    RENEWED = "renewed"
    SIGNED_OUT_ELSEWHERE = "signed_out_elsewhere"
    CONFIRM_FAILED = "confirm_failed"


SECURITY_LABELS: Mapping[SecurityKind, str] = {
    SecurityKind.SIGNED_IN: "登录",
    SecurityKind.SIGN_IN_FAILED: "登录没成",
    SecurityKind.SIGN_IN_TOO_EARLY: "试得太快",
    SecurityKind.SIGNED_OUT: "退出",
    SecurityKind.NOT_ALLOWED: "越权被拦",
    SecurityKind.EXPORTED: "导出",
    SecurityKind.ENROLLED: "第一次登录，设好了",
    SecurityKind.RENEWED: "换了密码或动态码",
    SecurityKind.SIGNED_OUT_ELSEWHERE: "从别处全部退出",
    SecurityKind.CONFIRM_FAILED: "账号里核对密码没成",
}


@dataclass(frozen=True)
class SecurityNote:
    """Where a staff request came from; it goes into the security log and nowhere else."""

    address: str = ""
    device: str = ""


def note_security(
    session: Session, kind: SecurityKind, officer_id: str | None, origin: SecurityNote, *, now: datetime
) -> None:
    """One line of the staff side's security log."""
    session.add(
        SecurityEvent(
            at=now,
            kind=kind.value,
            officer_id=officer_id,
            address=origin.address[:ADDRESS_LENGTH],
            device=origin.device[:DEVICE_LENGTH],
        )
    )
    session.flush()


@dataclass(frozen=True)
class SecurityRow:
    """One line of the security log as its reader sees it; `name` is "" where no officer of that name exists."""

    at: datetime
    kind: SecurityKind
    name: str
    username: str
    address: str
    device: str


def list_security(
    session: Session,
    *,
    officer_id: str | None = None,
    kinds: Sequence[SecurityKind] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    skip: int = 0,
    limit: int,
) -> tuple[list[SecurityRow], bool]:
    """The newest lines first, and whether there are more; the caller has the right to them."""
    query = select(SecurityEvent, Officer.name, Officer.username).outerjoin(
        Officer, Officer.id == SecurityEvent.officer_id
    )
    if officer_id is not None:
        query = query.where(SecurityEvent.officer_id == officer_id)
    if kinds:
        query = query.where(SecurityEvent.kind.in_([kind.value for kind in kinds]))
    if since is not None:
        query = query.where(SecurityEvent.at >= since)
    if until is not None:
        query = query.where(SecurityEvent.at < until)
    found = session.execute(query.order_by(SecurityEvent.id.desc()).offset(skip).limit(limit + 1)).all()
    rows = [
        SecurityRow(event.at, SecurityKind(event.kind), name or "", username or "", event.address, event.device)
        for event, name, username in found[:limit]
    ]
    return rows, len(found) > limit


def last_sign_ins(session: Session) -> Mapping[str, datetime]:
    """When each officer last signed in, as far as the security log reaches back."""
    query = (
        select(SecurityEvent.officer_id, func.max(SecurityEvent.at))
        .where(SecurityEvent.kind == SecurityKind.SIGNED_IN.value, SecurityEvent.officer_id.is_not(None))
        .group_by(SecurityEvent.officer_id)
    )
    return {str(officer_id): at for officer_id, at in session.execute(query)}
