"""What a receiving officer sees of a sealed referral that waits to be picked up."""

from typing import Any

from sqlalchemy.orm import Session

from api.dependencies import Staff
from casework.errors import HotlineError
from casework.models.referrals import Referral
from casework.packing import MANIFEST, Item
from casework.pickups import can_open, find_pickup, open_pickup
from casework.rings import is_ring_open

ENDINGS = {"pdf": "PDF", "docx": "Word"}


def view_pickup(session: Session, referral: Referral, staff: Staff, here: str) -> dict[str, Any] | None:
    """What the page says of it: locked, or its papers, and the package; None where nothing lies ready."""
    pickup = find_pickup(session, referral)
    if pickup is None:
        return None
    opens = can_open(session, pickup, staff.officer)
    items: list[Item] = []
    changed = False
    if opens and is_ring_open(staff):
        try:
            items = list(open_pickup(session, pickup, signed=staff, token=staff.token))
        except HotlineError:
            changed = True
    return {
        "locked": opens and not is_ring_open(staff),
        "broken": changed,
        "items": [
            {"href": f"{here}/sealed/{position}", "label": _say(item)}
            for position, item in enumerate(items)
            if not item.name.startswith("SHA256")
        ],
        "package": f"{here}/package" if opens and pickup.age_package is not None else "",
        "fingerprint": pickup.fingerprint,
    }


def _say(item: Item) -> str:
    """What a person calls a file of the letter."""
    if item.name == MANIFEST:
        return "清单（每份的指纹）"
    ending = item.name.rpartition(".")[2]
    return f"{item.title.replace('　', '')} {ENDINGS.get(ending, ending)}"
