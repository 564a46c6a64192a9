"""The names of a roster made ready for looking: by sound, by all signs but one, by surname, by given name.

Built once for a roster and kept with it; a text is then searched in about a millisecond, however many officers there
are.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

from ahocorasick_rs import AhoCorasick, MatchKind

from casework.folding import fold_name, name_sound, to_near
from triage.entities.names import load_names

FULL = 3
"""A name this long is looked for by its sound alone; a shorter one sounds like too many words."""
SHORTEST_LATIN = 7


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name of an officer (his number in the roster), of his own or of one he is tied to; folded, and as it sounds."""

    holder: int
    name: str
    near: str
    latin: str
    surname: str
    is_tie: bool

    @property
    def initials(self) -> str:
        """The first letter of each sign: zjh."""
        return "".join(name_sound(sign)[:1] for sign in self.name)

    @property
    def letter_forms(self) -> tuple[str, ...]:
        """How it is written half or wholly in Latin letters, other than in its own order."""
        first, given = name_sound(self.surname), name_sound(self.given)
        short = self.initials[len(self.surname) :]
        return (self.surname + given, first + self.given, given + first, first + short, self.surname + short)

    @property
    def given(self) -> str:
        """The name without the surname."""
        return self.name[len(self.surname) :]


@dataclass(frozen=True)
class WordFinder:
    """Many words, found in one walk through a text."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, words: Iterable[str]) -> "WordFinder":
        """A finder for the words, each once."""
        return cls(tuple(dict.fromkeys(word for word in words if word)))

    def list_all(self, text: str) -> list[tuple[str, int]]:
        """Each word that stands in the text, and where; those within others too."""
        found = self._overlapping.find_matches_as_indexes(text, overlapping=True) if self.words else []
        return [(self.words[number], start) for number, start, _ in found]

    def list_longest(self, text: str) -> list[tuple[str, int]]:
        """The same without what lies within a longer one."""
        found = self._longest.find_matches_as_indexes(text) if self.words else []
        return [(self.words[number], start) for number, start, _ in found]

    @cached_property
    def _overlapping(self) -> AhoCorasick:
        return AhoCorasick(self.words)

    @cached_property
    def _longest(self) -> AhoCorasick:
        return AhoCorasick(self.words, matchkind=MatchKind.LeftmostLongest)


@dataclass(frozen=True)
class NameIndex:
    """All names of a roster. `beside` maps a three-sign name without its second or third sign to who bears it."""

    names: tuple[KnownName, ...]
    exact: frozenset[str]
    beside: Mapping[tuple[str, int, str], tuple[KnownName, ...]]
    bearers: Mapping[str, tuple[int, ...]]
    surnames: re.Pattern[str] | None

    @cached_property
    def by_sound(self) -> Mapping[str, tuple[KnownName, ...]]:
        """The names by how they sound."""
        return _group((each.near, each) for each in self.names)

    @cached_property
    def by_given(self) -> Mapping[str, tuple[KnownName, ...]]:
        """The names by what stands after the surname, where that is two signs or more."""
        return _group((each.given, each) for each in self.names if len(each.given) >= FULL - 1)

    @cached_property
    def hidden(self) -> Mapping[str, tuple[KnownName, ...]]:
        """The full names by what is left of them where one sign, here a blank, is hidden."""
        return _group(
            (f"{each.name[:at]} {each.name[at + 1 :]}", each)
            for each in self.names
            if len(each.name) >= FULL
            for at in range(len(each.name))
        )

    @cached_property
    def shuffled(self) -> Mapping[str, tuple[KnownName, ...]]:
        """The full names by every other order of their signs that is nobody's own name."""
        return _group(
            (form, each)
            for each in self.names
            if len(each.name) == FULL
            for form in {"".join(signs) for signs in permutations(each.name)} - self.exact
        )

    @cached_property
    def lettered(self) -> Mapping[str, tuple[KnownName, ...]]:
        """The full names half or wholly in Latin letters, surname or given name first: 周jianhe, zhoujh, jianhezhou."""
        return _group((form, each) for each in self.names if len(each.name) >= FULL for form in each.letter_forms)

    @cached_property
    def initials(self) -> Mapping[str, tuple[KnownName, ...]]:
        """The full names by the first letters of their signs."""
        return _group((each.initials, each) for each in self.names if len(each.name) >= FULL)

    @cached_property
    def hidden_lengths(self) -> tuple[int, ...]:
        """How many signs the names in `hidden` have."""
        return tuple(sorted({len(form) for form in self.hidden}))

    @cached_property
    def sounds(self) -> WordFinder:
        """All sounds, for one walk through a text's sounds."""
        return WordFinder.of(self.by_sound)

    @cached_property
    def givens(self) -> WordFinder:
        """All given names, for one walk through a text."""
        return WordFinder.of(self.by_given)


def build_name_index(own: Iterable[tuple[int, str]], ties: Iterable[tuple[int, str]]) -> NameIndex:
    """The index over numbered names and aliases of officers, and over the names they declared (pure)."""
    names = (*(_know(holder, name, is_tie=False) for holder, name in own if name),)
    names += (*(_know(holder, name, is_tie=True) for holder, name in ties if name),)
    beside: defaultdict[tuple[str, int, str], list[KnownName]] = defaultdict(list)
    bearers: defaultdict[str, list[int]] = defaultdict(list)
    for each in names:
        if len(each.surname) == 1 and len(each.name) == FULL:
            beside[each.surname, 1, each.name[1]].append(each)
            beside[each.surname, 2, each.name[2]].append(each)
        if not each.is_tie and each.surname and each.holder not in bearers[each.surname]:
            bearers[each.surname].append(each.holder)
    found = sorted(bearers, key=lambda surname: (-len(surname), surname))
    return NameIndex(
        names,
        frozenset(each.name for each in names),
        {key: tuple(listed) for key, listed in beside.items()},
        {surname: tuple(listed) for surname, listed in bearers.items()},
        re.compile("|".join(map(re.escape, found))) if found else None,
    )


def split_surname(name: str) -> str:
    """The surname: two signs where the list of compound ones has them, and of a name of four."""
    if name[:2] in load_names().persons.compound_surnames or name[:2] in MORE_COMPOUND:
        return name[:2]
    return name[:1]


MORE_COMPOUND = frozenset({"钟离", "万俟", "闻人", "赫连", "太叔", "申屠", "淳于", "单于", "濮阳", "鲜于", "百里"})


def _group(pairs: Iterable[tuple[str, KnownName]]) -> dict[str, tuple[KnownName, ...]]:
    found: defaultdict[str, list[KnownName]] = defaultdict(list)
    for key, each in pairs:
        found[key].append(each)
    return {key: tuple(listed) for key, listed in found.items()}


def _know(holder: int, name: str, *, is_tie: bool) -> KnownName:
    plain = fold_name(name)
    return KnownName(holder, plain, to_near(plain), name_sound(plain), split_surname(plain), is_tie)
