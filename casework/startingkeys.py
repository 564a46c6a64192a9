"""Starting words: whoever sets the vault up sees them, so each officer makes a key of his own with them, and they die.

What was sealed to the starting key is wrapped to the new one; once nobody has a starting key left, the ring's key is
replaced too, for an old copy of the database still opens with the old words.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts import Here
from casework.errors import NotAllowed, StaleVersion
from casework.ledger import Actor, Verb, by_officer, record
from casework.models.annexes import AnnexKey
from casework.models.people import Officer, OfficerSession
from casework.models.pickups import PickupKey
from casework.models.secrecy import CaseKey, RingMember
from casework.pins import is_starting, pin_officer
from casework.recovery import current_recovery_key, take_turns
from casework.rings import IDENTITY_RING, create_ring, current_ring, list_members, unlock_key
from casework.signatures import Signer, signing_public
from casework.signingkeys import give_signing_key
from casework.store import Store
from casework.trust import keep_trust
from casework.vault import KdfStrength, KeyPair, generate_key_pair, seal_record, unseal_record, wrap_private_key


def start_own_key(store: Store, here: Here, old: str, new: str, *, strength: KdfStrength = KdfStrength.VAULT) -> None:
    """Put a key pair under his own new words in the place of the starting one, with everything that it opens.

    Raises WrongPassphrase where the starting words are wrong, NotAllowed for one who has no starting key,
    StaleVersion where the key was changed meanwhile in another sign-in.
    """
    with store.read() as session:
        if not is_starting(session, here.officer.id):
            raise NotAllowed("start_own_key")
        before = session.get_one(Officer, here.officer.id)
        session.expunge_all()
    old_private, pair = unlock_key(before, old), generate_key_pair()
    wrapped = wrap_private_key(pair.private, new, strength=strength)
    with store.write() as session:
        take_turns(session)
        officer = session.get_one(Officer, here.officer.id, with_for_update=True)
        if officer.removed_at is not None:
            raise NotAllowed("start_own_key")
        if officer.wrapped_private_key != before.wrapped_private_key:
            raise StaleVersion(officer.id)
        _put(session, officer, old_private, pair, wrapped, here)
        renew_ring(session, by=by_officer(officer), now=here.now)
        keep_trust(session, officer, pair.private, now=here.now)


def renew_ring(session: Session, *, by: Actor, now: datetime) -> bool:
    """Another ring key for what follows, where every member has words that nobody else saw; whether it was made."""
    members = list_members(session, current_ring(session))
    if not members or any(is_starting(session, member.id) for member in members):
        return False
    create_ring(session, IDENTITY_RING, members, recovery=current_recovery_key(session), by=by, now=now)
    return True


def list_starting(session: Session) -> list[Officer]:
    """The members of the ring who have not made their own key yet."""
    return [member for member in list_members(session, current_ring(session)) if is_starting(session, member.id)]


def _put(session: Session, officer: Officer, old: bytes, pair: KeyPair, wrapped: bytes, here: Here) -> None:
    held: list[RingMember | CaseKey | PickupKey | AnnexKey] = [
        *session.scalars(select(RingMember).where(RingMember.officer_id == officer.id)),
        *session.scalars(select(CaseKey).where(CaseKey.officer_id == officer.id)),
        *session.scalars(select(PickupKey).where(PickupKey.officer_id == officer.id)),
        *session.scalars(select(AnnexKey).where(AnnexKey.officer_id == officer.id)),
    ]
    for row in held:
        if row.wrapped_key is not None:
            row.wrapped_key = seal_record(pair.public, row.id, unseal_record(old, row.id, row.wrapped_key))
    officer.public_key, officer.wrapped_private_key, officer.trust_note = pair.public, wrapped, None
    for live in session.scalars(select(OfficerSession).where(OfficerSession.officer_id == officer.id)):
        live.wrapped_ring_key = None
    by = by_officer(officer)
    give_signing_key(session, officer, signing_public(pair.private, Signer.OFFICER), by=by, now=here.now)
    pin_officer(session, officer, by=by, now=here.now)
    details = {"key": "own"}
    record(
        session,
        actor=by,
        verb=Verb.OFFICER_CHANGED,
        subject="officer",
        subject_id=officer.id,
        details=details,
        now=here.now,
    )
    session.flush()
