"""What an administrator does to his colleagues: employ, move, let go, bring back, give a first password again.

He decides who somebody is here; keys he neither sees nor gives (rules 5.2), and no one changes himself.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import InvalidField, NotAllowed, NotFound
from casework.ledger import by_officer
from casework.models.people import Body, Officer, Town
from casework.models.secrecy import CaseKey, RingMember
from casework.officers import (
    add_officer,
    change_officer,
    end_sessions,
    get_officer,
    remove_officer,
    restore_officer,
    set_password,
    set_second_factor,
)
from casework.recovery import take_turns
from casework.rings import remove_member
from casework.types import Role, SignInEnd
from casework.visibility import has_role, require_role

RING_ROLES = (Role.CLUE_OFFICER, Role.DISPATCHER, Role.SUPERVISOR, Role.OPERATOR)
"""Who may stand in the identity ring: those who may have to know who reported."""
APART = (Role.ADMINISTRATOR, Role.LOG_AUDITOR)
"""Who holds no other role beside: keeping the house, watching it and working in it are three people's."""
INITIAL_FOR = timedelta(days=7)
USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LONGEST_NAME = 32
MOST_ALIASES = 8


@dataclass(frozen=True)
class Placement:
    """Who somebody is in the office, as the administrator's form says it."""

    name: str
    post: str
    body_code: str
    roles: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    towns: tuple[str, ...] = ()
    leads: bool = False


def employ_officer(
    session: Session, username: str, placement: Placement, *, by: Officer, now: datetime
) -> tuple[Officer, str]:
    """A new member of staff, and his initial password: told once, good for his first sign-in within seven days.

    He chooses his own password and enrols his second factor there. Raises NotAllowed, InvalidField.
    """
    require_role(by, Role.ADMINISTRATOR, act="staff")
    if not USERNAME.fullmatch(username):
        raise InvalidField("username", "not_a_username")
    roles = _check(session, placement)
    password = make_initial_password()
    officer = add_officer(
        session,
        username=username,
        name=placement.name,
        body_code=placement.body_code,
        roles=roles,
        password=password,
        post=placement.post,
        aliases=placement.aliases,
        towns=placement.towns,
        leads=placement.leads,
        initial_until=now + INITIAL_FOR,
        by=by_officer(by),
        now=now,
    )
    return officer, password


def reassign_officer(session: Session, officer_id: str, placement: Placement, *, by: Officer, now: datetime) -> bool:
    """Change who somebody is; whether anything changed.

    Who leaves the clue desk, or keeps no role of the ring, is put out of the vault in the same unit of work: his wraps
    and sign-ins go and what follows has a new key. Raises LastMember where nobody else could open it: nothing changes.
    """
    officer = _get_other(session, officer_id, by)
    roles = _check(session, placement)
    wanted = {
        "name": placement.name,
        "post": placement.post,
        "body_code": placement.body_code,
        "aliases": list(placement.aliases),
        "towns": list(placement.towns),
        "leads": placement.leads,
        "roles": [role.value for role in roles],
    }
    if all(getattr(officer, field) == value for field, value in wanted.items()):
        return False
    if not _keeps_keys(officer, roles):
        put_out_of_vault(session, officer, SignInEnd.CHANGED, by=by, now=now)
    change_officer(
        session,
        officer,
        name=placement.name,
        post=placement.post,
        aliases=placement.aliases,
        body_code=placement.body_code,
        roles=roles,
        towns=placement.towns,
        leads=placement.leads,
        by=by_officer(by),
        now=now,
    )
    return True


def dismiss_officer(session: Session, officer_id: str, *, by: Officer, now: datetime) -> None:
    """He leaves: out of the vault, out of every sign-in, his key destroyed; the ledger goes on naming him.

    Raises LastMember where nobody else could open the vault or one of its cases: nothing changes.
    """
    officer = _get_other(session, officer_id, by)
    put_out_of_vault(session, officer, SignInEnd.REMOVED, by=by, now=now)
    officer.public_key = officer.wrapped_private_key = None
    remove_officer(session, officer, by=by_officer(by), now=now)


