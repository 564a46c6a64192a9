"""The office's directory turned round for search: names, aliases and towns to entries, and their sounds.

Built once for each Directory value and kept for the last few; nothing is written, so every thread may share it.
"""

from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, MatchKind
from pypinyin import lazy_pinyin
from rapidfuzz import fuzz, process

from triage.entities.plain import read_plain
from triage.types import Directory, DirectoryInstitution, DirectoryTown

_KEPT = 8
_CUTOFF = 88.0
_recent: list[tuple[Directory, "DirectoryIndex"]] = []


@dataclass(frozen=True, slots=True)
class DirectoryIndex:
    """Names as folded text; `automaton` is None where the directory is empty."""

    institutions: dict[str, DirectoryInstitution]
    towns: dict[str, DirectoryTown]
    by_town: dict[str, tuple[DirectoryInstitution, ...]]
    sounds: dict[str, DirectoryInstitution]
    words: tuple[str, ...]
    automaton: AhoCorasick | None

    def match_name(self, words: str) -> DirectoryInstitution | None:
        """The entry meant by a name as written: the same, the same in sound, or nearly the same in both."""
        exact = self.institutions.get(words)
        if exact is not None or len(words) < 3 or not self.sounds:
            return exact
        sound = sound_of(words)
        if sound in self.sounds:
            return self.sounds[sound]
        return self._nearest(words, sound)

    def _nearest(self, words: str, sound: str) -> DirectoryInstitution | None:
        best = process.extractOne(words, list(self.institutions), scorer=fuzz.ratio, score_cutoff=74)
        if best is None:
            return None
        entry = self.institutions[best[0]]
        return entry if fuzz.ratio(sound, sound_of(best[0])) >= _CUTOFF else None


def index_directory(directory: Directory) -> DirectoryIndex:
    """The index of this very Directory value; kept by identity, for hashing a county on each message is dear."""
    for known, index in _recent:
        if known is directory:
            return index
    index = _build(directory)
    _recent.insert(0, (directory, index))
    del _recent[_KEPT:]
    return index


@lru_cache(maxsize=4096)
def sound_of(words: str) -> str:
    """The words in pinyin without tones; n/l, zh/z and the like are left apart."""
    return " ".join(lazy_pinyin(words))


def _build(directory: Directory) -> DirectoryIndex:
    institutions = {read_plain(n).text: one for one in directory.institutions for n in (*one.aliases, one.name) if n}
    towns = {read_plain(n).text: one for one in directory.towns for n in _town_names(one)}
    homes = {
        one.code: tuple(h for h in directory.institutions if h.town in {one.code, one.name}) for one in directory.towns
    }
    words = tuple(dict.fromkeys((*institutions, *towns)))
    return DirectoryIndex(
        institutions=institutions,
        towns=towns,
        by_town=homes,
        sounds={sound_of(name): one for name, one in institutions.items()},
        words=words,
        automaton=AhoCorasick(words, matchkind=MatchKind.LeftmostLongest) if words else None,
    )


def _town_names(town: DirectoryTown) -> tuple[str, ...]:
    return tuple(name for name in (*town.villages, *town.aliases, town.name) if name)
