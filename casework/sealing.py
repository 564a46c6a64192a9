"""Sealed cases (密件): when a case is sealed, who holds its key, and how its pieces are written and read.

Each sealed case has a key pair of its own. Anyone may add to it with the public half; only the officers on its
allow-list, and the recovery key, can read it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from casework.bonds import bind_case, read_halves
from casework.clock import local_date
from casework.errors import InvalidField, NotAllowed, NotFound, VaultNotSetUp
from casework.ledger import Verb, by_officer, record
from casework.models.cases import Case, Tally
from casework.models.columns import new_id
from casework.models.people import Officer
from casework.models.secrecy import Allowance, CaseKey, SealedItem
from casework.pins import trusted_key
from casework.recovery import current_recovery_key
from casework.rings import is_holder
from casework.types import SealedKind
from casework.vault import generate_key_pair, seal_record, unseal_record
from triage.types import Assessment

REFUSED = "refused"


class SealingOutcome(StrEnum):
    """What is to be done with a report before anything of it is stored."""

    OPEN = "open"
    SEAL = "seal"
    SEAL_AND_BYPASS = "seal_and_bypass"
    REFUSE_COUNT = "refuse_count"


class SealingReason(StrEnum):
    """Why."""

    BOTH_KEYS = "both_keys"
    LEADERSHIP = "leadership"
    BY_HAND = "by_hand"
    DISCIPLINE_LEADER = "discipline_leader"
    NO_AUTHORITY = "no_authority"


@dataclass(frozen=True, slots=True)
class Sealing:
    """The verdict with its reasons."""

    outcome: SealingOutcome
    reasons: tuple[SealingReason, ...] = ()

    @property
    def sealed(self) -> bool:
        """Whether the case is stored sealed."""
        return self.outcome in (SealingOutcome.SEAL, SealingOutcome.SEAL_AND_BYPASS)

    @property
    def refused(self) -> bool:
        """Whether nothing of it may be stored but a count."""
        return self.outcome is SealingOutcome.REFUSE_COUNT


@dataclass(frozen=True, slots=True)
class OpenedItem:
    """One sealed item, opened."""

    id: str
    position: int
    kind: SealedKind
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SealedContent:
    """A sealed case opened for one officer; `case_key` opens its messages too and lives no longer than the request."""

    case: Case
    items: tuple[OpenedItem, ...]
    case_key: bytes = field(repr=False)

    @property
    def record(self) -> Mapping[str, Any]:
        """The record that was sealed when the case was opened."""
        return next(item.payload for item in self.items if item.kind is SealedKind.RECORD)


def decide_sealing(
    assessment: Assessment, *, leadership: bool, discipline_leader: bool, by_hand: bool, may_bypass: bool
) -> Sealing:
    """Decide whether a report is stored open, sealed, sealed past the bureau, or not at all. Pure.

    1. The discipline organ's own leader is complained of: not taken, counted (检举控告规则 art. 15, by analogy).
    2. Bureau leadership is hit (`leadership`): sealed past the bureau where a written authority stands (`may_bypass`),
       otherwise not taken and counted.
    3. Both keys (a particular official, and a breach), or an officer's click: sealed.
    4. Anything else is open, `inaction` without a particular person too.
    """
    if discipline_leader:
        return Sealing(SealingOutcome.REFUSE_COUNT, (SealingReason.DISCIPLINE_LEADER,))
    if leadership and not may_bypass:
        return Sealing(SealingOutcome.REFUSE_COUNT, (SealingReason.LEADERSHIP, SealingReason.NO_AUTHORITY))
    found = {
        SealingReason.LEADERSHIP: leadership,
        SealingReason.BOTH_KEYS: assessment.keys.who and assessment.keys.what,
        SealingReason.BY_HAND: by_hand,
    }
    reasons = tuple(reason for reason, holds in found.items() if holds)
    if leadership:
        return Sealing(SealingOutcome.SEAL_AND_BYPASS, reasons)
    return Sealing(SealingOutcome.SEAL if reasons else SealingOutcome.OPEN, reasons)


def count_refusal(session: Session, reason: SealingReason, *, now: datetime) -> None:
    """Add one to this month's bare count of reports that may not be taken; nothing else of them remains."""
    month = local_date(now).replace(day=1)
    name = f"{REFUSED}:{reason}"
    tally = session.get(Tally, (name, month), with_for_update=True)
    if tally is None:
        session.add(Tally(name=name, month=month, value=1))
    else:
        tally.value += 1
    session.flush()


def seal_new_case(session: Session, case: Case, content: Mapping[str, Any], allowed: Sequence[Officer]) -> SealedItem:
    """Give a case its key pair and its first sealed item, the record.

    Those in `allowed` (clue officers whom the conflict test does not hit) who have a key pair are its allow-list. The
    private half is wrapped to the recovery key and to those of them who stand in the present ring: an administrator
    can make an account and its key, but not a colleague who has heard the fingerprint. Who stands outside gets his
    wrap when he is let in (`rewrap_cases`). With an empty list only the recovery key opens it: the superior's channel.
    The bond of the talk is made with the reporter's halves out of the record. The case must be flushed. Raises
    VaultNotSetUp before recovery key and ring exist.
    """
    pair = generate_key_pair()
    recovery = current_recovery_key(session)
    case.public_key = pair.public
    for officer in allowed:
        if trusted_key(session, officer) is not None:
            _admit(session, case, officer, pair.private)
    _wrap_case(session, case.id, recovery.public_key, pair.private, recovery_key_id=recovery.id)
    bind_case(session, case, pair.private, read_halves(content))
    return _append(session, case.id, pair.public, SealedKind.RECORD, content, position=1)