def reinstate_officer(session: Session, officer_id: str, *, by: Officer, now: datetime) -> str:
    """He comes back as he was, without keys, with a new initial password and a second factor to enrol; the password.

    Raises NotAllowed for one who has not left.
    """
    require_role(by, Role.ADMINISTRATOR, act="staff")
    officer = get_officer(session, officer_id)
    if officer.removed_at is None:
        raise NotAllowed("reinstate")
    restore_officer(session, officer, by=by_officer(by), now=now)
    return reissue_sign_in(session, officer_id, phone_lost=True, by=by, now=now)


def reissue_sign_in(session: Session, officer_id: str, *, phone_lost: bool, by: Officer, now: datetime) -> str:
    """A new initial password for one who forgot his; with `phone_lost` the second factor is enrolled anew as well.

    His sign-ins end. His vault stays shut to whoever uses it: it hangs on words that only he knows.
    """
    officer = _get_other(session, officer_id, by)
    password = make_initial_password()
    set_password(session, officer, password, initial_until=now + INITIAL_FOR, by=by_officer(by), now=now)
    if phone_lost:
        set_second_factor(session, officer, None, by=by_officer(by), now=now)
    return password


def put_out_of_vault(session: Session, officer: Officer, why: SignInEnd, *, by: Officer, now: datetime) -> bool:
    """End his sign-ins, and put him out of the ring and of every sealed case where he holds a key; whether he did.

    Raises LastMember.
    """
    take_turns(session)
    end_sessions(session, officer, why)
    in_ring = select(RingMember.id).where(RingMember.officer_id == officer.id).limit(1)
    in_case = select(CaseKey.id).where(CaseKey.officer_id == officer.id).limit(1)
    if session.scalar(in_ring) is None and session.scalar(in_case) is None:
        return False
    remove_member(session, officer, by=by_officer(by), now=now)
    return True


def make_initial_password() -> str:
    """Twelve letters and digits that are not mistaken for one another (59 bits), in three groups."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def list_towns(session: Session) -> list[Town]:
    """Every town of the office, by name."""
    return list(session.scalars(select(Town).order_by(Town.name)))


def list_everybody(session: Session) -> list[Officer]:
    """All officers, those who have left last."""
    return list(session.scalars(select(Officer).order_by(Officer.removed_at.is_not(None), Officer.username)))


def _get_other(session: Session, officer_id: str, by: Officer) -> Officer:
    """A colleague in service. Raises NotAllowed for the administrator himself, NotFound for one who has left."""
    require_role(by, Role.ADMINISTRATOR, act="staff")
    officer = get_officer(session, officer_id)
    if officer.id == by.id:
        raise NotAllowed("change_himself")
    if officer.removed_at is not None:
        raise NotFound("officer", officer_id)
    return officer


def _keeps_keys(officer: Officer, roles: tuple[Role, ...]) -> bool:
    if has_role(officer, Role.CLUE_OFFICER) and Role.CLUE_OFFICER not in roles:
        return False
    return not has_role(officer, *RING_ROLES) or not set(roles).isdisjoint(RING_ROLES)


def _check(session: Session, placement: Placement) -> tuple[Role, ...]:
    """The roles asked for, where everything can be so. Raises InvalidField at the first field that can't."""
    if not placement.name:
        raise InvalidField("name", "required")
    if len(placement.name) > LONGEST_NAME:
        raise InvalidField("name", "too_long")
    if len(placement.post) > LONGEST_NAME:
        raise InvalidField("post", "too_long")
    if len(placement.aliases) > MOST_ALIASES or any(len(alias) > LONGEST_NAME for alias in placement.aliases):
        raise InvalidField("aliases", "too_long")
    body = session.get(Body, placement.body_code)
    if body is None or not body.active:
        raise InvalidField("body", "unknown_choice")
    known = set(session.scalars(select(Town.code)))
    if not known.issuperset(placement.towns):
        raise InvalidField("towns", "unknown_choice")
    return _check_roles(placement)


def _check_roles(placement: Placement) -> tuple[Role, ...]:
    if not placement.roles:
        raise InvalidField("roles", "required")
    if not {role.value for role in Role}.issuperset(placement.roles):
        raise InvalidField("roles", "unknown_choice")
    roles = tuple(role for role in Role if role.value in placement.roles)
    if len(roles) > 1 and not set(roles).isdisjoint(APART):
        raise InvalidField("roles", "roles_apart")
    if Role.INSPECTOR in roles and not placement.towns:
        raise InvalidField("towns", "towns_needed")
    return roles
