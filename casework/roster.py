"""Who could be hit by a report: officers, bodies, homes and declared ties, as plain values for the conflict test.

The test is pure, so it takes this picture of the office instead of a session.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from casework.folding import fold_name
from casework.models.memberships import Membership
from casework.models.people import Body, Institution, Officer, OfficerTie
from casework.nameindex import NameIndex, WordFinder, build_name_index
from casework.postforms import PostForms, find_title, list_post_forms
from casework.types import BodyKind, Role

DESK_ROLES = frozenset({Role.DISPATCHER, Role.CLUE_OFFICER})
LEAST_POST = 3
"""A post shorter than this is a word like any other."""
Rows = tuple[tuple[Any, ...], ...]
QUERIES = (
    select(
        Officer.id,
        Officer.name,
        Officer.body_code,
        Officer.post,
        cast(Officer.aliases, Text),
        cast(Officer.roles, Text),
        Officer.leads,
    )
    .where(Officer.removed_at.is_(None))
    .order_by(Officer.username),
    select(OfficerTie.officer_id, OfficerTie.name).order_by(OfficerTie.id),
    select(Membership.officer_id, Membership.body_code, Membership.post, Membership.ended_on).order_by(
        Membership.ended_on, Membership.id
    ),
    select(
        Body.code,
        cast(Body.kind, Text),
        Body.name,
        cast(Body.aliases, Text),
        Body.town_code,
        Body.part_of_code,
        Body.superior_code,
        Body.internal,
    )
    .where(Body.active)
    .order_by(Body.code),
    select(
        Institution.code,
        Institution.name,
        cast(Institution.aliases, Text),
        Institution.town_code,
        Institution.operator_name,
        Institution.director_name,
        Institution.run_by_code,
    ).order_by(Institution.code),
)
"""What the picture is drawn from, lists as their JSON text: officers, ties, places before, bodies, homes."""


@dataclass(frozen=True)
class FormerPlace:
    """Where an officer was before, as what, and until which day."""

    body_code: str
    post: str = ""
    ended_on: date = date.max


@dataclass(frozen=True)
class RosterOfficer:
    """An officer as the conflict test sees him; `ties` are the names he declared, `former` where he was before."""

    id: str
    name: str
    body_code: str
    post: str = ""
    aliases: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    leads: bool = False
    former: tuple[FormerPlace, ...] = ()


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

    @cached_property
    def names(self) -> NameIndex:
        """The officers' names and their ties made ready for looking; a holder's number is his place in `officers`."""
        numbered = list(enumerate(self.officers))
        return build_name_index(
            ((number, name) for number, each in numbered for name in (each.name, *each.aliases)),
            ((number, name) for number, each in numbered for name in each.ties),
        )

    @cached_property
    def posts(self) -> tuple[PostForms | None, ...]:
        """How each officer's post is written; None where his body is not known."""
        return tuple(
            list_post_forms(each.name, each.post, self.bodies[each.body_code].labels)
            if each.body_code in self.bodies
            else None
            for each in self.officers
        )

    @cached_property
    def words(self) -> WordFinder:
        """Names, aliases, ties and posts as they are written, to be found in one walk through a text."""
        names = (name for each in self.officers for name in (each.name, *each.aliases, *each.ties))
        before = (
            list_post_forms(each.name, place.post, self.bodies[place.body_code].labels)
            for each in self.officers
            for place in each.former
            if place.body_code in self.bodies
        )
        forms = (form for post in (*self.posts, *before) if post for form in (*post.full, *post.surnamed))
        return WordFinder.of((*names, *forms))

    @cached_property
    def post_words(self) -> WordFinder:
        """Posts that say more than a rank, to be found in a folded text."""
        posts = (fold_name(each.post) for each in self.officers)
        return WordFinder.of(post for post in posts if len(post) > len(find_title(post)) and len(post) >= LEAST_POST)

    @cached_property
    def other_names(self) -> frozenset[str]:
        """Whoever runs or heads a home: he bears his own name, however like an officer's it is."""
        homes = self.institutions.values()
        return frozenset(name for home in homes for name in (home.director_name, home.operator_name) if name)

    @cached_property
    def labelled(self) -> dict[str, tuple[RosterBody, ...]]:
        """The bodies by name and alias, folded."""
        found: dict[str, list[RosterBody]] = {}
        for body in self.bodies.values():
            for label in filter(None, map(fold_name, body.labels)):
                found.setdefault(label, []).append(body)
        return {label: tuple(bodies) for label, bodies in found.items()}

    @cached_property
    def labels(self) -> WordFinder:
        """The same, to be found in one walk through a folded text."""
        return WordFinder.of(self.labelled)

    def bodies_above(self, code: str | None) -> Iterator[str]:
        """A body and every body it is part of."""
        seen: set[str] = set()
        while code is not None and code not in seen and code in self.bodies:
            seen.add(code)
            yield code
            code = self.bodies[code].part_of_code

    def bodies_of(self, officer: RosterOfficer, since: date | None) -> set[str]:
        """His body, those he was of since that day (ever, where no day is told), and every body above one of them."""
        before = (place.body_code for place in officer.former if since is None or place.ended_on >= since)
        return {above for code in (officer.body_code, *before) for above in self.bodies_above(code)}

    def bodies_of_id(self, officer_id: str) -> set[str]:
        """The bodies, now and ever before, of an officer in service; none of one who has left."""
        found = next((each for each in self.officers if each.id == officer_id), None)
        return self.bodies_of(found, None) if found else set()

    def parts_of(self, code: str) -> tuple[RosterBody, ...]:
        """The bodies directly under one."""
        return tuple(body for body in self.bodies.values() if body.part_of_code == code)

    def is_desk(self, code: str) -> bool:
        """Whether dispatchers or clue officers sit there: the hotline's own desk."""
        return code in self._desks

    @cached_property
    def _desks(self) -> frozenset[str]:
        return frozenset(officer.body_code for officer in self.officers if officer.roles & DESK_ROLES)


