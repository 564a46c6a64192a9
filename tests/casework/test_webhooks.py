"""The secret that signs letters on the wire: under the server's own, bound to its body, useless once changed."""

import httpx
import pytest

from casework.deliveries import deliver
from casework.errors import BrokenSeal
from casework.jobs import JobFailure
from casework.models.people import Body
from casework.store import Store
from casework.types import DeliveryMethod, DeliveryStatus
from casework.webhooks import read_webhook_secret
from tests.casework.handovers import (
    SECRETS,
    WEBHOOK_SECRET,
    a_delivery_desk,
    an_issued_referral,
    the_delivery,
    the_house,
)
from tests.infrastructure.webhook import Hook


def issue(store: Store, webhook: str) -> str:
    """A fire matter, signed out to leave by webhook; returns the referral's id."""
    with store.write() as session:
        the_house(session, fire_ways=("webhook",), webhook=webhook)
        return an_issued_referral(session, methods=(DeliveryMethod.WEBHOOK,)).id


def try_webhook(store: Store) -> DeliveryStatus | None:
    with httpx.Client(timeout=0.5) as http:
        return deliver(store, the_delivery(store, DeliveryMethod.WEBHOOK).id, desk=a_delivery_desk(store, http=http))


def test_the_secret_of_a_webhook_stands_nowhere_in_plain(store: Store, webhook: Hook):
    issue(store, webhook.url)
    with store.write() as session:
        body = session.get_one(Body, "fire")
        assert body.webhook_secret is not None
        assert WEBHOOK_SECRET not in body.webhook_secret
        assert read_webhook_secret(body, SECRETS) == WEBHOOK_SECRET
        session.get_one(Body, "police").webhook_secret = body.webhook_secret
        with pytest.raises(BrokenSeal):
            read_webhook_secret(session.get_one(Body, "police"), SECRETS)


def test_a_webhook_whose_secret_cannot_be_read_sends_nothing(store: Store, webhook: Hook):
    issue(store, webhook.url)
    with store.write() as session:
        session.get_one(Body, "fire").webhook_secret = b"something else"
    with pytest.raises(JobFailure):
        try_webhook(store)
    assert webhook.bodies == []
