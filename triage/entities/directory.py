"""The office's directory turned round for search: names, aliases and towns to entries, and their sounds.

Built once for each Directory value and kept for the last few; nothing is written, so every thread may share it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind
from rapidfuzz import fuzz, process

from triage.entities.plain import read_plain
from triage.entities.sounds import sound_of
from triage.types import Directory, DirectoryInstitution, DirectoryTown

_KEPT = 8
_NAME_CUTOFF, _SOUND_CUTOFF = 74, 86.0
_LEAST_SHARED = 3
_SIGNS = re.compile(r"[\W_]+")
_KIND_WORDS = ("敬老院", "养老院", "福利院", "幸福院", "光荣院", "公寓", "日间照料", "服务中心", "福利中心", "养老中心")
_recent: list[tuple[Directory, "DirectoryIndex"]] = []


@dataclass(frozen=True, slots=True)
class DirectoryIndex:
    """Names as folded text; `automaton` is None where the directory is empty."""

    institutions: dict[str, DirectoryInstitution]
    towns: dict[str, DirectoryTown]
    by_town: dict[str, tuple[DirectoryInstitution, ...]]
    sounds: dict[str, DirectoryInstitution]
    villages: frozenset[str]
    words: tuple[str, ...]
    automaton: AhoCorasick | None

    def find_institutions(self, text: str) -> Iterator[tuple[int, int]]:
        """Where names and aliases of homes stand in a plain view."""
        return ((start, end) for word, start, end in self._find(text) if word in self.institutions)

    def find_towns(self, text: str) -> Iterator[tuple[str, int, int, DirectoryTown]]:
        """Where names of towns and villages stand in a plain view, with the town."""
        return ((word, start, end, self.towns[word]) for word, start, end in self._find(text) if word in self.towns)

    def match_name(self, words: str) -> DirectoryInstitution | None:
        """The entry meant by a name as written.

        In this order: the same but for signs; the only one that holds it or is held by it; the same in sound; nearly
        the same in signs and in sound (福康养老苑 for 福康养老院). None where two would do equally well.
        """
        words = _SIGNS.sub("", words)
        exact = self.institutions.get(words)
        if exact is not None or len(words) < _LEAST_SHARED or not self.institutions:
            return exact
        return self._holding(words) or self.sounds.get(sound_of(words)) or self._nearest(words)

    def only_home_in(self, town: str, words: str) -> DirectoryInstitution | None:
        """The one home of a town that the words can mean (敬老院 means none that is called 公寓)."""
        homes = self.by_town.get(town, ())
        kind = next((word for word in _KIND_WORDS if word in words), "")
        fitting = [home for home in homes if kind and kind in home.name] or list(homes)
        return fitting[0] if len(fitting) == 1 else None

    def _find(self, text: str) -> Iterator[tuple[str, int, int]]:
        if self.automaton is not None:
            for number, start, end in self.automaton.find_matches_as_indexes(text, overlapping=True):
                yield self.words[number], start, end

    def _holding(self, words: str) -> DirectoryInstitution | None:
        held = {one.code: one for name, one in self.institutions.items() if _holds(name, words)}
        return next(iter(held.values())) if len(held) == 1 else None

    def _nearest(self, words: str) -> DirectoryInstitution | None:
        close = process.extract(words, list(self.institutions), scorer=fuzz.ratio, score_cutoff=_NAME_CUTOFF, limit=3)
        sound = sound_of(words)
        rated = sorted(
            ((fuzz.ratio(sound, sound_of(name)), self.institutions[name]) for name, _, _ in close), key=_rating
        )
        fitting = {one.code: one for rating, one in rated if rating >= _SOUND_CUTOFF and _same_core(words, one)}
        return next(iter(fitting.values())) if len(fitting) == 1 else None


def index_directory(directory: Directory) -> DirectoryIndex:
    """The index of this very Directory value; kept by identity, for hashing a county on each message is dear."""
    for known, index in _recent:
        if known is directory:
            return index
    index = _build(directory)
    _recent.insert(0, (directory, index))
    del _recent[_KEPT:]
    return index


def _rating(one: tuple[float, DirectoryInstitution]) -> float:
    return -one[0]


def _holds(name: str, words: str) -> bool:
    """Whether one name is within the other and what they share is more than a kind of home."""
    shared = name if name in words else words if words in name else ""
    return len(shared) >= _LEAST_SHARED and not any(
        shared.endswith(k) and len(shared) - len(k) < 2 for k in _KIND_WORDS
    )


def _same_core(words: str, one: DirectoryInstitution) -> bool:
    """Whether the first two signs sound alike in some name of `one`; 福康 and 福安 are two homes."""
    core = sound_of(words[:2])
    return any(core == sound_of(read_plain(name).text[:2]) or words[:2] in name for name in (one.name, *one.aliases))


def _build(directory: Directory) -> DirectoryIndex:
    institutions = {_key(n): one for one in directory.institutions for n in (*one.aliases, one.name) if _key(n)}
    towns = {read_plain(name).text: one for one in directory.towns for name in _town_names(one)}
    homes = {
        town.code: tuple(home for home in directory.institutions if home.town in {town.code, town.name})
        for town in directory.towns
    }
    words = tuple(dict.fromkeys((*institutions, *towns)))
    return DirectoryIndex(
        institutions=institutions,
        towns=towns,
        by_town=homes,
        sounds={sound_of(name): one for name, one in institutions.items()},
        villages=frozenset(read_plain(village).text for town in directory.towns for village in town.villages),
        words=words,
        automaton=AhoCorasick(words, matchkind=MatchKind.Standard) if words else None,
    )


def _key(name: str) -> str:
    return _SIGNS.sub("", read_plain(name).text)


def _town_names(town: DirectoryTown) -> tuple[str, ...]:
    return tuple(name for name in (*town.villages, *town.aliases, town.name) if name)