def add_sealed_item(session: Session, case: Case, kind: SealedKind, payload: Mapping[str, Any]) -> SealedItem:
    """Seal one more piece to a case: nobody's key is needed. The payload is a JSON object.

    Raises VaultNotSetUp for a case without a key.
    """
    if case.public_key is None:
        raise VaultNotSetUp("case_key")
    session.execute(select(Case.id).where(Case.id == case.id).with_for_update())
    last = session.scalar(select(func.max(SealedItem.position)).where(SealedItem.case_id == case.id)) or 0
    return _append(session, case.id, case.public_key, kind, payload, position=last + 1)


def open_case_key(session: Session, officer: Officer, private_key: bytes, case_id: str) -> bytes:
    """A sealed case's private half, opened by an allowed officer's own. Raises NotFound for everyone else."""
    query = select(CaseKey).join(
        Allowance, (Allowance.case_id == CaseKey.case_id) & (Allowance.officer_id == CaseKey.officer_id)
    )
    held = session.scalar(query.where(CaseKey.case_id == case_id, CaseKey.officer_id == officer.id))
    if held is None:
        raise NotFound("case", case_id)
    return bytes.fromhex(unseal_record(private_key, held.id, held.wrapped_key)["key"])


def read_sealed_case(
    session: Session, officer: Officer, private_key: bytes, case_id: str, *, now: datetime
) -> SealedContent:
    """Open all sealed items of a case for an officer on its allow-list; the ledger remembers that he read.

    `private_key` is the officer's own (`rings.officer_private_key`). Raises NotFound for those who may not know of it,
    BrokenSeal if an item was changed.
    """
    case_key = open_case_key(session, officer, private_key, case_id)
    case = session.get_one(Case, case_id)
    rows = session.scalars(select(SealedItem).where(SealedItem.case_id == case_id).order_by(SealedItem.position))
    items = tuple(
        OpenedItem(row.id, row.position, row.kind, unseal_record(case_key, row.id, row.ciphertext)) for row in rows
    )
    record(
        session, actor=by_officer(officer), verb=Verb.READ, subject="case", subject_id=case_id, case_id=case_id, now=now
    )
    return SealedContent(case, items, case_key)


def share_case(
    session: Session, officer: Officer, private_key: bytes, case_id: str, other: Officer, *, now: datetime
) -> None:
    """Let another clue officer into a sealed case: one who is in wraps the case's key to him.

    The caller has run the conflict test on `other` over the opened record. Raises NotFound if `officer` is not in
    himself, NotAllowed if the other has no key pair, InvalidField(officer, not_in_ring) where no colleague has heard
    the fingerprint of his key and let him into the ring: an administrator can make an account with a key.
    """
    case_key = open_case_key(session, officer, private_key, case_id)
    if other.public_key is None or other.removed_at is not None:
        raise NotAllowed("share_case")
    if not is_holder(session, other.id):
        raise InvalidField("officer", "not_in_ring")
    withdraw_access(session, case_id, [other.id])
    _grant(session, session.get_one(Case, case_id), other, case_key)
    record(
        session,
        actor=by_officer(officer),
        verb=Verb.CLEARED,
        subject="officer",
        subject_id=other.id,
        case_id=case_id,
        now=now,
    )
    session.flush()


def withdraw_access(session: Session, case_id: str, officer_ids: Iterable[str]) -> int:
    """Take officers off a sealed case's allow-list, with their keys; how many remain on it.

    With none left the case is the superior's, by the recovery key.
    """
    gone = list(officer_ids)
    session.execute(delete(CaseKey).where(CaseKey.case_id == case_id, CaseKey.officer_id.in_(gone)))
    session.execute(delete(Allowance).where(Allowance.case_id == case_id, Allowance.officer_id.in_(gone)))
    return session.scalar(select(func.count()).select_from(Allowance).where(Allowance.case_id == case_id)) or 0


def list_allowed(session: Session, case_id: str) -> list[Officer]:
    """The officers on a sealed case's allow-list."""
    query = select(Officer).join(Allowance, Allowance.officer_id == Officer.id).where(Allowance.case_id == case_id)
    return list(session.scalars(query.order_by(Officer.username)))


def _append(
    session: Session, case_id: str, public_key: bytes, kind: SealedKind, payload: Mapping[str, Any], *, position: int
) -> SealedItem:
    row_id = new_id()
    ciphertext = seal_record(public_key, row_id, payload)
    item = SealedItem(id=row_id, case_id=case_id, position=position, kind=kind, ciphertext=ciphertext)
    session.add(item)
    session.flush()
    return item


def _grant(session: Session, case: Case, officer: Officer, case_key: bytes) -> None:
    public_key = trusted_key(session, officer)
    if public_key is None:
        raise NotAllowed("share_case")
    session.add(Allowance(case_id=case.id, officer_id=officer.id))
    _wrap_case(session, case.id, public_key, case_key, officer_id=officer.id)


def _admit(session: Session, case: Case, officer: Officer, case_key: bytes) -> None:
    """On the allow-list, and with a key of the case only where colleagues have vouched for his own."""
    if is_holder(session, officer.id):
        _grant(session, case, officer, case_key)
    else:
        session.add(Allowance(case_id=case.id, officer_id=officer.id))


def _wrap_case(
    session: Session,
    case_id: str,
    public_key: bytes,
    case_key: bytes,
    *,
    officer_id: str | None = None,
    recovery_key_id: str | None = None,
) -> None:
    row_id = new_id()
    wrapped = seal_record(public_key, row_id, {"key": case_key.hex()})
    session.add(
        CaseKey(id=row_id, case_id=case_id, officer_id=officer_id, recovery_key_id=recovery_key_id, wrapped_key=wrapped)
    )
