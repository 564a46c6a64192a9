"""The conflict test (回避): who is named or meant in a report and must therefore not learn of it. Pure, with reasons.

Exact names, aliases, posts, units, operators and declared ties for now. An uncertain hit excludes as well; taking back
an exclusion is a clue officer's act, never the machine's.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from casework.roster import Roster, RosterBody, RosterOfficer
from casework.types import BodyKind, ExclusionReason
from triage.types import Assessment, InstitutionKind, PersonMention

SURE_NAME = 3
"""A name this long in the text is the person; a shorter one needs triage to have seen a person there."""
TITLE = re.compile(r"副?(?:局|科|处|股|所|站|院|镇|乡|厅|部|队|组)长$|副?(?:主任|书记|经理|会计)$|科员$|干事$|专干$")
HEADS = ("长", "主任", "书记")
TOWN_OFFICE_WORDS = ("民政办", "民政所", "镇政府", "乡政府", "街道办")
DISCIPLINE_WORDS = ("纪委", "监委", "纪检")


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a report says of people and units, as the test needs it."""

    text: str
    persons: tuple[PersonMention, ...] = ()
    unit: str | None = None
    unit_kind: InstitutionKind | None = None
    institution_code: str | None = None
    town_code: str | None = None
    discipline: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """One who must not learn of the report: an officer or a whole body, why, and by which words.

    `leadership` marks the bureau's own leaders, `discipline_leader` a leader of the discipline organ; of the latter
    neither officer nor body need be known here.
    """

    reason: ExclusionReason
    certain: bool
    phrase: str
    officer_id: str | None = None
    body_code: str | None = None
    leadership: bool = False
    discipline_leader: bool = False


def read_mentions(assessment: Assessment, text: str) -> Mentions:
    """What the test needs of an assessment; `text` may be the original or the working text (positions agree)."""
    unit, place = assessment.institution, assessment.place
    return Mentions(
        text=text,
        persons=assessment.persons,
        unit=(unit.name or unit.text) if unit else None,
        unit_kind=unit.kind if unit else None,
        institution_code=unit.code if unit else None,
        town_code=place.code if place else None,
        discipline=assessment.discipline,
    )


def find_conflicts(mentions: Mentions, roster: Roster) -> tuple[Conflict, ...]:
    """Everybody whom the report hits, each once with the surest reason.

    1. Officers by name, alias, declared tie and post (surname and post alone is uncertain and excludes as well).
    2. Whoever serves under a head that was hit. 3. The unit complained of, and that of a person complained of.
    4. Who runs the home. 5. In a discipline matter the town's office, which is told of inspections, not of reports.
    A hit on the bureau as a whole hits its sections, uncertainly, for people say 民政局 of any of them; the hotline's
    own desk stays, or nobody could look. Named leaders are hit in person.
    """
    in_person = [hit for officer in roster.officers for hit in _hit_officer(officer, mentions, roster)]
    found = [
        *in_person,
        *_hit_subordinates(in_person, roster),
        *_hit_units(mentions, roster),
        *_hit_institution(mentions, roster),
        *_hit_own_place(mentions, roster),
        *_hit_discipline_leader(mentions),
    ]
    surest: dict[tuple[str | None, str | None, bool], Conflict] = {}
    for conflict in found:
        key = (conflict.officer_id, conflict.body_code, conflict.discipline_leader)
        if key not in surest or (conflict.certain and not surest[key].certain):
            surest[key] = conflict
    return tuple(surest.values())


def is_hit(officer: RosterOfficer, conflicts: Iterable[Conflict], roster: Roster) -> bool:
    """Whether an officer is kept out, in person or with his body or one that his is part of."""
    above = set(roster.bodies_above(officer.body_code))
    return any(hit.officer_id == officer.id or hit.body_code in above for hit in conflicts)


def is_body_hit(code: str, conflicts: Iterable[Conflict], roster: Roster) -> bool:
    """Whether a body is kept out, itself or with one it is part of."""
    above = set(roster.bodies_above(code))
    return any(hit.body_code in above for hit in conflicts)


def _hit_officer(officer: RosterOfficer, mentions: Mentions, roster: Roster) -> Iterator[Conflict]:
    for name in filter(None, (officer.name, *officer.aliases)):
        if _is_said(name, mentions):
            yield _of(officer, ExclusionReason.NAMED, name, certain=_is_sure(name, mentions))
    for name in filter(None, officer.ties):
        if _is_said(name, mentions) or name in _who_runs(mentions, roster):
            yield _of(officer, ExclusionReason.DECLARED_TIE, name, certain=_is_sure(name, mentions))
    yield from _hit_post(officer, mentions, roster)


def _of(officer: RosterOfficer, reason: ExclusionReason, phrase: str, *, certain: bool) -> Conflict:
    return Conflict(reason, certain, phrase, officer_id=officer.id, leadership=officer.leads)


def _is_said(name: str, mentions: Mentions) -> bool:
    return name in mentions.text or any(name in (person.name, person.unit) for person in mentions.persons)


def _is_sure(name: str, mentions: Mentions) -> bool:
    return len(name) >= SURE_NAME or any(name == person.name or name in person.text for person in mentions.persons)


def _hit_post(officer: RosterOfficer, mentions: Mentions, roster: Roster) -> Iterator[Conflict]:
    body = roster.bodies.get(officer.body_code)
    title = find_title(officer.post)
    if body is None or not title:
        return
    for form in _full_titles(officer, body, title):
        if form in mentions.text:
            yield _of(officer, ExclusionReason.POST_NAMED, form, certain=True)
    plain = title.removeprefix("副")
    for form in (officer.name[:1] + title, officer.name[:1] + plain):
        if form in mentions.text:
            yield _of(officer, ExclusionReason.POST_NAMED, form, certain=False)
    for person in mentions.persons:
        if person.post and find_title(person.post).removeprefix("副") == plain:
            yield from _hit_person(officer, body, person, mentions, roster)


