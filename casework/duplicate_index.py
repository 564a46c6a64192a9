"""Which open cases might tell of the same as this one: found by the rare things that they share, newest first.

A look-up reads at most 200 holders of each of some twenty tokens, so its cost hardly grows with the number of cases.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from math import log

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from casework.models.cases import Case
from casework.models.duplicates import DuplicatePrint, DuplicateToken
from casework.secrets import ServerSecrets
from casework.server_keys import KeyUse, hash_under, list_keys, need_key
from casework.types import CaseKind
from triage.similarity import Fingerprint

HASH_BYTES = 8
MOST_OF_TOKEN = 200
MOST_RANKED = 80
MOST_CANDIDATES = 20
MEANINGS_OF_HOME = 5
HOLDERS = (
    select(DuplicateToken.position)
    .where(DuplicateToken.token == bindparam("token"))
    .order_by(DuplicateToken.position.desc())
    .limit(MOST_OF_TOKEN)
)


def index_case(session: Session, case: Case, told: Fingerprint, *, secrets: ServerSecrets) -> None:
    """Put an open case into the index, anew where it stands there already; a sealed one never gets in.

    The row of the case is held until the caller commits, so that nobody can seal it in between.
    """
    locked = session.scalar(select(Case.id).where(Case.id == case.id, ~Case.sealed).with_for_update(read=True))
    if locked is None:
        return
    drop_from_index(session, case.id)
    row = DuplicatePrint(case_id=case.id)
    session.add(row)
    session.flush()
    hashed = hash_tokens(list_tokens(case, told), [need_key(session, KeyUse.DUPLICATES, secrets)])
    session.execute(insert(DuplicateToken), [{"token": token, "position": row.position} for token in hashed])


def drop_from_index(session: Session, case_id: str) -> None:
    """Take a case out of the index, as when it is sealed late."""
    mine = select(DuplicatePrint.position).where(DuplicatePrint.case_id == case_id)
    session.execute(delete(DuplicateToken).where(DuplicateToken.position.in_(mine)))
    session.execute(delete(DuplicatePrint).where(DuplicatePrint.case_id == case_id))


def list_candidates(
    session: Session, case: Case, told: Fingerprint, *, secrets: ServerSecrets, since: date
) -> Sequence[str]:
    """The ordinary open cases opened since that day that share most with this one, at most twenty, best first."""
    keys = list_keys(session, KeyUse.DUPLICATES, secrets)
    ranked = _rank(session, hash_tokens(list_tokens(case, told), keys))
    prints = select(DuplicatePrint.position, DuplicatePrint.case_id).where(DuplicatePrint.position.in_(ranked))
    held_by = {row.position: row.case_id for row in session.execute(prints)}
    # By key alone, and looked at here: left to itself SQLite walks through every case that is open.
    rows = select(Case.id, Case.sealed, Case.kind, Case.opened_on).where(Case.id.in_(held_by.values()))
    fit = {
        row.id
        for row in session.execute(rows)
        if not row.sealed and row.kind is CaseKind.ORDINARY and row.opened_on >= since and row.id != case.id
    }
    return [held_by[position] for position in ranked if held_by.get(position) in fit][:MOST_CANDIDATES]


def list_tokens(case: Case, told: Fingerprint) -> tuple[str, ...]:
    """What a case is found by: what its words tell, and the home of the directory alone and with each meaning.

    The home's code finds tellings that call it by different names.
    """
    home = f"home {case.institution_code}" if case.institution_code else None
    town = f"town {case.town_code} {case.category}" if case.town_code else None
    meanings = [f"{home} {meaning}" for meaning in told.concepts[:MEANINGS_OF_HOME]] if home else []
    named = [f"{home} {case.category}" if home else None, home, town]
    return tuple(dict.fromkeys((*told.tokens, *meanings, *(one for one in named if one))))


def hash_tokens(tokens: Iterable[str], keys: Sequence[bytes]) -> list[int]:
    """The tokens as numbers, under each of these keys."""
    hashed = []
    for token in tokens:
        data = token.encode("utf-8", "surrogatepass")
        hashed += [int.from_bytes(hash_under(key, data)[:HASH_BYTES], "big", signed=True) for key in keys]
    return list(dict.fromkeys(hashed))


def _rank(session: Session, tokens: Sequence[int]) -> list[int]:
    """The positions that share most, a rare token counting more; among equals the newer."""
    weights: Counter[int] = Counter()
    for token in tokens:
        holders = session.scalars(HOLDERS, {"token": token}).all()
        weight = log(2 * MOST_OF_TOKEN / max(1, len(holders)))
        for position in holders:
            weights[position] += weight  # type: ignore[assignment]  # typeshed knows whole counts only
    return sorted(weights, key=lambda position: (-weights[position], -position))[:MOST_RANKED]
