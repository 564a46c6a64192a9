"""Who holds which key of the vault since when, who waits for one, and the two ways in: a colleague, or the safe.

A member sees names and days; how many sealed cases a colleague holds is told to nobody, for it would tell of cases.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.ceremonies import count_rewrappable, renew_recovery_key, restore_by_recovery, rewrap_cases
from casework.errors import InvalidField, NotAllowed, NotFound
from casework.ledger import Verb, by_officer, record
from casework.models.ledger import LedgerEntry
from casework.models.people import Officer
from casework.models.secrecy import Ring, RingMember
from casework.officers import get_officer
from casework.pins import RECOVERY, is_first_sheet, short_print
from casework.recovery import current_recovery_key, take_turns
from casework.rings import (
    IDENTITY_RING,
    SignedIn,
    add_member,
    current_ring,
    is_holder,
    list_members,
    officer_private_key,
)
from casework.staffing import RING_ROLES
from casework.startingkeys import renew_ring
from casework.trust import RING, trust_key
from casework.types import Role
from casework.visibility import has_role, require_role

KEEPERS = (Role.CLUE_OFFICER, Role.SUPERVISOR, Role.LEADER, Role.LOG_AUDITOR)
"""Who may type in the sheet from the safe: never the administrator, who has the machine already (rules 5.2)."""
ASKED_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Holder:
    """A member of the ring as his colleagues see him; `rewraps` counts cases of the reader's own alone."""

    officer: Officer
    since: datetime
    fingerprint: str
    rewraps: int = 0


@dataclass(frozen=True)
class Waiting:
    """One who has a key of his own and waits to be let in; `asked` is when he asked for the sheet from the safe."""

    officer: Officer
    fingerprint: str
    asked: datetime | None = None


def list_holders(session: Session, *, reader: Officer) -> list[Holder]:
    """The members of the present ring by user name, with the day since which each holds it."""
    ring = current_ring(session)
    members = list_members(session, ring)
    joined = _list_joined(session, [member.id for member in members])
    first = _first_generation(session)
    return [
        Holder(
            member,
            joined.get(member.id, first),
            fingerprint(member),
            count_rewrappable(session, member, by=reader) if member.id != reader.id else 0,
        )
        for member in members
    ]


def list_waiting(session: Session, *, now: datetime) -> list[Waiting]:
    """Officers of the ring's roles with a key pair of their own who are not in the ring."""
    inside = select(RingMember.officer_id).where(
        RingMember.ring_id == current_ring(session).id, RingMember.officer_id.is_not(None)
    )
    query = select(Officer).where(
        Officer.removed_at.is_(None), Officer.public_key.is_not(None), Officer.id.not_in(inside)
    )
    waiting = session.scalars(query.order_by(Officer.username)).all()
    return [
        Waiting(officer, fingerprint(officer), find_request(session, officer.id, now=now))
        for officer in waiting
        if has_role(officer, *RING_ROLES)
    ]


def when_set_up(session: Session) -> datetime:
    """Since when the recovery key in force lies in the safe."""
    return current_recovery_key(session).created_at


def let_into_ring(
    session: Session, officer_id: str, typed: str, *, signed: SignedIn, token: str, now: datetime
) -> Officer:
    """A member whose vault is open lets a colleague in, new or back: every ring key he holds, every case both may open.

    `typed` is the fingerprint that the colleague reads out to him, so that nobody's key is put in its place. Raises
    InvalidField where it is another, VaultLocked, NotAllowed for a role without a place there or one who is in.
    """
    officer = _get_waiting(session, officer_id)
    officer_private_key(signed, token)
    if "".join(typed.split()) != "".join(fingerprint(officer).split()):
        raise InvalidField("fingerprint", "not_his_fingerprint")
    add_member(session, officer, signed=signed, token=token, now=now)
    rewrap_cases(session, officer, signed=signed, token=token, now=now)
    trust_key(session, signed.officer, officer_private_key(signed, token), officer.id, now=now)
    return officer


def rewrap_for(session: Session, officer_id: str, *, signed: SignedIn, token: str, now: datetime) -> int:
    """Open to a member again those of one's own cases on whose lists he still stands; how many. Raises VaultLocked."""
    officer = get_officer(session, officer_id)
    if officer.removed_at is not None or not is_holder(session, officer.id):
        raise NotFound("officer", officer_id)
    return rewrap_cases(session, officer, signed=signed, token=token, now=now)


