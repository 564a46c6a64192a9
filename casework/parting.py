"""Which sentences of a report need sealing and which are a matter of their own that can stand open. Pure, with reasons.

Sealing a report whole is always safe, so a split is made only where it is clean: whatever names, hints at, counts or
leans on the sealed matter goes with it, and where the rest is then no matter of its own, nothing is split.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from casework.bodies import choose_body
from casework.conflicts import Conflict, find_conflicts, is_body_hit, is_hit, read_mentions
from casework.errors import DataError
from casework.roster import Roster
from casework.types import ExclusionReason, Role
from triage.evidence import LEARNED
from triage.types import Assessment, Evidence, InstitutionKind, Urgency

DATA_FILE = Path(__file__).parent / "data" / "parting.toml"
SENTENCE = re.compile(r"[^。！？!?；;…\n]*(?:[。！？!?；;…\n]+[”’」』）)\"]*[ \t\r\n　]*|$)")
LETTER = re.compile(r"[^\W_]")
EDGE = re.compile(r"[\s，,、:：.．)）]*")
LEAST_LETTERS = 8
LEAST_SCORE, LEAST_GRAVE = 0.6, 0.1
"""How sure triage must be that a sentence tells of a matter, and how little is enough where it would be a grave one."""
MOST_SENTENCES = 40
PLACE_REST = 5
"""How many letters a line that only says the place may hold beside its name (我说的是…)."""
NO_COMPLAINT = frozenset({"inquiry", "out_of_scope"})
GRAVE = frozenset(
    {"corruption", "eight_rules", "inaction", "subsidy_fraud", "fund_misuse", "procurement", "outsourcing"}
)
"""Matters that an official answers for: a sentence that is one goes with the sealed part."""
THINGS = frozenset(
    {"food_safety", "building_safety", "fire_hazard", "health_safety", "staffing", "service_quality", "unregistered"}
)
"""Matters that need no 还有 or 另外 to be another one than the sealed sentence before them."""
STANDS_ASIDE = frozenset(
    {
        ExclusionReason.OPERATES_INSTITUTION,
        ExclusionReason.OWN_PLACE,
        ExclusionReason.DECLARED_TIE,
        ExclusionReason.UNIT_MENTIONED,
    }
)
"""Hits on those who must stand aside because of the place, not because the words are about them."""
DESK = frozenset({Role.DISPATCHER, Role.OPERATOR, Role.SUPERVISOR})
Assess = Callable[[str], Assessment]
Spans = Sequence[tuple[int, int]]


class Why(StrEnum):
    """Why a sentence is sealed, or may stand open."""

    PERSON = "person"
    DEED = "deed"
    PRONOUN = "pronoun"
    COUNT = "count"
    LINK = "link"
    FOLLOWS = "follows"
    OWN_MATTER = "own_matter"
    BESIDE = "beside"
    PLACE = "place"


class Unclean(StrEnum):
    """Why a report is not split but sealed whole."""

    ONE_SENTENCE = "one_sentence"
    TOO_LONG = "too_long"
    DANGER = "danger"
    NOTHING_OPEN = "nothing_open"
    TOO_SHORT = "too_short"
    NO_MATTER = "no_matter"
    NO_PLACE = "no_place"
    STILL_GRAVE = "still_grave"
    HANDLED_BY_ACCUSED = "handled_by_accused"
    NOT_APART = "not_apart"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the text, whether it may stand open, why, and from where on (`keep`) its words do."""

    start: int
    end: int
    open: bool
    why: Why
    keep: int


@dataclass(frozen=True, slots=True)
class Parting:
    """The answer: the sentences with reasons, and what triage says of the open ones together.

    `unclean` says why nothing is split; then `assessment` is None and all of it is sealed.
    """

    sentences: tuple[Sentence, ...]
    unclean: Unclean | None
    assessment: Assessment | None = None

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The pieces that stand open, in order; none where nothing is split."""
        return () if self.unclean else open_spans(self.sentences)


@dataclass(frozen=True)
class Words:
    """The words of the data file, compiled."""

    marks: Mapping[Why, re.Pattern[str]]
    links: re.Pattern[str]
    separators: re.Pattern[str]


@cache
def load_words(path: Path = DATA_FILE) -> Words:
    """The words that tie a sentence to a person, a deed or another one. Raises DataError where the file is wrong."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        marks = {Why(name): re.compile("|".join(listed)) for name, listed in raw["marks"].items()}
        return Words(marks, re.compile(raw["links"]["words"]), re.compile(raw["separators"]["words"]))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, re.error) as error:
        raise DataError(path.name, f"{type(error).__name__}: {error}") from error


