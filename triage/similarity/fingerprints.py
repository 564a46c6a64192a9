"""What of a report is compared with others: rare words, the core of each name, time, sums, categories.

Made from the masked working text, so that nothing that gives a reporter away enters an index.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from triage.entities.amounts import read_amount
from triage.entities.names import any_of, load_names
from triage.entities.plain import read_plain
from triage.extraction import Entities
from triage.similarity.details import list_details, weigh_pairs
from triage.similarity.facts import Facts, read_facts
from triage.similarity.senses import Floats, Sense, place_words, read_sense
from triage.similarity.vocabulary import list_concepts, list_words, load_vocabulary
from triage.types import Assessment, InstitutionKind, InstitutionMention, PersonMention, PlaceMention

INDEX_TOKENS = 12
_MOST_WORDS, _MOST_CHARACTERS, _MOST_OF_SENSE = 250, 2000, 400
MOST_ALIGNED = 60
_LEAST_INDEX_WEIGHT = 4.0
_MOST_JOINED = 5
_PLACE_END = re.compile(r"(?:街道办事处|街道办|街道|社区|小区|新村|办事处|[县区镇乡村屯])$")
_BEFORE = re.compile(r"^.{0,6}?[县市区](?=.{2})")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What of a report is compared; `tokens` (at most 12, most telling first) are for the index.

    `names` and `places` are cores (石碾子 of 石碾子镇敬老院), `words` the telling words without them, `concepts` the
    meanings (殴打 for 扇了两巴掌), `when` the days as ISO dates, `text` the folded working text of them all,
    `sense` what it is about as a whole, `details` the signs and pairs of signs outside the names, `pairs_weigh` how
    much these pairs say, `facts` what is counted and whether it speaks of a man or a woman, `words_at` and
    `word_weights` the 60 most telling words by themselves.
    """

    tokens: tuple[str, ...]
    words: tuple[str, ...]
    concepts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    when: tuple[str, str] | None = None
    categories: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    amounts: tuple[int, ...] = ()
    text: str = ""
    sense: Sense | None = field(default=None, compare=False, repr=False)
    details: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    pairs_weigh: float = field(default=0.0, compare=False, repr=False)
    facts: Facts = field(default=Facts(), compare=False, repr=False)
    words_at: Floats = field(default_factory=lambda: place_words(()), compare=False, repr=False)
    word_weights: Floats = field(default_factory=lambda: weigh_words(()), compare=False, repr=False)


def fingerprint(text: str, read: Assessment | Entities | None = None) -> Fingerprint:
    """The fingerprint of a working text and of what triage read in it (categories only from an Assessment)."""
    read = read or Entities()
    plain = read_plain(text).text[:_MOST_CHARACTERS]
    names, places = _cores(read.institution), _place_cores(read.place, read.institution)
    categories = tuple(one.code for one in read.categories) if isinstance(read, Assessment) else ()
    words, concepts = _telling_words(plain, (*names, *places)), _telling_concepts(plain)
    when = read.when
    details = list_details(plain, (*names, *places))
    return Fingerprint(
        tokens=_index_tokens(names or places, concepts, words),
        words=words,
        concepts=concepts,
        names=names,
        places=places,
        when=(when.from_.isoformat(), when.to.isoformat()) if when and when.from_ and when.to else None,
        categories=categories,
        persons=tuple(sorted({surname for one in read.persons if (surname := _surname(one))})),
        amounts=_sums(one.text for one in read.amounts),
        text=plain,
        sense=read_sense(list_words(leave_name_out(text[:_MOST_CHARACTERS], read))),
        details=details,
        pairs_weigh=weigh_pairs(details),
        facts=read_facts(plain),
        words_at=place_words(words[:MOST_ALIGNED]),
        word_weights=weigh_words(words[:MOST_ALIGNED]),
    )


def weigh_words(words: Sequence[str]) -> Floats:
    """How much each word says."""
    weigh = load_vocabulary().weigh
    return np.array([weigh(word) for word in words], dtype=np.float32)


def leave_name_out(text: str, read: Assessment | Entities) -> str:
    """The beginning of a text as a plain view in which a plain word stands for the unit complained of."""
    unit = read.institution
    if unit is not None and unit.text:
        text = text.replace(unit.text, "养老院" if unit.kind is InstitutionKind.HOME else "单位")
    return read_plain(text).text[:_MOST_OF_SENSE]


@lru_cache(maxsize=4096)
def core_of(name: str) -> str:
    """What is a unit's own in its name: 石碾子 of 望桐县石碾子镇敬老院; empty where the name is only a kind."""
    core = re.sub(r"[\W_]+", "", read_plain(name).text)
    while (shorter := _ending().sub("", core)) != core:
        core = shorter
    core = _BEFORE.sub("", core)
    shorter = _PLACE_END.sub("", core)
    return shorter if len(shorter) >= 2 else core if len(core) >= 2 and core[-1] not in "县区镇乡村" else ""


@lru_cache(maxsize=1)
def _ending() -> re.Pattern[str]:
    words = load_names().institutions
    kinds = (*words.home_suffixes, *words.office_suffixes, *words.company_suffixes, "公寓", "养老", "颐养", "康养")
    return re.compile(rf"(?:中心|第[一二三四])?{any_of((*kinds, '中心', '民政助理员', '民政助理'))}$")


def _cores(institution: InstitutionMention | None) -> tuple[str, ...]:
    if institution is None:
        return ()
    both = (institution.text, institution.name or institution.text)
    return tuple(dict.fromkeys(core for name in both if (core := core_of(name))))


def _place_cores(place: PlaceMention | None, institution: InstitutionMention | None) -> tuple[str, ...]:
    """The most exact place, unless it is only part of the institution's name."""
    if place is None or (institution and place.start >= institution.start and place.end <= institution.end):
        return ()
    core = _PLACE_END.sub("", _BEFORE.sub("", read_plain(place.text).text))
    return (core,) if len(core) >= 2 else ()


def _telling_words(plain: str, cores: Iterable[str]) -> tuple[str, ...]:
    """The words outside the names, most telling first."""
    for core in cores:
        plain = plain.replace(core, " ")
    weigh = load_vocabulary().weigh
    words = dict.fromkeys(list_words(plain))
    return tuple(sorted(words, key=lambda word: (-weigh(word), word))[:_MOST_WORDS])


def _telling_concepts(plain: str) -> tuple[str, ...]:
    weigh = load_vocabulary().weigh_concept
    return tuple(sorted(list_concepts(plain), key=lambda concept: (-weigh(concept), concept)))


def _index_tokens(names: Iterable[str], concepts: Sequence[str], words: Iterable[str]) -> tuple[str, ...]:
    """Name and meaning together are one token: rare, however often the home or the matter is complained of."""
    weigh = load_vocabulary().weigh
    joined = [f"{name}_{concept}" for name in names for concept in concepts[:_MOST_JOINED]]
    rare = [word for word in words if len(word) > 1 and weigh(word) >= _LEAST_INDEX_WEIGHT]
    return tuple(dict.fromkeys((*joined, *names, *rare)))[:INDEX_TOKENS]


def _surname(person: PersonMention) -> str:
    name = person.name or ""
    return name[0] if (name and person.post) or "某" in name else name


def _sums(amounts: Iterable[str]) -> tuple[int, ...]:
    values = {round(value) for words in amounts if (value := read_amount(words)) is not None and value >= 1}
    return tuple(sorted(values))
