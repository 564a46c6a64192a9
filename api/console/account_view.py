"""How an officer sees his own account: who he is here, his key, his ties, where he signed in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from api.console.officer_view import say_roles
from api.dependencies import Staff
from api.pages import say_time
from casework.accounts import KEY_ROLES
from casework.bodies import get_body
from casework.clock import local_date
from casework.errors import WrongSignIn
from casework.keyholders import KEEPERS, find_request, fingerprint
from casework.models.people import Officer
from casework.officers import list_ties
from casework.rings import is_holder
from casework.securitylog import SECURITY_LABELS, SecurityKind, SecurityRow, list_security
from casework.signins import count_live
from casework.staffing import RING_ROLES
from casework.types import Role
from casework.visibility import has_role

LAST = 20
QUIET_KINDS = frozenset({SecurityKind.SIGNED_IN, SecurityKind.SIGNED_OUT, SecurityKind.ENROLLED})
SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("OpenHarmony", "鸿蒙"),
    ("Android", "安卓手机"),
    ("iPhone", "苹果手机"),
    ("iPad", "苹果平板"),
    ("Windows", "Windows 电脑"),
    ("Mac OS X", "苹果电脑"),
    ("Linux", "Linux 电脑"),
)
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("QQBrowser", "QQ浏览器"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


@dataclass(frozen=True)
class Failed:
    """What went wrong in one form of the page, at which fields, and what was typed there."""

    act: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, Any] = field(default_factory=dict)


NOTHING_FAILED = Failed()


def view_account(session: Session, staff: Staff, *, now: datetime) -> Mapping[str, Any]:
    """Everything on the page but the forms."""
    officer, today = session.get_one(Officer, staff.officer.id), local_date(now)
    rows, _ = list_security(session, officer_id=officer.id, limit=LAST)
    return {
        "username": officer.username,
        "body": get_body(session, officer.body_code).name,
        "roles": say_roles(officer),
        "key": view_key(session, officer, now=now),
        "keeps": has_role(officer, *KEEPERS) and not has_role(officer, Role.ADMINISTRATOR),
        "ties": [{"id": tie.id, "name": tie.name, "relation": tie.relation} for tie in list_ties(session, officer.id)],
        "live": count_live(session, officer.id, now=now),
        "events": [view_event(row, today) for row in rows],
    }


def view_key(session: Session, officer: Officer, *, now: datetime) -> Mapping[str, Any] | None:
    """His key and his place in the vault; None for a role that needs no key."""
    if not has_role(officer, *KEY_ROLES):
        return None
    return {
        "has": officer.public_key is not None,
        "fingerprint": fingerprint(officer),
        "for_ring": has_role(officer, *RING_ROLES),
        "inside": is_holder(session, officer.id),
        "asked": find_request(session, officer.id, now=now) is not None,
    }


def view_event(row: SecurityRow, today: date) -> Mapping[str, Any]:
    """One line of the security log in words."""
    return {
        "at": say_time(row.at, today),
        "what": SECURITY_LABELS[row.kind],
        "odd": row.kind not in QUIET_KINDS,
        "name": row.name or "没有这个用户名",
        "username": row.username,
        "address": row.address,
        "device": say_device(row.device),
        "raw": row.device,
    }


def say_device(device: str) -> str:
    """What a browser says of itself, in words that its owner knows."""
    system = next((word for sign, word in SYSTEMS if sign in device), "")
    browser = next((word for sign, word in BROWSERS if sign in device), "")
    return " · ".join(word for word in (system, browser) if word) or device[:40] or "不知道"


def say_refusal(error: WrongSignIn, what: str, *, now: datetime) -> str:
    """The sentence at a field whose secret was wrong, with when the next try is looked at."""
    if error.next_try_at > now:
        return f"{what}不对。请在 {say_time(error.next_try_at, local_date(now))} 以后再试。"
    return f"{what}不对，请再输一次。"