def part_report(
    text: str, whole: Assessment, conflicts: Iterable[Conflict], *, assess: Assess, roster: Roster
) -> Parting:
    """Say which sentences of a report that must be sealed can stand open as a matter of their own.

    1. Every sentence that holds a word of the keys, of a person, an office, a gain, a grave matter, or points at one
    (pronoun, count) is sealed; so is what goes on from a sealed sentence. 2. Of the rest, a sentence that is a matter
    by itself stands open, with what goes on from it. 3. The open ones together must be a complaint that names the same
    home, is no discipline matter, hits nobody, is no danger to life and is handled by nobody whom the whole hits; and
    what is left must be grave without them. Otherwise nothing is split, and `unclean` says why.
    """
    hits, bounds = tuple(conflicts), split_sentences(text)
    early = _refuse_early(whole, bounds)
    if early is not None:
        return Parting((), early)
    sentences = _sort(text, bounds, _list_grave_places(text, whole, hits), assess)
    open_text, sealed_text = cut(text, open_spans(sentences)), _cut_sealed(text, sentences)
    said = assess(open_text)
    unclean = _judge_open(text, open_text, whole, said, hits, roster)
    if unclean is None and not _is_grave_alone(sealed_text, assess, hits, roster):
        unclean = Unclean.NOT_APART
    return Parting(sentences, unclean, None if unclean else said)


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences stand: up to their full stop, question mark, semicolon or line break."""
    return [match.span() for match in SENTENCE.finditer(text) if LETTER.search(match.group())]


def open_spans(sentences: Iterable[Sentence]) -> tuple[tuple[int, int], ...]:
    """The pieces of those that stand open."""
    return tuple((each.keep, each.end) for each in sentences if each.open)


def cut(text: str, spans: Spans) -> str:
    """The pieces put together, without the white space at the end."""
    return "".join(text[start:end] for start, end in spans).rstrip()


def _refuse_early(whole: Assessment, bounds: Sequence[tuple[int, int]]) -> Unclean | None:
    if whole.urgency is Urgency.CRITICAL:
        return Unclean.DANGER
    if len(bounds) < 2:
        return Unclean.ONE_SENTENCE
    return Unclean.TOO_LONG if len(bounds) > MOST_SENTENCES else None


def _list_grave_places(text: str, whole: Assessment, hits: Iterable[Conflict]) -> list[tuple[int, int]]:
    """Where the words stand that make the report grave or name somebody."""
    evidence: list[Evidence] = [*whole.keys.evidence, *whole.discipline_evidence]
    places = [(each.start, each.end) for each in evidence] + [(each.start, each.end) for each in whole.persons]
    names = {person.name for person in whole.persons} | {person.unit for person in whole.persons}
    names |= {hit.phrase for hit in hits if hit.reason not in STANDS_ASIDE}
    for name in filter(None, names):
        places += [match.span() for match in re.finditer(re.escape(name), text)]
    if whole.institution is not None and whole.institution.kind is InstitutionKind.OFFICE:
        places.append((whole.institution.start, whole.institution.end))
    return places


def _sort(text: str, bounds: Spans, places: Spans, assess: Assess) -> tuple[Sentence, ...]:
    """Each sentence with its answer; what is neither grave nor a matter by itself goes with its neighbour."""
    looks = [_look_at(text, start, end, places, assess) for start, end in bounds]
    done: list[Sentence] = []
    for number, (start, end) in enumerate(bounds):
        before = next((each for each in reversed(done) if each.why is not Why.PLACE), None)
        after = next((look.why for look in looks[number + 1 :] if look.why not in (None, Why.PLACE)), None)
        why = _settle(looks[number], before, after)
        is_open = why in (Why.OWN_MATTER, Why.BESIDE, Why.PLACE)
        done.append(Sentence(start, end, is_open, why, _skip_separator(text, start, end)))
    return tuple(done)


@dataclass(frozen=True, slots=True)
class _Look:
    """What one sentence is by itself (None: it says nothing by itself), and how it begins."""

    why: Why | None
    leans: bool
    apart: bool


def _look_at(text: str, start: int, end: int, places: Spans, assess: Assess) -> _Look:
    begin = _skip_separator(text, start, end)
    words, said = text[begin:end], assess(text[begin:end])
    apart = begin > _skip_edge(text, start, end) or said.category in THINGS
    leans = load_words().links.match(text, _skip_edge(text, start, end), end) is not None
    return _Look(_name_reason(words, said, grave=any(a < end and start < b for a, b in places)), leans, apart)


def _name_reason(words: str, said: Assessment, *, grave: bool) -> Why | None:
    marked = next((why for why, pattern in load_words().marks.items() if pattern.search(words)), None)
    if grave or marked is not None:
        return marked or Why.PERSON
    if _is_only_place(words, said):
        return Why.PLACE
    guessed = said.category in GRAVE and said.categories[0].score < LEAST_GRAVE
    grave_matter = (said.discipline or said.category in GRAVE) and not guessed
    if grave_matter or said.persons or said.keys.who or said.keys.what:
        return Why.DEED
    return Why.OWN_MATTER if is_matter(said) else None


def is_matter(said: Assessment) -> bool:
    """Whether triage is sure of a complaint, by words of the lexicon and not only by what it has learnt."""
    best = said.categories[0]
    listed = any(each.why != LEARNED and not each.excluded for each in best.evidence)
    return best.code not in NO_COMPLAINT and best.score >= LEAST_SCORE and listed


def _settle(look: _Look, before: Sentence | None, after: Why | None) -> Why:
    """The answer for one sentence, knowing its neighbours (`before` is None for the first)."""
    if look.why not in (None, Why.OWN_MATTER):
        return look.why
    if before is not None and not before.open:
        if look.leans:
            return Why.LINK
        return Why.OWN_MATTER if look.why is Why.OWN_MATTER and look.apart else Why.FOLLOWS
    if look.why is Why.OWN_MATTER:
        return look.why
    return Why.FOLLOWS if before is None and after is not Why.OWN_MATTER else Why.BESIDE


def _skip_edge(text: str, start: int, end: int) -> int:
    found = EDGE.match(text, start, end)
    return found.end() if found else start


def _skip_separator(text: str, start: int, end: int) -> int:
    """Where a sentence begins without 还有, 另外, 二是 and the like: they tell that something stood before."""
    at = _skip_edge(text, start, end)
    while (found := load_words().separators.match(text, at, end)) is not None and found.end() > at:
        at = _skip_edge(text, found.end(), end)
    return at


def _is_only_place(words: str, said: Assessment) -> bool:
    """Whether it only says where: the name of a home or place, and next to nothing else."""
    home, place = said.institution, said.place
    spans = [(home.start, home.end)] if home is not None and home.kind is not InstitutionKind.OFFICE else []
    spans += [(place.start, place.end)] if place is not None else []
    rest = [at for at, _ in enumerate(words) if not any(start <= at < end for start, end in spans)]
    return bool(spans) and sum(LETTER.match(words[at]) is not None for at in rest) <= PLACE_REST


def _cut_sealed(text: str, sentences: Iterable[Sentence]) -> str:
    return "".join(text[each.start : each.end] for each in sentences if not each.open)


def _judge_open(
    text: str, open_text: str, whole: Assessment, said: Assessment, hits: Sequence[Conflict], roster: Roster
) -> Unclean | None:
    """Why the open sentences can't stand alone; None where they can."""
    if not open_text or len(open_text) == len(text.rstrip()):
        return Unclean.NOTHING_OPEN
    if sum(1 for _ in LETTER.finditer(open_text)) < LEAST_LETTERS:
        return Unclean.TOO_SHORT
    if said.category in NO_COMPLAINT:
        return Unclean.NO_MATTER
    if said.urgency is Urgency.CRITICAL:
        return Unclean.DANGER
    own = find_conflicts(read_mentions(said, open_text), roster)
    grave = said.discipline or said.keys.who or said.keys.what or said.persons
    if grave or any(hit.reason not in STANDS_ASIDE for hit in own):
        return Unclean.STILL_GRAVE
    if whole.institution is not None and said.institution is None:
        return Unclean.NO_PLACE
    return Unclean.HANDLED_BY_ACCUSED if _is_handled_by_accused(said, own, hits, roster) else None


def _is_handled_by_accused(said: Assessment, own: Sequence[Conflict], hits: Sequence[Conflict], roster: Roster) -> bool:
    """Whether the open part would come to somebody whom the whole report hits: the desk, or the body that handles."""
    code = choose_body(said.body, said.place.code if said.place else None, own, roster)
    aimed = [hit for hit in hits if hit.reason not in STANDS_ASIDE]
    if code is None or is_body_hit(code, hits, roster):
        return True
    hit_people = [officer for officer in roster.officers if is_hit(officer, aimed, roster)]
    return any(
        officer.roles & DESK or code in roster.bodies_above(officer.body_code) or officer.body_code == code
        for officer in hit_people
        if not is_hit(officer, own, roster)
    )


def _is_grave_alone(sealed_text: str, assess: Assess, hits: Iterable[Conflict], roster: Roster) -> bool:
    """Whether what is left is what made the report grave: it does not need the open sentences for it."""
    said = assess(sealed_text)
    own = find_conflicts(read_mentions(said, sealed_text), roster)
    leaders = [hit for hit in hits if hit.leadership or hit.discipline_leader]
    kept = [hit for hit in own if hit.leadership or hit.discipline_leader]
    return bool(kept) if leaders else said.discipline
