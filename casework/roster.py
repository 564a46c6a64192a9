"""Who could be hit by a report: officers, bodies, homes and declared ties, as plain values for the conflict test.

The test is pure, so it takes this picture of the office instead of a session.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models.people import Body, Institution, Officer, OfficerTie
from casework.types import BodyKind, Role

DESK_ROLES = frozenset({Role.DISPATCHER, Role.CLUE_OFFICER})


@dataclass(frozen=True)
class RosterOfficer:
    """An officer as the conflict test sees him; `ties` are the names he declared."""

    id: str
    name: str
    body_code: str
    post: str = ""
    aliases: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    leads: bool = False


@dataclass(frozen=True)
class RosterBody:
    """A body as the conflict test sees it."""

    code: str
    kind: BodyKind
    name: str
    aliases: tuple[str, ...] = ()
    town_code: str | None = None
    part_of_code: str | None = None
    superior_code: str | None = None
    internal: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """Its name and aliases."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class RosterInstitution:
    """A home as the conflict test sees it."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    town_code: str | None = None
    operator_name: str = ""
    director_name: str = ""
    run_by_code: str | None = None


@dataclass(frozen=True)
class Roster:
    """The whole picture, by code and id."""

    officers: tuple[RosterOfficer, ...] = ()
    bodies: dict[str, RosterBody] = field(default_factory=dict)
    institutions: dict[str, RosterInstitution] = field(default_factory=dict)

    def bodies_above(self, code: str | None) -> Iterator[str]:
        """A body and every body it is part of."""
        seen: set[str] = set()
        while code is not None and code not in seen and code in self.bodies:
            seen.add(code)
            yield code
            code = self.bodies[code].part_of_code

    def parts_of(self, code: str) -> tuple[RosterBody, ...]:
        """The bodies directly under one."""
        return tuple(body for body in self.bodies.values() if body.part_of_code == code)

    def is_desk(self, code: str) -> bool:
        """Whether dispatchers or clue officers sit there: the hotline's own desk."""
        return any(officer.body_code == code and officer.roles & DESK_ROLES for officer in self.officers)


def build_roster(session: Session) -> Roster:
    """The office as it stands now: those who have left and bodies no longer active are not in it."""
    ties: dict[str, list[str]] = {}
    for officer_id, name in session.execute(select(OfficerTie.officer_id, OfficerTie.name)):
        ties.setdefault(officer_id, []).append(name)
    officers = tuple(
        RosterOfficer(
            id=row.id,
            name=row.name,
            body_code=row.body_code,
            post=row.post,
            aliases=tuple(row.aliases),
            ties=tuple(ties.get(row.id, ())),
            roles=frozenset(row.roles),
            leads=row.leads,
        )
        for row in session.scalars(select(Officer).where(Officer.removed_at.is_(None)).order_by(Officer.username))
    )
    bodies = {
        row.code: RosterBody(
            code=row.code,
            kind=row.kind,
            name=row.name,
            aliases=tuple(row.aliases),
            town_code=row.town_code,
            part_of_code=row.part_of_code,
            superior_code=row.superior_code,
            internal=row.internal,
        )
        for row in session.scalars(select(Body).where(Body.active).order_by(Body.code))
    }
    institutions = {
        row.code: RosterInstitution(
            code=row.code,
            name=row.name,
            aliases=tuple(row.aliases),
            town_code=row.town_code,
            operator_name=row.operator_name,
            director_name=row.director_name,
            run_by_code=row.run_by_code,
        )
        for row in session.scalars(select(Institution).order_by(Institution.code))
    }
    return Roster(officers, bodies, institutions)