def ask_recovery(session: Session, officer: Officer, *, now: datetime) -> None:
    """The first of two: one whose words are lost, and who has made a new key, asks for the sheet from the safe.

    Raises NotAllowed for a role without a place in the ring, or without a key, or who is in.
    """
    _get_waiting(session, officer.id)
    record(
        session,
        actor=by_officer(officer),
        verb=Verb.RECOVERY_ASKED,
        subject="officer",
        subject_id=officer.id,
        now=now,
    )
    session.flush()


def find_request(session: Session, officer_id: str, *, now: datetime) -> datetime | None:
    """When an officer asked for the sheet, None where he did not, or too long ago, or has been let in since."""
    query = select(LedgerEntry).where(
        LedgerEntry.subject == "officer",
        LedgerEntry.subject_id == officer_id,
        LedgerEntry.verb.in_([Verb.RECOVERY_ASKED.value, Verb.RING_CHANGED.value]),
    )
    newest = session.scalars(query.order_by(LedgerEntry.id.desc()).limit(1)).first()
    asked = newest is not None and newest.verb == Verb.RECOVERY_ASKED.value and newest.at > now - ASKED_FOR
    return newest.at if newest is not None and asked else None


def restore_holder(
    session: Session, officer_id: str, printed: str, *, renew: bool, by: Officer, now: datetime
) -> tuple[Officer, str]:
    """The second of two, another person, types in the sheet: the officer gets every ring key, and his own cases.

    With `renew` the sheet, which has now been out of the safe, is replaced; returned is the new one, told once, else
    "". Raises NotAllowed for the officer himself, an administrator, or where nobody asked; WrongPassphrase.
    """
    require_role(by, *KEEPERS, act="recover")
    officer = _get_waiting(session, officer_id)
    if has_role(by, Role.ADMINISTRATOR) or by.id == officer.id or find_request(session, officer.id, now=now) is None:
        raise NotAllowed("recover")
    restore_by_recovery(session, officer, printed, by=by_officer(by), now=now)
    return officer, renew_recovery_key(session, printed, by=by_officer(by), now=now) if renew else ""


def renew_sheet(session: Session, printed: str, *, signed: SignedIn, token: str, now: datetime) -> str:
    """A clue officer types in the sheet from the safe and gets a new one, told once; the old one opens nothing more.

    In the place of the first, which whoever set the vault up has seen, comes a new ring key too. He has seen both
    made, so both are confirmed by him. Raises VaultLocked, WrongPassphrase, NotAllowed for one outside the ring.
    """
    require_role(signed.officer, Role.CLUE_OFFICER, act="renew_sheet")
    take_turns(session)
    private = officer_private_key(signed, token)
    if not is_holder(session, signed.officer.id):
        raise NotAllowed("renew_sheet")
    was_first, me = is_first_sheet(session), by_officer(signed.officer)
    sheet = renew_recovery_key(session, printed, by=me, now=now)
    trust_key(session, signed.officer, private, RECOVERY, now=now)
    if was_first and renew_ring(session, by=me, now=now):
        trust_key(session, signed.officer, private, RING, now=now)
    return sheet


def fingerprint(officer: Officer) -> str:
    """Sixteen digits in four groups that stand for an officer's public half, to be read out; "" without one."""
    if officer.public_key is None:
        return ""
    return short_print(officer.public_key)


def _get_waiting(session: Session, officer_id: str) -> Officer:
    take_turns(session)
    officer = get_officer(session, officer_id)
    session.refresh(officer)
    if officer.removed_at is not None or not has_role(officer, *RING_ROLES):
        raise NotAllowed("let_into_ring")
    if officer.public_key is None or is_holder(session, officer.id):
        raise NotAllowed("let_into_ring")
    return officer


def _list_joined(session: Session, officer_ids: list[str]) -> dict[str, datetime]:
    """When each was last let in; nothing of those who are there since the vault was set up."""
    query = select(LedgerEntry).where(
        LedgerEntry.subject == "officer",
        LedgerEntry.subject_id.in_(officer_ids),
        LedgerEntry.verb == Verb.RING_CHANGED.value,
    )
    entries = session.scalars(query.order_by(LedgerEntry.id)).all()
    return {entry.subject_id: entry.at for entry in entries if entry.details.get("change") in ("added", "recovered")}


def _first_generation(session: Session) -> datetime:
    query = select(Ring.created_at).where(Ring.name == IDENTITY_RING).order_by(Ring.generation).limit(1)
    return session.scalars(query).one()
