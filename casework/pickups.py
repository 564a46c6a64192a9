"""Picking up a referral by the body's own login: opened in its officer's sign-in, or taken as an age package.

Made ready in the clue officer's request, in memory, for a sealed referral always, for an open one where evidence goes
along; taking it is the delivery, and the ledger has it as their act.
"""

import io
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.clues import is_kept_out, list_kept_out
from casework.deliveries import confirm_pickup, list_deliveries
from casework.errors import BrokenSeal, IllegalMove, InvalidField, NotFound, VaultLocked
from casework.ledger import Verb, by_officer
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.models.people import Body, Officer
from casework.models.pickups import Pickup, PickupKey
from casework.models.referrals import Referral
from casework.packages import (
    GONE,
    NOTHING_CHOSEN,
    Chosen,
    describe_package,
    enclose,
    list_custody,
    list_enclosures,
    list_papers,
    record_packing,
)
from casework.packing import Item, PulledTar, check_package, lock_package, read_tar
from casework.received import received_by
from casework.receiverkeys import find_age_key, receiver_key
from casework.referral_desk import ReferralDesk
from casework.referral_ledger import record_on_referral
from casework.referral_rules import require_drafter
from casework.referrals import read_referral
from casework.rings import SignedIn, officer_private_key
from casework.roster import build_roster
from casework.sealing import SealedContent
from casework.types import DeliveryMethod, Role
from casework.vault import generate_key_pair, seal, seal_record, unseal, unseal_record
from casework.visibility import has_role

MOST_BYTES = 48 * 1024 * 1024
"""So much evidence a pick-up may hold: it is opened as a whole in its officer's sign-in. More goes as a package."""


def is_to_be_picked_up(session: Session, referral: Referral) -> bool:
    """Whether a referral leaves by this way."""
    return any(row.method is DeliveryMethod.PICKUP for row in list_deliveries(session, referral))


def prepare_pickup(
    session: Session,
    referral: Referral,
    *,
    by: Officer,
    desk: ReferralDesk,
    now: datetime,
    opened: SealedContent | None = None,
    chosen: Chosen = NOTHING_CHOSEN,
) -> Pickup:
    """Make an issued referral ready for the body's officers; made again it replaces what lay there.

    1. The right of a drafter, and that it was issued. 2. The officers of the body whom the conflict test spares.
    3. Papers, chosen evidence and manifest under a key of their own, wrapped to each of them whose fingerprint one of
    the ring has heard there; the age package beside, for these officers too: whoever takes it delivers it.
    Raises NotAllowed, IllegalMove, InvalidField: what `why_no_receiver` says where nobody there was heard,
    `too_large_pickup` for more evidence than a sign-in opens at once, and what `record_packing` raises.
    """
    case = session.get_one(Case, referral.case_id)
    content = read_referral(session, referral, opened)
    require_drafter(by, case, content.body)
    if referral.status in GONE or referral.number is None or referral.issued_at is None:
        raise IllegalMove(referral.status, referral.status)
    receivers = list_receivers(session, referral, content.body, opened)
    keys = {each.id: key for each in receivers if (key := receiver_key(session, each))}
    if not keys:
        raise InvalidField("methods", why_no_receiver(receivers))
    locked_to = find_age_key(session, content.body)
    told = record_packing(session, case, chosen, by=by, now=now)
    papers = list_papers(session, referral, desk=desk, now=now, opened=opened)
    made = PulledTar(
        [*map(enclose, papers), *list_enclosures(session, case.id, chosen)],
        {**describe_package(referral, content.body, desk), **told},
        list_custody(session, case.id, without=[each.attachment_id for each in chosen.evidence]),
    )
    tar = _read_all(made)
    drop_pickup(session, referral)
    pair = generate_key_pair()
    pickup = Pickup(
        referral_id=referral.id,
        ciphertext=seal(pair.public, tar),
        age_package=lock_package(tar, locked_to) if locked_to else None,
        fingerprint=made.fingerprint,
        made_at=now,
    )
    session.add(pickup)
    session.flush()
    session.add_all(_wrap(pickup, officer_id, key, pair.private) for officer_id, key in keys.items())
    _record(session, referral, Verb.EXPORTED, by=by, now=now, items=made.items)
    return pickup


def find_pickup(session: Session, referral: Referral) -> Pickup | None:
    """What lies ready of a sealed referral, if anything."""
    return session.scalar(select(Pickup).where(Pickup.referral_id == referral.id))


