"""Where a talk goes on after a part of its report was sealed by hand: to the sealed one, as if parted at filing.

The talk knows only the open case, and nothing in plain joins the two; so for as long as a talk may still go on a row
under the server's secret says it, found by a keyed hash of the receipt that the talk remembers.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models.columns import ID_LENGTH
from casework.secrets import ServerSecrets
from intake.held import drop_held, hold, read_held
from intake.models import Receipt

PURPOSE = "led_over"
LEADS = "lead_to"
"""Marks such a row among those that are held."""
LIFE = timedelta(hours=25)
"""A talk forgets its report a day after its last message."""


def lead_over(session: Session, open_id: str, sealed_id: str, *, secrets: ServerSecrets, now: datetime) -> None:
    """Whoever still talks about the open case is heard in the sealed one from now on."""
    for receipt_id in session.scalars(select(Receipt.id).where(Receipt.case_id == open_id)):
        ident = _list_names(receipt_id, secrets)[0]
        drop_held(session, ident)
        hold(session, {LEADS: sealed_id}, ident=ident, lasts=LIFE, secrets=secrets, now=now)


def find_led(session: Session, receipt_id: str | None, *, secrets: ServerSecrets) -> str | None:
    """The sealed case that the talk with this receipt goes on in; None where nothing of it was sealed by hand."""
    names = _list_names(receipt_id, secrets) if receipt_id else []
    found = (read_held(session, name, secrets=secrets) for name in names)
    return next((said[LEADS] for said in found if said), None)


def _list_names(receipt_id: str, secrets: ServerSecrets) -> list[str]:
    return [each.hex()[:ID_LENGTH] for each in secrets.macs(PURPOSE, receipt_id.encode())]