def build_roster(session: Session) -> Roster:
    """The office as it stands now: those who have left and bodies no longer active are not in it.

    The rows are read every time, so nothing is ever stale; the picture is drawn anew only where one of them changed.
    """
    session.flush()
    connection = session.connection()
    officers, ties, before, bodies, homes = (tuple(connection.execute(query)) for query in QUERIES)
    return _draw(officers, ties, before, bodies, homes)


@lru_cache(maxsize=4)
def _draw(officers: Rows, ties: Rows, before: Rows, bodies: Rows, homes: Rows) -> Roster:
    """The picture out of the rows of `QUERIES`, whose lists are still JSON; pure."""
    declared: dict[str, list[str]] = {}
    for officer_id, name in ties:
        declared.setdefault(officer_id, []).append(name)
    former: dict[str, list[FormerPlace]] = {}
    for officer_id, *place in before:
        former.setdefault(officer_id, []).append(FormerPlace(*place))
    return Roster(
        tuple(
            RosterOfficer(
                id=ident,
                name=name,
                body_code=body_code,
                post=post,
                aliases=tuple(json.loads(aliases)),
                ties=tuple(declared.get(ident, ())),
                roles=frozenset(json.loads(roles)),
                leads=bool(leads),
                former=tuple(former.get(ident, ())),
            )
            for ident, name, body_code, post, aliases, roles, leads in officers
        ),
        {code: _to_body(code, *rest) for code, *rest in bodies},
        {code: _to_home(code, *rest) for code, *rest in homes},
    )


def _to_body(
    code: str,
    kind: str,
    name: str,
    aliases: str,
    town_code: str | None,
    part_of_code: str | None,
    superior_code: str | None,
    internal: int,
) -> RosterBody:
    return RosterBody(
        code=code,
        kind=BodyKind(kind),
        name=name,
        aliases=tuple(json.loads(aliases)),
        town_code=town_code,
        part_of_code=part_of_code,
        superior_code=superior_code,
        internal=bool(internal),
    )


def _to_home(
    code: str,
    name: str,
    aliases: str,
    town_code: str | None,
    operator_name: str,
    director_name: str,
    run_by_code: str | None,
) -> RosterInstitution:
    return RosterInstitution(
        code=code,
        name=name,
        aliases=tuple(json.loads(aliases)),
        town_code=town_code,
        operator_name=operator_name,
        director_name=director_name,
        run_by_code=run_by_code,
    )