def can_open(session: Session, pickup: Pickup, officer: Officer) -> bool:
    """Whether the papers are wrapped to this officer's own key."""
    return _find_key(session, pickup, officer) is not None


def open_pickup(session: Session, pickup: Pickup, *, signed: SignedIn, token: str) -> Sequence[Item]:
    """The papers, opened by the officer's own key in his sign-in; nothing is recorded yet.

    Raises VaultLocked, NotFound for one whom they were not wrapped to, BrokenSeal or BrokenPackage if changed.
    """
    held = _find_key(session, pickup, signed.officer)
    if held is None or held.wrapped_key is None:
        raise NotFound("pickup", pickup.id)
    private = officer_private_key(signed, token)
    try:
        key = bytes.fromhex(unseal_record(private, held.id, held.wrapped_key)["key"])
    except BrokenSeal as error:  # he has a new key pair since
        raise VaultLocked from error
    tar = unseal(key, pickup.ciphertext)
    manifest = check_package(tar, fingerprint=pickup.fingerprint)
    titles = {str(item["name"]): str(item["title"]) for item in manifest["items"]}
    return [Item(name, titles.get(name, name), content) for name, content in read_tar(tar).items()]


def take_pickup(session: Session, referral: Referral, pickup: Pickup, *, by: Officer, now: datetime, what: str) -> None:
    """He took a paper or the package: the first time is the delivery, each time stands in the ledger."""
    confirm_pickup(session, referral, DeliveryMethod.PICKUP, by=by, now=now)
    if pickup.taken_at is None:
        pickup.taken_by, pickup.taken_at = by.id, now
    _record(session, referral, Verb.PICKED_UP, by=by, now=now, what=what)


def drop_pickup(session: Session, referral: Referral) -> None:
    """Destroy what lies ready, keys first."""
    mine = select(Pickup.id).where(Pickup.referral_id == referral.id)
    session.execute(delete(PickupKey).where(PickupKey.pickup_id.in_(mine)))
    session.execute(delete(Pickup).where(Pickup.referral_id == referral.id))
    session.flush()


def list_receivers(
    session: Session, referral: Referral, body: Body, opened: SealedContent | None = None
) -> list[Officer]:
    """The body's receiving officers, but for those who are kept out, of a sealed case by anything that lies inside."""
    query = select(Officer).where(Officer.body_code == body.code, Officer.removed_at.is_(None))
    there = [each for each in session.scalars(query.order_by(Officer.username)) if has_role(each, Role.RECEIVER)]
    if opened is None:
        return [officer for officer in there if _receives(session, referral, officer)]
    roster = build_roster(session)
    kept = list_kept_out(session, opened.case, opened)
    return [officer for officer in there if not is_kept_out(officer, kept, roster)]


def why_no_receiver(receivers: Sequence[Officer]) -> str:
    """The problem of a letter that nobody there can take (pure): no account with a key, or none that was heard."""
    return "receiver_not_heard" if any(officer.public_key for officer in receivers) else "no_receiver"


def _receives(session: Session, referral: Referral, officer: Officer) -> bool:
    query = select(Referral.id).join(Case, Case.id == Referral.case_id)
    return session.scalar(query.where(Referral.id == referral.id, received_by(officer))) is not None


def _read_all(tar: PulledTar) -> bytes:
    """The whole of it, as far as a sign-in can open it. Raises InvalidField(file, too_large_pickup)."""
    whole = bytearray()
    for piece in iter(lambda: tar.read(io.DEFAULT_BUFFER_SIZE), b""):
        whole += piece
        if len(whole) > MOST_BYTES:
            raise InvalidField("file", "too_large_pickup")
    return bytes(whole)


def _wrap(pickup: Pickup, officer_id: str, public_key: bytes, key: bytes) -> PickupKey:
    row_id = new_id()
    wrapped = seal_record(public_key, row_id, {"key": key.hex()})
    return PickupKey(id=row_id, pickup_id=pickup.id, officer_id=officer_id, wrapped_key=wrapped)


def _find_key(session: Session, pickup: Pickup, officer: Officer) -> PickupKey | None:
    query = select(PickupKey).where(PickupKey.pickup_id == pickup.id, PickupKey.officer_id == officer.id)
    return session.scalar(query.where(PickupKey.wrapped_key.is_not(None)))


def _record(session: Session, referral: Referral, verb: Verb, *, by: Officer, now: datetime, **told: str | int) -> None:
    details = {"method": DeliveryMethod.PICKUP.value, **told}
    record_on_referral(session, referral, verb, by=by_officer(by), now=now, details=details)
