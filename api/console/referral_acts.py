"""What can be done to a referral from its page, in the route's one unit of work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from api.console.evidence_form import read_evidence
from api.console.referral_form import ACCUSED, FORM, read_accused
from api.dependencies import Form, Staff
from api.wiring import House
from casework.acknowledgements import Answer, record_acknowledgement
from casework.annexes import drop_annexes
from casework.deliveries import decide_unsure, record_handover, resend_failed
from casework.errors import InvalidField, NotFound
from casework.ledger import by_officer
from casework.models.cases import Case
from casework.models.referrals import Delivery, Referral
from casework.pickups import drop_pickup, is_to_be_picked_up, prepare_pickup
from casework.principals import decide_transfer, put_to_principal, take_back_clocks
from casework.referrals import cancel_referral, issue_referral, switch_referral, update_draft
from casework.sealing import SealedContent
from casework.types import AcknowledgementDecision, DeliveryMethod, DeliveryStatus

ARRIVED = "sent"
AGREED, REFUSED = "agreed", "refused"
LONGEST_REASON = 200


class OpenedReferral(Protocol):
    """A referral in the officer's hands (`referral_desk.Opened`)."""

    @property
    def referral(self) -> Referral: ...

    @property
    def case(self) -> Case: ...

    @property
    def content(self) -> SealedContent | None: ...


@dataclass(frozen=True, slots=True)
class ReferralInput:
    """What an act gets."""

    session: Session
    opened: OpenedReferral
    form: Form
    staff: Staff
    house: House
    now: datetime
    delivery_id: str


def run_referral_act(
    session: Session, opened: OpenedReferral, key: str, form: Form, staff: Staff, house: House, *, delivery_id: str
) -> str:
    """Run the act `key`; gives the word for the sentence afterwards. Raises NotFound for an act there is not."""
    if key not in ACTS:
        raise NotFound("act", key)
    return ACTS[key](ReferralInput(session, opened, form, staff, house, house.now(), delivery_id))


def _save(act: ReferralInput) -> str:
    edits: dict[str, Any] = {name: act.form.text(name) for name, _, _ in FORM if name in act.form.data}
    if ACCUSED in edits:
        edits[ACCUSED] = read_accused(edits[ACCUSED])
    update_draft(
        act.session,
        act.opened.referral,
        edits,
        by=act.staff.officer,
        now=act.now,
        opened=act.opened.content,
    )
    return "saved"


def _switch(act: ReferralInput) -> str:
    switch_referral(
        act.session,
        act.opened.referral,
        act.form.text("kind"),
        by=act.staff.officer,
        desk=act.house.referral_desk,
        now=act.now,
        opened=act.opened.content,
    )
    return "saved"


def _issue(act: ReferralInput) -> str:
    issue_referral(
        act.session,
        act.opened.referral,
        number=act.form.text("number"),
        methods=_read_methods(act),
        by=act.staff.officer,
        desk=act.house.referral_desk,
        now=act.now,
        opened=act.opened.content,
    )
    if act.opened.case.sealed and is_to_be_picked_up(act.session, act.opened.referral):
        _prepare(act)
    return "issue"


def _prepare(act: ReferralInput) -> str:
    """Make a sealed referral ready for the body's own people; again, after somebody came or lost his key there."""
    if not is_to_be_picked_up(act.session, act.opened.referral):
        raise NotFound("pickup", act.opened.referral.id)
    opened = act.opened
    prepare_pickup(
        act.session,
        act.opened.referral,
        by=act.staff.officer,
        desk=act.house.referral_desk,
        now=act.now,
        opened=opened.content,
        chosen=read_evidence(act.session, opened.case, opened.content, act.form, act.staff, act.house),
    )
    return "pickup"


def _read_methods(act: ReferralInput) -> tuple[DeliveryMethod, ...] | None:
    """The ways that were picked; None leaves the choice to the body's own order."""
    picked = act.form.texts("methods")
    if not set(picked) <= set(DeliveryMethod):
        raise InvalidField("methods", "unknown_choice")
    return tuple(DeliveryMethod(way) for way in picked) or None


def _cancel(act: ReferralInput) -> str:
    take_back_clocks(act.session, act.opened.referral, desk=act.house.referral_desk, now=act.now)
    cancel_referral(
        act.session,
        act.opened.referral,
        by=act.staff.officer,
        reason=act.form.text("reason")[:LONGEST_REASON],
        now=act.now,
        opened=act.opened.content,
    )
    drop_pickup(act.session, act.opened.referral)
    drop_annexes(act.session, act.opened.referral)
    return "cancel"


def _acknowledge(act: ReferralInput) -> str:
    decision = act.form.text("decision")
    if decision not in set(AcknowledgementDecision):
        raise InvalidField("decision", "unknown_choice")
    answer = Answer(AcknowledgementDecision(decision), act.form.text("receiver"), act.form.text("reason"))
    record_acknowledgement(
        act.session,
        act.opened.referral,
        answer,
        by=by_officer(act.staff.officer),
        office=act.house.office,
        now=act.now,
    )
    return "acknowledge"


def _decide_delivery(act: ReferralInput) -> str:
    delivery = act.session.get(Delivery, act.delivery_id)
    if delivery is None or delivery.referral_id != act.opened.referral.id:
        raise NotFound("delivery", act.delivery_id)
    arrived = act.form.text("decision") == ARRIVED
    if delivery.status is DeliveryStatus.UNSURE:
        decide_unsure(act.session, delivery, arrived=arrived, by=act.staff.officer, now=act.now)
    elif delivery.status is DeliveryStatus.FAILED:
        resend_failed(act.session, delivery, by=act.staff.officer, now=act.now)
    else:
        record_handover(act.session, delivery, by=act.staff.officer, now=act.now)
    return "decided"


def _put(act: ReferralInput) -> str:
    put_to_principal(act.session, act.opened.referral, by=act.staff.officer, desk=act.house.referral_desk, now=act.now)
    return "put"


def _decide(act: ReferralInput) -> str:
    decision = act.form.text("decision")
    if decision not in (AGREED, REFUSED):
        raise InvalidField("decision", "unknown_choice")
    decide_transfer(
        act.session,
        act.opened.referral,
        agreed=decision == AGREED,
        reason=act.form.text("reason"),
        by=act.staff.officer,
        desk=act.house.referral_desk,
        now=act.now,
    )
    return "agreed" if decision == AGREED else "refused"


ACTS: Mapping[str, Callable[[ReferralInput], str]] = {
    "save": _save,
    "switch": _switch,
    "pickup": _prepare,
    "issue": _issue,
    "cancel": _cancel,
    "acknowledge": _acknowledge,
    "delivery": _decide_delivery,
    "put": _put,
    "decide": _decide,
}
"""Every act by the last word of its address."""
