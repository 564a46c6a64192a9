"""The door of the vault: every page that asks for an officer's five words opens it here, and nowhere else.

Before it opens, the keys that everything is sealed to are held against those he last confirmed; words that others have
seen open only the page on which he makes his own key.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.console.frame import show
from api.dependencies import Form, Staff, attach_staff
from api.pages import say_time
from api.wiring import House
from casework.clock import local_date
from casework.pins import PinKind, is_starting
from casework.rings import keep_ring_open, unlock_key
from casework.trust import KeyChange, compare_keys, digest_changes, keep_trust

START = "/console/account/start"
NAMES: Mapping[PinKind, str] = {PinKind.RECOVERY: "恢复钥匙（保险柜里那一张）", PinKind.RING: "密钥环的钥匙"}
WHAT: Mapping[PinKind, str] = {PinKind.BODY: "的材料包公钥"}


def open_vault(request: Request, staff: Staff, house: House, form: Form, *, here: str) -> Response | None:
    """Open his key in this sign-in; None where it stands open now, else the page that he has to see first.

    The keys that he saw on that page are confirmed by posting its `seen` with the words. Raises WrongPassphrase,
    NotAllowed for an officer without a key pair.
    """
    with house.store.read() as session:
        if is_starting(session, staff.officer.id):
            return RedirectResponse(START, 303)
    private = unlock_key(staff.officer, form.text("passphrase"))
    now = house.now()
    with house.store.write() as session:
        signed = attach_staff(session, staff)
        changes = compare_keys(session, signed.officer, private)
        own = any(each.own for each in changes)
        seen = digest_changes(changes)
        if not own and (not changes or form.text("seen") == seen):
            keep_trust(session, signed.officer, private, now=now)
            keep_ring_open(session, signed, staff.token, private, now=now)
            return None
    with house.store.read() as session:
        page = {"rows": [view_change(each, local_date(now)) for each in changes], "own": own, "seen": seen}
        return show(request, session, staff, "console/keys_changed.html", here=here, status=409, page=page)


def view_change(change: KeyChange, today: date) -> dict[str, Any]:
    """One key of the red page."""
    key = change.key
    return {
        "name": NAMES.get(key.kind) or ("您自己的钥匙" if change.own else f"{key.name}{WHAT.get(key.kind, '的钥匙')}"),
        "what": "台账和资料里的对不上您的" if change.own else "您没见过" if change.is_new else "换过，或者和台账对不上",
        "since": say_time(key.since, today) if key.since else "台账里没有",
        "digits": key.digits or "没有",
    }