def _hit_person(
    officer: RosterOfficer, body: RosterBody, person: PersonMention, mentions: Mentions, roster: Roster
) -> Iterator[Conflict]:
    """A person with this officer's title: his own unit makes it certain, another's surname or unit rules it out."""
    if person.name and not person.name.startswith(officer.name[:1]):
        return
    if not person.unit:
        if body.internal or body.town_code == mentions.town_code:
            yield _of(officer, ExclusionReason.POST_NAMED, person.text, certain=False)
        return
    units, certain = find_bodies(person.unit, mentions.town_code, roster)
    if body.code in {unit.code for unit in units}:
        yield _of(officer, ExclusionReason.POST_NAMED, person.text, certain=certain)


def find_title(post: str) -> str:
    """The title at the end of a post (养老服务科科长: 科长), empty where there is none."""
    found = TITLE.search(post)
    return found.group() if found else ""


def _full_titles(officer: RosterOfficer, body: RosterBody, title: str) -> set[str]:
    """养老服务科科长, 养老服务科长: the unit's labels with the title, and the post where it names the unit itself."""
    forms = {label + title for label in body.labels}
    forms |= {label + title[1:] for label in body.labels if label.endswith(title[0])}
    if len(officer.post) > len(title):
        forms.add(officer.post)
    return forms


def _hit_subordinates(in_person: Iterable[Conflict], roster: Roster) -> Iterator[Conflict]:
    hit = {conflict.officer_id: conflict for conflict in in_person}
    for officer in roster.officers:
        conflict = hit.get(officer.id)
        if conflict and find_title(officer.post).endswith(HEADS) and officer.body_code in roster.bodies:
            body = roster.bodies[officer.body_code]
            yield from _of_body(body, ExclusionReason.SUBORDINATE, conflict.phrase, roster, certain=conflict.certain)


def _of_body(
    body: RosterBody, reason: ExclusionReason, phrase: str, roster: Roster, *, certain: bool
) -> Iterator[Conflict]:
    if not (body.internal and body.part_of_code is None):
        yield Conflict(reason, certain, phrase, body_code=body.code)
        return
    certain = certain and reason is not ExclusionReason.UNIT_NAMED
    for part in roster.parts_of(body.code):
        if not roster.is_desk(part.code):
            yield Conflict(reason, certain, phrase, body_code=part.code)


def find_bodies(words: str, town_code: str | None, roster: Roster) -> tuple[tuple[RosterBody, ...], bool]:
    """The bodies that a unit's words mean, and whether that is certain.

    An exact name or alias is; so is 镇民政办 where the town is known. Words that only contain a label, or a town office
    without a town, are not.
    """
    exact = tuple(body for body in roster.bodies.values() if words in body.labels)
    if exact:
        return exact, True
    if any(word in words for word in TOWN_OFFICE_WORDS):
        offices = tuple(body for body in roster.bodies.values() if body.kind is BodyKind.TOWNSHIP)
        named = tuple(body for body in offices if any(label in words for label in body.labels))
        own = named or tuple(body for body in offices if town_code and body.town_code == town_code)
        return (own, True) if own else (offices, False)
    return tuple(body for body in roster.bodies.values() if any(label in words for label in body.labels)), False


def _hit_units(mentions: Mentions, roster: Roster) -> Iterator[Conflict]:
    units = {person.unit for person in mentions.persons if person.unit}
    if mentions.unit and mentions.unit_kind is InstitutionKind.OFFICE:
        units.add(mentions.unit)
    for words in sorted(units):
        bodies, certain = find_bodies(words, mentions.town_code, roster)
        for body in bodies:
            yield from _of_body(body, ExclusionReason.UNIT_NAMED, words, roster, certain=certain)


def _hit_institution(mentions: Mentions, roster: Roster) -> Iterator[Conflict]:
    home = roster.institutions.get(mentions.institution_code or "")
    if home is None:
        return
    runner = roster.bodies.get(home.run_by_code or "")
    if runner is not None:
        yield from _of_body(runner, ExclusionReason.OPERATES_INSTITUTION, home.name, roster, certain=True)
    for officer in roster.officers:
        if officer.name in (home.operator_name, home.director_name):
            yield _of(officer, ExclusionReason.OPERATES_INSTITUTION, home.name, certain=True)


def _who_runs(mentions: Mentions, roster: Roster) -> tuple[str, ...]:
    home = roster.institutions.get(mentions.institution_code or "")
    return (home.name, home.operator_name, home.director_name) if home else ()


def _hit_own_place(mentions: Mentions, roster: Roster) -> Iterator[Conflict]:
    if not mentions.discipline:
        return
    home = roster.institutions.get(mentions.institution_code or "")
    town = mentions.town_code or (home.town_code if home else None)
    for body in roster.bodies.values():
        if town and body.kind is BodyKind.TOWNSHIP and body.town_code == town:
            yield Conflict(ExclusionReason.OWN_PLACE, certain=False, phrase=body.name, body_code=body.code)


def _hit_discipline_leader(mentions: Mentions) -> Iterator[Conflict]:
    for person in mentions.persons:
        where = f"{person.unit or ''}{person.text}"
        if (person.post or "").endswith(HEADS) and any(word in where for word in DISCIPLINE_WORDS):
            yield Conflict(ExclusionReason.POST_NAMED, certain=True, phrase=person.text, discipline_leader=True)
