"""The conflict test (回避): who is named or meant in a report and must therefore not learn of it. Pure, with reasons.

Names, aliases, posts, units, operators and declared ties to the letter are tested here; who is meant otherwise
(misheard, misspelt, by a nickname or role) comes from `callings`. An uncertain hit excludes as well; taking back an
exclusion is a clue officer's act, never the machine's.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from casework.callings import list_called
from casework.callingwords import load_calling_words
from casework.folding import fold
from casework.postforms import RANK, PostForms, find_title, list_post_forms
from casework.roster import FormerPlace, Roster, RosterBody, RosterOfficer
from casework.timestold import tells_one_time
from casework.types import BodyKind, ExclusionReason, Role
from triage.types import Assessment, InstitutionKind, PersonMention

SURE_NAME = 3
"""A name this long in the text is the person; a shorter one needs triage to have seen a person there."""
HEADS = ("长", "主任", "书记")
LONG_BEFORE = timedelta(days=365)
"""People tell when they saw it last; it began before."""
SHORT_LABEL = 2
"""A label so short (消防) is a unit only where people are spoken of."""
LOOK_BACK = 6
SENTENCE = re.compile(r"[。！？!?；;\n]")
SALUTATION = re.compile(r"\s*(?![^:：\n]*(?:投诉|举报|反映|控告|检举|关于))[^，。；！？\n]{1,30}[:：]")
"""Whom a letter is addressed to is not whom it complains of."""
TOWN_OFFICE_WORDS = ("民政办", "民政所", "镇政府", "乡政府", "街道办")
DISCIPLINE_WORDS = ("纪委", "监委", "纪检")


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a report says of people and units, as the test needs it; `own` are names that its writer gave as his own.

    `since` is the day from which on whoever was of a body complained of is concerned; None where no time was told, or
    more than one.
    """

    text: str
    persons: tuple[PersonMention, ...] = ()
    unit: str | None = None
    unit_kind: InstitutionKind | None = None
    institution_code: str | None = None
    town_code: str | None = None
    discipline: bool = False
    own: tuple[str, ...] = ()
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """One who must not learn of the report: an officer or a whole body, why, and by which words.

    `since` goes with a body: who has left it since that day is kept out as well, and of None whoever was ever of it.
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
    since: date | None = None
    wide: bool = False
    spared_id: str | None = None


def read_mentions(assessment: Assessment, text: str, own: Iterable[str] = ()) -> Mentions:
    """What the test needs of an assessment; `text` is the original wherever it is at hand, else the working text.

    `own` are the pieces that masking takes for the writer's own: an officer who bears such a name is kept out, without
    certainty.
    """
    unit, place, when = assessment.institution, assessment.place, assessment.when
    return Mentions(
        text=text,
        persons=assessment.persons,
        unit=(unit.name or unit.text) if unit else None,
        unit_kind=unit.kind if unit else None,
        institution_code=unit.code if unit else None,
        town_code=place.code if place else None,
        discipline=assessment.discipline,
        own=tuple(own),
        since=when.from_ - LONG_BEFORE if when and when.from_ and tells_one_time(text, when) else None,
    )


def find_conflicts(mentions: Mentions, roster: Roster) -> tuple[Conflict, ...]:
    """Everybody whom the report hits, each once with the surest reason.

    1. Officers by name, alias, declared tie and post (surname and post alone is uncertain and excludes as well), and
    whoever is meant without it. 2. Whoever serves under a head that was hit. 3. The unit complained of, that of a
    person complained of, and without certainty every other one that the text speaks of. 4. Who runs the home. 5. In a
    discipline matter the town's office, which is told of inspections, not of reports.
    A hit on the bureau as a whole hits its sections, uncertainly, for people say 民政局 of any of them; the hotline's
    own desk stays, or nobody could look. Named leaders are hit in person.
    """
    in_person = [*_hit_officers(mentions, roster), *_hit_called(mentions, roster)]
    found = [
        *in_person,
        *_hit_subordinates(in_person, roster),
        *_hit_units(mentions, roster),
        *_hit_spoken_of(mentions, roster),
        *_hit_by_function(mentions, roster),
        *_hit_institution(mentions, roster),
        *_hit_own_place(mentions, roster),
        *_hit_discipline_leader(mentions),
    ]
    surest: dict[tuple[str | None, str | None, bool], Conflict] = {}
    for conflict in found:
        key = (conflict.officer_id, conflict.body_code, conflict.discipline_leader)
        if key not in surest or _sureness(conflict) > _sureness(surest[key]):
            surest[key] = conflict
    hits = (replace(each, since=mentions.since) if each.body_code else each for each in surest.values())
    return spare_clue_officers(hits, roster)


def _sureness(hit: Conflict) -> tuple[bool, bool]:
    return hit.certain, not hit.wide


def spare_clue_officers(conflicts: Iterable[Conflict], roster: Roster) -> tuple[Conflict, ...]:
    """The hits, less those that would leave no clue officer by a word that means whoever bears the role (密件员).

    Where somebody stays anyway, or each of them is meant in person or surely, nothing changes. Those who stay are told
    of it (`spared_id`).
    """
    hits = tuple(conflicts)
    clue = [officer for officer in roster.officers if Role.CLUE_OFFICER in officer.roles]
    if any(not is_hit(officer, hits, roster) for officer in clue):
        return hits
    narrow = tuple(hit for hit in hits if not is_by_role(hit))
    spared = [officer for officer in clue if not is_hit(officer, narrow, roster)]
    return tuple(each for hit in hits for each in _spare(hit, spared, roster))


def _spare(hit: Conflict, spared: Iterable[RosterOfficer], roster: Roster) -> Iterator[Conflict]:
    """A hit by a role alone without those who stay; of a body, its others one by one."""
    stay = {officer.id for officer in spared if is_by_role(hit) and is_hit(officer, [hit], roster)}
    if not stay:
        yield hit
        return
    for officer in roster.officers:
        if officer.id in stay:
            yield replace(hit, officer_id=None, body_code=None, since=None, spared_id=officer.id)
        elif hit.body_code and is_hit(officer, [hit], roster):
            yield replace(hit, officer_id=officer.id, body_code=None, since=None)


def is_by_role(hit: Conflict) -> bool:
    """Whether only a word that means whoever bears a role hits (pure)."""
    return hit.wide and not hit.certain


def find_blamed(text: str, roster: Roster, *, town_code: str | None = None) -> tuple[Conflict, ...]:
    """Whom a colleague's sentences blame: officers by name or as they are called, none of it certain (pure).

    A sentence that only says who does what (请廖培元核实) blames nobody.
    """
    found: dict[str | None, Conflict] = {}
    for sentence in filter(load_calling_words().blame.search, SENTENCE.split(text)):
        mentions = Mentions(sentence, town_code=town_code)
        for hit in (*_hit_officers(mentions, roster), *_hit_called(mentions, roster)):
            found.setdefault(hit.officer_id, replace(hit, certain=False, leadership=False))
    return tuple(found.values())


def is_hit(officer: RosterOfficer, conflicts: Iterable[Conflict], roster: Roster) -> bool:
    """Whether an officer is kept out, in person, with a body of his, now or then, or with one that it is part of."""
    return any(
        hit.officer_id == officer.id or (hit.body_code and hit.body_code in roster.bodies_of(officer, hit.since))
        for hit in conflicts
    )


def is_body_hit(code: str, conflicts: Iterable[Conflict], roster: Roster) -> bool:
    """Whether a body is kept out, itself or with one it is part of."""
    above = set(roster.bodies_above(code))
    return any(hit.body_code in above for hit in conflicts)


def _hit_officers(mentions: Mentions, roster: Roster) -> Iterator[Conflict]:
    told = frozenset(word for word, _ in roster.words.list_all(mentions.text))
    called = frozenset(words for person in mentions.persons for words in (person.name, person.unit) if words)
    runs = _who_runs(mentions, roster)
    for officer, post in zip(roster.officers, roster.posts, strict=True):
        for name in (officer.name, *officer.aliases):
            if name in told or name in called:
                yield _of(officer, ExclusionReason.NAMED, name, certain=_is_sure(name, mentions))
        for name in officer.ties:
            if name in told or name in called or (name and name in runs):
                yield _of(officer, ExclusionReason.DECLARED_TIE, name, certain=_is_sure(name, mentions))
        if post is not None and post.title:
            yield from _hit_post(officer, post, told, mentions, roster)
        for place in officer.former:
            yield from _hit_former_post(officer, place, told, mentions, roster)


def _of(officer: RosterOfficer, reason: ExclusionReason, phrase: str, *, certain: bool) -> Conflict:
    return Conflict(reason, certain, phrase, officer_id=officer.id, leadership=officer.leads)


def _is_sure(name: str, mentions: Mentions) -> bool:
    if any(name in piece for piece in mentions.own):
        return False
    return len(name) >= SURE_NAME or any(name == person.name or name in person.text for person in mentions.persons)


def _hit_called(mentions: Mentions, roster: Roster) -> Iterator[Conflict]:
    """Those meant without certainty; of leadership only in a discipline matter, for that seals the whole case."""
    for called in list_called(mentions.text, roster, town_code=mentions.town_code, discipline=mentions.discipline):
        leads = called.officer.leads and mentions.discipline
        yield Conflict(
            called.reason, False, called.phrase, officer_id=called.officer.id, leadership=leads, wide=called.wide
        )


def _hit_post(
    officer: RosterOfficer, post: PostForms, told: frozenset[str], mentions: Mentions, roster: Roster
) -> Iterator[Conflict]:
    for form in post.full if told else ():
        if form in told:
            yield _of(officer, ExclusionReason.POST_NAMED, form, certain=True)
    for form in post.surnamed if told else ():
        if form in told:
            yield _of(officer, ExclusionReason.POST_NAMED, form, certain=False)
    for person in mentions.persons:
        if person.post and find_title(person.post).removeprefix(RANK) == post.plain:
            yield from _hit_person(officer, roster.bodies[officer.body_code], person, mentions, roster)


def _hit_former_post(
    officer: RosterOfficer, place: FormerPlace, told: frozenset[str], mentions: Mentions, roster: Roster
) -> Iterator[Conflict]:
    """Who held the post when it happened, as far as the time told allows; never certain, for another holds it now."""
    if place.body_code not in roster.bodies or (mentions.since is not None and place.ended_on < mentions.since):
        return
    post = list_post_forms(officer.name, place.post, roster.bodies[place.body_code].labels)
    if post.title:
        then = replace(officer, body_code=place.body_code)
        for hit in _hit_post(then, post, told, mentions, roster):
            yield replace(hit, certain=False)


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


def _hit_subordinates(in_person: Iterable[Conflict], roster: Roster) -> Iterator[Conflict]:
    hit = {conflict.officer_id: conflict for conflict in sorted(in_person, key=_sureness)}
    for officer in roster.officers:
        conflict = hit.get(officer.id)
        if conflict and find_title(officer.post).endswith(HEADS) and officer.body_code in roster.bodies:
            body = roster.bodies[officer.body_code]
            below = _of_body(body, ExclusionReason.SUBORDINATE, conflict.phrase, roster, certain=conflict.certain)
            yield from (replace(each, wide=conflict.wide) for each in below)


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


def _hit_spoken_of(mentions: Mentions, roster: Roster) -> Iterator[Conflict]:
    """Every body that the text speaks of, without certainty, unless it only asks for its help; never our own desk."""
    folded = fold(mentions.text)
    rest = folded.text
    for label, at in roster.labels.list_longest(rest):
        rest = rest[:at] + " " * len(label) + rest[at + len(label) :]
        if not _is_only_asked(label, at, mentions):
            for body in roster.labelled[label]:
                yield from _of_spoken(body, label, roster)
    if mentions.town_code and any(word in rest for word in TOWN_OFFICE_WORDS):
        for body in roster.bodies.values():
            if body.kind is BodyKind.TOWNSHIP and body.town_code == mentions.town_code:
                yield from _of_spoken(body, body.name, roster)


def _is_only_asked(label: str, at: int, mentions: Mentions) -> bool:
    """Whether a body's name stands in the greeting of a letter, in a wish that it come, or is part of another word."""
    text, words, greeting = fold(mentions.text).text, load_calling_words(), SALUTATION.match(mentions.text)
    if greeting and at < len(fold(greeting.group()).text):
        return True
    if len(label) <= SHORT_LABEL and not words.people.match(text, at + len(label)):
        return True
    return words.asks.search(text, max(at - LOOK_BACK, 0), at) is not None


def _of_spoken(body: RosterBody, phrase: str, roster: Roster) -> Iterator[Conflict]:
    """Not our desk, or nobody could look; not the discipline organs, which handle nothing that a clue officer has not
    sent them, and which many write to as well.
    """
    if not roster.is_desk(body.code) and body.kind is not BodyKind.DISCIPLINE:
        yield from _of_body(body, ExclusionReason.UNIT_MENTIONED, phrase, roster, certain=False)


def _hit_by_function(mentions: Mentions, roster: Roster) -> Iterator[Conflict]:
    """Sections of the house of which only their work is said, without certainty: 管低保的."""
    folded = fold(mentions.text).text
    for kind, functions in load_calling_words().functions.items():
        phrase = next((words for words in functions if words in folded), "")
        for body in roster.bodies.values() if phrase else ():
            if body.kind == kind and body.internal and body.part_of_code is not None:
                yield from _of_spoken(body, phrase, roster)


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
