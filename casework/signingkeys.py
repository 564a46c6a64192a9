"""The officers' signing keys as the house knows them: public halves in a table, their prints in the ledger.

Nobody can slip a key under an officer's name without an entry in the chained ledger that says so.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework.errors import BrokenSeal
from casework.ledger import Actor, Verb, by_officer, record
from casework.models.ledger import LedgerEntry
from casework.models.people import Officer
from casework.models.talk import SigningKey
from casework.signatures import Signer, print_of, signing_public
from casework.vault import public_half

DETAIL = "signing_key"


def give_signing_key(session: Session, officer: Officer, public: bytes, *, by: Actor, now: datetime) -> None:
    """The signing key that goes with a new key pair; older ones retire and still tell what was signed with them."""
    retired = update(SigningKey).where(SigningKey.officer_id == officer.id, SigningKey.retired_at.is_(None))
    session.execute(retired.values(retired_at=now))
    if session.scalar(select(SigningKey.id).where(SigningKey.public_key == public)) is None:
        session.add(SigningKey(officer_id=officer.id, public_key=public, made_at=now))
    details = {DETAIL: print_of(public)}
    record(
        session,
        actor=by,
        verb=Verb.OFFICER_CHANGED,
        subject="officer",
        subject_id=officer.id,
        details=details,
        now=now,
    )
    session.flush()


def ensure_signing_key(session: Session, officer: Officer, private_key: bytes, *, now: datetime) -> None:
    """An officer whose key pair is older than signing gets his signing key now, by his own opened vault.

    Raises BrokenSeal where the public key in his row is not the one that goes with his private half: it was changed.
    """
    if officer.public_key != public_half(private_key):
        raise BrokenSeal("officer_key")
    public = signing_public(private_key, Signer.OFFICER)
    if public not in list_signing_keys(session, {officer.id}).get(officer.id, ()):
        give_signing_key(session, officer, public, by=by_officer(officer), now=now)


def list_signing_keys(session: Session, officer_ids: set[str]) -> dict[str, set[bytes]]:
    """The keys that are these officers' by table and ledger both, retired ones too."""
    rows = session.execute(
        select(SigningKey.officer_id, SigningKey.public_key).where(SigningKey.officer_id.in_(officer_ids))
    )
    told = session.execute(
        select(LedgerEntry.subject_id, LedgerEntry.details).where(
            LedgerEntry.verb == Verb.OFFICER_CHANGED, LedgerEntry.subject_id.in_(officer_ids)
        )
    )
    known = {(ident, details.get(DETAIL)) for ident, details in told}
    found: dict[str, set[bytes]] = {}
    for ident, key in rows:
        if (ident, print_of(key)) in known:
            found.setdefault(ident, set()).add(key)
    return found
