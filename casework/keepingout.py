"""Rows that keep somebody out of a case (回避), written wherever words come into it.

Below everything that writes on a case, so that each of them can ask; what people decide about the rows is `exclusions`.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from casework.conflicts import Conflict, find_blamed
from casework.ledger import SYSTEM, Actor, Verb, record
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.models.secrecy import Exclusion
from casework.roster import build_roster
from casework.types import ExclusionReason

SUBJECT = "exclusion"
KEPT_OUT = select(
    Exclusion.officer_id,
    Exclusion.body_code,
    Exclusion.reason,
    Exclusion.certain,
    Exclusion.cleared_at,
    Exclusion.since,
).where(Exclusion.case_id == bindparam("case_id"))


@dataclass(frozen=True, slots=True)
class _Known:
    """A row that a case has already, as far as it answers for a new hit."""

    officer_id: str | None
    body_code: str | None
    reason: ExclusionReason
    certain: bool
    cleared: bool = False
    since: date | None = None

    def answers(self, hit: Conflict) -> bool:
        """One that stands answers for every hit that is no surer and reaches no further back; a cleared one for its
        own reason and certainty.
        """
        if (self.officer_id, self.body_code) != (hit.officer_id, hit.body_code):
            return False
        if self.cleared:
            return (self.reason, self.certain) == (hit.reason, hit.certain)
        reaches = self.since is None or (hit.since is not None and hit.since >= self.since)
        return reaches and (self.certain or not hit.certain)


def keep_out(session: Session, case: Case, conflicts: Iterable[Conflict], *, by: Actor, now: datetime) -> int:
    """Add an exclusion for each hit that no row answers for; returns how many were new.

    Whoever cleared a doubt decided about that doubt alone: sure words, or another reason, keep out again.
    """
    rows = session.execute(KEPT_OUT, {"case_id": case.id})
    known = [
        _Known(officer_id, body_code, reason, certain, cleared_at is not None, since)
        for officer_id, body_code, reason, certain, cleared_at, since in rows
    ]
    new = _keep_out(session, case, conflicts, known, by=by, now=now)
    session.flush()
    return new


def keep_out_of_new(session: Session, case: Case, conflicts: Iterable[Conflict], *, by: Actor, now: datetime) -> int:
    """The same for a case that was opened in this very transaction and has no exclusion yet; nothing is read."""
    return _keep_out(session, case, conflicts, [], by=by, now=now)


def _keep_out(
    session: Session,
    case: Case,
    conflicts: Iterable[Conflict],
    known: list[_Known],
    *,
    by: Actor,
    now: datetime,
) -> int:
    new = 0
    for hit in conflicts:
        holder = (hit.officer_id, hit.body_code)
        if holder != (None, None) and not any(row.answers(hit) for row in known):
            known.append(_Known(*holder, hit.reason, hit.certain, since=hit.since))
            reason, certain, since = hit.reason, hit.certain, hit.since
            exclude(session, case, *holder, reason=reason, certain=certain, since=since, by=by, now=now)
            new += 1
    return new


def screen_staff_words(session: Session, case: Case, text: str, *, writer_id: str, now: datetime) -> int:
    """Run the conflict test over what an officer wrote into an open case: note, instruction, reply, reason of a return.

    Colleagues are named at work in every other sentence; only whom a sentence blames is kept out, without certainty,
    and never the writer. Of a sealed case nothing is tested: its clue officers alone read it.
    """
    if case.sealed or not text.strip():
        return 0
    hits = find_blamed(text, build_roster(session), town_code=case.town_code)
    others = [hit for hit in hits if hit.officer_id != writer_id]
    return keep_out(session, case, others, by=SYSTEM, now=now)


def exclude(
    session: Session,
    case: Case,
    officer_id: str | None,
    body_code: str | None,
    *,
    reason: ExclusionReason,
    certain: bool,
    since: date | None = None,
    by: Actor,
    now: datetime,
) -> Exclusion:
    """One exclusion with its ledger entry."""
    row = Exclusion(
        id=new_id(),
        case_id=case.id,
        officer_id=officer_id,
        body_code=body_code,
        since=since,
        reason=reason,
        certain=certain,
        made_at=now,
        nonce=new_id(),
    )
    session.add(row)
    record_exclusion(session, row, Verb.EXCLUDED, by=by, now=now)
    return row


def record_exclusion(session: Session, row: Exclusion, verb: Verb, *, by: Actor, now: datetime) -> None:
    """The ledger entry of an exclusion, made (with its digest, so that `hotline verify` finds a changed one) or taken
    back.
    """
    record(
        session,
        actor=by,
        verb=verb,
        subject=SUBJECT,
        subject_id=row.id,
        case_id=row.case_id,
        details={"sha256": digest_exclusion(row)} if verb is Verb.EXCLUDED else None,
        now=now,
    )


def digest_exclusion(row: Exclusion) -> str:
    """SHA-256 of whom an exclusion keeps out of which case, since when, how sure, with the row's own nonce (pure)."""
    since = row.since.isoformat() if row.since is not None else ""
    said = (row.nonce, row.id, row.case_id, row.officer_id or "", row.body_code or "", since, row.certain, row.reason)
    return hashlib.sha256("|".join(map(str, said)).encode()).hexdigest()
