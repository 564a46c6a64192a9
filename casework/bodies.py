"""The organs that handle (承办单位): finding the one that a matter belongs to, and the one above it.

Triage proposes a kind of organ; which body of this office that is, and whether it may know, is decided here.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.conflicts import Conflict, is_body_hit, is_hit
from casework.errors import NotFound
from casework.models.people import Body
from casework.roster import Roster
from casework.types import BodyKind, Role


def get_body(session: Session, code: str) -> Body:
    """The body with that code. Raises NotFound where there is none or it is no longer active."""
    body = session.get(Body, code)
    if body is None or not body.active:
        raise NotFound("body", code)
    return body


def list_bodies(session: Session) -> list[Body]:
    """All active bodies: the bureau's own first, then by name."""
    return list(session.scalars(select(Body).where(Body.active).order_by(Body.internal.desc(), Body.name)))


def choose_body(kind: str, town_code: str | None, conflicts: Iterable[Conflict], roster: Roster) -> str | None:
    """The body that a matter of this kind goes to, None where there is none or every one is hit. Pure.

    The body that bears the kind as its code, else one of the kind, of the house before others; a township office is the
    one of the town. If it is hit, the first above it that is not.
    """
    hits = tuple(conflicts)
    fit = [body for body in roster.bodies.values() if body.kind == kind]
    if kind == BodyKind.TOWNSHIP:
        fit = [body for body in fit if town_code and body.town_code == town_code]
    if not fit:
        return None
    chosen = min(fit, key=lambda body: (body.code != kind, not body.internal, body.code)).code
    return chosen if not is_body_hit(chosen, hits, roster) else find_superior(chosen, hits, roster)


def find_superior(code: str, conflicts: Iterable[Conflict], roster: Roster) -> str | None:
    """The first body above `code` that is not hit, by the way of superiors; None where the way ends."""
    hits = tuple(conflicts)
    seen = {code}
    above = roster.bodies[code].superior_code
    while above is not None and above not in seen and above in roster.bodies:
        if not is_body_hit(above, hits, roster):
            return above
        seen.add(above)
        above = roster.bodies[above].superior_code
    return None


def find_outside_superior(conflicts: Iterable[Conflict], roster: Roster) -> str | None:
    """Where a case goes that nobody in the house may handle: the first body above the bureau that is not hit."""
    hits = tuple(conflicts)
    for body in roster.bodies.values():
        if body.internal and body.part_of_code is None:
            above = find_superior(body.code, hits, roster)
            if above is not None and not roster.bodies[above].internal:
                return above
    return None


def is_desk_free(conflicts: Iterable[Conflict], roster: Roster) -> bool:
    """Whether anyone remains who may dispatch the case; an office that has no dispatcher yet keeps nobody out."""
    hits = tuple(conflicts)
    dispatchers = [officer for officer in roster.officers if Role.DISPATCHER in officer.roles]
    return not dispatchers or any(not is_hit(officer, hits, roster) for officer in dispatchers)
