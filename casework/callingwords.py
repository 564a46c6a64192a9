"""How people call an officer whose name they don't know or don't say: the words of `data/callings.toml`, compiled."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from casework.errors import DataError
from casework.types import BodyKind, Role

DATA_FILE = Path(__file__).parent / "data" / "callings.toml"


@dataclass(frozen=True, slots=True)
class RoleWords:
    """Words for whoever bears one of the roles: `weak` only where the hotline is spoken of, all only in blame."""

    roles: frozenset[str]
    strong: tuple[str, ...]
    weak: tuple[str, ...]


@dataclass(frozen=True)
class ChargeWords:
    """Words that tell whether a sentence speaks ill of whoever bears a role, or only asks, greets or thanks him."""

    words: re.Pattern[str]
    accused: re.Pattern[str]
    asked: re.Pattern[str]
    told: re.Pattern[str]
    greeted: re.Pattern[str]
    goes_on: re.Pattern[str]
    points_back: re.Pattern[str]
    elsewhere: re.Pattern[str]


@dataclass(frozen=True)
class HintWords:
    """Words that hint at somebody without his name: letters, who leads, whose kin, and how surnames are taken apart."""

    never_letters: frozenset[str]
    heads: tuple[str, ...]
    own: tuple[str, ...]
    seconds: tuple[str, ...]
    kin: re.Pattern[str]
    former: re.Pattern[str]
    parts: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class CallingWords:
    """All of the file."""

    organ: re.Pattern[str]
    house: re.Pattern[str]
    short: re.Pattern[str]
    before: frozenset[str]
    after: re.Pattern[str]
    given_after: re.Pattern[str]
    edges: frozenset[str]
    never: frozenset[str]
    not_given: frozenset[str]
    desk: re.Pattern[str]
    office: re.Pattern[str]
    roles: tuple[RoleWords, ...]
    asks: re.Pattern[str]
    people: re.Pattern[str]
    blame: re.Pattern[str]
    charge: ChargeWords
    hints: HintWords
    functions: Mapping[str, tuple[str, ...]]


@cache
def load_calling_words(path: Path = DATA_FILE) -> CallingWords:
    """The words. Raises DataError where the file is wrong."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        titles, edges = raw["titles"], raw["edges"]
        return CallingWords(
            organ=any_of(titles["organ"]),
            house=any_of(titles["house"]),
            short=any_of(titles["short"]),
            before=frozenset(raw["nicknames"]["before"]),
            after=any_of(raw["nicknames"]["after"]),
            given_after=any_of(raw["given"]["after"]),
            edges=frozenset(edges["before"]),
            never=frozenset(edges["never"]),
            not_given=frozenset(edges["not_given"]),
            desk=any_of(raw["cues"]["desk"]),
            office=any_of(raw["cues"]["office"]),
            roles=tuple(_to_roles(**each) for each in raw["roles"]),
            asks=any_of(raw["units"]["asks"]),
            people=any_of(raw["units"]["people"]),
            blame=any_of(raw["blame"]["words"]),
            charge=_to_charge(raw["charge"]),
            hints=_to_hints(raw["hints"]),
            functions={BodyKind(kind).value: tuple(words) for kind, words in raw["functions"].items()},
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DataError(path.name, f"{type(error).__name__}: {error}") from error


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all of the words, the longest first."""
    return re.compile("|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))))


def _to_charge(raw: Mapping[str, Any]) -> ChargeWords:
    between, ranks = any_of(raw["between"]).pattern, any_of(raw["ranks"]).pattern
    before = {name: re.compile(f"(?:{any_of(raw[name]).pattern})(?:{between})*$") for name in ("accuse", "asks", "to")}
    return ChargeWords(
        words=any_of(raw["words"]),
        accused=before["accuse"],
        asked=before["asks"],
        told=before["to"],
        greeted=re.compile(f"(?:{ranks})*(?:{any_of(raw['greets']).pattern})"),
        goes_on=re.compile(f"{any_of(raw['goes_on']).pattern}|{any_of(raw['words']).pattern}"),
        points_back=any_of(raw["points_back"]),
        elsewhere=re.compile(f"(?:{any_of(raw['elsewhere']).pattern})(?:{between})*$"),
    )


def _to_hints(raw: Mapping[str, Any]) -> HintWords:
    return HintWords(
        never_letters=frozenset(raw["never_letters"]),
        heads=tuple(raw["heads"]),
        own=tuple(raw["own"]),
        seconds=tuple(raw["seconds"]),
        kin=any_of(raw["kin"]),
        former=any_of(raw["former"]),
        parts={surname: tuple(parts) for surname, parts in raw["parts"].items()},
    )


def _to_roles(roles: list[str], strong: list[str], weak: list[str]) -> RoleWords:
    return RoleWords(frozenset(Role(role).value for role in roles), tuple(strong), tuple(weak))
