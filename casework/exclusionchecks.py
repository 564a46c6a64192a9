"""Whether who is kept out still stands as the ledger says: rows of `exclusion` against their entries, both ways.

Whoever writes the database alone could take somebody's exclusion back and show him the report about himself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from casework.keepingout import SUBJECT, digest_exclusion
from casework.ledger import Verb
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.models.secrecy import Exclusion
from casework.types import ExclusionReason


class ExclusionProblem(StrEnum):
    """What is wrong with an exclusion."""

    GONE = "gone"
    CHANGED = "changed"
    TAKEN_BACK = "taken_back"
    PUT_BACK = "put_back"
    NEVER_MADE = "never_made"


@dataclass(frozen=True, slots=True)
class ExclusionFault:
    """One that is not as the ledger says; `entry` is the number of the entry that made it, if there is one."""

    problem: ExclusionProblem
    entry: int | None = None


def find_exclusion_faults(session: Session) -> list[ExclusionFault]:
    """Every exclusion of an open case that is not as the ledger says: two queries of entries, one of rows.

    1. Each that was made is there: same holder, since the same day, as sure. 2. One is taken back exactly where the
    ledger says so. 3. None is there that nobody made. A sealed case has no rows, a destroyed one has nothing.
    """
    rows = {row.id: row for row in session.scalars(select(Exclusion))}
    cleared = set(session.scalars(_entries(Verb.CLEARED, LedgerEntry.subject_id)))
    faults: list[ExclusionFault] = []
    made: set[str] = set()
    query = _entries(Verb.EXCLUDED, LedgerEntry, Case.sealed).join(Case, Case.id == LedgerEntry.case_id)
    for entry, is_sealed in session.execute(query.order_by(LedgerEntry.id)):
        made.add(entry.subject_id)
        row = rows.get(entry.subject_id)
        if row is not None:
            faults += [ExclusionFault(each, entry.id) for each in _compare(row, entry, cleared)]
        elif not is_sealed:
            faults.append(ExclusionFault(ExclusionProblem.GONE, entry.id))
    return [*faults, *_check_rest(session, {key: row for key, row in rows.items() if key not in made}, cleared)]


def _compare(row: Exclusion, entry: LedgerEntry, cleared: set[str]) -> Iterator[ExclusionProblem]:
    told = entry.details.get("sha256")
    if row.case_id != entry.case_id or (told is not None and told != digest_exclusion(row)):
        yield ExclusionProblem.CHANGED
    yield from _compare_end(row, cleared)


def _compare_end(row: Exclusion, cleared: set[str]) -> Iterator[ExclusionProblem]:
    if row.cleared_at is not None and row.id not in cleared:
        yield ExclusionProblem.TAKEN_BACK
    if row.cleared_at is None and row.id in cleared:
        yield ExclusionProblem.PUT_BACK


def _check_rest(session: Session, rows: Mapping[str, Exclusion], cleared: set[str]) -> Iterator[ExclusionFault]:
    """Those without an entry of their own: decided while the case was sealed, when the entry told of the officer."""
    query = select(LedgerEntry.case_id, LedgerEntry.subject_id, LedgerEntry.id).where(
        LedgerEntry.subject == "officer", LedgerEntry.verb == Verb.EXCLUDED.value
    )
    told = {(case_id, officer_id): ident for case_id, officer_id, ident in session.execute(query)}
    for row in rows.values():
        entry = told.get((row.case_id, row.officer_id or ""))
        if entry is None or not (row.certain and row.reason is ExclusionReason.BY_HAND):
            yield ExclusionFault(ExclusionProblem.NEVER_MADE)
        yield from (ExclusionFault(each, entry) for each in _compare_end(row, cleared))


def _entries(verb: Verb, *what: Any) -> Select[Any]:
    return select(*what).where(LedgerEntry.subject == SUBJECT, LedgerEntry.verb == verb.value)
