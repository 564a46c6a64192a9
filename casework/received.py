"""What other bodies see of us (收件): the referrals issued to their own house, for officers who have no system there.

One condition for the list, the page and the acts; a sealed referral is here only for those whom it was made ready for,
and who is kept out of the case in person sees nothing of it either.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from casework.deliveries import confirm_pickup
from casework.errors import NotFound
from casework.models.cases import Case
from casework.models.people import Officer
from casework.models.pickups import Pickup, PickupKey
from casework.models.referrals import NoticeFile, Referral
from casework.papers import PaperForm
from casework.receiverkeys import heard_since
from casework.types import DeliveryMethod, ReferralStatus, Role
from casework.visibility import is_excluded, require_role

SUBJECT = "referral"
MOST = 200


def received_by(officer: Officer, heard: datetime | None = None) -> ColumnElement[bool]:
    """The condition on `Referral` joined with its `Case`: issued to his own body, not cancelled, he not kept out.

    A sealed one names no body: it is his where it was sealed to his own key, since his fingerprint was `heard` at the
    body (`receiverkeys.heard_since`); for an account whose key nobody heard there is none.
    """
    open_one = and_(Referral.body_code == officer.body_code, ~Referral.sealed, ~Case.sealed, ~is_excluded(officer))
    return and_(
        Referral.number.is_not(None),
        Referral.status != ReferralStatus.CANCELLED,
        or_(open_one, and_(Referral.sealed, _waits_for(officer, heard))),
    )


def _waits_for(officer: Officer, heard: datetime | None) -> ColumnElement[bool]:
    """The condition on `Referral`: it was sealed to him by name, to be picked up, and he was known by his voice."""
    if heard is None:
        return false()
    ready = select(PickupKey.id).join(Pickup, Pickup.id == PickupKey.pickup_id)
    mine = ready.where(Pickup.referral_id == Referral.id, PickupKey.officer_id == officer.id)
    return exists(mine.where(PickupKey.wrapped_key.is_not(None), Pickup.made_at >= heard))


def list_received(session: Session, officer: Officer) -> Sequence[Referral]:
    """What was issued to his body, the newest first. Raises NotAllowed for another role."""
    require_role(officer, Role.RECEIVER, act="received")
    mine = received_by(officer, heard_since(session, officer))
    query = select(Referral).join(Case, Case.id == Referral.case_id).where(mine)
    return session.scalars(query.order_by(Referral.issued_at.desc(), Referral.id).limit(MOST)).all()


def get_received(session: Session, officer: Officer, referral_id: str, *, lock: bool = False) -> Referral:
    """One of them. Raises NotFound for any other, whether there is one or not."""
    require_role(officer, Role.RECEIVER, act="received")
    query = select(Referral).join(Case, Case.id == Referral.case_id)
    query = query.where(Referral.id == referral_id, received_by(officer, heard_since(session, officer)))
    referral = session.scalar(query.with_for_update(of=Referral) if lock else query)
    if referral is None:
        raise NotFound(SUBJECT, referral_id)
    return referral


def list_files(session: Session, referral: Referral) -> Sequence[NoticeFile]:
    """The papers as issued, in the order of their forms."""
    query = select(NoticeFile).where(NoticeFile.referral_id == referral.id)
    order = {form.value: position for position, form in enumerate(PaperForm)}
    return sorted(session.scalars(query), key=lambda row: (order.get(row.form, len(order)), row.format != "pdf"))


def take_file(session: Session, referral: Referral, file_id: str, *, by: Officer, now: datetime) -> NoticeFile:
    """One paper, taken by the body itself; where it was to be picked up, that is its delivery. Raises NotFound."""
    found = session.get(NoticeFile, file_id)
    if found is None or found.referral_id != referral.id:
        raise NotFound("paper", file_id)
    confirm_pickup(session, referral, DeliveryMethod.PICKUP, by=by, now=now)
    return found
