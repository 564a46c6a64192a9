"""The word lists of `names.toml` as values: surnames, posts, suffixes, festivals.

They are read once a process and compiled to one alternation each; everything else in this folder is code.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class PersonWords:
    """Surnames, posts and the ways in which people give their own name."""

    surnames: frozenset[str]
    compound_surnames: tuple[str, ...]
    not_names: frozenset[str]
    titles: tuple[str, ...]
    posts: tuple[str, ...]
    staff: tuple[str, ...]
    self_labels: tuple[str, ...]
    sign_off_roles: tuple[str, ...]
    sign_off_ends: tuple[str, ...]
    after_own_name: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstitutionWords:
    """How names of homes, offices, companies and places end."""

    home_suffixes: tuple[str, ...]
    home_heads: tuple[str, ...]
    office_suffixes: tuple[str, ...]
    company_suffixes: tuple[str, ...]
    place_suffixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """All of `names.toml`."""

    persons: PersonWords
    institutions: InstitutionWords
    place_suffixes: tuple[str, ...]
    spots: tuple[str, ...]
    festivals: dict[str, dict[int, date]]
    now: tuple[str, ...]
    days: dict[str, int]
    spans: dict[str, tuple[int, int]]


@lru_cache(maxsize=1)
def load_names() -> Names:
    """Read the packaged word lists; a missing key is a KeyError at first use, which the tests provoke."""
    data = tomllib.loads(files("triage").joinpath("data", "names.toml").read_text("utf-8"))
    persons = dict(data["persons"])
    surnames = frozenset("".join(persons.pop("surnames").split()))
    not_names = frozenset(persons.pop("not_names"))
    words = {key: _longest_first(value) for key, value in persons.items()}
    return Names(
        persons=PersonWords(surnames=surnames, not_names=not_names, **words),
        institutions=InstitutionWords(**{k: _longest_first(v) for k, v in data["institutions"].items()}),
        place_suffixes=_longest_first(data["places"]["suffixes"]),
        spots=_longest_first(data["places"]["spots"]),
        now=tuple(data["times"]["now"]),
        days=data["times"]["days"],
        spans={words: (near, far) for words, (near, far) in data["times"]["spans"].items()},
        festivals={name: _by_year(days) for name, days in data["festivals"].items()},
    )


def any_of(words: Iterable[str]) -> str:
    """One non-capturing alternation, longest first, so that the longer word wins."""
    return "(?:" + "|".join(map(re.escape, _longest_first(words))) + ")"


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words), key=lambda word: (-len(word), word)))


def _by_year(days: Iterable[str]) -> dict[int, date]:
    return {day.year: day for day in map(date.fromisoformat, days)}
